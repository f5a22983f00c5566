package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/backend/calls/room"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// gather: what comes within so long is looked at together.
	gather = 10 * time.Millisecond
	// forgetAfter is how long a silent call is remembered: longer than an old beat could open it again.
	forgetAfter = 2 * wire.MaxClockAhead
	// beenEvery is how often it is noted that we are in a call.
	beenEvery = time.Minute
	// mendAfter: who is in a call that we were in when the program ended is heard by then.
	mendAfter = 10 * time.Second
	// concludeAfter is how long the one who left last may take to write the end.
	concludeAfter = 20 * time.Second
)

// out is a beat on its way; kind and body as in the space that it goes to.
type out struct {
	space wire.SpaceID
	kind  string
	body  any
}

// Run works until ctx ends: it says what is to be said, and follows what others say.
func (c *Calls) Run(ctx context.Context) error {
	c.mu.Lock()
	c.ctx = ctx
	c.mu.Unlock()
	mend := c.Clock.After(mendAfter)
	keep := c.Clock.After(keepGuestsEvery)
	for {
		c.step()
		select {
		case <-ctx.Done():
			c.quit()
			return nil
		case id := <-c.noted:
			c.ask(ctx, id)
		case <-mend:
			c.mend(ctx)
			c.shutSoon(ctx, `true`)
		case <-keep:
			c.keepGuests(ctx)
			keep = c.Clock.After(keepGuestsEvery)
		case <-c.Clock.After(c.pause()):
		case <-c.wake:
			select {
			case <-ctx.Done():
			case <-c.Clock.After(gather):
			}
		}
	}
}

// pause is how long nothing has to be looked at.
func (c *Calls) pause() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.mine != nil && !c.mine.over():
		return 100 * time.Millisecond
	case len(c.rooms) > 0:
		return 250 * time.Millisecond
	}
	return 5 * time.Second
}

// step looks at every call once.
func (c *Calls) step() {
	c.mu.Lock()
	now := c.Clock.Now()
	topics := map[string]bool{}
	for id, l := range c.rooms {
		l.room.Tick(now)
		ours := c.mine != nil && c.mine.live == l
		if ours && !c.mine.over() {
			c.follow(c.mine, now)
			c.noteBeen(c.mine, now)
		}
		if l.room.Due(now) {
			c.sayLocked(l)
		}
		c.conclude(l, now)
		if shown := c.shows(l, now); shown != l.shown {
			l.shown = shown
			topics["calls"] = true
			topics["call"] = topics["call"] || ours
		}
		if last, anybody := l.room.Silent(now); !anybody && now.Sub(last) > forgetAfter && now.Sub(l.since) > forgetAfter && !l.room.Due(now) {
			delete(c.rooms, id)
		}
	}
	outs, after := c.outs, c.after
	c.outs, c.after = nil, nil
	c.mu.Unlock()
	c.send(outs)
	for _, f := range after {
		f()
	}
	for t := range topics {
		c.Publish(t)
	}
}

// conclude writes the end of a call that we were in and that nobody is in any more. Who left last
// does it at once; should that one have crashed, the others do it later. c.mu is held.
func (c *Calls) conclude(l *live, now time.Time) {
	_, anybody := l.room.Silent(now)
	patience := concludeAfter
	if anybody && l.been && l.room.Phase() != room.In && !c.guestSpace(l).IsZero() {
		anybody, patience = slices.ContainsFunc(l.room.View(now).In, inHouse), guestsAloneFor
	}
	if anybody || !l.been || l.closed || l.ended != 0 || l.outside {
		l.quiet = time.Time{}
		return
	}
	if l.quiet.IsZero() {
		l.quiet = now
	}
	if l.room.LastWord() || now.Sub(l.quiet) >= patience {
		c.close(l)
	}
}

// close has the end of a call written; c.mu is held.
func (c *Calls) close(l *live) {
	l.closed = true
	body := callEnded{Call: l.room.ID, There: l.people()}
	conversation, call, planned := l.room.Space, l.room.ID, l.room.Start.Planned
	c.after = append(c.after, func() {
		c.append(conversation, CallEnded, body)
		c.shutOf(c.life(), conversation, call, planned)
	})
}

// sayLocked signs what is to be said; c.mu is held. It goes out with the next step.
func (c *Calls) sayLocked(l *live) {
	raw := wire.MustEncode(l.room.Say(c.Clock.Now()))
	signature, err := c.Signer.Sign(key.ContextBeat, over(l.room.Space, raw))
	if err != nil {
		c.Slog.Error("sign a beat", "err", err)
		return
	}
	l.signed = signed{Beat: raw, Signature: signature}
	if !l.outside {
		c.outs = append(c.outs, out{l.room.Space, beatKind, l.signed})
	}
	if g := c.guestSpace(l); !g.IsZero() {
		c.outs = append(c.outs, out{g, guestKind, guestBeat{Conversation: l.room.Space, Beat: raw, Signature: signature}})
	}
}

func (c *Calls) send(outs []out) {
	for _, o := range outs {
		if err := c.Ephemeral.Send(o.space, o.kind, o.body); err != nil {
			c.Slog.Debug("beat is not sent", "err", err)
		}
	}
}

