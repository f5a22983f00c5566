package space

import (
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/wire"
)

// resolve computes the state from all events: which removals hold, then one
// replay in order. It costs O(events), and O(events) more for each removal
// whose past has never been judged.
func (m *Machine) resolve() {
	m.holding = m.hold(m.order)
	m.state = m.replay(m.order, m.holding)
}

// replay applies events in order. Removals count when they are in holding,
// everything else when the state at its place permits it.
func (m *Machine) replay(order, holding []*node) *State {
	s := newState()
	for _, n := range order {
		if n.Op.Remove != nil {
			if slices.Contains(holding, n) {
				s.apply(n)
			}
			continue
		}
		if !m.voided(n, holding) && s.permits(n) {
			s.apply(n)
		}
	}
	return s
}

// hold decides which removals of a causally closed set hold.
func (m *Machine) hold(set []*node) []*node {
	var candidates []*node
	for _, n := range set {
		if n.Op.Remove == nil {
			continue
		}
		if n.past == nil {
			past := ancestors(n)
			// The recursion ends: a past is smaller than the set it comes from.
			n.past = m.replay(past, m.hold(past)).judge(n)
		}
		if n.past.permitted {
			candidates = append(candidates, n)
		}
	}
	slices.SortFunc(candidates, func(a, b *node) int {
		if c := a.past.author.compare(b.past.author); c != 0 {
			return c
		}
		return inOrder(a, b)
	})
	var holding []*node
	for _, r := range candidates {
		if !m.voided(r, holding) && m.stands(r, holding) {
			holding = append(holding, r)
		}
	}
	return holding
}

// stands asks again whether the author of a removal had the right to it, when a
// more senior removal has voided something that the right may rest on.
func (m *Machine) stands(r *node, holding []*node) bool {
	past := ancestors(r)
	touched := false
	inPast := make([]*node, 0, len(holding))
	for _, h := range holding {
		if slices.Contains(past, h) {
			inPast = append(inPast, h)
		}
	}
	for _, n := range past {
		if m.voided(n, holding) && !m.voided(n, inPast) {
			touched = true
			break
		}
	}
	if !touched {
		return true
	}
	// Removals of the past that hold within it are kept; those that hold now void on top.
	within := m.hold(past)
	s := newState()
	for _, n := range past {
		switch {
		case m.voided(n, holding):
		case n.Op.Remove != nil:
			if slices.Contains(within, n) {
				s.apply(n)
			}
		case s.permits(n):
			s.apply(n)
		}
	}
	return s.permits(r)
}

// voided reports whether a removal that holds cuts the event off: it is by the
// removed person, beyond the cut, and was written without knowing the removal.
func (m *Machine) voided(n *node, holding []*node) bool {
	if len(holding) == 0 {
		return false
	}
	person, ok := m.person[n.Feed.Device]
	if !ok {
		person = wire.PersonID{}
	}
	for _, r := range holding {
		if r != n && r.Op.Remove.Person == person && beyond(r, n) && !isAncestor(r, n) {
			return true
		}
	}
	return false
}

// ancestors lists the past of an event in order, without the event.
func ancestors(n *node) []*node {
	seen := map[*node]bool{}
	stack := []*node{n}
	var out []*node
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range x.parents {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
				stack = append(stack, p)
			}
		}
	}
	slices.SortFunc(out, inOrder)
	return out
}

// Farewell is what a removed person may still be told: for each control feed,
// the last sequence that the removal builds on or is. A removal that voids the
// admission of somebody ends that membership too; and an admission that did not
// count, say because an invite was used up elsewhere first, rests on what stands
// before it. ok is false when nobody ever admitted the person.
func (m *Machine) Farewell(person wire.PersonID) (out map[envelope.Feed]uint64, ok bool) {
	for _, r := range m.holding {
		if r.Op.Remove.Person != person && !m.voidsAdmission(r, person) {
			continue
		}
		if out == nil {
			out = map[envelope.Feed]uint64{}
		}
		for _, n := range append(ancestors(r), r) {
			out[n.Feed] = max(out[n.Feed], n.Seq)
		}
	}
	if out == nil {
		out = m.until(func(n *node) bool { return n.admits(person) })
	}
	return out, out != nil
}

// until lists the heads of everything up to the last event of a kind.
func (m *Machine) until(last func(*node) bool) map[envelope.Feed]uint64 {
	for i := len(m.order) - 1; i >= 0; i-- {
		if !last(m.order[i]) {
			continue
		}
		out := map[envelope.Feed]uint64{}
		for _, n := range m.order[:i+1] {
			out[n.Feed] = max(out[n.Feed], n.Seq)
		}
		return out
	}
	return nil
}

func (n *node) admits(person wire.PersonID) bool {
	for _, p := range n.Op.parties() {
		if p.Person == person && n.Op.Create == nil {
			return true
		}
	}
	return false
}

func (m *Machine) voidsAdmission(r *node, person wire.PersonID) bool {
	for _, n := range m.order {
		if n.admits(person) && m.voided(n, []*node{r}) {
			return true
		}
	}
	return false
}

// Person is who a device belongs to by any certificate that was shown, whether
// what showed it counts or not.
func (m *Machine) Person(device wire.DeviceID) (wire.PersonID, bool) {
	p, ok := m.person[device]
	return p, ok
}
