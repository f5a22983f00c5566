package space

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// actor is a person with one device and its own, possibly late, view.
type actor struct {
	name    string
	signer  key.SigningKey
	party   Party
	machine *Machine
	has     []Control
	seq     uint64
	start   uint64
}

type office struct {
	t      *testing.T
	id     wire.SpaceID
	actors []*actor
	rnd    *rand.Rand
	n      uint64
}

// people are made once: key generation is the slowest part of these tests.
var people = func() []*actor {
	var out []*actor
	for i := range 6 {
		a := &actor{name: fmt.Sprint("p", i), signer: key.NewSigningKey()}
		c, err := identity.Found(a.signer, key.NewSealingKey().SealPublic(), 1)
		if err != nil {
			panic(err)
		}
		id, err := identity.Person([]identity.Certificate{c})
		if err != nil {
			panic(err)
		}
		a.party = Party{id, []identity.Certificate{c}}
		out = append(out, a)
	}
	return out
}()

func newOffice(t *testing.T, seed uint64) *office { return newOfficeOf(t, seed, Workspace) }

func newOfficeOf(t *testing.T, seed uint64, kind Kind) *office {
	o := &office{t: t, rnd: rand.New(rand.NewPCG(seed, 1))}
	for _, p := range people {
		o.actors = append(o.actors, &actor{name: p.name, signer: p.signer, party: p.party, start: 1})
	}
	create := Create{Kind: kind, Parties: []Party{o.actors[0].party}, Epoch: wire.EpochID{1}}
	if !kind.Standalone() {
		create.Workspace[0] = 1
	}
	create.Nonce[0] = byte(seed)
	o.id = create.NewID(o.actors[0].signer.Public())
	for _, a := range o.actors {
		a.machine = New(o.id)
	}
	o.write(o.actors[0], Op{Create: &create})
	return o
}

// write makes a control event by an actor from its own view.
func (o *office) write(a *actor, op Op) Control {
	o.n++
	a.seq++
	if op.Create == nil {
		op.Parents = a.machine.Heads()
	}
	feed := envelope.Feed{Device: a.signer.Public(), Start: a.start}
	sum := key.Hash("test", feed.Device[:], fmt.Append(nil, a.start, a.seq, o.n))
	c := Control{ID: wire.EventID(sum), Feed: feed, Seq: a.seq, Stamp: clock.At(time.UnixMilli(int64(o.n))), Op: op, Sealed: a.machine.State().Epoch}
	switch {
	case op.Create != nil:
		c.Sealed = op.Create.Epoch
	case op.Rotate != nil:
		c.Sealed = op.Rotate.Epoch
	}
	if _, _, err := a.machine.Insert(c); err != nil {
		o.t.Fatalf("%s writes: %v", a.name, err)
	}
	a.has = append(a.has, c)
	return c
}

// tell gives one actor everything that another has.
func (o *office) tell(from, to *actor) {
	for _, c := range from.has {
		if !to.machine.Has(c.ID) {
			if _, _, err := to.machine.Insert(c); err != nil {
				o.t.Fatalf("%s tells %s: %v", from.name, to.name, err)
			}
			to.has = append(to.has, c)
		}
	}
}

func (o *office) add(by, who *actor, role Role) {
	o.write(by, Op{Add: &Add{Party: who.party, Role: role, Since: o.since(by, who)}})
}

func (o *office) since(by, who *actor) uint64 {
	if m, ok := by.machine.State().Member(who.party.Person); ok && !m.Active {
		return 1000 + o.n
	}
	return 0
}

func (o *office) remove(by, who *actor) {
	r := &Remove{Person: who.party.Person}
	last := map[envelope.Feed]uint64{}
	for _, c := range by.has {
		if c.Feed.Device == who.signer.Public() {
			last[c.Feed] = max(last[c.Feed], c.Seq)
		}
	}
	for f, n := range last {
		r.Cuts = append(r.Cuts, Cut{f.Device, f.Start, uint8(f.Lane), n})
	}
	o.write(by, Op{Remove: r})
}

func (o *office) role(by, who *actor) (Role, bool) {
	m, ok := by.machine.State().Member(who.party.Person)
	return m.Role, ok && m.Active
}

