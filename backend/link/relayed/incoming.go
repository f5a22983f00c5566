package relayed

import (
	"context"
	"fmt"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/link/secure"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// Incoming takes a relay's word that a device dials us. It does not block: the
// circuit is opened in a goroutine of its own, or not at all when too many are.
func (n *Node) Incoming(relay [32]byte, in protocol.Incoming) {
	if in.From == n.self || in.From.IsZero() {
		return
	}
	known := n.opt.Known(in.From)
	n.mu.Lock()
	defer n.mu.Unlock()
	c, l := n.relays[shorten(relay)], n.opt.limits
	if c == nil || n.ctx.Err() != nil {
		return
	}
	if n.total >= l.shaking || n.shaking[in.From] >= l.shakingOne || !known && n.strange >= l.strangers {
		n.opt.Log.Debug("circuit not taken", "peer", in.From.Short(), "reason", "too many handshakes")
		return
	}
	n.total++
	n.shaking[in.From]++
	if !known {
		n.strange++
	}
	n.wg.Go(func() {
		taken, err := n.accept(c, shorten(relay), in)
		n.shaken(in.From, known)
		if err != nil {
			n.opt.Log.Debug("circuit failed", "peer", in.From.Short(), "error", err)
			return
		}
		select {
		case n.pending <- taken:
		case <-time.After(l.handshake): // nobody takes links
			taken.Close()
		case <-n.ctx.Done():
			taken.Close()
		}
	})
}

// shaken counts a handshake that ended.
func (n *Node) shaken(device wire.DeviceID, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.total--
	if !known {
		n.strange--
	}
	if n.shaking[device]--; n.shaking[device] == 0 {
		delete(n.shaking, device)
	}
}

// accept is the called side of a circuit. The relay said who calls: who else
// proves a key was connected by mistake, or by intent.
func (n *Node) accept(c *client.Client, relay short, in protocol.Incoming) (*mux.Link, error) {
	ctx, cancel := context.WithTimeout(n.ctx, n.opt.limits.handshake)
	defer cancel()
	conn, err := c.DialCircuit(ctx, in.Secret)
	if err != nil {
		return nil, err
	}
	proven, device, err := n.identity.Server(ctx, conn, in.From, secure.Limits{Within: n.opt.limits.handshake})
	if err != nil {
		return nil, err
	}
	room := n.enter(device)
	err = secure.Answer(proven, room, n.opt.limits.handshake)
	switch {
	case !room:
		_ = proven.Close()
		return nil, fmt.Errorf("too many links: %w", link.ErrRefused)
	case err != nil:
		n.leave(device)
		_ = proven.Close()
		return nil, err
	}
	return n.start(proven, device, relay, c, false, func() { n.leave(device) })
}

// enter counts an inbound link, leave one that ended.
func (n *Node) enter(device wire.DeviceID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.taken >= n.opt.limits.inbound || n.inbound[device] >= n.opt.limits.inboundOne {
		return false
	}
	n.taken++
	n.inbound[device]++
	return true
}

func (n *Node) leave(device wire.DeviceID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.taken--
	if n.inbound[device]--; n.inbound[device] == 0 {
		delete(n.inbound, device)
	}
}
