package contracts_test

import (
	"context"
	"testing"

	"roundtable/backend/contracts"
	"roundtable/backend/contracts/flow"
)

// The program ends after a document was sealed, and before the register says so: it is written there later, by who used the seal, and once.
func TestUsesAreRecordedLater(t *testing.T) {
	x := sits(t, 143, "wang", "li")
	ctx := context.Background()
	x.seals[seal1] = []string{"li"}
	id := x.sends("wang", func(s *contracts.Sending) {
		s.Fields = append(s.Fields, flow.Field{ID: "stamp", Type: flow.Seal, Party: 1, Page: 1, Rect: [4]int32{60_000, 400_000, 100_000, 100_000}, Required: true, Seal: seal1})
	}, part{"li", flow.Signer, 1})
	x.opens("li", id)
	r := x.signing1("li", id)
	r.Seals = map[string]string{"stamp": seal1}
	if _, code := x.tries("li", r); code != "" {
		t.Fatal(code)
	}
	x.is("wang", id, completed)
	x.mu.Lock()
	if len(x.uses) != 1 {
		t.Fatalf("%+v", x.uses)
	}
	want := x.uses[0]
	x.uses = nil
	x.mu.Unlock()
	for _, name := range []string{"wang", "li", "li"} {
		must(t, x.As(name).Contracts.RecordAll(ctx))
		x.mu.Lock()
		if name == "wang" && len(x.uses) != 0 || name == "li" && (len(x.uses) != 1 || x.uses[0] != want) {
			t.Errorf("%s: %+v, not %+v", name, x.uses, want)
		}
		x.mu.Unlock()
	}
}
