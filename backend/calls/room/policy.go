package room

import (
	"bytes"
	"slices"
	"time"

	"roundtable/backend/wire"
)

// leap bounds how far one policy may run ahead of the last: nobody uses the counter up.
const leap = 10_000

// starters reports whether a policy is of the line of who began the call.
func (r *Room) starters(q *Policy) bool { return q.Founder == r.Start.Device }

// authority reports whether a member decides under a policy. Before the first one it
// is who began the call.
func (r *Room) authority(q *Policy, m Member) bool {
	founder := r.Start.Device
	if q != nil {
		founder = q.Founder
	}
	if f, ok := r.Who(founder); ok && f.Person == m.Person {
		return true
	}
	g := r.latest(q)
	return g != nil && slices.Contains(g.People, m.Person)
}

// latest is the grant that counts for a policy: its own, or a later one of its founder.
func (r *Room) latest(q *Policy) *Grant {
	if q == nil {
		return nil
	}
	if g := r.grants[q.Founder]; g.after(q.Grant) {
		return g
	}
	return q.Grant
}

// after orders the grants of one founder.
func (g *Grant) after(h *Grant) bool {
	switch {
	case g == nil || h == nil:
		return g != nil
	case g.Number != h.Number:
		return g.Number > h.Number
	}
	return bytes.Compare(g.Signature, h.Signature) > 0
}

// signed reports whether a policy can be of its founder.
func (r *Room) signed(q *Policy) bool {
	f, ok := r.Who(q.Founder)
	if !ok || (q.Since == 0) != r.starters(q) || f.External && !r.starters(q) || slices.Contains(q.Removed, f.Person) {
		return false // nobody removes the founder
	}
	return r.granted(q.Founder, q.Grant)
}

// granted reports whether the founder named these co-hosts, and remembers the latest grant.
func (r *Room) granted(founder wire.DeviceID, g *Grant) bool {
	old := r.grants[founder]
	if g == nil || old != nil && old.Number == g.Number && bytes.Equal(old.Signature, g.Signature) && old.By == g.By && slices.Equal(old.People, g.People) {
		return true
	}
	f, ok := r.Who(founder)
	by, known := r.Who(g.By)
	if !ok || !known || by.Person != f.Person || !r.Verify(g.By, g.message(r.ID, founder), g.Signature) {
		return false
	}
	r.keep(founder, g)
	return true
}

func (r *Room) keep(founder wire.DeviceID, g *Grant) {
	old := r.grants[founder]
	if g.after(old) && (old != nil && g.Number <= old.Number+leap || old == nil && len(r.grants) < maxCohosts) {
		r.grants[founder] = g
	}
}

// before orders founders: the starter, then who has been in it longer.
func (r *Room) before(a, b *Policy) bool {
	if r.starters(a) || r.starters(b) {
		return r.starters(a) && !r.starters(b)
	}
	if a.Since != b.Since {
		return a.Since < b.Since
	}
	return bytes.Compare(a.Founder[:], b.Founder[:]) < 0
}

// later orders the policies of one founder.
func later(a, b *Policy) bool {
	if a.number() != b.number() {
		return a.number() > b.number()
	}
	if a.Counter != b.Counter {
		return a.Counter > b.Counter
	}
	return bytes.Compare(a.Author[:], b.Author[:]) > 0
}

func (p *Policy) number() uint32 {
	if p.Grant == nil {
		return 0
	}
	return p.Grant.Number
}

// settlePolicy finds the policy in force among those that are said by somebody who is here and
// may, and makes one when nobody is left who could.
func (r *Room) settlePolicy(now time.Time) {
	if r.held != nil && r.held.Ended {
		return // nobody takes that back
	}
	for range 3 { // who may can change with it
		all := r.comings(now)
		best := r.best(all)
		if best == nil || best == r.held {
			break
		}
		r.hold(best)
	}
	r.reclaim()
	r.catchUp(now)
	r.overtake(now)
	r.succeed(now)
	r.redo(now)
}

// hold takes a policy as the one in force.
func (r *Room) hold(q *Policy) {
	if r.held != nil && r.held.Founder == r.Self && q.Founder != r.Self {
		r.me.over, r.me.overs = r.held, farewell // whoever is back shall know what was decided
	}
	r.held = q
	if old := r.lines[q.Founder]; old == nil || later(q, old) {
		if len(r.lines) < maxCohosts || old != nil {
			r.lines[q.Founder] = q
		}
	}
	r.dirty = r.dirty || r.me.phase == In
}

