package space

import (
	"bytes"
	"errors"
	"testing"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// FuzzOp: control operations of somebody who runs any program, one after the
// other, by a member or a stranger. Nothing breaks the machine, what it takes is
// the one form of what it says, and the order of arrival makes no difference.
func FuzzOp(f *testing.F) {
	a, b, c := people[0], people[1], people[2]
	create := Create{Kind: Circle, Parties: []Party{a.party}, Epoch: wire.EpochID{1}}
	id := create.NewID(a.signer.Public())
	base := []Control{
		{ID: wire.EventID{1}, Feed: envelope.Feed{Device: a.signer.Public(), Start: 1}, Seq: 1, Op: Op{Create: &create}},
		{ID: wire.EventID{2}, Feed: envelope.Feed{Device: a.signer.Public(), Start: 1}, Seq: 2,
			Op: Op{Parents: []wire.EventID{{1}}, Add: &Add{Party: b.party, Role: Admin}}},
	}
	parents := []wire.EventID{{2}}
	for _, op := range []Op{
		{Parents: parents, Add: &Add{Party: c.party, Role: Owner, Since: 9}},
		{Parents: parents, Invite: &Invite{ID: wire.InviteID{1}, Role: Member, Expires: 1 << 62, Uses: 1 << 31}},
		{Parents: parents, Revoke: &Revoke{}},
		{Parents: parents, Redeem: &Redeem{Party: c.party, Proof: make([]byte, 64)}},
		{Parents: parents, SetRole: &SetRole{Person: a.party.Person, Role: 255}},
		{Parents: parents, Remove: &Remove{Person: a.party.Person, Cuts: []Cut{{Device: a.signer.Public(), Start: 1, Seq: 1}}}},
		{Parents: parents, Remove: &Remove{Person: b.party.Person, Cuts: []Cut{{Lane: 200, Seq: 1 << 63}, {}}}},
		{Parents: parents, Rotate: &Rotate{}},
		{Parents: parents, History: &History{Mode: HistoryFromJoining}},
		{Parents: parents, History: &History{Mode: 255}},
		{Parents: []wire.EventID{{1}}, Create: &create},
		{Create: &Create{Kind: Direct, Parties: []Party{a.party, a.party}}},
		{Parents: parents}, {},
	} {
		f.Add(wire.MustEncode(op), uint64(3), uint8(1))
	}
	f.Add([]byte{0xa1, 0x01, 0x80}, uint64(0), uint8(2))
	f.Fuzz(func(t *testing.T, raw []byte, n uint64, who uint8) {
		var op Op
		if wire.Decode(raw, wire.MaxBody, &op) != nil {
			return
		}
		if !bytes.Equal(wire.MustEncode(op), raw) {
			t.Fatalf("accepted in another form: %x", raw)
		}
		author := people[int(who)%len(people)].signer.Public()
		wild := Control{ID: wire.EventID(key.Digest(raw)), Feed: envelope.Feed{Device: author, Start: n % 7}, Seq: n | 1, Stamp: clock.Stamp(n), Op: op}
		after := Control{ID: wire.EventID{3}, Feed: envelope.Feed{Device: b.signer.Public(), Start: 1}, Seq: 1,
			Op: Op{Parents: []wire.EventID{{2}}, Add: &Add{Party: people[3].party, Role: Member}}}
		one, two := New(id), New(id)
		for _, m := range []*Machine{one, two} {
			if taken, _, err := m.Insert(base...); taken != 2 || err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := one.Insert(wild)
		if err != nil && !errors.Is(err, ErrControl) && !errors.Is(err, ErrParents) {
			t.Errorf("an error of no kind: %v", err)
		}
		if _, _, err := one.Insert(after); err != nil {
			t.Fatal(err)
		}
		_, _, _ = two.Insert(after)
		_, _, _ = two.Insert(wild)
		if !bytes.Equal(one.State().Dump(), two.State().Dump()) {
			t.Errorf("the order of arrival makes a difference: %+v", op)
		}
		for _, p := range people {
			one.Farewell(p.party.Person)
		}
		if len(one.Heads()) == 0 || len(one.Heads()) > wire.MaxParents {
			t.Errorf("%d heads", len(one.Heads()))
		}
	})
}
