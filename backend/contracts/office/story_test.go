package office_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

const password = "密码密码密码"

var ctx = context.Background()

// room is an office with its authority, told through the door.
type room struct {
	*testspace.Office
	t *testing.T
}

func newRoom(t *testing.T, members ...string) room {
	t.Helper()
	o := room{testspace.New(t, 1), t}
	o.Founds("li", "北京远山科技有限公司")
	o.Admits("li", members...)
	o.Settles()
	return o
}

func (o room) door(who string) office.API {
	return office.API{Get: func() (*office.Office, error) { return o.As(who).Office, nil }}
}

func (o room) id() string { return o.Workspace.String() }

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (o room) authority(who string) *v1.WorkspaceAuthority {
	o.t.Helper()
	return must[*v1.WorkspaceAuthority](o.t)(o.door(who).Authority(ctx, &v1.AuthorityRequest{WorkspaceId: o.id()}))
}

func (o room) founds(who string) {
	o.t.Helper()
	must[*v1.WorkspaceAuthority](o.t)(o.door(who).FoundAuthority(ctx, &v1.FoundAuthorityRequest{WorkspaceId: o.id(), Organization: "北京远山科技有限公司", Password: password}))
}

func (o room) asks(who, name string) *v1.SigningKey {
	o.t.Helper()
	k := must[*v1.SigningKey](o.t)(o.door(who).MakeSigningKey(ctx, &v1.MakeSigningKeyRequest{WorkspaceId: o.id(), Password: password}))
	if k.CertificateState != "none" || k.Kind != v1.KeyKind_KEY_KIND_OWN {
		o.t.Fatal(k)
	}
	k = must[*v1.SigningKey](o.t)(o.door(who).AskCertificate(ctx, &v1.AskCertificateRequest{KeyId: k.Id, WorkspaceId: o.id(), LegalName: name, Department: "法务部", Email: "a@example.org"}))
	if k.CertificateState != "asked" || k.Subject != name {
		o.t.Fatal(k)
	}
	return k
}

func (o room) issues(by, request string, months int32) error {
	_, err := o.door(by).IssueCertificate(ctx, &v1.IssueCertificateRequest{WorkspaceId: o.id(), RequestId: request, Verified: "身份证原件", Months: months, Password: password})
	return err
}

func (o room) key(who, id string) *v1.SigningKey {
	o.t.Helper()
	all := must[*v1.SigningKeysResponse](o.t)(o.door(who).SigningKeys(ctx, &v1.SigningKeysRequest{WorkspaceId: o.id()}))
	i := slices.IndexFunc(all.Keys, func(k *v1.SigningKey) bool { return k.Id == id })
	if i < 0 {
		o.t.Fatalf("%s has no key %s", who, id)
	}
	return all.Keys[i]
}

// certified has somebody ask and li issue.
func (o room) certified(who, name string) *v1.SigningKey {
	o.t.Helper()
	k := o.asks(who, name)
	o.Settles()
	all := o.authority("li").Requests
	if len(all) != 1 || all[0].LegalName != name || all[0].Algorithm != "P-256" || all[0].PersonName != who {
		o.t.Fatal(all)
	}
	if err := o.issues("li", all[0].Id, 12); err != nil {
		o.t.Fatal(err)
	}
	o.Settles()
	return o.key(who, k.Id)
}

