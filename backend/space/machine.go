package space

import (
	"bytes"
	"errors"
	"slices"
	"sync/atomic"

	"roundtable/backend/envelope"
	"roundtable/backend/identity"
	"roundtable/backend/wire"
)

var (
	// ErrControl is returned for a control event that can never be valid.
	ErrControl = errors.New("control event is not valid")
	// ErrParents is returned for a control event whose parents are not all known yet.
	ErrParents = errors.New("control event waits for its parents")
)

// Machine holds the control events of one space and the state they give. It is
// not safe for use by several goroutines at once.
type Machine struct {
	id       wire.SpaceID
	nodes    map[wire.EventID]*node
	order    []*node // by depth, then ID
	heads    map[wire.EventID]*node
	byDevice map[wire.DeviceID][]*node
	person   map[wire.DeviceID]wire.PersonID // from certificates, which prove themselves
	removals []*node                         // all, whether they hold or not
	holding  []*node                         // removals that hold, most senior first
	state    *State
	begins   map[wire.EpochID][]*node // the events that begin an epoch, sealed with its key
	outside  atomic.Pointer[outside]
}

type node struct {
	Control
	depth   int
	parents []*node
	past    *pastVerdict // for removals, once judged: their past never changes
}

// pastVerdict is what the past of a removal says of it.
type pastVerdict struct {
	permitted bool
	author    seniority
}

// Change tells what an insertion did to the state.
type Change struct {
	// People whose membership is not what it was.
	People []wire.PersonID
	// Access is set when envelopes that counted may be void now, or the reverse.
	Access bool
}

// New makes an empty machine for a space.
func New(id wire.SpaceID) *Machine {
	return &Machine{
		id: id, nodes: map[wire.EventID]*node{}, heads: map[wire.EventID]*node{},
		byDevice: map[wire.DeviceID][]*node{}, person: map[wire.DeviceID]wire.PersonID{}, state: newState(), begins: map[wire.EpochID][]*node{},
	}
}

// State is the present state. It changes with the next Insert.
func (m *Machine) State() *State { return m.state }

// Has reports whether a control event is in.
func (m *Machine) Has(id wire.EventID) bool { return m.nodes[id] != nil }

// Heads are the parents for a new control event, at most wire.MaxParents.
func (m *Machine) Heads() []wire.EventID {
	out := make([]wire.EventID, 0, len(m.heads))
	for id := range m.heads {
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b wire.EventID) int { return bytes.Compare(a[:], b[:]) })
	return out[:min(len(out), wire.MaxParents)]
}

// Stale reports whether somebody left since the epoch in use began, so that
// whoever writes next has to rotate first.
func (m *Machine) Stale() bool {
	if m.state.rotated == nil {
		return false
	}
	for _, r := range m.holding {
		if !isAncestor(r, m.state.rotated) {
			return true
		}
	}
	return false
}

// Permitted reports whether an operation by this device would be allowed now.
func (m *Machine) Permitted(c Control) bool {
	return m.state.permits(&node{Control: c, depth: len(m.nodes) + 1})
}

// Insert takes control events whose parents are in, or come before them in the
// slice. It stops at the first it cannot take and says how many it took; those
// stay. Errors: ErrParents, ErrControl (and what certificates and proofs give).
func (m *Machine) Insert(controls ...Control) (taken int, change Change, err error) {
	quick := true
	var touched []wire.PersonID
	before := m.state
	for _, c := range controls {
		if m.nodes[c.ID] != nil {
			taken++
			continue
		}
		n, e := m.admit(c)
		if e != nil {
			err = e
			break
		}
		taken++
		if !quick {
			continue
		}
		again := m.returning(n)
		people, ok := m.step(n)
		touched = append(touched, people...)
		change.Access = change.Access || (ok && (n.Op.Remove != nil || again))
		quick = ok
	}
	if !quick {
		m.resolve()
		change.Access = true
		touched = differing(before, m.state, touched)
	}
	change.People = unique(touched)
	return taken, change, err
}

// returning reports whether an event lets a device in that was in before: what it wrote since may
// have come before this, and lay behind its removal.
func (m *Machine) returning(n *node) bool {
	return slices.ContainsFunc(n.Op.parties(), func(p Party) bool {
		return slices.ContainsFunc(p.Certificates, func(c identity.Certificate) bool { return len(m.state.access[c.Device]) > 0 })
	})
}

