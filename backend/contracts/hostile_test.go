package contracts_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// lies writes an act whose tail is what the liar wants, as a program of its own would.
func (x *table) lies(d *testspace.Desk, id wire.SpaceID, party uint8, whole []byte, consent wire.EventID) {
	x.t.Helper()
	ctx := context.Background()
	st, err := d.Contracts.State(ctx, id)
	must(x.t, err)
	tail := whole[st.Latest().Size:]
	w, err := blob.NewWriter(uint64(len(tail)))
	must(x.t, err)
	_, err = w.Write(ctx, d.Pieces, tail)
	must(x.t, err)
	f, err := w.Close(ctx, d.Pieces)
	must(x.t, err)
	act := &flow.Acted{Prev: st.Head, Party: party, What: flow.Signed, Tail: flow.Blob{File: &f}, SHA256: sha256.Sum256(whole), Size: uint64(len(whole)), Consent: consent, Level: "B-B", At: 1}
	_, err = d.Log.Append(ctx, id, eventlog.Draft{Kind: flow.KindActed, Body: act, Then: func(tx *store.Tx, e eventlog.Event) error {
		return d.Blobs.Keep(tx, id, e.Feed.Device, f)
	}})
	must(x.t, err)
}

// agrees writes a consent alone.
func (x *table) agrees(d *testspace.Desk, id wire.SpaceID, party uint8) wire.EventID {
	x.t.Helper()
	st, err := d.Contracts.State(context.Background(), id)
	must(x.t, err)
	events, err := d.Log.Append(context.Background(), id, eventlog.Draft{Kind: flow.KindConsented, Body: &flow.Consented{Party: party, Base: st.Sent.Document.SHA256}})
	must(x.t, err)
	return events[0].ID
}

// Who signs first changes what a page says, and signs that: nobody signs after it.
func TestContentIsChangedBeforeItIsSigned(t *testing.T) {
	x := sits(t, 20, "wang", "mallory", "li")
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1}, part{"li", flow.Signer, 2})
	x.opens("mallory", id)
	m := x.As("mallory")
	before, err := os.ReadFile(x.document("mallory", id))
	must(t, err)
	forged := forge(t, before)
	x.lies(m, id, 1, forged, x.agrees(m, id, 1))
	x.refuted(id, "mallory", "li", "wang")
	if _, code := x.tries("li", x.signing1("li", id)); code != errcode.NotYourTurn {
		t.Errorf("signs what was changed: %q", code)
	}
	if c := x.is("wang", id, running); x.party(c, "li").State == v1.PartyState_PARTY_STATE_SIGNED || x.party(c, "mallory").State == v1.PartyState_PARTY_STATE_SIGNED {
		t.Error("signed")
	}
}

// forge appends an update in which the first page has other content.
func forge(t *testing.T, whole []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "forged.pdf")
	must(t, os.WriteFile(path, whole, 0o600))
	out, err := contracts.ForgePage(path)
	must(t, err)
	if !bytes.HasPrefix(out, whole) {
		t.Fatal("not an update")
	}
	return out
}

// A tail that does not give the hash of its event is taken by nobody; the sender ends the contract.
func TestTailWithAnotherHash(t *testing.T) {
	x := sits(t, 21, "wang", "mallory", "li")
	id := x.sends("wang", nil, part{"mallory", flow.Signer, 1}, part{"li", flow.Signer, 2})
	x.opens("mallory", id)
	m := x.As("mallory")
	before, err := os.ReadFile(x.document("mallory", id))
	must(t, err)
	ctx := context.Background()
	st, err := m.Contracts.State(ctx, id)
	must(t, err)
	tail := bytes.Repeat([]byte("%"), 500)
	w, err := blob.NewWriter(uint64(len(tail)))
	must(t, err)
	_, err = w.Write(ctx, m.Pieces, tail)
	must(t, err)
	f, err := w.Close(ctx, m.Pieces)
	must(t, err)
	_, err = m.Log.Append(ctx, id, eventlog.Draft{Kind: flow.KindActed, Body: &flow.Acted{Prev: st.Head, Party: 1, What: flow.Signed, Tail: flow.Blob{File: &f},
		SHA256: [32]byte{1, 2, 3}, Size: uint64(len(before) + 500), Consent: x.agrees(m, id, 1), At: 1}, Then: func(tx *store.Tx, e eventlog.Event) error {
		return m.Blobs.Keep(tx, id, e.Feed.Device, f)
	}})
	must(t, err)
	x.refuted(id, "mallory", "li", "wang")
	x.opens("li", id)
	if _, err := x.As("li").Contracts.Version(ctx, id, 0); err != nil {
		t.Errorf("what was sent is fine: %v", err)
	}
	_, err = x.As("wang").ContractsAPI().VoidContract(ctx, &v1.ReasonRequest{ContractId: id.String()})
	must(t, err)
	x.is("li", id, voided)
}

// Strangers to a part say all that there is to say, and nothing of it counts.
func TestSomebodyElseActs(t *testing.T) {
	x := sits(t, 22, "wang", "li", "zhao", "mallory")
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"zhao", flow.Signer, 2}, part{"mallory", flow.Viewer, 1})
	x.opens("mallory", id)
	m := x.As("mallory")
	ctx := context.Background()
	st, err := m.Contracts.State(ctx, id)
	must(t, err)
	li := x.As("li").Person()
	consent := x.agrees(m, id, 1)
	for _, e := range []eventlog.Draft{
		{Kind: flow.KindActed, Body: &flow.Acted{Prev: st.Head, Party: 1, What: flow.Signed, Tail: st.Sent.Document.Blob, Size: 2 * st.Sent.Document.Size, Consent: consent, At: 1}},
		{Kind: flow.KindDeclined, Body: &flow.Declined{Party: 1}}, {Kind: flow.KindVoided, Body: &flow.Voided{}},
		{Kind: flow.KindReassigned, Body: &flow.Reassigned{Party: 1, From: li, To: m.Person()}}, {Kind: flow.KindDeadlineSet, Body: &flow.DeadlineSet{Deadline: 1}},
		{Kind: flow.KindPassed, Body: &flow.Passed{Prev: st.Head, Next: 2}}, {Kind: flow.KindSent, Body: st.Sent}, {Kind: flow.KindReminded, Body: &flow.Reminded{Party: 200}},
		{Kind: flow.KindWithdrawn, Body: &flow.Withdrawn{Party: 1}}, {Kind: flow.KindSealAsked, Body: &flow.SealAsked{Party: 1, Field: "sigli", Seal: "s", Holder: m.Person()}},
		{Kind: flow.KindDeclined, Body: map[int]any{1: 1, 9: strings.Repeat("x", 1000)}}, {Kind: "contracts.unheard_of", Body: map[int]int{1: 1}},
	} {
		_, err := m.Log.Append(ctx, id, e)
		must(t, err)
	}
	x.signs("li", id)
	x.sees("zhao", id, "it is zhao's turn", func(c *v1.Contract) bool { return c.CanSign })
	x.signs("zhao", id)
	for _, name := range []string{"wang", "li", "mallory"} {
		c := x.is(name, id, completed)
		if slices.ContainsFunc(c.Timeline, func(e *v1.ContractEvent) bool { return e.PersonId == m.Person().String() && e.Kind != "opened" }) {
			t.Errorf("mallory is heard at %s: %v", name, c.Timeline)
		}
	}
	judged(t, x.document("wang", id), 2)
}
