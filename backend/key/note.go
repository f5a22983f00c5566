package key

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"log/slog"
)

// NoteKey signs checkpoints of evidence logs and cosigns those of others, in the form that
// others can check (C2SP signed-note): plain Ed25519, so it is never a device's key, which only signs
// within a [Context].
type NoteKey struct{ private ed25519.PrivateKey }

// NewNoteKey makes one.
func NewNoteKey() (NoteKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return NoteKey{private}, err
}

// NoteKeyFromSeed reads what Seed gave.
func NoteKeyFromSeed(seed []byte) (NoteKey, error) {
	if len(seed) != ed25519.SeedSize {
		return NoteKey{}, errors.New("a note key has 32 bytes")
	}
	return NoteKey{ed25519.NewKeyFromSeed(seed)}, nil
}

// Seed is the secret, to be kept.
func (k NoteKey) Seed() []byte { return k.private.Seed() }

// Public is what others check with.
func (k NoteKey) Public() []byte { return k.private.Public().(ed25519.PublicKey) }

// Sign signs a note's text.
func (k NoteKey) Sign(text []byte) []byte { return ed25519.Sign(k.private, text) }

func (NoteKey) String() string               { return redacted }
func (NoteKey) GoString() string             { return redacted }
func (NoteKey) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (NoteKey) MarshalText() ([]byte, error) { return nil, errors.New("a note key is not text") }
