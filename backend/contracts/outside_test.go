package contracts_test

import (
	"context"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
)

// Somebody from outside comes by a link, becomes the party that it was made for, and signs.
func TestPartyFromOutside(t *testing.T) {
	x := sits(t, 30, "wang", "li")
	chen := x.As("chen") // of no workspace here
	x.people["chen"] = chen.Person()
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Parties = append(s.Parties, flow.Party{ID: 2, Role: flow.Signer, Step: 2, Name: "陈先生", Organization: "长河"})
		s.Fields = append(s.Fields, flow.Field{ID: "sigchen", Type: flow.Signature, Party: 2, Page: 1, Rect: [4]int32{60_000, 300_000, 150_000, 40_000}, Required: true},
			flow.Field{ID: "textchen", Type: flow.Text, Party: 2, Page: 1, Rect: [4]int32{250_000, 300_000, 150_000, 20_000}})
	}, part{"li", flow.Signer, 1})
	ctx := context.Background()
	wang := x.As("wang").ContractsAPI()
	invites := func(party int32) (*v1.InvitePartyResponse, errcode.Code) {
		out, err := wang.InviteParty(ctx, &v1.PartyRequest{ContractId: id.String(), Party: party})
		if err == nil {
			return out, ""
		}
		code, _ := errcode.From(err)
		return nil, code
	}
	if _, code := invites(1); code != errcode.InvalidArgument {
		t.Errorf("a link for somebody who is there: %q", code)
	}
	if _, err := x.As("li").ContractsAPI().InviteParty(ctx, &v1.PartyRequest{ContractId: id.String(), Party: 2}); err == nil {
		t.Error("a link of somebody who did not send it")
	}
	link, code := invites(2)
	if code != "" {
		t.Fatal(code)
	}
	c := x.sees("li", id, "nobody has come", func(c *v1.Contract) bool { return c.Parties[1].State == v1.PartyState_PARTY_STATE_INVITED })
	if !c.External || !c.Parties[1].External || c.Parties[0].External {
		t.Errorf("external: %v %v %v", c.External, c.Parties[0], c.Parties[1])
	}
	chen.Joins(link.Link)
	for _, name := range []string{"wang", "li", "chen"} {
		c := x.sees(name, id, "chen has come", func(c *v1.Contract) bool {
			return c.Parties[1].PersonId == chen.Person().String() && c.Parties[1].Name == "chen"
		})
		if c.SenderName != "wang" || c.WorkspaceId != "" {
			t.Errorf("at %s: sent by %q", name, c.SenderName)
		}
	}
	if code := x.As("zhao").TriesToJoin(link.Link); code != errcode.InviteUsedUp {
		t.Errorf("the link a second time: %q", code)
	}
	x.signs("li", id)
	x.sees("chen", id, "it is chen's turn", func(c *v1.Contract) bool { return c.CanSign && x.party(c, "chen").Holds })
	x.signs("chen", id)
	x.is("wang", id, completed)
	x.is("li", id, completed)
	judged(t, x.document("li", id), 2)
	for _, name := range []string{"wang", "chen"} {
		rows, err := x.As(name).ContractsAPI().ListContracts(ctx, &v1.ContractsRequest{WorkspaceId: x.Workspace.String()})
		must(t, err)
		if len(rows.Rows) != 1 || rows.Rows[0].SenderName != "wang" {
			t.Errorf("list of %s: %v", name, rows.Rows)
		}
	}
}
