package room

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"roundtable/backend/wire"
)

// Member is who holds a device.
type Member struct {
	Person wire.PersonID
	// External: a guest. The lobby is for them, and they succeed no host.
	External bool
}

// World is what a room asks about what lies outside it. Nothing in it may block.
type World struct {
	Self wire.DeviceID
	// Who tells the present member behind a device.
	Who func(wire.DeviceID) (Member, bool)
	// Sign and Verify are over the grants of co-hosts.
	Sign   func(message []byte) []byte
	Verify func(device wire.DeviceID, message, signature []byte) bool
	// Pair: a conversation of two. It has no lobby.
	Pair bool
}

// Room is one call. It is not safe for several goroutines: whoever owns it locks.
type Room struct {
	World
	ID    wire.CallID
	Space wire.SpaceID
	Start Start

	peers map[wire.DeviceID]*peer
	me    me
	held  *Policy // in force, nil before the first
	// lines are the latest policies of each founder that were seen, so that whoever
	// comes back goes on where it stopped.
	lines  map[wire.DeviceID]*Policy
	grants map[wire.DeviceID]*Grant // the latest of each founder
	hub    hubs
	// cut is when we last were alone, or slept; back when we first heard somebody after it.
	cut, back, ticked time.Time
	behind            time.Time // since when others follow a later policy than we say
	// dirty: something to say at once. stale: something was heard since the last settle.
	dirty, stale bool
}

// peer is what a device said last.
type peer struct {
	beat   Beat
	heard  time.Time
	joined int64 // when it came in, as it said
	// led is the last policy of its own line that it said.
	led *Policy
	// came is when we first heard that it was in, in its present coming.
	came  time.Time
	react Reaction
	// reacted is when a reaction was taken in, by our clock.
	reacted time.Time
}

// New makes the room of a call.
func New(w World, space wire.SpaceID, start Start) *Room {
	return &Room{World: w, ID: start.ID(space), Space: space, Start: start, peers: map[wire.DeviceID]*peer{}, lines: map[wire.DeviceID]*Policy{},
		grants: map[wire.DeviceID]*Grant{}}
}

// Hear takes the beat of another device, whose signature was checked. Errors: ErrBeat
// for what is replayed, forged, or of somebody who is no member.
func (r *Room) Hear(now time.Time, from wire.DeviceID, b Beat) error {
	if b.Start != r.Start || from == r.Self {
		return fmt.Errorf("another call: %w", ErrBeat)
	}
	if _, ok := r.Who(from); !ok {
		return fmt.Errorf("no member: %w", ErrBeat)
	}
	p := r.peers[from]
	if p == nil {
		if len(r.peers) >= MaxPeers && !r.evict(now) {
			return fmt.Errorf("too many: %w", ErrBeat)
		}
		p = &peer{}
		r.peers[from] = p
	}
	if b.Sent <= p.beat.Sent {
		return fmt.Errorf("replayed: %w", ErrBeat)
	}
	if b.Phase == In {
		// Who claims to have been here earlier than it said wants to be host.
		if b.Joined < p.joined {
			return fmt.Errorf("joined earlier than it said: %w", ErrBeat)
		}
		if b.Joined != p.joined {
			p.joined, p.came = b.Joined, now
		}
	}
	if b.Policy != nil && !r.signed(b.Policy) || b.Follows != nil && !r.granted(b.Follows.Founder, b.Follows.Grant) {
		return fmt.Errorf("policy: %w", ErrBeat)
	}
	p.take(now, b)
	r.farewell(from, b)
	r.stale = true // what follows from it is worked out for many beats together
	return nil
}

// evict forgets the device that has been silent longest.
func (r *Room) evict(now time.Time) bool {
	var oldest wire.DeviceID
	at := now.Add(-GoneAfter)
	for d, p := range r.peers {
		if p.heard.Before(at) {
			oldest, at = d, p.heard
		}
	}
	delete(r.peers, oldest)
	return !oldest.IsZero()
}

func (p *peer) take(now time.Time, b Beat) {
	p.beat, p.heard = b, now
	if b.Policy != nil && b.Policy.Since == p.joined {
		p.led = b.Policy
	}
	if b.Reaction != nil && b.Reaction.At != p.react.At && now.Sub(p.reacted) >= reactEvery/2 {
		p.react, p.reacted = *b.Reaction, now
	}
}

// Tick lets time pass: who is silent for too long is gone. It is called every second at least.
func (r *Room) Tick(now time.Time) {
	if !r.ticked.IsZero() && now.Sub(r.ticked) >= GoneAfter {
		r.cut = now // this computer slept: for the others we were gone
		r.back = time.Time{}
	}
	r.ticked = now
	r.settle(now)
}

