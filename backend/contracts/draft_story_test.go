package contracts_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// brings puts a document on somebody's shelf as a screen does.
func brings(t *testing.T, a contracts.API, name string, data []byte) string {
	t.Helper()
	ctx := context.Background()
	u, err := a.BeginDocument(ctx, &v1.BeginDocumentRequest{Name: name, Size: int64(len(data))})
	must(t, err)
	_, err = a.PutDocument(ctx, &v1.PutDocumentRequest{UploadId: u.UploadId, Data: data})
	must(t, err)
	return u.UploadId
}

// A document is brought in, prepared, sent and signed; the text of it is found at everybody's who read it; and it is sent once more.
func TestFromDocumentToContract(t *testing.T) {
	x := sits(t, 31, "wang", "li", "zhao")
	ctx, wang, li := context.Background(), x.As("wang").ContractsAPI(), x.As("li").ContractsAPI()
	data, err := os.ReadFile(filepath.Join("pades", "testdata", "libreoffice.pdf"))
	must(t, err)
	field := func(id string, kind v1.FieldType, party int32, y float64) *v1.ContractField {
		return &v1.ContractField{Id: id, Type: kind, Party: party, Page: 1, X: 60, Y: y, Width: 150, Height: 40}
	}
	d, err := wang.CreateDraft(ctx, &v1.CreateDraftRequest{WorkspaceId: x.Workspace.String(), UploadId: brings(t, wang, "采购合同.pdf", data), Fields: []*v1.ContractField{
		field("sigli", v1.FieldType_FIELD_TYPE_SIGNATURE, 5, 60), field("textli", v1.FieldType_FIELD_TYPE_TEXT, 5, 120),
	}})
	must(t, err)
	if !slices.Contains(d.Problems, "no_signer") {
		t.Error(d.Problems)
	}
	if _, err := wang.SendDraft(ctx, &v1.SendDraftRequest{DraftId: d.Id}); !errors.Is(err, errcode.DraftIncomplete) {
		t.Error(err)
	}
	d.Parties = []*v1.Party{
		{Id: 5, Role: v1.PartyRole_PARTY_ROLE_SIGNER, Step: 3, PersonId: x.As("li").Person().String(), Label: "乙方"},
		{Id: 6, Role: v1.PartyRole_PARTY_ROLE_COPY, PersonId: x.As("zhao").Person().String()},
	}
	d.Message = "请签署"
	d, err = wang.SaveDraft(ctx, d)
	must(t, err)
	rows, err := wang.ListContracts(ctx, &v1.ContractsRequest{WorkspaceId: x.Workspace.String()})
	if must(t, err); len(rows.Rows) != 1 || rows.Rows[0].Id != d.Id || rows.Drafts != 1 || len(d.Problems) > 0 {
		t.Error(rows, d.Problems)
	}
	c, err := wang.SendDraft(ctx, &v1.SendDraftRequest{DraftId: d.Id})
	must(t, err)
	if c.State != v1.ContractState_CONTRACT_STATE_RUNNING || c.Parties[0].Step != 1 || len(c.Fields) != 2 || c.Message != "请签署" {
		t.Error(c)
	}
	if _, err := wang.ReadDraft(ctx, &v1.DraftRequest{DraftId: d.Id}); !errors.Is(err, errcode.NotFound) {
		t.Errorf("the draft is still there: %v", err)
	}
	id, err := wire.ParseSpaceID(c.Id)
	must(t, err)
	x.opens("li", id)
	x.signs("li", id)
	whole := func(c *v1.Contract) bool {
		return c.State == completed && c.DocumentHere && slices.Contains(kinds(c), "preserved")
	}
	done := x.sees("wang", id, "it is signed", whole)
	judged(t, x.document("wang", id), 1)

	here := x.sees("li", id, "it is here", whole)
	todo, err := li.UnindexedContracts(ctx, &v1.UnindexedContractsRequest{})
	if must(t, err); !slices.Equal(todo.ContractIds, []string{c.Id}) {
		t.Error(todo)
	}
	if _, err := li.IndexContract(ctx, &v1.IndexContractRequest{ContractId: c.Id, Sha256: here.OriginalSha256, Pages: []string{"采购合同 甲方：远山", "违约金"}}); err != nil {
		t.Fatal(err)
	}
	found, err := li.ListContracts(ctx, &v1.ContractsRequest{Query: "违约"})
	if must(t, err); len(found.Rows) != 1 || found.Rows[0].ExcerptPage != 2 || found.Rows[0].Excerpt != "违约金" {
		t.Error(found)
	}
	if found, err := li.ListContracts(ctx, &v1.ContractsRequest{Query: "上海"}); err != nil || len(found.Rows) != 0 {
		t.Error(found, err)
	}
	todo, err = li.UnindexedContracts(ctx, &v1.UnindexedContractsRequest{})
	if must(t, err); len(todo.ContractIds) != 0 {
		t.Error(todo)
	}

	report, err := wang.VerifyDocument(ctx, &v1.VerifyDocumentRequest{ContractId: c.Id})
	if must(t, err); len(report.Signatures) != 1 || report.Signatures[0].Integrity != "intact" || report.Sha256 != done.CurrentSha256 {
		t.Error(report)
	}
	again, err := wang.DraftFromContract(ctx, &v1.ContractRequest{ContractId: c.Id})
	must(t, err)
	if again.Size > int64(len(data)) || again.Size < int64(len(data))-2 || again.Parties[0].PersonId != d.Parties[0].PersonId || again.Fields[0].Value != "" || len(again.Problems) > 0 {
		t.Error(again, len(data))
	}
	if c, err = wang.SendDraft(ctx, &v1.SendDraftRequest{DraftId: again.Id}); err != nil || len(c.Fields) != 2 || c.Fields[0].Id != "sigli" {
		t.Error(c, err)
	}
	x.Settles()
}

