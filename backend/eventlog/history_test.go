package eventlog

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// circle begins a circle with people who are in it from its beginning.
func (d *desk) circle(with ...*desk) wire.SpaceID {
	d.t.Helper()
	var adds []space.Add
	for _, who := range with {
		adds = append(adds, space.Add{Party: who.party, Role: space.Member})
	}
	id, err := d.log.Create(context.Background(), space.Create{Kind: space.Circle, Parties: []space.Party{d.party}}, adds)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, who := range with {
		d.tells(id, who, false)
	}
	return id
}

func (d *desk) names(id wire.SpaceID, name string) {
	d.t.Helper()
	if _, err := d.log.Append(context.Background(), id, Draft{Kind: "test.named", Body: name}); err != nil {
		d.t.Fatalf("%s names: %v", d.name, err)
	}
}

func (d *desk) sets(id wire.SpaceID, mode space.HistoryMode) {
	d.t.Helper()
	if err := d.log.SetHistory(context.Background(), id, mode); err != nil {
		d.t.Fatalf("%s sets history: %v", d.name, err)
	}
}

// adds lets somebody in and hands over nothing besides what is in the log.
func (d *desk) adds(id wire.SpaceID, who *desk) {
	d.t.Helper()
	var since uint64
	_ = d.log.View(id, func(s *space.State) {
		if _, before := s.Member(who.party.Person); before {
			since = max(uint64(d.clock.Now().UnixMilli())+1, s.Return(who.party.Person))
		}
	})
	if err := d.log.Change(context.Background(), id, space.Op{Add: &space.Add{Party: who.party, Role: space.Member, Since: since}}); err != nil {
		d.t.Fatalf("%s adds: %v", d.name, err)
	}
}

// hands answers a device that asks for keys.
func (d *desk) hands(id wire.SpaceID, to *desk) {
	d.t.Helper()
	boxes, _, err := d.log.BoxesFor(context.Background(), id, to.sign.Public())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, box := range boxes {
		if err := to.log.TakeBox(context.Background(), id, box); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) epochs(id wire.SpaceID) (all []wire.EpochID) {
	_ = d.log.View(id, func(s *space.State) { all = append(all, s.Epochs...) })
	return all
}

// lacks fails where a device has the key of an epoch, or is given it by another.
func (d *desk) lacks(id wire.SpaceID, e wire.EpochID, givers ...*desk) {
	d.t.Helper()
	if _, have := d.log.spaces[id].keys[e]; have {
		d.t.Errorf("%s has a key of before it came in", d.name)
	}
	for _, g := range givers {
		boxes, _, err := g.log.BoxesFor(context.Background(), id, d.sign.Public())
		if err != nil {
			d.t.Fatal(err)
		}
		for _, box := range boxes {
			r, err := d.log.unwrap(id, box)
			if err != nil {
				d.t.Fatal(err)
			}
			for _, k := range r.keys {
				if k.ID() == e {
					d.t.Errorf("%s gives %s a key of before it came in", g.name, d.name)
				}
			}
		}
	}
}

// settled fails where something waits, a check finds something, or two see another state.
func settled(t *testing.T, id wire.SpaceID, all ...*desk) {
	t.Helper()
	ctx := context.Background()
	for _, d := range all {
		if missing, err := d.log.Missing(ctx, id); err != nil || len(missing) > 0 || d.log.spaces[id].waiting > 0 {
			t.Errorf("%s: %d keys missing, %d events wait, %v", d.name, len(missing), d.log.spaces[id].waiting, err)
		}
		found := func(f Finding) { t.Errorf("%s: check finds %s at %d: %v", d.name, f.Fault, f.Seq, f.Err) }
		if _, err := Check(ctx, d.db, true, found); err != nil {
			t.Error(err)
		}
		if err := d.log.CheckAside(ctx, found); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(dump(d, id), dump(all[0], id)) {
			t.Errorf("%s and %s see different states", d.name, all[0].name)
		}
	}
}

func dump(d *desk, id wire.SpaceID) (out []byte) {
	_ = d.log.View(id, func(s *space.State) { out = s.Dump() })
	return out
}

// TestNewcomerSeesFromJoining: what was written before somebody came in stays closed to them,
// whoever is asked; what is needed to know the space does not. The log alone is enough, so
// nobody has to be there.
func TestNewcomerSeesFromJoining(t *testing.T) {
	for _, backwards := range []bool{false, true} {
		a, b, n := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "n")
		id := a.circle(b)
		a.names(id, "name")
		a.posts(id, "before")
		a.tells(id, b, false)
		b.posts(id, "before, too")
		b.tells(id, a, false)
		a.sets(id, space.HistoryFromJoining)
		a.posts(id, "still before")
		a.adds(id, n)
		a.posts(id, "after")
		a.tells(id, n, backwards)
		n.sees("name", "after")
		n.posts(id, "hello")
		n.tells(id, a, false)
		n.tells(id, b, false)
		a.sees("name", "before", "before, too", "still before", "after", "hello")
		b.sees("name", "before", "before, too", "still before", "after", "hello")
		n.lacks(id, a.epochs(id)[0], a, b)
		settled(t, id, a, b, n)
		n.reopen()
		n.log.Retry(context.Background())
		n.posts(id, "again")
		n.tells(id, a, false)
		settled(t, id, a, n)
		if len(a.epochs(id)) != 2 {
			t.Errorf("%d epochs: one for the newcomer is enough", len(a.epochs(id)))
		}
		if h, err := n.log.History(id); err != nil || !h.FromJoining || !h.Limited || h.By != a.party.Person || h.Since == 0 {
			t.Errorf("history of n: %+v, %v", h, err)
		}
		if h, _ := b.log.History(id); !h.FromJoining || h.Limited {
			t.Errorf("history of b: %+v", h)
		}
		ours, _ := a.log.Secret(id, "test")
		theirs, ok := n.log.Secret(id, "test")
		if !ok || ours != theirs {
			t.Error("n lacks what all members share")
		}
	}
}

