package pdf

import (
	"bytes"
	"fmt"
	"slices"
)

// objectStreams keeps the latest decoded object streams, since neighbours are asked for one after the other.
type objectStreams struct {
	list  []*objectStream
	bytes int
	busy  []uint32 // being decoded: one that needs itself for that has no end
}

// objectStream is one that was decoded (ISO 32000-2, 7.5.7).
type objectStream struct {
	num  uint32
	data []byte
	nums []uint32
	at   []int
}

func (f *File) fromStream(stream, num uint32, depth int) (Object, error) {
	s, err := f.objectStream(stream, depth)
	if err != nil {
		return nil, err
	}
	for i, n := range s.nums {
		if n != num {
			continue
		}
		p := newParser(newScanner(bytes.NewReader(s.data), int64(s.at[i]), int64(len(s.data))))
		o, err := p.object(0)
		f.Ambiguous = f.Ambiguous || p.twice
		return o, err
	}
	return nil, fmt.Errorf("%w: object %d is not in its stream", ErrDamaged, num)
}

func (f *File) objectStream(num uint32, depth int) (*objectStream, error) {
	for _, s := range f.cache.list {
		if s.num == num {
			return s, nil
		}
	}
	if slices.Contains(f.cache.busy, num) {
		return nil, fmt.Errorf("%w: object stream %d needs itself", ErrDamaged, num)
	}
	f.cache.busy = append(f.cache.busy, num)
	defer func() { f.cache.busy = f.cache.busy[:len(f.cache.busy)-1] }()
	// An object stream lies in no other.
	if int64(num) >= int64(len(f.table)) || f.table[num].kind != plainly {
		return nil, fmt.Errorf("%w: no object stream %d", ErrDamaged, num)
	}
	o, err := f.get(Ref{num, f.table[num].gen}, depth)
	if err != nil {
		return nil, err
	}
	stream, is := o.(*Stream)
	if !is || stream.Dict["Type"] != Name("ObjStm") {
		return nil, fmt.Errorf("%w: no object stream %d", ErrDamaged, num)
	}
	s := &objectStream{num: num}
	if s.data, err = f.Decoded(stream); err != nil {
		return nil, err
	}
	if err := s.index(f, stream.Dict); err != nil {
		return nil, err
	}
	c := &f.cache
	for c.bytes += len(s.data); c.bytes > cachedBytes && len(c.list) > 0; c.list = c.list[1:] {
		c.bytes -= len(c.list[0].data)
	}
	c.list = append(c.list, s)
	return s, nil
}

func (s *objectStream) index(f *File, d Dict) error {
	n, ok1 := f.Int(d["N"])
	first, ok2 := f.Int(d["First"])
	if !ok1 || !ok2 || n < 0 || first < 0 || first > int64(len(s.data)) || n > first {
		return fmt.Errorf("%w: object stream %d", ErrDamaged, s.num)
	}
	p := newParser(newScanner(bytes.NewReader(s.data), 0, first))
	for range n {
		num, err1 := p.object(0)
		at, err2 := p.object(0)
		a, isA := num.(Int)
		b, isB := at.(Int)
		if err1 != nil || err2 != nil || !isA || !isB || a < 0 || a > maxObject || b < 0 || int64(b) > int64(len(s.data))-first {
			return fmt.Errorf("%w: object stream %d", ErrDamaged, s.num)
		}
		s.nums = append(s.nums, uint32(a))
		s.at = append(s.at, int(first)+int(b))
	}
	return nil
}
