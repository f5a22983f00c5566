package room

import (
	"slices"
	"time"

	"roundtable/backend/wire"
)

// Deed of a host. One of its fields is set.
type Deed struct {
	Rules *Switches
	// Devices.
	Mute, Remove, Admit, Deny, Stop, Lower wire.DeviceID
	MakeCohost, UnmakeCohost               wire.DeviceID
	MuteAll, AdmitAll, End                 bool
}

// Switches is what a host sets at once.
type Switches struct{ Locked, Lobby, MuteOnEntry, MayUnmute, MayShare bool }

// Do has a host's deed done. Errors: ErrForbidden when we are none, ErrNobody.
func (r *Room) Do(now time.Time, d Deed) error {
	r.settle(now)
	if r.held == nil || !r.weLead() || r.Pair && !d.End {
		return ErrForbidden
	}
	q := r.held.clone()
	q.Counter, q.Author = r.held.Counter+1, r.Self
	if err := r.change(now, q, d); err != nil {
		return err
	}
	r.trim(now, q)
	r.hold(q)
	r.settle(now)
	return nil
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
	for bit, on := range map[Rules]bool{Locked: s.Locked, Lobby: s.Lobby, MuteOnEntry: s.MuteOnEntry, NoShare: !s.MayShare} {
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
	if s.MayUnmute {
		q.NoUnmute = 0
	} else if q.NoUnmute == 0 {
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
}

func last[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }
