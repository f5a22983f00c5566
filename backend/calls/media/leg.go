package media

import (
	"bytes"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"roundtable/backend/wire"
)

// leg is the way to the engine of another device. Its goroutine alone touches the session under
// way; what the loop of the engine needs of it stands in session, guarded by Engine.mu.
type leg struct {
	e      *Engine
	device wire.DeviceID
	offers bool // the smaller ID offers, always: no glare
	ctx    context.Context
	cancel context.CancelFunc
	in     chan message
	out    chan message
	stir   chan struct{}
	moved  atomic.Bool // the network is another: look whether the way still stands

	// Of the goroutine.
	spoke    time.Time // hello or restart was said
	failures int
	looked   time.Time // at which way it goes
	doubted  time.Time // the network became another
	again    time.Time // no new session before

	// Guarded by Engine.mu.
	session   *session
	haves     []told // of the other
	wants     []picture
	room      [2]int // slots that either side asks for
	saidH     []told // to the other, in this session
	saidW     []picture
	said      bool
	saidAt    time.Time // all of it
	asked     [2]int    // slots, of the other
	lastHeard time.Time // in any session
	hungUp    bool      // the other closed the last session that stood
	starved   bool
	camera    share // of the own camera, what may go there
	screen    share
	relayed   bool
	copies    int // of sound
	estimate
}

func (e *Engine) newLeg(device wire.DeviceID) *leg {
	l := &leg{e: e, device: device, offers: bytes.Compare(e.o.Self[:], device[:]) < 0,
		in: make(chan message, 128), out: make(chan message, 256), stir: make(chan struct{}, 1), room: [2]int{4, 4}}
	l.estimate.steady = e.o.steady
	l.ctx, l.cancel = context.WithCancel(e.ctx)
	e.wg.Add(2)
	go l.run()
	go l.post()
	return l
}

func (l *leg) wake() {
	select {
	case l.stir <- struct{}{}:
	default:
	}
}

// hear takes a message of the other engine; when they come faster than they are read they are lost,
// and what was lost is said again after a while.
func (l *leg) hear(m message) {
	select {
	case l.in <- m:
	default:
	}
}

func (l *leg) say(m message) {
	select {
	case l.out <- m:
	default:
	}
}

func (l *leg) run() {
	defer l.e.wg.Done()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	defer l.end()
	for {
		l.step(time.Now())
		select {
		case <-l.ctx.Done():
			return
		case m := <-l.in:
			l.take(m)
		case <-l.stir:
		case <-tick.C:
		}
	}
}

// post carries what is said: over the data channel while the other is heard there, else over the
// way that there was before.
func (l *leg) post() {
	defer l.e.wg.Done()
	for {
		select {
		case <-l.ctx.Done():
			return
		case m := <-l.out:
			data := wire.MustEncode(m)
			if len(data) > maxMessage {
				continue
			}
			l.e.mu.Lock()
			s := l.session
			l.e.mu.Unlock()
			if s != nil && len(data) <= maxChannel && s.speaks(time.Now()) && s.control.Send(data) == nil {
				continue
			}
			l.send(data)
		}
	}
}

