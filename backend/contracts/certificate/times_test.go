package certificate_test

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/key"
	"roundtable/backend/store"
)

// What a witness says of the time is one person's word: it moves nothing before the entry itself or the sending, and of two people the later counts.
func TestEvidenceTime(t *testing.T) {
	document := sample(t)
	li, wang, chen, liar := newDesk(t, "li"), newDesk(t, "wang"), newDesk(t, "chen"), newDesk(t, "liar")
	long := now.AddDate(-1, 0, 0)
	seed := sha256.Sum256([]byte("liar witness"))
	k, err := key.NoteKeyFromSeed(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	liar.witness = ledger.NewWitness(liar.db, "roundtable/witness/liar", k, func() time.Time { return long })
	wang.does("sent", nil)
	// Li writes down a time from before it was sent.
	if err := li.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := li.Append(tx, evidence.Leaf{Kind: "signed", Contract: contract, Device: "li", Actor: "li", Document: sha256.Sum256(document), At: long})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	sent := wang.log(chen)
	for name, c := range map[string]struct {
		by     []*desk
		same   bool
		want   time.Time
		people int
		good   bool
	}{
		"a liar alone":             {by: []*desk{liar}, want: now, people: 1, good: true},
		"a liar and somebody else": {by: []*desk{liar, wang}, want: now.Add(time.Minute), people: 2, good: true},
		"three":                    {by: []*desk{liar, wang, chen}, want: now.Add(time.Minute), people: 2, good: true},
		"two devices of one":       {by: []*desk{liar, wang}, same: true, want: now, people: 1, good: true},
		"nobody":                   {},
	} {
		l := li.log(c.by...)
		l.ID, l.Enough = "li", 0
		for i := range l.Witnesses {
			if l.Witnesses[i].ID = l.Witnesses[i].Person; c.same {
				l.Witnesses[i].ID = "one"
			}
		}
		b := bundle.Bundle{Contract: contract, Document: bundle.Document{SHA256: sha256.Sum256(document)}, Logs: []bundle.Log{sent, l}}
		v, err := bundle.Check(b, bytes.NewReader(document), int64(len(document)))
		if err != nil || v.Good != c.good || !v.At.Equal(c.want) || v.People != c.people {
			t.Errorf("%s: %v good %v %q, at %v by %d", name, err, v.Good, v.Why, v.At, v.People)
		}
	}
}