func TestFoundAskIssueRevoke(t *testing.T) {
	o := newRoom(t, "wang", "zhao")
	if a := o.authority("wang"); a.Founded || a.CanFound {
		t.Fatal(a)
	}
	_, err := o.door("wang").FoundAuthority(ctx, &v1.FoundAuthorityRequest{WorkspaceId: o.id(), Organization: "x", Password: password})
	o.Fails(err, errcode.Forbidden, "a member founds")
	o.founds("li")
	_, err = o.door("li").FoundAuthority(ctx, &v1.FoundAuthorityRequest{WorkspaceId: o.id(), Organization: "x", Password: password})
	o.Fails(err, errcode.AuthorityFounded, "founds twice")
	o.Settles()
	a := o.authority("wang")
	if !a.Founded || a.HaveRoot || a.FounderName != "li" || len(a.Holders) != 1 || a.ListUnixMs == 0 || a.Fingerprint != o.authority("li").Fingerprint {
		t.Fatal(a)
	}
	k := o.certified("wang", "王小明")
	if k.CertificateState != "valid" || k.Kind != v1.KeyKind_KEY_KIND_WORKSPACE || k.Subject != "王小明" {
		t.Fatal(k)
	}
	if a := o.authority("zhao"); len(a.Requests)+len(a.Issued) != 0 { // others' are not shown to members
		t.Fatal(a)
	}
	issued := o.authority("li").Issued
	if len(issued) != 1 || issued[0].Verified != "身份证原件" || issued[0].IssuedBy != "li" || issued[0].ToRevoke != "" {
		t.Fatal(issued)
	}
	// It survives a restart, and signs what the judge believes.
	o.Restart("wang")
	who := must[pades.Identity](t)(o.As("wang").Office.Unlock(ctx, k.Id, password))
	data := signed(t, who, pades.Request{Field: "a"})
	trust := must[office.Trust](t)(o.As("zhao").Office.Trust(ctx, o.Workspace))
	if s := judged(t, data, trust); s.Standing != verify.Trusted || !s.Valid() {
		t.Fatalf("%+v", s)
	}
	opensslSays(t, trust, who.Chain[0], "OK")
	// Revoked: the judge, OpenSSL and the key itself say so, and it signs no more.
	_, err = o.door("wang").RevokeCertificate(ctx, &v1.RevokeCertificateRequest{WorkspaceId: o.id(), Serial: issued[0].Serial, Reason: 3, Password: password})
	o.Fails(err, errcode.Forbidden, "a member revokes")
	_, err = o.door("li").RevokeCertificate(ctx, &v1.RevokeCertificateRequest{WorkspaceId: o.id(), Serial: issued[0].Serial, Reason: 3, Password: "wrong password"})
	o.Fails(err, errcode.KeyPasswordWrong, "with another password")
	must[*v1.WorkspaceAuthority](t)(o.door("li").RevokeCertificate(ctx, &v1.RevokeCertificateRequest{WorkspaceId: o.id(), Serial: issued[0].Serial, Reason: 3, Password: password}))
	o.Settles()
	if got := o.key("wang", k.Id); got.CertificateState != "revoked" {
		t.Fatal(got)
	}
	_, err = o.As("wang").Office.Unlock(ctx, k.Id, password)
	o.Fails(err, errcode.CertificateUnfit, "a revoked key signs")
	trust = must[office.Trust](t)(o.As("zhao").Office.Trust(ctx, o.Workspace))
	if s := judged(t, data, trust); s.Standing != verify.Revoked || len(trust.CRLs) != 1 {
		t.Fatalf("%+v", s)
	}
	opensslSays(t, trust, who.Chain[0], "revoked")
	if got := o.authority("li").Issued[0]; got.RevokedUnixMs == 0 {
		t.Fatal(got)
	}
}

