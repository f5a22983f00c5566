package key

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// DocumentAlgorithm is what documents are signed with. Readers of PDF know neither Ed25519 nor what came after it,
// so these keys are of other kinds than a device's.
type DocumentAlgorithm string

const (
	// P256 is ECDSA on P-256 (FIPS 186-5): small signatures, known to every reader. The usual one.
	P256 DocumentAlgorithm = "p256"
	// RSA3072 is for recipients whose software knows nothing else.
	RSA3072 DocumentAlgorithm = "rsa3072"

	// Bounds of RSA keys that are brought along, in bits (ETSI TS 119 312; more would only be slow).
	minDocumentRSA = 2048
	maxDocumentRSA = 8192
	// maxDocumentKey bounds an encoded key; one of RSA with 8192 bits has 4.7 KB.
	maxDocumentKey = 8 << 10
)

// ErrDocumentKey says that a key is none that documents are signed with here.
var ErrDocumentKey = errors.New("no key for documents")

// DocumentKey signs documents. Only package signers, and tests, hold one.
type DocumentKey struct{ private crypto.Signer }

// NewDocumentKey makes a key. Errors: ErrDocumentKey for an algorithm that is not known.
func NewDocumentKey(a DocumentAlgorithm) (k DocumentKey, err error) {
	switch a {
	case P256:
		k.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RSA3072:
		k.private, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		return k, fmt.Errorf("%w: %q", ErrDocumentKey, a)
	}
	return k, err
}

// DocumentKeyFrom takes a key that came from outside. Errors: ErrDocumentKey.
func DocumentKeyFrom(private crypto.Signer) (DocumentKey, error) {
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() {
			return DocumentKey{private}, nil
		}
	case *rsa.PrivateKey:
		if n := k.N.BitLen(); n >= minDocumentRSA && n <= maxDocumentRSA && k.Validate() == nil {
			return DocumentKey{private}, nil
		}
	}
	return DocumentKey{}, ErrDocumentKey
}

// DocumentKeyFromBytes reads what Bytes gave. Errors: ErrDocumentKey; never one that quotes the bytes.
func DocumentKeyFromBytes(der []byte) (DocumentKey, error) {
	if len(der) > maxDocumentKey {
		return DocumentKey{}, ErrDocumentKey
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return DocumentKey{}, ErrDocumentKey
	}
	signer, is := private.(crypto.Signer)
	if !is {
		return DocumentKey{}, ErrDocumentKey
	}
	return DocumentKeyFrom(signer)
}

// Bytes is the secret itself (PKCS #8), to be sealed.
func (k DocumentKey) Bytes() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k.private) }

// Algorithm is what people call it: "P-256", "RSA 3072".
func (k DocumentKey) Algorithm() string {
	name, _ := DocumentPublic(k.private.Public())
	return name
}

// Signer signs with the key and does not give it: what it holds cannot be reached from outside of this package.
func (k DocumentKey) Signer() crypto.Signer { return documentSigner(k) }

// DocumentPublic names the algorithm of a public key. Errors: ErrDocumentKey.
func DocumentPublic(public crypto.PublicKey) (string, error) {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() {
			return k.Curve.Params().Name, nil
		}
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n >= minDocumentRSA && n <= maxDocumentRSA {
			return fmt.Sprintf("RSA %d", n), nil
		}
	}
	return "", ErrDocumentKey
}

func (DocumentKey) String() string       { return redacted }
func (DocumentKey) GoString() string     { return redacted }
func (DocumentKey) LogValue() slog.Value { return slog.StringValue(redacted) }
func (DocumentKey) MarshalText() ([]byte, error) {
	return nil, errors.New("a document key is not text")
}

// documentSigner hides the private key behind crypto.Signer.
type documentSigner DocumentKey

func (s documentSigner) Public() crypto.PublicKey { return s.private.Public() }
func (s documentSigner) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.private.Sign(r, digest, opts)
}
func (documentSigner) String() string       { return redacted }
func (documentSigner) GoString() string     { return redacted }
func (documentSigner) LogValue() slog.Value { return slog.StringValue(redacted) }
