package chunk

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"roundtable/backend/wire"
)

// shelf keeps nodes by name.
type shelf map[ID][]byte

func (s shelf) keep(n Node) error {
	s[n.ID] = bytes.Clone(n.Body)
	return nil
}

func (s shelf) get(id ID, _ uint32) ([]byte, error) {
	if body, there := s[id]; there {
		return body, nil
	}
	return nil, errMissing
}

var errMissing = errors.New("missing")

// build lists chunks.
func build(t testing.TB, s shelf, chunks []Chunk) Content {
	t.Helper()
	b := NewBuilder(s.keep)
	for _, c := range chunks {
		if err := b.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	c, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return c
}

// listed walks a content.
func listed(c Content, s shelf) (out []Chunk, err error) {
	next := int64(0)
	err = Walk(ctx, c, s.get, func(c Chunk, offset int64) error {
		if offset != next {
			return errors.New("not in order")
		}
		next += int64(c.Size)
		out = append(out, c)
		return nil
	})
	return out, err
}

// chunks makes entries with random names.
func chunks(seed uint64, n int) []Chunk {
	out, bytes := make([]Chunk, n), random(byte(seed), n*idSize)
	for i := range out {
		copy(out[i].ID[:], bytes[i*idSize:])
		out[i].Size = leastForeign + uint32(out[i].ID[0])<<11
	}
	return out
}

func TestListsComeBack(t *testing.T) {
	for _, n := range []int{0, 1, 2, 16, 17, 63, 64, 65, 1023, 1024, 1025, 4096, 100_000, 1_500_000} {
		s, all := shelf{}, chunks(uint64(n), n)
		for i := range all {
			all[i].Size = min(all[i].Size, MaxSize/1_500_000)
		}
		c := build(t, s, all)
		if n <= maxDirect && (c.Level != 0 || len(s) > 0) || n > maxDirect && c.Level == 0 {
			t.Errorf("%d chunks: level %d, %d nodes", n, c.Level, len(s))
		}
		back, err := listed(c, s)
		if err != nil || !slices.Equal(back, all) {
			t.Errorf("%d chunks: %d came back, %v", n, len(back), err)
		}
		read, err := DecodeContent(c.Encode())
		if err != nil || read.ID() != c.ID() || len(c.Encode()) > maxContent {
			t.Errorf("%d chunks: %v", n, err)
		}
		if again := build(t, shelf{}, all); again.ID() != c.ID() {
			t.Errorf("%d chunks: another name the second time", n)
		}
		entries := 0
		for _, body := range s {
			entries += len(body) / entrySize
		}
		t.Logf("%d chunks: level %d, %d nodes, %d entries each", n, c.Level, len(s), entries/max(1, len(s)))
	}
}

// The tree is part of the protocol, as the cuts are.
func TestListsAreForEver(t *testing.T) {
	for n, want := range map[int]string{
		0:       "418116bb7dfa5f7b4ee231a492b5977aee1cae0a6c0df2fdcfabef05d24454e4",
		16:      "746699137775a4b661f13ca7f400aace79d8d5217e4e121f7e33ede1978feca0",
		17:      "1fe419dcc0a0c21b77716195762b9a907c909cf53b258bcd82eed8b0bf295534",
		100_000: "18442909a49b05a247c06c59e356c6f7c79c379b3e17d01f546756926ac6c0c2",
	} {
		id := build(t, shelf{}, chunks(1, n)).ID()
		if got := ID(id).String(); got != want {
			t.Errorf("%d chunks are %s, want %s", n, got, want)
		}
	}
}

func TestAnInsertionChangesFewNodes(t *testing.T) {
	before := chunks(5, 100_000)
	for _, at := range []int{0, 50_000, 100_000} {
		s := shelf{}
		build(t, s, before)
		old := len(s)
		build(t, s, slices.Insert(slices.Clone(before), at, chunks(6, 3)...))
		if n := len(s) - old; n > 6 {
			t.Errorf("3 chunks at %d: %d of %d nodes are new", at, n, old)
		}
	}
}

func TestABuilderRefuses(t *testing.T) {
	b := NewBuilder(shelf{}.keep)
	if err := b.Add(Chunk{Size: 0}); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("no bytes: %v", err)
	}
	if err := b.Add(Chunk{Size: MaxChunk + 1}); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too many bytes: %v", err)
	}
	b.size = MaxSize
	if err := b.Add(Chunk{Size: 1}); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("beyond the end: %v", err)
	}
	full := errors.New("full")
	b = NewBuilder(func(Node) error { return full })
	for _, c := range chunks(1, 63) {
		_ = b.Add(c)
	}
	if _, err := b.Finish(); !errors.Is(err, full) {
		t.Errorf("a shelf that is full: %v", err)
	}
}

// The largest content, cut as finely as its class allows, with the fewest
// entries to a node, still has a level to spare.
func TestTheLargestContentHasALevel(t *testing.T) {
	n, levels := int64(MaxSize)/int64(classOf(MaxSize).least), 0
	for ; n > maxDirect; levels++ {
		n = (n + minEntries - 1) / minEntries
	}
	if levels > MaxLevel {
		t.Errorf("%d levels", levels)
	}
}

