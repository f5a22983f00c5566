package enginetest

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// grantOf is a signed grant's shape; engines do not read it.
func grantOf(space wire.SpaceID, version uint64) protocol.Signed {
	return protocol.Signed{Raw: append(wire.Random(200), space[:]...), Signature: append(wire.Random(63), byte(version))}
}

func (w *world) grant(t *testing.T, tenant engine.Tenant, space wire.SpaceID, version uint64, set ...protocol.Entry) protocol.Signed {
	t.Helper()
	s := grantOf(space, version)
	if err := w.Engine.AppendGrant(w.ctx, tenant, space, version, s, set); err != nil {
		t.Fatalf("append grant %d: %v", version, err)
	}
	return s
}

func entry(d wire.DeviceID, r protocol.Rights) protocol.Entry {
	return protocol.Entry{Device: d, Rights: r}
}

func grants(t *testing.T, w *world) {
	space, d := NewSpace(), wire.DeviceID(wire.Random(32))
	if got, _, err := w.Engine.Grants(w.ctx, space, 0); err != nil || len(got) != 0 {
		t.Fatalf("a space without a list: %d grants, %v", len(got), err)
	}
	for _, v := range []uint64{0, 2, 7} {
		if err := w.Engine.AppendGrant(w.ctx, tenantOf(3), space, v, grantOf(space, v), nil); !errors.Is(err, engine.ErrConflict) {
			t.Errorf("version %d first: %v", v, err)
		}
	}
	var want []protocol.Signed
	for v := range uint64(5) {
		want = append(want, w.grant(t, tenantOf(3), space, v+1, entry(d, protocol.Rights(1+v%2))))
	}
	for _, v := range []uint64{0, 1, 5, 7} {
		if err := w.Engine.AppendGrant(w.ctx, tenantOf(4), space, v, grantOf(space, v), nil); !errors.Is(err, engine.ErrConflict) {
			t.Errorf("version %d after 5: %v", v, err)
		}
	}
	for after := range uint64(7) {
		got, tenant, err := w.Engine.Grants(w.ctx, space, after)
		if err != nil || len(got) != max(0, 5-int(after)) || tenant != tenantOf(3) {
			t.Fatalf("after %d: %d grants of %x, %v", after, len(got), tenant, err)
		}
		for i, s := range got {
			if s.Hash() != want[int(after)+i].Hash() {
				t.Fatalf("after %d: grant %d is another one", after, i)
			}
		}
	}
	until(t, "the grants are told", func() bool { return len(w.grantsTold(space)) == 5 })
	if told := w.grantsTold(space); !slices.Equal(told, []uint64{1, 2, 3, 4, 5}) {
		t.Errorf("told of %v", told)
	}
}

// Many want the next version: one gets it.
func grantsRace(t *testing.T, w *world) {
	space := NewSpace()
	const sides, rounds = 8, 6
	for v := uint64(1); v <= rounds; v++ {
		var mu sync.Mutex
		var won []protocol.Signed
		var wg sync.WaitGroup
		for range sides {
			s := grantOf(space, v)
			wg.Go(func() {
				err := w.Engine.AppendGrant(w.ctx, tenantOf(1), space, v, s, nil)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, s)
				} else if !errors.Is(err, engine.ErrConflict) {
					t.Errorf("version %d: %v", v, err)
				}
			})
		}
		wg.Wait()
		got, _, err := w.Engine.Grants(w.ctx, space, v-1)
		if err != nil || len(won) != 1 || len(got) != 1 || got[0].Hash() != won[0].Hash() {
			t.Fatalf("version %d: %d won, %d stored, %v", v, len(won), len(got), err)
		}
	}
}

func listed(t *testing.T, w *world) {
	me, other := wire.DeviceID(wire.Random(32)), wire.DeviceID(wire.Random(32))
	var spaces []wire.SpaceID
	for range 12 {
		space := NewSpace()
		spaces = append(spaces, space)
		w.grant(t, tenantOf(1), space, 1, entry(me, protocol.RightUse|protocol.RightManage), entry(other, protocol.RightUse))
	}
	slices.SortFunc(spaces, func(a, b wire.SpaceID) int { return bytes.Compare(a[:], b[:]) })
	check := func(d wire.DeviceID, want []wire.SpaceID) {
		t.Helper()
		for _, limit := range []int{1, 5, 100} {
			var got []wire.SpaceID
			for after := (wire.SpaceID{}); ; {
				page, err := w.Engine.Listed(w.ctx, d, after, limit)
				if err != nil || len(page) > limit {
					t.Fatalf("%d of %d, %v", len(page), limit, err)
				}
				if len(page) == 0 {
					break
				}
				got, after = append(got, page...), page[len(page)-1]
			}
			if !slices.Equal(got, want) {
				t.Fatalf("limit %d: %d spaces, want %d", limit, len(got), len(want))
			}
		}
	}
	check(me, spaces)
	check(other, spaces)
	check(wire.DeviceID{1}, nil)
	// Taken off two, and on again in one.
	w.grant(t, tenantOf(1), spaces[3], 2, entry(me, protocol.RightNone))
	w.grant(t, tenantOf(1), spaces[7], 2, entry(me, protocol.RightNone), entry(other, protocol.RightManage))
	check(me, slices.Concat(spaces[:3], spaces[4:7], spaces[8:]))
	check(other, spaces)
	w.grant(t, tenantOf(1), spaces[7], 3, entry(me, protocol.RightUse))
	check(me, slices.Concat(spaces[:3], spaces[4:]))
	// A grant that was refused lists nobody.
	if err := w.Engine.AppendGrant(w.ctx, tenantOf(1), spaces[3], 2, grantOf(spaces[3], 2), []protocol.Entry{entry(me, protocol.RightUse)}); !errors.Is(err, engine.ErrConflict) {
		t.Errorf("%v", err)
	}
	check(me, slices.Concat(spaces[:3], spaces[4:]))
}

func lists(t *testing.T, w *world) {
	var want []wire.SpaceID
	for range 9 {
		space := NewSpace()
		want = append(want, space)
		w.grant(t, tenantOf(1), space, 1)
		w.grant(t, tenantOf(1), space, 2)
	}
	a := NewAuthor(NewSpace()) // has envelopes and no list
	w.put(t, a.Space, a.Write(1, 10))
	slices.SortFunc(want, func(a, b wire.SpaceID) int { return bytes.Compare(a[:], b[:]) })
	for _, limit := range []int{1, 4, 9, 50} {
		var got []wire.SpaceID
		for after := (wire.SpaceID{}); ; {
			page, err := w.Engine.Lists(w.ctx, after, limit)
			if err != nil || len(page) > limit {
				t.Fatalf("%d of %d, %v", len(page), limit, err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("limit %d: %d spaces, want %d", limit, len(got), len(want))
		}
	}
}