// hosted reports whether somebody is here who decides under the policy in force, and knows it.
func (r *Room) hosted(all []coming) bool {
	return r.held != nil && slices.ContainsFunc(all, func(c coming) bool {
		return r.leads(r.held, c) && (c.device == r.Self || c.beat.Policy != nil && c.beat.Policy.Founder == r.held.Founder)
	})
}

// leads reports whether somebody here decides under a policy. Who was removed does not.
func (r *Room) leads(q *Policy, c coming) bool {
	return r.authority(q, c.member) && !slices.Contains(q.Removed, c.member.Person)
}

func (r *Room) best(all []coming) *Policy {
	hosted := r.hosted(all)
	var best *Policy
	if hosted {
		best = r.held
	}
	for _, c := range all {
		q := c.beat.Policy
		if q == nil || c.device == r.Self || !r.leads(q, c) || !r.trusts(q, hosted, all) {
			continue
		}
		switch {
		case best == nil, q.Founder == best.Founder && later(q, best), q.Founder != best.Founder && r.before(q, best):
			best = q
		}
	}
	return best
}

// trusts decides whether a policy may count here; that its author may, and that the
// founder named it, was checked.
func (r *Room) trusts(q *Policy, hosted bool, all []coming) bool {
	if old := r.lines[q.Founder]; old != nil && (q.Counter > old.Counter+leap || q.number() > old.number()+leap) {
		return false
	}
	if r.starters(q) || r.held == nil || q.Founder == r.held.Founder {
		return true
	}
	p, seen := r.peers[q.Founder]
	if seen && p.beat.Phase == In && p.joined != q.Since {
		return false // it came in at another time than its policy says
	}
	if hosted {
		return !r.starters(r.held) && r.before(q, r.held)
	}
	heir, ok := r.heir(all)
	here := slices.ContainsFunc(all, func(c coming) bool { return c.device == q.Founder })
	return !here || ok && heir.device == q.Founder
}

// heir is who becomes host when no host is left: the longest in it.
func (r *Room) heir(all []coming) (coming, bool) {
	for _, c := range all {
		if c.standing == Inside && !c.member.External {
			return c, true
		}
	}
	return coming{}, false
}

// farewell takes the policy of a host who ended the call for all and has left it.
func (r *Room) farewell(from wire.DeviceID, b Beat) {
	q := b.Policy
	m, ok := r.Who(from)
	if b.Phase != Gone || q == nil || !q.Ended || !ok || !r.authority(q, m) {
		return
	}
	// It need not be the latest: what another host decided at the same moment does not undo the end.
	if old := r.lines[q.Founder]; old != nil && (q.number() < old.number() || q.Counter > old.Counter+leap) {
		return
	}
	if r.starters(q) || r.held != nil && r.held.Founder == q.Founder {
		r.hold(q)
	}
}

// reclaim: the starter who comes back is host again, and takes over what was decided meanwhile. A
// successor who comes back goes on as of the time of its new coming, which is the one that others know.
func (r *Room) reclaim() {
	us, _ := r.Who(r.Self)
	if r.me.phase != In || r.held != nil && r.starters(r.held) {
		return
	}
	if r.held != nil && r.held.Founder == r.Self && r.held.Since != r.me.joined {
		r.hold(r.fresh(r.Self, r.me.joined))
		return
	}
	if f, ok := r.Who(r.Start.Device); !ok || f.Person != us.Person {
		return
	}
	q := r.fresh(r.Start.Device, 0)
	if r.held != nil { // who was host meanwhile stays co-host
		if f, ok := r.Who(r.held.Founder); ok && !f.External {
			r.grant(q, append(slices.Clone(r.cohosts(q)), f.Person))
		}
	}
	r.hold(q)
}

