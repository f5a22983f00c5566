package server

import (
	"sync"
)

// wheelSpokes is how often a round of the wheel stops.
const wheelSpokes = 32

// wheel pings connections that are silent and closes those that stay so: one
// timer for all of them. A round takes a third of Limits.Idle.
type wheel struct {
	s      *Server
	mu     sync.Mutex
	spokes [wheelSpokes]map[*conn]struct{}
	next   int // to be looked at
	fill   int // to be given the next connection
}

func newWheel(s *Server) *wheel {
	w := &wheel{s: s}
	for i := range w.spokes {
		w.spokes[i] = map[*conn]struct{}{}
	}
	return w
}

func (w *wheel) add(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fill = (w.fill + 1) % wheelSpokes
	c.slot = w.fill
	w.spokes[c.slot][c] = struct{}{}
	select {
	case <-c.gone: // it left before it came in
		delete(w.spokes[c.slot], c)
	default:
	}
}

func (w *wheel) remove(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.slot >= 0 {
		delete(w.spokes[c.slot], c)
	}
}

// turn looks at three spokes, so that a round is a third of the idle time.
func (w *wheel) turn() {
	for range 3 {
		w.mu.Lock()
		all := make([]*conn, 0, len(w.spokes[w.next]))
		for c := range w.spokes[w.next] {
			all = append(all, c)
		}
		w.next = (w.next + 1) % wheelSpokes
		w.mu.Unlock()
		now := w.s.clock.Now().UnixNano()
		for _, c := range all {
			c.look(now - c.heard.Load())
		}
	}
}

// look pings a silent connection, and closes it when that did not help.
func (c *conn) look(silent int64) {
	idle := int64(c.s.limits.Idle)
	c.mu.Lock()
	ping, dead := false, false
	switch {
	case silent < idle:
		c.pinged = false
	case !c.pinged:
		c.pinged, ping = true, true
	default:
		dead = true // the ping is a round old
	}
	c.mu.Unlock()
	if ping {
		c.send(item{frame: framed(opPing, nil)}, soft)
	}
	if dead {
		c.s.meter.silent.Inc()
		c.shut()
	}
}