func TestRefusedAndRenewed(t *testing.T) {
	o := newRoom(t, "wang")
	o.founds("li")
	k := o.asks("wang", "王小明")
	o.Settles()
	request := o.authority("li").Requests[0].Id
	if err := o.issues("wang", request, 12); !errors.Is(err, errcode.Forbidden) {
		t.Fatal(err)
	}
	for _, months := range []int32{0, 61} {
		o.Fails(o.issues("li", request, months), errcode.InvalidArgument, "for too long")
	}
	must[*v1.WorkspaceAuthority](t)(o.door("li").RefuseCertificate(ctx, &v1.RefuseCertificateRequest{WorkspaceId: o.id(), RequestId: request, Reason: "请用全名"}))
	o.Settles()
	if got := o.key("wang", k.Id); got.CertificateState != "refused" || got.Reason != "请用全名" || len(o.authority("li").Requests) != 0 {
		t.Fatal(got)
	}
	ask := &v1.AskCertificateRequest{KeyId: k.Id, WorkspaceId: o.id(), LegalName: "王小明"}
	must[*v1.SigningKey](t)(o.door("wang").AskCertificate(ctx, ask))
	o.Settles()
	if err := o.issues("li", o.authority("li").Requests[0].Id, 1); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	first := o.key("wang", k.Id)
	if first.CertificateState != "expiring" && first.CertificateState != "valid" {
		t.Fatal(first)
	}
	// Before it ends, a new one for the same key.
	o.Later(20 * 24 * time.Hour)
	if got := o.key("wang", k.Id); got.CertificateState != "expiring" {
		t.Fatal(got)
	}
	must[*v1.SigningKey](t)(o.door("wang").AskCertificate(ctx, ask))
	o.Settles()
	if err := o.issues("li", o.authority("li").Requests[0].Id, 60); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	got := o.key("wang", k.Id)
	if got.CertificateState != "valid" || got.NotAfterUnixMs <= first.NotAfterUnixMs {
		t.Fatal(got)
	}
	o.Later(6 * 366 * 24 * time.Hour)
	if got := o.key("wang", k.Id); got.CertificateState != "expired" {
		t.Fatal(got)
	}
	_, err := o.As("wang").Office.Unlock(ctx, k.Id, password)
	o.Fails(err, errcode.CertificateUnfit, "an expired key signs")
}

func TestRootIsHandedOn(t *testing.T) {
	o := newRoom(t, "wang", "zhao")
	o.founds("li")
	o.Settles()
	hand := &v1.HandRootRequest{WorkspaceId: o.id(), PersonId: o.As("wang").Person().String(), Password: password}
	_, err := o.door("li").HandRoot(ctx, hand)
	o.Fails(err, errcode.Forbidden, "to a member")
	o.SetsRole("li", "wang", space.Owner)
	o.Settles()
	must[*v1.WorkspaceAuthority](t)(o.door("li").HandRoot(ctx, hand))
	o.Settles()
	if a := o.authority("wang"); !a.RootOffered || a.HaveRoot {
		t.Fatal(a)
	}
	if a := o.authority("zhao"); a.RootOffered {
		t.Fatal(a)
	}
	a := must[*v1.WorkspaceAuthority](t)(o.door("wang").TakeRoot(ctx, &v1.TakeRootRequest{WorkspaceId: o.id(), Password: password}))
	if !a.HaveRoot || a.RootOffered || len(a.Holders) != 2 {
		t.Fatal(a)
	}
	k := o.asks("zhao", "赵敏")
	o.Settles()
	// Apart from each other, both make lists: nothing that one revoked is lost.
	if err := o.issues("wang", o.authority("wang").Requests[0].Id, 12); err != nil {
		t.Fatal(err)
	}
	second := o.asks("li", "李明")
	if err := o.issues("li", o.authority("li").Requests[0].Id, 12); err != nil {
		// li has not heard of what wang issued yet, perhaps
		t.Fatal(err)
	}
	o.Settles()
	for _, r := range o.authority("li").Requests {
		if err := o.issues("li", r.Id, 12); err != nil {
			t.Fatal(err)
		}
	}
	o.Settles()
	serials := map[string]string{}
	for _, c := range o.authority("li").Issued {
		serials[c.Name] = c.Serial
	}
	if len(serials) != 2 || o.key("zhao", k.Id).CertificateState != "valid" || o.key("li", second.Id).CertificateState != "valid" {
		t.Fatal(serials)
	}
	o.Partition([]string{"li", "zhao"}, []string{"wang"})
	must[*v1.WorkspaceAuthority](t)(o.door("li").RevokeCertificate(ctx, &v1.RevokeCertificateRequest{WorkspaceId: o.id(), Serial: serials["赵敏"], Reason: 1, Password: password}))
	must[*v1.WorkspaceAuthority](t)(o.door("wang").RevokeCertificate(ctx, &v1.RevokeCertificateRequest{WorkspaceId: o.id(), Serial: serials["李明"], Reason: 1, Password: password}))
	o.Heal()
	o.Settles()
	for _, who := range []string{"li", "wang", "zhao"} {
		trust := must[office.Trust](t)(o.As(who).Office.Trust(ctx, o.Workspace))
		if len(trust.CRLs) != 2 {
			t.Errorf("%s has %d lists", who, len(trust.CRLs))
		}
	}
	if o.key("zhao", k.Id).CertificateState != "revoked" || o.key("li", second.Id).CertificateState != "revoked" {
		t.Fatal("a revocation is lost")
	}
}

