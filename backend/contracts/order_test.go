package contracts_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/event"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// isles are devices that hear of a contract late and in part.
type isles struct {
	t   *testing.T
	rnd *rand.Rand
	all []*testspace.Island
	id  wire.SpaceID
	ids []wire.EventID
}

func newIsles(t *testing.T, seed uint64) *isles {
	x := &isles{t: t, rnd: rand.New(rand.NewPCG(seed, 3))}
	for i := range 5 {
		x.all = append(x.all, testspace.NewIsland(t, fmt.Sprint("p", i), seed))
	}
	first := x.all[0]
	office := first.Creates(space.Create{Kind: space.Workspace, Parties: []space.Party{first.Party}})
	x.id = first.Creates(space.Create{Kind: space.Contract, Workspace: office, Nonce: [16]byte{1}, Parties: []space.Party{first.Party}})
	for _, other := range x.all[1:] {
		for _, id := range []wire.SpaceID{office, x.id} {
			first.Changes(id, space.Op{Add: &space.Add{Party: other.Party, Role: space.Member}})
		}
	}
	for _, other := range x.all[1:] {
		first.Tells(office, other, nil)
		first.Tells(x.id, other, x.rnd)
	}
	return x
}

// says writes something, as long as anybody may.
func (x *isles) says(who *testspace.Island, kind event.Kind, body any) { who.Writes(x.id, kind, body) }

func piece(size uint64) *blob.File {
	return &blob.File{Size: size, Key: make([]byte, 32), Roots: make([]byte, 32)}
}

func (x *isles) sends() {
	s := &flow.Sent{Title: "合同", Document: flow.Document{Name: "a.pdf", Pages: 1, Size: 1000, SHA256: [32]byte{7}, Blob: flow.Blob{File: piece(1000)}}}
	for i, p := range x.all[1:4] {
		s.Parties = append(s.Parties, flow.Party{ID: uint8(i + 1), Role: flow.Role(1 + i%2), Step: uint8(1 + i/2), Person: p.Party.Person})
	}
	x.says(x.all[0], flow.KindSent, s)
}

// knows are events of the contract that a device has.
func (x *isles) knows(who *testspace.Island) {
	rows, err := who.DB.Read().Query(`SELECT id FROM contracts_event WHERE space = ?`, x.id[:])
	must(x.t, err)
	defer rows.Close()
	x.ids = nil
	for rows.Next() {
		var id []byte
		must(x.t, rows.Scan(&id))
		x.ids = append(x.ids, wire.EventID(id))
	}
}

func (x *isles) step() {
	who := x.all[x.rnd.IntN(len(x.all))]
	who.Clock.Advance(time.Duration(x.rnd.IntN(3000)) * time.Millisecond)
	party, other := uint8(1+x.rnd.IntN(3)), x.all[x.rnd.IntN(len(x.all))]
	x.knows(who)
	var some wire.EventID
	if len(x.ids) > 0 {
		some = x.ids[x.rnd.IntN(len(x.ids))]
	}
	switch x.rnd.IntN(16) {
	case 0:
		x.says(who, flow.KindOpened, &flow.Opened{})
	case 1, 2:
		x.says(who, flow.KindConsented, &flow.Consented{Party: party, Base: [32]byte{7}})
	case 3:
		x.says(who, flow.KindWithdrawn, &flow.Withdrawn{Party: party})
	case 4:
		x.says(who, flow.KindDeclined, &flow.Declined{Party: party})
	case 5:
		if who != other {
			x.says(who, flow.KindReassigned, &flow.Reassigned{Party: party, From: who.Party.Person, To: other.Party.Person})
		}
	case 6:
		x.says(who, flow.KindVoided, &flow.Voided{})
	case 7, 8:
		x.says(who, flow.KindActed, &flow.Acted{Prev: some, Party: party, What: flow.Signed, Consent: some, Tail: flow.Blob{File: piece(100)}, Size: 1100, At: 1,
			SHA256: sha256.Sum256(some[:])})
	case 9:
		x.says(who, flow.KindActed, &flow.Acted{Prev: some, Party: party, What: flow.Approved, Size: 1000, SHA256: [32]byte{7}, At: 1})
	case 10:
		x.says(who, flow.KindPassed, &flow.Passed{Prev: some, Next: party})
	case 11:
		x.sends() // once more, and only the first counts
	default:
		who.Tells(x.id, other, x.rnd)
	}
}

// floods has somebody say more than anybody looks at, and too much at once, while others hear a part of it.
func (x *isles) floods(who *testspace.Island) {
	for i := range flow.Most(flow.KindConsented) + 10 {
		x.says(who, flow.KindConsented, &flow.Consented{Party: 1, Base: [32]byte{7}, Version: fmt.Sprint("flood.", i),
			Files: []flow.File{{Field: "f", Name: "a", Size: uint64(i + 1), Blob: flow.Blob{File: piece(uint64(i + 1))}}}})
		if i%8 == 0 {
			who.Tells(x.id, x.all[1+x.rnd.IntN(4)], x.rnd)
		}
	}
	large := &flow.Consented{Party: 1, Base: [32]byte{7}}
	for i := range 40 {
		large.Values = append(large.Values, flow.Value{Field: fmt.Sprintf("f%02d", i), Value: strings.Repeat("x", flow.MaxValue)})
	}
	x.says(who, flow.KindConsented, large)
}

// Events that came in other orders and pieces give the same tables, and so does a rebuild.
func TestAnyOrderSameTables(t *testing.T) {
	for seed := range uint64(6) {
		x := newIsles(t, seed)
		x.sends()
		for range 80 {
			x.step()
		}
		x.floods(x.all[0])
		for range 3 {
			for _, a := range x.all {
				for _, b := range x.all {
					if a != b {
						a.Tells(x.id, b, nil)
					}
				}
			}
		}
		want := testspace.Tables(t, x.all[0].DB, x.id, false)
		if len(want) < 500 {
			t.Fatalf("seed %d: nothing happened: %s", seed, want)
		}
		var most, longest int
		must(t, x.all[0].DB.Read().QueryRow(`SELECT count(*), max(length(body)) FROM contracts_event WHERE kind = ? AND device = (SELECT device FROM contracts_event
			WHERE kind = ?1 GROUP BY device ORDER BY count(*) DESC LIMIT 1)`, string(flow.KindConsented)).Scan(&most, &longest))
		if most != flow.Most(flow.KindConsented) || longest > flow.MaxConsent {
			t.Errorf("seed %d: %d consents of one feed are kept, the longest has %d bytes", seed, most, longest)
		}
		compare := func(what string, r *testspace.Island) {
			t.Helper()
			if why := r.Stopped(); why != "" {
				t.Fatalf("seed %d, %s: %s", seed, what, why)
			}
			if diff := testspace.Differ(want, testspace.Tables(t, r.DB, x.id, false)); diff != "" {
				t.Errorf("seed %d, %s: %s", seed, what, diff)
			}
		}
		for _, other := range x.all[1:] {
			compare(other.Name, other)
		}
		for n := range 3 {
			r := testspace.NewReader(t, x.all[0])
			for r.Gets(x.all[0], x.id, x.rnd, n%2 == 0) {
			}
			compare(fmt.Sprint("order ", n), r)
		}
		must(t, x.all[0].Runner.Rebuild(context.Background(), "contracts"))
		compare("rebuilt", x.all[0])
	}
}
