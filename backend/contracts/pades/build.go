package pades

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for keys on P-384
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"roundtable/backend/contracts/cms"
)

// minRSA is the smallest RSA key that signs here, in bits (ETSI TS 119 312).
const minRSA = 2048

// ErrKey says that a key cannot sign: of a kind or a size that readers refuse, or not that of its certificate.
var ErrKey = errors.New("the key cannot sign")

// Identity is what somebody signs with.
type Identity struct {
	Key crypto.Signer
	// Chain begins with the certificate of the key and goes on with those above it; the root may be left out.
	Chain []*x509.Certificate
}

// algorithms of an identity's key.
type algorithms struct {
	hash   crypto.Hash
	digest asn1.ObjectIdentifier
	value  pkix.AlgorithmIdentifier
	room   int // the most bytes of a signature
}

func (id Identity) algorithms() (a algorithms, err error) {
	if id.Key == nil || len(id.Chain) == 0 {
		return a, fmt.Errorf("%w: no key or no certificate", ErrKey)
	}
	public, is := id.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !is || !public.Equal(id.Chain[0].PublicKey) {
		return a, fmt.Errorf("%w: the certificate is of another one", ErrKey)
	}
	null := asn1.RawValue{FullBytes: []byte{5, 0}}
	switch key := id.Key.Public().(type) {
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return algorithms{crypto.SHA256, cms.OIDSHA256, pkix.AlgorithmIdentifier{Algorithm: cms.OIDECDSAWithSHA256}, 72}, nil
		case elliptic.P384():
			return algorithms{crypto.SHA384, cms.OIDSHA384, pkix.AlgorithmIdentifier{Algorithm: cms.OIDECDSAWithSHA384}, 104}, nil
		}
		return a, fmt.Errorf("%w: curve %s", ErrKey, key.Curve.Params().Name)
	case *rsa.PublicKey:
		if key.Size()*8 < minRSA {
			return a, fmt.Errorf("%w: RSA of %d bits", ErrKey, key.Size()*8)
		}
		return algorithms{
			crypto.SHA256, cms.OIDSHA256,
			pkix.AlgorithmIdentifier{Algorithm: cms.OIDRSAWithSHA256, Parameters: null}, key.Size(),
		}, nil
	}
	return a, fmt.Errorf("%w: %T", ErrKey, id.Key.Public())
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []any `asn1:"set"`
}

// signedAttributes are those that PAdES wants (EN 319 142-1, 6.3): the type, the digest, and which
// certificate. The time is claimed in the signature's dictionary, not here.
func signedAttributes(a algorithms, c *x509.Certificate, digest []byte) ([]byte, error) {
	sum := sha256.Sum256(c.Raw)
	type issuerSerial struct {
		Issuer []asn1.RawValue
		Serial asn1.RawValue
	}
	serial, err := asn1.Marshal(c.SerialNumber)
	if err != nil {
		return nil, fmt.Errorf("encode serial: %w", err)
	}
	type certID struct {
		Hash   []byte // SHA-256 is the default, and a default is not written
		Issuer issuerSerial
	}
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawIssuer}
	named := struct{ IDs []certID }{[]certID{{sum[:], issuerSerial{[]asn1.RawValue{name}, asn1.RawValue{FullBytes: serial}}}}}
	return set([]attribute{
		{cms.OIDContentType, []any{cms.OIDData}},
		{cms.OIDMessageDigest, []any{digest}},
		{cms.OIDSigningCertV2, []any{named}},
	})
}

// set writes attributes in the order that DER wants of a set, without the set's own head.
func set(list []attribute) (out []byte, err error) {
	var all [][]byte
	for _, a := range list {
		one, err := asn1.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("encode attribute %s: %w", a.Type, err)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(all, nil), nil
}

// tagged puts a head before contents.
func tagged(class, tag int, contents []byte) asn1.RawValue {
	return asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: contents}
}

// sign makes the signature's value over attributes.
func (id Identity) sign(a algorithms, attributes []byte) ([]byte, error) {
	signed, err := asn1.Marshal(tagged(asn1.ClassUniversal, asn1.TagSet, attributes))
	if err != nil {
		return nil, fmt.Errorf("encode attributes: %w", err)
	}
	h := a.hash.New()
	h.Write(signed)
	value, err := id.Key.Sign(rand.Reader, h.Sum(nil), a.hash)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return value, nil
}

// message puts signed data together. unsigned are attributes' bytes, or nothing.
func (id Identity) message(a algorithms, attributes, value, unsigned []byte) ([]byte, error) {
	type issuerAndSerial struct {
		Issuer asn1.RawValue
		Serial any
	}
	type signerInfo struct {
		Version  int
		ID       issuerAndSerial
		Digest   pkix.AlgorithmIdentifier
		Signed   asn1.RawValue
		Algo     pkix.AlgorithmIdentifier
		Value    []byte
		Unsigned asn1.RawValue `asn1:"optional"`
	}
	type content struct{ Type asn1.ObjectIdentifier }
	type signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      content
		Certificates asn1.RawValue
		Signers      []signerInfo `asn1:"set"`
	}
	leaf := id.Chain[0]
	digest := pkix.AlgorithmIdentifier{Algorithm: a.digest}
	signer := signerInfo{
		Version: 1, Digest: digest, Algo: a.value, Value: value,
		ID:     issuerAndSerial{asn1.RawValue{FullBytes: leaf.RawIssuer}, leaf.SerialNumber},
		Signed: tagged(asn1.ClassContextSpecific, 0, attributes),
	}
	if len(unsigned) > 0 {
		signer.Unsigned = tagged(asn1.ClassContextSpecific, 1, unsigned)
	}
	data, err := asn1.Marshal(signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{digest}, Content: content{cms.OIDData},
		Certificates: tagged(asn1.ClassContextSpecific, 0, id.certificates()), Signers: []signerInfo{signer},
	})
	if err != nil {
		return nil, fmt.Errorf("encode signed data: %w", err)
	}
	type contentInfo struct {
		Type asn1.ObjectIdentifier
		Data asn1.RawValue
	}
	out, err := asn1.Marshal(contentInfo{cms.OIDSignedData, tagged(asn1.ClassContextSpecific, 0, data)})
	if err != nil {
		return nil, fmt.Errorf("encode signed data: %w", err)
	}
	return out, nil
}

// certificates are those of the chain in the order of DER's sets.
func (id Identity) certificates() []byte {
	var all [][]byte
	for _, c := range id.Chain {
		all = append(all, c.Raw)
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(all, nil)
}
