package witnessed_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/witnessed"
)

// Who writes down very much, or has very many logs, is left out, and nobody else.
func TestFit(t *testing.T) {
	log := func(person string, n, entries, size int) bundle.Log {
		key := evidence.Key{Name: fmt.Sprintf("roundtable/log/%s-%d", person, n), Public: make(ed25519.PublicKey, ed25519.PublicKeySize)}
		l := bundle.Log{Party: bundle.Party{Key: key, ID: person}}
		for i := range entries {
			l.Proofs = append(l.Proofs, evidence.Proof{Index: int64(i), Leaf: make([]byte, size)})
		}
		return l
	}
	all := []bundle.Log{log("li", 0, 40, 500), log("wang", 0, 12, 500), log("many", 0, 401, 10), log("large", 0, 390, 7000)}
	for n := range 300 {
		all = append(all, log("mallory", n, 399, 100))
	}
	entries, whole := 0, map[string]bool{}
	out := witnessed.Fit(all)
	for _, l := range out {
		entries += len(l.Proofs)
		if !l.TooLong {
			whole[l.ID] = true
		} else if len(l.Proofs) > 0 {
			t.Errorf("%s has proofs", l.Key.Name)
		}
	}
	if len(out) > 256 || entries > 10_000 || !whole["li"] || !whole["wang"] || whole["many"] || whole["large"] {
		t.Errorf("%d logs, %d entries, whole %v", len(out), entries, whole)
	}
}
