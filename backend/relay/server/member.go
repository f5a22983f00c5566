package server

import (
	"slices"
	"sync/atomic"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// member is a device of an organisation that is connected or watched. Server.mu
// guards it.
type member struct {
	device   wire.DeviceID
	conn     *conn       // to this process
	here     atomic.Bool // to any process, for those without the lock
	watchers []watcher
}

// watch and watcher are the two ends of one interest. Each knows the other's
// place, so that taking one out costs the same however many there are.
type watch struct {
	of *member
	at int // in of.watchers
}

type watcher struct {
	conn *conn
	at   int // in conn.watched
}

// join puts a proven connection in its place; an older one of the same device,
// which may not know yet that it is dead, is closed. ready goes out before anything
// else does, and whoever has seen it finds the device in its place.
func (s *Server) join(c *conn, ready []byte) bool {
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return false
	}
	c.send(item{frame: ready}, answer)
	t := c.tenant
	s.byTenant[t.id] = t
	m := t.members[c.device]
	if m == nil {
		m = &member{device: c.device}
		t.members[c.device] = m
	}
	old := m.conn
	m.conn, c.stamp = c, s.cluster.nextStamp()
	if old == nil {
		s.devices++
	}
	s.settle(t.id, m)
	s.cluster.note(t.id, c)
	s.mu.Unlock()
	if old != nil {
		old.shut(closing(statusPolicy))
	}
	s.wheel.add(c)
	return true
}

// leave takes a connection out of everything.
func (s *Server) leave(c *conn) {
	if c.tenant == nil {
		return
	}
	s.wheel.remove(c)
	c.mu.Lock()
	subs := make([]*topic, 0, len(c.subs))
	for t := range c.subs {
		subs = append(subs, t)
	}
	c.mu.Unlock()
	for _, t := range subs {
		if c.abandon(t) {
			s.release(t)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwatch(c)
	if m := c.tenant.members[c.device]; m != nil && m.conn == c {
		m.conn = nil
		s.devices--
		s.settle(c.tenant.id, m)
		s.cluster.note(c.tenant.id, c)
		s.forget(c.tenant, m)
	}
}

// forget drops a member that nobody needs; mu is held.
func (s *Server) forget(t *tenant, m *member) {
	if m.conn != nil || len(m.watchers) > 0 {
		return
	}
	delete(t.members, m.device)
	if len(t.members) == 0 {
		delete(s.byTenant, t.id)
	}
}

// connected finds a device's connection to this process, or nil.
func (s *Server) connected(id engine.Tenant, d wire.DeviceID) *conn {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.connectedHere(id, d)
}

// watch replaces whose presence is followed.
func (c *conn) watch(w protocol.Watch) (*protocol.Presence, error) {
	if len(w.Devices) > protocol.MaxWatched {
		return nil, failed(protocol.CodeTooLarge)
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watches-len(c.watched)+len(w.Devices) > s.limits.Watches {
		return nil, failed(protocol.CodeBusy)
	}
	s.unwatch(c)
	select {
	case <-c.gone: // leave has been here already, or waits for us
		return &protocol.Presence{}, nil
	default:
	}
	out := &protocol.Presence{}
	seen := make(map[wire.DeviceID]bool, len(w.Devices))
	for _, d := range w.Devices {
		if seen[d] {
			continue
		}
		seen[d] = true
		m := c.tenant.members[d]
		if m == nil {
			m = &member{device: d}
			c.tenant.members[d] = m
			m.here.Store(s.somewhere(c.tenant.id, m))
		}
		c.watched = append(c.watched, watch{of: m, at: len(m.watchers)})
		m.watchers = append(m.watchers, watcher{conn: c, at: len(c.watched) - 1})
		s.watches++
		if m.here.Load() {
			out.Here = append(out.Here, d)
		} else {
			out.Away = append(out.Away, d)
		}
	}
	return out, nil
}

// forgetWatches ends them for a device that became a visitor.
func (s *Server) forgetWatches(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwatch(c)
}

// unwatch ends all interests of a connection; mu is held. c.watched is only
// touched with it.
func (s *Server) unwatch(c *conn) {
	for _, w := range c.watched {
		last := len(w.of.watchers) - 1
		if moved := w.of.watchers[last]; w.at != last {
			w.of.watchers[w.at] = moved
			moved.conn.watched[moved.at].at = w.at
		}
		w.of.watchers[last] = watcher{}
		if w.of.watchers = w.of.watchers[:last]; last == 0 {
			w.of.watchers = nil
		}
		s.forget(c.tenant, w.of)
	}
	s.watches -= len(c.watched)
	c.watched = nil
}

// tellAfter gathers what changes, since devices come and go in crowds.
const tellAfter = 200 * time.Millisecond

// somewhere reports whether a device is connected to any process; mu is held.
func (s *Server) somewhere(t engine.Tenant, m *member) bool {
	_, elsewhere := s.cluster.seatOf(t, m.device)
	return m.conn != nil || elsewhere
}

// settle notes whether a device came or went; mu is held.
func (s *Server) settle(t engine.Tenant, m *member) {
	here := s.somewhere(t, m)
	if m.here.Swap(here) == here {
		return
	}
	for _, w := range m.watchers {
		w.conn.mu.Lock()
		if !w.conn.down && !slices.Contains(w.conn.changed, m) {
			w.conn.changed = append(w.conn.changed, m)
			if len(w.conn.changed) == 1 {
				s.dirty = append(s.dirty, w.conn)
			}
		}
		w.conn.mu.Unlock()
	}
	if len(s.dirty) > 0 && !s.telling {
		s.telling = true
		time.AfterFunc(tellAfter, s.tell)
	}
}

// tell starts writing what was noted.
func (s *Server) tell() {
	s.mu.Lock()
	dirty := s.dirty
	s.dirty, s.telling = nil, false
	s.mu.Unlock()
	for _, c := range dirty {
		c.mu.Lock()
		start := c.startWriting()
		c.mu.Unlock()
		if start {
			s.writers.want(c)
		}
	}
}

// presence says how it stands with devices now.
func (c *conn) presence(of []*member) *protocol.Presence {
	out := &protocol.Presence{}
	for _, m := range of {
		if m.here.Load() {
			out.Here = append(out.Here, m.device)
		} else {
			out.Away = append(out.Away, m.device)
		}
	}
	return out
}
