package calls

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"roundtable/backend/calls/room"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// opening is the space of a meeting with guests, as its owner opened it.
type opening struct {
	meeting wire.SpaceID
	meetingOpened
	person wire.PersonID
}

// openings of a conversation, the first opened first. Only what an administrator of the space said
// counts: guests may write into it, too.
func (c *Calls) openings(ctx context.Context, where string, args ...any) ([]opening, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT space, person, conversation, call, planned FROM calls_opened WHERE `+where+` ORDER BY stamp, device, seq`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[wire.SpaceID]bool{}
	var out []opening
	for rows.Next() {
		var meeting, person, conversation, call, planned []byte
		if err := rows.Scan(&meeting, &person, &conversation, &call, &planned); err != nil {
			return nil, err
		}
		o := opening{meeting: wire.SpaceID(meeting), person: wire.PersonID(person),
			meetingOpened: meetingOpened{wire.SpaceID(conversation), wire.CallID(call), wire.EventID(planned)}}
		may := false
		_ = c.Log.View(o.meeting, func(s *space.State) {
			m, ok := s.Member(o.person)
			may = ok && m.Peak >= space.Admin && s.Kind == space.Meeting
		})
		if may && !seen[o.meeting] {
			seen[o.meeting] = true
			out = append(out, o)
		}
	}
	return out, rows.Err()
}

// conversationOf a meeting with guests; zero while that is not known.
func (c *Calls) conversationOf(meeting wire.SpaceID) wire.SpaceID {
	c.mu.Lock()
	id, known := c.opened[meeting]
	c.mu.Unlock()
	if known {
		return id
	}
	all, err := c.openings(context.Background(), `space = ?`, meeting[:])
	if err != nil || len(all) == 0 {
		return wire.SpaceID{}
	}
	c.mu.Lock()
	c.opened[meeting] = all[0].Conversation
	c.mu.Unlock()
	return all[0].Conversation
}

// openingOf finds the space of a call, or of a planned meeting, that we belong to.
func (c *Calls) openingOf(ctx context.Context, conversation wire.SpaceID, call wire.CallID, planned wire.EventID) (opening, bool) {
	all, err := c.openings(ctx, `conversation = ? AND (call = ? OR planned = ?)`, conversation[:], call[:], planned[:])
	if err != nil {
		c.Slog.Warn("look for the space of a meeting with guests", "err", err)
	}
	for _, o := range all {
		zero := o.Call.IsZero() && o.Planned.IsZero()
		if !zero && (o.Call == call && !call.IsZero() || o.Planned == planned && !planned.IsZero()) && c.roleIn(o.meeting) >= space.Member {
			return o, true
		}
	}
	return opening{}, false
}

// roleIn is our role in a space, 0 where we do not belong.
func (c *Calls) roleIn(id wire.SpaceID) (role space.Role) {
	_ = c.Log.View(id, func(s *space.State) {
		if m, ok := s.MemberOf(c.Log.Self()); ok {
			role = m.Role
		}
	})
	return role
}

// Over reports whether a meeting with guests has ended: its call has, or it was cancelled.
func (c *Calls) Over(ctx context.Context, meeting wire.SpaceID) bool {
	if c.roleIn(meeting) == 0 {
		return false
	}
	all, err := c.openings(ctx, `space = ?`, meeting[:])
	return err == nil && len(all) > 0 && c.isOverFor(ctx, all[0])
}

func (c *Calls) isOverFor(ctx context.Context, o opening) bool {
	c.mu.Lock()
	for _, l := range c.rooms {
		mine := l.room.ID == o.Call || !o.Planned.IsZero() && l.room.Start.Planned == o.Planned
		if _, anybody := l.room.Silent(c.Clock.Now()); mine && anybody && !l.isOver() && !l.room.View(c.Clock.Now()).Ended {
			c.mu.Unlock()
			return false
		}
	}
	c.mu.Unlock()
	var ended bool
	err := c.DB.Read().QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM calls_ended WHERE space = ?1 AND call = ?2)
		OR EXISTS(SELECT 1 FROM calls_started s JOIN calls_ended e USING(space, call) WHERE s.space = ?1 AND s.planned = ?3 AND ?3 <> zeroblob(32))`,
		o.Conversation[:], o.Call[:], o.Planned[:]).Scan(&ended)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		c.Slog.Warn("ask whether a meeting with guests is over", "err", err)
		return false
	}
	if ended || o.Planned.IsZero() {
		return ended
	}
	planned, err := c.meetings(ctx, wire.SpaceID{}, o.Planned)
	return err == nil && len(planned) == 0 // cancelled
}

