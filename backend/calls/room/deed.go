package room

import (
	"encoding/binary"
	"slices"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Deed of a host. One of its fields is set.
type Deed struct {
	Rules *Switches
	// Devices.
	Mute, Remove, Admit, Deny, Stop, Lower wire.DeviceID
	MakeCohost, UnmakeCohost               wire.DeviceID
	// Bar has a device never be hub again in this call.
	Bar                    wire.DeviceID
	MuteAll, AdmitAll, End bool
	// Guests may come by this space.
	Guests wire.SpaceID
}

// Switches is what a host sets at once.
type Switches struct{ Locked, Lobby, MuteOnEntry, MayUnmute, MayShare, AnyInvites bool }

// Do has a host's deed done. Errors: ErrForbidden when we are none, ErrNobody.
func (r *Room) Do(now time.Time, d Deed) error {
	r.settle(now)
	if r.held == nil || !r.weLead() || r.Pair && !d.End {
		return ErrForbidden
	}
	was := r.held
	q := was.clone()
	q.Counter, q.Author = was.Counter+1, r.Self
	if err := r.change(now, q, d); err != nil {
		return err
	}
	made := done{name: r.deedName(q), at: now, again: r.repeat(d, was, q)}
	q.Made = append(q.Made, made.name)
	r.me.done = last(append(r.me.done, made), maxMade/2)
	r.trim(now, q)
	r.hold(q)
	r.settle(now)
	return nil
}

// redoFor is how long a deed is looked after: by then every other host has heard of it.
const redoFor = 30 * time.Second

// done is a deed of ours.
type done struct {
	name  uint64
	at    time.Time
	again func(now time.Time, q *Policy) error
}

// deedName is the name of a deed in Policy.Made.
func (r *Room) deedName(q *Policy) uint64 {
	sum := key.Hash("roundtable call deed v1", r.ID[:], q.Author[:], binary.BigEndian.AppendUint32(nil, q.Counter), q.Founder[:])
	return binary.BigEndian.Uint64(sum[:])
}

// repeat says how a deed is done again on top of what another host decided at the same moment: of
// switches and people only what it changed, so that the other's decision stands beside it.
func (r *Room) repeat(d Deed, was, is *Policy) func(time.Time, *Policy) error {
	if d.Rules == nil && !d.AdmitAll {
		return func(now time.Time, q *Policy) error { return r.change(now, q, d) }
	}
	flipped, on := was.Rules^is.Rules, is.Rules
	unmute := (was.NoUnmute == 0) != (is.NoUnmute == 0)
	var let []wire.PersonID
	for _, p := range is.Admitted {
		if !slices.Contains(was.Admitted, p) {
			let = append(let, p)
		}
	}
	return func(_ time.Time, q *Policy) error {
		q.Rules = q.Rules&^flipped | on&flipped
		if unmute {
			q.forbidUnmuting(is.NoUnmute != 0)
		}
		for _, p := range let {
			if !slices.Contains(q.Removed, p) {
				q.admit(p)
			}
		}
		return nil
	}
}

// redo does what we decided again where it was lost: another host decided at the same moment, and
// theirs came to count. Whoever decides knowing of ours has it in Made, also when it takes it back.
func (r *Room) redo(now time.Time) {
	r.me.done = slices.DeleteFunc(r.me.done, func(d done) bool { return now.Sub(d.at) > redoFor || now.Before(d.at) })
	if len(r.me.done) == 0 || r.held == nil || !r.weLead() {
		return
	}
	q := r.held.clone()
	q.Counter, q.Author = r.held.Counter+1, r.Self
	again := false
	r.me.done = slices.DeleteFunc(r.me.done, func(d done) bool {
		if slices.Contains(r.held.Made, d.name) {
			return false
		}
		if d.again(now, q) != nil {
			return true // whom it was about is gone, or may not be touched any more
		}
		q.Made, again = append(q.Made, d.name), true
		return false
	})
	if again {
		r.trim(now, q)
		r.hold(q)
	}
}

// change writes a deed into a policy.
func (r *Room) change(now time.Time, q *Policy, d Deed) error {
	switch {
	case d.Rules != nil:
		r.switches(now, q, *d.Rules)
		return nil
	case d.MuteAll:
		q.MuteAll = q.Counter
		return nil
	case d.AdmitAll:
		for _, c := range r.comings(now) {
			if c.standing == Waiting {
				q.admit(c.member.Person)
			}
		}
		return nil
	case d.End:
		q.Ended = true
		return nil
	case !d.Guests.IsZero():
		q.Guests = &d.Guests
		return nil
	}
	for _, to := range []struct {
		device wire.DeviceID
		do     func(coming) error
	}{
		{d.Mute, func(c coming) error { q.order(c.device, OrderMute); return nil }},
		{d.Stop, func(c coming) error { q.order(c.device, OrderStop); return nil }},
		{d.Lower, func(c coming) error { q.order(c.device, OrderLower); return nil }},
		{d.Remove, func(c coming) error { return r.remove(q, c) }},
		{d.Admit, func(c coming) error { q.admit(c.member.Person); return nil }},
		{d.Deny, func(c coming) error {
			q.Denied = append(q.Denied, Attempt{Device: c.device, Joined: c.joined})
			return nil
		}},
		{d.Bar, func(c coming) error {
			q.Barred = append(slices.DeleteFunc(q.Barred, func(d wire.DeviceID) bool { return d == c.device }), c.device)
			return nil
		}},
		{d.MakeCohost, func(c coming) error { return r.cohost(q, c, true) }},
		{d.UnmakeCohost, func(c coming) error { return r.cohost(q, c, false) }},
	} {
		if to.device.IsZero() {
			continue
		}
		all := r.comings(now)
		i := slices.IndexFunc(all, func(c coming) bool { return c.device == to.device })
		if i < 0 {
			return ErrNobody
		}
		return to.do(all[i])
	}
	return ErrNobody
}

func (r *Room) switches(now time.Time, q *Policy, s Switches) {
	was := q.Rules
	q.Rules = 0
	for bit, on := range map[Rules]bool{Locked: s.Locked, Lobby: s.Lobby, MuteOnEntry: s.MuteOnEntry, NoShare: !s.MayShare, AnyInvites: s.AnyInvites} {
		if on {
			q.Rules |= bit
		}
	}
	if (q.Rules&^was)&(Locked|Lobby) != 0 {
		// Who is in stays in, and may come back when its network fails.
		for _, c := range r.insiders(now) {
			q.admit(c.member.Person)
		}
	}
	q.forbidUnmuting(!s.MayUnmute)
}

func (q *Policy) forbidUnmuting(on bool) {
	switch {
	case !on:
		q.NoUnmute = 0
	case q.NoUnmute == 0:
		q.NoUnmute = q.Counter
	}
}

func (q *Policy) admit(person wire.PersonID) {
	if !slices.Contains(q.Admitted, person) {
		q.Admitted = append(q.Admitted, person)
	}
}

func (q *Policy) order(device wire.DeviceID, what uint8) {
	q.Orders = slices.DeleteFunc(q.Orders, func(o Order) bool { return o.Device == device && o.What == what })
	q.Orders = append(q.Orders, Order{Device: device, What: what, At: q.Counter})
}

// founds reports whether we are of the founder's person: only it names co-hosts.
func (r *Room) founds(q *Policy) bool {
	us, _ := r.Who(r.Self)
	f, ok := r.Who(q.Founder)
	return ok && f.Person == us.Person
}

func (r *Room) remove(q *Policy, c coming) error {
	if f, ok := r.Who(q.Founder); ok && f.Person == c.member.Person {
		return ErrForbidden
	}
	if slices.Contains(r.cohosts(q), c.member.Person) {
		if !r.founds(q) {
			return ErrForbidden
		}
		r.grant(q, without(r.cohosts(q), c.member.Person))
	}
	q.Admitted = without(q.Admitted, c.member.Person)
	if !slices.Contains(q.Removed, c.member.Person) {
		q.Removed = append(q.Removed, c.member.Person)
	}
	return nil
}

func (r *Room) cohost(q *Policy, c coming, make bool) error {
	f, _ := r.Who(q.Founder)
	if !r.founds(q) || c.member.Person == f.Person || c.standing != Inside {
		return ErrForbidden
	}
	people := without(r.cohosts(q), c.member.Person)
	if make {
		if len(people) >= maxCohosts {
			return ErrForbidden
		}
		people = append(people, c.member.Person)
	}
	r.grant(q, people)
	return nil
}

func without(people []wire.PersonID, person wire.PersonID) []wire.PersonID {
	return slices.DeleteFunc(slices.Clone(people), func(p wire.PersonID) bool { return p == person })
}

// trim keeps a policy within its bounds: what concerns nobody here goes first, then what is oldest.
func (r *Room) trim(now time.Time, q *Policy) {
	here := map[wire.DeviceID]bool{}
	for _, c := range r.comings(now) {
		here[c.device] = true
	}
	if len(q.Orders) > maxOrders {
		q.Orders = slices.DeleteFunc(q.Orders, func(o Order) bool { return !here[o.Device] })
	}
	q.Orders = last(q.Orders, maxOrders)
	q.Denied = last(q.Denied, maxDenied)
	q.Admitted = last(q.Admitted, maxPeople)
	q.Removed = last(q.Removed, maxPeople)
	q.Made, q.Barred = last(q.Made, maxMade), last(q.Barred, maxBarred)
}

func last[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }
