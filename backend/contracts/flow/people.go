package flow

import (
	"slices"

	"roundtable/backend/wire"
)

// lineage is who may have acted for a party, and who has it now.
type lineage struct {
	ever  []wire.PersonID
	now   wire.PersonID
	edges []edge
	// path are the edges from the first person to now, in order.
	path []int
}

// edge is a party that went from one person to another.
type edge struct {
	id       wire.EventID
	event    *Event
	from, to wire.PersonID
	name     string
	sender   bool
	// used: it leads to who has the party now.
	used bool
}

// called is the name that a person got with the party; "" for the first one.
func (l *lineage) called(person wire.PersonID) string {
	for _, e := range l.edges {
		if e.to == person && e.name != "" {
			return e.name
		}
	}
	return ""
}

func (l *lineage) has(person wire.PersonID) bool { return slices.Contains(l.ever, person) }

// follow works out the people of all parties.
func (f *fold) follow() {
	f.people = make([]lineage, len(f.sent.Parties))
	for i, p := range f.sent.Parties {
		l := &f.people[i]
		l.ever, l.now = []wire.PersonID{p.Person}, p.Person
		for k := range f.all {
			e := &f.all[k]
			if r, is := e.Body.(*Reassigned); is && r.Party == p.ID && (e.Person == f.sender || e.Person == r.From && !r.From.IsZero()) {
				l.edges = append(l.edges, edge{id: e.ID, event: e, from: r.From, to: r.To, name: r.Name, sender: e.Person == f.sender})
			}
		}
		l.spread()
		l.walk()
	}
}

// spread finds everybody whom edges lead to from the first person on.
func (l *lineage) spread() {
	in := map[wire.PersonID]bool{l.ever[0]: true}
	from := map[wire.PersonID][]wire.PersonID{}
	for _, e := range l.edges {
		from[e.from] = append(from[e.from], e.to)
	}
	for i := 0; i < len(l.ever); i++ {
		for _, to := range from[l.ever[i]] {
			if !in[to] {
				in[to] = true
				l.ever = append(l.ever, to)
			}
		}
	}
	l.edges = slices.DeleteFunc(l.edges, func(e edge) bool { return !in[e.from] })
}

// walk goes from the first person along the edges, the sender's first and then the earlier, each once.
func (l *lineage) walk() {
	out := map[wire.PersonID][]int{}
	for _, sender := range []bool{true, false} {
		for i, e := range l.edges {
			if e.sender == sender {
				out[e.from] = append(out[e.from], i)
			}
		}
	}
	for len(out[l.now]) > 0 {
		i := out[l.now][0]
		out[l.now] = out[l.now][1:]
		l.edges[i].used = true
		l.path = append(l.path, i)
		l.now = l.edges[i].to
	}
}

// before reports whether an act of a former person was made before the party went to somebody else, as far as stamps tell.
func (l *lineage) before(act *Event) bool {
	if len(l.path) == 0 {
		return true
	}
	lost := l.edges[l.path[0]].event
	for _, i := range l.path {
		if l.edges[i].from == act.Person {
			lost = l.edges[i].event
		}
	}
	return earlier(*act, *lost) < 0
}
