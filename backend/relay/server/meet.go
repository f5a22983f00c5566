package server

import (
	"context"
	"slices"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// maxRemembered bounds whom a visitor may dial.
const maxRemembered = 4 * protocol.MaxHosts

// hostList answers who of a workspace is here and may let people in.
func (c *conn) hostList(ctx context.Context, q protocol.Hosts) (*protocol.HostList, error) {
	r, err := c.mine(ctx, q.Workspace)
	if err != nil {
		return nil, err
	}
	out := &protocol.HostList{}
	r.mu.RLock()
	c.s.mu.RLock()
	// Whichever is shorter is walked through; maps give it in any order, so that
	// not everybody knocks at the same door.
	if len(r.list.Rights) < len(c.tenant.members) {
		for d, rights := range r.list.Rights {
			if m := c.tenant.members[d]; m != nil && c.mayHost(m, rights) {
				if out.Devices = append(out.Devices, d); len(out.Devices) == protocol.MaxHosts {
					break
				}
			}
		}
	} else {
		for d, m := range c.tenant.members {
			if c.mayHost(m, r.list.Rights[d]) {
				if out.Devices = append(out.Devices, d); len(out.Devices) == protocol.MaxHosts {
					break
				}
			}
		}
	}
	c.s.mu.RUnlock()
	r.mu.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range out.Devices {
		if !slices.Contains(c.hosts, d) {
			c.hosts = append(c.hosts, d)
		}
	}
	c.hosts = c.hosts[max(0, len(c.hosts)-maxRemembered):]
	return out, nil
}

func (c *conn) mayHost(m *member, rights protocol.Rights) bool {
	return m.conn != nil && m.conn != c && rights&protocol.RightAdd != 0
}

// frame passes a frame on, now or never. With a space, both sides are on its
// list; without one, it goes to one device of the same organisation.
func (c *conn) frame(ctx context.Context, f protocol.Frame) error {
	if len(f.Bytes) > protocol.MaxFrame {
		return failed(protocol.CodeTooLarge)
	}
	var receivers []*conn
	if f.Space == (wire.SpaceID{}) {
		if to := c.s.connected(c.tenant.id, f.To); to != nil && !to.isVisitor() {
			receivers = []*conn{to}
		}
	} else {
		r, err := c.use(ctx, f.Space)
		if err != nil {
			return err
		}
		receivers = c.receivers(r, f.To)
	}
	now, rate := c.s.clock.Now(), c.s.limits.FramesPerSecond
	c.mu.Lock()
	paid := c.frames.spare(now, float64(len(receivers)), rate, max(rate, float64(c.s.limits.FrameFanout)))
	c.mu.Unlock()
	if !paid {
		c.s.meter.dropped.Add(len(receivers))
		return failed(protocol.CodeTooFast)
	}
	f.From = c.device
	bytes := c.encoded(0, protocol.Message{Frame: &f})
	for _, to := range receivers {
		to.send(item{frame: bytes}, soft)
	}
	c.s.meter.frames.Add(len(receivers))
	return nil
}

// receivers are the connected devices on a list: one, or all but the sender up to a bound.
func (c *conn) receivers(r *roll, to wire.DeviceID) (out []*conn) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c.s.mu.RLock()
	defer c.s.mu.RUnlock()
	add := func(d wire.DeviceID, rights protocol.Rights) {
		if m := c.tenant.members[d]; m != nil && m.conn != nil && m.conn != c && rights != protocol.RightNone && len(out) < c.s.limits.FrameFanout {
			out = append(out, m.conn)
		}
	}
	switch {
	case !to.IsZero():
		add(to, r.list.Rights[to])
	case len(r.list.Rights) < len(c.tenant.members):
		for d, rights := range r.list.Rights {
			add(d, rights)
		}
	default:
		for d := range c.tenant.members {
			add(d, r.list.Rights[d])
		}
	}
	return out
}
