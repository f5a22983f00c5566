package key

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/crypto/chacha20poly1305"

	"roundtable/backend/wire"
)

// PieceOverhead is by how much a sealed piece is longer than what it holds.
const PieceOverhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// PieceKey seals the pieces of one file; every file has its own. Whoever was
// given the key can read the file, wherever its pieces come from.
type PieceKey struct {
	secret [32]byte
	aead   cipher.AEAD
}

// NewPieceKey makes a key.
func NewPieceKey() PieceKey {
	k, _ := PieceKeyFromBytes(wire.Random(32))
	return k
}

// PieceKeyFromBytes rebuilds a key from Bytes.
func PieceKeyFromBytes(raw []byte) (PieceKey, error) {
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		return PieceKey{}, fmt.Errorf("read piece key: %w", wire.ErrMalformed)
	}
	return PieceKey{secret: [32]byte(raw), aead: aead}, nil
}

// Bytes is the secret itself, for the event that hands the file out.
func (k PieceKey) Bytes() []byte { return k.secret[:] }

// ID names the key without telling it.
func (k PieceKey) ID() [32]byte { return Hash("roundtable piece key v1", k.secret[:]) }

// Place is where a piece stands in its file: level 0 is content, above it are
// lists of pieces.
type Place struct {
	Level uint8
	Index uint64
}

// header binds a piece to its file and its place, so that a holder of pieces
// cannot put one where another belongs.
func (k PieceKey) header(at Place) []byte {
	id := k.ID()
	out := append([]byte("roundtable piece v1"), id[:]...)
	out = append(out, at.Level)
	return binary.BigEndian.AppendUint64(out, at.Index)
}

// Seal encrypts the piece of a place with a random 24-byte nonce, which stands first.
func (k PieceKey) Seal(at Place, plaintext []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, len(plaintext)+PieceOverhead)
	copy(nonce, wire.Random(chacha20poly1305.NonceSizeX))
	return k.aead.Seal(nonce, nonce, plaintext, k.header(at))
}

// Open is the reverse of Seal. Errors: ErrSealed.
func (k PieceKey) Open(at Place, sealed []byte) ([]byte, error) {
	if k.aead == nil || len(sealed) < PieceOverhead {
		return nil, ErrSealed
	}
	out, err := k.aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], k.header(at))
	if err != nil {
		return nil, ErrSealed
	}
	return out, nil
}

func (PieceKey) String() string               { return redacted }
func (PieceKey) GoString() string             { return redacted }
func (PieceKey) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (PieceKey) MarshalText() ([]byte, error) { return nil, errors.New("a piece key is not text") }
