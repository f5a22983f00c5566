package room

import (
	"bytes"
	"slices"
	"time"

	"roundtable/backend/wire"
)

const (
	hubFrom = 5
	hubTo   = 3
	// hubAfter: whoever comes in has that long to say whom it does not reach.
	hubAfter = 1500 * time.Millisecond
	// MaxScore is the highest score that counts: what a device can do that is better still makes no difference.
	MaxScore = 1400
	// ahead bounds how far a term may grow at a time.
	ahead = 1000
)

// hubs is what this device knows of who forwards.
type hubs struct {
	now     Hub // that we follow; zero: a mesh
	highest uint32
	// turned: we hear nothing of the hub of this term and take its standby.
	turned  uint32
	silent  wire.DeviceID // the engine says that it hears nothing of this hub
	claimed time.Time     // when we made ourselves hub
	// many is since when we are enough for a hub and have none.
	many time.Time
}

// HubSilent is told by the engine: nothing is heard of this hub while the standby answers; zero: all is well.
func (r *Room) HubSilent(now time.Time, hub wire.DeviceID) {
	if r.hub.silent != hub {
		r.hub.silent = hub
		r.settle(now)
	}
}

// follows is what we say of the hub.
func (r *Room) follows() Hub {
	h := r.hub.now
	if r.hub.turned == h.Term && h.Term != 0 && h.Hub != r.Self && !h.Standby.IsZero() {
		h.Hub = h.Standby
	}
	return h
}

// claim finds the hub among those who say of themselves that they are it.
func (r *Room) claim(now time.Time, ins []coming) (best Hub) {
	var all []coming
	for _, c := range ins {
		h := r.saysOf(c)
		if h == nil || h.Term == 0 || h.Term > r.hub.highest+ahead {
			continue
		}
		r.hub.highest = max(r.hub.highest, h.Term)
		if h.Hub == c.device && !r.barred(c.device) {
			all = append(all, c)
		}
	}
	take := func(c coming) {
		if h := r.saysOf(c); h.Term > best.Term || h.Term == best.Term && bytes.Compare(h.Hub[:], best.Hub[:]) < 0 {
			best = *h
		}
	}
	for _, c := range all {
		if r.backed(now, c, ins) {
			take(c)
		}
	}
	if best.Term != 0 || r.hubbed(ins) {
		return best
	}
	// There is none yet, or none any more: the best by the scores that all say, or the second best, as
	// not everybody has heard the same.
	ranked := r.ranked(ins)
	ranked = ranked[:min(len(ranked), 2)]
	for _, c := range all {
		if c.device != r.Self && slices.Contains(ranked, c.device) {
			take(c)
		}
	}
	return best
}

func (r *Room) saysOf(c coming) *Hub {
	if c.device == r.Self {
		return &r.hub.now
	}
	return c.beat.Hub
}

// backed says whether a claim counts whoever else claims. Nobody becomes hub by saying so alone, least
// of all while there is one: it has to be the one that we follow, or its standby; or somebody of
// another person follows it, who goes by these rules too, as after a network was cut and is whole again.
func (r *Room) backed(now time.Time, c coming, ins []coming) bool {
	switch c.device {
	case r.Self: // whom nobody comes to gives it up
		return now.Sub(r.hub.claimed) < GoneAfter || r.followed(c, ins, true)
	case r.hub.now.Hub, r.hub.now.Standby:
		return true
	}
	return r.followed(c, ins, false)
}

// hubbed reports whether the hub that we follow is there.
func (r *Room) hubbed(ins []coming) bool {
	hub := r.hub.now.Hub
	return !hub.IsZero() && !r.barred(hub) && slices.ContainsFunc(ins, func(c coming) bool { return c.device == hub })
}

// followed reports whether somebody besides its own person says that it follows a device. Where only
// one person is in, with several devices, these are asked; and of ourselves they count.
func (r *Room) followed(hub coming, ins []coming, own bool) bool {
	own = own || !slices.ContainsFunc(ins, func(c coming) bool { return c.member.Person != hub.member.Person })
	return slices.ContainsFunc(ins, func(c coming) bool {
		return c.device != hub.device && c.device != r.Self && (own || c.member.Person != hub.member.Person) && c.beat.Hub != nil && c.beat.Hub.Hub == hub.device
	})
}

// barred reports whether a device is never hub: a host said so, or it is a guest's, through whose computer
// nobody else's words shall go.
func (r *Room) barred(device wire.DeviceID) bool {
	if m, ok := r.Who(device); ok && m.External {
		return true
	}
	return r.held != nil && slices.Contains(r.held.Barred, device)
}