// catchUp: the founder was cut off from everybody, and did not notice what it missed. What the
// successor decided meanwhile goes on to count. Only who was in the call before the cut can
// have been one: nobody makes itself a successor by coming.
func (r *Room) catchUp(now time.Time) {
	if r.back.IsZero() || now.Sub(r.back) < Every+Every/4 || r.held == nil || !r.weLead() || !r.founds(r.held) {
		return
	}
	cut := r.cut
	r.cut, r.back = time.Time{}, time.Time{}
	for _, c := range r.comings(now) {
		p := r.peers[c.device]
		if p == nil || c.member.External || !p.came.Before(cut.Add(-GoneAfter)) {
			continue
		}
		q := p.led // the longest in it: if anybody succeeded, this one did
		if q == nil || q.Founder != c.device || q.Since != p.joined || q.Counter <= r.held.Counter || q.Counter > r.held.Counter+leap {
			return
		}
		mine := r.held
		next := q.clone()
		next.Founder, next.Since, next.Author, next.Counter, next.Grant = mine.Founder, mine.Since, r.Self, q.Counter+1, mine.Grant
		next.Removed = without(next.Removed, r.mustPerson(mine.Founder))
		r.hold(next)
		return
	}
}

// overtake: we lead, and others follow a policy of ours that is later and that nobody here
// can say any more. What we say has to be the latest, or they would never hear it.
func (r *Room) overtake(now time.Time) {
	if r.held == nil || !r.weLead() {
		r.behind = time.Time{}
		return
	}
	grant := r.latest(r.held)
	most := r.held.Counter
	if grant.after(r.held.Grant) {
		most++ // what we say has to carry it
	}
	for _, c := range r.comings(now) {
		f := c.beat.Follows
		if q := c.beat.Policy; f == nil && q != nil {
			f = &Follows{Founder: q.Founder, Counter: q.Counter}
		}
		if c.device != r.Self && f != nil && f.Founder == r.held.Founder && f.Counter <= r.held.Counter+leap {
			most = max(most, f.Counter)
		}
	}
	switch {
	case most == r.held.Counter:
		r.behind = time.Time{}
	case r.behind.IsZero():
		r.behind = now
	case now.Sub(r.behind) > Every:
		q := r.held.clone()
		q.Counter, q.Author, q.Grant = most+1, r.Self, grant
		r.hold(q)
	}
}

func (r *Room) mustPerson(device wire.DeviceID) wire.PersonID {
	m, _ := r.Who(device)
	return m.Person
}

// succeed: no host is left, and we are the longest in it.
func (r *Room) succeed(now time.Time) {
	all := r.comings(now)
	if r.me.phase != In || r.hosted(all) || r.held == nil && now.Sub(r.me.entered) < GoneAfter {
		return // without a policy: whoever has one would have been heard by then
	}
	if heir, ok := r.heir(all); ok && heir.device == r.Self {
		r.hold(r.fresh(r.Self, r.me.joined))
	}
}

// fresh begins or continues a founder's line with what is in force now.
func (r *Room) fresh(founder wire.DeviceID, since int64) *Policy {
	q := &Policy{}
	if r.held != nil {
		q = r.held.clone()
	} else if !r.Pair {
		q.Rules = MuteOnEntry // who comes into a crowd speaks when it wants to
	}
	old := r.lines[founder]
	q.Founder, q.Since, q.Author = founder, since, r.Self
	q.Counter++
	q.Grant = nil
	if old != nil {
		q.Counter, q.Grant = max(q.Counter, old.Counter+1), old.Grant
	}
	q.Grant = r.latest(q)
	return q
}

func (r *Room) cohosts(q *Policy) []wire.PersonID {
	if g := r.latest(q); g != nil {
		return g.People
	}
	return nil
}

// grant names co-hosts anew.
func (r *Room) grant(q *Policy, people []wire.PersonID) {
	number := uint32(0)
	if g := r.latest(q); g != nil {
		number = g.Number
	}
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
	people = slices.Compact(people)
	if len(people) > maxCohosts {
		people = people[:maxCohosts]
	}
	g := &Grant{Number: number + 1, By: r.Self, People: people}
	g.Signature = r.Sign(g.message(r.ID, q.Founder))
	q.Grant = g
	r.keep(q.Founder, g)
}

func (p *Policy) clone() *Policy {
	q := *p
	q.Admitted, q.Removed = slices.Clone(p.Admitted), slices.Clone(p.Removed)
	q.Denied, q.Orders = slices.Clone(p.Denied), slices.Clone(p.Orders)
	q.Made, q.Barred = slices.Clone(p.Made), slices.Clone(p.Barred)
	return &q
}
