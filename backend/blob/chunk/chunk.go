package chunk

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"roundtable/backend/wire"
)

const (
	// MaxChunk bounds a chunk: it fits one piece of package blob.
	MaxChunk = 1 << 20
	// leastForeign bounds from below what others cut, but for the last chunk of a
	// content, so that a list is at most a hundredth of what it lists.
	leastForeign = 4 << 10

	idSize    = 32
	entrySize = idSize + 4
)

// ID names a chunk or a node: BLAKE3-256 of its bytes.
type ID [idSize]byte

// String is the name in hexadecimal.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether nothing is named.
func (id ID) IsZero() bool { return id == ID{} }

// Chunk is one entry of a list: a name and how many bytes it names.
type Chunk struct {
	ID   ID
	Size uint32
}

// appendEntry writes the 36 bytes of an entry.
func (c Chunk) appendEntry(list []byte) []byte {
	return binary.BigEndian.AppendUint32(append(list, c.ID[:]...), c.Size)
}

// entry reads the first entry of a list that has one.
func entry(list []byte) Chunk {
	return Chunk{ID(list[:idSize]), binary.BigEndian.Uint32(list[idSize:entrySize])}
}

// check bounds an entry of a list of a level.
func (c Chunk) check(level uint8) error {
	switch {
	case c.Size == 0:
		return fmt.Errorf("check entry: it is empty: %w", wire.ErrMalformed)
	case level == 0 && c.Size > MaxChunk:
		return fmt.Errorf("check chunk of %d bytes: %w", c.Size, wire.ErrTooLarge)
	case level > 0 && c.Size > maxNode:
		return fmt.Errorf("check node of %d bytes: %w", c.Size, wire.ErrTooLarge)
	case level > 0 && c.Size%entrySize != 0:
		return fmt.Errorf("check node of %d bytes: no whole entries: %w", c.Size, wire.ErrMalformed)
	}
	return nil
}
