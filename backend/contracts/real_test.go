package contracts_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

// registry is the real office: founded authority, certificates, a seal.
type registry struct {
	*table
	keys map[string]string // signing keys by person
}

func (x *registry) door(name string) office.API {
	return office.API{Get: func() (*office.Office, error) { return x.As(name).Office, nil }}
}

func founded(t *testing.T, names ...string) *registry {
	if _, err := glyph.System().Glyph('章'); err != nil {
		t.Skipf("no Chinese font here: %v", err)
	}
	o := testspace.New(t, 40)
	o.Founds(names[0], "远山")
	o.Admits(names[0], names[1:]...)
	x := &registry{&table{o, nil, t}, map[string]string{}}
	_, err := x.door(names[0]).FoundAuthority(context.Background(), &v1.FoundAuthorityRequest{WorkspaceId: o.Workspace.String(), Organization: "北京远山科技有限公司", Password: password2})
	must(t, err)
	return x
}

const password2 = "密码密码密码"

// issues answers the one request that there is.
func (x *registry) issues(by string) {
	x.t.Helper()
	ctx := context.Background()
	var request string
	x.Eventually("a certificate is asked for", func() bool {
		a, err := x.door(by).Authority(ctx, &v1.AuthorityRequest{WorkspaceId: x.Workspace.String()})
		if err != nil || len(a.Requests) != 1 {
			return false
		}
		request = a.Requests[0].Id
		return true
	})
	_, err := x.door(by).IssueCertificate(ctx, &v1.IssueCertificateRequest{WorkspaceId: x.Workspace.String(), RequestId: request, Verified: "身份证原件", Months: 12, Password: password2})
	must(x.t, err)
}

func (x *registry) certified(by, name, legal string) {
	x.t.Helper()
	ctx := context.Background()
	k, err := x.door(name).MakeSigningKey(ctx, &v1.MakeSigningKeyRequest{WorkspaceId: x.Workspace.String(), Password: password2})
	must(x.t, err)
	_, err = x.door(name).AskCertificate(ctx, &v1.AskCertificateRequest{KeyId: k.Id, WorkspaceId: x.Workspace.String(), LegalName: legal})
	must(x.t, err)
	x.issues(by)
	x.Eventually("the certificate is there", func() bool {
		all, err := x.door(name).SigningKeys(ctx, &v1.SigningKeysRequest{WorkspaceId: x.Workspace.String()})
		return err == nil && slices.ContainsFunc(all.Keys, func(one *v1.SigningKey) bool { return one.Id == k.Id && one.CertificateState == "valid" })
	})
	x.keys[name] = k.Id
}

// Keys under passwords, certificates of the workspace and a seal by its certificate: what comes out is good to who trusts the root, and a key
// that was taken back signs no more, also when it was unlocked before.
func TestWithRealKeysAndASeal(t *testing.T) {
	x := founded(t, "owner", "li", "boss")
	ctx := context.Background()
	x.certified("owner", "li", "李明")
	x.certified("owner", "boss", "王总")
	s, err := x.door("owner").MakeSeal(ctx, &v1.MakeSealRequest{WorkspaceId: x.Workspace.String(), Name: "合同专用章",
		Design: &v1.SealDesign{Kind: v1.SealKind_SEAL_KIND_ROUND, Text: "北京远山科技有限公司", Title: "合同专用章", Texture: true}})
	must(t, err)
	_, err = x.door("owner").SetSealRight(ctx, &v1.SetSealRightRequest{WorkspaceId: x.Workspace.String(), SealId: s.Id,
		Right: &v1.SealRight{PersonId: x.As("boss").Person().String(), Use: true, Audit: true}})
	must(t, err)
	x.Eventually("the boss may use the seal", func() bool {
		_, err = x.door("boss").PrepareSealKey(ctx, &v1.PrepareSealKeyRequest{WorkspaceId: x.Workspace.String(), SealId: s.Id, Password: "另外一个密码"})
		return err == nil
	})
	x.issues("owner")
	x.Settles()

	id := x.sends("owner", func(c *contracts.Sending) {
		c.Fields = append(c.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 2, Page: 1, Rect: [4]int32{300_000, 300_000, 120_000, 120_000}, Required: true, Seal: s.Id})
	}, part{"li", flow.Signer, 1}, part{"boss", flow.Signer, 2})
	x.opens("li", id)
	r := x.signing1("li", id)
	r.KeyId, r.KeyPassword = x.keys["li"], "wrong password"
	if _, code := x.tries("li", r); code != errcode.KeyPasswordWrong {
		t.Errorf("%q", code)
	}
	r.KeyPassword = password2
	if _, code := x.tries("li", r); code != "" {
		t.Fatal(code)
	}
	x.sees("boss", id, "it is the boss's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.opens("boss", id)
	r = x.signing1("boss", id)
	r.KeyId, r.KeyPassword = x.keys["boss"], password2
	r.Seals, r.SealPasswords = map[string]string{"stamp": s.Id}, map[string]string{"stamp": "另外一个密码"}
	if _, code := x.tries("boss", r); code != "" {
		t.Fatal(code)
	}
	x.is("owner", id, completed)
	c := x.sees("boss", id, "it is preserved", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "preserved") })
	if i := slices.IndexFunc(c.Fields, func(f *v1.ContractField) bool { return f.Id == "stamp" }); c.Fields[i].Value != "1" {
		t.Error("the seal is not shown as applied")
	}
	path := x.document("boss", id)
	judged(t, path, 3)
	trust, err := x.As("boss").Office.Trust(ctx, x.Workspace)
	must(t, err)
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	report, err := verify.File(f, info.Size(), verify.Trust{Roots: trust.Roots, CRLs: trust.CRLs, Seals: trust.Seals, Now: time.Now()})
	must(t, err)
	sealed := 0
	for _, one := range report.Signatures {
		if !one.Valid() {
			t.Errorf("%s: %s %s %s %v", one.Field, one.Integrity, one.Standing, one.Level, one.Changes)
		}
		if one.SealStanding == verify.SealRightful {
			sealed++
		}
	}
	if len(report.Signatures) != 3 || sealed != 1 {
		t.Errorf("%d signatures, %d seals", len(report.Signatures), sealed)
	}
	x.Eventually("the use is in the ledger", func() bool {
		l, err := x.door("boss").SealLedger(ctx, &v1.SealLedgerRequest{WorkspaceId: x.Workspace.String(), SealId: s.Id})
		return err == nil && len(l.Uses) == 1 && l.Uses[0].ContractId == id.String()
	})
}
