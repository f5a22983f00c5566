package pades_test

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

// office has a certificate authority and people with keys.
type office struct {
	root *x509.Certificate
	key  crypto.Signer
}

func newOffice(t *testing.T) *office {
	o := &office{key: p256(t)}
	o.root = issue(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"北京远山科技有限公司"}, CommonName: "远山 Root"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, o.key, o.key)
	return o
}

func (o *office) person(t *testing.T, name string, key crypto.Signer) pades.Identity {
	c := issue(t, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}, o.root, key, o.key)
	return pades.Identity{Key: key, Chain: []*x509.Certificate{c, o.root}}
}

func p256(t *testing.T) crypto.Signer { return curve(t, elliptic.P256()) }

func curve(t *testing.T, c elliptic.Curve) crypto.Signer {
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsa2048(t *testing.T) crypto.Signer {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func issue(t *testing.T, c, by *x509.Certificate, key, byKey crypto.Signer) *x509.Certificate {
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
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

// sample reads a file of testdata.
func sample(t *testing.T, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func open(t *testing.T, data []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// signed signs and looks whether the original is the beginning of what came out.
func signed(t *testing.T, data []byte, id pades.Identity, r pades.Request) []byte {
	t.Helper()
	var out bytes.Buffer
	result, err := pades.Sign(t.Context(), open(t, data), &out, id, r)
	if err != nil {
		t.Fatal(err)
	}
	if result.Size != int64(out.Len()) || !bytes.HasPrefix(out.Bytes(), data) {
		t.Fatal("the original was changed")
	}
	if r.Authority != nil && result.Stamp == nil {
		t.Error("no stamp")
	}
	return out.Bytes()
}

// look is a drawing that can be told from others: a frame with a cross.
func look() *pades.Look {
	return &pades.Look{Width: 120, Height: 40, Content: []byte("0.8 0 0 RG 2 w 1 1 118 38 re S 1 1 m 119 39 l 119 1 m 1 39 l S")}
}
