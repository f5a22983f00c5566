package server

import (
	"slices"
	"time"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
)

// What processes tell each other of their devices; the story is at cluster.

// note has others told that a device came or went; mu is held.
func (cl *cluster) note(t engine.Tenant, c *conn) {
	if cl.bus == nil {
		return
	}
	if cl.unsaid == nil {
		cl.unsaid = map[place]struct{}{}
	}
	cl.unsaid[place{t, c.device}] = struct{}{}
	if !cl.saying {
		cl.saying = true
		time.AfterFunc(sayAfter, cl.say)
	}
}

// say tells what was noted, as it stands now.
func (cl *cluster) say() {
	cl.out.Lock()
	defer cl.out.Unlock()
	for !cl.over {
		m := cl.unsaidMoves()
		if m == nil {
			return
		}
		cl.tell(memo{Moves: m})
	}
}

// unsaidMoves takes some of what was noted; nil when nothing is left.
func (cl *cluster) unsaidMoves() *moves {
	cl.s.mu.Lock()
	defer cl.s.mu.Unlock()
	of := map[engine.Tenant]*tenantMove{}
	n := 0
	for p := range cl.unsaid {
		delete(cl.unsaid, p)
		t := of[p.tenant]
		if t == nil {
			t = &tenantMove{Tenant: p.tenant}
			of[p.tenant] = t
		}
		if c := cl.s.connectedHere(p.tenant, p.device); c != nil {
			t.Here = append(t.Here, c.placed())
		} else {
			t.Gone = append(t.Gone, p.device)
		}
		if n++; n == maxMoves {
			break
		}
	}
	if n == 0 {
		cl.unsaid, cl.saying = nil, false
		return nil
	}
	cl.seq++
	m := &moves{Seq: cl.seq}
	for _, t := range of {
		m.Of = append(m.Of, *t)
	}
	return m
}

func (c *conn) placed() placed { return placed{Device: c.device, Stamp: c.stamp, Door: c.door} }

// answer gives a process all our devices. Whoever asks has met us, and so we meet it.
func (cl *cluster) answer(to bus.Process) {
	cl.s.mu.Lock()
	_, first := cl.peerOf(to)
	pages := []*roster{{Seq: cl.seq}}
	n := 0
	for id, t := range cl.s.byTenant {
		var move *tenantMove
		for _, m := range t.members {
			if m.conn == nil {
				continue
			}
			if n == maxMoves {
				pages, move, n = append(pages, &roster{Seq: cl.seq}), nil, 0
			}
			last := pages[len(pages)-1]
			if move == nil {
				last.Of = append(last.Of, tenantMove{Tenant: id})
				move = &last.Of[len(last.Of)-1]
			}
			move.Here = append(move.Here, m.conn.placed())
			n++
		}
	}
	cl.s.mu.Unlock()
	for i, page := range pages {
		page.Page, page.Pages = uint32(i), uint32(len(pages))
		if cl.send(to, memo{Roster: page}) != nil {
			break // it asks again
		}
	}
	if first {
		cl.ask(to)
	}
}

// heardBeat notes that a process lives, and whether we have heard all it said.
func (cl *cluster) heardBeat(from bus.Process, seq uint64) {
	cl.s.mu.Lock()
	p, first := cl.peerOf(from)
	lacking := first
	if p != nil {
		p.silent = 0
		if p.level && p.seq != seq {
			p.level, p.asked, lacking = false, 0, true
		}
	}
	cl.s.mu.Unlock()
	if lacking {
		cl.ask(from)
	}
}

// heardMoves takes what follows what was heard.
func (cl *cluster) heardMoves(from bus.Process, m *moves) {
	cl.s.mu.Lock()
	p, lacking := cl.peerOf(from)
	var outdated []*conn
	if p != nil {
		p.silent = 0
		switch {
		case p.level && m.Seq == p.seq+1:
			p.seq = m.Seq
			outdated = cl.apply(p, m.Of)
		case p.level && m.Seq <= p.seq:
		default:
			lacking = lacking || p.level
			p.wait(m)
		}
	}
	cl.s.mu.Unlock()
	if lacking {
		cl.ask(from)
	}
	closeOutdated(outdated)
}

// wait keeps moves until the roster is here.
func (p *peer) wait(m *moves) {
	if p.level {
		p.level, p.asked, p.later = false, 0, nil
	}
	if len(p.later) >= maxLater {
		p.later = nil // a gap that is found, and asked for
	}
	p.later = append(p.later, m)
}

// heardRoster takes a page, and all of it once the last is here.
func (cl *cluster) heardRoster(from bus.Process, r *roster) {
	cl.s.mu.Lock()
	p := cl.peers[from]
	var outdated []*conn
	lacking := false
	if p != nil && !p.level && p.page(r) {
		outdated = cl.replace(p)
		lacking = !p.level
	}
	cl.s.mu.Unlock()
	if lacking {
		cl.ask(from)
	}
	closeOutdated(outdated)
}

// page keeps one page; true when it was the last that lacked.
func (p *peer) page(r *roster) bool {
	c := p.coming
	if c == nil || c.seq < r.Seq || c.seq == r.Seq && len(c.pages) != int(r.Pages) {
		c = &coming{seq: r.Seq, pages: make([]*roster, r.Pages), left: int(r.Pages)}
		p.coming = c
	}
	p.asked = 0 // it is on its way
	if c.seq != r.Seq || c.pages[r.Page] != nil {
		return false
	}
	c.pages[r.Page] = r
	c.left--
	return c.left == 0
}

// replace makes the roster what is known of a peer, and goes on with the moves
// that came meanwhile; mu is held.
func (cl *cluster) replace(p *peer) (outdated []*conn) {
	all := map[place]bool{}
	for _, page := range p.coming.pages {
		for _, t := range page.Of {
			for _, d := range t.Here {
				all[place{t.Tenant, d.Device}] = true
			}
		}
	}
	cl.keepOnly(p, all)
	for _, page := range p.coming.pages {
		outdated = append(outdated, cl.apply(p, page.Of)...)
	}
	later := p.later
	p.seq, p.level, p.later, p.coming = p.coming.seq, true, nil, nil
	slices.SortFunc(later, func(a, b *moves) int { return int(min(max(int64(a.Seq-b.Seq), -1), 1)) })
	for i, m := range later {
		switch {
		case m.Seq <= p.seq:
		case m.Seq == p.seq+1:
			p.seq = m.Seq
			outdated = append(outdated, cl.apply(p, m.Of)...)
		default:
			p.level, p.asked, p.later = false, 0, later[i:]
			return outdated
		}
	}
	return outdated
}

// closeOutdated ends connections whose device has a newer one elsewhere.
func closeOutdated(all []*conn) {
	for _, c := range all {
		c.shut(closing(statusPolicy))
	}
}
