package room

import (
	"bytes"
	"slices"
	"time"

	"roundtable/backend/wire"
)

// Role of somebody in a call.
type Role uint8

// The roles.
const (
	Participant Role = iota
	Cohost
	Host
)

// Seen is one device as it is to be shown.
type Seen struct {
	Device      wire.DeviceID
	Member      Member
	Role        Role
	Shows       Shows // what it shows and may
	HandAt      int64
	Joined      int64
	StandsOther Standing
}

// Source is something that engines drop.
type Source struct {
	Device wire.DeviceID
	Shows  Shows // one bit
}

// View is everything about a call that follows from what was said.
type View struct {
	In, Lobby []Seen // the longest first
	Policy    Policy // zero while none is known
	// Mine is how this device stands.
	Mine      Standing
	Role      Role
	Shows     Shows
	Ended     bool
	Hub       Hub // whom we follow; Hub.Hub zero: a mesh
	Peers     []wire.DeviceID
	Silenced  []Source
	Reactions []Shown
}

// Shown is a reaction that is to be seen now.
type Shown struct {
	Device wire.DeviceID
	Reaction
}

// View gives what is to be shown and done now.
func (r *Room) View(now time.Time) View {
	if r.stale {
		r.settle(now)
	}
	v := View{Ended: r.held != nil && r.held.Ended, Shows: r.me.shows}
	if r.held != nil {
		v.Policy = *r.held.clone()
	}
	all := r.comings(now)
	head := r.head(all)
	for _, c := range all {
		s := r.seen(c, head)
		switch c.standing {
		case Inside:
			v.In = append(v.In, s)
			v.Silenced = append(v.Silenced, r.off(c)...)
		case Waiting:
			v.Lobby = append(v.Lobby, s)
		}
		if c.device == r.Self {
			v.Mine, v.Role = c.standing, s.Role
		}
	}
	if v.Mine == Inside {
		v.Hub = r.follows()
		v.Peers = r.partners(v.In, v.Hub)
	}
	v.Reactions = r.reactions(now)
	return v
}

// head is the person who is called host: the founder while it is here, else the co-host who
// has been in it longest.
func (r *Room) head(all []coming) wire.PersonID {
	founder := r.Start.Device
	if r.held != nil {
		founder = r.held.Founder
	}
	f, _ := r.Who(founder)
	var first wire.PersonID
	for _, c := range all {
		if c.standing != Inside || !r.authority(r.held, c.member) {
			continue
		}
		if c.member.Person == f.Person {
			return f.Person
		}
		if first == (wire.PersonID{}) {
			first = c.member.Person
		}
	}
	return first
}

func (r *Room) seen(c coming, head wire.PersonID) Seen {
	b := c.beat
	s := Seen{Device: c.device, Member: c.member, HandAt: b.HandAt, Joined: c.joined, Shows: b.Shows, StandsOther: c.standing}
	if c.device == r.Self {
		s.Shows, s.HandAt = r.me.shows, r.me.handAt
	}
	switch {
	case c.member.Person == head:
		s.Role = Host
	case r.authority(r.held, c.member):
		s.Role = Cohost
	}
	for _, o := range r.off(c) {
		s.Shows &^= o.Shows
	}
	if r.held != nil && c.device != r.Self && r.ordered(r.held, c.device, OrderLower) > b.HandSince {
		s.Shows &^= Hand
	}
	if s.Shows&Hand == 0 {
		s.HandAt = 0
	}
	return s
}

// off are the sources of a device that nobody shall hear or see.
func (r *Room) off(c coming) (out []Source) {
	if r.held == nil {
		return nil
	}
	mic, screen := c.beat.MicSince, c.beat.ScreenSince
	if c.device == r.Self {
		mic, screen = r.me.mic, r.me.screen
	}
	host := r.authority(r.held, c.member)
	if r.silenced(r.held, c.device, host, mic) {
		out = append(out, Source{c.device, Microphone})
	}
	if r.held.Rules&NoShare != 0 && !host || r.ordered(r.held, c.device, OrderStop) > screen {
		out = append(out, Source{c.device, Screen}, Source{c.device, ScreenSound})
	}
	return out
}

// partners are whom this device links with.
func (r *Room) partners(in []Seen, h Hub) (out []wire.DeviceID) {
	whole := h.Hub.IsZero() || r.hub.now.Hub == r.Self || r.hub.now.Standby == r.Self
	for _, s := range in {
		if s.Device != r.Self && (whole || s.Device == r.hub.now.Hub || s.Device == r.hub.now.Standby) {
			out = append(out, s.Device)
		}
	}
	slices.SortFunc(out, func(a, b wire.DeviceID) int { return bytes.Compare(a[:], b[:]) })
	return out
}

func (r *Room) reactions(now time.Time) (out []Shown) {
	for d, p := range r.peers {
		if p.react.At != 0 && now.Sub(p.reacted) < shownFor && r.present(now, p) {
			out = append(out, Shown{d, p.react})
		}
	}
	if r.me.react != nil && now.Sub(r.me.reacted) < shownFor && r.me.phase == In {
		out = append(out, Shown{r.Self, *r.me.react})
	}
	slices.SortFunc(out, func(a, b Shown) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return out
}

// Guests is the space by which guests come in, as the policy in force says; zero: nobody does.
func (r *Room) Guests() wire.SpaceID {
	if r.held == nil || r.held.Guests == nil {
		return wire.SpaceID{}
	}
	return *r.held.Guests
}

// Would tells how this device would stand if it came now.
func (r *Room) Would(now time.Time) Standing {
	if r.stale {
		r.settle(now)
	}
	s := r.standing(r.held, r.Self, now.UnixMilli())
	if s == Inside && r.me.phase != In && len(r.insiders(now)) >= MaxIn {
		return Full
	}
	return s
}
