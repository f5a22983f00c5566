package contracts

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/cms"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

func (c *Contracts) nobody(context.Context, wire.SpaceID, wire.PersonID) string { return "" }

func field(id string, kind v1.FieldType, party int32, y float64) *v1.ContractField {
	return &v1.ContractField{Id: id, Type: kind, Party: party, Page: 1, X: 60, Y: y, Width: 120, Height: 30}
}

// draftHere is a draft with two parties that could be sent.
func draftHere(t *testing.T, c *Contracts, document string) *v1.ContractDraft {
	t.Helper()
	d, err := c.door().CreateDraft(t.Context(), &v1.CreateDraftRequest{
		WorkspaceId: wire.SpaceID(wire.Random(32)).String(), UploadId: brought(t, c, "采购合同.pdf", samplePDF(t, document)),
		Parties: []*v1.Party{
			{Id: 7, Role: v1.PartyRole_PARTY_ROLE_SIGNER, Step: 2, PersonId: wire.PersonID(wire.Random(32)).String(), Label: "甲方"},
			{Id: 3, Role: v1.PartyRole_PARTY_ROLE_SIGNER, Step: 9, External: true, Name: "王五"},
		},
		Fields: []*v1.ContractField{
			field("f1", v1.FieldType_FIELD_TYPE_SIGNATURE, 7, 60), field("f2", v1.FieldType_FIELD_TYPE_SEAL, 3, 100),
			field("f3", v1.FieldType_FIELD_TYPE_TEXT, 3, 140),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDraft(t *testing.T) {
	folder := t.TempDir()
	c := shelf(t, folder)
	d := draftHere(t, c, "libreoffice.pdf")
	if d.Title != "采购合同" || d.Pages != 2 || len(d.Problems) > 0 {
		t.Fatal(d)
	}
	d.Title, d.Message, d.DocumentName, d.Sha256 = " 采购 ", "请签\n谢谢\u202e", "other.pdf", "0"
	saved, err := c.door().SaveDraft(t.Context(), d)
	if err != nil || saved.Title != "采购" || saved.Message != "请签\n谢谢" || saved.DocumentName != "采购合同.pdf" || len(saved.Sha256) != 64 {
		t.Fatal(saved, err)
	}
	_ = c.DB.Close()
	c = shelf(t, folder)
	again, err := c.door().ReadDraft(t.Context(), &v1.DraftRequest{DraftId: d.Id})
	if err != nil || again.Title != "采购" || len(again.Fields) != 3 {
		t.Fatal(again, err)
	}
	workspace, err := wire.ParseSpaceID(d.WorkspaceId)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := c.drafts(t.Context(), workspace); err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	name, f, err := c.draftDocument(t.Context(), d.Id)
	if err != nil || name != "采购合同.pdf" {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil || !bytes.Equal(data, samplePDF(t, "libreoffice.pdf")) {
		t.Error("another document", err)
	}
	for path, want := range map[string]errcode.Code{"drafts/" + d.Id: "", "drafts/" + d.Id + "/x": errcode.NotFound, "drafts/..": errcode.NotFound, "uploads/" + d.Id: errcode.NotFound, "other/a": errcode.NotFound, "contracts/a": errcode.InvalidArgument} {
		served, err := c.door().OpenDocument(t.Context(), strings.Split(path, "/"))
		if code, _ := errcode.From(err); err != nil && code != want || err == nil && (want != "" || served.Media != "application/pdf") {
			t.Errorf("%s: %v", path, err)
		}
		if f, is := served.Content.(io.Closer); is {
			_ = f.Close()
		}
	}
	for range 2 {
		if _, err := c.door().DeleteDraft(t.Context(), &v1.DraftRequest{DraftId: d.Id}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(c.draftPath(d.Id)); err == nil {
		t.Error("its document is still there")
	}
	if _, err := c.door().SaveDraft(t.Context(), d); !errors.Is(err, errcode.NotFound) {
		t.Error(err)
	}
}

func TestProblems(t *testing.T) {
	c := shelf(t, t.TempDir())
	for want, do := range map[string]func(*v1.ContractDraft){
		"title_empty":              func(d *v1.ContractDraft) { d.Title = "" },
		"no_signer":                func(d *v1.ContractDraft) { d.Parties = nil },
		"deadline_past":            func(d *v1.ContractDraft) { d.DeadlineUnixMs = 1 },
		"party_without_person:3":   func(d *v1.ContractDraft) { d.Parties[1].Name = "" },
		"party_without_field:7":    func(d *v1.ContractDraft) { d.Fields[0].Party = 3 },
		"field_without_party:f1":   func(d *v1.ContractDraft) { d.Fields[0].Party = 99 },
		"field_outside:f3":         func(d *v1.ContractDraft) { d.Fields[2].X = 590 },
		"field_outside:f2":         func(d *v1.ContractDraft) { d.Fields[1].Page = 3 },
		"field_without_choices:f3": func(d *v1.ContractDraft) { d.Fields[2].Type = v1.FieldType_FIELD_TYPE_CHOICE },
		"field_bounds:f3": func(d *v1.ContractDraft) {
			d.Fields[2].Type, d.Fields[2].Min, d.Fields[2].Max = v1.FieldType_FIELD_TYPE_NUMBER, "5", "4.5"
		},
	} {
		d := draftHere(t, c, "libreoffice.pdf")
		do(d)
		saved, err := c.saveDraft(t.Context(), d)
		if err != nil || !slices.Contains(saved.Problems, want) {
			t.Errorf("%s: %v %v", want, saved.GetProblems(), err)
		}
		_, err = c.sendDraft(t.Context(), d.Id, "", "")
		if code, params := errcode.From(err); code != errcode.DraftIncomplete || params["problem"] == "" {
			t.Errorf("%s: sent: %v", want, err)
		}
	}
	for name, do := range map[string]func(*v1.ContractDraft){
		"a title that is long": func(d *v1.ContractDraft) { d.Title = strings.Repeat("长", 121) },
		"two of an ID":         func(d *v1.ContractDraft) { d.Fields[1].Id = "f1" },
		"an ID with a dot":     func(d *v1.ContractDraft) { d.Fields[1].Id = "a.b" },
		"a person that is not": func(d *v1.ContractDraft) { d.Parties[0].PersonId = "x" },
		"a form of text":       func(d *v1.ContractDraft) { d.Fields[2].Format = "regexp" },
	} {
		d := draftHere(t, c, "libreoffice.pdf")
		do(d)
		if _, err := c.saveDraft(t.Context(), d); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// What is sent has parties in order, steps without gaps, and fields under names that the document did not have;
// a new draft of it has the document as it was.
func TestSending(t *testing.T) {
	c := shelf(t, t.TempDir())
	c.Name = c.nobody
	d := draftHere(t, c, "form.pdf")
	names, err := c.fieldNames(d.Id)
	if err != nil {
		t.Fatal(err)
	}
	var taken string
	for n := range names {
		if !strings.ContainsAny(n, ". ") {
			taken = n
		}
	}
	if taken == "" {
		t.Skip("the sample has no simple name")
	}
	d.Fields[2].Id = taken
	s, err := c.sending(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if s.Parties[0].ID != 1 || s.Parties[0].Step != 1 || s.Parties[1].ID != 2 || s.Parties[1].Step != 2 || s.Fields[0].Party != 1 || s.Fields[1].Party != 2 {
		t.Errorf("%+v", s)
	}
	if s.Fields[2].ID == taken || s.Fields[0].ID != "f1" || s.Fields[0].Rect != [4]int32{60_000, 60_000, 120_000, 30_000} || s.Fields[1].Type != flow.Seal {
		t.Errorf("%+v", s.Fields)
	}
	to := filepath.Join(t.TempDir(), "placed.pdf")
	if err := placeFields(c.draftPath(d.Id), to, s.Fields, s.Parties); err != nil {
		t.Fatal(err)
	}
	var said []*v1.ContractField
	for _, f := range s.Fields {
		said = append(said, &v1.ContractField{Id: f.ID})
	}
	original := samplePDF(t, "form.pdf")
	size, err := bare(to, said)
	if err != nil || !bytes.HasPrefix(original, must(os.ReadFile(to))[:size]) || len(bytes.TrimSpace(original))-int(size) > 0 {
		t.Errorf("%d of %d bytes: %v", size, len(original), err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// sealOffice is an office and a keychain with one seal.
type sealOffice struct {
	seal     Usable
	identity pades.Identity
}

func (o *sealOffice) SealFor(_ context.Context, _ wire.SpaceID, id string) (Usable, error) {
	if id != o.seal.ID {
		return Usable{}, errcode.SealForbidden
	}
	return o.seal, nil
}

func (o *sealOffice) SealHolders(context.Context, wire.SpaceID, string) (string, []wire.PersonID, error) {
	return "", nil, errcode.NotFound
}
func (o *sealOffice) SealUsed(context.Context, wire.SpaceID, Use) error     { return nil }
func (o *sealOffice) Lists(context.Context, wire.SpaceID) ([][]byte, error) { return nil, nil }
func (o *sealOffice) Unlock(context.Context, string, string) (pades.Identity, error) {
	return o.identity, nil
}
func (o *sealOffice) TimeAuthority() *pades.Authority { return nil }

func newSealOffice(t *testing.T) *sealOffice {
	t.Helper()
	o := &sealOffice{seal: Usable{ID: "seal_1", Name: "合同专用章", Look: &pades.Look{Width: 100, Height: 100, Content: []byte("0.8 0 0 rg 0 0 100 100 re f")}}}
	k := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	extension := must(cms.SealRight{ID: []byte("seal_0123456789abcdef"), Outlines: sha256.Sum256(o.seal.Look.Content)}.Extension())
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "合同专用章"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{extension}}
	der := must(x509.CreateCertificate(rand.Reader, template, template, k.Public(), k))
	o.identity = pades.Identity{Key: k, Chain: []*x509.Certificate{must(x509.ParseCertificate(der))}}
	return o
}

// A straddle seal is on all pages, and signed with the seal's key.
func TestStraddleSeal(t *testing.T) {
	c := shelf(t, t.TempDir())
	c.Name = c.nobody
	o := newSealOffice(t)
	c.Office, c.Keys = o, o
	d := draftHere(t, c, "libreoffice.pdf")
	s, err := c.sending(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	s.Path = filepath.Join(folder, "placed.pdf")
	if err := placeFields(c.draftPath(d.Id), s.Path, s.Fields, s.Parties); err != nil {
		t.Fatal(err)
	}
	if _, err := c.straddle(t.Context(), &s, "seal_2", "", t.TempDir()); !errors.Is(err, errcode.SealForbidden) {
		t.Errorf("another seal: %v", err)
	}
	use, err := c.straddle(t.Context(), &s, "seal_1", "", folder)
	if err != nil || use.Document == [32]byte{} {
		t.Fatal(err)
	}
	p, err := openPaper(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if names := must(form.Names(p.File)); !names["straddle"] || !names["f1"] {
		t.Error(names)
	}
	if _, err := exec.LookPath("pdfsig"); err != nil {
		t.Skip("pdfsig is not installed")
	}
	if out, _ := exec.CommandContext(t.Context(), "pdfsig", "-nocert", s.Path).CombinedOutput(); !strings.Contains(string(out), "Signature is Valid.") {
		t.Errorf("%s", out)
	}
}
