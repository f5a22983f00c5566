package contracts_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
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

// A seal over the edges of all pages is signed before the document goes out, and those who sign afterwards do not harm it.
func TestStraddledContract(t *testing.T) {
	x := sits(t, 32, "wang", "li")
	x.seals[seal1] = []string{"wang"}
	ctx, wang := context.Background(), x.As("wang").ContractsAPI()
	data, err := os.ReadFile(filepath.Join("pades", "testdata", "libreoffice.pdf"))
	must(t, err)
	d, err := wang.CreateDraft(ctx, &v1.CreateDraftRequest{
		WorkspaceId: x.Workspace.String(), UploadId: brings(t, wang, "采购合同.pdf", data),
		Parties: []*v1.Party{{Id: 1, Role: v1.PartyRole_PARTY_ROLE_SIGNER, PersonId: x.As("li").Person().String()}},
		Fields: []*v1.ContractField{
			{Id: "sigli", Type: v1.FieldType_FIELD_TYPE_SIGNATURE, Party: 1, Page: 1, X: 60, Y: 60, Width: 150, Height: 40},
			{Id: "textli", Type: v1.FieldType_FIELD_TYPE_TEXT, Party: 1, Page: 1, X: 60, Y: 120, Width: 150, Height: 20},
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
	x.opens("li", id)
	x.signs("li", id)
	x.sees("wang", id, "it is signed", func(c *v1.Contract) bool {
		return c.State == completed && c.DocumentHere && slices.Contains(kinds(c), "preserved")
	})
	judged(t, x.document("wang", id), 2)
	x.As("wang").Contracts.TrustedFrom(func(context.Context) (verify.Trust, error) {
		return verify.Trust{Roots: []verify.Root{{Name: "远山", Certificate: x.root, Signs: true}}}, nil
	})
	r, err := wang.VerifyDocument(ctx, &v1.VerifyDocumentRequest{ContractId: c.Id})
	must(t, err)
	if r.Verdict != "valid" || len(r.Signatures) != 2 || r.Signatures[0].Seal != "right" || r.Signatures[0].SealName != "公章" {
		t.Error(r)
	}
	again, err := wang.DraftFromContract(ctx, &v1.ContractRequest{ContractId: c.Id})
	if must(t, err); again.Size > int64(len(data)) {
		t.Errorf("the seal stays in the document: %d bytes of %d", again.Size, len(data))
	}
	x.Settles()
}