// missed counts how many do not reach a device.
func (r *Room) missed(ins []coming) map[wire.DeviceID]int {
	out := map[wire.DeviceID]int{}
	for _, c := range ins {
		for _, d := range r.lostOf(c) {
			out[d]++
		}
	}
	return out
}

// ranked are the devices that could forward, best first: those that all reach, by score.
func (r *Room) ranked(ins []coming) []wire.DeviceID {
	missed := r.missed(ins)
	all := slices.DeleteFunc(slices.Clone(ins), func(c coming) bool { return r.barred(c.device) })
	slices.SortStableFunc(all, func(a, b coming) int {
		if x, y := missed[a.device], missed[b.device]; x != y {
			return x - y
		}
		if x, y := r.scoreOf(a), r.scoreOf(b); x != y {
			return int(y) - int(x)
		}
		return bytes.Compare(a.device[:], b.device[:])
	})
	out := make([]wire.DeviceID, 0, len(all))
	for _, c := range all {
		out = append(out, c.device)
	}
	return out
}

func (r *Room) lostOf(c coming) []wire.DeviceID {
	if c.device == r.Self {
		return r.me.lost
	}
	return c.beat.Lost
}

func (r *Room) scoreOf(c coming) uint16 {
	if c.device == r.Self {
		return r.me.score
	}
	return min(c.beat.Score, MaxScore)
}

// settleHub finds who forwards, and claims it when that is ours.
func (r *Room) settleHub(now time.Time) {
	ins := r.insiders(now)
	if !slices.ContainsFunc(ins, func(c coming) bool { return c.device == r.Self }) {
		r.hub.now = Hub{}
		return
	}
	before := r.follows()
	found := r.claim(now, ins)
	if r.hub.turned != 0 && found.Term > r.hub.turned {
		r.hub.turned = 0
	}
	if found.Term != 0 || len(ins) < hubFrom {
		r.hub.many = time.Time{}
	} else if r.hub.many.IsZero() {
		r.hub.many = now
	}
	ranked := r.ranked(ins)
	ours := len(ranked) > 0 && ranked[0] == r.Self
	switch {
	case found.Term == 0 && r.hub.now.Standby == r.Self && !r.hubbed(ins) && len(ins) >= hubFrom && len(ranked) > 0 && !r.barred(r.Self):
		r.claimHub(now, ins) // who has left, or was barred, names nobody any more
	case found.Term == 0:
		r.hub.now = Hub{}
		if !r.hub.many.IsZero() && now.Sub(r.hub.many) >= hubAfter && ours {
			r.claimHub(now, ins)
		}
	case found.Hub == r.Self && len(ins) <= hubTo:
		r.hub.now = Hub{}
	case found.Hub == r.Self:
		r.hub.now = found
		r.hub.now.Standby = r.second(ins, found.Standby)
	default:
		r.hub.now = found
		r.standIn(now, ins)
	}
	if r.follows() != before {
		r.dirty = true
	}
}

// standIn turns to the standby, or takes over when that is us.
func (r *Room) standIn(now time.Time, ins []coming) {
	h := r.hub.now
	silent := r.hub.silent == h.Hub
	if silent && !h.Standby.IsZero() {
		r.hub.turned = h.Term
	}
	if h.Standby != r.Self || r.barred(r.Self) {
		return
	}
	missed := r.missed(ins)
	turned := silent || missed[h.Hub] > missed[r.Self] || slices.ContainsFunc(ins, func(c coming) bool {
		return c.device != r.Self && c.beat.Hub != nil && c.beat.Hub.Term == h.Term && c.beat.Hub.Hub == r.Self
	})
	if turned {
		r.claimHub(now, slices.DeleteFunc(ins, func(c coming) bool { return c.device == h.Hub }))
	}
}

// claimHub makes us the hub of a new term.
func (r *Room) claimHub(now time.Time, ins []coming) {
	r.hub.highest++
	r.hub.claimed = now
	r.hub.now, r.hub.turned = Hub{Term: r.hub.highest, Hub: r.Self}, 0
	r.hub.now.Standby = r.second(ins, wire.DeviceID{})
}

// second is the standby: who it is now while it is there, else the best besides us.
func (r *Room) second(ins []coming, now wire.DeviceID) wire.DeviceID {
	var best wire.DeviceID
	for _, d := range r.ranked(ins) {
		if d == now && d != r.Self {
			return d
		}
		if best.IsZero() && d != r.Self {
			best = d
		}
	}
	return best
}
