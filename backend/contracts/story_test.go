package contracts_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pades/tsatest"
	"roundtable/backend/errcode"
	"roundtable/backend/testspace"
)

// Two in any order, then one.
func TestTwoAndThenOne(t *testing.T) {
	x := sits(t, 1, "wang", "li", "zhao", "chen", "sun")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1}, part{"chen", flow.Signer, 2}, part{"sun", flow.Copy, 1})
	x.opens("chen", id)
	if _, code := x.tries("chen", x.signing1("chen", id)); code != errcode.NotYourTurn {
		t.Errorf("too early: %q", code)
	}
	x.signs("zhao", id)
	x.sees("zhao", id, "zhao signed", func(c *v1.Contract) bool { return x.party(c, "zhao").State == v1.PartyState_PARTY_STATE_SIGNED })
	x.sees("li", id, "li holds it", func(c *v1.Contract) bool { return x.party(c, "li").Holds })
	x.signs("li", id)
	x.sees("chen", id, "it is chen's turn", func(c *v1.Contract) bool { return c.CanSign && x.party(c, "chen").Holds })
	if rows, err := x.As("chen").ContractsAPI().ListContracts(context.Background(), &v1.ContractsRequest{Box: v1.ContractBox_CONTRACT_BOX_MINE_TO_DO}); err != nil || rows.MineToDo != 1 || len(rows.Rows) != 1 {
		t.Errorf("to do: %v %v", rows, err)
	}
	x.signs("chen", id)
	for _, name := range []string{"wang", "li", "zhao", "chen", "sun"} {
		c := x.sees(name, id, "it is complete and preserved", func(c *v1.Contract) bool { return c.State == completed && slices.Contains(kinds(c), "preserved") })
		if c.Parties[0].State != v1.PartyState_PARTY_STATE_SIGNED || c.Fields[1].Value != "value of li" {
			t.Errorf("at %s: %v", name, c.Parties[0])
		}
	}
	judged(t, x.document("sun", id), 3)
	original, err := x.As("sun").Contracts.Version(context.Background(), id, 0)
	must(t, err)
	whole, err := os.ReadFile(x.document("sun", id))
	must(t, err)
	first, err := os.ReadFile(original)
	must(t, err)
	if !strings.HasPrefix(string(whole), string(first)) {
		t.Error("the document does not begin with what was sent")
	}
	x.Settles()
}

// Who consents while another one has the document is signed for when it comes, without being there again.
func TestQueuedOffline(t *testing.T) {
	x := sits(t, 2, "wang", "li", "zhao")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 1})
	x.opens("zhao", id)
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"}, []string{"zhao"})
	c, code := x.tries("li", x.signing1("li", id))
	if code != "" || c.Queued != "turn" || x.party(c, "li").State != v1.PartyState_PARTY_STATE_CONSENTED || c.Unsent == 0 {
		t.Fatalf("li queued: %q %q", code, c.GetQueued())
	}
	if c, code = x.tries("zhao", x.signing1("zhao", id)); code != "" || c.Queued != "turn" {
		t.Fatalf("zhao queued: %q", code)
	}
	x.Heal()
	x.is("wang", id, completed)
	c = x.is("zhao", id, completed)
	if c.Queued != "" {
		t.Error("still queued")
	}
	judged(t, x.document("zhao", id), 2)
}

