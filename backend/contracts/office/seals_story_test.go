package office_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

func (o room) makesSeal(who, name string) *v1.Seal {
	o.t.Helper()
	return must[*v1.Seal](o.t)(o.door(who).MakeSeal(ctx, &v1.MakeSealRequest{
		WorkspaceId: o.id(), Name: name,
		Design: &v1.SealDesign{Kind: v1.SealKind_SEAL_KIND_ROUND, Text: "北京远山科技有限公司", Title: name, Texture: true},
	}))
}

func (o room) rights(by, seal, to string, manage, use, audit bool) error {
	_, err := o.door(by).SetSealRight(ctx, &v1.SetSealRightRequest{WorkspaceId: o.id(), SealId: seal,
		Right: &v1.SealRight{PersonId: o.As(to).Person().String(), Manage: manage, Use: use, Audit: audit}})
	return err
}

// seal as somebody sees it, nil if they do not.
func (o room) seal(who, id string) *v1.Seal {
	o.t.Helper()
	all := must[*v1.SealsResponse](o.t)(o.door(who).Seals(ctx, &v1.SealsRequest{WorkspaceId: o.id()}))
	i := slices.IndexFunc(all.Seals, func(s *v1.Seal) bool { return s.Id == id })
	if i < 0 {
		return nil
	}
	return all.Seals[i]
}

// prepares has somebody make a key for a seal and li issue the certificate.
func (o room) prepares(who, seal string) {
	o.t.Helper()
	s := must[*v1.Seal](o.t)(o.door(who).PrepareSealKey(ctx, &v1.PrepareSealKeyRequest{WorkspaceId: o.id(), SealId: seal, Password: password}))
	if s.KeyState != "asked" {
		o.t.Fatal(s)
	}
	o.Settles()
	requests := o.authority("li").Requests
	if len(requests) != 1 || requests[0].SealName != "合同专用章" {
		o.t.Fatal(requests)
	}
	if err := o.issues("li", requests[0].Id, 12); err != nil {
		o.t.Fatal(err)
	}
	o.Settles()
	if s := o.seal(who, seal); s.KeyState != "valid" {
		o.t.Fatal(s)
	}
}

func (o room) sealFor(who, seal string) (office.Usable, error) {
	return o.As(who).Office.SealFor(ctx, o.Workspace, seal)
}

func use(seal string) office.Impression {
	return office.Impression{Seal: seal, Contract: wire.SpaceID{5}, Title: "=采购合同", Document: sha256.Sum256([]byte("pdf")), Reason: "年度采购"}
}

