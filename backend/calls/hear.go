package calls

import (
	"sync"
	"time"

	"roundtable/backend/calls/room"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	// What is listened to in a second: of one device, of all, and of those who are in our call.
	beatsOfOne  = 20
	beatsOfAll  = 300
	beatsInside = 600
	// Calls that are followed at a time: of all spaces; and those that are not over, of one space and
	// begun by one device.
	maxRooms        = 256
	maxRoomsOfSpace = 4
	maxRoomsOfOne   = 2
)

// rates bound what beats cost us: checking a signature is the dearest.
type rates struct {
	mu     sync.Mutex
	second int64
	all    int
	inside int
	one    map[wire.DeviceID]int
}

// over counts a beat, and reports whether it is one too many.
func (r *rates) over(now time.Time, from wire.DeviceID, inside bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := now.Unix(); s != r.second {
		r.second, r.all, r.inside, r.one = s, 0, 0, map[wire.DeviceID]int{}
	}
	if r.one[from]++; r.one[from] > beatsOfOne {
		return true
	}
	if inside { // who floods from outside does not drown those who are in
		r.inside++
		return r.inside > beatsInside
	}
	r.all++
	return r.all > beatsOfAll
}

// heard takes a beat from the members' exchange.
func (c *Calls) heard(id wire.SpaceID, from wire.DeviceID, body wire.Raw) {
	var s signed
	if from == c.Log.Self() || c.rate.over(c.Clock.Now(), from, c.insideOurs(from)) || wire.DecodeLoose(body, wire.MaxEphemeral, &s) != nil {
		return
	}
	if err := c.take(id, from, s, wire.SpaceID{}); err != nil {
		c.Slog.Debug("beat is refused", "peer", from.Short(), "err", err)
	}
}

// take checks a beat and gives it to its room. meeting is the space in which it was heard, when we are no
// member of the conversation.
func (c *Calls) take(id wire.SpaceID, from wire.DeviceID, s signed, meeting wire.SpaceID) error {
	b, err := room.Decode(s.Beat)
	if err != nil {
		return err
	}
	call := b.Start.ID(id)
	c.mu.Lock()
	l := c.rooms[call]
	c.mu.Unlock()
	if l == nil && !c.credible(id, from, b, meeting) {
		return room.ErrBeat
	}
	if key.Verify(from, key.ContextBeat, over(id, s.Beat), s.Signature) != nil {
		return errUnsigned
	}
	c.mu.Lock()
	now := c.Clock.Now()
	if l = c.rooms[call]; l == nil {
		if !c.roomFor(id, b.Start) {
			c.mu.Unlock()
			return room.ErrBeat
		}
		l = c.newRoom(id, b.Start, now, meeting)
		c.look(id)
	}
	err = l.room.Hear(now, from, b)
	if err == nil {
		l.heard = now
	}
	c.mu.Unlock()
	if err == nil {
		c.nudge()
	}
	return err
}

// credible reports whether a beat may open a room: only one that was said now does, or who
// kept an old one could make our devices ring.
func (c *Calls) credible(id wire.SpaceID, from wire.DeviceID, b room.Beat, meeting wire.SpaceID) bool {
	who := func(d wire.DeviceID) (room.Member, bool) { return c.who(id, d) }
	if !meeting.IsZero() {
		who = func(d wire.DeviceID) (room.Member, bool) { return c.whoThere(meeting, d, false) }
	}
	apart := c.Clock.Now().Sub(time.UnixMilli(b.Sent)).Abs()
	if _, ok := who(from); !ok {
		return false
	}
	_, begun := who(b.Start.Device)
	return begun && b.Phase == room.In && apart < wire.MaxClockAhead
}

// roomFor makes place for one more call; c.mu is held.
func (c *Calls) roomFor(id wire.SpaceID, s room.Start) bool {
	inSpace, ofOne := 0, 0
	for _, l := range c.rooms {
		if l.isOver() { // who calls a third time within a minute rings
			continue
		}
		if l.room.Space == id {
			inSpace++
		}
		if l.room.Start.Device == s.Device {
			ofOne++
		}
	}
	return len(c.rooms) < maxRooms && inSpace < maxRoomsOfSpace && ofOne < maxRoomsOfOne
}

// look has the tables asked what is known of a space's calls.
func (c *Calls) look(id wire.SpaceID) {
	select {
	case c.noted <- id:
	default:
	}
}

// insideOurs reports whether a device is in the call that this one is in.
func (c *Calls) insideOurs(device wire.DeviceID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mine != nil && c.mine.inside[device]
}