func TestDeclinedReplacedDelegated(t *testing.T) {
	x := sits(t, 4, "wang", "li", "zhao", "chen")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", id)
	ctx := context.Background()
	_, err := x.As("li").ContractsAPI().DeclineContract(ctx, &v1.ReasonRequest{ContractId: id.String(), Reason: "金额不对"})
	must(t, err)
	c := x.is("wang", id, declined)
	if c.Parties[0].Reason != "金额不对" {
		t.Error(c.Parties[0])
	}
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.ContractEnded {
		t.Errorf("after the refusal: %q", code)
	}
	_, err = x.As("wang").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("zhao").Person().String(), Reason: "换人"})
	must(t, err)
	x.sees("zhao", id, "it is zhao's", func(c *v1.Contract) bool { return c.MyParty == 1 })
	x.opens("zhao", id)
	if _, err := x.As("li").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("chen").Person().String()}); err == nil {
		x.sees("li", id, "it is zhao's", func(c *v1.Contract) bool { return c.Parties[0].PersonId == x.As("zhao").Person().String() })
	}
	_, err = x.As("zhao").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("chen").Person().String(), Reason: "出差"})
	must(t, err)
	x.sees("chen", id, "it is chen's", func(c *v1.Contract) bool { return c.MyParty == 1 })
	x.opens("chen", id)
	r := x.signing1("li", id) // the fields are those of the party
	if _, code := x.tries("chen", r); code != "" {
		t.Fatal(code)
	}
	c = x.is("wang", id, completed)
	if c.Parties[0].PersonId != x.As("chen").Person().String() {
		t.Error("not by chen")
	}
	x.is("li", id, completed)
}

// A void that was said before the last signature was heard of comes too late.
func TestVoidRacesWithTheLastSignature(t *testing.T) {
	x := sits(t, 5, "wang", "li")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", id)
	x.Partition([]string{"wang"}, []string{"li"})
	ctx := context.Background()
	_, err := x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: id.String(), Reason: "作废"})
	must(t, err)
	x.is("wang", id, voided)
	x.signs("li", id)
	x.is("li", id, completed)
	x.Heal()
	for _, name := range []string{"wang", "li"} {
		c := x.is(name, id, completed)
		if !slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "voided" && e.Void }) {
			x.sees(name, id, "the void came too late", func(c *v1.Contract) bool {
				return slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "voided" && e.Void })
			})
		}
	}
	second := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", second)
	_, err = x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: second.String()})
	must(t, err)
	x.is("li", second, voided)
	if _, code := x.tries("li", x.signing1("li", second)); code != errcode.ContractEnded {
		t.Errorf("%q", code)
	}
}

func TestApproverAndDeadline(t *testing.T) {
	x := sits(t, 7, "wang", "li", "zhao")
	id := x.sends("wang", func(s *contracts.Sending) { s.Deadline = time.Now().Add(time.Hour).UnixMilli() }, part{"li", flow.Approver, 1}, part{"zhao", flow.Signer, 2})
	x.opens("li", id)
	ctx := context.Background()
	_, err := x.As("li").ContractsAPI().ApproveContract(ctx, &v1.ContractRequest{ContractId: id.String()})
	must(t, err)
	x.sees("zhao", id, "it is zhao's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.opens("zhao", id)
	x.Later(2 * time.Hour)
	x.is("zhao", id, expired)
	if _, code := x.tries("zhao", x.signing1("zhao", id)); code != errcode.ContractEnded {
		t.Errorf("%q", code)
	}
	_, err = x.As("wang").ContractsAPI().SetContractDeadline(ctx, &v1.SetContractDeadlineRequest{ContractId: id.String(), DeadlineUnixMs: x.As("wang").Clock.Now().Add(24 * time.Hour).UnixMilli()})
	must(t, err)
	x.is("zhao", id, running)
	x.signs("zhao", id)
	x.is("wang", id, completed)
}

// With an authority signatures have trusted times, and the complete document one over all of it. When the authority cannot be reached nobody
// is told a time that is none.
func TestTrustedTime(t *testing.T) {
	x := sits(t, 9, "wang", "li", "zhao")
	tsa := tsatest.New(t)
	x.stamps(&pades.Authority{URL: tsa.URL, Roots: tsa.Pool()})
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	x.signs("li", id)
	c := x.sees("wang", id, "li signed", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "signed") })
	if e := c.Timeline[slices.IndexFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "signed" })]; e.Level != "B-T" || e.StampedUnixMs == 0 || len(e.CertificateFingerprint) != 64 {
		t.Errorf("signed: %v", e)
	}
	x.stamps(&pades.Authority{URL: "http://127.0.0.1:1/", Roots: tsa.Pool()})
	x.sees("zhao", id, "it is zhao's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.opens("zhao", id)
	if _, code := x.tries("zhao", x.signing1("zhao", id)); code != errcode.TimeUnreachable {
		t.Fatalf("without an authority: %q", code)
	}
	if c := x.is("zhao", id, running); c.Queued != "time" || !c.CanSign || x.party(c, "zhao").State != v1.PartyState_PARTY_STATE_CONSENTED {
		t.Errorf("the consent stands: %q", c.Queued)
	}
	r := x.signing1("zhao", id)
	r.WithoutTrustedTime = true
	if _, code := x.tries("zhao", r); code != "" {
		t.Fatalf("without trusted time: %q", code)
	}
	x.is("wang", id, completed)
	x.stamps(&pades.Authority{URL: tsa.URL, Roots: tsa.Pool()})
	x.Restart("wang") // it is tried again
	c = x.sees("li", id, "it is preserved", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "preserved") })
	if e := c.Timeline[slices.IndexFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.Kind == "preserved" })]; e.Level != "B-LTA" {
		t.Errorf("preserved: %v", e)
	}
	judged(t, x.document("li", id), 2) // pdfsig leaves stamps of documents alone
}

