package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pades/tsatest"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

// desk has an authority, one who signs, and whom a checker trusts.
type desk struct {
	t     *testing.T
	root  *x509.Certificate
	key   *ecdsa.PrivateKey
	li    pades.Identity
	tsa   *tsatest.Authority
	trust verify.Trust
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, key: newKey(t), tsa: tsatest.New(t)}
	d.root = d.issue(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "远山 Root"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1},
	}, nil, d.key)
	d.li = d.person("李")
	d.trust = verify.Trust{Now: time.Now(), Roots: []verify.Root{
		{Name: "远山", Certificate: d.root, Signs: true}, {Name: "authority", Certificate: d.tsa.Root, Stamps: true},
	}}
	return d
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (d *desk) person(name string) pades.Identity {
	k := newKey(d.t)
	c := d.issue(&x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
	}, d.root, k)
	return pades.Identity{Key: k, Chain: []*x509.Certificate{c, d.root}}
}

func (d *desk) issue(c, by *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	if by == nil {
		by = c
	}
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), d.key)
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// revokes makes a list that names a certificate.
func (d *desk) revokes(c *x509.Certificate, at time.Time) []byte {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)}
	if c != nil {
		list.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: c.SerialNumber, RevocationTime: at}}
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, d.root, d.key)
	if err != nil {
		d.t.Fatal(err)
	}
	return der
}

func (d *desk) signs(data []byte, r pades.Request) []byte { return d.signsAs(data, d.li, r) }

func (d *desk) signsAs(data []byte, id pades.Identity, r pades.Request) []byte {
	d.t.Helper()
	var out bytes.Buffer
	if _, err := pades.Sign(d.t.Context(), open(d.t, data), &out, id, r); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

func (d *desk) authority() *pades.Authority {
	return &pades.Authority{URL: d.tsa.URL, Roots: d.tsa.Pool()}
}

func (d *desk) checks(data []byte) *verify.Report {
	d.t.Helper()
	r, err := verify.File(bytes.NewReader(data), int64(len(data)), d.trust)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func open(t *testing.T, data []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// edits appends what somebody does to a file with a tool that knows nothing of signatures.
func edits(t *testing.T, data []byte, do func(*pdf.File, *pdf.Update)) []byte {
	t.Helper()
	f := open(t, data)
	u := f.Update()
	do(f, u)
	tail, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(data), tail...)
}

// contract is a file of two pages with a form: a text field with nothing in it, and one with a sum.
// Page 1 refers to content (object 12) that is not there.
func contract() []byte {
	var w bytes.Buffer
	at := map[int]int{}
	object := func(n int, format string, a ...any) {
		at[n] = w.Len()
		fmt.Fprintf(&w, "%d 0 obj\n"+format+"\nendobj\n", append([]any{n}, a...)...)
	}
	stream := func(n int, dict, text string) {
		object(n, "<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(text), text)
	}
	w.WriteString("%PDF-1.7\n%\xe5\xe4\xf6\xfc\n")
	object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R 10 0 R]>>>>")
	object(2, "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 595 842]>>")
	object(3, "<</Type/Page/Parent 2 0 R/Contents[5 0 R 12 0 R]/Resources<</Font<</F1 7 0 R>>>>/Annots 8 0 R>>")
	object(4, "<</Type/Page/Parent 2 0 R/Contents 6 0 R/Resources<</Font<</F1 7 0 R>>>>>>")
	stream(5, "", "BT /F1 24 Tf 72 700 Td (The price is 100) Tj ET")
	stream(6, "", "BT /F1 24 Tf 72 700 Td (Second page) Tj ET")
	object(7, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	object(8, "[9 0 R 10 0 R]")
	object(9, "<</Type/Annot/Subtype/Widget/FT/Tx/T(city)/Rect[72 600 200 620]/P 3 0 R/F 4>>")
	object(10, "<</Type/Annot/Subtype/Widget/FT/Tx/T(sum)/V(100)/Rect[72 500 200 520]/P 3 0 R/F 4/AP<</N 11 0 R>>>>")
	stream(11, "/Type/XObject/Subtype/Form/BBox[0 0 128 20]", "BT /F1 12 Tf (100) Tj ET")
	start := w.Len()
	w.WriteString("xref\n0 13\n0000000012 65535 f\r\n")
	for n := 1; n <= 11; n++ {
		fmt.Fprintf(&w, "%010d 00000 n\r\n", at[n])
	}
	w.WriteString("0000000000 00000 f\r\n")
	fmt.Fprintf(&w, "trailer\n<</Size 13/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	return w.Bytes()
}
