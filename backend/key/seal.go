package key

import (
	"crypto/cipher"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/crypto/chacha20poly1305"

	"roundtable/backend/wire"
)

// SealPublic is a device's public HPKE key (MLKEM768-X25519, 1216 bytes).
type SealPublic []byte

// Opener opens what was wrapped for one device; its private key stays where it is.
type Opener interface {
	// SealPublic is the key that others wrap for.
	SealPublic() SealPublic
	// Open opens a box made by Wrap with the same info. Errors: ErrSealed.
	Open(info, box []byte) ([]byte, error)
}

// SealingKey is an HPKE private key in memory. Only keychain and tests hold one.
type SealingKey struct{ private hpke.PrivateKey }

func suite() (hpke.KEM, hpke.KDF, hpke.AEAD) {
	return hpke.MLKEM768X25519(), hpke.HKDFSHA256(), hpke.ChaCha20Poly1305()
}

// NewSealingKey makes a key.
func NewSealingKey() SealingKey {
	kem, _, _ := suite()
	private, err := kem.GenerateKey()
	if err != nil {
		panic(err) // crypto/rand does not fail on supported systems
	}
	return SealingKey{private}
}

// SealingKeyFromBytes rebuilds a key from Bytes.
func SealingKeyFromBytes(raw []byte) (SealingKey, error) {
	kem, _, _ := suite()
	private, err := kem.NewPrivateKey(raw)
	if err != nil {
		return SealingKey{}, fmt.Errorf("read sealing key: %w", wire.ErrMalformed)
	}
	return SealingKey{private}, nil
}

// Bytes is the secret itself, for the keychain.
func (k SealingKey) Bytes() ([]byte, error) { return k.private.Bytes() }

// SealPublic is the key that others wrap for.
func (k SealingKey) SealPublic() SealPublic { return k.private.PublicKey().Bytes() }

// Open opens a box.
func (k SealingKey) Open(info, box []byte) ([]byte, error) {
	_, kdf, aead := suite()
	out, err := hpke.Open(k.private, kdf, aead, info, box)
	if err != nil {
		return nil, fmt.Errorf("open box: %w", ErrSealed)
	}
	return out, nil
}

func (SealingKey) String() string       { return redacted }
func (SealingKey) GoString() string     { return redacted }
func (SealingKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// Check reports whether the bytes are a usable public key.
func (p SealPublic) Check() error {
	kem, _, _ := suite()
	if _, err := kem.NewPublicKey(p); err != nil {
		return fmt.Errorf("read sealing public key: %w", wire.ErrMalformed)
	}
	return nil
}

// Wrap seals plaintext so that only the holder of p's private key opens it.
// info binds the box to its use and must be given again to open it.
func Wrap(p SealPublic, info, plaintext []byte) ([]byte, error) {
	kem, kdf, aead := suite()
	public, err := kem.NewPublicKey(p)
	if err != nil {
		return nil, fmt.Errorf("wrap: %w", wire.ErrMalformed)
	}
	box, err := hpke.Seal(public, kdf, aead, info, plaintext)
	if err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	return box, nil
}

// EpochKey seals the bodies of one epoch of one space.
type EpochKey struct {
	secret [32]byte
	aead   cipher.AEAD
}

// NewEpochKey makes a key.
func NewEpochKey() EpochKey {
	k, _ := EpochKeyFromBytes(wire.Random(32))
	return k
}

// EpochKeyFromBytes rebuilds a key from Bytes.
func EpochKeyFromBytes(raw []byte) (EpochKey, error) {
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		return EpochKey{}, fmt.Errorf("read epoch key: %w", wire.ErrMalformed)
	}
	return EpochKey{secret: [32]byte(raw), aead: aead}, nil
}

// Bytes is the secret itself, for keyrings and the key table.
func (k EpochKey) Bytes() []byte { return k.secret[:] }

// ID names the key without telling it.
func (k EpochKey) ID() wire.EpochID {
	sum := Hash("roundtable epoch id v1", k.secret[:])
	return wire.EpochID(sum[:16])
}

// Derive gives a secret for another purpose that tells nothing of the key.
func (k EpochKey) Derive(purpose string) [32]byte { return Hash(purpose, k.secret[:]) }

// Seal encrypts plaintext with a random 24-byte nonce, which stands first.
// header is authenticated, not hidden.
func (k EpochKey) Seal(header, plaintext []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plaintext)+chacha20poly1305.Overhead)
	copy(nonce, wire.Random(chacha20poly1305.NonceSizeX))
	return k.aead.Seal(nonce, nonce, plaintext, header)
}

// Open is the reverse of Seal. Errors: ErrSealed.
func (k EpochKey) Open(header, sealed []byte) ([]byte, error) {
	if k.aead == nil || len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrSealed
	}
	nonce, rest := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	out, err := k.aead.Open(nil, nonce, rest, header)
	if err != nil {
		return nil, ErrSealed
	}
	return out, nil
}

func (EpochKey) String() string               { return redacted }
func (EpochKey) GoString() string             { return redacted }
func (EpochKey) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (EpochKey) MarshalText() ([]byte, error) { return nil, errors.New("an epoch key is not text") }

// Digest is the plain SHA-256 of bytes that are already unambiguous.
func Digest(data []byte) [32]byte { return sha256.Sum256(data) }