func TestSealFromMakingToLedger(t *testing.T) {
	needFont(t)
	o := newRoom(t, "wang", "zhao", "qian")
	o.founds("li")
	s := o.makesSeal("li", "合同专用章")
	if !s.CanManage || s.CanUse || s.CanAudit || !strings.Contains(s.Picture.GetSvg(), "#c8102e") {
		t.Fatal(s)
	}
	_, err := o.door("wang").MakeSeal(ctx, &v1.MakeSealRequest{WorkspaceId: o.id(), Name: "私刻", Design: &v1.SealDesign{Kind: 1, Text: "远山"}})
	o.Fails(err, errcode.Forbidden, "a member makes a seal")
	for who, r := range map[string][2]bool{"wang": {true, false}, "qian": {false, true}} {
		if err := o.rights("li", s.Id, who, false, r[0], r[1]); err != nil {
			t.Fatal(err)
		}
	}
	o.Settles()
	// Who has no right hears of it by name, and sees nothing.
	if z := o.seal("zhao", s.Id); z == nil || z.Name != "合同专用章" || z.Picture != nil || len(z.Rights) > 0 || z.CanUse {
		t.Fatal(z)
	}
	if w := o.seal("wang", s.Id); !w.CanUse || w.Picture == nil || len(w.Rights) > 0 || w.KeyState != "none" {
		t.Fatal(w)
	}
	// A right alone is not enough: the certificate is missing.
	_, err = o.sealFor("wang", s.Id)
	o.Fails(err, errcode.SealForbidden, "without a certificate")
	_, err = o.door("zhao").PrepareSealKey(ctx, &v1.PrepareSealKeyRequest{WorkspaceId: o.id(), SealId: s.Id, Password: password})
	o.Fails(err, errcode.SealForbidden, "a key without a right")
	o.prepares("wang", s.Id)
	usable := must[office.Usable](t)(o.sealFor("wang", s.Id))
	if usable.Name != "合同专用章" || sha256.Sum256(usable.Look.Content) != usable.Outlines {
		t.Fatal(usable)
	}
	if z := o.seal("zhao", s.Id); !slices.Equal(z.Holders, []string{"wang"}) { // whom to ask
		t.Fatal(z)
	}
	name, holders, err := o.As("zhao").Office.Holders(ctx, o.Workspace, s.Id)
	if err != nil || name != "合同专用章" || len(holders) != 1 || holders[0] != o.As("wang").Person() {
		t.Fatal(name, holders, err)
	}
	// The impression is believed, with the seal named; another's is not.
	o.impression("wang", s.Id, usable)
	if err := o.As("wang").Office.RecordUse(ctx, o.Workspace, use(s.Id)); err != nil {
		t.Fatal(err)
	}
	// Twice is once; and who asked cannot choose words that keep a use out of the register.
	other := use(s.Id)
	other.Document, other.Reason = [32]byte{7}, "一行\n又一行\x00"+strings.Repeat("长", 1000)
	for _, u := range []office.Impression{use(s.Id), other} {
		if err := o.As("wang").Office.RecordUse(ctx, o.Workspace, u); err != nil {
			t.Fatal(err)
		}
	}
	o.Fails(o.As("zhao").Office.RecordUse(ctx, o.Workspace, use(s.Id)), errcode.SealForbidden, "a use without a right")
	o.Fails(o.As("qian").Office.RecordUse(ctx, o.Workspace, use(s.Id)), errcode.SealForbidden, "an auditor uses")
	o.Settles()
	_, err = o.door("wang").SealLedger(ctx, &v1.SealLedgerRequest{WorkspaceId: o.id(), SealId: s.Id})
	o.Fails(err, errcode.Forbidden, "who uses audits")
	l := must[*v1.SealLedgerResponse](t)(o.door("qian").SealLedger(ctx, &v1.SealLedgerRequest{WorkspaceId: o.id(), SealId: s.Id}))
	if len(l.Uses) == 2 && l.Uses[0].Reason != "年度采购" {
		l.Uses[0], l.Uses[1] = l.Uses[1], l.Uses[0]
	}
	if len(l.Uses) != 2 || l.Uses[0].PersonName != "wang" || l.Uses[0].Reason != "年度采购" || !strings.HasPrefix(l.Uses[1].Reason, "一行 又一行") || !strings.Contains(l.Csv, "'=采购合同") {
		t.Fatal(l)
	}
}

// impression seals a document and asks the judge of others.
func (o room) impression(who, seal string, usable office.Usable) []byte {
	o.t.Helper()
	identity := must[pades.Identity](o.t)(o.As(who).Office.Unlock(ctx, usable.KeyID, password))
	id := must[wire.EventID](o.t)(wire.ParseEventID(seal))
	data := signed(o.t, identity, pades.Request{
		Field: "盖章", Place: pades.Place{Page: 1, X: 100, Y: 100, Width: usable.Look.Width, Height: usable.Look.Height},
		Look: &usable.Look, Seal: &pades.SealClaim{ID: id[:], Name: usable.Name},
	})
	trust := must[office.Trust](o.t)(o.As("zhao").Office.Trust(ctx, o.Workspace))
	if s := judged(o.t, data, trust); s.SealStanding != verify.SealRightful || !s.Valid() || s.Seal.Name != usable.Name {
		o.t.Fatalf("%+v", s)
	}
	opensslSays(o.t, trust, identity.Chain[0], "OK")
	return data
}

