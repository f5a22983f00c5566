package contracts_test

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Two complete documents, each made where the other was not heard of: who has seen one complete stays with it, and hears of the other.
func TestTwoCompleteDocuments(t *testing.T) {
	x := sits(t, 40, "wang", "li", "boss")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1})
	x.opens("li", id)
	x.Partition([]string{"wang", "boss"}, []string{"li"})
	x.signs("li", id)
	before := x.is("li", id, completed)
	x.Restart("li") // it has looked at it by then
	x.is("li", id, completed)
	ctx := context.Background()
	_, err := x.As("wang").ContractsAPI().ReassignParty(ctx, &v1.ReassignPartyRequest{ContractId: id.String(), Party: 1, PersonId: x.As("boss").Person().String()})
	must(t, err)
	x.sees("boss", id, "it is the boss's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.opens("boss", id)
	if _, code := x.tries("boss", x.signing1("li", id)); code != "" {
		t.Fatal(code)
	}
	other := x.sees("wang", id, "it is preserved", func(c *v1.Contract) bool { return c.State == completed && slices.Contains(kinds(c), "preserved") })
	x.Heal()
	c := x.sees("li", id, "there is another", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "conflict") })
	if c.State != completed || c.CurrentSha256 != before.CurrentSha256 || c.Parties[0].PersonId != x.As("li").Person().String() {
		t.Errorf("at li's: %v %v", c.State, c.Parties[0])
	}
	judged(t, x.document("li", id), 1)
	if _, err := os.ReadFile(x.document("li", id)); err != nil {
		t.Error(err)
	}
	x.Settles()
	c = x.is("wang", id, completed)
	if c.CurrentSha256 != other.CurrentSha256 || c.Parties[0].PersonId != x.As("boss").Person().String() {
		t.Errorf("at wang's: %v", c.Parties[0])
	}
}

// Under an access code a description that is garbage hides the contract from nobody.
func TestGarbageUnderAnAccessCode(t *testing.T) {
	x := sits(t, 41, "wang", "mallory", "li")
	ctx := context.Background()
	const secret = "八月桂花遍地开"
	id := x.sends("wang", func(s *contracts.Sending) { s.AccessCode = secret }, part{"mallory", flow.Signer, 1}, part{"li", flow.Signer, 2})
	m := x.As("mallory")
	x.sees("mallory", id, "it is there", func(c *v1.Contract) bool { return c.Locked })
	x.Eventually("mallory opens it", func() bool {
		_, err := m.ContractsAPI().OpenContract(ctx, &v1.OpenContractRequest{ContractId: id.String(), AccessCode: secret})
		return err == nil
	})
	st, err := m.Contracts.State(ctx, id)
	must(t, err)
	consent := x.agrees(m, id, 1)
	_, err = m.Log.Append(ctx, id, eventlog.Draft{Kind: flow.KindActed, Body: &flow.Acted{Prev: st.Head, Party: 1, What: flow.Signed, Tail: flow.Blob{Sealed: []byte("garbage")},
		SHA256: [32]byte{1, 2, 3}, Size: st.Latest().Size + 500, Consent: consent, At: 1}})
	must(t, err)
	x.sees("wang", id, "mallory agreed", func(c *v1.Contract) bool { return slices.Contains(kinds(c), "consented") })
	for range 3 { // before it is judged and afterwards
		_, err = x.As("wang").ContractsAPI().ReadContract(ctx, &v1.ContractRequest{ContractId: id.String()})
		must(t, err)
		x.Settles()
	}
	if c := x.is("wang", id, running); x.party(c, "mallory").State == v1.PartyState_PARTY_STATE_SIGNED {
		t.Error("mallory signed with garbage")
	}
	x.Eventually("li opens it", func() bool {
		_, err := x.As("li").ContractsAPI().OpenContract(ctx, &v1.OpenContractRequest{ContractId: id.String(), AccessCode: secret})
		return err == nil
	})
	_, err = x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: id.String()})
	must(t, err)
	x.is("li", id, voided)
}

// Who approved first leaves with the document: the sender's device passes it on.
func TestTheKeeperLeaves(t *testing.T) {
	x := sits(t, 42, "wang", "boss", "li", "zhao")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"boss", flow.Approver, 1}, part{"li", flow.Signer, 2}, part{"zhao", flow.Signer, 2})
	x.opens("boss", id)
	x.opens("li", id)
	_, err := x.As("boss").ContractsAPI().ApproveContract(ctx, &v1.ContractRequest{ContractId: id.String()})
	must(t, err)
	x.sees("li", id, "it is the step's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.Partition([]string{"boss"}, []string{"wang", "li", "zhao"})
	c, code := x.tries("li", x.signing1("li", id))
	if code != "" || c.Queued != "turn" {
		t.Fatalf("%q %q", code, c.GetQueued())
	}
	must(t, x.As("wang").Log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: x.As("boss").Person()}}))
	x.sees("wang", id, "li signed", func(c *v1.Contract) bool { return x.party(c, "li").State == v1.PartyState_PARTY_STATE_SIGNED })
	x.signs("zhao", id)
	x.is("wang", id, completed)
}

