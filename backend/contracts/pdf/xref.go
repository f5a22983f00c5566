package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// damaged says whether an error is one that looking at every byte may get around.
func damaged(err error) bool { return errors.Is(err, ErrDamaged) }

// readSections follows the chain of cross-reference sections from the latest to the first.
// What a later one says of an object counts (ISO 32000-2, 7.5.6).
func (f *File) readSections() error {
	at, err := f.startxref()
	if err != nil {
		return err
	}
	f.Trailer = Dict{}
	var seen []int64
	for at >= 0 {
		if slices.Contains(seen, at) || len(seen) >= maxSections {
			return fmt.Errorf("%w: cross-references in a circle", ErrDamaged)
		}
		seen = append(seen, at)
		section, err := f.readSection(at)
		if err != nil {
			return err
		}
		f.Sections = append(f.Sections, section)
		for k, v := range section.Trailer {
			if _, later := f.Trailer[k]; !later {
				f.Trailer[k] = v
			}
		}
		// A hybrid file has a second section for readers that know streams, which says where
		// objects are that its table calls free (ISO 32000-2, 7.5.8.4): so free is noted after it.
		if hidden, ok := section.Trailer["XRefStm"].(Int); ok && !section.Stream {
			if _, err := f.readStreamSection(int64(hidden) + f.shift); err != nil {
				return err
			}
		}
		for _, num := range f.freed {
			f.note(num, entry{kind: free})
		}
		f.freed = nil
		at = -1
		if prev, ok := section.Trailer["Prev"].(Int); ok {
			at = int64(prev) + f.shift
		}
	}
	return nil
}

// startxref finds the place of the latest section.
func (f *File) startxref() (int64, error) {
	from := max(0, f.size-maxTail)
	tail := make([]byte, f.size-from)
	if n, err := f.r.ReadAt(tail, from); n < len(tail) {
		return 0, fmt.Errorf("read PDF: %w", err)
	}
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return 0, fmt.Errorf("%w: no startxref", ErrDamaged)
	}
	s := newScanner(f.r, from+int64(i)+int64(len("startxref")), f.size)
	s.space()
	at, err := strconv.ParseInt(s.word(20), 10, 64)
	if err != nil || at < 0 || at >= f.size {
		return 0, fmt.Errorf("%w: startxref", ErrDamaged)
	}
	// With bytes before the header some programs count from the header, some from the beginning.
	if f.shift > 0 && f.isSection(at) && !f.isSection(at+f.shift) {
		f.shift = 0
	}
	return at + f.shift, nil
}

func (f *File) isSection(at int64) bool {
	p := newParser(newScanner(f.r, at, f.size))
	p.space()
	if p.takes("xref") {
		return true
	}
	_, err := p.header()
	return err == nil
}

func (f *File) readSection(at int64) (Section, error) {
	if at < 0 || at >= f.size {
		return Section{}, fmt.Errorf("%w: cross-references at %d", ErrDamaged, at)
	}
	s := newScanner(f.r, at, f.size)
	s.space()
	if !s.takes("xref") {
		return f.readStreamSection(at)
	}
	p := newParser(s)
	for {
		p.space()
		if p.takes("trailer") {
			break
		}
		if err := f.readSubsection(p); err != nil {
			return Section{}, err
		}
	}
	o, err := p.object(0)
	if err != nil {
		return Section{}, err
	}
	d, is := o.(Dict)
	if !is {
		return Section{}, p.damaged("no trailer")
	}
	return Section{At: at, Trailer: d}, p.readError()
}

