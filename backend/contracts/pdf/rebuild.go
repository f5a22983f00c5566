package pdf

import (
	"fmt"
)

// rebuild looks at every byte for "12 0 obj", since the cross-references lead nowhere. Of
// objects with one number the last counts, as a later saving writes behind an earlier one.
func (f *File) rebuild() error {
	f.table, f.freed, f.Sections, f.Trailer = nil, nil, nil, Dict{}
	f.cache = objectStreams{}
	f.shift, f.Rebuilt = 0, true
	if err := f.scan(); err != nil {
		return err
	}
	if err := f.scanObjects(); err != nil {
		return err
	}
	if !f.hasCatalog() {
		return fmt.Errorf("%w: no catalog", ErrDamaged)
	}
	delete(f.Trailer, "Prev")
	delete(f.Trailer, "XRefStm")
	return nil
}

// scan notes where objects and trailers begin.
func (f *File) scan() error {
	s := newScanner(f.r, 0, f.size)
	fresh := true // at the beginning of a word
	for !s.ended() {
		c := s.peek()
		switch {
		case fresh && c >= '0' && c <= '9':
			at := s.pos
			p := newParser(newScanner(f.r, at, min(f.size, at+64)))
			if ref, err := p.header(); err == nil {
				f.found(ref, at)
				s.pos = p.pos
				continue
			}
		case fresh && c == 't' && s.takes("trailer"):
			p := newParser(newScanner(f.r, s.pos, f.size))
			if o, err := p.object(0); err == nil {
				if d, is := o.(Dict); is {
					f.trailing(d)
				}
			}
			fresh = false
			continue
		}
		fresh = !isRegular(c)
		s.pos++
	}
	return newParser(s).readError()
}

func (f *File) found(ref Ref, at int64) {
	for int(ref.Num) >= len(f.table) {
		f.table = append(f.table, entry{})
	}
	f.table[ref.Num] = entry{kind: plainly, gen: ref.Gen, at: at}
}

// trailing takes what a trailer says over what an earlier one said.
func (f *File) trailing(d Dict) {
	for _, k := range []Name{"Root", "Info", "ID", "Encrypt"} {
		if v := d[k]; v != nil {
			f.Trailer[k] = v
		}
	}
}

// scanObjects looks into what was found: object streams hold further objects, streams of
// cross-references are trailers, and a catalog says what it is.
func (f *File) scanObjects() error {
	var catalog Object
	for num := range f.table {
		e := f.table[num]
		if e.kind != plainly {
			continue
		}
		o, err := f.Get(Ref{uint32(num), e.gen})
		if err != nil {
			continue
		}
		switch v := o.(type) {
		case Dict:
			if v["Type"] == Name("Catalog") {
				catalog = Ref{uint32(num), e.gen}
			}
		case *Stream:
			switch v.Dict["Type"] {
			case Name("XRef"):
				f.trailing(v.Dict)
			case Name("ObjStm"):
				f.unpack(uint32(num))
			}
		}
	}
	if f.Trailer["Root"] == nil && catalog != nil {
		f.Trailer["Root"] = catalog
	}
	return nil
}

// unpack notes the objects of an object stream that stand nowhere else.
func (f *File) unpack(num uint32) {
	s, err := f.objectStream(num, 0)
	if err != nil {
		return
	}
	for slot, n := range s.nums {
		for int(n) >= len(f.table) {
			f.table = append(f.table, entry{})
		}
		if k := f.table[n].kind; k == absent || k == compressed {
			f.table[n] = entry{kind: compressed, at: int64(num), slot: uint32(slot)}
		}
	}
}