// randomStep lets a random actor do something that it believes to be allowed
// (or, now and then, something that is not), or tells it what others know.
func (o *office) randomStep() {
	a, b := o.actors[o.rnd.IntN(len(o.actors))], o.actors[o.rnd.IntN(len(o.actors))]
	switch o.rnd.IntN(10) {
	case 0, 1, 2:
		o.tell(b, a)
	case 3, 4:
		if _, in := o.role(a, b); len(a.has) > 0 && !in {
			o.add(a, b, Role(1+o.rnd.IntN(4)))
		}
	case 5:
		if len(a.has) > 0 {
			o.remove(a, b)
		}
	case 6:
		if len(a.has) > 0 {
			o.write(a, Op{SetRole: &SetRole{Person: b.party.Person, Role: Role(1 + o.rnd.IntN(4))}})
		}
	case 7:
		if len(a.has) > 0 {
			o.write(a, Op{Rotate: &Rotate{Epoch: wire.EpochID(wire.Random(16))}})
		}
	case 8:
		// A removed device that learns of its return begins a new feed.
		if s := a.machine.State().Since(a.signer.Public()); s > a.start {
			a.start, a.seq = s, 0
		}
	case 9:
		if len(a.has) > 0 {
			o.write(a, Op{History: &History{Mode: HistoryMode(1 + o.rnd.IntN(2))}})
		}
	}
}

// inRandomOrder gives all events to a new machine, in a random order that
// respects parents, in random batches.
func (o *office) inRandomOrder(all []Control) *Machine {
	m := New(o.id)
	left := append([]Control(nil), all...)
	for len(left) > 0 {
		o.rnd.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		var rest []Control
		batch := []Control{}
		in := map[wire.EventID]bool{}
		for _, c := range left {
			ready := true
			for _, p := range c.Op.Parents {
				ready = ready && (m.Has(p) || in[p])
			}
			if !ready || (len(batch) > 0 && o.rnd.IntN(3) == 0) {
				rest = append(rest, c)
				continue
			}
			batch, in[c.ID] = append(batch, c), true
		}
		if _, _, err := m.Insert(batch...); err != nil {
			o.t.Fatal(err)
		}
		left = rest
	}
	return m
}

func TestAnyOrderSameState(t *testing.T) {
	runs := 300
	if testing.Short() {
		runs = 40
	}
	for seed := range runs {
		o := newOfficeOf(t, uint64(seed), []Kind{Workspace, Group, Folder, Meeting, Circle}[seed%5])
		for range 60 {
			o.randomStep()
		}
		first := o.actors[0]
		for range 2 {
			for _, a := range o.actors {
				o.tell(a, first)
			}
			for _, a := range o.actors {
				o.tell(first, a)
			}
		}
		want := first.machine.State().Dump()
		for _, a := range o.actors {
			if !bytes.Equal(want, a.machine.State().Dump()) {
				t.Fatalf("seed %d: %s sees another state than %s", seed, a.name, first.name)
			}
		}
		for range 3 {
			m := o.inRandomOrder(first.has)
			if !bytes.Equal(want, m.State().Dump()) {
				t.Fatalf("seed %d: another order gives another state", seed)
			}
			if keys := o.keys(m); keys != o.keys(first.machine) {
				t.Fatalf("seed %d: another order gives other keys: %s", seed, keys)
			}
		}
		if first.machine.State().Active() == 0 {
			continue
		}
		owners := 0
		for _, m := range first.machine.State().Members() {
			if m.Active && m.Role == Owner {
				owners++
			}
		}
		if owners == 0 {
			t.Fatalf("seed %d: members but no owner", seed)
		}
	}
}

// Two administrators remove each other without knowing:
//
//	create ── add p1 ── add p2 ─┬─ p1 removes p2
//	                            └─ p2 removes p1
//
// p1's grant is older, so p1 stays.
func TestMutualRemovalSeniorStays(t *testing.T) {
	o := newOffice(t, 1)
	owner, senior, junior := o.actors[0], o.actors[1], o.actors[2]
	o.add(owner, senior, Admin)
	o.add(owner, junior, Admin)
	o.tell(owner, senior)
	o.tell(owner, junior)
	o.remove(senior, junior)
	o.remove(junior, senior)
	o.tell(senior, owner)
	o.tell(junior, owner)
	if _, in := o.role(owner, senior); !in {
		t.Error("the senior administrator is gone")
	}
	if _, in := o.role(owner, junior); in {
		t.Error("the junior administrator is still there")
	}
}

