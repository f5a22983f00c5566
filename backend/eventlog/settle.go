package eventlog

import (
	"database/sql"
	"errors"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Why an envelope stands in log_aside. Those before reasonVoid may count yet.
const (
	reasonKey     = 1 // its epoch key is missing
	reasonParents = 2 // a control event it builds on is missing
	reasonMember  = 3 // nothing known lets its author write
	reasonOrder   = 4 // an earlier event of its feed waits
	reasonNewer   = 5 // a control operation of a newer version: it waits for this program's next one
	reasonVoid    = 6 // beyond a removal
	reasonBad     = 7 // never: it does not open, or says what cannot be
	reasonForeign = 8 // content of an epoch whose key is not for this device: it came in later (decision 0066)
)

// maxPush bounds the bytes of new envelopes that an Advance carries along.
const maxPush = 256 << 10

// batch is one write to one space.
type batch struct {
	l       *Log
	tx      *store.Tx
	sl      *spaceLog
	events  []Event
	people  []wire.PersonID
	access  bool // what counts may have changed
	retry   bool // something that waits may count now
	learned bool // something that was not for this device may count now
	pushed  int
	moved   map[*feed]*Advance
	touched []*feed
}

// settle decides on the next envelope of a feed (or, with retried, on one that
// waited) and stores it accordingly.
func (b *batch) settle(f *feed, env envelope.Envelope, ev event.Event, retried bool) error {
	reason := b.judge(f, env, &ev, retried)
	if !retried {
		if err := b.advance(f, env); err != nil {
			return err
		}
	}
	if reason != 0 {
		if retried {
			b.noteForeign(reason)
			_, err := b.tx.Exec(`UPDATE log_aside SET reason = ? WHERE feed = ? AND seq = ?`, reason, f.row, int64(env.Seq))
			return err
		}
		if reason < reasonVoid {
			b.wait(f, 1)
		}
		b.noteForeign(reason)
		_, err := b.tx.Exec(`INSERT INTO log_aside VALUES(?, ?, ?, ?)`, f.row, int64(env.Seq), reason, env.Raw)
		return err
	}
	if retried {
		if _, err := b.tx.Exec(`DELETE FROM log_aside WHERE feed = ? AND seq = ?`, f.row, int64(env.Seq)); err != nil {
			return err
		}
	}
	return b.count(f, env, ev)
}

// noteForeign counts what is set aside because it is not for this device.
func (b *batch) noteForeign(reason int) {
	if reason == reasonForeign {
		b.l.mu.Lock()
		b.sl.strange++
		b.l.mu.Unlock()
	}
}

// judge gives 0 when the event counts, else the reason why not. A control event
// that counts has entered the machine when judge returns.
func (b *batch) judge(f *feed, env envelope.Envelope, ev *event.Event, retried bool) int {
	if f.waits > 0 && !retried {
		b.peek(env)
		return reasonOrder
	}
	if ev.Kind == "" {
		o, own := b.sl.opener(env)
		opened, err := event.Open(env, o)
		switch {
		case errors.Is(err, errClosed):
			return b.closed(env)
		case err != nil && own: // whoever gave it erred, or lied; the event may be sound
			b.dropSingle(env.ID)
			return b.closed(env)
		case err != nil:
			return reasonBad
		}
		*ev = opened
	}
	if f.name.Lane == envelope.Control {
		return b.judgeControl(ev)
	}
	switch b.sl.machine.State().Accepts(f.name, env.Seq) {
	case space.Accepted:
		return 0
	case space.Void:
		return reasonVoid
	}
	return reasonMember
}

func (b *batch) judgeControl(ev *event.Event) int {
	switch ev.Kind {
	case event.Keys:
		b.sl.learn(b, ev)
		return 0
	case event.Space:
		c, err := control(*ev)
		if errors.Is(err, errNewer) {
			return reasonNewer // to skip it would make this device see another state than the others
		}
		if err != nil {
			return reasonBad
		}
		b.l.mu.Lock()
		_, change, err := b.sl.machine.Insert(c)
		b.sl.reach = nil
		b.l.mu.Unlock()
		if errors.Is(err, space.ErrParents) {
			return reasonParents
		}
		if err != nil {
			return reasonBad
		}
		b.people = append(b.people, change.People...)
		b.access = b.access || change.Access
		b.retry = true
		return 0
	}
	return reasonBad
}

// advance moves the head of a feed over an envelope.
func (b *batch) advance(f *feed, env envelope.Envelope) error {
	b.l.mu.Lock()
	f.seq, f.head = env.Seq, env.ID
	b.l.mu.Unlock()
	if b.moved == nil {
		b.moved = map[*feed]*Advance{}
	}
	a := b.moved[f]
	if a == nil {
		a = &Advance{Space: b.sl.id, Feed: f.name, From: env.Seq, Local: f.name.Device == b.l.self}
		b.moved[f] = a
		b.touched = append(b.touched, f)
	}
	a.Seq = env.Seq
	if b.pushed += len(env.Raw); b.pushed <= maxPush || a.Local {
		a.Raws = append(a.Raws, env.Raw)
	}
	return nil
}

func (b *batch) wait(f *feed, n int) {
	b.l.mu.Lock()
	f.waits += n
	b.sl.waiting += n
	b.l.mu.Unlock()
}

// count gives an event its position.
func (b *batch) count(f *feed, env envelope.Envelope, ev event.Event) error {
	out := Event{Event: ev, FeedID: f.row, Mine: ev.Feed.Device == b.l.self}
	out.Person, _ = b.sl.machine.State().Person(ev.Feed.Device)
	var clamp sql.NullInt64
	if b.l.hybrid.Ahead(ev.Stamp) {
		// Wall time only: the hybrid clock must not follow, and this event
		// sorts where it arrived, on this device and after every replay.
		clamp = sql.NullInt64{Int64: int64(clock.At(b.l.Clock.Now())), Valid: true}
		out.Stamp, out.Ahead = clock.Stamp(clamp.Int64), true
	} else {
		b.l.hybrid.See(ev.Stamp)
	}
	out.Pos = b.l.next
	b.l.next++
	b.events = append(b.events, out)
	_, err := b.tx.Exec(`INSERT INTO log_event VALUES(?, ?, ?, ?, ?)`, out.Pos, f.row, int64(env.Seq), clamp, env.Raw)
	return err
}

// finish tries again what waits, voids what must not count, tells followers and
// arranges the announcement.
func (b *batch) finish() error {
	// Each round may bring a key or a control event that frees more.
	for b.retry && b.sl.waiting > 0 || b.learned && b.sl.strange > 0 {
		if b.learned {
			b.learned = false
			if err := b.retryForeign(); err != nil {
				return err
			}
		}
		if !b.retry {
			continue
		}
		b.retry = false
		if err := b.retryAside(); err != nil {
			return err
		}
	}
	for _, f := range b.touched {
		if _, err := b.tx.Exec(`UPDATE log_feed SET seq = ?, head = ? WHERE id = ?`, int64(f.seq), f.head[:], f.row); err != nil {
			return err
		}
	}
	if len(b.events) > 0 {
		if err := b.l.Follower.Follow(b.tx, b.events); err != nil {
			return err
		}
	}
	if b.access {
		if err := b.enforce(); err != nil {
			return err
		}
	}
	if len(b.people) > 0 {
		m := Members{Space: b.sl.id, People: b.people, State: b.sl.machine.State()}
		if err := b.l.Follower.Members(b.tx, m); err != nil {
			return err
		}
	}
	b.announce()
	return nil
}

// announce moves the durable frontier when the group is on disk.
func (b *batch) announce() {
	l, id := b.l, b.sl.id
	for _, f := range b.touched {
		l.advances = append(l.advances, *b.moved[f])
		name, seq := f.name, f.seq
		b.tx.OnCommit(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			// By name: an undone write may have reloaded the space meanwhile.
			sl := l.spaces[id]
			if sl == nil || sl.feeds[name] == nil || seq <= sl.feeds[name].durable {
				return
			}
			sl.digest.move(name, sl.feeds[name].durable, seq)
			sl.feeds[name].durable = seq
		})
	}
	if l.armed || len(l.advances) == 0 {
		return
	}
	l.armed = true
	b.tx.BeforeCommit(func() error {
		// Registered now, so that it runs after the frontiers of all writes of the group moved.
		b.tx.OnCommit(func() {
			out := l.advances
			l.advances, l.armed = nil, false
			if l.Advanced != nil {
				l.Advanced(out)
			}
		})
		return nil
	})
}
