package calls

import (
	"context"
	"time"

	"roundtable/backend/calls/room"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// maxForeseen is how many members of a conversation may begin a planned meeting with guests: they are
// let into its space before it begins. In a larger one only who planned it is, and has to come.
const maxForeseen = 50

// guestsOf is a meeting for which links are asked: a call that we are in, or a planned one.
type guestsOf struct {
	conversation wire.SpaceID
	call         wire.CallID
	planned      wire.EventID
	title        string
	may          bool // make links
	view         room.View
	start        room.Start
	opening      opening
	open         bool
}

// guestsAt finds a meeting. Errors: errcode.NotFound, Forbidden (in a call of two, and for guests).
func (c *Calls) guestsAt(ctx context.Context, call wire.CallID, planned wire.EventID) (out guestsOf, err error) {
	if !planned.IsZero() {
		all, err := c.meetings(ctx, wire.SpaceID{}, planned)
		if err != nil {
			return out, err
		}
		if len(all) == 0 {
			return out, errcode.NotFound
		}
		if all[0].kind == space.Direct {
			return out, errcode.Forbidden
		}
		out = guestsOf{conversation: all[0].space, planned: planned, title: all[0].title, may: c.mayCancel(all[0], c.Me.Person)}
	} else {
		c.mu.Lock()
		m := c.mine
		if m == nil || m.id != call || m.over() || !m.let {
			c.mu.Unlock()
			return out, errcode.NotFound
		}
		if m.pair || m.outside {
			c.mu.Unlock()
			return out, errcode.Forbidden
		}
		v := m.room.View(c.Clock.Now())
		out = guestsOf{conversation: m.room.Space, call: call, view: v, start: m.room.Start}
		c.mu.Unlock()
		out.title = c.title(ctx, out.start)
		us, _ := c.who(out.conversation, c.Log.Self())
		out.may = v.Role != room.Participant || v.Policy.Rules&room.AnyInvites != 0 && !us.External
		planned = out.start.Planned
	}
	out.opening, out.open = c.openingOf(ctx, out.conversation, call, planned)
	return out, nil
}

// GuestLinks lists the links into a call that we are in, or into a planned meeting, and tells whether we may
// make one. Errors: errcode.NotFound, Forbidden.
func (c *Calls) GuestLinks(ctx context.Context, call wire.CallID, planned wire.EventID) (links []GuestLink, may bool, err error) {
	at, err := c.guestsAt(ctx, call, planned)
	if err != nil || c.Guests == nil {
		return nil, false, err
	}
	if at.open {
		links = c.Guests.Links(ctx, at.opening.meeting)
	}
	return links, at.may, nil
}

// InviteGuests makes a link into a call that we are in, or into a planned meeting; the first one opens it to guests.
// life is at least a minute. Errors: errcode.NotFound, Forbidden, InvalidArgument, DiskFull.
func (c *Calls) InviteGuests(ctx context.Context, call wire.CallID, planned wire.EventID, life time.Duration, uses int) (GuestLink, error) {
	at, err := c.guestsAt(ctx, call, planned)
	if err != nil {
		return GuestLink{}, err
	}
	if !at.may || c.Guests == nil {
		return GuestLink{}, errcode.Forbidden
	}
	if !at.open {
		if at.opening.meeting, err = c.openForGuests(ctx, at); err != nil {
			return GuestLink{}, err
		}
	}
	link, err := c.Guests.Invite(ctx, at.opening.meeting, life, uses)
	if err == nil {
		c.keepGuests(ctx)
	}
	return link, err
}

// RevokeGuestLink ends a link: who came by it stays. Errors: errcode.NotFound, Forbidden.
func (c *Calls) RevokeGuestLink(ctx context.Context, call wire.CallID, planned wire.EventID, invite wire.InviteID) error {
	at, err := c.guestsAt(ctx, call, planned)
	if err != nil {
		return err
	}
	if !at.open || c.Guests == nil {
		return errcode.NotFound
	}
	return c.Guests.Revoke(ctx, at.opening.meeting, invite)
}

func (c *Calls) openForGuests(ctx context.Context, at guestsOf) (wire.SpaceID, error) {
	var devices []wire.DeviceID
	if at.planned.IsZero() {
		devices = append(devices, at.start.Device, at.view.Policy.Founder)
		for _, s := range at.view.In {
			devices = append(devices, s.Device)
		}
	} else {
		_ = c.Log.View(at.conversation, func(s *space.State) {
			if s.Active() <= maxForeseen {
				for d := range s.Devices() {
					devices = append(devices, d)
				}
			}
		})
	}
	title := at.title
	if title == "" && c.Title != nil {
		title = c.Title(ctx, at.conversation)
	}
	if clean, err := name.Check(title, wire.MaxName); err != nil || clean != title {
		title = c.Name(ctx, c.workspaceOf(at.conversation), c.Me.Person)
	}
	return c.Guests.Open(ctx, c.workspaceOf(at.conversation), title, c.admissions(at.conversation, devices),
		eventlog.Draft{Kind: MeetingOpened, Body: meetingOpened{Conversation: at.conversation, Call: at.call, Planned: at.planned}})
}
