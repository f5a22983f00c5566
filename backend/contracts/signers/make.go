package signers

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/contracts/keyfile"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// MinPassword and MaxPassword bound a password, in characters.
const (
	MinPassword = 6
	MaxPassword = 1024
)

// maxKeys bounds the keys of a profile.
const maxKeys = 500

// Wanted is the key to be made.
type Wanted struct {
	Kind      Kind
	Workspace wire.SpaceID
	// Person is whom the request for a certificate names.
	Person wire.PersonID
	// Algorithm is key.P256 when empty.
	Algorithm key.DocumentAlgorithm
	// SealID (up to 32 bytes in hexadecimal) and Outlines are those of the seal, for Kind Seal.
	SealID   string
	Outlines [32]byte
	// Certify, if it is there, gives the certificates of the new key before anything is kept: those of a root. What it returns as
	// error, the caller gets, and no key is kept. The signer is not to be used afterwards.
	Certify func(crypto.Signer) ([]*x509.Certificate, error)
}

// Make makes a key. Errors: errcode.PassphraseTooShort (min), errcode.InvalidArgument, errcode.DiskFull.
func (s *Signers) Make(ctx context.Context, w Wanted, password string) (Info, error) {
	if w.Algorithm == "" {
		w.Algorithm = key.P256
	}
	if err := checkPassword(password); err != nil {
		return Info{}, err
	}
	k, err := key.NewDocumentKey(w.Algorithm)
	if err != nil {
		return Info{}, errcode.With(errcode.InvalidArgument, err)
	}
	return s.add(ctx, w, k, nil, password)
}

// Import takes the key of a certification authority (PKCS #12) with its certificates. Errors: errcode.KeyFilePassword,
// errcode.KeyFileInvalid, errcode.KeyFileKnown (it is here already), errcode.PassphraseTooShort (min), errcode.DiskFull.
func (s *Signers) Import(ctx context.Context, w Wanted, data []byte, filePassword, password string) (Info, error) {
	if err := checkPassword(password); err != nil {
		return Info{}, err
	}
	identity, err := keyfile.Open(data, filePassword)
	switch {
	case errors.Is(err, keyfile.ErrPassword):
		return Info{}, errcode.KeyFilePassword
	case err != nil:
		return Info{}, errcode.With(errcode.KeyFileInvalid, err)
	}
	k, err := key.DocumentKeyFrom(identity.Key)
	if err != nil {
		return Info{}, errcode.With(errcode.KeyFileInvalid, err)
	}
	w.Kind = Imported
	chain := identity.Chain
	if len(chain) > maxChain {
		chain = chain[:maxChain]
	}
	for _, have := range s.List() {
		if string(have.Public) == string(chain[0].RawSubjectPublicKeyInfo) {
			return Info{}, errcode.KeyFileKnown
		}
	}
	return s.add(ctx, w, k, chain, password)
}

// add seals a key and keeps it.
func (s *Signers) add(ctx context.Context, w Wanted, k key.DocumentKey, chain []*x509.Certificate, password string) (Info, error) {
	f, err := begin(w, k)
	if err != nil {
		return Info{}, err
	}
	f.Made = s.clock.Now().UnixMilli()
	if w.Certify != nil {
		if chain, err = w.Certify(k.Signer()); err != nil {
			return Info{}, err
		}
	}
	for _, c := range chain {
		f.Chain = append(f.Chain, c.Raw)
	}
	if len(s.List()) >= maxKeys {
		return Info{}, errcode.Of(errcode.InvalidArgument, "max", maxKeys)
	}
	if err := s.close(ctx, &f, k, password, nil); err != nil {
		return Info{}, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, _, err := decode(f.encode()); err != nil { // what would not be read again is not written
		return Info{}, errors.Join(errcode.With(errcode.InvalidArgument, err), s.forget(ctx, f.Account))
	}
	info, err := s.keep(f)
	if err != nil {
		return Info{}, errors.Join(err, s.forget(ctx, f.Account))
	}
	return info, nil
}

// begin fills in what is public of a new key.
func begin(w Wanted, k key.DocumentKey) (f file, err error) {
	f = file{Version: fileVersion, ID: [16]byte(wire.Random(16)), Kind: w.Kind, Workspace: w.Workspace}
	if w.Kind == Seal {
		if f.Seal, err = hex.DecodeString(w.SealID); err != nil || len(f.Seal) == 0 {
			return f, errcode.InvalidArgument
		}
		f.Outlines = w.Outlines[:]
	}
	signer := k.Signer()
	if f.Public, err = x509.MarshalPKIXPublicKey(signer.Public()); err != nil {
		return f, fmt.Errorf("encode public key: %w", err)
	}
	f.Request, err = x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "Roundtable", SerialNumber: w.Person.String()},
	}, signer)
	if err != nil {
		return f, fmt.Errorf("make request for a certificate: %w", err)
	}
	return f, nil
}

// close puts a key into the box of a file, under a new lock. A secret that is there already is used again, so that the old file
// and the new one can both be opened; without one a new one is put into the keychain, where that works.
func (s *Signers) close(ctx context.Context, f *file, k key.DocumentKey, password string, secret []byte) error {
	plain, err := k.Bytes()
	if err != nil {
		return fmt.Errorf("encode private key: %w", err)
	}
	defer clear(plain)
	if f.Account == "" && s.ring.Works() {
		account, fresh := hex.EncodeToString(wire.Random(16)), wire.Random(key.LockSecret)
		if err := s.ring.Put(ctx, account, fresh); err != nil {
			s.log.Warn("keychain keeps no secret of a signing key", "err", err)
		} else {
			f.Account, secret = account, fresh
		}
	}
	l := key.NewLock(s.logN)
	f.LogN, f.Salt = l.LogN, l.Salt
	box, err := s.derive(ctx, f, password, secret)
	if err != nil {
		return err
	}
	f.Box = box.Seal(f.header(), plain)
	return nil
}

func (s *Signers) forget(ctx context.Context, account string) error {
	if account == "" {
		return nil
	}
	return s.ring.Delete(ctx, account)
}

func checkPassword(password string) error {
	switch n := utf8.RuneCount(norm.NFC.Bytes([]byte(password))); {
	case n < MinPassword:
		return errcode.Of(errcode.PassphraseTooShort, "min", MinPassword)
	case n > MaxPassword:
		return errcode.InvalidArgument
	}
	return nil
}
