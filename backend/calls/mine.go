package calls

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls/media"
	"roundtable/backend/calls/room"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

const (
	// ringFor is how long it rings, and how long the caller waits.
	ringFor = 45 * time.Second
	// lostAfter is when a device counts as one that we do not reach.
	lostAfter = 8 * time.Second
	// heardWithin is how fresh what an engine hears of a device is, for that to be there.
	heardWithin = 3 * time.Second
	// turnWithin is how old a snapshot of the engine may be, and less than a hub has to be silent.
	turnWithin = 500 * time.Millisecond
	// calmAfter a turn to another hub the next one is as quick; before that it waits longer each time, up to
	// longestPause: computers that are too busy to answer in time would hand the call around for ever.
	calmAfter    = 30 * time.Second
	longestPause = 8 * time.Second
)

// left is the reason when nobody else decided it.
const left = v1.CallEndReason_CALL_END_REASON_LEFT

// mine is the call that this device is in, or was in last.
type mine struct {
	*live
	id       wire.CallID
	engine   Engine // nil once it is over
	entered  time.Time
	answered bool // somebody else was in
	let      bool // we were in, not only in the lobby
	reason   v1.CallEndReason
	plan     media.Plan
	view     room.View
	inside   map[wire.DeviceID]bool
	waits    map[wire.DeviceID]time.Time // linked with since, and not connected
	measured time.Time
	turned   time.Time // to another hub
	turns    int       // without calm between them
	silent   time.Time // since when the engine hears nothing of the hub; zero: it does
	noted    time.Time
	hosted   time.Time                   // a guest's: when a member of the conversation was in last
	removals map[wire.PersonID]time.Time // since when it is known that a host removed a guest who is in the meeting's space still
}

func (m *mine) over() bool { return m.reason != v1.CallEndReason_CALL_END_REASON_UNSPECIFIED }

// Start begins a call and goes in. Errors: errcode.NotMember, errcode.CallBusy, errcode.DiskFull.
func (c *Calls) Start(ctx context.Context, id wire.SpaceID, video bool, planned wire.EventID) (wire.CallID, error) {
	if _, ok := c.who(id, c.Log.Self()); !ok {
		return wire.CallID{}, errcode.NotMember
	}
	start := room.Start{Device: c.Log.Self(), Nonce: [16]byte(wire.Random(16)), At: c.Clock.Now().UnixMilli(), Video: video, Planned: planned}
	c.mu.Lock()
	if c.busy() {
		c.mu.Unlock()
		return wire.CallID{}, errcode.CallBusy
	}
	l := c.newRoom(id, start, c.Clock.Now(), wire.SpaceID{})
	err := c.enter(l)
	c.mu.Unlock()
	if err != nil {
		return wire.CallID{}, err
	}
	c.step()
	// It rings already; what stays of it is written meanwhile.
	if _, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: CallStarted, Body: callStarted{Start: start}}); err != nil {
		_ = c.Leave(l.room.ID, false)
		return wire.CallID{}, err
	}
	return l.room.ID, nil
}

// busy reports whether this device is in a call; c.mu is held.
func (c *Calls) busy() bool { return c.mine != nil && !c.mine.over() }

// Join goes in. Errors: errcode.NotFound, CallBusy, CallLocked, CallRemoved, CallFull.
func (c *Calls) Join(id wire.CallID) error {
	c.mu.Lock()
	l := c.rooms[id]
	if c.busy() && c.mine.id == id {
		c.mu.Unlock()
		return nil // twice does no harm
	}
	err := c.mayJoin(l)
	if err == nil {
		err = c.enter(l)
	}
	c.mu.Unlock()
	if err == nil {
		c.step()
	}
	return err
}

// mayJoin; c.mu is held.
func (c *Calls) mayJoin(l *live) error {
	now := c.Clock.Now()
	if l == nil || l.isOver() {
		return errcode.NotFound
	}
	if _, anybody := l.room.Silent(now); !anybody {
		return errcode.NotFound
	}
	if v := l.room.View(now); v.Ended {
		return errcode.NotFound
	}
	if c.busy() {
		return errcode.CallBusy
	}
	switch l.room.Would(now) {
	case room.Absent:
		return errcode.NotMember
	case room.Removed:
		return errcode.CallRemoved
	case room.Refused:
		return errcode.CallLocked
	case room.Full:
		return errcode.CallFull
	}
	return nil
}