// keepGuests tends the space of the call that we are in: who decides lets guests come by it, who is in the
// call comes into it, whom a host removed goes.
func (c *Calls) keepGuests(ctx context.Context) {
	c.shutDue(ctx)
	c.mu.Lock()
	m := c.mine
	if m == nil || m.over() || m.outside || m.pair || !m.let {
		c.mu.Unlock()
		return
	}
	v := m.room.View(c.Clock.Now())
	named, g, start := m.room.Guests(), c.guestSpace(m.live), m.room.Start
	c.mu.Unlock()
	if v.Role != room.Participant && named.IsZero() {
		o, ok := c.openingOf(ctx, m.room.Space, m.id, start.Planned)
		if ok && c.mayOpen(ctx, o, v) {
			_ = c.Control(m.id, room.Deed{Guests: o.meeting})
		}
		return
	}
	if g.IsZero() || !c.tends(g, v) {
		return
	}
	if ops := append(c.missing(m.room.Space, g, v, start), c.leaving(m, g, v)...); len(ops) > 0 {
		if err := c.Log.Change(ctx, g, ops...); err != nil && ctx.Err() == nil {
			c.Slog.Warn("tend the space of a meeting with guests", "err", err)
		}
	}
}

// mayOpen reports whether whoever opened a meeting for guests may: a host, who planned it, everybody where a host said so.
func (c *Calls) mayOpen(ctx context.Context, o opening, v room.View) bool {
	if o.person == c.Me.Person || v.Policy.Rules&room.AnyInvites != 0 {
		return true
	}
	if slices.ContainsFunc(v.In, func(s room.Seen) bool { return s.Member.Person == o.person && s.Role != room.Participant }) {
		return true
	}
	if o.Planned.IsZero() {
		return false
	}
	planned, err := c.meetings(ctx, wire.SpaceID{}, o.Planned)
	return err == nil && len(planned) > 0 && c.mayCancel(planned[0], o.person)
}

// tends reports whether it is on us to keep the space: on who has been in the call longest of those who may.
func (c *Calls) tends(g wire.SpaceID, v room.View) (ours bool) {
	_ = c.Log.View(g, func(s *space.State) {
		for _, x := range v.In {
			if m, in := s.MemberOf(x.Device); in && m.Role >= space.Admin {
				ours = x.Device == c.Log.Self()
				return
			}
		}
	})
	return ours
}

// missing are the admissions of who is in the call and not in its space, and of who began it and who leads it: guests
// could not tell else what hosts may.
func (c *Calls) missing(conversation, g wire.SpaceID, v room.View, start room.Start) (ops []space.Op) {
	wanted := []wire.DeviceID{start.Device, v.Policy.Founder}
	for _, x := range v.In {
		wanted = append(wanted, x.Device)
	}
	for _, add := range c.admissions(conversation, wanted) {
		known := false
		_ = c.Log.View(g, func(s *space.State) { _, known = s.Member(add.Party.Person) })
		if !known {
			ops = append(ops, space.Op{Add: &add})
		}
	}
	return ops
}

// admissions of the members of a conversation behind some devices, ourselves left out.
func (c *Calls) admissions(conversation wire.SpaceID, devices []wire.DeviceID) (out []space.Add) {
	for _, device := range devices {
		who, ok := c.who(conversation, device)
		if !ok || who.Person == c.Me.Person || slices.ContainsFunc(out, func(a space.Add) bool { return a.Party.Person == who.Person }) {
			continue
		}
		role := space.Admin
		if who.External {
			role = space.Guest
		}
		_ = c.Log.View(conversation, func(s *space.State) {
			m, _ := s.Member(who.Person)
			out = append(out, space.Add{Party: space.Party{Person: who.Person, Certificates: m.Certificates}, Role: role})
		})
	}
	return out
}

// leaving are the removals of guests whom a host removed from the call. They hear of it from the host first, or they
// would take it for the end of the meeting: they go when they say that they are out, or when they had goneWithin to say it.
func (c *Calls) leaving(m *mine, g wire.SpaceID, v room.View) (ops []space.Op) {
	c.mu.Lock()
	now := c.Clock.Now()
	lingers := map[wire.PersonID]bool{}
	for _, person := range v.Policy.Removed {
		lingers[person] = m.room.Lingers(now, person)
	}
	c.mu.Unlock()
	_ = c.Log.View(g, func(s *space.State) {
		for _, person := range v.Policy.Removed {
			if x, ok := s.Member(person); ok && x.Active && x.Role == space.Guest {
				if m.removals == nil {
					m.removals = map[wire.PersonID]time.Time{}
				}
				since, seen := m.removals[person]
				if !seen {
					since, m.removals[person] = now, now
				}
				if !lingers[person] || now.Sub(since).Abs() >= goneWithin { // a clock may be set
					ops = append(ops, space.Op{Remove: &space.Remove{Person: person}})
				}
			}
		}
	})
	return ops
}

// shut ends what lets guests into a meeting that is over: its links and their membership.
func (c *Calls) shut(ctx context.Context, meeting wire.SpaceID) {
	var ops []space.Op
	_ = c.Log.View(meeting, func(s *space.State) {
		us, ok := s.MemberOf(c.Log.Self())
		if !ok || us.Role < space.Admin {
			return
		}
		for _, i := range s.Invitations() {
			if !i.Revoked {
				ops = append(ops, space.Op{Revoke: &space.Revoke{ID: i.ID}})
			}
		}
		for _, m := range s.Members() {
			if m.Active && m.Role == space.Guest {
				ops = append(ops, space.Op{Remove: &space.Remove{Person: m.Person}})
			}
		}
	})
	if len(ops) == 0 {
		return
	}
	if err := c.Log.Change(ctx, meeting, ops...); err != nil && ctx.Err() == nil {
		c.Slog.Warn("turn the guests of a meeting out", "err", err)
	}
}

// shutOf shuts the space of a call that we wrote the end of.
func (c *Calls) shutOf(ctx context.Context, conversation wire.SpaceID, call wire.CallID, planned wire.EventID) {
	if o, ok := c.openingOf(ctx, conversation, call, planned); ok {
		c.shut(ctx, o.meeting)
	}
}

// shutSoon notes that the space of a meeting has to be shut, should who has to do it first not be able to.
func (c *Calls) shutSoon(ctx context.Context, where string, args ...any) {
	all, err := c.openings(ctx, where, args...)
	if err != nil {
		c.Slog.Warn("look for meetings with guests", "err", err)
		return
	}
	for _, o := range all {
		if c.roleIn(o.meeting) >= space.Admin && c.isOverFor(ctx, o) {
			c.mu.Lock()
			if _, noted := c.shutting[o.meeting]; !noted {
				c.shutting[o.meeting] = c.Clock.Now().Add(shutAfter)
			}
			c.mu.Unlock()
		}
	}
}

func (c *Calls) shutDue(ctx context.Context) {
	c.mu.Lock()
	var due []wire.SpaceID
	for id, at := range c.shutting {
		if !c.Clock.Now().Before(at) {
			due = append(due, id)
			c.shutting[id] = c.Clock.Now().Add(24 * time.Hour)
		}
	}
	c.mu.Unlock()
	for _, id := range due {
		c.shut(ctx, id)
	}
}
