package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"
)

// Decoded gives the bytes of a stream without its filters. It knows those without loss, except
// LZW and cryptography; the bytes of pictures are nothing that anybody needs here.
func (f *File) Decoded(s *Stream) ([]byte, error) {
	var r io.Reader = bytes.NewReader(s.Data)
	if s.Data == nil {
		r = io.NewSectionReader(f.r, s.At, s.Size)
	}
	names, parms, err := f.filters(s.Dict)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if r, err = decoder(r, name, parms[i]); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, maxDecoded+1))
	if n > maxDecoded {
		return nil, ErrLimit
	}
	// A stream that is cut short is given as far as it goes only if something came: many
	// programs write a wrong checksum.
	if err != nil && (n == 0 || !errors.Is(err, zlib.ErrChecksum)) {
		return nil, fmt.Errorf("%w: stream: %w", ErrDamaged, err)
	}
	return out.Bytes(), nil
}

func (f *File) filters(d Dict) (names []Name, parms []Dict, err error) {
	filter, err := f.Resolve(d["Filter"])
	if err != nil {
		return nil, nil, err
	}
	parm, err := f.Resolve(d["DecodeParms"])
	if err != nil {
		return nil, nil, err
	}
	list, some := filter.(Array)
	if n, one := filter.(Name); one {
		list, some = Array{n}, true
	}
	if !some {
		return nil, nil, nil
	}
	if len(list) > 8 {
		return nil, nil, ErrLimit
	}
	for i, o := range list {
		n, _ := o.(Name)
		names = append(names, n)
		var p Object = parm
		if a, is := parm.(Array); is {
			if p = nil; i < len(a) {
				p = a[i]
			}
		}
		p, err = f.Resolve(p)
		if err != nil {
			return nil, nil, err
		}
		d, _ := p.(Dict)
		parms = append(parms, d)
	}
	return names, parms, nil
}

func decoder(r io.Reader, name Name, parms Dict) (io.Reader, error) {
	switch name {
	case "FlateDecode", "Fl":
		z, err := zlib.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("%w: stream: %w", ErrDamaged, err)
		}
		return predicted(z, parms)
	case "ASCIIHexDecode", "AHx":
		return &hexReader{r: r}, nil
	case "ASCII85Decode", "A85":
		return ascii85.NewDecoder(&tilde{r: r}), nil
	case "RunLengthDecode", "RL":
		return &runs{r: r}, nil
	}
	return nil, fmt.Errorf("%w: filter %q", ErrDamaged, name)
}

// hexReader undoes ASCIIHexDecode.
type hexReader struct {
	r    io.Reader
	done bool
}

func (h *hexReader) Read(b []byte) (n int, err error) {
	var one [1]byte
	digit := func() (byte, bool) {
		for {
			if _, err = io.ReadFull(h.r, one[:]); err != nil || one[0] == '>' {
				h.done = true
				return 0, false
			}
			if v, ok := unhex(one[0]); ok {
				return v, true
			}
		}
	}
	for n < len(b) && !h.done {
		hi, ok := digit()
		if !ok {
			break
		}
		lo, _ := digit()
		b[n] = hi<<4 | lo
		n++
	}
	if n > 0 {
		return n, nil
	}
	if err == nil && h.done {
		err = io.EOF
	}
	return 0, err
}

// tilde ends ASCII85 at its end mark.
type tilde struct {
	r    io.Reader
	done bool
}

func (t *tilde) Read(b []byte) (int, error) {
	if t.done {
		return 0, io.EOF
	}
	n, err := t.r.Read(b)
	if i := bytes.IndexByte(b[:n], '~'); i >= 0 {
		t.done = true
		return i, nil
	}
	return n, err
}

// runs undoes RunLengthDecode.
type runs struct {
	r    io.Reader
	left []byte
}

func (r *runs) Read(b []byte) (int, error) {
	if len(r.left) == 0 {
		var head [1]byte
		if _, err := io.ReadFull(r.r, head[:]); err != nil {
			return 0, err
		}
		switch n := int(head[0]); {
		case n == 128:
			return 0, io.EOF
		case n < 128:
			r.left = make([]byte, n+1)
			if _, err := io.ReadFull(r.r, r.left); err != nil {
				return 0, err
			}
		default:
			if _, err := io.ReadFull(r.r, head[:]); err != nil {
				return 0, err
			}
			r.left = bytes.Repeat(head[:], 257-n)
		}
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}