// enter makes an engine and goes in; c.mu is held.
func (c *Calls) enter(l *live) error {
	m := &mine{live: l, id: l.room.ID, entered: c.Clock.Now(), inside: map[wire.DeviceID]bool{}, waits: map[wire.DeviceID]time.Time{}}
	engine, err := c.Engine(EngineOptions{
		Self: c.Log.Self(), Slog: c.Slog, Changed: func() { c.Publish("call"); c.nudge() },
		Send: func(ctx context.Context, device wire.DeviceID, message []byte) error {
			return c.signals.send(ctx, m, device, message)
		},
	})
	if err != nil {
		return err
	}
	m.engine = engine
	l.room.Enter(m.entered)
	c.mine = m
	return nil
}

// Leave goes, or ends it for all. Errors: errcode.Forbidden, errcode.NotFound.
func (c *Calls) Leave(id wire.CallID, end bool) error {
	c.mu.Lock()
	m := c.mine
	if m == nil || m.id != id || m.over() {
		c.mu.Unlock()
		return errcode.NotFound
	}
	why := left
	if end && !m.pair { // of two, either ends it by leaving
		if err := m.room.Do(c.Clock.Now(), room.Deed{End: true}); err != nil {
			c.mu.Unlock()
			return doorError(err)
		}
		c.sayLocked(m.live) // while we are still who may say it
		why = v1.CallEndReason_CALL_END_REASON_ENDED_BY_HOST
	}
	c.finish(m, why, end)
	c.mu.Unlock()
	c.step()
	return nil
}

// finish ends our part of a call; c.mu is held. What takes time follows in step.
func (c *Calls) finish(m *mine, reason v1.CallEndReason, end bool) {
	now := c.Clock.Now()
	m.reason, m.view, m.inside = reason, m.room.View(now), nil
	engine := m.engine
	m.engine = nil
	m.room.Leave(now)
	m.been = m.been || m.let
	if m.been && (end || m.pair) && !m.outside {
		c.close(m.live)
	}
	c.after = append(c.after, func() {
		if engine != nil {
			engine.Close()
		}
		c.signals.forget()
		c.records.endOf(m.id)
		c.settled(m.id)
	})
}

// people who were in it.
func (l *live) people() []wire.PersonID {
	out := make([]wire.PersonID, 0, len(l.there))
	for p := range l.there {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b wire.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return out[:min(len(out), maxThere)]
}

// append writes an event that a call's end leaves; the call itself does not depend on it.
func (c *Calls) append(id wire.SpaceID, kind event.Kind, body any) {
	if _, err := c.Log.Append(c.life(), id, eventlog.Draft{Kind: kind, Body: body}); err != nil {
		c.Slog.Warn("write what stays of a call", "kind", string(kind), "err", err)
	}
}

// life is a context that outlives the call which asked.
func (c *Calls) life() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return context.WithoutCancel(c.ctx)
}

// follow works out what became of our call; c.mu is held.
func (c *Calls) follow(m *mine, now time.Time) {
	v := m.room.View(now)
	m.view, m.inside = v, map[wire.DeviceID]bool{}
	others := false
	for _, s := range v.In {
		m.inside[s.Device] = true
		m.there[s.Member.Person] = true
		others = others || s.Device != c.Log.Self()
	}
	m.answered = m.answered || others
	m.let = m.let || v.Mine == room.Inside
	if reason := c.ending(m, v, now, others); reason != v1.CallEndReason_CALL_END_REASON_UNSPECIFIED {
		c.finish(m, reason, false)
		return
	}
	plan := planOf(v)
	if !reflect.DeepEqual(plan, m.plan) {
		if plan.Hub != m.plan.Hub {
			m.turns++
			if now.Sub(m.turned) >= calmAfter {
				m.turns = 0
			}
			m.turned = now
		}
		m.plan = plan
		m.engine.Follow(plan)
	}
	engine, inside := m.engine, m.inside
	c.after = append(c.after, func() { c.signals.release(m, engine, inside) })
	c.measure(m, now)
}

