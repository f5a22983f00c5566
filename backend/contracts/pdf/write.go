package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strconv"
)

// Hole is a value whose bytes are filled in when everything else is written: a signature, and
// the range of bytes that it covers. It is written as Size spaces; At is then where they begin
// in the file.
type Hole struct {
	Size int
	At   int64
}

// Append writes a value as it stands in a file, behind what is in out. Names, strings and numbers are
// written so that every reader takes them for the same.
func Append(out []byte, o Object) ([]byte, error) { return appendObject(out, o, 0, 0) }

// appendObject writes a value; base is where out begins in the file.
func appendObject(out []byte, o Object, base int64, depth int) (_ []byte, err error) {
	if depth > maxDepth {
		return nil, ErrLimit
	}
	switch v := o.(type) {
	case nil:
		return append(out, "null"...), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case Int:
		return strconv.AppendInt(out, int64(v), 10), nil
	case Real:
		return append(out, v...), nil
	case Name:
		return appendName(out, v), nil
	case String:
		return appendString(out, v), nil
	case Ref:
		out = strconv.AppendUint(out, uint64(v.Num), 10)
		out = strconv.AppendUint(append(out, ' '), uint64(v.Gen), 10)
		return append(out, " R"...), nil
	case *Hole:
		v.At = base + int64(len(out))
		return append(out, bytes.Repeat([]byte{' '}, v.Size)...), nil
	case Array:
		out = append(out, '[')
		for i, e := range v {
			if i > 0 {
				out = append(out, ' ')
			}
			if out, err = appendObject(out, e, base, depth+1); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case Dict:
		out = append(out, "<<"...)
		for _, k := range v.keys() {
			out = append(appendName(out, k), ' ')
			if out, err = appendObject(out, v[k], base, depth+1); err != nil {
				return nil, err
			}
		}
		return append(out, ">>"...), nil
	}
	return nil, fmt.Errorf("write PDF: %T is no value", o)
}

func appendName(out []byte, n Name) []byte {
	out = append(out, '/')
	for i := range len(n) {
		if c := n[i]; c > ' ' && c < 0x7f && c != '#' && isRegular(c) {
			out = append(out, c)
		} else {
			out = fmt.Appendf(out, "#%02X", c)
		}
	}
	return out
}

func appendString(out []byte, s String) []byte {
	for _, c := range s {
		if c < ' ' || c > '~' {
			return fmt.Appendf(out, "<%X>", []byte(s))
		}
	}
	out = append(out, '(')
	for _, c := range s {
		if c == '(' || c == ')' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return append(out, ')')
}

// appendIndirect writes an object of its own.
func appendIndirect(out []byte, ref Ref, o Object, base int64) ([]byte, error) {
	out = fmt.Appendf(out, "%d %d obj\n", ref.Num, ref.Gen)
	s, is := o.(*Stream)
	if !is {
		out, err := appendObject(out, o, base, 0)
		return append(out, "\nendobj\n"...), err
	}
	if s.Data == nil && s.Size > 0 {
		return nil, fmt.Errorf("write PDF: object %d: a stream of the file itself", ref.Num)
	}
	d := s.Dict.Clone()
	d["Length"] = Int(len(s.Data))
	out, err := appendObject(out, d, base, 0)
	if err != nil {
		return nil, err
	}
	out = append(out, "\nstream\n"...)
	out = append(out, s.Data...)
	return append(out, "\nendstream\nendobj\n"...), nil
}

// Rect makes a rectangle of left, bottom, right and top.
func Rect(box [4]float64) Array {
	return Array{Number(box[0]), Number(box[1]), Number(box[2]), Number(box[3])}
}

// Flate makes a compressed stream.
func Flate(d Dict, data []byte) (*Stream, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	d = d.Clone()
	d["Filter"] = Name("FlateDecode")
	return &Stream{Dict: d, Data: out.Bytes()}, nil
}