// TestConcurrentWithAdmission: who does not know of a newcomer yet writes with the key of before.
// Its message is from before; its control events the newcomer gets to judge, from whoever writes
// next, or by asking.
func TestConcurrentWithAdmission(t *testing.T) {
	for _, asks := range []bool{false, true} {
		a, b, n := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "n")
		id := a.circle(b)
		a.sets(id, space.HistoryFromJoining)
		a.tells(id, b, false)
		a.adds(id, n)
		a.tells(id, n, false)
		invite := space.Op{Invite: &space.Invite{ID: wire.InviteID(b.sign.Public()), Role: space.Member, Expires: 1 << 50, Uses: 1}}
		if err := b.log.Change(context.Background(), id, invite); err != nil {
			t.Fatal(err)
		}
		b.names(id, "late name")
		b.posts(id, "beside")
		b.tells(id, n, false)
		n.sees()
		if missing, _ := n.log.Missing(context.Background(), id); len(missing) != 1 {
			t.Errorf("%d keys are missing: the control event waits", len(missing))
		}
		b.tells(id, a, false)
		if asks {
			a.hands(id, n)
			n.sees("late name")
		}
		a.posts(id, "after")
		a.tells(id, n, false)
		a.tells(id, b, false)
		n.sees("late name", "after")
		b.posts(id, "now")
		b.tells(id, n, false)
		b.tells(id, a, false)
		n.sees("late name", "after", "now")
		n.lacks(id, a.epochs(id)[0], a, b)
		settled(t, id, a, b, n)
	}
}

// TestEpochsBegunAtOnce: one for a newcomer and one after a removal, by two who do not know of each other.
func TestEpochsBegunAtOnce(t *testing.T) {
	a, b, c, n := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "c"), newDesk(t, "n")
	id := a.circle(b, c)
	if err := a.log.Change(context.Background(), id, space.Op{SetRole: &space.SetRole{Person: b.party.Person, Role: space.Admin}}); err != nil {
		t.Fatal(err)
	}
	a.sets(id, space.HistoryFromJoining)
	a.tells(id, b, false)
	a.tells(id, c, false)
	a.adds(id, n)
	b.removes(id, c)
	b.posts(id, "beside")
	a.posts(id, "after")
	a.tells(id, b, false)
	b.tells(id, a, false)
	a.tells(id, n, false)
	a.hands(id, n)
	n.sees("after")
	b.posts(id, "together")
	b.tells(id, n, false)
	b.tells(id, a, false)
	n.sees("after", "together")
	n.posts(id, "hello")
	n.tells(id, a, false)
	n.tells(id, b, false)
	a.sees("beside", "after", "together", "hello")
	settled(t, id, a, b, n)
	n.lacks(id, a.epochs(id)[0], a, b)
	if _, _, err := a.log.BoxesFor(context.Background(), id, c.sign.Public()); !errors.Is(err, errcode.Forbidden) {
		t.Errorf("the removed one asks: %v", err)
	}
}

