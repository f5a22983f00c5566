package witnessed_test

import (
	"crypto/sha256"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// bodies are what two devices would write: a state with an entry, a cosignature over it, and the proof of a fork.
func bodies(t testing.TB) map[string]any {
	t.Helper()
	wang, li := testspace.Device("wang"), testspace.Device("li")
	seeded := func(b byte) key.NoteKey {
		k, err := key.NoteKeyFromSeed([]byte{31: b})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	open := func(kind string) (*ledger.Ledger, *store.DB, evidence.Note) {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		l, err := ledger.Open(t.Context(), db, witnessed.LogName(wang), seeded(1))
		if err == nil {
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := l.Append(tx, evidence.Leaf{Kind: kind, Contract: testspace.Space("F").String(), Device: wang.String(), At: time.UnixMilli(7)})
				return err
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		n, err := l.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return l, db, n
	}
	l, db, n := open("signed")
	_, _, other := open("voided")
	p, err := l.Prove(t.Context(), 0, n)
	if err != nil {
		t.Fatal(err)
	}
	w := ledger.NewWitness(db, witnessed.WitnessName(li), seeded(2), func() time.Time { return time.Unix(9, 0) })
	line, err := w.Cosign(t.Context(), l.Key(), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(n.Text))
	return map[string]any{
		"checkpoint": map[int]any{1: l.Key().String(), 2: n.String(), 3: []any{map[int]any{1: 0, 2: p.Leaf}}, 4: []any{map[int]any{1: 1, 2: []any{make([]byte, 32)}}}},
		"cosigned":   map[int]any{1: w.Key().String(), 2: []any{map[int]any{1: l.Key().String(), 2: sum[:], 3: line}}},
		"forked":     map[int]any{1: l.Key().String(), 2: n.String(), 3: other.String()},
	}
}

var queries = []string{
	`SELECT space, device, size FROM witnessed_checkpoint`, `SELECT space, idx FROM witnessed_entry`, `SELECT space, device, good FROM witnessed_cosigned`,
	`SELECT space, log FROM witnessed_forked`,
}

// Whatever comes first, the same is known in the end.
func TestAnyOrder(t *testing.T) {
	all := bodies(t)
	kinds := map[string]string{"checkpoint": "F wang@1:1 5 contracts.checkpoint", "cosigned": "F li@1:1 6 contracts.cosigned", "forked": "F li@1:2 7 contracts.forked"}
	want := ""
	for _, order := range [][]string{{"checkpoint", "cosigned", "forked"}, {"cosigned", "forked", "checkpoint"}, {"forked", "checkpoint", "cosigned"}, {"cosigned", "checkpoint", "forked"}} {
		b := testspace.NewBench(t, witnessed.NewProjection())
		for _, kind := range order {
			e, early := b.Event(kinds[kind], all[kind])
			b.Takes(e, early)
			b.Takes(e, early) // and twice is once
		}
		rows := b.Rows(queries...)
		if want == "" {
			want = rows
			t.Log(rows)
		}
		if rows != want {
			t.Errorf("%v gives other rows:\n%s\nnot\n%s", order, rows, want)
		}
	}
}

func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, witnessed.NewProjection())
	for _, body := range bodies(f) {
		f.Add(wire.MustEncode(body))
	}
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, line := range []string{"F wang@1:1 5 contracts.checkpoint", "F li@1:1 6 contracts.cosigned", "F li@1:2 7 contracts.forked"} {
			b := b.For(t)
			e, _ := b.Event(line, wire.Raw(body))
			b.Tries(e)
		}
	})
}
