package blob

import (
	"encoding/hex"
	"fmt"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	// PieceSize is the content of one piece, but the last.
	PieceSize = 1 << 20
	// MaxSealed bounds a sealed piece.
	MaxSealed = PieceSize + key.PieceOverhead
	// MaxSize bounds a file: 64 GiB.
	MaxSize = 64 << 30
	// maxDirect is how many pieces a File names by itself.
	maxDirect = 64
	// PerNode is how many pieces one node lists.
	PerNode = PieceSize / hashSize
	// maxFile bounds the canonical bytes of a File.
	maxFile  = 4 << 10
	hashSize = 32
)

// Hash names a sealed piece: key.Digest of its bytes.
type Hash [hashSize]byte

// String is the name of the piece's file.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ID names a file without telling its key.
type ID [32]byte

// File is all that it takes to fetch and read a file. It holds the key: it
// travels in sealed events only.
type File struct {
	Size uint64 `cbor:"1,keyasint"`
	Key  []byte `cbor:"2,keyasint"`
	// Roots are the hashes, one after the other, of the pieces or, of a file with
	// more than 64 pieces, of its nodes.
	Roots []byte `cbor:"3,keyasint,omitempty"`
}

// Pieces counts the pieces of content.
func (f File) Pieces() int { return int((f.Size + PieceSize - 1) / PieceSize) }

// Nodes counts the lists of pieces; 0 for a file that names its pieces itself.
func (f File) Nodes() int {
	if n := f.Pieces(); n > maxDirect {
		return (n + PerNode - 1) / PerNode
	}
	return 0
}

// Check reports whether a File from elsewhere makes sense.
// Errors: wire.ErrMalformed, wire.ErrTooLarge.
func (f File) Check() error {
	if f.Size > MaxSize {
		return fmt.Errorf("check file of %d bytes: %w", f.Size, wire.ErrTooLarge)
	}
	roots := f.Pieces()
	if n := f.Nodes(); n > 0 {
		roots = n
	}
	if len(f.Key) != 32 || len(f.Roots) != roots*hashSize {
		return fmt.Errorf("check file: shape: %w", wire.ErrMalformed)
	}
	return nil
}

// ID names the file.
func (f File) ID() ID { return ID(key.Hash("roundtable file v1", f.Key, f.Roots)) }

// Hashes are the pieces or nodes that the File itself names.
func (f File) Hashes() []Hash { return split(f.Roots) }

// Encode gives the canonical bytes.
func (f File) Encode() []byte { return wire.MustEncode(f) }

// DecodeFile reads what Encode made. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func DecodeFile(raw []byte) (File, error) {
	var f File
	if err := wire.Decode(raw, maxFile, &f); err != nil {
		return f, fmt.Errorf("read file: %w", err)
	}
	return f, f.Check()
}

// split reads hashes that follow each other.
func split(raw []byte) []Hash {
	out := make([]Hash, 0, len(raw)/hashSize)
	for ; len(raw) >= hashSize; raw = raw[hashSize:] {
		out = append(out, Hash(raw[:hashSize]))
	}
	return out
}

// Length of the content of a piece.
func (f File) Length(index int) int {
	return int(min(uint64(PieceSize), f.Size-uint64(index)*PieceSize))
}

// listed is how many pieces a node lists.
func (f File) listed(node int) int { return min(PerNode, f.Pieces()-node*PerNode) }

// OpenNode reads a node: the hashes of the pieces from node*PerNode on.
// Errors: key.ErrSealed, wire.ErrMalformed.
func (f File) OpenNode(node int, sealed []byte) ([]Hash, error) {
	plain, err := f.open(key.Place{Level: 1, Index: uint64(node)}, sealed)
	if err != nil {
		return nil, fmt.Errorf("open node %d: %w", node, err)
	}
	if len(plain) != f.listed(node)*hashSize {
		return nil, fmt.Errorf("open node %d: length: %w", node, wire.ErrMalformed)
	}
	return split(plain), nil
}

// OpenPiece reads the content of a piece. Errors: key.ErrSealed, wire.ErrMalformed.
func (f File) OpenPiece(index int, sealed []byte) ([]byte, error) {
	plain, err := f.open(key.Place{Index: uint64(index)}, sealed)
	if err != nil {
		return nil, fmt.Errorf("open piece %d: %w", index, err)
	}
	if len(plain) != f.Length(index) {
		return nil, fmt.Errorf("open piece %d: length: %w", index, wire.ErrMalformed)
	}
	return plain, nil
}

func (f File) open(at key.Place, sealed []byte) ([]byte, error) {
	k, err := key.PieceKeyFromBytes(f.Key)
	if err != nil {
		return nil, err
	}
	return k.Open(at, sealed)
}