// Values are looked at before anybody agrees to them.
func TestValuesAreChecked(t *testing.T) {
	x := sits(t, 10, "wang", "li")
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "id", Type: flow.Text, Party: 1, Page: 2, Rect: [4]int32{60_000, 60_000, 200_000, 20_000}, Required: true, Format: "id_card"},
			flow.Field{ID: "agree", Type: flow.Checkbox, Party: 1, Page: 2, Rect: [4]int32{60_000, 90_000, 12_000, 12_000}, Required: true})
	}, part{"li", flow.Signer, 1})
	x.opens("li", id)
	r := x.signing1("li", id)
	try := func(want errcode.Code) {
		t.Helper()
		if _, code := x.tries("li", r); code != want {
			t.Errorf("%v: %q, not %q", r.Values, code, want)
		}
	}
	try(errcode.FieldMissing)
	r.Values["id"], r.Values["agree"] = "110105194912310021", "1"
	try(errcode.FieldInvalid)
	r.Values["id"], r.Values["agree"] = "11010519491231002x", "0"
	try(errcode.FieldMissing)
	r.Values["agree"] = "1"
	r.Signature = nil
	try(errcode.FieldMissing)
	r.Signature = drawnLook()
	r.KeyPassword = "wrong"
	try(errcode.KeyPasswordWrong)
	if c := x.is("li", id, running); slices.Contains(kinds(c), "consented") {
		t.Error("consented all the same")
	}
	r.KeyPassword, r.ConsentVersion = password, ""
	try(errcode.ConsentMissing)
	r.ConsentVersion = "consent.1"
	try("")
	c := x.is("wang", id, completed)
	i := slices.IndexFunc(c.Fields, func(f *v1.ContractField) bool { return f.Id == "id" })
	if c.Fields[i].Value != "11010519491231002X" {
		t.Error(c.Fields[i])
	}
	try(errcode.AlreadySigned)
}

