package space

import (
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/wire"
)

// What each kind of space has for itself.

func TestDirectIsClosed(t *testing.T) {
	a, b, c := people[0], people[1], people[2]
	workspace := wire.SpaceID{1}
	create := func(parties ...Party) Op {
		return Op{Create: &Create{Kind: Direct, Workspace: workspace, Parties: parties, Epoch: wire.EpochID{1}}}
	}
	id := DirectID(workspace, a.party.Person, b.party.Person)
	m := New(id)
	begin := func(by *actor, n byte) error {
		_, _, err := m.Insert(Control{ID: wire.EventID{n}, Feed: envelope.Feed{Device: by.signer.Public(), Start: 1}, Seq: 1, Op: create(a.party, b.party)})
		return err
	}
	if err := begin(c, 3); err == nil {
		t.Error("a third person began the direct space of two")
	}
	if err := begin(a, 1); err != nil {
		t.Fatal(err)
	}
	if err := begin(b, 2); err != nil {
		t.Fatal(err)
	}
	if len(m.State().Epochs) != 2 || m.State().Active() != 2 {
		t.Errorf("%d epochs, %d people", len(m.State().Epochs), m.State().Active())
	}
	add := Op{Parents: m.Heads(), Add: &Add{Party: c.party, Role: Member}}
	if _, _, err := m.Insert(Control{ID: wire.EventID{4}, Feed: envelope.Feed{Device: a.signer.Public(), Start: 1}, Seq: 2, Op: add}); err != nil {
		t.Fatal(err)
	}
	if m.State().Active() != 2 {
		t.Error("somebody entered a direct space")
	}
}

// In a folder what a reader writes waits, and counts once it may write. Who wrote
// becomes a reader by leaving and coming back:
//
//	create ── add p1 as guest ── p1: member ── remove p1, cut at 2 ── add p1 as guest
func TestReadersOfAFolderDoNotWrite(t *testing.T) {
	o := newOfficeOf(t, 1, Folder)
	owner, p1 := o.actors[0], o.actors[1]
	o.add(owner, p1, Guest)
	old := envelope.Feed{Device: p1.signer.Public(), Start: 1, Lane: envelope.Content}
	accepts := func(f envelope.Feed, seq uint64) Verdict { return owner.machine.State().Accepts(f, seq) }
	if got := accepts(old, 1); got != Unknown {
		t.Errorf("a reader's content: %v", got)
	}
	if got := accepts(envelope.Feed{Device: p1.signer.Public(), Start: 1, Lane: envelope.Control}, 1); got != Accepted {
		t.Errorf("a reader leaves, say: %v", got)
	}
	o.write(owner, Op{SetRole: &SetRole{Person: p1.party.Person, Role: Member}})
	if got := accepts(old, 1); got != Accepted {
		t.Errorf("a writer's content: %v", got)
	}
	o.write(owner, Op{SetRole: &SetRole{Person: p1.party.Person, Role: Guest}})
	if role, _ := o.role(owner, p1); role != Member {
		t.Error("a writer became a reader without a cut")
	}
	o.write(owner, Op{Remove: &Remove{Person: p1.party.Person, Cuts: []Cut{{old.Device, old.Start, uint8(old.Lane), 2}}}})
	o.add(owner, p1, Guest)
	since := owner.machine.State().Since(p1.signer.Public())
	for _, c := range []struct {
		start, seq uint64
		want       Verdict
	}{{1, 2, Accepted}, {1, 3, Void}, {since, 1, Unknown}} {
		f := envelope.Feed{Device: old.Device, Start: c.start, Lane: envelope.Content}
		if got := accepts(f, c.seq); got != c.want {
			t.Errorf("start %d, sequence %d: %v", c.start, c.seq, got)
		}
	}
}

// Whoever was removed from a meeting with guests, or left it, does not come back: also not with another invite.
func TestNobodyComesBackIntoAMeeting(t *testing.T) {
	o := newOfficeOf(t, 1, Meeting)
	owner, guest := o.actors[0], o.actors[1]
	o.add(owner, guest, Guest)
	if role, in := o.role(owner, guest); !in || role != Guest {
		t.Fatalf("a guest has the role %d, in: %v", role, in)
	}
	o.write(owner, Op{Remove: &Remove{Person: guest.party.Person}})
	o.add(owner, guest, Guest)
	if _, in := o.role(owner, guest); in {
		t.Error("a removed guest is in again")
	}
}

// A circle lies in no workspace, and in any other way it is a group: who was removed may come back.
func TestCircle(t *testing.T) {
	o := newOfficeOf(t, 9, Circle)
	owner, p1, p2 := o.actors[0], o.actors[1], o.actors[2]
	if s := owner.machine.State(); s.Kind != Circle || !s.Workspace.IsZero() || !s.Kind.Standalone() || !s.Kind.Conversation() {
		t.Errorf("%+v", s)
	}
	inside := Create{Kind: Circle, Workspace: wire.SpaceID{1}, Parties: []Party{owner.party}, Epoch: wire.EpochID{1}}
	c := Control{ID: wire.EventID{1}, Feed: envelope.Feed{Device: owner.signer.Public(), Start: 1}, Seq: 1, Op: Op{Create: &inside}}
	if _, _, err := New(inside.NewID(owner.signer.Public())).Insert(c); err == nil {
		t.Error("a circle in a workspace")
	}
	o.add(owner, p1, Member)
	o.tell(owner, p1)
	o.add(p1, p2, Member) // a partner brings a colleague
	o.tell(p1, owner)
	if owner.machine.State().Active() != 3 {
		t.Error("a partner lets nobody in")
	}
	if p1.machine.Permitted(Control{Feed: envelope.Feed{Device: p1.signer.Public(), Start: 1}, Seq: p1.seq + 1,
		Op: Op{Parents: p1.machine.Heads(), Remove: &Remove{Person: owner.party.Person}}}) {
		t.Error("a partner may remove the owner")
	}
}
