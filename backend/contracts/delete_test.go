package contracts_test

import (
	"context"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
)

func (x *table) deletes(name string, r *v1.ContractRequest) errcode.Code {
	_, err := x.As(name).ContractsAPI().DeleteContract(context.Background(), r)
	if err == nil {
		return ""
	}
	return code(err)
}

// What was deleted is gone: its document is not put together again, its text is not found, its pieces are kept by nobody here.
func TestDeletedIsGone(t *testing.T) {
	x := sits(t, 31, "wang", "li")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	ctx := context.Background()
	x.signs("li", id)
	c := x.is("wang", id, completed)
	api := x.As("wang").ContractsAPI()
	x.document("wang", id)
	_, err := api.IndexContract(ctx, &v1.IndexContractRequest{ContractId: id.String(), Sha256: c.OriginalSha256, Pages: []string{"付款方式"}})
	must(t, err)
	if code := x.deletes("wang", &v1.ContractRequest{ContractId: id.String()}); code != "" {
		t.Fatal(code)
	}
	for _, path := range [][]string{{"contracts", id.String()}, {"contracts", id.String(), "original"}} {
		if f, err := api.OpenDocument(ctx, path); code(err) != errcode.NotFound {
			t.Errorf("%v is read: %v %v", path, f.Name, err)
		}
	}
	if _, err := api.IndexContract(ctx, &v1.IndexContractRequest{ContractId: id.String(), Sha256: c.OriginalSha256, Pages: []string{"x"}}); code(err) != errcode.NotFound {
		t.Errorf("its text is taken: %v", err)
	}
	references := contracts.References{Contracts: x.As("wang").Contracts}
	if files, err := references.Trees(ctx); err != nil || len(files) != 0 {
		t.Errorf("%d trees are kept: %v", len(files), err)
	}
	x.is("li", id, completed)
}

// A declined contract is not over for its parties, and one whose deadline was moved comes back.
func TestWhatGoesOnIsNotLost(t *testing.T) {
	x := sits(t, 32, "wang", "li", "zhao")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1})
	ctx := context.Background()
	_, err := x.As("zhao").ContractsAPI().DeclineContract(ctx, &v1.ReasonRequest{ContractId: id.String()})
	if err != nil {
		x.opens("zhao", id)
		_, err = x.As("zhao").ContractsAPI().DeclineContract(ctx, &v1.ReasonRequest{ContractId: id.String()})
	}
	must(t, err)
	x.is("li", id, declined)
	if code := x.deletes("li", &v1.ContractRequest{ContractId: id.String()}); code != errcode.ContractRunning {
		t.Errorf("deleted while it may go on: %q", code)
	}
	late := x.sends("wang", func(s *contracts.Sending) { s.Deadline = x.As("wang").Clock.Now().Add(time.Hour).UnixMilli() }, part{"li", flow.Signer, 1})
	x.sees("li", late, "it has come", func(c *v1.Contract) bool { return c.State == running })
	x.Later(2 * time.Hour)
	x.is("li", late, expired)
	if code := x.deletes("li", &v1.ContractRequest{ContractId: late.String()}); code != "" {
		t.Fatal(code)
	}
	_, err = x.As("wang").ContractsAPI().SetContractDeadline(ctx, &v1.SetContractDeadlineRequest{ContractId: late.String(), DeadlineUnixMs: x.As("wang").Clock.Now().Add(24 * time.Hour).UnixMilli()})
	must(t, err)
	x.Eventually("li has it again", func() bool {
		rows, err := x.As("li").ContractsAPI().ListContracts(ctx, &v1.ContractsRequest{Box: v1.ContractBox_CONTRACT_BOX_MINE_TO_DO})
		return err == nil && len(rows.Rows) == 1 && rows.Rows[0].Id == late.String()
	})
	x.signs("li", late)
	x.is("wang", late, completed)
}