func (f *File) readSubsection(p *parser) error {
	first, err1 := strconv.ParseUint(p.word(12), 10, 32)
	p.space()
	count, err2 := strconv.ParseUint(p.word(12), 10, 32)
	if err1 != nil || err2 != nil {
		return p.damaged("no cross-references")
	}
	if first+count > maxObject {
		return ErrLimit
	}
	for num := first; num < first+count; num++ {
		p.space()
		at, err1 := strconv.ParseInt(p.word(20), 10, 64)
		p.space()
		gen, err2 := strconv.ParseUint(p.word(6), 10, 16)
		p.space()
		use := p.next()
		if err1 != nil || err2 != nil || p.ended() {
			return p.damaged("no cross-reference")
		}
		switch use {
		case 'n':
			f.note(uint32(num), entry{kind: plainly, gen: uint16(gen), at: at})
		case 'f':
			f.freed = append(f.freed, uint32(num))
		default:
			return p.damaged("no cross-reference")
		}
	}
	return nil
}

// note keeps what is said of an object unless a later section said something.
func (f *File) note(num uint32, e entry) {
	for int(num) >= len(f.table) {
		f.table = append(f.table, entry{})
	}
	if f.table[num].kind == absent {
		f.table[num] = e
	}
}

// readStreamSection reads a cross-reference stream (ISO 32000-2, 7.5.8).
func (f *File) readStreamSection(at int64) (Section, error) {
	o, err := f.indirectAt(at, func(Ref) (int64, bool) { return 0, false })
	if err != nil {
		return Section{}, err
	}
	s, is := o.value.(*Stream)
	if !is || s.Dict["Type"] != Name("XRef") {
		return Section{}, fmt.Errorf("%w: no cross-references at %d", ErrDamaged, at)
	}
	widths, ok := xrefWidths(s.Dict)
	if !ok {
		return Section{}, fmt.Errorf("%w: widths of cross-references", ErrDamaged)
	}
	data, err := f.Decoded(s)
	if err != nil {
		return Section{}, err
	}
	size, _ := s.Dict["Size"].(Int)
	index, some := s.Dict["Index"].(Array)
	if !some {
		index = Array{Int(0), size}
	}
	for ; len(index) >= 2; index = index[2:] {
		first, ok1 := index[0].(Int)
		count, ok2 := index[1].(Int)
		if !ok1 || !ok2 || first < 0 || count < 0 {
			return Section{}, fmt.Errorf("%w: index of cross-references", ErrDamaged)
		}
		if first > maxObject || count > maxObject || first+count > maxObject {
			return Section{}, ErrLimit
		}
		if data, err = f.noteStream(data, widths, uint32(first), int(count)); err != nil {
			return Section{}, err
		}
	}
	return Section{At: at, Stream: true, Trailer: s.Dict}, nil
}

func xrefWidths(d Dict) (w [3]int, ok bool) {
	a, _ := d["W"].(Array)
	if len(a) != 3 {
		return w, false
	}
	for i, o := range a {
		n, is := o.(Int)
		if !is || n < 0 || n > 8 {
			return w, false
		}
		w[i] = int(n)
	}
	return w, w[1] > 0
}

func (f *File) noteStream(data []byte, w [3]int, first uint32, count int) ([]byte, error) {
	row := w[0] + w[1] + w[2]
	for i := range count {
		if len(data) < row {
			return nil, fmt.Errorf("%w: cross-references end", ErrDamaged)
		}
		var v [3]uint64
		v[0] = 1
		for j, at := 0, 0; j < 3; j++ {
			if w[j] > 0 {
				v[j] = 0
			}
			for range w[j] {
				v[j] = v[j]<<8 | uint64(data[at])
				at++
			}
		}
		data = data[row:]
		num := first + uint32(i)
		switch {
		case v[0] == 0:
			f.note(num, entry{kind: free, gen: uint16(v[2])})
		case v[0] == 1 && v[1] < 1<<62 && v[2] <= 0xffff:
			f.note(num, entry{kind: plainly, gen: uint16(v[2]), at: int64(v[1])})
		case v[0] == 2 && v[1] <= maxObject && v[2] <= maxObject:
			f.note(num, entry{kind: compressed, at: int64(v[1]), slot: uint32(v[2])})
		}
	}
	return data, nil
}