// present reports whether a device is heard and says that it is in.
func (r *Room) present(now time.Time, p *peer) bool {
	return p.beat.Phase == In && now.Sub(p.heard) < GoneAfter
}

// settle works out everything that follows from what was said.
func (r *Room) settle(now time.Time) {
	r.stale = false
	r.notice(now)
	r.settlePolicy(now)
	r.obey(now)
	r.settleHub(now)
}

// notice keeps track of when we were cut off from everybody.
func (r *Room) notice(now time.Time) {
	alone := true
	for _, p := range r.peers {
		alone = alone && !r.present(now, p)
	}
	switch {
	case r.me.phase != In:
		r.cut, r.back = time.Time{}, time.Time{}
	case alone:
		r.cut, r.back = now, time.Time{}
	case !r.cut.IsZero() && r.back.IsZero():
		r.back = now
	}
}

// Standing of a device.
type Standing uint8

// Standings, worst first.
const (
	Absent Standing = iota
	Removed
	Denied
	Refused // the call is locked
	Full
	Waiting // in the lobby
	Inside
)

// standing of somebody who says that it is in, by a policy.
func (r *Room) standing(q *Policy, device wire.DeviceID, joined int64) Standing {
	m, ok := r.Who(device)
	switch {
	case !ok:
		return Absent
	case r.Pair:
		return Inside
	case q != nil && slices.Contains(q.Removed, m.Person):
		return Removed
	case r.authority(q, m):
		return Inside
	case q != nil && slices.ContainsFunc(q.Denied, func(a Attempt) bool { return a.Device == device && a.Joined == joined }):
		return Denied
	case q != nil && slices.Contains(q.Admitted, m.Person):
		return Inside
	case q != nil && q.Rules&Locked != 0:
		return Refused
	case m.External || q != nil && q.Rules&Lobby != 0:
		return Waiting
	}
	return Inside
}

// coming is a device that says that it is in.
type coming struct {
	device   wire.DeviceID
	member   Member
	beat     *Beat
	joined   int64
	standing Standing
}

// comings are all devices that say that they are in, the longest first; beyond MaxIn they
// are turned away.
func (r *Room) comings(now time.Time) []coming {
	out := make([]coming, 0, len(r.peers)+1)
	add := func(device wire.DeviceID, b *Beat, joined int64) {
		m, _ := r.Who(device)
		out = append(out, coming{device, m, b, joined, r.standing(r.held, device, joined)})
	}
	for device, p := range r.peers {
		if r.present(now, p) {
			add(device, &p.beat, p.joined)
		}
	}
	if r.me.phase == In {
		add(r.Self, &r.me.said, r.me.joined)
	}
	slices.SortFunc(out, func(a, b coming) int {
		if a.joined != b.joined {
			return compare(a.joined, b.joined)
		}
		return bytes.Compare(a.device[:], b.device[:])
	})
	n := 0
	for i := range out {
		if out[i].standing == Inside {
			if n++; n > MaxIn {
				out[i].standing = Full
			}
		}
	}
	return out
}

func compare(a, b int64) int {
	if a < b {
		return -1
	}
	return 1
}

// insiders are the devices that are in.
func (r *Room) insiders(now time.Time) []coming {
	return slices.DeleteFunc(r.comings(now), func(c coming) bool { return c.standing != Inside })
}

// Silent is when somebody was last heard who was in.
func (r *Room) Silent(now time.Time) (last time.Time, anybody bool) {
	for _, p := range r.peers {
		if p.beat.Phase == In && p.heard.After(last) {
			last = p.heard
		}
		anybody = anybody || r.present(now, p)
	}
	return last, anybody || r.me.phase == In
}

// LastWord reports whether nobody was heard after this device spoke last. Guests do not count: they
// are not asked what became of a call.
func (r *Room) LastWord() bool {
	for d, p := range r.peers {
		if who, ok := r.Who(d); ok && who.External {
			continue
		}
		if p.beat.Phase != Declined && p.beat.Sent > r.me.said.Sent {
			return false
		}
	}
	return true
}

// Lingers reports whether a device of somebody's says that it is in, whatever its standing.
func (r *Room) Lingers(now time.Time, person wire.PersonID) bool {
	for device, p := range r.peers {
		if who, ok := r.Who(device); ok && who.Person == person && r.present(now, p) {
			return true
		}
	}
	return false
}

// Each calls f for every device that was heard of.
func (r *Room) Each(f func(device wire.DeviceID, said Beat)) {
	for d, p := range r.peers {
		f(d, p.beat)
	}
}
