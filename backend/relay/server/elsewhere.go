package server

import (
	"context"
	"sync"
	"time"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// ringing is how long a dialler waits for the process where the other device is.
const ringing = 3 * time.Second

// find gives a device's connection here, or the process where it is: the zero
// process when it is nowhere.
func (s *Server) find(t engine.Tenant, d wire.DeviceID) (here *conn, elsewhere bus.Process) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if c := s.connectedHere(t, d); c != nil {
		return c, elsewhere
	}
	elsewhere, _ = s.cluster.seatOf(t, d)
	return nil, elsewhere
}

// connectedHere finds a device's connection to this process, or nil; mu is held.
func (s *Server) connectedHere(id engine.Tenant, d wire.DeviceID) *conn {
	if t := s.byTenant[id]; t != nil {
		if m := t.members[d]; m != nil {
			return m.conn
		}
	}
	return nil
}

// rings are dials that wait for another process's word.
type rings struct {
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]waitingRing
}

type waitingRing struct {
	at   bus.Process
	here chan bool
}

// ring has another process hand a device its ticket; false when it is not there.
func (cl *cluster) ring(ctx context.Context, at bus.Process, r ring) bool {
	w := waitingRing{at: at, here: make(chan bool, 1)}
	cl.rings.mu.Lock()
	if cl.rings.waiting == nil {
		cl.rings.waiting = map[uint64]waitingRing{}
	}
	cl.rings.last++
	r.ID = cl.rings.last
	cl.rings.waiting[r.ID] = w
	cl.rings.mu.Unlock()
	defer func() {
		cl.rings.mu.Lock()
		defer cl.rings.mu.Unlock()
		delete(cl.rings.waiting, r.ID)
	}()
	if cl.send(at, memo{Ring: &r}) != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, ringing)
	defer cancel()
	select {
	case here := <-w.here:
		return here
	case <-ctx.Done():
		return false
	}
}

func (rs *rings) answered(by bus.Process, r rung) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if w, there := rs.waiting[r.ID]; there && w.at == by {
		delete(rs.waiting, r.ID)
		w.here <- r.Here
	}
}

// heardRing hands a device its ticket. The other process has judged whether it may
// be dialled; whether it is a visitor is known only here.
func (cl *cluster) heardRing(from bus.Process, r ring) {
	cl.s.mu.RLock()
	to := cl.s.connectedHere(r.Tenant, r.To)
	cl.s.mu.RUnlock()
	here := to != nil && !to.isVisitor()
	if here {
		to.rings(r.From, r.Secret)
	}
	_ = cl.send(from, memo{Rung: &rung{ID: r.ID, Here: here}}) // a dialler that is not answered gives up
}

// heardFrame delivers a frame of a device at another process, now or never.
func (cl *cluster) heardFrame(from bus.Process, f farFrame) {
	s := cl.s
	if f.Frame.Space == (wire.SpaceID{}) {
		s.mu.RLock()
		to := s.connectedHere(f.Tenant, f.Frame.To)
		s.mu.RUnlock()
		if to != nil && !to.isVisitor() {
			s.deliver(f.Frame, []*conn{to})
		}
		return
	}
	if r := s.rolls.cached(f.Frame.Space); r != nil && s.fresh(r) {
		cl.deliver(from, f, r)
		return
	}
	select {
	case s.working <- struct{}{}:
	default:
		s.meter.dropped.Inc()
		return
	}
	if !s.begin() {
		<-s.working
		return
	}
	go func() {
		defer s.running.Done()
		defer func() { <-s.working }()
		ctx, cancel := context.WithTimeout(s.life, s.limits.Asking)
		defer cancel()
		if r, err := s.rolls.of(ctx, f.Frame.Space); err == nil && r != nil {
			cl.deliver(from, f, r)
		}
	}()
}

// deliver gives a frame to those on the list who are here, as far as they are ours.
func (cl *cluster) deliver(from bus.Process, f farFrame, r *roll) {
	if r.owner() != f.Tenant {
		return
	}
	var to []*conn
	most := min(int(f.Most), cl.s.limits.FrameFanout)
	visit := func(d wire.DeviceID, rights protocol.Rights, here *conn, _ bus.Process) bool {
		if here != nil && d != f.Frame.From && rights != protocol.RightNone && len(to) < most && cl.ours(f.Tenant, here, from) {
			to = append(to, here)
		}
		return len(to) < most
	}
	r.mu.RLock()
	cl.s.mu.RLock()
	if d := f.Frame.To; d.IsZero() {
		cl.s.eachPresent(f.Tenant, r, visit)
	} else {
		visit(d, r.list.Rights[d], cl.s.connectedHere(f.Tenant, d), bus.Process{})
	}
	cl.s.mu.RUnlock()
	r.mu.RUnlock()
	cl.s.deliver(f.Frame, to)
}

// deliver writes a frame to some devices.
func (s *Server) deliver(f protocol.Frame, to []*conn) {
	if len(to) == 0 {
		return
	}
	bytes := to[0].encoded(0, protocol.Message{Frame: &f})
	for _, c := range to {
		c.send(item{frame: bytes}, soft)
	}
	s.meter.frames.Add(len(to))
}
