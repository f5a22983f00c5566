package form_test

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

// desk signs as two people of one authority.
type desk struct {
	root   *x509.Certificate
	people []pades.Identity
}

func newDesk(t *testing.T) *desk {
	key := func() crypto.Signer {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	rootKey, d := key(), &desk{}
	issue := func(c, by *x509.Certificate, k crypto.Signer) *x509.Certificate {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, c, by, k.Public(), rootKey)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "远山 Root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	d.root = issue(root, root, rootKey)
	for i, name := range []string{"李𠮷", "王五"} {
		k := key()
		c := issue(&x509.Certificate{SerialNumber: big.NewInt(int64(i + 2)), Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature}, d.root, k)
		d.people = append(d.people, pades.Identity{Key: k, Chain: []*x509.Certificate{c, d.root}})
	}
	return d
}

func (d *desk) signs(t *testing.T, data []byte, who int, r pades.Request) []byte {
	t.Helper()
	var out bytes.Buffer
	r.Look = &pades.Look{Width: 120, Height: 40, Content: []byte("0.8 0 0 RG 2 w 1 1 118 38 re S")}
	if _, err := pades.Sign(t.Context(), open(t, data), &out, d.people[who], r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, data []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sample reads a file of package pades' testdata.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "pades", "testdata", name))
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

func fields() []form.Field {
	at := func(y, w, h float64) pades.Place { return pades.Place{Page: 1, X: 60, Y: y, Width: w, Height: h} }
	return []form.Field{
		{Name: "a-sign", Kind: form.Signature, Place: at(60, 120, 40), Tooltip: "甲方签字"},
		{Name: "b-sign", Kind: form.Signature, Place: at(110, 120, 40)},
		{Name: "a-name", Kind: form.Text, Place: at(160, 90, 20), Tooltip: "姓名", MaxLength: 40},
		{Name: "b-address", Kind: form.Text, Place: at(190, 160, 44)},
		{Name: "b-agree", Kind: form.Checkbox, Place: at(240, 16, 16)},
		{Name: "b-city", Kind: form.Choice, Place: at(260, 90, 20), Choices: []string{"北京", "上海"}},
		{Name: "b-initials", Kind: form.Initials, Place: at(290, 40, 20)},
	}
}

func placed(t *testing.T, data []byte, fields []form.Field) []byte {
	t.Helper()
	var out bytes.Buffer
	size, err := form.Place(open(t, data), &out, fields)
	if err != nil {
		t.Fatal(err)
	}
	if size != int64(out.Len()) || !bytes.HasPrefix(out.Bytes(), data) {
		t.Fatal("the document was changed")
	}
	return out.Bytes()
}

func filled(t *testing.T, data []byte, values ...form.Value) []byte {
	t.Helper()
	var out bytes.Buffer
	size, err := form.Fill(open(t, data), &out, values, glyph.System())
	if errors.Is(err, glyph.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if size != int64(out.Len()) || !bytes.HasPrefix(out.Bytes(), data) {
		t.Fatal("the document was changed")
	}
	return out.Bytes()
}

func tool(t *testing.T, name string, arguments ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	return string(out), err
}

func kept(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A contract of two: the second fills fields after the first signed. Programs that are not ours find both
// signatures good, and our judge says what was filled and that it does not matter.
func TestFilledAfterASignature(t *testing.T) {
	d := newDesk(t)
	samples := map[string]func() []byte{"hybrid": hybrid}
	for _, name := range []string{"chromium.pdf", "libreoffice.pdf", "form.pdf", "ghostscript.pdf", "mupdf.pdf", "objstm.pdf", "linear.pdf", "rot90.pdf", "rot180.pdf", "rot270.pdf"} {
		samples[name] = func() []byte { return sample(t, name) }
	}
	for name, read := range samples {
		t.Run(name, func(t *testing.T) {
			data := placed(t, read(), fields())
			data = filled(t, data, form.Value{Name: "a-name", Text: "李𠮷䶮𬭎"})
			data = d.signs(t, data, 0, pades.Request{Field: "a-sign", Certify: pades.FillForms, At: time.Now()})
			initials := &pades.Look{Width: 40, Height: 20, Content: []byte("0 0 1 RG 2 w 2 2 m 38 18 l S")}
			data = filled(t, data,
				form.Value{Name: "b-address", Text: "北京市海淀区中关村大街一号（𠮷野大厦）\n三层302室"},
				form.Value{Name: "b-agree", Checked: true},
				form.Value{Name: "b-city", Text: "上海"},
				form.Value{Name: "b-initials", Text: "王五", Look: initials})
			data = d.signs(t, data, 1, pades.Request{Field: "b-sign", At: time.Now()})
			if dir := os.Getenv("FORM_KEEP"); dir != "" {
				_ = os.WriteFile(filepath.Join(dir, name), data, 0o600)
			}
			foreign(t, data, 2)
			judged(t, d, data)
		})
	}
}

// foreign asks programs that are not ours.
func foreign(t *testing.T, data []byte, signatures int) {
	t.Helper()
	path := kept(t, data)
	out, _ := tool(t, "pdfsig", "-nocert", path)
	if n := strings.Count(out, "Signature is Valid."); n != signatures {
		t.Errorf("pdfsig finds %d good signatures, not %d:\n%s", n, signatures, out)
	}
	if out, err := tool(t, "qpdf", "--check", path); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	out, _ = tool(t, "mutool", "sign", "-v", path)
	if n := strings.Count(out, "unchanged since signing") + strings.Count(out, "signature is valid but"); n != signatures {
		t.Errorf("mutool finds %d good signatures, not %d:\n%s", n, signatures, out)
	}
	if out, err := tool(t, "mutool", "draw", "-r", "36", "-o", filepath.Join(t.TempDir(), "page.png"), path, "1"); err != nil || strings.Contains(out, "error") {
		t.Errorf("mutool draw: %v\n%s", err, out)
	}
}

func judged(t *testing.T, d *desk, data []byte) {
	t.Helper()
	r, err := verify.File(bytes.NewReader(data), int64(len(data)), verify.Trust{Now: time.Now(), Roots: []verify.Root{{Name: "远山", Certificate: d.root, Signs: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Signatures) != 2 {
		t.Fatalf("%d signatures", len(r.Signatures))
	}
	want := map[string]string{"b-address": "北京市海淀区中关村大街一号（𠮷野大厦）\n三层302室", "b-agree": "Yes", "b-city": "上海", "b-initials": "王五"}
	for _, s := range r.Signatures {
		if s.Integrity != verify.Intact {
			t.Errorf("%s: %s %s", s.Field, s.Integrity, s.Why)
		}
		for _, c := range s.Changes {
			if c.Matters {
				t.Errorf("%s: %+v", s.Field, c)
			}
			if c.Kind == verify.FieldFilled && want[c.Subject] == c.After {
				delete(want, c.Subject)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not said: %v", want)
	}
}

// A document that is signed takes more signature fields, and nothing that its signers did not see.
func TestSignedDocument(t *testing.T) {
	data := sample(t, "signed.pdf.gz")
	out := placed(t, data, fields()[:2])
	d := newDesk(t)
	foreign(t, d.signs(t, out, 0, pades.Request{Field: "a-sign", At: time.Now()}), 2)
	if _, err := form.Place(open(t, data), io.Discard, fields()[2:3]); !errors.Is(err, pades.ErrSigned) {
		t.Errorf("a text in a signed document: %v", err)
	}
	closed := d.signs(t, sample(t, "libreoffice.pdf"), 0, pades.Request{Field: "x", Certify: pades.NoChanges, At: time.Now()})
	if _, err := form.Place(open(t, closed), io.Discard, fields()[:1]); !errors.Is(err, pades.ErrCertified) {
		t.Errorf("a closed document: %v", err)
	}
}

// What was in a form stays: its fields with their values and looks.
func TestFormIsKept(t *testing.T) {
	before := open(t, sample(t, "form.pdf"))
	was, err := form.Names(before)
	if err != nil || len(was) == 0 {
		t.Fatal("no fields", err)
	}
	data := placed(t, sample(t, "form.pdf"), fields())
	is, err := form.Names(open(t, data))
	if err != nil {
		t.Fatal(err)
	}
	for name := range was {
		if !is[name] {
			t.Errorf("%s is gone", name)
		}
	}
	if len(is) != len(was)+len(fields()) {
		t.Errorf("%d fields", len(is))
	}
	c, err := open(t, data).Catalog()
	if err != nil {
		t.Fatal(err)
	}
	d, err := open(t, data).Dict(c["AcroForm"])
	if err != nil || d["NeedAppearances"] != nil {
		t.Errorf("readers are told to draw fields by themselves: %v", err)
	}
	for name := range was {
		if _, err := form.Place(before, io.Discard, []form.Field{{Name: name, Kind: form.Text, Place: fields()[0].Place}}); !errors.Is(err, form.ErrName) {
			t.Errorf("a second %s: %v", name, err)
		}
	}
}

func TestRefusedValues(t *testing.T) {
	data := placed(t, sample(t, "libreoffice.pdf"), fields())
	once := filled(t, data, form.Value{Name: "a-name", Text: "李"})
	for _, c := range []struct {
		data []byte
		v    form.Value
		want error
	}{
		{data, form.Value{Name: "nobody", Text: "a"}, form.ErrAbsent},
		{once, form.Value{Name: "a-name", Text: "王"}, form.ErrFilled},
		{data, form.Value{Name: "a-name", Text: strings.Repeat("长", 41)}, form.ErrValue},
		{data, form.Value{Name: "a-name", Text: strings.Repeat("长", 30)}, form.ErrLong},
		{data, form.Value{Name: "a-name", Text: "a\nb"}, form.ErrValue},
		{data, form.Value{Name: "a-name", Text: "a\x01b"}, form.ErrValue},
		{data, form.Value{Name: "b-address", Text: strings.Repeat("很长的地址", 700)}, form.ErrLong},
		{data, form.Value{Name: "b-city", Text: "广州"}, form.ErrValue},
		{data, form.Value{Name: "a-sign", Text: "x"}, form.ErrValue},
		{data, form.Value{Name: "a-name", Text: "\U0010fffd"}, glyph.ErrMissing},
	} {
		if _, err := form.Fill(open(t, c.data), io.Discard, []form.Value{c.v}, glyph.System()); !errors.Is(err, c.want) {
			t.Errorf("%s = %.20q: %v, not %v", c.v.Name, c.v.Text, err, c.want)
		}
	}
	var out bytes.Buffer
	if _, err := form.Fill(open(t, data), &out, []form.Value{{Name: "a-name", Text: " "}}, glyph.System()); err != nil || !bytes.Equal(out.Bytes(), data) {
		t.Errorf("nothing was filled: %v, %d bytes more", err, out.Len()-len(data))
	}
}

// hybrid is a file with a table for old readers, which calls the page free, and a stream that says where it is.
func hybrid() []byte {
	var w bytes.Buffer
	w.WriteString("%PDF-1.5\n%\xe5\xe4\xf6\xfc\n")
	first := w.Len()
	w.WriteString("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	second := w.Len()
	w.WriteString("2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>\nendobj\n")
	inner := "3 0 <</Type/Page/Parent 2 0 R/Resources<<>>>>"
	objects := w.Len()
	fmt.Fprintf(&w, "4 0 obj\n<</Type/ObjStm/N 1/First 4/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(inner), inner)
	hidden := w.Len()
	rows := string([]byte{2, 0, 4, 0, 1, byte(objects >> 8), byte(objects), 0, 1, byte(hidden >> 8), byte(hidden), 0})
	fmt.Fprintf(&w, "5 0 obj\n<</Type/XRef/W[1 2 1]/Index[3 3]/Size 6/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(rows), rows)
	at := w.Len()
	fmt.Fprintf(&w, "xref\n0 6\n0000000000 65535 f\r\n%010d 00000 n\r\n%010d 00000 n\r\n", first, second)
	w.WriteString("0000000000 00000 f\r\n0000000000 00000 f\r\n0000000000 00000 f\r\n")
	fmt.Fprintf(&w, "trailer\n<</Size 6/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", hidden, at)
	return w.Bytes()
}
