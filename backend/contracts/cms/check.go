package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha1" // read only: old signatures use it, and are said to
	"crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// DigestOf is the digest that a signature is over: of the content, or of its attributes.
func (s Signer) DigestOf() (crypto.Hash, error) {
	h := HashOf(s.Digest.Algorithm)
	if h == 0 {
		return 0, fmt.Errorf("%w: digest %s", ErrUnknownAlgorithm, s.Digest.Algorithm)
	}
	return h, nil
}

// Check says whether a signature is made with a certificate's key over content with this digest
// (by the hash of [Signer.DigestOf]) and of this type. It says nothing about the certificate.
func (s Signer) Check(c *x509.Certificate, digest []byte, content asn1.ObjectIdentifier) error {
	h, err := s.DigestOf()
	if err != nil {
		return err
	}
	sum := digest
	if s.Present {
		if err := s.attributesFit(digest, content); err != nil {
			return err
		}
		if err := s.namesCertificate(c); err != nil {
			return err
		}
		with := h.New()
		with.Write(s.signed)
		sum = with.Sum(nil)
	} else if !content.Equal(OIDData) {
		return fmt.Errorf("%w: no signed attributes", ErrMalformed) // RFC 5652, 5.3
	}
	return checkValue(c.PublicKey, s.Algo, h, sum, s.Value)
}

func (s Signer) attributesFit(digest []byte, content asn1.ObjectIdentifier) error {
	v, ok := s.Signed.Get(OIDMessageDigest)
	if !ok || v.Class != asn1.ClassUniversal || v.Tag != asn1.TagOctetString {
		return fmt.Errorf("%w: no digest is signed", ErrMalformed)
	}
	if !bytes.Equal(v.Bytes, digest) {
		return ErrChanged
	}
	var kind asn1.ObjectIdentifier
	if v, ok = s.Signed.Get(OIDContentType); !ok {
		return fmt.Errorf("%w: no content type is signed", ErrMalformed)
	}
	if rest, err := asn1.Unmarshal(v.FullBytes, &kind); err != nil || len(rest) > 0 || !kind.Equal(content) {
		return fmt.Errorf("%w: of another type of content", ErrBroken)
	}
	return nil
}

// essCertID is ESSCertIDv2, and ESSCertID without an algorithm (RFC 5035, 4 and 5).
type essCertID struct {
	Digest pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash   []byte
	Rest   asn1.RawValue `asn1:"optional"`
}

// namesCertificate checks the attribute that binds a signature to one certificate, if it is
// there: without it another certificate of the same key could be put in its place.
func (s Signer) namesCertificate(c *x509.Certificate) error {
	old := false
	v, ok := s.Signed.Get(OIDSigningCertV2)
	if !ok {
		if v, old = s.Signed.Get(OIDSigningCert); !old {
			return nil
		}
	}
	var list struct {
		IDs      []asn1.RawValue
		Policies asn1.RawValue `asn1:"optional"`
	}
	if rest, err := asn1.Unmarshal(v.FullBytes, &list); err != nil || len(rest) > 0 || len(list.IDs) == 0 {
		return fmt.Errorf("%w: name of the certificate", ErrMalformed)
	}
	var id essCertID
	if rest, err := asn1.Unmarshal(list.IDs[0].FullBytes, &id); err != nil || len(rest) > 0 {
		return fmt.Errorf("%w: name of the certificate", ErrMalformed)
	}
	h := crypto.SHA256
	switch {
	case old:
		h = crypto.SHA1
	case len(id.Digest.Algorithm) > 0:
		if h = HashOf(id.Digest.Algorithm); h == 0 {
			return fmt.Errorf("%w: digest %s", ErrUnknownAlgorithm, id.Digest.Algorithm)
		}
	}
	with := h.New()
	with.Write(c.Raw)
	if !bytes.Equal(with.Sum(nil), id.Hash) {
		return ErrOtherCertificate
	}
	return nil
}

// Binds says whether the certificate is named under the signature (PAdES asks for it).
func (s Signer) Binds() bool {
	_, v2 := s.Signed.Get(OIDSigningCertV2)
	_, v1 := s.Signed.Get(OIDSigningCert)
	return v1 || v2
}

func checkValue(key any, algo pkix.AlgorithmIdentifier, h crypto.Hash, sum, value []byte) error {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if !algo.Algorithm.Equal(OIDECPublicKey) {
			want := map[crypto.Hash]asn1.ObjectIdentifier{
				crypto.SHA256: OIDECDSAWithSHA256, crypto.SHA384: OIDECDSAWithSHA384, crypto.SHA512: OIDECDSAWithSHA512,
			}[h]
			if len(want) == 0 || !algo.Algorithm.Equal(want) {
				return fmt.Errorf("%w: %s", ErrUnknownAlgorithm, algo.Algorithm)
			}
		}
		if !ecdsa.VerifyASN1(key, sum, value) {
			return fmt.Errorf("%w: value", ErrBroken)
		}
		return nil
	case *rsa.PublicKey:
		return checkRSA(key, algo, h, sum, value)
	}
	return fmt.Errorf("%w: %T", ErrUnknownAlgorithm, key)
}

func checkRSA(key *rsa.PublicKey, algo pkix.AlgorithmIdentifier, h crypto.Hash, sum, value []byte) error {
	if algo.Algorithm.Equal(OIDRSAPSS) {
		if err := pssFits(algo, h); err != nil {
			return err
		}
		if rsa.VerifyPSS(key, h, sum, value, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: h}) != nil {
			return fmt.Errorf("%w: value", ErrBroken)
		}
		return nil
	}
	want := map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.SHA1: OIDRSAWithSHA1, crypto.SHA256: OIDRSAWithSHA256, crypto.SHA384: OIDRSAWithSHA384, crypto.SHA512: OIDRSAWithSHA512,
	}[h]
	if !algo.Algorithm.Equal(OIDRSA) && !algo.Algorithm.Equal(want) {
		return fmt.Errorf("%w: %s", ErrUnknownAlgorithm, algo.Algorithm)
	}
	if rsa.VerifyPKCS1v15(key, h, sum, value) != nil {
		return fmt.Errorf("%w: value", ErrBroken)
	}
	return nil
}

// pssFits checks the parameters of RSASSA-PSS: one digest for all of it (RFC 8017, A.2.3).
func pssFits(algo pkix.AlgorithmIdentifier, h crypto.Hash) error {
	var p struct {
		Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0,optional"`
		MGF  pkix.AlgorithmIdentifier `asn1:"explicit,tag:1,optional"`
		Salt int                      `asn1:"explicit,tag:2,optional,default:20"`
		Tail int                      `asn1:"explicit,tag:3,optional,default:1"`
	}
	if rest, err := asn1.Unmarshal(algo.Parameters.FullBytes, &p); err != nil || len(rest) > 0 || p.Tail != 1 {
		return fmt.Errorf("%w: parameters of PSS", ErrMalformed)
	}
	var inner pkix.AlgorithmIdentifier
	if HashOf(p.Hash.Algorithm) != h || !p.MGF.Algorithm.Equal(oidMaskGeneration1) {
		return fmt.Errorf("%w: PSS with two digests", ErrUnknownAlgorithm)
	}
	if _, err := asn1.Unmarshal(p.MGF.Parameters.FullBytes, &inner); err != nil || HashOf(inner.Algorithm) != h {
		return fmt.Errorf("%w: PSS with two digests", ErrUnknownAlgorithm)
	}
	return nil
}

// Fingerprint is the SHA-256 of a certificate.
func Fingerprint(c *x509.Certificate) [32]byte { return sha256.Sum256(c.Raw) }