// TestReturnSeesFromTheLatestJoining: what somebody had they keep; what was written while they were
// gone, they never get.
func TestReturnSeesFromTheLatestJoining(t *testing.T) {
	a, n := newDesk(t, "a"), newDesk(t, "n")
	id := a.circle()
	a.sets(id, space.HistoryFromJoining)
	a.posts(id, "before")
	a.adds(id, n)
	a.posts(id, "first time")
	a.tells(id, n, false)
	n.posts(id, "mine")
	n.tells(id, a, false)
	a.removes(id, n)
	a.posts(id, "without n")
	gone := a.epochs(id)
	a.adds(id, n)
	a.posts(id, "second time")
	a.tells(id, n, false)
	n.sees("first time", "mine", "second time")
	n.posts(id, "mine again")
	n.tells(id, a, false)
	n.lacks(id, gone[0], a)
	n.lacks(id, gone[len(gone)-1], a)
	settled(t, id, a, n)

	// Who lost its database finds in the log what was wrapped for it, and nothing of what lies between.
	lost := newDesk(t, "lost")
	lost.sign, lost.seal, lost.party = n.sign, n.seal, n.party
	lost.log.Signer, lost.log.Opener, lost.log.self = n.sign, n.seal, n.sign.Public()
	a.hands(id, lost)
	a.tells(id, lost, false)
	lost.sees("first time", "mine", "second time", "mine again")
	lost.lacks(id, gone[0], a)
	lost.lacks(id, gone[len(gone)-1], a)
	settled(t, id, a, lost)
}

// TestEverythingAgain: where newcomers get everything again, who came in meanwhile does too; what was
// written before the next change is closed to who comes after it.
func TestEverythingAgain(t *testing.T) {
	a, n, m := newDesk(t, "a"), newDesk(t, "n"), newDesk(t, "m")
	id := a.circle()
	a.posts(id, "before")
	a.sets(id, space.HistoryFromJoining)
	a.adds(id, n)
	a.tells(id, n, false)
	n.sees()
	a.sets(id, space.HistoryAll)
	a.tells(id, n, false)
	n.posts(id, "nothing is blocked")
	if missing, _ := n.log.Missing(context.Background(), id); len(missing) != 1 {
		t.Errorf("%d keys are missing", len(missing))
	}
	a.hands(id, n)
	n.sees("before", "nothing is blocked")
	n.tells(id, a, false)
	a.sets(id, space.HistoryFromJoining)
	a.tells(id, n, false)
	a.adds(id, m)
	a.posts(id, "after")
	a.tells(id, m, false)
	a.tells(id, n, false)
	m.sees("after")
	n.sees("before", "nothing is blocked", "after")
	m.lacks(id, a.epochs(id)[0], a, n)
	if h, _ := n.log.History(id); h.Limited {
		t.Error("n was in before it was set again")
	}
	settled(t, id, a, n, m)
}

// TestNewcomersHandOn: who has no old keys hands on what lets others know the space.
func TestNewcomersHandOn(t *testing.T) {
	a, n, m := newDesk(t, "a"), newDesk(t, "n"), newDesk(t, "m")
	id := a.circle()
	a.names(id, "name")
	a.sets(id, space.HistoryFromJoining)
	a.posts(id, "before")
	a.adds(id, n)
	a.tells(id, n, false)
	n.posts(id, "between")
	n.adds(id, m)
	n.posts(id, "after")
	n.tells(id, m, false)
	m.sees("name", "after")
	m.lacks(id, a.epochs(id)[0], n)
	m.lacks(id, n.epochs(id)[1], n)
	n.tells(id, a, false)
	settled(t, id, a, n, m)
}
