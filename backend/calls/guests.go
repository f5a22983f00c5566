package calls

import (
	"context"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls/room"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	// keepGuestsEvery is how often it is looked who has to come into that space, or to go.
	keepGuestsEvery = 2 * time.Second
	// goneWithin is how long a guest whom a host removed has to say that it is out: until then it reads in the meeting's chat.
	goneWithin = 10 * time.Second
	// shutAfter is how long who wrote a call's end may take to turn its guests out; then others do.
	shutAfter = 20 * time.Second
)

// Guests makes and tends the spaces by which guests come into meetings; package people has the real one.
type Guests interface {
	// Open begins one, with people in it and more to be written at its beginning.
	Open(ctx context.Context, workspace wire.SpaceID, title string, with []space.Add, more ...eventlog.Draft) (wire.SpaceID, error)
	// Invite makes a link. Links lists them, Revoke ends one.
	Invite(ctx context.Context, meeting wire.SpaceID, life time.Duration, uses int) (GuestLink, error)
	Links(ctx context.Context, meeting wire.SpaceID) []GuestLink
	Revoke(ctx context.Context, meeting wire.SpaceID, invite wire.InviteID) error
}

// GuestLink is a link by which guests come in.
type GuestLink struct {
	ID            wire.InviteID
	Link          string // "" for one that another device made
	Expires       int64  // Unix ms
	Uses, MaxUses int
	Revoked       bool
	By            string
	Relays        []string
}

// guestSpace is the space by which guests hear this call and are heard, when we belong to it; c.mu is held.
func (c *Calls) guestSpace(l *live) (out wire.SpaceID) {
	g := l.meeting
	if !l.outside {
		g = l.room.Guests()
	}
	if g.IsZero() {
		return out
	}
	_ = c.Log.View(g, func(s *space.State) {
		if _, in := s.MemberOf(c.Log.Self()); in && s.Kind == space.Meeting {
			out = g
		}
	})
	return out
}

// whoOf tells who is behind a device in a call: a member of the conversation, or of the space by which
// guests come. Who is known by that alone is external whatever its role there, or its owner could bring people
// past the lobby. c.mu is held.
func (c *Calls) whoOf(l *live, device wire.DeviceID) (out room.Member, ok bool) {
	if !l.outside {
		if out, ok = c.who(l.room.Space, device); ok {
			return out, true
		}
	}
	g := c.guestSpace(l)
	if g.IsZero() {
		return out, false
	}
	return c.whoThere(g, device, !l.outside)
}

func (c *Calls) whoThere(meeting wire.SpaceID, device wire.DeviceID, external bool) (out room.Member, ok bool) {
	_ = c.Log.View(meeting, func(s *space.State) {
		m, in := s.MemberOf(device)
		out, ok = room.Member{Person: m.Person, External: external || m.Role == space.Guest}, in && s.Kind == space.Meeting
	})
	return out, ok
}

// heardByGuests takes a beat that was said for guests, or by one.
func (c *Calls) heardByGuests(meeting wire.SpaceID, from wire.DeviceID, body wire.Raw) {
	var g guestBeat
	if from == c.Log.Self() || c.rate.over(c.Clock.Now(), from, c.insideOurs(from)) || wire.DecodeLoose(body, wire.MaxEphemeral, &g) != nil {
		return
	}
	said := signed{Beat: g.Beat, Signature: g.Signature}
	var err error
	if _, member := c.who(g.Conversation, c.Log.Self()); !member {
		if c.conversationOf(meeting) != g.Conversation {
			return
		}
		err = c.take(g.Conversation, from, said, meeting)
	} else if _, theirs := c.who(g.Conversation, from); !theirs { // colleagues are heard in the conversation
		if b, bad := room.Decode(said.Beat); bad != nil || !c.followed(b.Start.ID(g.Conversation)) {
			return // guests begin nothing
		}
		err = c.take(g.Conversation, from, said, wire.SpaceID{})
	}
	if err != nil {
		c.Slog.Debug("beat for guests is refused", "peer", from.Short(), "err", err)
	}
}