// What is not signed by the root does not count, whoever says it.
func TestForged(t *testing.T) {
	o := newRoom(t, "wang", "zhao")
	o.founds("li")
	k := o.certified("wang", "王小明")
	// A request is of who made its key: zhao does not get a certificate for wang's.
	o.As("zhao").Says(o.Workspace, office.Asked, map[int]any{1: o.As("wang").Office.Signers.List()[0].Request, 2: "赵敏", 5: wire.EventID{}, 6: [32]byte{}})
	other := newRoom(t)
	other.founds("li")
	trust := must[office.Trust](t)(other.As("li").Office.Trust(ctx, other.Workspace))
	wang := o.As("wang")
	wang.Says(o.Workspace, office.Founded, map[int]any{1: trust.Roots[0].Certificate.Raw}) // a member
	wang.Says(o.Workspace, office.Listed, map[int]any{1: trust.CRLs[0]})                   // another root's
	wang.Says(o.Workspace, office.Issued, map[int]any{1: make([]byte, 32), 2: trust.Roots[0].Certificate.Raw, 3: "x"})
	wang.Says(o.Workspace, office.Listed, map[int]any{1: []byte("no list")})
	o.Settles()
	if a := o.authority("li"); a.FounderName != "li" || len(a.Issued) != 1 || len(a.Requests) != 0 || o.key("wang", k.Id).CertificateState != "valid" {
		t.Fatal(a)
	}
}

// signed gives a signed document.
func signed(t *testing.T, who pades.Identity, r pades.Request) []byte {
	t.Helper()
	data, err := os.ReadFile("../pades/testdata/libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	f := must[*pdf.File](t)(pdf.Open(bytes.NewReader(data), int64(len(data))))
	var out bytes.Buffer
	must[*pades.Result](t)(pades.Sign(ctx, f, &out, who, r))
	return out.Bytes()
}

func judged(t *testing.T, data []byte, trust office.Trust) verify.Signature {
	t.Helper()
	r := must[*verify.Report](t)(verify.File(bytes.NewReader(data), int64(len(data)),
		verify.Trust{Now: time.Now().Add(time.Minute), Roots: trust.Roots, CRLs: trust.CRLs, Seals: trust.Seals}))
	return r.Signatures[0]
}

func opensslSays(t *testing.T, trust office.Trust, c *x509.Certificate, want string) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	put := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out, _ := exec.CommandContext(ctx, "openssl", "verify", "-x509_strict", "-crl_check", "-CRLfile", put("list.pem", "X509 CRL", trust.CRLs[0]),
		"-CAfile", put("root.pem", "CERTIFICATE", trust.Roots[0].Certificate.Raw), put("leaf.pem", "CERTIFICATE", c.Raw)).CombinedOutput()
	if !strings.Contains(string(out), want) {
		t.Errorf("openssl says %s", out)
	}
}

func needFont(t *testing.T) {
	if _, err := glyph.System().Glyph('章'); err != nil {
		t.Skipf("no Chinese font here: %v", err)
	}
}
