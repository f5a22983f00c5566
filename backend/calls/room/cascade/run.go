package cascade

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// What calls/media does today: a leg is silent after 600 ms, looked at every 100 ms.
	silentAfter = 600 * time.Millisecond
	looks       = 100 * time.Millisecond
	// rounds is how many ways it takes to ask for a place and to get a new leg: the hub's answer,
	// the forwarder's, ICE, DTLS.
	rounds      = 18
	connects    = 150 * time.Millisecond
	again       = time.Second
	upkeepEvery = 10 * time.Second
	forwards    = 2 * time.Millisecond
	encodes     = 35 * time.Millisecond // a frame and its coding, for a key frame that was asked for
)

type event struct {
	at  time.Duration
	seq int
	do  func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// run is one meeting in simulated time.
type run struct {
	tree
	tally
	w      World
	rand   *rand.Rand
	now    time.Duration
	queue  events
	seq    int
	result Result
	// scarce is the lowest layer that there was no room for in this upkeep.
	scarce Layer
}

func (r *run) after(d time.Duration, do func()) {
	r.seq++
	heap.Push(&r.queue, event{r.now + d, r.seq, do})
}

// Run holds a meeting: everybody comes, then devices die and others come in their place.
func Run(w World, seed uint64) Result { return meet(w, seed).result }

func meet(w World, seed uint64) *run {
	r := &run{w: w, rand: rand.New(rand.NewPCG(seed, 37))} // figures that can be had again, no secret
	r.all, r.offices = populate(r.rand, w)
	for _, n := range r.all {
		r.enter(n)
	}
	for range 3 { // half a minute later
		r.upkeep()
	}
	r.built()
	for range w.Deaths {
		r.after(time.Duration(r.rand.Int64N(int64(w.For))), func() {
			if n := r.all[r.rand.IntN(len(r.all))]; n.alive && n != r.hub && n != r.standby {
				r.kill(n)
			}
		})
	}
	r.after(w.For/2+w.For/1000, r.powerCut)
	r.after(w.For*3/4+w.For/1000, r.hubDies)
	for at := upkeepEvery; at < w.For; at += upkeepEvery {
		r.after(at, r.upkeep)
	}
	for r.queue.Len() > 0 && r.queue[0].at <= w.For {
		e := heap.Pop(&r.queue).(event)
		r.now = e.at
		e.do()
	}
	r.ended()
	return r
}

// enter brings a device in.
func (r *run) enter(n *node) {
	n.alive = true
	if n.may {
		r.forward = append(r.forward, n)
	}
	switch {
	case r.hub == nil:
		r.hub, n.layer = n, Full
		return
	case n.id == 1:
		r.attach(r.hub, n, Full)
		r.tree.standby = n
	case !r.join(n):
		r.result.Refused++
		r.after(again, func() { r.reenter(n) })
		return
	}
	n.said, r.hub.said, n.parent.said = n.said+4, r.hub.said+2, n.parent.said+2
	r.second(n)
}

func (r *run) reenter(n *node) {
	if !n.alive || n.parent != nil || n == r.hub {
		return
	}
	if !r.join(n) {
		r.after(again, func() { r.reenter(n) })
		return
	}
	r.second(n)
}

// kill ends a device without a word, and has another one come for it.
func (r *run) kill(n *node) {
	r.die(n)
	c := n.again(len(r.all))
	r.all = append(r.all, c)
	r.after(time.Duration(r.rand.Int64N(int64(20*time.Second))), func() { r.enter(c) })
}

func (r *run) die(n *node) {
	n.alive = false
	r.release(n)
	r.forward = slices.DeleteFunc(r.forward, func(f *node) bool { return f == n })
	if n.parent != nil {
		r.detach(n)
	}
	r.result.Deaths++
	if len(n.kids) > 0 {
		r.result.InnerDeaths++
	}
	for _, k := range slices.Clone(n.kids) {
		r.darken(k)
		r.detach(k)
		r.after(silentAfter+time.Duration(r.rand.Int64N(int64(looks))), func() { r.turn(k) })
	}
}

func (r *run) darken(n *node) {
	if !n.dark {
		n.dark, n.lostAt = true, r.now
	}
	for _, k := range n.kids {
		r.darken(k)
	}
}

// hears is what a standby believes of itself: it takes silentAfter to notice.
func (r *run) hears(s *node) bool { return !s.dark || r.now-s.lostAt < silentAfter }

// turn is what a device does that hears nothing of its parent: to the standby, whose leg stands.
func (r *run) turn(c *node) {
	if !c.alive || c.parent != nil {
		return
	}
	s, failing := c.standby, c.failing
	r.release(c)
	ok := s != nil && s.alive && r.hears(s) && (s.parent != nil || s == r.hub) && !above(c, s) && s.depth+1+height(c) <= maxDepth
	if !ok || failing == nil || !r.fits(s, c, c.rate, withReserve) {
		r.result.Rejoins++
		r.after(rounds*way(c, r.hub)+connects, func() { r.rejoin(c) })
		return
	}
	r.result.Turns++
	c.said, s.said = c.said+2, s.said+2
	r.attach(s, c, c.layer)
	c.turned = true
	r.light(c, 2*way(s, c))
	r.after(time.Second, func() { r.second(c) })
}

// rejoin asks the hub for another place; a smaller picture is better than none.
func (r *run) rejoin(c *node) {
	if !c.alive || c.parent != nil || c == r.hub {
		return
	}
	c.said, r.hub.said = c.said+4, r.hub.said+2
	p, l := r.best(c, max(c.layer, Small), plan)
	if p == nil {
		p, l = r.best(c, Small, withReserve)
	}
	if p == nil {
		p, l = r.squeeze(c)
	}
	if p == nil {
		r.disband(c)
		r.after(again, func() { r.rejoin(c) })
		return
	}
	r.attach(p, c, l)
	c.turned = true
	r.light(c, 0)
	r.after(time.Second, func() { r.second(c) })
}

// disband lets those below find places of their own: there is none for all of them together.
func (r *run) disband(c *node) {
	if len(c.kids) > 0 {
		r.result.Disbanded++
	}
	for _, k := range slices.Clone(c.kids) {
		r.release(k)
		r.detach(k)
		r.after(rounds*way(k, r.hub)+connects, func() { r.rejoin(k) })
	}
}

// light ends the interruption of all below, if there is light above.
func (r *run) light(c *node, in time.Duration) {
	if c.parent.dark {
		return
	}
	picture := encodes + 2*delay(c)
	var down func(n *node)
	down = func(n *node) {
		if n.dark {
			lost := r.now + in - n.lostAt
			r.sound = append(r.sound, lost)
			r.picture = append(r.picture, lost+picture)
			n.dark = false
		}
		for _, k := range n.kids {
			down(k)
		}
	}
	down(c)
}

// delay is how old what a device gets is, beside what coding and its own buffer take.
func delay(n *node) (d time.Duration) {
	for ; n.parent != nil; n = n.parent {
		d += way(n, n.parent) + forwards
	}
	return d
}

// powerCut ends the largest office that has neither hub nor standby.
func (r *run) powerCut() {
	var largest *office
	for _, o := range r.offices {
		if o != r.hub.office && (r.standby == nil || o != r.standby.office) && (largest == nil || o.members > largest.members) {
			largest = o
		}
	}
	for _, n := range r.all {
		if n.alive && n.office != nil && n.office == largest {
			r.result.Cut++
			r.kill(n)
		}
	}
}

// hubDies has the standby take over with a new term: those on stage and the first level turn to it.
func (r *run) hubDies() {
	old := r.hub
	s := r.standby
	if s == nil || s.parent != old {
		return
	}
	r.detach(s)
	s.depth = 0
	r.hub, r.tree.standby = s, nil
	for _, k := range s.kids {
		r.deepen(k)
	}
	r.die(old)
}

// upkeep is what everybody does now and then, without anybody noticing: look after standbys, give
// back what was taken from the reserve, ask for a better layer.
func (r *run) upkeep() {
	for _, p := range slices.Clone(r.forward) {
		for i := len(p.kids) - 1; i >= 0; i-- {
			if k := p.kids[i]; r.over(p, k) {
				r.move(k, k.layer)
			}
		}
	}
	r.scarce = Full + 1
	for _, n := range r.all {
		if !n.alive || n.parent == nil || n.dark {
			continue
		}
		if n.layer < Full && !n.may {
			r.raise(n)
		}
		if n.turned {
			r.settle(n)
		}
		r.second(n)
	}
	r.sample()
}

// settle takes who was repaired to a place nearer to the hub, if there is one: repairs would make the
// tree deeper and deeper.
func (r *run) settle(n *node) {
	if p := r.find(n, n.layer, plan); p != nil && (p.depth < n.parent.depth || r.enters(n)) {
		r.place(n, p, n.layer)
	}
	n.turned = false
}

// over says whether a forwarder, or its office's line, sends more than is planned, and less without this child.
func (r *run) over(p, c *node) bool {
	return p.load > p.up*plan/100 || len(p.kids) > maxChildren || p.office != nil && !near(p, c) && p.office.load > p.office.up*plan/100
}

// move finds another parent: the new leg stands before the old one is given up.
func (r *run) move(c *node, l Layer) bool {
	if c.dark || c == r.standby {
		return false
	}
	p := r.find(c, l, plan)
	if p == nil {
		return false
	}
	r.place(c, p, l)
	return true
}

func (r *run) place(c, p *node, l Layer) {
	r.release(c)
	r.detach(c)
	r.attach(p, c, l)
	c.said, r.hub.said = c.said+4, r.hub.said+2
}

// raise gives a viewer the best layer that there is room for, where it is or elsewhere.
func (r *run) raise(n *node) {
	for l := Full; l > n.layer; l-- {
		if more := l.rate() - n.rate; r.fitsMore(n.parent, n, more) {
			r.change(n, l)
			return
		}
		if l >= r.scarce {
			continue
		}
		if r.move(n, l) {
			return
		}
		r.scarce = l // the hub says so from the summaries: nobody else asks for it now
	}
}

// fitsMore is fits for a leg that is there.
func (r *run) fitsMore(p, c *node, more int) bool {
	return p.load+more <= p.up*plan/100 && (near(p, c) || p.office == nil || p.office.load+more <= p.office.up*plan/100)
}
