package pdf

import (
	"errors"
	"fmt"
	"strconv"
)

// indirect is an object of its own, as it stands in the file.
type indirect struct {
	ref   Ref
	value Object
	end   int64 // behind endobj, or behind the value where that is missing
	twice bool
}

// indirectAt reads the object that begins at a place. length gives what a reference to a stream's length is.
func (f *File) indirectAt(at int64, length func(Ref) (int64, bool)) (o indirect, err error) {
	if at < 0 || at >= f.size {
		return o, fmt.Errorf("%w: object at %d", ErrDamaged, at)
	}
	p := newParser(newScanner(f.r, at, f.size))
	if o.ref, err = p.header(); err != nil {
		return o, err
	}
	if o.value, err = p.object(0); err != nil {
		return o, err
	}
	o.twice = p.twice
	p.space()
	if d, is := o.value.(Dict); is && p.takes("stream") {
		if o.value, err = p.stream(d, length); err != nil {
			return o, err
		}
		p.space()
	}
	p.takes("endobj")
	o.end = p.pos
	return o, p.readError()
}

// header reads "12 0 obj".
func (p *parser) header() (Ref, error) {
	p.space()
	num, err := strconv.ParseUint(p.word(12), 10, 32)
	if err != nil || num > maxObject {
		return Ref{}, p.damaged("no object number")
	}
	p.space()
	gen, err := strconv.ParseUint(p.word(6), 10, 16)
	if err != nil {
		return Ref{}, p.damaged("no generation")
	}
	p.space()
	if !p.takes("obj") {
		return Ref{}, p.damaged("no object")
	}
	return Ref{uint32(num), uint16(gen)}, nil
}

// stream finds the bytes of a stream. A length that does not lead to endstream is not believed.
func (p *parser) stream(d Dict, length func(Ref) (int64, bool)) (*Stream, error) {
	if p.peek() == '\r' {
		p.pos++
	}
	if p.peek() == '\n' {
		p.pos++
	}
	s := &Stream{Dict: d, At: p.pos}
	n, known := int64(-1), false
	switch l := d["Length"].(type) {
	case Int:
		n, known = int64(l), true
	case Ref:
		n, known = length(l)
	}
	if known && n >= 0 && n <= p.end-s.At {
		p.pos = s.At + n
		p.space()
		if p.takes("endstream") {
			s.Size = n
			return s, nil
		}
	}
	end, ok := find(p.scanner, s.At, "endstream")
	if !ok {
		return nil, p.damaged("stream without end")
	}
	p.pos = end + int64(len("endstream"))
	s.Size = end - s.At
	// The end of the line before endstream is not part of it.
	if q := newScanner(p.r, end-1, p.end); s.Size > 0 && q.peek() == '\n' {
		s.Size--
		if q.pos = end - 2; s.Size > 0 && q.peek() == '\r' {
			s.Size--
		}
	} else if s.Size > 0 && q.peek() == '\r' {
		s.Size--
	}
	return s, nil
}

// find looks for text from a place on.
func find(s *scanner, from int64, text string) (int64, bool) {
	for s.pos = from; !s.ended(); {
		if s.peek() == text[0] {
			at := s.pos
			if s.takes(text) {
				return at, true
			}
		}
		s.pos++
	}
	return 0, false
}

// readError is an error of the disk, which is no damage of the file.
func (p *parser) readError() error {
	if p.err != nil && !errors.Is(p.err, errEnd) {
		return fmt.Errorf("read PDF: %w", p.err)
	}
	return nil
}
