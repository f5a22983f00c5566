package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/key"
	"roundtable/backend/store"
)

type desk struct {
	t  testing.TB
	db *store.DB
	*ledger.Ledger
	witness *ledger.Witness
	now     time.Time
}

func newDesk(t testing.TB, name string) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d := &desk{t: t, db: db, now: time.Unix(1_800_000_000, 0)}
	if d.Ledger, err = ledger.Open(t.Context(), db, "roundtable.example/"+name, noteKey(t)); err != nil {
		t.Fatal(err)
	}
	d.witness = ledger.NewWitness(db, "witness.example/"+name, noteKey(t), func() time.Time { return d.now })
	return d
}

func noteKey(t testing.TB) key.NoteKey {
	k, err := key.NewNoteKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (d *desk) happens(contract, kind string) (index int64) {
	d.t.Helper()
	if err := d.db.Write(d.t.Context(), func(tx *store.Tx) (err error) {
		index, err = d.Append(tx, evidence.Leaf{Kind: kind, Contract: contract, Actor: "per_li", Device: "dev_li", Name: "李𠮷", Note: "同意，\"好\"", At: d.now})
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
	return index
}

// seen has witnesses cosign the latest checkpoint.
func (d *desk) seen(by ...*desk) evidence.Note {
	d.t.Helper()
	n, err := d.Checkpoint(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	c, err := evidence.ParseCheckpoint(n.Text)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, w := range by {
		known, err := w.witness.Known(d.t.Context(), d.Key())
		if err != nil {
			d.t.Fatal(err)
		}
		proof, err := d.Continuation(d.t.Context(), known, c.Size)
		if err != nil {
			d.t.Fatal(err)
		}
		line, err := w.witness.Cosign(d.t.Context(), d.Key(), n, proof)
		if err != nil {
			d.t.Fatal(err)
		}
		n.Lines = append(n.Lines, line)
	}
	return n
}

func TestAnEntryIsProven(t *testing.T) {
	li, wang, chen := newDesk(t, "li"), newDesk(t, "wang"), newDesk(t, "chen")
	for i := range 20 {
		li.happens(fmt.Sprint(i%3), "signed")
	}
	li.seen(wang)
	index := li.happens("7", "signed")
	wang.now = wang.now.Add(time.Minute)
	p, err := li.Prove(t.Context(), index, li.seen(wang, chen))
	if err != nil {
		t.Fatal(err)
	}
	data, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if p, err = evidence.ParseProof(data); err != nil {
		t.Fatal(err)
	}
	policy := evidence.Policy{Log: li.Key(), Witnesses: []evidence.Key{wang.witness.Key(), chen.witness.Key()}, Enough: 2}
	seen, err := p.Check(policy)
	if err != nil || seen.Leaf.Contract != "7" || seen.Leaf.Name != "李𠮷" || len(seen.By) != 2 || !seen.At.Equal(wang.now) {
		t.Errorf("%v %+v", err, seen)
	}
	// The form is the one that others read (Go's own package for signed notes).
	v, err := note.NewVerifier(li.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open([]byte(p.Note.String()), note.VerifierList(v)); err != nil || len(n.Sigs) != 1 {
		t.Error(err)
	}
	for name, bad := range map[string]func(p *evidence.Proof, policy *evidence.Policy) error{
		"another entry": func(p *evidence.Proof, _ *evidence.Policy) error {
			p.Leaf = bytes.Replace(p.Leaf, []byte("signed"), []byte("voided"), 1)
			return evidence.ErrNotThere
		},
		"another place": func(p *evidence.Proof, _ *evidence.Policy) error { p.Index--; return evidence.ErrNotThere },
		"no entry":      func(p *evidence.Proof, _ *evidence.Policy) error { p.Index = 1 << 40; return evidence.ErrNotThere },
		"hash":          func(p *evidence.Proof, _ *evidence.Policy) error { p.Hashes[0][3] ^= 1; return evidence.ErrNotThere },
		"another log":   func(_ *evidence.Proof, q *evidence.Policy) error { q.Log = wang.Key(); return evidence.ErrUnsigned },
		"forged witness": func(p *evidence.Proof, q *evidence.Policy) error {
			q.Witnesses[1] = evidence.Key{Name: chen.witness.Key().Name, Witness: true, Public: noteKey(t).Public()}
			return evidence.ErrWitnesses
		},
		"one witness twice": func(_ *evidence.Proof, q *evidence.Policy) error {
			q.Witnesses[1] = q.Witnesses[0]
			return evidence.ErrWitnesses
		},
		"a time that was not signed": func(p *evidence.Proof, _ *evidence.Policy) error {
			p.Note.Text = p.Note.Text + "later\n"
			return evidence.ErrUnsigned
		},
	} {
		again, err := evidence.ParseProof(data)
		if err != nil {
			t.Fatal(err)
		}
		q := policy
		q.Witnesses = append([]evidence.Key{}, policy.Witnesses...)
		want := bad(&again, &q)
		if _, err := again.Check(q); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEntriesOfAContractFollowEachOther(t *testing.T) {
	li := newDesk(t, "li")
	for _, kind := range []string{"prepared", "sent", "signed", "completed"} {
		li.happens("a", kind)
		li.happens("b", kind)
	}
	_, leaves, err := li.Of(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	all, err := evidence.Chain(leaves)
	if err != nil || len(all) != 4 || all[3].Kind != "completed" {
		t.Errorf("%v %v", all, err)
	}
	for name, list := range map[string][][]byte{
		"one left out":  {leaves[0], leaves[2], leaves[3]},
		"the first":     leaves[1:],
		"another order": {leaves[0], leaves[2], leaves[1], leaves[3]},
	} {
		if _, err := evidence.Chain(list); !errors.Is(err, evidence.ErrGap) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A log that shows two people two histories is found out, by the witness and by whoever has both.
func TestForkedLog(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	li.happens("a", "signed")
	li.happens("a", "completed")
	first := li.seen(wang)
	// The same device begins again, as one would after putting back an old copy of its disk.
	other := &desk{t: t, db: newDesk(t, "x").db, now: li.now}
	seed := noteKey(t)
	var err error
	if other.Ledger, err = ledger.Open(t.Context(), other.db, "roundtable.example/li", seed); err != nil {
		t.Fatal(err)
	}
	other.happens("a", "voided")
	other.happens("a", "voided")
	n, err := other.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wang.witness.Cosign(t.Context(), li.Key(), n, nil); !errors.Is(err, evidence.ErrUnsigned) {
		t.Errorf("by another key: %v", err)
	}
	if _, err := wang.witness.Cosign(t.Context(), other.Key(), n, nil); err != nil {
		t.Errorf("a log of its own: %v", err)
	}
	if forked, err := evidence.Forked(li.Key(), first, first); forked || err != nil {
		t.Error(forked, err)
	}
}

func TestWitnessSignsNoSecondHistory(t *testing.T) {
	k := noteKey(t)
	wang := newDesk(t, "wang")
	logs := make([]*desk, 2)
	for i := range logs {
		logs[i] = &desk{t: t, db: newDesk(t, "x").db, now: time.Unix(1, 0)}
		var err error
		if logs[i].Ledger, err = ledger.Open(t.Context(), logs[i].db, "roundtable.example/li", k); err != nil {
			t.Fatal(err)
		}
	}
	logs[0].happens("a", "signed")
	logs[1].happens("a", "voided")
	seen := logs[0].seen(wang)
	n, err := logs[1].Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wang.witness.Cosign(t.Context(), logs[1].Key(), n, nil); !errors.Is(err, evidence.ErrForked) {
		t.Errorf("another root of one size: %v", err)
	}
	if forked, err := evidence.Forked(logs[0].Key(), seen, n); !forked || err != nil {
		t.Error("two roots are no proof", err)
	}
	for range 5 {
		logs[1].happens("a", "voided")
	}
	if n, err = logs[1].Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	proof, err := logs[1].Continuation(t.Context(), 1, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wang.witness.Cosign(t.Context(), logs[1].Key(), n, proof); !errors.Is(err, evidence.ErrForked) {
		t.Errorf("a longer one: %v", err)
	}
	// An older state of the log it knows is not signed again either.
	logs[0].happens("a", "completed")
	old := seen
	logs[0].seen(wang)
	if _, err := wang.witness.Cosign(t.Context(), logs[0].Key(), old, nil); !errors.Is(err, evidence.ErrOlder) {
		t.Errorf("an older state: %v", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	li := newDesk(b, "li")
	for b.Loop() {
		li.happens("a", "signed")
	}
}

func BenchmarkProve(b *testing.B) {
	li := newDesk(b, "li")
	for range 2000 {
		li.happens("a", "signed")
	}
	n := li.seen()
	size := 0
	for b.Loop() {
		p, err := li.Prove(context.Background(), 1234, n)
		if err != nil {
			b.Fatal(err)
		}
		data, err := p.Bytes()
		if err != nil {
			b.Fatal(err)
		}
		size = len(data)
	}
	b.ReportMetric(float64(size), "bytes/proof")
}
