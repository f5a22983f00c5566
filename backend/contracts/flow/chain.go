package flow

import (
	"cmp"
	"slices"

	"roundtable/backend/wire"
)

// node is a place in the tree of links: the contract as it is on the way to it.
type node struct {
	event  *Event // nil at the root
	parent int
	acted  uint64 // parties, by bit
	sealed uint64 // fields of type Seal, by bit
	count  score
	holder uint8 // 0: keeper has it
	keeper wire.PersonID
	sha    [32]byte
	size   uint64
	over   bool
	kept   bool // preserved
	best   score
	next   int // the child that counts; 0: none, as the root is nobody's child
	// unnamed are the late acts at the end of the way that only links of their own author follow.
	unnamed int
}

// score compares ways through the tree: whether all have acted, preserved, acts that came late by who had lost the party, how
// many acted, seals. A seal more does not replace a complete document.
type score struct {
	over, kept, late, acted, sealed int
}

func (s score) compare(o score) int {
	first := cmp.Or(cmp.Compare(s.over, o.over), cmp.Compare(s.kept, o.kept), cmp.Compare(o.late, s.late), cmp.Compare(s.acted, o.acted))
	if first != 0 || s.over > 0 {
		return first
	}
	return cmp.Compare(s.sealed, o.sealed)
}

// stands reports whether a way may be that of the contract. Late acts alone do not carry it on; a complete one is a document with all
// signatures, which no log takes back.
func (s score) stands() bool { return s.late == 0 || s.over > 0 }

// tree is all links that follow each other by the rules.
type tree struct {
	f        *fold
	nodes    []node
	seals    map[string]int // fields of type Seal by number
	consents map[wire.EventID]*Event
	// agreed are the parties that ever consented, by bit: they may be passed the document.
	agreed   uint64
	asked    map[wire.EventID]*Event
	acted    map[uint8]*Event
	counts   map[wire.EventID]bool
	complete bool
}

func bit(party uint8) uint64 { return 1 << party }

// chain makes the tree.
func (f *fold) chain() *tree {
	t := &tree{f: f, seals: map[string]int{}, consents: map[wire.EventID]*Event{}, asked: map[wire.EventID]*Event{},
		acted: map[uint8]*Event{}, counts: map[wire.EventID]bool{}}
	for _, field := range f.sent.Fields {
		if field.Type == Seal {
			t.seals[field.ID] = len(t.seals)
		}
	}
	links := t.sort()
	root := node{parent: -1, sha: f.sent.Document.SHA256, size: f.sent.Document.Size}
	t.settle(&root, 0, f.sender)
	t.nodes = append(t.nodes, root)
	// In this order a node's children stand together, the earlier first.
	for i := 0; i < len(t.nodes); i++ {
		id := f.root.ID
		if e := t.nodes[i].event; e != nil {
			id = e.ID
		}
		for _, e := range links[id] {
			if n, ok := t.extend(t.nodes[i], e); ok {
				n.parent = i
				t.nodes = append(t.nodes, n)
			}
		}
	}
	t.choose()
	return t
}

// sort looks the events through once. A link names what it follows.
func (t *tree) sort() map[wire.EventID][]*Event {
	links := map[wire.EventID][]*Event{}
	for i := range t.f.all {
		e := &t.f.all[i]
		switch b := e.Body.(type) {
		case *Acted:
			links[b.Prev] = append(links[b.Prev], e)
		case *Passed:
			links[b.Prev] = append(links[b.Prev], e)
		case *Consented:
			if t.f.may(b.Party, e.Person) && b.Base == t.f.sent.Document.SHA256 {
				t.consents[e.ID] = e
				t.agreed |= bit(b.Party)
			}
		case *SealAsked:
			if t.f.may(b.Party, e.Person) && t.f.sealField(b.Party, b.Field, b.Seal) {
				t.asked[e.ID] = e
			}
		}
	}
	for _, all := range links { // of brothers those of the present person come first
		slices.SortStableFunc(all, func(a, b *Event) int { return cmp.Compare(t.lost(a), t.lost(b)) })
	}
	return links
}

// lost is 1 for an act of who has the party no more, else 0.
func (t *tree) lost(e *Event) int {
	if a, is := e.Body.(*Acted); is && (a.What == Signed || a.What == Approved) && t.f.may(a.Party, e.Person) && t.f.people[a.Party-1].now != e.Person {
		return 1
	}
	return 0
}

