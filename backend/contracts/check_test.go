package contracts

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
)

func signedBy(t *testing.T, o *sealOffice, data []byte, r pades.Request) []byte {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := pades.Sign(t.Context(), f, &out, o.identity, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A document is judged by whom this device trusts, and nothing of it is kept.
func TestCheckDocument(t *testing.T) {
	c, o := shelf(t, t.TempDir()), newSealOffice(t)
	if err := c.DB.Migrate(t.Context(), "contracts", schema, judgedSchema); err != nil {
		t.Fatal(err)
	}
	plain := samplePDF(t, "libreoffice.pdf")
	sealed := signedBy(t, o, plain, pades.Request{
		Field: "甲方", Place: pades.Place{Page: 1, X: 60, Y: 60, Width: 100, Height: 100}, Look: o.seal.Look,
		Seal: &pades.SealClaim{ID: []byte("seal_0123456789abcdef"), Name: "合同专用章"}, Name: "北京远山", At: time.Now(),
	})
	f, err := pdf.Open(bytes.NewReader(sealed), int64(len(sealed)))
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	pages, err := f.Pages()
	if err != nil {
		t.Fatal(err)
	}
	page, err := u.Dict(pages[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	page["Contents"] = u.Add(&pdf.Stream{Dict: pdf.Dict{}, Data: []byte("0 0 9 9 re f")})
	u.Set(pages[0].Ref, page)
	tail, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Clone(sealed)
	broken[len(plain)/2] ^= 1
	ask := func(data []byte) *v1.VerifyReport {
		r, err := c.door().VerifyDocument(t.Context(), &v1.VerifyDocumentRequest{UploadId: brought(t, c, "a.pdf", data)})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := ask(plain); r.Verdict != "unsigned" || r.Pages != 2 || r.ContractId != "" || r.Name != "a.pdf" {
		t.Error(r)
	}
	if r := ask(sealed); r.Verdict != "valid_untrusted" || r.Signatures[0].Seal != "unknown" {
		t.Error(r)
	}
	c.TrustedFrom(func(context.Context) (verify.Trust, error) {
		return verify.Trust{Roots: []verify.Root{{Name: "远山", Certificate: o.identity.Chain[0], Signs: true}}, Seals: []*x509.Certificate{o.identity.Chain[0]}}, nil
	})
	r := ask(sealed)
	if s := r.Signatures[0]; r.Verdict != "valid" || s.Seal != "right" || s.SealName != "合同专用章" || s.Kind != "workspace" || s.Root != "远山" || !s.Valid || s.Level != "B-B" || len(s.Fingerprint) != 64 {
		t.Error(r)
	}
	r = ask(append(bytes.Clone(sealed), tail...))
	if s := r.Signatures[0]; r.Verdict != "changed" || s.Valid || len(s.Changes) == 0 || s.Changes[0].Page != 1 || !s.Changes[0].Matters {
		t.Error(r)
	}
	if r := ask(broken); r.Verdict != "broken" {
		t.Error(r.Verdict)
	}
	if _, err := c.checkDocument(t.Context(), brought(t, c, "a.txt", []byte("text")), ""); !errors.Is(err, errcode.NotPDF) {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Join(c.Folder, "drafts")); err != nil || len(left) > 0 {
		t.Errorf("kept: %v %v", left, err)
	}
}
