package contracts_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// notes has somebody write an entry of evidence of nothing into their own log.
func (x *table) notes(name string, id wire.SpaceID, leaf evidence.Leaf) {
	x.t.Helper()
	m := x.As(name)
	_, err := m.Log.Append(context.Background(), id, eventlog.Draft{Kind: "contracts.x", Body: map[int]string{1: leaf.Kind}, Then: func(tx *store.Tx, e eventlog.Event) error {
		return m.Contracts.Evidence.Note(tx, e, leaf)
	}})
	must(x.t, err)
}

// A viewer can write into their own log what they like: the certificate says that only they say so, and proves what it proved.
func TestViewersEvidence(t *testing.T) {
	x := sits(t, 140, "wang", "li", "mallory")
	ctx := context.Background()
	id := x.sends("wang", nil, part{"li", flow.Signer, 1}, part{"mallory", flow.Viewer, 1})
	x.signs("li", id)
	x.sees("mallory", id, "it is preserved", func(c *v1.Contract) bool { return c.State == completed && slices.Contains(kinds(c), "preserved") })
	x.opens("mallory", id)
	st, err := x.As("mallory").Contracts.State(ctx, id)
	must(t, err)
	x.notes("mallory", id, evidence.Leaf{Kind: "opened", Name: "mallory", Document: st.Latest().SHA256})
	x.notes("mallory", id, evidence.Leaf{Kind: "signed", Name: "li", Note: "B-T", Document: [32]byte{1, 2, 3}})
	x.Eventually("all of it is witnessed at wang's", func() bool {
		logs, err := x.As("wang").Witnessed.Gather(ctx, id, func(wire.PersonID) string { return "" })
		must(t, err)
		good := len(logs) == 3
		for _, l := range logs {
			last := l.Proofs[len(l.Proofs)-1]
			good = good && len(last.Note.Lines) == 3 && (l.ID != x.As("mallory").Person().String() || len(l.Proofs) == 3)
		}
		return good
	})
	_, err = x.As("wang").ContractsAPI().MakeEvidence(ctx, &v1.MakeEvidenceRequest{ContractId: id.String(), KeyId: "mine", KeyPassword: password, Language: "zh"})
	must(t, err)
	data := x.certificate("wang", id)
	v, _, present, err := bundle.Judge(bytes.NewReader(data), int64(len(data)))
	must(t, err)
	if !present || !v.Good || v.People != 2 || len(v.Left) != 0 {
		t.Errorf("good %v %q by %d people, %v left out", v.Good, v.Why, v.People, v.Left)
	}
	claimed := 0
	for _, e := range v.Entries {
		mallory := e.By.Person == "mallory"
		if e.Claimed && !mallory || !e.Claimed && mallory && e.Kind == "signed" {
			t.Errorf("%s by %q in the log of %q: only claimed %v", e.Kind, e.Name, e.By.Person, e.Claimed)
		}
		if e.Claimed {
			claimed++
		}
	}
	if claimed != 2 {
		t.Errorf("%d entries are only claimed", claimed)
	}
}