// A seal over the edges of all pages is signed before the document goes out, and those who sign afterwards do not harm it: who has a field for a seal
// alone signs besides in one that was there from the beginning.
func TestStraddledContract(t *testing.T) {
	x := sits(t, 32, "wang", "li", "zhao")
	x.seals[seal1] = []string{"wang", "zhao"}
	ctx, wang := context.Background(), x.As("wang").ContractsAPI()
	data, err := os.ReadFile(filepath.Join("pades", "testdata", "libreoffice.pdf"))
	must(t, err)
	d, err := wang.CreateDraft(ctx, &v1.CreateDraftRequest{
		WorkspaceId: x.Workspace.String(), UploadId: brings(t, wang, "采购合同.pdf", data),
		Parties: []*v1.Party{{Id: 1, Role: v1.PartyRole_PARTY_ROLE_SIGNER, PersonId: x.As("li").Person().String()},
			{Id: 2, Role: v1.PartyRole_PARTY_ROLE_SIGNER, Step: 1, PersonId: x.As("zhao").Person().String()}},
		Fields: []*v1.ContractField{
			{Id: "sigli", Type: v1.FieldType_FIELD_TYPE_SIGNATURE, Party: 1, Page: 1, X: 60, Y: 60, Width: 150, Height: 40, Required: true},
			{Id: "textli", Type: v1.FieldType_FIELD_TYPE_TEXT, Party: 1, Page: 1, X: 60, Y: 120, Width: 150, Height: 20},
			{Id: "stamp", Type: v1.FieldType_FIELD_TYPE_SEAL, Party: 2, Page: 1, X: 300, Y: 300, Width: 100, Height: 100, Required: true},
		},
	})
	must(t, err)
	d.StraddleSealId = seal1
	d, err = wang.SaveDraft(ctx, d)
	must(t, err)
	if _, err := wang.SendDraft(ctx, &v1.SendDraftRequest{DraftId: d.Id, KeyPassword: "wrong"}); !errors.Is(err, errcode.KeyPasswordWrong) {
		t.Errorf("with another password: %v", err)
	}
	c, err := wang.SendDraft(ctx, &v1.SendDraftRequest{DraftId: d.Id, KeyPassword: password})
	must(t, err)
	if len(x.uses) != 1 || x.uses[0].Contract.String() != c.Id || x.uses[0].Seal != seal1 || !x.uses[0].Asked.IsZero() {
		t.Errorf("ledger: %+v", x.uses)
	}
	id, err := wire.ParseSpaceID(c.Id)
	must(t, err)
	// The program ended before the register said so: it says it later, and once.
	x.mu.Lock()
	want := x.uses[0]
	x.uses = nil
	x.mu.Unlock()
	for range 2 {
		must(t, x.As("wang").Contracts.RecordAll(ctx))
	}
	x.mu.Lock()
	if len(x.uses) != 1 || x.uses[0] != want {
		t.Errorf("repaired: %+v, not %+v", x.uses, want)
	}
	x.mu.Unlock()
	x.opens("li", id)
	x.signs("li", id)
	x.sees("zhao", id, "li signed", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "signed") && c.CanSign })
	x.opens("zhao", id)
	r := x.signing1("zhao", id)
	r.Values, r.Signature, r.Seals = nil, nil, map[string]string{"stamp": seal1}
	if _, code := x.tries("zhao", r); code != "" {
		t.Fatal(code)
	}
	x.sees("wang", id, "it is signed", func(c *v1.Contract) bool {
		return c.State == completed && c.DocumentHere && slices.Contains(kinds(c), "preserved")
	})
	judged(t, x.document("wang", id), 4)
	x.sameFields("wang", id)
	x.As("wang").Contracts.TrustedFrom(func(context.Context) (verify.Trust, error) {
		return verify.Trust{Roots: []verify.Root{{Name: "远山", Certificate: x.root, Signs: true}}}, nil
	})
	report, err := wang.VerifyDocument(ctx, &v1.VerifyDocumentRequest{ContractId: c.Id})
	must(t, err)
	if report.Verdict != "valid" || len(report.Signatures) != 4 || report.Signatures[0].Seal != "right" || report.Signatures[0].SealName != "公章" {
		t.Error(report)
	}
	again, err := wang.DraftFromContract(ctx, &v1.ContractRequest{ContractId: c.Id})
	if must(t, err); again.Size > int64(len(data)) {
		t.Errorf("the seal stays in the document: %d bytes of %d", again.Size, len(data))
	}
	x.Settles()
}

// sameFields: those who signed put no field into the document that was not there when it was sent.
func (x *table) sameFields(name string, id wire.SpaceID) {
	x.t.Helper()
	var names [2]string
	for i, n := range []int{0, -1} {
		path, err := x.As(name).Contracts.Version(context.Background(), id, n)
		must(x.t, err)
		all, err := contracts.FieldNames(path)
		must(x.t, err)
		names[i] = strings.Join(all, " ")
	}
	if names[0] != names[1] || !strings.Contains(names[0], "roundtable-party-02") || strings.Contains(names[0], "roundtable-party-01") {
		x.t.Errorf("fields: %s, and as it was sent %s", names[1], names[0])
	}
}

func TestIsHidden(t *testing.T) {
	for field, want := range map[string]bool{"roundtable-party-01": true, "roundtable-party-01-2": true, "roundtable-party-01-1": false, "roundtable-party-01-02": false,
		"roundtable-party-01-": false, "roundtable-party-011": false, "roundtable-party-02": false, "sig": false} {
		if got := contracts.IsHidden(1, field); got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
}
