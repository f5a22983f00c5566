package eventlog

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// TestNamingAnOldEpochGivesNothing: a newcomer who begins an epoch under the name of an older one, in whose
// beginning its admission is known, is not given the older one's key.
func TestNamingAnOldEpochGivesNothing(t *testing.T) {
	a, n := newDesk(t, "a"), newDesk(t, "n")
	id := a.circle()
	a.sets(id, space.HistoryFromJoining)
	a.posts(id, "before")
	a.adds(id, n)
	a.tells(id, n, false)
	old := a.epochs(id)[0]
	for _, rotate := range []wire.EpochID{old, {7}} {
		if err := n.log.Change(context.Background(), id, space.Op{Rotate: &space.Rotate{Epoch: rotate}}); err != nil {
			t.Fatal(err)
		}
	}
	n.tells(id, a, false)
	n.lacks(id, old, a)
	a.posts(id, "after")
	a.tells(id, n, false)
	n.lacks(id, old, a)
	n.sees("after")
}

// TestWrongSingle: a key that does not open its event is forgotten, and the right one is taken later.
func TestWrongSingle(t *testing.T) {
	a, n := newDesk(t, "a"), newDesk(t, "n")
	id := a.circle()
	a.sets(id, space.HistoryFromJoining)
	a.adds(id, n)
	list, err := a.log.singles(context.Background(), id, a.log.spaces[id])
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	var wrong keyring
	for _, one := range list {
		wrong.Singles = append(append(wrong.Singles, one.mark[:]...), make([]byte, key.SingleSize)...)
	}
	boxes, err := a.log.wrap(id, map[wire.DeviceID][]byte{n.sign.Public(): n.seal.SealPublic()}, wrong)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.log.TakeBox(context.Background(), id, boxes[0].Sealed); err != nil {
		t.Fatal(err)
	}
	a.posts(id, "after")
	a.tells(id, n, false)
	a.hands(id, n)
	a.hands(id, n)
	n.sees("after")
	settled(t, id, a, n)
}

// TestFromTheBeginning: who is in it from the beginning has everything, also what was written before anybody else came.
func TestFromTheBeginning(t *testing.T) {
	a, b, n := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "n")
	id, err := a.log.CreateWith(context.Background(), space.Create{Kind: space.Circle, Parties: []space.Party{a.party}},
		[]space.Add{{Party: b.party, Role: space.Member}}, []space.Op{{History: &space.History{Mode: space.HistoryFromJoining}}}, Draft{Kind: "test.named", Body: "name"})
	if err != nil {
		t.Fatal(err)
	}
	a.posts(id, "before")
	a.tells(id, b, false)
	b.sees("name", "before")
	if len(a.epochs(id)) != 1 || len(a.log.spaces[id].machine.Outside()) > 0 {
		t.Error("nobody has come yet for whom an epoch would have to begin")
	}
	b.adds(id, n)
	b.posts(id, "after")
	b.tells(id, n, false)
	b.tells(id, a, false)
	n.sees("name", "after")
	n.lacks(id, a.epochs(id)[0], a, b)
	settled(t, id, a, b, n)
}

// TestWhoMaySetHistory: admins, in groups and circles.
func TestWhoMaySetHistory(t *testing.T) {
	ctx := context.Background()
	a, b := newDesk(t, "a"), newDesk(t, "b")
	id := a.circle(b)
	if err := b.log.SetHistory(ctx, id, space.HistoryFromJoining); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("a member: %v", err)
	}
	if err := a.log.SetHistory(ctx, a.founds(), space.HistoryFromJoining); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("in a workspace: %v", err)
	}
	a.sets(id, space.HistoryFromJoining)
	a.sets(id, space.HistoryFromJoining)
	if err := a.log.Change(ctx, id, space.Op{History: &space.History{Mode: space.HistoryFromJoining}}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("said twice: %v", err)
	}
	if err := a.log.Change(ctx, id, space.Op{History: &space.History{Mode: 9}}); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("another mode: %v", err)
	}
	if h, err := a.log.History(id); err != nil || !h.FromJoining {
		t.Errorf("%+v, %v", h, err)
	}
}

// TestHistoryOperationIsUnknownToOldPrograms: they stop at it, as at every operation that they do not know.
func TestHistoryOperationIsUnknownToOldPrograms(t *testing.T) {
	raw := wire.MustEncode(space.Op{Parents: []wire.EventID{{1}}, History: &space.History{Mode: space.HistoryFromJoining}})
	if want := "a2018158200100000000000000000000000000000000000000000000000000000000000000" + "0aa10102"; fmt.Sprintf("%x", raw) != want {
		t.Errorf("the operation is %x, want %s", raw, want)
	}
	const lastFieldBefore = 9
	var fields map[uint64]wire.Raw
	if err := wire.DecodeLoose(raw, wire.MaxBody, &fields); err != nil {
		t.Fatal(err)
	}
	if fields[lastFieldBefore+1] == nil {
		t.Error("old programs would take it for a broken one")
	}
	// As this program does with the next one.
	next := event.Event{Header: envelope.Header{Feed: envelope.Feed{Lane: envelope.Control}}, Body: wire.MustEncode(map[uint64]any{space.LastField + 1: 1})}
	if _, err := control(next); !errors.Is(err, errNewer) {
		t.Errorf("a newer operation: %v", err)
	}
}

// TestManyControlEvents: what a newcomer is handed where there were thousands.
func TestManyControlEvents(t *testing.T) {
	list := make([]single, 5000)
	for i := range list {
		_, _ = rand.Read(list[i].mark[:])
		list[i].epoch[0] = 1
	}
	rings := spread(keyring{}, list, nil)
	if n := len(wire.MustEncode(rings[0])); len(rings) != 1 || n > 5000*48+64 {
		t.Errorf("%d keyrings, the first of %d bytes", len(rings), n)
	}
	if rings = spread(keyring{}, append(list, make([]single, 40_000)...), nil); len(rings) != 3 {
		t.Errorf("%d keyrings", len(rings))
	}
	for _, r := range rings {
		if _, err := readRing(wire.MustEncode(r)); err != nil {
			t.Error(err)
		}
	}
	if rings = spread(keyring{}, list, map[wire.EpochID]bool{{1}: true}); len(rings[0].Singles) != 0 {
		t.Error("events of an epoch whose key is given need none of their own")
	}
}

// FuzzRing: what a member who runs any program wraps for us.
func FuzzRing(f *testing.F) {
	f.Add(wire.MustEncode(keyring{Keys: [][]byte{make([]byte, 32)}}))
	f.Add(wire.MustEncode(keyring{Keys: [][]byte{}, Singles: make([]byte, 96), Secrets: map[string][]byte{"test": make([]byte, 32)}}))
	f.Add(wire.MustEncode(keyring{Singles: make([]byte, 47)}))
	f.Add(wire.MustEncode(keyring{Secrets: map[string][]byte{"": {1}}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := readRing(raw)
		if err == nil && (len(r.keys) > wire.MaxEpochs || len(r.singles) > maxRingSingles || len(r.secrets) > maxSecrets) {
			t.Errorf("%d keys, %d singles, %d secrets", len(r.keys), len(r.singles), len(r.secrets))
		}
	})
}