func TestArchive(t *testing.T) {
	x := sits(t, 13, "wang", "li")
	id := x.sends("wang", func(s *contracts.Sending) { s.Tags = []string{"采购"} }, part{"li", flow.Signer, 1})
	ctx := context.Background()
	api := x.As("wang").ContractsAPI()
	if _, err := api.DeleteContract(ctx, &v1.ContractRequest{ContractId: id.String()}); err == nil {
		t.Error("deleted while it goes on")
	}
	x.signs("li", id)
	x.is("wang", id, completed)
	now := x.As("wang").Clock.Now()
	c, err := api.SetContractArchive(ctx, &v1.SetContractArchiveRequest{ContractId: id.String(), Tags: []string{"采购", "2026"}, Archived: true, RetainUntilUnixMs: now.Add(time.Hour).UnixMilli(), EndsUnixMs: 5})
	must(t, err)
	if !c.Archived || len(c.Tags) != 2 || c.EndsUnixMs != 5 {
		t.Error(c)
	}
	all, err := api.ListContracts(ctx, &v1.ContractsRequest{WorkspaceId: x.Workspace.String()})
	must(t, err)
	if len(all.Rows) != 0 || all.Archived != 1 || len(all.Tags) != 2 {
		t.Error(all)
	}
	found, err := api.ListContracts(ctx, &v1.ContractsRequest{Box: v1.ContractBox_CONTRACT_BOX_ARCHIVED, Query: "LI 采购", Tag: "2026"})
	must(t, err)
	if len(found.Rows) != 1 || found.Rows[0].Acted != 1 {
		t.Error(found)
	}
	if _, err := api.DeleteContract(ctx, &v1.ContractRequest{ContractId: id.String()}); code(err) != errcode.ContractRetained {
		t.Error(err)
	}
	x.Later(2 * time.Hour)
	_, err = api.DeleteContract(ctx, &v1.ContractRequest{ContractId: id.String()})
	must(t, err)
	x.Restart("wang")
	found, err = x.As("wang").ContractsAPI().ListContracts(ctx, &v1.ContractsRequest{Box: v1.ContractBox_CONTRACT_BOX_ARCHIVED})
	must(t, err)
	if len(found.Rows) != 0 {
		t.Error("still listed")
	}
	x.is("li", id, completed)
}

func code(err error) errcode.Code {
	c, _ := errcode.From(err)
	return c
}

// The device that sent it reminds those who can act.
func TestReminders(t *testing.T) {
	x := sits(t, 14, "wang", "li", "zhao")
	id := x.sends("wang", func(s *contracts.Sending) { s.RemindDays = 2 }, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	x.opens("li", id)
	x.Later(49 * time.Hour)
	x.Restart("wang") // it looks at a start, and every minute
	c := x.sees("li", id, "li is reminded", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "reminded") })
	for _, e := range c.Timeline {
		if e.Kind == "reminded" && e.Party != 1 {
			t.Error("whose turn has not come is reminded")
		}
	}
}

// Two devices of one person sign while they are apart: one of the signatures counts, alike everywhere, and the document goes on from there.
func TestTwoDevicesOfOnePerson(t *testing.T) {
	o := testspace.New(t, 16)
	s := newSigning(t)
	o.Signing = s.of
	o.Second("li", "li2")
	o.Founds("wang", "远山")
	o.Admits("wang", "li", "zhao")
	o.Expects("li2", "li", o.Workspace)
	x := &table{o, s, t}
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2})
	x.opens("li", id)
	x.opens("li2", id)
	x.Partition([]string{"wang", "zhao"}, []string{"li"}, []string{"li2"})
	for _, name := range []string{"li", "li2"} {
		r := x.signing1("li", id)
		r.Values["textli"] = "by " + name
		if c, code := x.tries(name, r); code != "" || x.party(c, "li").State != v1.PartyState_PARTY_STATE_SIGNED {
			t.Fatalf("%s: %q", name, code)
		}
	}
	x.Heal()
	x.sees("zhao", id, "both are heard of", func(c *v1.Contract) bool {
		n := 0
		for _, e := range c.Timeline {
			if e.Kind == "signed" {
				n++
			}
		}
		return n == 2
	})
	x.signs("zhao", id)
	want := x.is("wang", id, completed).Fields[1].Value
	for _, name := range []string{"li", "li2", "zhao"} {
		c := x.is(name, id, completed)
		if c.Fields[1].Value != want || len(kinds(c)) == len(c.Timeline) {
			t.Errorf("at %s: %q, not %q", name, c.Fields[1].Value, want)
		}
		judged(t, x.document(name, id), 2)
	}
}
