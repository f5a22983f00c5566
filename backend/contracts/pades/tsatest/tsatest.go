// Package tsatest is a time-stamp authority for tests (RFC 3161), made apart from the client.
package tsatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"
)

// Authority answers on loopback. Its fields may be changed before it is asked.
type Authority struct {
	URL  string
	Root *x509.Certificate
	// Now is its clock.
	Now func() time.Time
	// Refuse, WrongNonce, WrongImprint and Usage make it a bad one; Usage is set by NewWith.
	Refuse, WrongNonce, WrongImprint bool
	Asked                            int

	leaf *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New starts an authority that is honest.
func New(t *testing.T) *Authority {
	return NewWith(t, pkix.Extension{
		Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
		// SEQUENCE { 1.3.6.1.5.5.7.3.8 }
		Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 8},
	})
}

// NewWith starts one whose key is for something else.
func NewWith(t *testing.T, usage pkix.Extension) *Authority {
	t.Helper()
	a := &Authority{Now: time.Now}
	rootKey := key(t)
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	a.Root = certificate(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test TSA Root"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, rootKey, rootKey)
	a.key = key(t)
	a.leaf = certificate(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test TSA"}, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{usage},
	}, a.Root, a.key, rootKey)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(a.answer), ReadHeaderTimeout: time.Minute}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	a.URL = "http://" + l.Addr().String()
	return a
}

// Pool is for clients that trust it.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

func key(t *testing.T) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func certificate(t *testing.T, c, by *x509.Certificate, key, byKey *ecdsa.PrivateKey) *x509.Certificate {
	if by == nil {
		by = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), byKey)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	a.Asked++
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	var q struct {
		Version int
		Imprint struct {
			Digest pkix.AlgorithmIdentifier
			Value  []byte
		}
		Nonce *big.Int
		Certs bool
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	if _, err := asn1.Unmarshal(body, &q); err != nil || a.Refuse {
		w.Write(must(asn1.Marshal(struct{ Status struct{ Status int } }{struct{ Status int }{2}})))
		return
	}
	if a.WrongNonce {
		q.Nonce.Add(q.Nonce, big.NewInt(1))
	}
	if a.WrongImprint {
		q.Imprint.Value[0]++
	}
	info := must(asn1.Marshal(struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint any
		Serial  *big.Int
		At      time.Time `asn1:"generalized"`
		Nonce   *big.Int
	}{1, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, q.Imprint, big.NewInt(int64(a.Asked)), a.Now().UTC().Truncate(time.Second), q.Nonce}))
	w.Write(must(asn1.Marshal(struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}{Token: asn1.RawValue{FullBytes: a.token(info)}})))
}

// token signs (RFC 5652).
func (a *Authority) token(info []byte) []byte {
	oid := func(n ...int) asn1.ObjectIdentifier { return n }
	id, sha, ec := oid(1, 2, 840, 113549, 1, 9, 16, 1, 4), oid(2, 16, 840, 1, 101, 3, 4, 2, 1), oid(1, 2, 840, 10045, 4, 3, 2)
	type attribute struct {
		Type   asn1.ObjectIdentifier
		Values []any `asn1:"set"`
	}
	sum, name := sha256.Sum256(info), sha256.Sum256(a.leaf.Raw)
	var all [][]byte
	for _, at := range []attribute{
		{oid(1, 2, 840, 113549, 1, 9, 3), []any{id}},
		{oid(1, 2, 840, 113549, 1, 9, 4), []any{sum[:]}},
		{oid(1, 2, 840, 113549, 1, 9, 16, 2, 47), []any{struct{ IDs []struct{ Hash []byte } }{[]struct{ Hash []byte }{{name[:]}}}}},
	} {
		all = append(all, must(asn1.Marshal(at)))
	}
	slices.SortFunc(all, slices.Compare)
	attributes := slices.Concat(all...)
	signed := must(asn1.Marshal(asn1.RawValue{Tag: 17, IsCompound: true, Bytes: attributes}))
	h := sha256.Sum256(signed)
	value := must(a.key.Sign(rand.Reader, h[:], crypto.SHA256))
	digest := pkix.AlgorithmIdentifier{Algorithm: sha}
	data := must(asn1.Marshal(struct {
		Version int
		Digests []pkix.AlgorithmIdentifier `asn1:"set"`
		Content any
		Certs   asn1.RawValue
		Signers []any `asn1:"set"`
	}{
		3, []pkix.AlgorithmIdentifier{digest},
		struct {
			Type    asn1.ObjectIdentifier
			Content []byte `asn1:"explicit,tag:0"`
		}{id, info},
		asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: a.leaf.Raw},
		[]any{struct {
			Version int
			ID      any
			Digest  pkix.AlgorithmIdentifier
			Signed  asn1.RawValue
			Algo    pkix.AlgorithmIdentifier
			Value   []byte
		}{
			1, struct {
				Issuer asn1.RawValue
				Serial *big.Int
			}{asn1.RawValue{FullBytes: a.leaf.RawIssuer}, a.leaf.SerialNumber},
			digest, asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: attributes}, pkix.AlgorithmIdentifier{Algorithm: ec}, value,
		}},
	}))
	return must(asn1.Marshal(struct {
		Type asn1.ObjectIdentifier
		Data asn1.RawValue
	}{oid(1, 2, 840, 113549, 1, 7, 2), asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: data}}))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