// ending is why our part is over, if it is.
func (c *Calls) ending(m *mine, v room.View, now time.Time, others bool) v1.CallEndReason {
	if m.outside {
		if why := c.endingForGuest(m, v, now); why != v1.CallEndReason_CALL_END_REASON_UNSPECIFIED {
			return why
		}
	}
	switch {
	case v.Ended:
		return v1.CallEndReason_CALL_END_REASON_ENDED_BY_HOST
	case v.Mine == room.Removed || v.Mine == room.Absent:
		return v1.CallEndReason_CALL_END_REASON_REMOVED
	case v.Mine == room.Denied || v.Mine == room.Refused || v.Mine == room.Full:
		return v1.CallEndReason_CALL_END_REASON_DENIED
	case !m.pair:
		return v1.CallEndReason_CALL_END_REASON_UNSPECIFIED
	case m.answered && !others: // of two, one has gone
		return left
	case !m.answered && c.refused(m):
		return v1.CallEndReason_CALL_END_REASON_DECLINED
	case !m.answered && now.Sub(m.entered) >= ringFor:
		return v1.CallEndReason_CALL_END_REASON_UNANSWERED
	}
	return v1.CallEndReason_CALL_END_REASON_UNSPECIFIED
}

// refused reports whether the other person does not come.
func (c *Calls) refused(m *mine) (yes bool) {
	m.room.Each(func(device wire.DeviceID, b room.Beat) {
		if who, ok := m.room.Who(device); ok && who.Person != c.Me.Person && b.Phase == room.Declined {
			yes = true
		}
	})
	return yes || m.declined
}

// planOf turns what the room says into what the engine does.
func planOf(v room.View) media.Plan {
	p := media.Plan{Peers: v.Peers, Hub: v.Hub.Hub}
	if v.Hub.Standby != v.Hub.Hub {
		p.Standby = v.Hub.Standby
	}
	for _, s := range v.Silenced {
		p.Silenced = append(p.Silenced, media.Source{Device: s.Device, Kind: kindOf(s.Shows)})
	}
	return p
}

func kindOf(s room.Shows) media.Kind {
	switch s {
	case room.Camera:
		return media.Camera
	case room.Screen:
		return media.Screen
	case room.ScreenSound:
		return media.ScreenSound
	}
	return media.Microphone
}

// patience is how much longer a hub may be silent than the engine thinks right.
func (m *mine) patience() time.Duration {
	if m.turns == 0 {
		return 0
	}
	return min(time.Second<<min(m.turns-1, 8), longestPause)
}

// measure tells the room what the engine knows of the networks.
func (c *Calls) measure(m *mine, now time.Time) {
	snap := m.engine.Snapshot()
	silent := wire.DeviceID{}
	if !snap.HubSilent || now.Sub(m.turned) < turnWithin { // a younger snapshot speaks of the hub before
		m.silent = time.Time{}
	} else if m.silent.IsZero() {
		m.silent = now
	}
	if !m.silent.IsZero() && now.Sub(m.silent) >= m.patience() {
		silent = m.plan.Hub
	}
	m.room.HubSilent(now, silent)
	for device, n := range snap.Networks {
		if n.Connected && n.Silent < heardWithin {
			m.room.Alive(now, device)
		}
	}
	if now.Sub(m.measured) < time.Second {
		return
	}
	m.measured = now
	var lost []wire.DeviceID
	for _, d := range m.plan.Peers {
		if snap.Networks[d].Connected {
			delete(m.waits, d)
			continue
		}
		if at, ok := m.waits[d]; !ok {
			m.waits[d] = now
		} else if now.Sub(at) >= lostAfter {
			lost = append(lost, d)
		}
	}
	m.room.Measure(c.score(snap.UplinkBPS), lost)
}

// score is how well this device could forward for all: what it can send first, then
// what it computes with. What is not known yet counts as a common line.
func (c *Calls) score(uplink int) uint16 {
	if uplink <= 0 {
		uplink = 5_000_000
	}
	score := min(uplink/100_000, 1000) // 100 Mbit/s is enough for any call
	if c.Power != nil {
		processors, mains := c.Power()
		score += 10 * min(processors, 16)
		if mains {
			score += 200
		}
	}
	return uint16(score) // at most 1360
}
