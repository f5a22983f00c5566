package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// TimeStamp is what a token says (RFC 3161, 2.4.2).
type TimeStamp struct {
	// At is the authority's time, and Accuracy how far it may be off (0: nothing is said).
	At       time.Time
	Accuracy time.Duration
	Policy   asn1.ObjectIdentifier
	Serial   *big.Int
	Nonce    *big.Int // nil if there is none
	// Hash and Imprint are what was stamped.
	Hash    crypto.Hash
	Imprint []byte
	// Authority is the certificate whose key signed it, and Token all that came with it. Whether
	// the authority is trusted is the caller's to find out.
	Authority *x509.Certificate
	Token     *SignedData
}

type tstInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Digest pkix.AlgorithmIdentifier
		Value  []byte
	}
	Serial     *big.Int
	At         time.Time        `asn1:"generalized"`
	Accuracy   accuracy         `asn1:"optional"`
	Ordering   bool             `asn1:"optional"`
	Nonce      *big.Int         `asn1:"optional"`
	TSA        asn1.RawValue    `asn1:"optional,tag:0"`
	Extensions []pkix.Extension `asn1:"optional,tag:1"`
}

type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

// ParseTimeStamp reads a token and checks its signature, and that its key is for nothing but
// time stamps (RFC 3161, 2.3). It does not check whether the authority is trusted.
func ParseTimeStamp(der []byte) (*TimeStamp, error) {
	d, err := Parse(der)
	if err != nil {
		return nil, err
	}
	if !d.ContentType.Equal(OIDTSTInfo) || len(d.Signers) != 1 {
		return nil, fmt.Errorf("%w: no time stamp", ErrMalformed)
	}
	var info tstInfo
	if rest, err := asn1.Unmarshal(d.Content, &info); err != nil || len(rest) > 0 || info.Version != 1 {
		return nil, fmt.Errorf("%w: no time stamp", ErrMalformed)
	}
	t := &TimeStamp{
		At: info.At, Policy: info.Policy, Serial: info.Serial, Nonce: info.Nonce,
		Hash: HashOf(info.Imprint.Digest.Algorithm), Imprint: info.Imprint.Value, Token: d,
		Accuracy: time.Duration(info.Accuracy.Seconds)*time.Second + time.Duration(info.Accuracy.Millis)*time.Millisecond +
			time.Duration(info.Accuracy.Micros)*time.Microsecond,
	}
	if t.Hash == 0 || len(t.Imprint) != t.Hash.Size() {
		return nil, fmt.Errorf("%w: imprint by %s", ErrUnknownAlgorithm, info.Imprint.Digest.Algorithm)
	}
	signer := d.Signers[0]
	c, ok := d.Certificate(signer)
	if !ok {
		return nil, fmt.Errorf("%w: the authority's certificate is missing", ErrMalformed)
	}
	if !signer.Binds() {
		return nil, fmt.Errorf("%w: the token names no certificate", ErrMalformed)
	}
	h, err := signer.DigestOf()
	if err != nil {
		return nil, err
	}
	with := h.New()
	with.Write(d.Content)
	if err := signer.Check(c, with.Sum(nil), OIDTSTInfo); err != nil {
		return nil, err
	}
	if !stampsOnly(c) {
		return nil, fmt.Errorf("%w: the key is not one for time stamps", ErrBroken)
	}
	t.Authority = c
	return t, nil
}

// Stamps says whether the token is about these bytes' digest, by the token's own hash.
func (t *TimeStamp) Stamps(imprint []byte) bool { return bytes.Equal(t.Imprint, imprint) }

// stampsOnly says whether a certificate's extended key usage is critical and nothing but time stamping.
func stampsOnly(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return false
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage) {
			return e.Critical
		}
	}
	return false
}
