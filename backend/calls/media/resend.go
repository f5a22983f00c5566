package media

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// What is lost between engines is asked for and sent again (RFC 4585, 6.2.1) by this file: slots keep
// what they sent, streams note what they miss. Towards the page pion does it, over RTX.
//
// Nothing here runs as long as nothing is missing: a timer for each connection, every 20 ms, was a tenth of what a hub spent.
const (
	// keptPictures and keptSounds are how many packets a slot keeps: two to three seconds of each.
	keptPictures = 512
	keptSounds   = 128

	// askAfter lets packets overtake each other; askCopied lets copies come first.
	askAfter  = 10 * time.Millisecond
	askCopied = 50 * time.Millisecond
	// A question is repeated when its answer could be here, soon at the least, and given up when what
	// it is for is of no use any more.
	askAgain    = 20 * time.Millisecond
	askTries    = 10
	pictureAge  = 1500 * time.Millisecond
	soundAge    = 500 * time.Millisecond
	maxMissing  = 256 // of one stream
	maxSequence = 512 // further apart it is another beginning
	// unknownTrip is a round trip before one was measured.
	unknownTrip = 100 * time.Millisecond
)

// history is what a slot sent of late. The slot's mu guards it.
type history struct {
	all []sentOnce // by number
}

type sentOnce struct {
	seq    uint16
	marker bool
	time   uint32
	tag    uint32
	at     time.Time // sent last
	data   []byte
}

func (h *history) keep(size int, seq uint16, at uint32, marker bool, tag uint32, payload []byte, now time.Time) {
	if h.all == nil {
		h.all = make([]sentOnce, size)
	}
	k := &h.all[int(seq)%len(h.all)]
	k.seq, k.time, k.marker, k.tag, k.at = seq, at, marker, tag, now
	k.data = append(k.data[:0], payload...)
}

// resend sends a packet again that was asked for, unless it was sent a moment ago.
func (s *slot) resend(seq uint16, now time.Time, roundTrip time.Duration) {
	b := s.track.bound.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == nil || s.sentLately.all == nil {
		return
	}
	k := &s.sentLately.all[int(seq)%len(s.sentLately.all)]
	if k.seq != seq || len(k.data) == 0 || now.Sub(k.at) < min(roundTrip, soundAge) {
		return
	}
	k.at = now
	s.fillHeader(b, b.payload, k.seq, k.time, k.marker, k.tag)
	s.sent.Add(int64(len(k.data)) + 40)
	b.write(&s.header, k.data)
}

// asked answers a question for what was lost.
func (s *slot) asked(n *rtcp.TransportLayerNack, now time.Time) {
	out, ok := s.out.(*session)
	if !ok || len(n.Nacks) > maxMissing {
		return
	}
	for _, pair := range n.Nacks {
		for _, seq := range pair.PacketList() {
			s.resend(seq, now, out.trip()/2)
		}
	}
}

// gaps are the numbers that a stream misses.
type gaps struct {
	mu      sync.Mutex
	ssrc    uint32
	useful  time.Duration // how long
	begun   bool
	highest uint16
	missing []gap // sorted by when they were missed
}

type gap struct {
	seq         uint16
	since, next time.Time
	tries       int
}

// note takes a number that came, and says when to ask for those that it shows to be missing; zero:
// there are no new ones.
func (g *gaps) note(seq uint16, now time.Time, patience time.Duration) (ask time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	step := int(int16(seq - g.highest))
	switch {
	case !g.begun || step > maxSequence || step < -maxSequence:
		g.begun, g.highest, g.missing = true, seq, g.missing[:0]
	case step > 0:
		for s := g.highest + 1; s != seq && len(g.missing) < maxMissing; s++ {
			ask = now.Add(patience)
			g.missing = append(g.missing, gap{seq: s, since: now, next: ask})
		}
		g.highest = seq
	case len(g.missing) > 0:
		if i := slices.IndexFunc(g.missing, func(m gap) bool { return m.seq == seq }); i >= 0 {
			g.missing = slices.Delete(g.missing, i, i+1)
		}
	}
	return ask
}

// due gives what is to be asked for now, and when to look again; zero: nothing is missing.
func (g *gaps) due(now time.Time, roundTrip time.Duration) (ask []uint16, next time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.missing = slices.DeleteFunc(g.missing, func(m gap) bool { return m.tries >= askTries || now.Sub(m.since) > g.useful })
	for i := range g.missing {
		m := &g.missing[i]
		if !m.next.After(now) {
			ask = append(ask, m.seq)
			m.tries++
			m.next = now.Add(max(roundTrip+askAfter, askAgain))
		}
		if next.IsZero() || m.next.Before(next) {
			next = m.next
		}
	}
	return ask, next
}

// asker asks for what the streams of a session miss.
type asker struct {
	s     *session
	mu    sync.Mutex
	all   []*gaps
	timer *time.Timer
	armed time.Time // zero: not
	ended bool
}

func (a *asker) add(g *gaps) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, g)
}

// by has the asker look at a time, if it would not look before.
func (a *asker) by(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.arm(at)
}

// arm is by for who holds mu.
func (a *asker) arm(at time.Time) {
	if a.ended || !a.armed.IsZero() && !at.Before(a.armed) {
		return
	}
	a.armed = at
	wait := max(time.Until(at), 0)
	if a.timer == nil {
		a.timer = time.AfterFunc(wait, a.look)
		return
	}
	a.timer.Reset(wait)
}

func (a *asker) look() {
	a.mu.Lock()
	if a.ended {
		a.mu.Unlock()
		return
	}
	a.armed = time.Time{}
	now, trip := time.Now(), a.s.trip()
	var questions []rtcp.Packet
	for _, g := range a.all {
		ask, next := g.due(now, trip)
		if len(ask) > 0 {
			questions = append(questions, &rtcp.TransportLayerNack{MediaSSRC: g.ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(ask)})
		}
		if !next.IsZero() {
			a.arm(next)
		}
	}
	a.mu.Unlock()
	if len(questions) > 0 {
		a.s.write(questions)
	}
}

func (a *asker) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended = true; a.timer != nil {
		a.timer.Stop()
	}
}

// trip is the round trip to the other engine.
func (s *session) trip() time.Duration {
	if t := s.roundTrip.Load(); t > 0 {
		return time.Duration(t) * time.Microsecond
	}
	return unknownTrip
}
