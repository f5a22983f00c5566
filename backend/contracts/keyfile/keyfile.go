// Package keyfile reads what certification authorities hand out: a key with its certificates
// in one file under a password (PKCS #12, RFC 7292; .p12 and .pfx).
package keyfile

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"

	"roundtable/backend/contracts/pades"
)

// maxFile bounds a file; one with a chain of five certificates is some 10 KiB.
const maxFile = 1 << 20

var (
	// ErrPassword says that the password is another one.
	ErrPassword = errors.New("the password is wrong")
	// ErrUnreadable says that the file is none, or holds something that is not known here.
	ErrUnreadable = errors.New("the key file cannot be read")
)

// Open reads a key and its certificates. The chain begins with the certificate of the key and goes on as far as
// the file has it. Whether the key may sign, [pades.Sign] says.
// Errors: ErrPassword, ErrUnreadable.
func Open(data []byte, password string) (pades.Identity, error) {
	if len(data) > maxFile {
		return pades.Identity{}, fmt.Errorf("%w: %d bytes", ErrUnreadable, len(data))
	}
	if tooDear(data, 0) {
		return pades.Identity{}, fmt.Errorf("%w: it asks for too much work", ErrUnreadable)
	}
	private, leaf, others, err := pkcs12.DecodeChain(data, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return pades.Identity{}, ErrPassword
	case err != nil:
		return pades.Identity{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	signer, is := private.(crypto.Signer)
	if !is || leaf == nil {
		return pades.Identity{}, fmt.Errorf("%w: a key of kind %T", ErrUnreadable, private)
	}
	return pades.Identity{Key: signer, Chain: ordered(leaf, others)}, nil
}

// ordered puts certificates into the order in which each vouches for the one before it.
func ordered(leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	chain := []*x509.Certificate{leaf}
	for range others {
		last := chain[len(chain)-1]
		for _, c := range others {
			if !c.Equal(last) && last.CheckSignatureFrom(c) == nil {
				chain = append(chain, c)
				break
			}
		}
		if chain[len(chain)-1] == last {
			break
		}
	}
	return chain
}