// may reports whether a person is, or was, that of a party which acts.
func (f *fold) may(party uint8, person wire.PersonID) bool {
	return party > 0 && int(party) <= len(f.people) && f.sent.Parties[party-1].Role.Acts() && !person.IsZero() && f.people[party-1].has(person)
}

// sealField reports whether a seal may stand in a field of a party.
func (f *fold) sealField(party uint8, id, seal string) bool {
	return slices.ContainsFunc(f.sent.Fields, func(x Field) bool {
		return x.ID == id && x.Party == party && x.Type == Seal && (x.Seal == "" || x.Seal == seal)
	})
}

// extend gives what a link makes of a place, if its author may do that there.
func (t *tree) extend(n node, e *Event) (node, bool) {
	if n.unnamed > 0 && n.event.Person != e.Person { // somebody else went on with it
		n.count.late -= n.unnamed
		n.unnamed = 0
	}
	n.event, n.next = e, 0
	if t.f.here.Bad[e.ID] {
		return n, false
	}
	switch b := e.Body.(type) {
	case *Passed:
		return t.pass(n, e, b)
	case *Acted:
		if b.What == Preserved {
			return t.preserve(n, e, b)
		}
		if n.over || t.f.late(b.At) {
			return n, false
		}
		if b.What == Sealed {
			return t.seal(n, e, b)
		}
		return t.act(n, e, b)
	}
	return n, false
}

// holds reports whether the document is with a person, and with a part of it that can be acted for now.
func (t *tree) holds(n node, e *Event, party uint8) bool {
	if !t.f.may(party, e.Person) || !slices.Contains(t.pending(n), party) {
		return false
	}
	return n.holder == party || n.holder == 0 && n.keeper == e.Person
}

func (t *tree) pass(n node, e *Event, p *Passed) (node, bool) {
	// The sender can pass on what its keeper does not: who acted last may be gone.
	has := n.holder == 0 && (n.keeper == e.Person || t.f.sender == e.Person) || n.holder != 0 && t.f.may(n.holder, e.Person)
	if n.over || !has || p.Next == n.holder || p.Next > MaxParties || t.agreed&bit(p.Next) == 0 || !slices.Contains(t.pending(n), p.Next) {
		return n, false
	}
	n.holder = p.Next
	return n, true
}

func (t *tree) act(n node, e *Event, a *Acted) (node, bool) {
	if a.Party > MaxParties || !t.holds(n, e, a.Party) {
		return n, false
	}
	switch role := t.f.sent.Parties[a.Party-1].Role; {
	case a.What == Approved && (role != Approver || a.SHA256 != n.sha || a.Size != n.size):
		return n, false
	case a.What == Signed && (role != Signer || !t.grows(n, a)):
		return n, false
	case a.What == Signed:
		c := t.consents[a.Consent]
		if c == nil || c.Person != e.Person || c.Body.(*Consented).Party != a.Party {
			return n, false
		}
		for _, i := range a.Seals {
			k, is := t.seals[i.Field]
			if !is || !t.f.sealField(a.Party, i.Field, i.Seal) || n.sealed&(1<<k) != 0 {
				return n, false
			}
			n.sealed |= 1 << k
		}
	}
	n.sha, n.size = a.SHA256, a.Size
	n.acted |= bit(a.Party)
	n.count.acted++
	if t.lost(e) > 0 && !t.f.people[a.Party-1].before(e) {
		n.count.late++
		n.unnamed++
	}
	t.settle(&n, a.Next, e.Person)
	return n, true
}

// grows reports whether a deed appends to the document, as far as that can be seen.
func (t *tree) grows(n node, a *Acted) bool {
	return a.Size > n.size && a.Tail.of(a.Size-n.size) && (a.Tail.File != nil) == (len(t.f.sent.Document.Salt) == 0)
}

// seal: the holder of a seal applies it for the party that has the document and asked for it.
func (t *tree) seal(n node, e *Event, a *Acted) (node, bool) {
	asked := t.asked[a.Request]
	if asked == nil || !t.grows(n, a) {
		return n, false
	}
	q := asked.Body.(*SealAsked)
	if a.Party != n.holder && (n.holder != 0 || n.keeper != asked.Person || !slices.Contains(t.pending(n), a.Party)) {
		return n, false
	}
	k, is := t.seals[a.Field]
	if !is || n.sealed&(1<<k) != 0 || q.Party != a.Party || q.Field != a.Field || q.Seal != a.Seal || q.Holder != e.Person {
		return n, false
	}
	n.sealed |= 1 << k
	n.count.sealed++
	n.sha, n.size = a.SHA256, a.Size
	return n, true
}