func (c *Calls) followed(id wire.CallID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rooms[id] != nil
}

// mayTalk reports whether the engine of a device may talk to ours about a call.
func (c *Calls) mayTalk(id wire.SpaceID, call wire.CallID, peer wire.DeviceID) bool {
	if c.Log.Shares(id, peer) {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.rooms[call]
	if l == nil || l.room.Space != id {
		return false
	}
	_, ok := l.room.Who(peer)
	return ok
}

// guestsAloneFor is how long guests are alone before their meeting is over: whoever lost the network may come back.
const guestsAloneFor = time.Minute

// guestWithin is how long it may take until it is known here who a guest is: who knows already lets it in, and
// its engine talks to all at once.
const guestWithin = 3 * time.Second

// awaitGuest waits, a stream by itself, until the sender of a message is somebody of our call that guests come to.
func (c *Calls) awaitGuest(ctx context.Context, peer wire.DeviceID, f signal) {
	for until := time.Now().Add(guestWithin); time.Now().Before(until) && !c.mayTalk(f.Space, f.Call, peer); {
		c.mu.Lock()
		m := c.mine
		comes := m != nil && !m.over() && m.id == f.Call && m.room.Space == f.Space && !c.guestSpace(m.live).IsZero()
		c.mu.Unlock()
		if !comes {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// GuestCall is the call that goes on where we come as a guest. ok is false while there is none.
func (c *Calls) GuestCall(meeting wire.SpaceID) (id wire.CallID, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Clock.Now()
	for call, l := range c.rooms {
		if !l.outside || l.meeting != meeting {
			continue
		}
		if v := l.room.View(now); c.mine != nil && c.mine.live == l || !v.Ended && slices.ContainsFunc(v.In, inHouse) {
			return call, true
		}
	}
	return id, false
}

func inHouse(s room.Seen) bool { return !s.Member.External }

// endingForGuest is why a guest's part of a call is over, if it is: what removes a guest from the space of
// the meeting is its end, unless a host said otherwise. c.mu is held.
func (c *Calls) endingForGuest(m *mine, v room.View, now time.Time) v1.CallEndReason {
	if slices.ContainsFunc(v.In, inHouse) || m.hosted.IsZero() {
		m.hosted = now
	}
	switch {
	case slices.Contains(v.Policy.Removed, c.Me.Person):
		return v1.CallEndReason_CALL_END_REASON_REMOVED
	case v.Ended || v.Mine == room.Absent || now.Sub(m.hosted) >= guestsAloneFor: // guests among themselves hold no meeting
		return v1.CallEndReason_CALL_END_REASON_ENDED_BY_HOST
	}
	return v1.CallEndReason_CALL_END_REASON_UNSPECIFIED
}

// nameOf a person in a call: colleagues by the workspace, guests by what they said at the door.
func (c *Calls) nameOf(ctx context.Context, l *live, person wire.PersonID) string {
	if n := c.Name(ctx, c.workspaceOf(l.room.Space), person); n != "" && !l.outside {
		return n
	}
	c.mu.Lock()
	g := c.guestSpace(l)
	c.mu.Unlock()
	if g.IsZero() {
		return ""
	}
	return c.Name(ctx, g, person)
}

// belongs reports whether a device's person is a member of the conversation, or of another workspace, and no guest by a link.
func (c *Calls) belongs(l *live, device wire.DeviceID) bool {
	if l.outside {
		who, ok := c.whoThere(l.meeting, device, false)
		return ok && !who.External
	}
	_, ok := c.who(l.room.Space, device)
	return ok
}

// Busy reports whether this device is in a call.
func (c *Calls) Busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.busy()
}

// EndedForAll reports whether the call that this device was in last is over for everybody.
func (c *Calls) EndedForAll() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mine != nil && c.mine.reason == v1.CallEndReason_CALL_END_REASON_ENDED_BY_HOST
}
