package rtc

import (
	"bytes"
	"context"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	maxRemembered = 4096
	againMin      = 5 * time.Second
	againMax      = 10 * time.Minute
)

// answer is the called side of a set-up.
func (n *Node) answer(ctx context.Context, peer wire.DeviceID, s link.Stream) {
	_ = s.SetDeadline(time.Now().Add(n.opt.limits.setUp))
	m, err := receive(s) // also of those who will be refused: who writes does not read
	if err != nil || m.Hello == nil {
		n.opt.Log.Debug("path not set up", "peer", peer.Short(), "reason", "no hello", "error", err)
		return
	}
	if !n.enter() {
		refuse(s)
		return
	}
	defer n.wg.Done()
	if !n.admit(peer) {
		refuse(s)
		return
	}
	defer n.leave(peer)
	ctx, cancel := context.WithTimeout(ctx, n.opt.limits.setUp)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	l, err := n.take(ctx, peer, s, *m.Hello)
	if err != nil {
		n.opt.Log.Debug("path not set up", "peer", peer.Short(), "error", err)
		return
	}
	n.mu.Lock()
	delete(n.tried, peer)
	n.mu.Unlock()
	select {
	case n.pending <- l:
	case <-l.done:
	case <-time.After(n.opt.limits.setUp): // nobody takes links
		_ = l.Close()
	}
}

func (n *Node) take(ctx context.Context, peer wire.DeviceID, s link.Stream, theirs hello) (*Link, error) {
	u, err := n.begin(ctx, peer, false, s)
	if err != nil {
		return nil, err
	}
	defer u.end()
	if err := u.say(); err != nil {
		return nil, err
	}
	return u.connect(ctx, theirs)
}

func refuse(s link.Stream) {
	_ = s.SetWriteDeadline(time.Now().Add(time.Second))
	_ = wire.Send(s, message{Refused: true}) // if it is lost, the end of the stream says it
}

// admit counts a set-up that another device asks for, unless it is one too many.
func (n *Node) admit(peer wire.DeviceID) bool {
	if !n.opt.Known(peer) {
		return false
	}
	self := n.identity.Self()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dialing[peer] > 0 && bytes.Compare(self[:], peer[:]) < 0 {
		return false // both dial: ours goes on
	}
	return n.callers.enter(peer, time.Now())
}

func (n *Node) leave(peer wire.DeviceID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.callers.leave(peer)
}

// callers counts the set-ups that others ask for. Its fields are guarded by Node.mu.
type callers struct {
	limits limits
	total  int
	of     map[wire.DeviceID]int
	spent  map[wire.DeviceID]time.Time // when a device's set-ups will all be its own again
}

func newCallers(l limits) callers {
	return callers{limits: l, of: map[wire.DeviceID]int{}, spent: map[wire.DeviceID]time.Time{}}
}

func (c *callers) enter(peer wire.DeviceID, now time.Time) bool {
	l := c.limits
	until := c.spent[peer]
	if until.Before(now) {
		until = now
	}
	until = until.Add(l.every)
	if c.total >= l.inbound || c.of[peer] >= l.ofOne || until.Sub(now) > time.Duration(l.burst*float64(l.every)) {
		return false
	}
	if len(c.spent) >= maxRemembered {
		for device, t := range c.spent {
			if t.Before(now) {
				delete(c.spent, device)
			}
		}
		if len(c.spent) >= maxRemembered {
			return false // each is a known device that asked within the last minute
		}
	}
	c.spent[peer] = until
	c.total++
	c.of[peer]++
	return true
}

func (c *callers) leave(peer wire.DeviceID) {
	c.total--
	if c.of[peer]--; c.of[peer] == 0 {
		delete(c.of, peer)
	}
}

// tried remembers to whom no path was found, so that the switchboard may ask as
// often as it likes: where UDP does not pass, a try costs 10 s, several sockets
// and an allocation at a TURN server, and will not pass the next minute either.
type tried map[wire.DeviceID]attempt

type attempt struct {
	fails int
	next  time.Time
}

func (t tried) wait(device wire.DeviceID, now time.Time) time.Duration {
	return max(t[device].next.Sub(now), 0)
}

func (t tried) failed(device wire.DeviceID, now time.Time) {
	if _, there := t[device]; !there && len(t) >= maxRemembered {
		for d := range t { // any will do: it costs one try
			delete(t, d)
			break
		}
	}
	a := t[device]
	a.fails++
	a.next = now.Add(min(againMin<<min(a.fails-1, 10), againMax))
	t[device] = a
}
