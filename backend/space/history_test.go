package space

import (
	"fmt"
	"slices"
	"testing"

	"roundtable/backend/wire"
)

// keys says who may have the key of which epoch, and who lacks what is written now.
func (o *office) keys(m *Machine) string {
	out := fmt.Sprint(m.State().FromJoining(), " ")
	for _, a := range o.actors {
		r := m.Reach(a.party.Person)
		for _, e := range m.State().Epochs {
			out += fmt.Sprint(r.Holds(e), " ")
		}
		out += fmt.Sprint(slices.Contains(m.Outside(), a.party.Person), m.Limits(a.party.Person), "\n")
	}
	return out
}

// TestReach: who was in before it was set has everything, who comes later what begins with them, whoever begins it.
func TestReach(t *testing.T) {
	o := newOfficeOf(t, 1, Circle)
	li, wang, zhao := o.actors[0], o.actors[1], o.actors[2]
	first := li.machine.State().Epoch
	reach := func(who *actor, e wire.EpochID) bool { return li.machine.Reach(who.party.Person).Holds(e) }
	o.add(li, wang, Admin)
	if !reach(wang, first) || !reach(zhao, first) {
		t.Error("where nobody said anything everybody has everything")
	}
	o.write(li, Op{History: &History{Mode: HistoryFromJoining}})
	if !reach(wang, first) || reach(zhao, first) || len(li.machine.Outside()) > 0 {
		t.Error("wang was in before, zhao is not")
	}
	o.tell(li, wang)
	o.write(wang, Op{Rotate: &Rotate{Epoch: wire.EpochID{2}}}) // does not know of zhao
	o.add(li, zhao, Member)
	if out := li.machine.Outside(); !slices.Equal(out, []wire.PersonID{zhao.party.Person}) || reach(zhao, first) {
		t.Errorf("zhao lacks the present key: %v", out)
	}
	o.write(li, Op{Rotate: &Rotate{Epoch: wire.EpochID{3}}})
	if len(li.machine.Outside()) > 0 || !reach(zhao, wire.EpochID{3}) {
		t.Error("an epoch that begins with zhao is for zhao")
	}
	o.tell(wang, li)
	if reach(zhao, wire.EpochID{2}) {
		t.Error("who began this one did not know of zhao")
	}
	if out := li.machine.Outside(); !slices.Contains(out, zhao.party.Person) {
		t.Error("zhao cannot open what wang did beside")
	}
	o.write(li, Op{Rotate: &Rotate{Epoch: wire.EpochID{4}}})
	if len(li.machine.Outside()) > 0 {
		t.Error("the next epoch is for everybody")
	}
	// An epoch under an old one's name, sealed with another key.
	o.tell(li, zhao)
	forged := o.write(zhao, Op{Rotate: &Rotate{Epoch: first}})
	forged.Sealed = wire.EpochID{4}
	m := New(o.id)
	if _, _, err := m.Insert(append(slices.Clone(li.has), forged)...); err != nil {
		t.Fatal(err)
	}
	if m.Reach(zhao.party.Person).Holds(first) {
		t.Error("zhao names the first epoch and is given its key")
	}
	o.write(li, Op{History: &History{Mode: HistoryAll}})
	if !reach(zhao, first) || li.machine.Limits(zhao.party.Person) {
		t.Error("everything again")
	}
}
