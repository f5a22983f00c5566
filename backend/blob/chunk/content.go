package chunk

import (
	"fmt"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	// MaxSize bounds content: 16 TiB.
	MaxSize = 16 << 40
	// MaxLevel bounds the height of a tree of lists.
	MaxLevel = 4
	// maxDirect is how many entries a Content names by itself.
	maxDirect = 16
	// maxContent bounds the canonical bytes of a Content.
	maxContent = maxDirect*entrySize + 32
)

// Content is all that tells a file's bytes: where their chunks are is the
// business of whoever keeps them.
type Content struct {
	Size  uint64 `cbor:"1,keyasint"`
	Level uint8  `cbor:"2,keyasint,omitempty"`
	// List holds entries of 36 bytes: at level 0 of the chunks, above it of nodes,
	// whose size is the length of the node.
	List []byte `cbor:"3,keyasint,omitempty"`
}

// Entries are what the Content itself names.
func (c Content) Entries() []Chunk { return entries(c.List) }

// Check reports whether a Content from elsewhere makes sense, as far as it can be
// told without its nodes. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func (c Content) Check() error {
	switch {
	case c.Size > MaxSize:
		return fmt.Errorf("check content of %d bytes: %w", c.Size, wire.ErrTooLarge)
	case c.Level > MaxLevel || len(c.List) > maxDirect*entrySize:
		return fmt.Errorf("check content: list: %w", wire.ErrTooLarge)
	case len(c.List)%entrySize != 0 || (c.Size == 0) != (len(c.List) == 0) || c.Size == 0 && c.Level > 0:
		return fmt.Errorf("check content: shape: %w", wire.ErrMalformed)
	}
	var sum uint64
	for _, e := range c.Entries() {
		if err := e.check(c.Level); err != nil {
			return fmt.Errorf("check content: %w", err)
		}
		sum += uint64(e.Size)
	}
	if c.Level == 0 {
		if sum != c.Size {
			return fmt.Errorf("check content of %d bytes: its chunks have %d: %w", c.Size, sum, wire.ErrMalformed)
		}
		return nil
	}
	// Between the nodes and the chunks lie levels whose lengths nobody knows yet,
	// but each node of them lists between 1 and 1024 entries.
	below := sum / entrySize
	most := below * MaxChunk
	for range c.Level - 1 {
		most = min(most*maxEntries, MaxSize)
	}
	if below <= maxDirect || c.Size <= (below-1)*leastForeign || c.Size > most {
		return fmt.Errorf("check content of %d bytes: %d entries at level %d: %w", c.Size, below, c.Level-1, wire.ErrMalformed)
	}
	return nil
}

// otherCuts is how many chunks a content may have beyond those that ours could have:
// of whoever cuts otherwise.
const otherCuts = 64 << 10

// MaxList bounds the bytes that the nodes of one level list together, each node counted
// once: what a content costs whoever reads it follows from its size, however often
// its nodes name each other.
func (c Content) MaxList() int64 {
	return (int64(c.Size)/int64(classOf(int64(c.Size)).least) + otherCuts) * entrySize
}

// ID names the content: the same bytes, the same name.
func (c Content) ID() [32]byte { return key.Hash("roundtable content v1", c.Encode()) }

// Encode gives the canonical bytes.
func (c Content) Encode() []byte { return wire.MustEncode(c) }

// DecodeContent reads what Encode made. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func DecodeContent(raw []byte) (Content, error) {
	var c Content
	if err := wire.Decode(raw, maxContent, &c); err != nil {
		return c, fmt.Errorf("read content: %w", err)
	}
	return c, c.Check()
}

// entries reads a list that is known to be whole.
func entries(list []byte) []Chunk {
	out := make([]Chunk, 0, len(list)/entrySize)
	for ; len(list) >= entrySize; list = list[entrySize:] {
		out = append(out, entry(list))
	}
	return out
}