// A right that is withdrawn refuses at once, in the signing path; so does a lost seal. The judge follows when the certificate is revoked.
func TestSealWithdrawnAndLost(t *testing.T) {
	needFont(t)
	o := newRoom(t, "wang", "zhao")
	o.founds("li")
	s := o.makesSeal("li", "合同专用章")
	if err := o.rights("li", s.Id, "wang", false, true, false); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.prepares("wang", s.Id)
	usable := must[office.Usable](t)(o.sealFor("wang", s.Id))
	data := o.impression("wang", s.Id, usable)
	if err := o.rights("li", s.Id, "wang", false, false, true); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	_, err := o.sealFor("wang", s.Id)
	o.Fails(err, errcode.SealForbidden, "with a right withdrawn")
	_, err = o.As("wang").Office.Unlock(ctx, usable.KeyID, password)
	o.Fails(err, errcode.SealForbidden, "the key itself")
	if got := o.authority("li").Issued[0].ToRevoke; got != "right_withdrawn" {
		t.Fatal(got)
	}
	if err := o.rights("li", s.Id, "wang", false, true, false); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	must[office.Usable](t)(o.sealFor("wang", s.Id))
	// Lost: nobody but who manages it says so.
	end := &v1.EndSealRequest{WorkspaceId: o.id(), SealId: s.Id, State: "lost", Reason: "遗失"}
	_, err = o.door("wang").EndSeal(ctx, end)
	o.Fails(err, errcode.Forbidden, "who uses it ends it")
	end.Password = "wrong password"
	_, err = o.door("li").EndSeal(ctx, end)
	o.Fails(err, errcode.KeyPasswordWrong, "with another password")
	if got := o.seal("li", s.Id); got.State != "valid" {
		t.Fatal(got)
	}
	end.Password = password
	if got := must[*v1.Seal](t)(o.door("li").EndSeal(ctx, end)); got.State != "lost" || got.StateReason != "遗失" {
		t.Fatal(got)
	}
	o.Settles()
	_, err = o.sealFor("wang", s.Id)
	o.Fails(err, errcode.SealForbidden, "a lost seal")
	if got := o.seal("wang", s.Id); got.KeyState != "revoked" || got.CanUse || len(got.Holders) != 0 {
		t.Fatal(got)
	}
	trust := must[office.Trust](t)(o.As("zhao").Office.Trust(ctx, o.Workspace))
	if got := judged(t, data, trust); got.SealStanding != verify.SealRevoked || got.Valid() {
		t.Fatalf("%+v", got)
	}
}

// Rights that are set apart from each other are the same everywhere in the end, whatever was heard first.
func TestRightsConverge(t *testing.T) {
	needFont(t)
	o := newRoom(t, "wang", "zhao", "qian")
	o.founds("li")
	s := o.makesSeal("li", "合同专用章")
	for _, who := range []string{"wang", "zhao"} {
		if err := o.rights("li", s.Id, who, true, false, false); err != nil {
			t.Fatal(err)
		}
	}
	o.Settles()
	o.Partition([]string{"li", "qian"}, []string{"wang"}, []string{"zhao"})
	if err := errors.Join(
		o.rights("li", s.Id, "wang", false, false, true), // withdrawn, which wang does not know
		o.rights("wang", s.Id, "qian", false, true, false),
		o.rights("zhao", s.Id, "qian", false, false, true),
	); err != nil {
		t.Fatal(err)
	}
	o.Heal()
	o.Settles()
	id := must[wire.EventID](t)(wire.ParseEventID(s.Id))
	want := must[[]string](t)(o.As("li").Office.Dump(ctx, o.Workspace))
	for _, who := range []string{"wang", "zhao", "qian"} {
		if got := must[[]string](t)(o.As(who).Office.Dump(ctx, o.Workspace)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, li: %v", who, got, want)
		}
	}
	// What wang gave without knowing is beyond what li had seen of wang.
	if err := o.As("qian").Office.PrepareKey(ctx, o.Workspace, id, password); !errors.Is(err, errcode.SealForbidden) {
		t.Error(err)
	}
	o.Fails(o.rights("wang", s.Id, "wang", true, true, true), errcode.Forbidden, "who does not manage")
	// Who has no right any more is out of the register, and gets nothing new from it.
	if err := o.rights("li", s.Id, "wang", false, false, false); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	if got := o.seal("wang", s.Id); got == nil || got.Picture != nil || got.CanAudit {
		t.Error(got)
	}
	o.Fails(o.rights("li", s.Id, "li", false, false, false), nil, "zhao manages it still")
	o.Settles()
	if err := o.rights("zhao", s.Id, "zhao", false, false, false); !errors.Is(err, errcode.Forbidden) {
		t.Error("the last who manages it:", err)
	}
}

