package server

import (
	"bytes"

	"roundtable/backend/key"
	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

// Where the devices of other processes are. Server.mu guards all of it.

// peer is another process.
type peer struct {
	id     bus.Process
	silent int // beats of ours since it was heard
	seq    uint64
	level  bool // all of its devices are known as of seq
	asked  int  // beats of ours since its roster was asked for
	// While it is not level: moves that came meanwhile, and the pages of a roster.
	later  []*moves
	coming *coming
}

// coming is a roster of which some pages are here.
type coming struct {
	seq   uint64
	pages []*roster
	left  int
}

// maxLater bounds the moves that wait for a roster.
const maxLater = 256

// seat is a process's claim that a device is connected to it. A device that has
// come to another process, or that knows the relay under two names, has several:
// the newest stands first.
type seat struct {
	peer  *peer
	stamp uint64
	older *seat
}

// with adds a claim in its place.
func (c seat) with(p *peer, stamp uint64) seat {
	if newer(stamp, p.id, c.stamp, c.peer.id) {
		return seat{peer: p, stamp: stamp, older: &c}
	}
	next := seat{peer: p, stamp: stamp}
	if c.older != nil {
		next = c.older.with(p, stamp)
	}
	c.older = &next
	return c
}

// maxAhead bounds how far the stamps of others move ours: an hour of wrong clock.
const maxAhead = uint64(3600_000_000_000)

// doorOf digests the name under which a device dialled: at one name it has one
// connection, the newest; a device that was given two names has one at each.
func doorOf(host string) (out [8]byte) {
	sum := key.Hash("roundtable relay door v1", []byte(host))
	copy(out[:], sum[:])
	return out
}

// nextStamp is later than every stamp that was seen; mu is held.
func (cl *cluster) nextStamp() uint64 {
	cl.stamp = max(cl.stamp+1, uint64(cl.s.clock.Now().UnixNano()))
	return cl.stamp
}

func (cl *cluster) sawStamp(stamp uint64) {
	cl.stamp = max(cl.stamp, min(stamp, uint64(cl.s.clock.Now().UnixNano())+maxAhead))
}

// newer orders claims of one device.
func newer(stamp uint64, by bus.Process, than uint64, of bus.Process) bool {
	return stamp > than || stamp == than && bytes.Compare(by[:], of[:]) > 0
}

// claimed notes that a device is at a peer. It gives our own connection of it when
// that is an older one under the same name; mu is held.
func (cl *cluster) claimed(t engine.Tenant, d placed, p *peer) (outdated *conn) {
	cl.unclaim(t, d.Device, p)
	cl.sawStamp(d.Stamp)
	if cl.seats[t] == nil {
		cl.seats[t] = map[wire.DeviceID]seat{}
	}
	if first, there := cl.seats[t][d.Device]; there {
		cl.seats[t][d.Device] = first.with(p, d.Stamp)
	} else {
		cl.seats[t][d.Device] = seat{peer: p, stamp: d.Stamp}
	}
	cl.far++
	if local := cl.s.byTenant[t]; local != nil {
		if m := local.members[d.Device]; m != nil {
			if m.conn != nil && m.conn.door == d.Door && newer(d.Stamp, p.id, m.conn.stamp, cl.self) {
				outdated = m.conn
			}
			cl.s.settle(t, m)
		}
	}
	return outdated
}

// unclaim takes a claim back, if there is one; the caller settles. mu is held.
func (cl *cluster) unclaim(t engine.Tenant, d wire.DeviceID, p *peer) {
	first, there := cl.seats[t][d]
	if !there {
		return
	}
	kept := &first
	for at := &kept; *at != nil; at = &(*at).older {
		if (*at).peer == p {
			*at = (*at).older
			cl.far--
			break
		}
	}
	if kept != nil {
		cl.seats[t][d] = *kept
		return
	}
	delete(cl.seats[t], d)
	if len(cl.seats[t]) == 0 {
		delete(cl.seats, t)
	}
}

// unclaimed is unclaim for a device that may be watched here; mu is held.
func (cl *cluster) unclaimed(t engine.Tenant, d wire.DeviceID, p *peer) {
	cl.unclaim(t, d, p)
	if local := cl.s.byTenant[t]; local != nil {
		if m := local.members[d]; m != nil {
			cl.s.settle(t, m)
		}
	}
}

// seatOf is where a device is, of all other processes; mu is held.
func (cl *cluster) seatOf(t engine.Tenant, d wire.DeviceID) (at bus.Process, there bool) {
	c, there := cl.seats[t][d]
	if !there {
		return at, false
	}
	return c.peer.id, true
}

// ours reports whether a frame from another process is ours to deliver to a
// device that is connected here: unless it is there, too, or elsewhere since later. mu is held.
func (cl *cluster) ours(t engine.Tenant, c *conn, from bus.Process) bool {
	first, there := cl.seats[t][c.device]
	if !there {
		return true
	}
	for at := &first; at != nil; at = at.older {
		if at.peer.id == from {
			return false
		}
	}
	return !newer(first.stamp, first.peer.id, c.stamp, cl.self)
}

// peerOf finds a peer or makes it; nil when there are too many. mu is held.
func (cl *cluster) peerOf(id bus.Process) (p *peer, first bool) {
	if p = cl.peers[id]; p != nil || len(cl.peers) >= maxPeers {
		return p, false
	}
	p = &peer{id: id}
	cl.peers[id] = p
	return p, true
}

// drop forgets a process and all its devices; mu is held.
func (cl *cluster) drop(id bus.Process) {
	if p := cl.peers[id]; p != nil {
		cl.keepOnly(p, nil)
		delete(cl.peers, id)
	}
}

// keepOnly takes back the claims of a peer for devices that are not among some; mu is held.
func (cl *cluster) keepOnly(p *peer, some map[place]bool) {
	var gone []place
	for t, devices := range cl.seats {
		for d, first := range devices {
			for at := &first; at != nil; at = at.older {
				if at.peer == p && !some[place{t, d}] {
					gone = append(gone, place{t, d})
				}
			}
		}
	}
	for _, g := range gone {
		cl.unclaimed(g.tenant, g.device, p)
	}
}

// apply carries out what a peer told; it gives our connections that are outdated. mu is held.
func (cl *cluster) apply(p *peer, of []tenantMove) (outdated []*conn) {
	for _, t := range of {
		for _, d := range t.Here {
			if c := cl.claimed(t.Tenant, d, p); c != nil {
				outdated = append(outdated, c)
			}
		}
		for _, d := range t.Gone {
			cl.unclaimed(t.Tenant, d, p)
		}
	}
	return outdated
}
