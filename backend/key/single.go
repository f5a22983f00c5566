package key

import (
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"

	"roundtable/backend/wire"
)

// SingleSize is the size of the key of a single sealed text.
const SingleSize = 32

// SingleKey opens one text that an epoch key sealed, and tells nothing of the epoch key nor of any other text. It is
// the key that XChaCha20-Poly1305 itself derives for each text from the first 16 bytes of its nonce
// (draft-irtf-cfrg-xchacha-03, section 2.3): so what is sealed stays as it is. Unlike an epoch key it has no name that
// commits to it: who sealed the text could have made a second key that opens it to something else.
type SingleKey struct{ secret [SingleSize]byte }

// Single derives the key of one sealed text. Errors: ErrSealed for what is none.
func (k EpochKey) Single(sealed []byte) (SingleKey, error) {
	if k.aead == nil || len(sealed) < chacha20poly1305.NonceSizeX {
		return SingleKey{}, ErrSealed
	}
	raw, err := chacha20.HChaCha20(k.secret[:], sealed[:16])
	if err != nil {
		return SingleKey{}, ErrSealed
	}
	return SingleKey{[SingleSize]byte(raw)}, nil
}

// SingleKeyFromBytes rebuilds a key from Bytes.
func SingleKeyFromBytes(raw []byte) (SingleKey, error) {
	if len(raw) != SingleSize {
		return SingleKey{}, fmt.Errorf("read single key: %w", wire.ErrMalformed)
	}
	return SingleKey{[SingleSize]byte(raw)}, nil
}

// Bytes is the secret itself, for keyrings and the key table.
func (k SingleKey) Bytes() []byte { return k.secret[:] }

// Open is EpochKey.Open for the one text. Errors: ErrSealed.
func (k SingleKey) Open(header, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrSealed
	}
	aead, err := chacha20poly1305.New(k.secret[:])
	if err != nil {
		return nil, ErrSealed
	}
	nonce := make([]byte, chacha20poly1305.NonceSize)
	copy(nonce[4:], sealed[16:chacha20poly1305.NonceSizeX])
	out, err := aead.Open(nil, nonce, sealed[chacha20poly1305.NonceSizeX:], header)
	if err != nil {
		return nil, ErrSealed
	}
	return out, nil
}

func (SingleKey) String() string               { return redacted }
func (SingleKey) GoString() string             { return redacted }
func (SingleKey) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (SingleKey) MarshalText() ([]byte, error) { return nil, errors.New("a key is not text") }