// admit checks an event by itself and puts it into the graph.
func (m *Machine) admit(c Control) (*node, error) {
	n := &node{Control: c}
	for _, id := range c.Op.Parents {
		p := m.nodes[id]
		if p == nil {
			return nil, ErrParents
		}
		n.parents, n.depth = append(n.parents, p), max(n.depth, p.depth+1)
	}
	if err := c.check(m.id); err != nil {
		return nil, errors.Join(ErrControl, err)
	}
	for _, p := range n.parents {
		delete(m.heads, p.ID)
	}
	m.nodes[c.ID], m.heads[c.ID] = n, n
	m.byDevice[c.Feed.Device] = append(m.byDevice[c.Feed.Device], n)
	for _, p := range c.Op.parties() {
		for _, cert := range p.Certificates {
			if _, known := m.person[cert.Device]; !known {
				m.person[cert.Device] = p.Person
			}
		}
	}
	if c.Op.Remove != nil {
		m.removals = append(m.removals, n)
	}
	m.noteEpoch(n)
	at, _ := slices.BinarySearchFunc(m.order, n, inOrder)
	m.order = slices.Insert(m.order, at, n)
	return n, nil
}

// step takes the common case: an event that stands last in the order and voids
// nothing. It answers false when only a full resolution will do.
func (m *Machine) step(n *node) ([]wire.PersonID, bool) {
	if m.order[len(m.order)-1] != n {
		return nil, false
	}
	if n.Op.Remove == nil {
		if m.voided(n, m.holding) || !m.state.permits(n) {
			return nil, true
		}
		return m.state.apply(n), true
	}
	if len(m.heads) != 1 { // something is concurrent with this removal
		return nil, false
	}
	n.past = m.state.judge(n)
	if !n.past.permitted {
		return nil, true
	}
	for _, c := range m.state.members[n.Op.Remove.Person].Certificates {
		for _, other := range m.byDevice[c.Device] {
			if other != n && beyond(n, other) {
				return nil, false
			}
		}
	}
	m.holding = append(m.holding, n)
	return m.state.apply(n), true
}

// judge says what a state thinks of a removal by one of its members.
func (s *State) judge(n *node) *pastVerdict {
	v := &pastVerdict{permitted: s.permits(n)}
	if author, ok := s.members[s.devices[n.Feed.Device]]; ok {
		v.author = author.grant
	}
	return v
}

func inOrder(a, b *node) int {
	if a.depth != b.depth {
		return a.depth - b.depth
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

// beyond reports whether an event lies behind the cut of a removal of its author.
func beyond(removal, n *node) bool {
	for _, c := range removal.Op.Remove.Cuts {
		if c.Feed() == n.Feed {
			return n.Seq > c.Seq
		}
	}
	return true
}

// isAncestor reports whether a is in the past of n.
func isAncestor(a, n *node) bool {
	seen := map[*node]bool{}
	stack := []*node{n}
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range x.parents {
			if p == a {
				return true
			}
			if p.depth > a.depth && !seen[p] {
				seen[p] = true
				stack = append(stack, p)
			}
		}
	}
	return false
}

func unique(people []wire.PersonID) []wire.PersonID {
	slices.SortFunc(people, func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(people)
}

// differing adds everyone whose membership the two states tell differently.
func differing(a, b *State, out []wire.PersonID) []wire.PersonID {
	for id, m := range b.members {
		if old, ok := a.members[id]; !ok || old.Active != m.Active || old.Role != m.Role || old.Peak != m.Peak || old.Joined != m.Joined || old.Invite != m.Invite {
			out = append(out, id)
		}
	}
	for id := range a.members {
		if b.members[id] == nil {
			out = append(out, id)
		}
	}
	if a.history != b.history {
		for _, n := range []*node{a.history, b.history} {
			if n != nil {
				out = append(out, b.devices[n.Feed.Device])
			}
		}
	}
	return out
}

// End is the last sequence of a feed that counts, and whether it has an end.
func (s *State) End(f envelope.Feed) (uint64, bool) {
	periods := s.access[f.Device]
	for i := len(periods) - 1; i >= 0; i-- {
		if periods[i].since <= f.Start {
			return periods[i].cuts[f], periods[i].cuts != nil
		}
	}
	return 0, len(periods) > 0
}
