package signers

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"roundtable/backend/durable"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	suffix      = ".key"
	fileVersion = 1
	// maxFile bounds a file: an RSA key of 8192 bits, its request, and a chain.
	maxFile = 256 << 10
	// maxChain bounds the certificates above a key, and maxDER each of them.
	maxChain = 8
	maxDER   = 16 << 10
	maxSeal  = 32

	purposeSum = "roundtable signer file v1"
	purposeBox = "roundtable signer box v1"
)

// errFile says that a file is not what this package writes.
var errFile = errors.New("key file is damaged")

// file is what lies on disk, canonical CBOR.
type file struct {
	Version   uint8        `cbor:"1,keyasint"`
	ID        [16]byte     `cbor:"2,keyasint"`
	Kind      Kind         `cbor:"3,keyasint"`
	Workspace wire.SpaceID `cbor:"4,keyasint"`
	Seal      []byte       `cbor:"5,keyasint,omitempty"`
	Outlines  []byte       `cbor:"6,keyasint,omitempty"` // SHA-256 of what the seal draws
	Made      int64        `cbor:"7,keyasint"`           // Unix ms
	// Public is the public key (SubjectPublicKeyInfo), Request the PKCS #10 that it signed.
	Public  []byte `cbor:"8,keyasint"`
	Request []byte `cbor:"9,keyasint"`
	// Chain begins with the key's certificate; empty without one.
	Chain [][]byte `cbor:"10,keyasint,omitempty"`
	// Account is where the second secret lies in the system's keychain; "" without one.
	Account string `cbor:"11,keyasint,omitempty"`
	LogN    uint8  `cbor:"12,keyasint"`
	Salt    []byte `cbor:"13,keyasint"`
	// Box is the private key (PKCS #8), sealed.
	Box []byte `cbor:"14,keyasint"`
	// Sum is the hash of all else, so that damage is not taken for a wrong password. It is no defence against intent: the box is.
	Sum [32]byte `cbor:"15,keyasint"`
}

func (f *file) lock() key.Lock { return key.Lock{LogN: f.LogN, Salt: f.Salt} }

// header is what the box is bound to: nothing of it can be exchanged under the key.
func (f *file) header() []byte {
	return wire.MustEncode([]any{f.Version, f.ID[:], f.Kind, f.Workspace[:], f.Seal, f.Outlines, f.Public, f.Account, f.LogN, f.Salt})
}

func (f file) sum() [32]byte {
	f.Sum = [32]byte{}
	return key.Hash(purposeSum, wire.MustEncode(f))
}

func (f file) encode() []byte {
	f.Sum = f.sum()
	return wire.MustEncode(f)
}

// decode reads a file strictly, with the certificates in it. Errors: errFile.
func decode(data []byte) (file, []*x509.Certificate, error) {
	var f file
	if err := wire.Decode(data, maxFile, &f); err != nil {
		return f, nil, fmt.Errorf("%w: %w", errFile, err)
	}
	switch {
	case f.Version != fileVersion:
		return f, nil, fmt.Errorf("%w: version %d is not known to this program", errFile, f.Version)
	case f.Sum != f.sum():
		return f, nil, fmt.Errorf("%w: sum differs", errFile)
	case !f.Kind.known(), !f.lock().Valid(), len(f.Chain) > maxChain, len(f.Account) > 64, len(f.Box) == 0,
		(f.Kind == Seal) != (len(f.Seal) > 0), len(f.Seal) > maxSeal, (f.Kind == Seal) != (len(f.Outlines) == 32):
		return f, nil, fmt.Errorf("%w: fields do not fit", errFile)
	}
	public, err := x509.ParsePKIXPublicKey(f.Public)
	if err != nil {
		return f, nil, fmt.Errorf("%w: %w", errFile, err)
	}
	if _, err := key.DocumentPublic(public); err != nil {
		return f, nil, fmt.Errorf("%w: %w", errFile, err)
	}
	chain, err := parseChain(f.Chain)
	if err != nil {
		return f, nil, fmt.Errorf("%w: %w", errFile, err)
	}
	if len(chain) > 0 && !bytes.Equal(chain[0].RawSubjectPublicKeyInfo, f.Public) {
		return f, nil, fmt.Errorf("%w: certificate of another key", errFile)
	}
	return f, chain, nil
}

func parseChain(all [][]byte) (out []*x509.Certificate, err error) {
	for _, der := range all {
		if len(der) > maxDER {
			return nil, wire.ErrTooLarge
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// read loads the file of a name. Errors: errFile, and the system's.
func (s *Signers) read(name string) (file, []*x509.Certificate, error) {
	handle, err := os.Open(filepath.Join(s.folder, name))
	if err != nil {
		return file{}, nil, fmt.Errorf("read key file: %w", err)
	}
	defer handle.Close()
	data, err := io.ReadAll(io.LimitReader(handle, maxFile+1))
	if err != nil {
		return file{}, nil, fmt.Errorf("read key file: %w", err)
	}
	f, chain, err := decode(data)
	if err == nil && name != f.name() {
		err = fmt.Errorf("%w: it has another name", errFile)
	}
	return f, chain, err
}

func (f *file) id() string   { return hex.EncodeToString(f.ID[:]) }
func (f *file) name() string { return f.id() + suffix }

// write replaces a file. Errors: errcode.DiskFull, and the system's.
func (s *Signers) write(f file) error {
	return durable.Write(filepath.Join(s.folder, f.name()), 0o600, f.encode())
}