// Who left is told to the owner, and uses no seal.
func TestWhoLeaves(t *testing.T) {
	needFont(t)
	o := newRoom(t, "wang", "zhao")
	o.founds("li")
	o.certified("wang", "王小明")
	s := o.makesSeal("li", "合同专用章")
	if err := o.rights("li", s.Id, "wang", false, true, false); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	o.prepares("wang", s.Id)
	o.Removes("li", "wang")
	o.Eventually("the owner is told", func() bool {
		all := o.authority("li").Issued
		return len(all) == 2 && all[0].ToRevoke == "left" && all[1].ToRevoke == "left"
	})
	if _, holders, err := o.As("zhao").Office.Holders(ctx, o.Workspace, s.Id); err != nil || len(holders) != 0 {
		o.Eventually("wang is no holder", func() bool {
			_, holders, err := o.As("zhao").Office.Holders(ctx, o.Workspace, s.Id)
			return err == nil && len(holders) == 0
		})
	}
	o.Eventually("wang is out of the register", func() bool {
		for _, id := range o.As("li").Log.Spaces() {
			out := true
			_ = o.As("li").Log.View(id, func(st *space.State) {
				m, _ := st.Member(o.As("wang").Person())
				out = st.Kind != space.Register || !m.Active
			})
			if !out {
				return false
			}
		}
		return len(o.seal("li", s.Id).Rights) == 1
	})
	for _, c := range o.authority("li").Issued {
		must[*v1.WorkspaceAuthority](t)(o.door("li").RevokeCertificate(ctx, &v1.RevokeCertificateRequest{WorkspaceId: o.id(), Serial: c.Serial, Reason: 3, Password: password}))
	}
	if a := o.authority("li"); a.Issued[0].RevokedUnixMs == 0 || a.Issued[1].RevokedUnixMs == 0 {
		t.Fatal(a)
	}
}

// An owner without the root makes a seal: who has the root sees what is granted, and issues.
func TestRegisterOfAnotherOwner(t *testing.T) {
	needFont(t)
	o := newRoom(t, "wang", "zhao")
	o.founds("li")
	o.SetsRole("li", "wang", space.Owner)
	o.Settles()
	s := o.makesSeal("wang", "合同专用章")
	if err := o.rights("wang", s.Id, "zhao", false, true, false); err != nil {
		t.Fatal(err)
	}
	o.Settles()
	if got := o.seal("li", s.Id); got.Picture != nil || got.CanManage {
		t.Fatal(got) // has the root, and no right
	}
	o.prepares("zhao", s.Id)
	must[office.Usable](t)(o.sealFor("zhao", s.Id))
}

func TestPreviewAndPersonal(t *testing.T) {
	needFont(t)
	o := newRoom(t)
	door := o.door("li")
	for _, kind := range []v1.SealKind{1, 2, 3, 4} {
		d := &v1.SealDesign{Kind: kind, Text: "李明之印", Texture: true}
		one, two := must[*v1.SealPicture](t)(door.PreviewSeal(ctx, d)), must[*v1.SealPicture](t)(door.PreviewSeal(ctx, d))
		if one.Svg != two.Svg || one.WidthMm < 10 || one.HeightMm < 10 {
			t.Error(kind, one.WidthMm, one.HeightMm)
		}
	}
	for want, d := range map[errcode.Code]*v1.SealDesign{
		errcode.SealTextTooLong: {Kind: 1, Text: strings.Repeat("长", 50)}, errcode.GlyphMissing: {Kind: 1, Text: "\U0010fffd"},
		errcode.InvalidArgument: {Kind: 9}, errcode.SealImageInvalid: {Kind: 5, UploadId: "text"},
	} {
		o.As("li").Brings("text", []byte("no picture"))
		_, err := door.PreviewSeal(ctx, d)
		o.Fails(err, want, d.String())
	}
	m := image.NewRGBA(image.Rect(0, 0, 200, 200))
	for i := range 200 * 200 {
		x, y := i%200, i/200
		if m.Set(x, y, color.White); (x-100)*(x-100)+(y-100)*(y-100) < 80*80 {
			m.Set(x, y, color.RGBA{200, 20, 40, 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	o.As("li").Brings("scan", file.Bytes())
	s := must[*v1.Seal](t)(door.MakeSeal(ctx, &v1.MakeSealRequest{WorkspaceId: o.id(), Name: "私章", Personal: true, Design: &v1.SealDesign{Kind: 5, UploadId: "scan", WidthMm: 18}}))
	if !s.Personal || !s.CanUse || s.Picture.WidthMm != 18 {
		t.Fatal(s)
	}
	o.Restart("li")
	if got := o.seal("li", s.Id); got == nil || got.Picture.Svg != s.Picture.Svg {
		t.Fatal(got)
	}
	look := must[pades.Look](t)(o.As("li").Office.PersonalSeal(ctx, o.Workspace, s.Id))
	if len(look.Content) == 0 {
		t.Fatal("empty")
	}
	must[*v1.Seal](t)(door.EndSeal(ctx, &v1.EndSealRequest{WorkspaceId: o.id(), SealId: s.Id, State: "revoked"}))
	if o.seal("li", s.Id) != nil {
		t.Fatal("it is there")
	}
}
