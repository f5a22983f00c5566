package key

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"roundtable/backend/wire"
)

var (
	// ErrSignature is returned for a signature that does not verify.
	ErrSignature = errors.New("signature does not verify")
	// ErrSealed is returned for a ciphertext that does not open: wrong key or changed bytes.
	ErrSealed = errors.New("does not open")
)

const redacted = "[secret]"

// Context separates what a key signs: a signature made for one purpose can
// never be shown for another. New contexts are appended; old ones never change.
type Context string

const (
	ContextEnvelope    Context = "roundtable envelope v1"
	ContextCertificate Context = "roundtable certificate v1"
	ContextRedeem      Context = "roundtable redeem v1"
	ContextRelayHello  Context = "roundtable relay hello v1"
	ContextGrant       Context = "roundtable relay grant v1"
	ContextBeat        Context = "roundtable call beat v1"
	ContextCohosts     Context = "roundtable call cohosts v1"
)

// Signer makes signatures with a private key that stays where it is.
type Signer interface {
	// Public is the key that verifies what Sign makes; it is the device's ID.
	Public() wire.DeviceID
	// Sign signs message under context. It is called from several goroutines.
	Sign(context Context, message []byte) ([]byte, error)
	// TLS gives the same key as a crypto.Signer for certificates of links
	// (TLS 1.3 puts its own context string before what it signs).
	TLS() crypto.Signer
}

// SigningKey is an Ed25519 private key in memory. Only keychain and tests hold one.
type SigningKey struct{ private ed25519.PrivateKey }

// NewSigningKey makes a key.
func NewSigningKey() SigningKey {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand does not fail on supported systems
	}
	return SigningKey{private}
}

// SigningKeyFromSeed rebuilds a key from its 32-byte seed.
func SigningKeyFromSeed(seed []byte) (SigningKey, error) {
	if len(seed) != ed25519.SeedSize {
		return SigningKey{}, fmt.Errorf("read signing key: %w", wire.ErrMalformed)
	}
	return SigningKey{ed25519.NewKeyFromSeed(seed)}, nil
}

// Seed is the secret itself, for the keychain and for invite links.
func (k SigningKey) Seed() []byte { return k.private.Seed() }

// Public is the verifying key.
func (k SigningKey) Public() wire.DeviceID {
	return wire.DeviceID(k.private.Public().(ed25519.PublicKey))
}

// Sign signs message under context.
func (k SigningKey) Sign(context Context, message []byte) ([]byte, error) {
	return ed25519.Sign(k.private, withContext(context, message)), nil
}

// TLS gives the key as a crypto.Signer.
func (k SigningKey) TLS() crypto.Signer { return tlsSigner(k) }

func (SigningKey) String() string               { return redacted }
func (SigningKey) GoString() string             { return redacted }
func (SigningKey) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (SigningKey) MarshalText() ([]byte, error) { return nil, errors.New("a signing key is not text") }

// tlsSigner hides the private key behind crypto.Signer.
type tlsSigner SigningKey

func (s tlsSigner) Public() crypto.PublicKey { return s.private.Public() }
func (s tlsSigner) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.private.Sign(r, digest, opts)
}

// Verify checks a signature made by Sign. Errors: ErrSignature.
func Verify(public [32]byte, context Context, message, signature []byte) error {
	if len(signature) != ed25519.SignatureSize || smallOrder(public) ||
		!ed25519.Verify(public[:], withContext(context, message), signature) {
		return ErrSignature
	}
	return nil
}

// smallOrder reports a public key of order 8 or less: for such a key signatures can
// be made without a secret, so it is nobody's (Cremers et al., "Prime, Order
// Please!", 2019). The seven encodings are all that there are, sign bit aside.
func smallOrder(public [32]byte) bool {
	public[31] &= 0x7f
	switch hex.EncodeToString(public[:]) {
	case "0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f":
		return true
	}
	return false
}

// withContext puts the length-prefixed context first, so that no context is a
// prefix of another one's input.
func withContext(context Context, message []byte) []byte {
	out := make([]byte, 0, 1+len(context)+len(message))
	out = append(out, byte(len(context)))
	out = append(out, context...)
	return append(out, message...)
}

// Hash is SHA-256 over a length-prefixed purpose and parts that are each
// length-prefixed as well, so that different parts never give the same input.
func Hash(purpose string, parts ...[]byte) [32]byte {
	h := sha256.New()
	var n [8]byte
	put := func(b []byte) {
		for i := range n {
			n[i] = byte(uint64(len(b)) >> (8 * (7 - i)))
		}
		h.Write(n[:])
		h.Write(b)
	}
	put([]byte(purpose))
	for _, p := range parts {
		put(p)
	}
	return [32]byte(h.Sum(nil))
}
