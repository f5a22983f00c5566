package testspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"roundtable/backend/eventlog"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// TestAnyOrderSameTables makes random histories of several devices that hear of
// each other late and in part, then hands the events of each to devices that
// know nothing, in many causally valid orders and pieces: tables and members are
// always the same, and the same as after a rebuild.
func TestAnyOrderSameTables(t *testing.T) {
	for seed := range uint64(histories) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, seed)
			for range 100 {
				h.step()
			}
			h.everybodyTells()
			for id := range h.ids {
				h.check(id)
			}
		})
	}
}

const (
	histories = 12
	orders    = 4
)

// history is several islands that exchange events when the story says so.
type history struct {
	t     *testing.T
	rnd   *rand.Rand
	all   []*testspace.Island
	ids   map[wire.SpaceID]bool
	first wire.SpaceID
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), ids: map[wire.SpaceID]bool{}}
	for i := range 7 {
		h.all = append(h.all, testspace.NewIsland(t, fmt.Sprint("p", i), seed))
	}
	h.first = h.all[0].Creates(space.Create{Kind: space.Workspace, Parties: []space.Party{h.all[0].Party}})
	h.ids[h.first] = true
	for _, x := range h.all[1:4] {
		h.all[0].Changes(h.first, space.Op{Add: &space.Add{Party: x.Party, Role: space.Role(2 + h.rnd.IntN(2))}})
		h.all[0].Tells(h.first, x, h.rnd)
	}
	return h
}

func (h *history) pick() *testspace.Island { return h.all[h.rnd.IntN(len(h.all))] }

// step is one deed of somebody who may or may not be allowed to; what is refused
// is part of life.
func (h *history) step() {
	a, b := h.pick(), h.pick()
	a.Clock.Advance(time.Duration(h.rnd.IntN(2000)) * time.Millisecond)
	id := h.first
	for x := range h.ids {
		if h.rnd.IntN(3) == 0 {
			id = x
		}
	}
	switch n := h.rnd.IntN(100); {
	case n < 25:
		a.Posts(id, fmt.Sprint(a.Name, " ", h.rnd.IntN(1000)))
	case n < 35:
		a.Touches(id, h.rnd)
	case n < 38:
		a.Reads(id)
	case n < 44:
		a.Writes(id, people.ProfileSet, people.Profile{Name: fmt.Sprint(a.Name, h.rnd.IntN(9)), Title: "工程师"})
	case n < 48:
		a.Writes(id, people.WorkspaceNamed, map[int]string{1: fmt.Sprint("远山", h.rnd.IntN(9))})
	case n < 52:
		a.Writes(id, "chat.group_named", map[int]string{1: fmt.Sprint("组", h.rnd.IntN(9))})
	case n < 62:
		a.Changes(id, space.Op{Add: &space.Add{Party: b.Party, Role: space.Role(1 + h.rnd.IntN(4)), Since: a.Since(id, b)}})
	case n < 69:
		a.Changes(id, space.Op{Remove: &space.Remove{Person: b.Party.Person}})
	case n < 77:
		a.Changes(id, space.Op{SetRole: &space.SetRole{Person: b.Party.Person, Role: space.Role(1 + h.rnd.IntN(4))}})
	case n < 79 && len(h.ids) < 3 && a.In(h.first) && b.In(h.first) && a != b:
		kind := space.Group
		parties := []space.Party{a.Party}
		if h.rnd.IntN(2) == 0 {
			kind, parties = space.Direct, append(parties, b.Party)
		}
		h.ids[a.Creates(space.Create{Kind: kind, Workspace: h.first, Nonce: [16]byte{byte(h.rnd.IntN(255))}, Parties: parties})] = true
	case n < 86 && !b.In(id):
		// A newcomer is heard by somebody else at once, before others have their say.
		if a.Changes(id, space.Op{Add: &space.Add{Party: b.Party, Role: space.Member, Since: a.Since(id, b)}}) {
			a.Tells(id, b, nil)
			b.Posts(id, "新来的 "+b.Name)
			c := h.pick()
			a.Tells(id, c, nil)
			b.Tells(id, c, nil)
		}
	default:
		a.Tells(id, b, h.rnd)
	}
}

func (h *history) everybodyTells() {
	for range 4 { // keys that are handed over let more count, which lets more be handed over
		for id := range h.ids {
			for _, a := range h.all {
				for _, b := range h.all {
					if a != b {
						a.Tells(id, b, nil)
					}
				}
			}
		}
	}
}

// check compares everybody who holds a space whole, and readers that get it in
// other orders.
func (h *history) check(id wire.SpaceID) {
	h.t.Helper()
	var want *testspace.Island
	for _, a := range h.all {
		for _, b := range h.all {
			if a != b && a.In(id) && b.In(id) && a.Log.Shares(id, b.Sign.Public()) && b.Log.Shares(id, a.Sign.Public()) {
				h.same("members "+a.Name+" and "+b.Name, a, b, id)
			}
		}
		if a.In(id) && (want == nil || len(a.Log.Frontier(id)) > len(want.Log.Frontier(id))) {
			want = a
		}
	}
	if want == nil {
		return
	}
	for n := range orders {
		r := testspace.NewReader(h.t, want)
		for r.Gets(want, id, h.rnd, n%2 == 0) {
		}
		h.same(fmt.Sprint("order ", n), want, r, id)
	}
	h.rebuilt(want, id)
}

func (h *history) same(what string, a, b *testspace.Island, id wire.SpaceID) {
	h.t.Helper()
	for _, x := range []*testspace.Island{a, b} {
		if why := x.Stopped(); why != "" {
			h.t.Fatalf("%s: %s stopped: %s", what, x.Name, why)
		}
	}
	if a.Log.Digest(id) != b.Log.Digest(id) {
		h.t.Errorf("%s: different frontiers", what)
		return
	}
	if !bytes.Equal(a.Dump(id), b.Dump(id)) {
		h.t.Errorf("%s: different members", what)
	}
	if diff := testspace.Differ(testspace.Tables(h.t, a.DB, id, a.Party.Person == b.Party.Person), testspace.Tables(h.t, b.DB, id, a.Party.Person == b.Party.Person)); diff != "" {
		h.t.Errorf("%s: different tables: %s", what, diff)
	}
}

func (h *history) rebuilt(x *testspace.Island, id wire.SpaceID) {
	h.t.Helper()
	before := testspace.Tables(h.t, x.DB, id, true)
	for _, name := range []string{"people", "chat"} {
		if err := x.Runner.Rebuild(context.Background(), name); err != nil {
			h.t.Fatal(err)
		}
	}
	if diff := testspace.Differ(before, testspace.Tables(h.t, x.DB, id, true)); diff != "" {
		h.t.Errorf("rebuilt: %s", diff)
	}
	if err := x.Reopen(); err != nil && !errors.Is(err, eventlog.ErrUnknownSpace) {
		h.t.Fatal(err)
	}
	if diff := testspace.Differ(before, testspace.Tables(h.t, x.DB, id, true)); diff != "" {
		h.t.Errorf("opened again: %s", diff)
	}
}
