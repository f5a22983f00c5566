package space

import (
	"roundtable/backend/clock"
	"roundtable/backend/wire"
)

// HistoryMode says what newcomers are given of what was written before them.
type HistoryMode uint8

const (
	// HistoryAll: everything, which is what holds where nobody said anything.
	HistoryAll HistoryMode = 1
	// HistoryFromJoining: nothing. Whoever comes in gets keys of epochs that began with it.
	HistoryFromJoining HistoryMode = 2
)

// History sets what newcomers are given, in a group or a circle, by an admin or an owner. It came after the first
// programs: those stop at it, so none of them hands over what it should not.
type History struct {
	Mode HistoryMode `cbor:"1,keyasint"`
}

// FromJoining reports whether newcomers are given nothing of what was written before them.
func (s *State) FromJoining() bool { return s.fromJoining }

// HistorySet tells who set the present mode, and when. ok is false where nobody did.
func (s *State) HistorySet() (by wire.PersonID, at clock.Stamp, ok bool) {
	if s.history == nil {
		return by, at, false
	}
	return s.devices[s.history.Feed.Device], s.history.Stamp, true
}

// historyID is the operation that set the present mode, zero where there is none.
func (s *State) historyID() (id wire.EventID) {
	if s.history != nil {
		id = s.history.ID
	}
	return id
}

// mayHaveHistory: in a workspace every newcomer has to know its people, and each admission would be a new key for all
// of them; what two people write has no newcomers; the other kinds are made of what was said from their beginning.
func (s *State) mayHaveHistory() bool { return s.Kind == Group || s.Kind == Circle }

// Reach is of which epochs a person may have the keys.
type Reach struct {
	all    bool
	epochs map[wire.EpochID]bool
}

// Holds reports whether the key of an epoch may be had.
func (r Reach) Holds(e wire.EpochID) bool { return r.all || r.epochs[e] }

// All reports whether every key may be had.
func (r Reach) All() bool { return r.all }

// Reach works out which epochs' keys may be handed to a person, member or not: all of them, unless newcomers see from
// their joining on. Then it is all for who came in before that was set, and for who came later the epochs whose
// beginning knew of the (latest) admission. A beginning counts only where it is sealed with the key that it names:
// else a newcomer could name an older epoch itself and be given its key. It costs O(control events).
func (m *Machine) Reach(person wire.PersonID) Reach {
	s := m.state
	if !s.fromJoining {
		return Reach{all: true}
	}
	member := s.members[person]
	if member == nil || member.entered == nil {
		return Reach{}
	}
	if isAncestor(member.entered, s.history) {
		return Reach{all: true}
	}
	after := map[*node]bool{member.entered: true}
	for _, n := range m.order { // parents stand before their children
		for _, p := range n.parents {
			if after[p] {
				after[n] = true
				break
			}
		}
	}
	r := Reach{epochs: map[wire.EpochID]bool{}}
	for e, nodes := range m.begins {
		fit := true
		for _, n := range nodes {
			fit = fit && after[n]
		}
		r.epochs[e] = fit
	}
	return r
}

// Limits reports whether there is something that a person may not have the key of.
func (m *Machine) Limits(person wire.PersonID) bool {
	member := m.state.members[person]
	return m.state.fromJoining && member != nil && member.entered != nil && !isAncestor(member.entered, m.state.history)
}

// Len counts the control events.
func (m *Machine) Len() int { return len(m.order) }

// Begins reports whether an epoch's beginning is known.
func (m *Machine) Begins(e wire.EpochID) bool { return len(m.begins[e]) > 0 }

// noteEpoch keeps where an epoch begins.
func (m *Machine) noteEpoch(n *node) {
	var e wire.EpochID
	switch {
	case n.Op.Create != nil:
		e = n.Op.Create.Epoch
	case n.Op.Rotate != nil:
		e = n.Op.Rotate.Epoch
	}
	if !e.IsZero() && e == n.Sealed {
		m.begins[e] = append(m.begins[e], n)
	}
}

// outside is what Outside found, of a state of the machine.
type outside struct {
	of     int
	people []wire.PersonID
}

// Outside lists the members who cannot open what is written now, or something that was written beside it, because
// newcomers see from their joining on: whoever writes next begins an epoch, and hands them what they need of before.
// In the order of IDs. It may be called by several goroutines while nothing is inserted.
func (m *Machine) Outside() []wire.PersonID {
	if !m.state.fromJoining || m.state.rotated == nil {
		return nil
	}
	if found := m.outside.Load(); found != nil && found.of == len(m.order) {
		return found.people
	}
	found := &outside{of: len(m.order), people: m.findOutside()}
	m.outside.Store(found)
	return found.people
}

// pastOf is an event with all that it knew of.
func pastOf(n *node) map[*node]bool {
	out := map[*node]bool{n: true}
	for _, p := range ancestors(n) {
		out[p] = true
	}
	return out
}

func (m *Machine) findOutside() []wire.PersonID {
	s := m.state
	past, before := pastOf(s.rotated), pastOf(s.history)
	beside := map[wire.EpochID]bool{}
	for _, n := range m.order {
		if !past[n] && !n.Sealed.IsZero() && n.Sealed != s.Epoch {
			beside[n.Sealed] = true
		}
	}
	var out []wire.PersonID
	for _, member := range s.Members() {
		entered := s.members[member.Person].entered
		if !member.Active || entered == nil || before[entered] {
			continue
		}
		lacks := !past[entered]
		if !lacks && len(beside) > 0 {
			reach := m.Reach(member.Person)
			for e := range beside {
				lacks = lacks || !reach.Holds(e)
			}
		}
		if lacks {
			out = append(out, member.Person)
		}
	}
	return out
}
