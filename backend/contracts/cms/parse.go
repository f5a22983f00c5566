package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

var (
	// ErrMalformed says that the bytes are no signed data that this package reads.
	ErrMalformed = errors.New("malformed signed data")
	// ErrUnknownAlgorithm says that a digest or signature algorithm is not known here, such as
	// China's SM2 and SM3: the signature may be good.
	ErrUnknownAlgorithm = errors.New("unknown signature algorithm")
	// ErrBroken says that a signature does not fit what it signs.
	ErrBroken = errors.New("the signature does not fit")
	// ErrChanged says that the content is not the one that was signed.
	ErrChanged = errors.New("the content was changed")
	// ErrOtherCertificate says that the signature names another certificate than the one given.
	ErrOtherCertificate = errors.New("the signature names another certificate")
)

// What signed data may hold. That of a contract is some 4 to 20 KiB.
const (
	maxSize         = 8 << 20
	maxCertificates = 64
	maxSigners      = 8
	maxAttributes   = 64
)

// SignedData is what RFC 5652, 5.1 calls so.
type SignedData struct {
	// ContentType is what kind of content is signed.
	ContentType asn1.ObjectIdentifier
	// Content is the content if it is within; a signature of a PDF has none.
	Content []byte
	// Certificates are all that were sent along and can be read, in no order and not trusted.
	Certificates []*x509.Certificate
	// Unreadable counts those that cannot be read.
	Unreadable int
	// CRLs are lists of revoked certificates that were sent along, in DER.
	CRLs    [][]byte
	Signers []Signer
}

// Signer is one signature (RFC 5652, 5.3).
type Signer struct {
	Issuer  []byte // the name, in DER; empty if KeyID names the certificate
	Serial  *big.Int
	KeyID   []byte
	Digest  pkix.AlgorithmIdentifier
	Algo    pkix.AlgorithmIdentifier
	Value   []byte
	Signed  Attributes
	Present bool // signed attributes are there
	// Unsigned attributes are nothing that the signer stands for.
	Unsigned Attributes
	signed   []byte // the attributes as they are signed: with the tag of a set
}

// Attributes maps types to their values, each in DER (RFC 5652, 5.3).
type Attributes map[string][]asn1.RawValue