// Who approved first cannot be reached: reminding the one who waits for the document passes it on.
func TestTheKeeperIsAway(t *testing.T) {
	x := sits(t, 45, "wang", "boss", "li", "zhao")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"boss", flow.Approver, 1}, part{"li", flow.Signer, 2}, part{"zhao", flow.Signer, 2})
	x.opens("boss", id)
	x.opens("li", id)
	_, err := x.As("boss").ContractsAPI().ApproveContract(ctx, &v1.ContractRequest{ContractId: id.String()})
	must(t, err)
	x.sees("li", id, "it is the step's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.Partition([]string{"boss"}, []string{"wang", "li", "zhao"})
	if c, code := x.tries("li", x.signing1("li", id)); code != "" || c.Queued != "turn" {
		t.Fatalf("%q %q", code, c.GetQueued())
	}
	x.sees("wang", id, "li agreed", func(c *v1.Contract) bool { return x.party(c, "li").State == v1.PartyState_PARTY_STATE_CONSENTED })
	x.As("wang").Contracts.Reachable = func(p wire.PersonID) bool { return p != x.As("boss").Person() }
	_, err = x.As("wang").ContractsAPI().RemindParty(ctx, &v1.PartyRequest{ContractId: id.String(), Party: 2})
	must(t, err)
	x.sees("wang", id, "li signed", func(c *v1.Contract) bool { return x.party(c, "li").State == v1.PartyState_PARTY_STATE_SIGNED })
	x.Heal()
	x.signs("zhao", id)
	x.is("boss", id, completed)
}

// Nobody makes others keep, or read again and again, more than so many of their events.
func TestFloodOfAViewer(t *testing.T) {
	x := sits(t, 43, "wang", "li", "mallory")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"mallory", flow.Viewer, 1})
	x.opens("mallory", id)
	m := x.As("mallory")
	for range 2 * flow.Most(flow.KindConsented) {
		_, err := m.Log.Append(ctx, id, eventlog.Draft{Kind: flow.KindConsented, Body: &flow.Consented{Party: 1}})
		must(t, err)
	}
	x.signs("li", id)
	x.is("wang", id, completed)
	x.Settles()
	var n int
	self := m.Log.Self()
	must(t, x.As("wang").DB.Read().QueryRow(`SELECT count(*) FROM contracts_event WHERE space = ? AND kind = ? AND device = ?`, id[:], string(flow.KindConsented), self[:]).Scan(&n))
	if n != flow.Most(flow.KindConsented) {
		t.Errorf("%d are kept", n)
	}
}

// Of versions that are not read any more those stay that were sent, signed by all, and the latest good one, whatever is said to come after it.
func TestGoodVersionsStay(t *testing.T) {
	x := sits(t, 44, "wang", "li", "zhao", "chen")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2}, part{"chen", flow.Signer, 3})
	versions := func(name string) map[string]bool {
		all, err := filepath.Glob(filepath.Join(x.As(name).DocumentFolder(), "contracts", id.String(), "*.pdf"))
		must(t, err)
		out := map[string]bool{}
		for _, path := range all {
			out[strings.TrimSuffix(filepath.Base(path), ".pdf")] = true
		}
		return out
	}
	for _, name := range []string{"li", "zhao", "chen"} {
		x.sees(name, id, "it is their turn", func(c *v1.Contract) bool { return c.CanSign })
		x.signs(name, id)
	}
	x.sees("chen", id, "it is preserved", func(c *v1.Contract) bool { return c.State == completed && slices.Contains(kinds(c), "preserved") })
	x.document("chen", id)
	st, err := x.As("chen").Contracts.State(ctx, id)
	must(t, err)
	x.Later(2 * time.Hour)
	x.Restart("chen")
	x.is("chen", id, completed)
	x.Eventually("old versions go", func() bool { return len(versions("chen")) <= 3 })
	left := versions("chen")
	for _, i := range []int{0, len(st.Versions) - 2, len(st.Versions) - 1} {
		if !left[hex.EncodeToString(st.Versions[i].SHA256[:])] {
			t.Errorf("version %d of %d is gone", i, len(st.Versions))
		}
	}
}