// send tries three times: without a candidate that is lost a session fails only after many seconds.
func (l *leg) send(data []byte) {
	for range 3 {
		ctx, cancel := context.WithTimeout(l.ctx, sendWithin)
		err := l.e.o.Send(ctx, l.device, data)
		cancel()
		if err == nil {
			return
		}
		l.e.o.Slog.Debug("call: message not sent", "device", l.device.Short(), "error", err)
		select {
		case <-l.ctx.Done():
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// step does what is due.
func (l *leg) step(now time.Time) {
	s := l.session // only this goroutine sets it
	if l.moved.Swap(false) {
		l.doubted = now
	}
	switch {
	case l.ctx.Err() != nil:
	case s == nil && l.offers:
		if now.After(l.again) {
			l.open(now)
		}
	case s == nil:
		if now.Sub(l.spoke) > helloEvery {
			l.spoke = now
			l.say(message{Hello: &hello{}})
		}
	case s.failed.Load(), !s.ever.Load() && now.Sub(s.began) > connectWithin:
		l.failures++
		l.e.o.Slog.Debug("call: session given up", "device", l.device.Short(), "ever", s.ever.Load(), "after", now.Sub(s.began), "state", s.pc.ConnectionState().String(), "described", s.described)
		l.again = now.Add(min(time.Duration(l.failures)*500*time.Millisecond, 5*time.Second))
		l.end()
	case l.lost(s, now):
		if now.Sub(l.spoke) > pleadEvery {
			l.spoke = now
			l.say(message{Restart: &restart{Session: s.id}})
		}
	case l.offers && s.settled && l.cramped(s):
		l.offer(s, false)
	}
	if s != nil && s.up.Load() && s.ever.Load() {
		l.failures = 0
		s.beatDue(now)
		s.probeDue(now)
		if now.Sub(l.looked) > time.Second {
			l.looked = now
			relayed := s.relayed()
			l.e.mu.Lock()
			l.relayed = relayed
			l.e.mu.Unlock()
		}
	}
}

// lost says whether the way is to be looked for anew: after a while of silence, and sooner when the
// network has become another. A way that is still heard is kept: to look for another gives it up.
func (l *leg) lost(s *session, now time.Time) bool {
	limit := deadAfter
	if now.Sub(l.doubted) < deadAfter {
		limit = silentAfter + beatEvery // so that the other, too, no longer believes in the data channel
	}
	return s.ever.Load() && s.silence(now) > limit
}

// cramped says whether more slots are wanted than the session has, and notes it.
func (l *leg) cramped(s *session) bool {
	l.e.mu.Lock()
	defer l.e.mu.Unlock()
	return len(s.audio) < l.room[0] || len(s.video) < l.room[1]
}

// end ends the session, if there is one.
func (l *leg) end() {
	l.e.mu.Lock()
	s := l.session
	if s != nil && s.ever.Load() && s.hungUp.Load() {
		l.hungUp = true
	}
	l.session, l.haves, l.wants, l.saidH, l.saidW, l.said, l.asked = nil, nil, nil, nil, nil, false, [2]int{}
	if s != nil {
		s.stop()
	}
	l.e.mu.Unlock()
	if s != nil {
		s.close()
	}
	l.e.wake()
}

// begin has the engine see a session.
func (l *leg) begin(s *session) {
	l.e.mu.Lock()
	l.session = s
	l.e.mu.Unlock()
}

// take takes a message of the other engine.
func (l *leg) take(m message) {
	s := l.session
	switch {
	case m.Hello != nil:
		l.greeted(s)
	case m.Offer != nil && !l.offers:
		l.offered(s, m.Offer)
	case m.Answer != nil && l.offers:
		l.answered(s, m.Answer)
	case m.Candidate != nil && s != nil && s.id == m.Candidate.Session:
		s.candidate(m.Candidate.Text)
	case m.Restart != nil && s != nil && s.id == m.Restart.Session:
		l.pleaded(s, time.Now())
	case m.Have != nil || m.Want != nil || m.Room != nil:
		l.told(m)
	}
}

// told notes what the other has, wants and needs.
func (l *leg) told(m message) {
	l.e.mu.Lock()
	defer l.e.mu.Unlock()
	switch { // most say what was said before
	case m.Have != nil && slices.Equal(m.Have.Sources, l.haves), m.Want != nil && slices.Equal(m.Want.Pictures, l.wants):
		return
	case m.Have != nil:
		l.haves = m.Have.Sources
	case m.Want != nil:
		l.wants = m.Want.Pictures
	case m.Room != nil:
		l.room[0], l.room[1] = max(l.room[0], m.Room.Audio), max(l.room[1], m.Room.Video)
	}
	l.e.wake()
}