// Get gives the only value of an attribute. None, or several, are not ok.
func (a Attributes) Get(id asn1.ObjectIdentifier) (asn1.RawValue, bool) {
	v := a[id.String()]
	if len(v) != 1 {
		return asn1.RawValue{}, false
	}
	return v[0], true
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      asn1.RawValue `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue   `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue   `asn1:"optional,tag:1"`
	Signers      []asn1.RawValue `asn1:"set"`
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"optional,explicit,tag:0"`
}

type signerInfo struct {
	Version  int
	ID       asn1.RawValue
	Digest   pkix.AlgorithmIdentifier
	Signed   asn1.RawValue `asn1:"optional,tag:0"`
	Algo     pkix.AlgorithmIdentifier
	Value    []byte
	Unsigned asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

// Parse reads signed data. Zeros behind it are allowed: a PDF leaves room. So are lengths that
// are not said at the beginning, which programs write though PDF asks for DER.
func Parse(der []byte) (*SignedData, error) {
	if len(der) > maxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(der))
	}
	der, err := definite(der)
	if err != nil {
		return nil, err
	}
	var info contentInfo
	rest, err := asn1.Unmarshal(der, &info)
	if err != nil || len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, fmt.Errorf("%w: no content", ErrMalformed)
	}
	if !info.Type.Equal(OIDSignedData) {
		if info.Type.Equal(oidSignedDataOfSM2) {
			return nil, ErrUnknownAlgorithm
		}
		return nil, fmt.Errorf("%w: content is %s", ErrMalformed, info.Type)
	}
	var raw signedData
	if rest, err := asn1.Unmarshal(info.Content.Bytes, &raw); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: no signed data", ErrMalformed)
	}
	d := &SignedData{ContentType: raw.Content.Type}
	if len(raw.Content.Content.FullBytes) > 0 {
		if rest, err := asn1.Unmarshal(raw.Content.Content.Bytes, &d.Content); err != nil || len(rest) > 0 {
			return nil, fmt.Errorf("%w: content is no string of bytes", ErrMalformed)
		}
	}
	if err := d.certificates(raw.Certificates.Bytes); err != nil {
		return nil, err
	}
	if d.CRLs, err = list(raw.CRLs.Bytes, maxCertificates); err != nil {
		return nil, err
	}
	if len(raw.Signers) > maxSigners {
		return nil, fmt.Errorf("%w: %d signers", ErrMalformed, len(raw.Signers))
	}
	for _, one := range raw.Signers {
		s, err := parseSigner(one.FullBytes)
		if err != nil {
			return nil, err
		}
		d.Signers = append(d.Signers, s)
	}
	return d, nil
}

func (d *SignedData) certificates(der []byte) error {
	all, err := list(der, maxCertificates)
	if err != nil {
		return err
	}
	for _, one := range all {
		c, err := x509.ParseCertificate(one)
		if err != nil {
			d.Unreadable++
			continue
		}
		d.Certificates = append(d.Certificates, c)
	}
	return nil
}

// list cuts a set's bytes into its elements.
func list(der []byte, most int) (out [][]byte, err error) {
	for len(der) > 0 {
		var one asn1.RawValue
		if der, err = asn1.Unmarshal(der, &one); err != nil || len(out) >= most {
			return nil, fmt.Errorf("%w: a set", ErrMalformed)
		}
		out = append(out, one.FullBytes)
	}
	return out, nil
}

func parseSigner(der []byte) (s Signer, err error) {
	var raw signerInfo
	if rest, err := asn1.Unmarshal(der, &raw); err != nil || len(rest) > 0 {
		return s, fmt.Errorf("%w: signer", ErrMalformed)
	}
	s = Signer{Digest: raw.Digest, Algo: raw.Algo, Value: raw.Value}
	switch {
	case raw.ID.Class == asn1.ClassContextSpecific && raw.ID.Tag == 0:
		s.KeyID = raw.ID.Bytes
	default:
		var id issuerAndSerial
		if rest, err := asn1.Unmarshal(raw.ID.FullBytes, &id); err != nil || len(rest) > 0 {
			return s, fmt.Errorf("%w: name of the signer", ErrMalformed)
		}
		s.Issuer, s.Serial = id.Issuer.FullBytes, id.Serial
	}
	if s.Present = len(raw.Signed.FullBytes) > 0; s.Present {
		// They are signed as a set, and sent with a tag of their own (RFC 5652, 5.4).
		s.signed = append([]byte{0x31}, raw.Signed.FullBytes[1:]...)
		if s.Signed, err = parseAttributes(raw.Signed.Bytes); err != nil {
			return s, err
		}
	}
	s.Unsigned, err = parseAttributes(raw.Unsigned.Bytes)
	return s, err
}

func parseAttributes(der []byte) (Attributes, error) {
	all, err := list(der, maxAttributes)
	if err != nil {
		return nil, err
	}
	out := Attributes{}
	for _, one := range all {
		var a struct {
			Type   asn1.ObjectIdentifier
			Values []asn1.RawValue `asn1:"set"`
		}
		if rest, err := asn1.Unmarshal(one, &a); err != nil || len(rest) > 0 {
			return nil, fmt.Errorf("%w: attribute", ErrMalformed)
		}
		// One that is there twice is no attribute with several values: it is refused.
		if _, twice := out[a.Type.String()]; twice {
			return nil, fmt.Errorf("%w: attribute %s twice", ErrMalformed, a.Type)
		}
		out[a.Type.String()] = a.Values
	}
	return out, nil
}

// Certificate gives the one that a signature names.
func (d *SignedData) Certificate(s Signer) (*x509.Certificate, bool) {
	for _, c := range d.Certificates {
		if s.Serial != nil && s.Serial.Cmp(c.SerialNumber) == 0 && bytes.Equal(s.Issuer, c.RawIssuer) ||
			len(s.KeyID) > 0 && bytes.Equal(s.KeyID, c.SubjectKeyId) {
			return c, true
		}
	}
	return nil, false
}
