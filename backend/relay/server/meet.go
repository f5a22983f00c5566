package server

import (
	"context"
	"slices"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// maxRemembered bounds whom a visitor may dial.
const maxRemembered = 4 * protocol.MaxHosts

// hostList answers who of a workspace is here, at any process, and may let people in.
func (c *conn) hostList(ctx context.Context, q protocol.Hosts) (*protocol.HostList, error) {
	r, err := c.mine(ctx, q.Workspace)
	if err != nil {
		return nil, err
	}
	out := &protocol.HostList{}
	r.mu.RLock()
	c.s.mu.RLock()
	c.s.eachPresent(c.tenant.id, r, func(d wire.DeviceID, rights protocol.Rights, here *conn, _ bus.Process) bool {
		if here != c && rights&protocol.RightAdd != 0 {
			out.Devices = append(out.Devices, d)
		}
		return len(out.Devices) < protocol.MaxHosts
	})
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

// eachPresent names the connected devices of an organisation that are on a list,
// each once, until visit says no: those here with their connection, others with
// the process where they are. Whichever is shorter is walked through; maps give it
// in any order, so that not everybody knocks at the same door. r.mu and Server.mu are held.
func (s *Server) eachPresent(id engine.Tenant, r *roll, visit func(wire.DeviceID, protocol.Rights, *conn, bus.Process) bool) {
	var members map[wire.DeviceID]*member
	if t := s.byTenant[id]; t != nil {
		members = t.members
	}
	seats := s.cluster.seats[id]
	if len(r.list.Rights) < len(members)+len(seats) {
		for d, rights := range r.list.Rights {
			if m := members[d]; m != nil && m.conn != nil {
				if !visit(d, rights, m.conn, bus.Process{}) {
					return
				}
			} else if at, there := seats[d]; there && !visit(d, rights, nil, at.peer.id) {
				return
			}
		}
		return
	}
	for d, m := range members {
		if rights, listed := r.list.Rights[d]; listed && m.conn != nil && !visit(d, rights, m.conn, bus.Process{}) {
			return
		}
	}
	for d, at := range seats {
		if m := members[d]; m != nil && m.conn != nil {
			continue
		}
		if rights, listed := r.list.Rights[d]; listed && !visit(d, rights, nil, at.peer.id) {
			return
		}
	}
}

// audience are the receivers of a frame: those here, and how many are at which
// other process.
type audience struct {
	here []*conn
	far  map[bus.Process]int
	n    int
}

func (a *audience) add(here *conn, elsewhere bus.Process) {
	a.n++
	if here != nil {
		a.here = append(a.here, here)
		return
	}
	if a.far == nil {
		a.far = map[bus.Process]int{}
	}
	a.far[elsewhere]++
}

// frame passes a frame on, now or never. With a space, both sides are on its
// list; without one, it goes to one device of the same organisation.
func (c *conn) frame(ctx context.Context, f protocol.Frame) error {
	if len(f.Bytes) > protocol.MaxFrame {
		return failed(protocol.CodeTooLarge)
	}
	var to audience
	if f.Space == (wire.SpaceID{}) {
		here, elsewhere := c.s.find(c.tenant.id, f.To)
		if here != nil && !here.isVisitor() || elsewhere != (bus.Process{}) {
			to.add(here, elsewhere)
		}
	} else {
		r, err := c.use(ctx, f.Space)
		if err != nil {
			return err
		}
		to = c.s.audience(c.tenant.id, r, f.To, c.device)
	}
	now, rate := c.s.clock.Now(), c.s.limits.FramesPerSecond
	c.mu.Lock()
	paid := c.frames.spare(now, float64(to.n), rate, max(rate, float64(c.s.limits.FrameFanout)))
	c.mu.Unlock()
	if !paid {
		c.s.meter.dropped.Add(to.n)
		return failed(protocol.CodeTooFast)
	}
	f.From = c.device
	c.s.deliver(f, to.here)
	for at, n := range to.far {
		if c.s.cluster.send(at, memo{Frame: &farFrame{Tenant: c.tenant.id, Frame: f, Most: uint32(n)}}) != nil {
			c.s.meter.dropped.Add(n)
		}
	}
	return nil
}

// audience are the connected devices on a list: one, or all but the sender up to a bound.
func (s *Server) audience(t engine.Tenant, r *roll, to, from wire.DeviceID) (out audience) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !to.IsZero() {
		here := s.connectedHere(t, to)
		elsewhere, there := s.cluster.seatOf(t, to)
		if r.list.Rights[to] != protocol.RightNone && to != from && (here != nil || there) {
			out.add(here, elsewhere)
		}
		return out
	}
	s.eachPresent(t, r, func(d wire.DeviceID, rights protocol.Rights, here *conn, elsewhere bus.Process) bool {
		if d != from && rights != protocol.RightNone {
			out.add(here, elsewhere)
		}
		return out.n < s.limits.FrameFanout
	})
	return out
}