// shows is what others see of a call, as text: when it is another one, the screen asks again.
func (c *Calls) shows(l *live, now time.Time) string {
	v := l.room.View(now)
	c.notePeople(l, v)
	var b strings.Builder
	fmt.Fprint(&b, c.rings(l, v, now), v.Mine, v.Ended, l.isOver(), v.Policy.Counter, v.Policy.Founder, v.Hub, len(v.Reactions), l.room.Phase())
	for _, s := range v.In {
		fmt.Fprint(&b, " ", s.Device, s.Role, s.Shows)
	}
	for _, s := range v.Lobby {
		fmt.Fprint(&b, " lobby ", s.Device)
	}
	for _, r := range v.Reactions {
		fmt.Fprint(&b, " ", r.At)
	}
	if c.mine != nil && c.mine.live == l {
		fmt.Fprint(&b, c.mine.reason)
	}
	return b.String()
}

// notePeople remembers who was in it, and whether our person took or declined it elsewhere.
func (c *Calls) notePeople(l *live, v room.View) {
	for _, s := range v.In {
		l.there[s.Member.Person] = true
		l.taken = l.taken || s.Member.Person == c.Me.Person
	}
	l.room.Each(func(device wire.DeviceID, b room.Beat) {
		if b.Phase != room.Declined {
			return
		}
		if who, ok := l.room.Who(device); ok && who.Person == c.Me.Person {
			l.taken = true
		} else if ok {
			l.declined = true
		}
	})
}

// rings reports whether a call rings here now.
func (c *Calls) rings(l *live, v room.View, now time.Time) bool {
	caller, ok := l.room.Who(l.room.Start.Device)
	if !l.pair || !ok || caller.Person == c.Me.Person || l.taken || l.room.Phase() != 0 || v.Ended || l.isOver() || now.Sub(l.since) >= ringFor {
		return false
	}
	for _, s := range v.In {
		if s.Device == l.room.Start.Device {
			return true
		}
	}
	return false
}

// isOver: its end is in the log, and nobody was heard after it. A member who writes an end while
// others are in hides nothing.
func (l *live) isOver() bool {
	if l.ended == 0 {
		return false
	}
	latest := int64(0)
	l.room.Each(func(_ wire.DeviceID, b room.Beat) {
		if b.Phase == room.In {
			latest = max(latest, b.Sent)
		}
	})
	return latest <= l.ended+(3*time.Second).Milliseconds() && l.room.Phase() != room.In
}

// noteBeen writes down that we are in a call, for the case that this program ends in it; c.mu is held.
func (c *Calls) noteBeen(m *mine, now time.Time) {
	if !m.let || m.outside || now.Sub(m.noted) < beenEvery {
		return
	}
	m.noted = now
	c.after = append(c.after, func() {
		err := c.DB.Write(c.life(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO callslocal_been VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET last = excluded.last`, m.id[:], m.room.Space[:], now.UnixMilli())
			return err
		})
		if err != nil {
			c.Slog.Warn("note that we are in a call", "err", err)
		}
	})
}

// settled forgets that we are in a call.
func (c *Calls) settled(id wire.CallID) {
	err := c.DB.Write(c.life(), func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM callslocal_been WHERE call = ?`, id[:])
		return err
	})
	if err != nil {
		c.Slog.Warn("note that we left a call", "err", err)
	}
}

// quit leaves what we are in when the program ends.
func (c *Calls) quit() {
	c.mu.Lock()
	if c.busy() {
		c.finish(c.mine, left, false)
		c.sayLocked(c.mine.live)
	}
	c.mu.Unlock()
	c.step()
	c.records.endAll()
}

// ask notes what the log says of a space's calls.
func (c *Calls) ask(ctx context.Context, id wire.SpaceID) {
	c.shutSoon(ctx, `conversation = ?`, id[:])
	c.mu.Lock()
	calls := map[wire.CallID]*live{}
	for call, l := range c.rooms {
		if l.room.Space == id {
			calls[call] = l
		}
	}
	c.mu.Unlock()
	for call, l := range calls {
		var ended int64
		var ours, theirs bool
		err := c.DB.Read().QueryRowContext(ctx, `SELECT coalesce((SELECT stamp >> 16 FROM calls_ended WHERE space = ?1 AND call = ?2), 0),
			EXISTS(SELECT 1 FROM calls_declined WHERE space = ?1 AND call = ?2 AND person = ?3),
			EXISTS(SELECT 1 FROM calls_declined WHERE space = ?1 AND call = ?2 AND person <> ?3)`, id[:], call[:], c.Me.Person[:]).Scan(&ended, &ours, &theirs)
		if err != nil {
			c.Slog.Warn("ask what the log says of a call", "err", err)
			return
		}
		c.mu.Lock()
		l.ended, l.taken, l.declined = max(l.ended, ended), l.taken || ours, l.declined || theirs
		c.mu.Unlock()
	}
}

// mend ends calls that this program was in when it ended itself, unless they go on.
func (c *Calls) mend(ctx context.Context) {
	type been struct {
		call  wire.CallID
		space wire.SpaceID
	}
	var all []been
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT call, space FROM callslocal_been`)
	if err != nil {
		c.Slog.Warn("look for calls without an end", "err", err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var call, space []byte
		if rows.Scan(&call, &space) == nil && len(call) == 32 && len(space) == 32 {
			all = append(all, been{wire.CallID(call), wire.SpaceID(space)})
		}
	}
	for _, b := range all {
		c.mu.Lock()
		goesOn := c.busy() && c.mine.id == b.call
		if l := c.rooms[b.call]; l != nil && !goesOn {
			_, goesOn = l.room.Silent(c.Clock.Now())
		}
		c.mu.Unlock()
		if !goesOn {
			c.append(b.space, CallEnded, callEnded{Call: b.call, There: []wire.PersonID{c.Me.Person}})
			c.settled(b.call)
		}
	}
}
