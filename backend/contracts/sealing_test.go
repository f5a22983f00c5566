package contracts_test

import (
	"context"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
)

func TestSealOfAnother(t *testing.T) {
	x := sits(t, 8, "wang", "li", "boss")
	x.seals[seal1] = []string{"boss"}
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{300_000, 300_000, 100_000, 100_000}, Required: true})
	}, part{"li", flow.Signer, 1})
	x.opens("li", id)
	ctx := context.Background()
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.FieldMissing {
		t.Errorf("without the seal: %q", code)
	}
	r := x.signing1("li", id)
	r.Seals = map[string]string{"stamp": seal1}
	if _, code := x.tries("li", r); code != errcode.SealForbidden {
		t.Errorf("without the right: %q", code)
	}
	_, err := x.As("li").ContractsAPI().AskSeal(ctx, &v1.AskSealRequest{ContractId: id.String(), FieldId: "stamp", SealId: seal1, Reason: "请盖章"})
	must(t, err)
	c, code := x.tries("li", x.signing1("li", id))
	if code != "" || x.party(c, "li").State != v1.PartyState_PARTY_STATE_SEAL_ASKED {
		t.Fatalf("%q %v", code, c.GetParties())
	}
	asked := x.sees("boss", id, "the boss is asked", func(c *v1.Contract) bool { return len(c.SealRequests) == 1 })
	x.opens("boss", id)
	_, err = x.As("boss").ContractsAPI().ApproveSeal(ctx, &v1.ApproveSealRequest{ContractId: id.String(), RequestId: asked.SealRequests[0].Id, KeyPassword: password})
	must(t, err)
	if _, err = x.As("boss").ContractsAPI().ApproveSeal(ctx, &v1.ApproveSealRequest{ContractId: id.String(), RequestId: asked.SealRequests[0].Id, KeyPassword: password}); err == nil {
		t.Error("applied twice")
	}
	x.is("wang", id, completed)
	judged(t, x.document("wang", id), 2)
	if len(x.uses) != 1 || x.uses[0].Asked != x.As("li").Person() || x.uses[0].Contract != id {
		t.Errorf("ledger: %+v", x.uses)
	}
}

// Who was asked for a seal refuses: nothing is signed without it, and another one can be asked.
func TestSealRefused(t *testing.T) {
	x := sits(t, 15, "wang", "li", "boss")
	x.seals[seal1] = []string{"boss"}
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{300_000, 300_000, 100_000, 100_000}, Required: true})
	}, part{"li", flow.Signer, 1})
	x.opens("li", id)
	ctx := context.Background()
	ask := func() string {
		_, err := x.As("li").ContractsAPI().AskSeal(ctx, &v1.AskSealRequest{ContractId: id.String(), FieldId: "stamp", SealId: seal1})
		must(t, err)
		return x.sees("boss", id, "the boss is asked", func(c *v1.Contract) bool { return len(c.SealRequests) == 1 }).SealRequests[0].Id
	}
	request := ask()
	if _, code := x.tries("li", x.signing1("li", id)); code != "" {
		t.Fatal(code)
	}
	_, err := x.As("boss").ContractsAPI().RefuseSeal(ctx, &v1.ReasonRequest{ContractId: id.String(), RequestId: request, Reason: "未经审批"})
	must(t, err)
	c := x.sees("li", id, "li decides anew", func(c *v1.Contract) bool {
		return c.CanSign && slices.Contains(kinds(c), "seal_refused") && c.QueuedProblem == string(errcode.SealRefused)
	})
	if slices.Contains(kinds(c), "signed") {
		t.Error("signed without the seal")
	}
	x.opens("boss", id)
	request = ask()
	if _, code := x.tries("li", x.signing1("li", id)); code != "" {
		t.Fatal(code)
	}
	_, err = x.As("boss").ContractsAPI().ApproveSeal(ctx, &v1.ApproveSealRequest{ContractId: id.String(), RequestId: request, KeyPassword: password})
	must(t, err)
	x.is("wang", id, completed)
}
