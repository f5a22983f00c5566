package pdf

import (
	"bytes"
	"errors"
	"io"
)

// Changed gives the numbers of the objects that differ between an earlier version of a file and
// this one. before is the same file up to some place, so objects at the same place are the same.
func (f *File) Changed(before *File) ([]uint32, error) {
	moved := func(num uint32) bool { return f.entry(num) != before.entry(num) }
	var out []uint32
	for num := range max(f.Objects(), before.Objects()) {
		a, b := before.entry(num), f.entry(num)
		if a == b && (a.kind != compressed || !moved(uint32(a.at))) {
			continue
		}
		x, err := before.value(num, a)
		if err != nil {
			return nil, err
		}
		y, err := f.value(num, b)
		if err != nil {
			return nil, err
		}
		equal, err := equal(before, f, x, y)
		if err != nil {
			return nil, err
		}
		if !equal {
			out = append(out, num)
		}
	}
	return out, nil
}

func (f *File) entry(num uint32) entry {
	if int64(num) >= int64(len(f.table)) {
		return entry{}
	}
	e := f.table[num]
	if e.kind == free {
		return entry{} // is the same as none
	}
	return e
}

// value gives an object by its number. One that is damaged is no value to a reader.
func (f *File) value(num uint32, e entry) (Object, error) {
	o, err := f.Get(Ref{num, e.gen})
	if err != nil && damaged(err) {
		return nil, nil
	}
	return o, err
}

func equal(f, g *File, x, y Object) (bool, error) {
	s, one := x.(*Stream)
	t, other := y.(*Stream)
	if one != other {
		return false, nil
	}
	if one {
		d, e := s.Dict.Clone(), t.Dict.Clone()
		delete(d, "Length")
		delete(e, "Length")
		if same, err := equal(f, g, d, e); !same || err != nil || s.Size != t.Size {
			return false, err
		}
		return equalBytes(io.NewSectionReader(f.r, s.At, s.Size), io.NewSectionReader(g.r, t.At, t.Size))
	}
	a, err := Append(nil, x)
	if err != nil {
		return false, err
	}
	b, err := Append(nil, y)
	return bytes.Equal(a, b), err
}

func equalBytes(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		n, err1 := io.ReadFull(a, x)
		m, err2 := io.ReadFull(b, y)
		if n != m || !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		if err1 != nil {
			if errors.Is(err1, io.EOF) || errors.Is(err1, io.ErrUnexpectedEOF) {
				return true, nil
			}
			return false, errors.Join(err1, err2)
		}
	}
}