func (t *tree) preserve(n node, e *Event, a *Acted) (node, bool) {
	if !n.over || n.kept || e.Person != t.f.sender || !t.grows(n, a) {
		return n, false
	}
	n.kept, n.count.kept = true, 1
	n.sha, n.size = a.SHA256, a.Size
	return n, true
}

// pending are the parties of the first step in which somebody has not acted.
func (t *tree) pending(n node) (out []uint8) {
	step := uint8(0)
	for _, p := range t.f.sent.Parties {
		switch {
		case !p.Role.Acts() || n.acted&bit(p.ID) != 0 || step != 0 && p.Step > step:
		case p.Step < step || step == 0:
			step, out = p.Step, []uint8{p.ID}
		default:
			out = append(out, p.ID)
		}
	}
	return out
}

// settle says who has the document after an act.
func (t *tree) settle(n *node, next uint8, author wire.PersonID) {
	pending := t.pending(*n)
	n.holder, n.keeper = 0, author
	switch {
	case len(pending) == 0:
		n.over, n.count.over = true, 1
	case slices.Contains(pending, next):
		n.holder = next
	case len(pending) == 1:
		n.holder = pending[0]
	}
}

// choose finds the best way from each place on. Children stand behind their parents, so one pass
// from the end tells how far each way leads.
func (t *tree) choose() {
	for i := len(t.nodes) - 1; i >= 0; i-- {
		n := &t.nodes[i]
		if n.next == 0 {
			n.best = n.count
		}
		if i == 0 || !n.best.stands() {
			continue
		}
		up := &t.nodes[n.parent]
		// Brothers come from the last to the first here: of equal ones the first, which is the earlier, stays.
		if up.next == 0 || n.best.compare(up.best) >= 0 {
			up.best, up.next = n.best, i
		}
	}
}

// place of an event in the tree, the root's is 0; -1 when it is not in it.
func (t *tree) place(id wire.EventID) int {
	return slices.IndexFunc(t.nodes, func(n node) bool { return t.idOf(n) == id })
}

func (t *tree) idOf(n node) wire.EventID {
	if n.event == nil {
		return t.f.root.ID
	}
	return n.event.ID
}

// way leads from the root to a place, and from there on as it is best.
func (t *tree) way(place int) (out []int) {
	for at := place; at > 0; at = t.nodes[at].parent {
		out = append(out, at)
	}
	slices.Reverse(out)
	for at := t.nodes[place].next; at != 0; at = t.nodes[at].next {
		out = append(out, at)
	}
	return out
}

// walk notes what became of the contract on a way.
func (t *tree) walk(way []int) {
	at := t.nodes[0]
	out := &t.f.out
	out.Versions = []Version{{Event: t.f.root.ID, Person: t.f.sender, Device: t.f.root.Device, At: t.f.root.Stamp, SHA256: at.sha, Size: at.size}}
	out.Head = t.f.root.ID
	for _, i := range way {
		at = t.nodes[i]
		e := at.event
		t.counts[e.ID], out.Head = true, e.ID
		if a, is := e.Body.(*Acted); is {
			t.note(e, a, at)
		}
	}
	t.complete, out.Preserved = at.over, at.kept
	out.Holder, out.Keeper, out.Pending = at.holder, at.keeper, t.pending(at)
}

// note takes one deed of the way that counts into what became of the contract.
func (t *tree) note(e *Event, a *Acted, at node) {
	out := &t.f.out
	switch a.What {
	case Signed, Approved:
		t.acted[a.Party] = e
	case Sealed:
		out.SealedFields[a.Field] = true
	}
	for _, i := range a.Seals {
		out.SealedFields[i.Field] = true
	}
	if a.What != Approved {
		out.Versions = append(out.Versions, Version{Event: e.ID, Person: e.Person, Device: e.Device, At: e.Stamp, Act: a, SHA256: at.sha, Size: at.size})
	}
	if at.over && out.Completed == 0 {
		out.Completed = e.Stamp
	}
}

func (t *tree) consent(id wire.EventID) *Consented {
	if e := t.consents[id]; e != nil {
		return e.Body.(*Consented)
	}
	return nil
}