func TestCheckRefuses(t *testing.T) {
	list := func(sizes ...uint32) (out []byte) {
		for _, n := range sizes {
			out = Chunk{ID{1}, n}.appendEntry(out)
		}
		return out
	}
	for name, c := range map[string]Content{
		"too large":                    {Size: MaxSize + 1, Level: 1, List: list(maxNode)},
		"bytes without chunks":         {Size: 1},
		"chunks without bytes":         {List: list(1)},
		"a level without bytes":        {Level: 1},
		"half an entry":                {Size: 10, List: list(10)[:35]},
		"17 entries":                   {Size: 17, List: list(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)},
		"an empty chunk":               {Size: 10, List: list(10, 0)},
		"a chunk that is too large":    {Size: MaxChunk + 1, List: list(MaxChunk + 1)},
		"another sum":                  {Size: 11, List: list(10)},
		"level 5":                      {Size: 1 << 30, Level: 5, List: list(17 * entrySize)},
		"half an entry in a node":      {Size: 1 << 20, Level: 1, List: list(17*entrySize + 1)},
		"a node that is too large":     {Size: 1 << 30, Level: 1, List: list(maxNode + entrySize)},
		"a level too many":             {Size: 1 << 20, Level: 1, List: list(16 * entrySize)},
		"more bytes than chunks hold":  {Size: 17*MaxChunk + 1, Level: 1, List: list(17 * entrySize)},
		"fewer bytes than chunks hold": {Size: 16 * leastForeign, Level: 1, List: list(17 * entrySize)},
	} {
		if err := c.Check(); !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := DecodeContent(c.Encode()); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
	for name, c := range map[string]Content{
		"nothing":     {},
		"one byte":    {Size: 1, List: list(1)},
		"the largest": {Size: MaxSize, Level: 4, List: list(maxNode, maxNode, maxNode, maxNode)},
	} {
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWalkRefuses(t *testing.T) {
	s := shelf{}
	c := build(t, s, chunks(3, 1000))
	walk := func(c Content) error { _, err := listed(c, s); return err }
	longer, shorter := c, c
	longer.Size++
	shorter.Size--
	if err := walk(longer); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("said to be longer: %v", err)
	}
	if err := walk(shorter); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("said to be shorter: %v", err)
	}
	if err := walk(Content{Size: 1}); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("not checked: %v", err)
	}
	dust := chunks(4, 100)
	dust[50].Size = leastForeign - 1
	if err := walk(build(t, s, dust)); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a chunk of dust in the middle: %v", err)
	}
	first := c.Entries()[0].ID
	body := s[first]
	s[first] = slices.Concat(body[entrySize:], body[:entrySize])
	if err := walk(c); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a node in another order: %v", err)
	}
	delete(s, first)
	if err := walk(c); !errors.Is(err, errMissing) {
		t.Errorf("a node that is missing: %v", err)
	}
}

func FuzzDecodeContent(f *testing.F) {
	for _, n := range []int{0, 1, 16, 17, 5000} {
		f.Add(build(f, shelf{}, chunks(1, n)).Encode())
	}
	f.Add(Content{Size: MaxSize, Level: 4, List: Chunk{ID{}, maxNode}.appendEntry(nil)}.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := DecodeContent(raw)
		if err != nil {
			if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if !bytes.Equal(c.Encode(), raw) {
			t.Errorf("%x became %x", raw, c.Encode())
		}
		sum := uint64(0)
		err = Walk(ctx, c, shelf{}.get, func(c Chunk, _ int64) error { sum += uint64(c.Size); return nil })
		if c.Level == 0 && err == nil && sum != c.Size || c.Level > 0 && !errors.Is(err, errMissing) {
			t.Errorf("walked %d of %d bytes at level %d: %v", sum, c.Size, c.Level, err)
		}
	})
}

func FuzzParseNode(f *testing.F) {
	s := shelf{}
	build(f, s, chunks(1, 5000))
	for _, body := range s {
		f.Add(body, uint8(0))
		f.Add(body, uint8(1))
	}
	f.Add([]byte{}, uint8(4))
	f.Fuzz(func(t *testing.T, body []byte, level uint8) {
		list, err := ParseNode(body, level)
		if err != nil {
			if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		var back []byte
		for _, c := range list {
			back = c.appendEntry(back)
		}
		if !bytes.Equal(back, body) || len(list) > maxEntries {
			t.Errorf("%x became %x", body, back)
		}
	})
}

// Few nodes that name each other again and again are no way to make a reader spend more
// than the size of the content allows.
func TestWalkRefusesTooManyChunks(t *testing.T) {
	s := shelf{}
	small := Chunk{ID: ID{7}, Size: leastForeign}
	var tower [3]Chunk
	for i := range tower {
		below := small
		if i > 0 {
			below = tower[i-1]
		}
		body := bytes.Repeat(below.appendEntry(nil), maxEntries)
		tower[i] = Chunk{ID: Sum(body), Size: uint32(len(body))}
		s[tower[i].ID] = body
	}
	c := Content{Size: maxEntries * maxEntries * leastForeign, Level: 2, List: tower[1].appendEntry(nil)}
	seen := int64(0)
	err := Walk(t.Context(), c, s.get, func(Chunk, int64) error { seen++; return nil })
	if !errors.Is(err, wire.ErrTooLarge) || seen*entrySize > c.MaxList() {
		t.Errorf("%d chunks of %d bytes each: %v", seen, leastForeign, err)
	}
	if honest := (Content{Size: 100 << 30}); honest.MaxList()/entrySize < 100<<30/(128<<10) {
		t.Errorf("%d chunks are too few for what is cut as it should be", honest.MaxList()/entrySize)
	}
}
