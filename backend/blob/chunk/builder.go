package chunk

import (
	"encoding/binary"
	"fmt"
	"math"

	"roundtable/backend/wire"
)

const (
	// A node lists at least minEntries, but for the last of its level, at most
	// maxEntries, and 256 on average.
	minEntries = 64
	maxEntries = 1024
	maxNode    = maxEntries * entrySize
	// nodeEnd bounds the last four bytes of the name that a node ends with.
	nodeEnd = math.MaxUint32 / (256 - minEntries)
)

// Node is a list of chunks or nodes as bytes, and its own entry.
type Node struct {
	Chunk
	Body []byte
}

// Builder makes the Content of a file from its chunks. It holds one unfinished
// node of each level, so its memory does not grow with the file. One goroutine at
// a time.
type Builder struct {
	node   func(Node) error
	size   uint64
	levels [MaxLevel + 1]level
}

// level is the unfinished node of one level of the tree.
type level struct {
	list  []byte
	whole bool // nodes of this level have been handed out
}

// NewBuilder begins a file. The builder calls node with every node as it fills,
// those below first; the body is node's until it returns. The same node may come
// more than once.
func NewBuilder(node func(Node) error) *Builder { return &Builder{node: node} }

// Add takes the next chunk. Errors: wire.ErrTooLarge, wire.ErrMalformed, node's.
func (b *Builder) Add(c Chunk) error {
	if err := c.check(0); err != nil {
		return err
	}
	if b.size += uint64(c.Size); b.size > MaxSize {
		return fmt.Errorf("list content of %d bytes: %w", b.size, wire.ErrTooLarge)
	}
	return b.add(0, c)
}

func (b *Builder) add(at int, c Chunk) error {
	l := &b.levels[at]
	l.list = c.appendEntry(l.list)
	n := len(l.list) / entrySize
	if n == maxEntries || n >= minEntries && binary.BigEndian.Uint32(c.ID[idSize-4:]) < nodeEnd {
		return b.end(at)
	}
	return nil
}

// end hands the node of a level out and names it in the level above.
func (b *Builder) end(at int) error {
	l := &b.levels[at]
	if at == MaxLevel {
		return fmt.Errorf("list content: more than %d levels: %w", MaxLevel, wire.ErrTooLarge)
	}
	own := Chunk{Sum(l.list), uint32(len(l.list))}
	if err := b.node(Node{own, l.list}); err != nil {
		return fmt.Errorf("hand out node: %w", err)
	}
	l.list, l.whole = l.list[:0], true
	return b.add(at+1, own)
}

// Finish gives the Content. The builder is of no use afterwards.
// Errors: wire.ErrTooLarge, node's.
func (b *Builder) Finish() (Content, error) {
	for at := range b.levels {
		l := &b.levels[at]
		if !l.whole && len(l.list) <= maxDirect*entrySize {
			return Content{Size: b.size, Level: uint8(at), List: l.list}, nil
		}
		if len(l.list) > 0 {
			if err := b.end(at); err != nil {
				return Content{}, err
			}
		}
	}
	return Content{}, fmt.Errorf("list content: more than %d levels: %w", MaxLevel, wire.ErrTooLarge)
}