// What a removed member wrote without knowing of the removal is void; what the
// remover had seen stays.
func TestRemovalVoidsWhatLiesBeyond(t *testing.T) {
	o := newOffice(t, 2)
	owner, admin, seen, unseen := o.actors[0], o.actors[1], o.actors[2], o.actors[3]
	o.add(owner, admin, Admin)
	o.tell(owner, admin)
	o.add(admin, seen, Member)
	o.tell(admin, owner)
	o.remove(owner, admin)
	o.add(admin, unseen, Member)
	o.tell(admin, owner)
	if _, in := o.role(owner, seen); !in {
		t.Error("who was let in before the removal is gone")
	}
	if _, in := o.role(owner, unseen); in {
		t.Error("who was let in beyond the cut is there")
	}
	feed := envelope.Feed{Device: admin.signer.Public(), Start: 1, Lane: envelope.Content}
	if v := owner.machine.State().Accepts(feed, 1); v != Void {
		t.Errorf("content beyond the cut: verdict %d", v)
	}
}

func TestReturnNeedsANewFeed(t *testing.T) {
	o := newOffice(t, 3)
	owner, b := o.actors[0], o.actors[1]
	o.add(owner, b, Member)
	o.tell(owner, b)
	o.write(b, Op{Rotate: &Rotate{Epoch: wire.EpochID{8}}})
	o.tell(b, owner)
	o.remove(owner, b)
	if !owner.machine.Stale() {
		t.Error("nobody has to rotate after a removal")
	}
	o.write(owner, Op{Rotate: &Rotate{Epoch: wire.EpochID{9}}})
	if owner.machine.Stale() {
		t.Error("still stale after the rotation")
	}
	o.write(owner, Op{Add: &Add{Party: b.party, Role: Member, Since: 1}})
	if _, in := o.role(owner, b); in {
		t.Error("came back into the old feed")
	}
	o.add(owner, b, Member)
	s := owner.machine.State()
	if _, in := o.role(owner, b); !in {
		t.Fatal("did not come back")
	}
	old := envelope.Feed{Device: b.signer.Public(), Start: 1, Lane: envelope.Content}
	fresh := envelope.Feed{Device: b.signer.Public(), Start: s.Since(b.signer.Public()), Lane: envelope.Content}
	if s.Accepts(old, 1) != Void || s.Accepts(fresh, 1) != Accepted {
		t.Errorf("old feed %d, new feed %d", s.Accepts(old, 1), s.Accepts(fresh, 1))
	}
	// Who heard what b writes now before the return called it void, and has to look at it again.
	for at, c := range owner.has {
		_, change, err := o.actors[2].machine.Insert(c)
		if err != nil {
			t.Fatal(err)
		}
		if at == len(owner.has)-1 && !change.Access {
			t.Error("what was void counts again, and nobody is told")
		}
	}
}

func TestInvite(t *testing.T) {
	o := newOffice(t, 4)
	owner := o.actors[0]
	secret := key.NewSigningKey()
	invite := &Invite{ID: wire.InviteID(secret.Public()), Role: Member, Expires: 1 << 40, Uses: 1}
	o.write(owner, Op{Invite: invite})
	redeem := func(who *actor, with key.SigningKey) Op {
		proof, _ := with.Sign(key.ContextRedeem, RedeemMessage(o.id, who.party))
		return Op{Redeem: &Redeem{Invite: invite.ID, Party: who.party, Proof: proof}}
	}
	forged := Control{ID: wire.EventID{7}, Feed: envelope.Feed{Device: owner.signer.Public(), Start: 1}, Seq: 99, Op: redeem(o.actors[1], key.NewSigningKey())}
	forged.Op.Parents = owner.machine.Heads()
	if _, _, err := owner.machine.Insert(forged); err == nil {
		t.Fatal("a forged proof was taken")
	}
	o.write(owner, redeem(o.actors[1], secret))
	if role, in := o.role(owner, o.actors[1]); !in || role != Member {
		t.Fatal("the invite did not let in")
	}
	o.write(owner, redeem(o.actors[2], secret))
	if _, in := o.role(owner, o.actors[2]); in {
		t.Error("a used-up invite let in")
	}
	late := &Invite{ID: wire.InviteID(key.NewSigningKey().Public()), Role: Owner, Expires: 1 << 40, Uses: 1}
	o.tell(owner, o.actors[1])
	o.write(o.actors[1], Op{Invite: late})
	if _, ok := o.actors[1].machine.State().Invitation(late.ID); ok {
		t.Error("a member invited an owner")
	}
}

func TestOwnerFollows(t *testing.T) {
	o := newOffice(t, 5)
	owner, m, a := o.actors[0], o.actors[1], o.actors[2]
	o.add(owner, m, Member)
	o.add(owner, a, Admin)
	o.remove(owner, owner)
	if role, in := o.role(owner, a); !in || role != Owner {
		t.Error("the administrator did not follow the owner")
	}
	if _, in := o.role(owner, owner); in {
		t.Error("the owner did not leave")
	}
}
