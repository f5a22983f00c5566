package eventlog

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Draft is an event to be written.
type Draft struct {
	Kind event.Kind
	Body any
	// Then, where it is set, writes what has to be true together with the event.
	Then func(tx *store.Tx, e Event) error
}

// errReplan: what was wrapped outside the writer does not fit any more.
var errReplan = errors.New("plan is out of date")

const maxPlans = 8

// Append writes content to a space. When it returns nil, the events are on disk
// and followed. If somebody left since the epoch began, or its key never came,
// a new epoch is begun first.
// Errors: errcode.NotMember, errcode.NotReady (a guest who lacks the key), ErrUnknownSpace, errcode.DiskFull.
func (l *Log) Append(ctx context.Context, id wire.SpaceID, drafts ...Draft) ([]Event, error) {
	var out []Event
	err := l.planned(ctx, id, planFor{}, func(b *batch) error {
		for _, d := range drafts {
			if err := b.draft(d); err != nil {
				return err
			}
		}
		out = b.events
		return nil
	})
	if err != nil {
		return nil, err
	}
	mine := out[:0]
	for _, e := range out {
		if e.Feed.Lane == envelope.Content {
			mine = append(mine, e)
		}
	}
	return mine, nil
}

// Change writes control operations. Keys for who comes in are wrapped along; a
// removal gets its cuts from what this device holds, and a new epoch follows.
// Errors: errcode.Forbidden, and those of Append.
func (l *Log) Change(ctx context.Context, id wire.SpaceID, ops ...space.Op) error {
	removes := false
	var parties []space.Party
	for _, op := range ops {
		removes = removes || (op.Remove != nil && !l.leaves(id, *op.Remove))
		if op.Add != nil {
			parties = append(parties, op.Add.Party)
		}
		if op.Redeem != nil {
			parties = append(parties, op.Redeem.Party)
		}
	}
	joins := false
	if len(parties) > 0 {
		_ = l.View(id, func(s *space.State) { joins = s.FromJoining() })
	}
	// Who is removed may read of it, and who comes in may not read what was said before: both are sealed as
	// before, what follows anew.
	err := l.planned(ctx, id, planFor{parties: parties, asBefore: removes || joins}, func(b *batch) error {
		for _, op := range ops {
			if err := b.operate(op); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !removes && !joins {
		return err
	}
	if err := l.planned(ctx, id, planFor{}, func(*batch) error { return nil }); err != nil {
		// What was changed stands; whoever writes next begins the epoch.
		l.Log.Warn("new epoch after a change of members", "space", id.String(), "err", err)
	}
	return nil
}

// leaves reports whether a removal is this device's own person leaving: then it
// is for others to begin the next epoch.
func (l *Log) leaves(id wire.SpaceID, r space.Remove) (own bool) {
	_ = l.View(id, func(s *space.State) {
		person, ok := s.Person(l.self)
		own = ok && person == r.Person
	})
	return own
}

// Create begins a space, lets people in and writes first content, all or nothing.
// For a direct space that exists already it does nothing.
func (l *Log) Create(ctx context.Context, c space.Create, adds []space.Add, drafts ...Draft) (wire.SpaceID, error) {
	return l.CreateWith(ctx, c, adds, nil, drafts...)
}

// CreateWith is Create with operations after the people.
func (l *Log) CreateWith(ctx context.Context, c space.Create, adds []space.Add, ops []space.Op, drafts ...Draft) (wire.SpaceID, error) {
	id := c.NewID(l.self)
	if l.Knows(id) {
		return id, nil
	}
	epoch := key.NewEpochKey()
	c.Epoch = epoch.ID()
	parties := append([]space.Party(nil), c.Parties...)
	for _, a := range adds {
		parties = append(parties, a.Party)
	}
	boxes, err := l.wrap(id, devicesOf(parties), keyring{Keys: [][]byte{epoch.Bytes()}})
	if err != nil {
		return id, err
	}
	err = l.db.Write(ctx, func(tx *store.Tx) error {
		if l.spaces[id] != nil {
			return nil
		}
		sl, err := l.ensure(tx, id)
		if err != nil {
			return err
		}
		b := &batch{l: l, tx: tx, sl: sl}
		if err := b.addKey(epoch); err != nil {
			return err
		}
		if err := b.writeBoxes(boxes); err != nil {
			return err
		}
		if err := b.operateWith(epoch, space.Op{Create: &c}); err != nil {
			return err
		}
		for _, a := range adds {
			if err := b.operate(space.Op{Add: &a}); err != nil {
				return err
			}
		}
		for _, op := range ops {
			if err := b.operate(op); err != nil {
				return err
			}
		}
		for _, d := range drafts {
			if err := b.draft(d); err != nil {
				return err
			}
		}
		return b.finish()
	})
	if err != nil {
		return id, fmt.Errorf("create space: %w", err)
	}
	return id, nil
}

// planned runs fn in the writer with an epoch fit for writing. Wrapping keys is
// slow, so it happens before, from a copy of the state; when the state has moved
// on meanwhile it happens again.
func (l *Log) planned(ctx context.Context, id wire.SpaceID, what planFor, fn func(*batch) error) error {
	for range maxPlans {
		p, err := l.plan(ctx, id, what)
		if err != nil {
			return err
		}
		err = l.db.Write(ctx, func(tx *store.Tx) error {
			sl := l.spaces[id]
			if sl == nil {
				return ErrUnknownSpace
			}
			if _, in := sl.machine.State().MemberOf(l.self); !in {
				return errcode.NotMember
			}
			l.touch(tx, id)
			b := &batch{l: l, tx: tx, sl: sl}
			if err := b.carryOut(p); err != nil {
				return err
			}
			if err := fn(b); err != nil {
				return err
			}
			return b.finish()
		})
		if !errors.Is(err, errReplan) {
			return err
		}
	}
	return fmt.Errorf("space changes faster than keys can be wrapped: %w", errcode.NotReady)
}

// operate writes one control operation by this device.
func (b *batch) operate(op space.Op) error {
	k, ok := b.sl.keys[b.sl.machine.State().Epoch]
	if !ok {
		return errReplan
	}
	return b.operateWith(k, op)
}

func (b *batch) operateWith(k key.EpochKey, op space.Op) error {
	if op.Create == nil {
		op.Parents = b.sl.machine.Heads()
	}
	if op.Remove != nil {
		op.Remove.Cuts = b.sl.cuts(op.Remove.Person)
	}
	f, err := b.ownFeed(envelope.Control)
	if err != nil {
		return err
	}
	c := space.Control{Feed: f.name, Seq: f.seq + 1, Stamp: b.l.Now(), Op: op}
	if !b.sl.machine.Permitted(c) {
		return errcode.Forbidden
	}
	return b.writeWith(k, envelope.Control, event.Space, op)
}

// draft writes one event of content and what goes with it.
func (b *batch) draft(d Draft) error {
	if err := b.write(envelope.Content, d.Kind, d.Body); err != nil || d.Then == nil {
		return err
	}
	return d.Then(b.tx, b.events[len(b.events)-1])
}

// write seals, signs and stores one event of this device.
func (b *batch) write(lane envelope.Lane, kind event.Kind, body any) error {
	k, ok := b.sl.keys[b.sl.machine.State().Epoch]
	if !ok {
		return errReplan
	}
	return b.writeWith(k, lane, kind, body)
}

func (b *batch) writeWith(k key.EpochKey, lane envelope.Lane, kind event.Kind, body any) error {
	f, err := b.ownFeed(lane)
	if err != nil {
		return err
	}
	h := envelope.Header{Space: b.sl.id, Feed: f.name, Seq: f.seq + 1, Prev: f.head}
	env, ev, err := event.Seal(h, k, kind, b.l.hybrid.Next(), body, b.l.Signer)
	if err != nil {
		return err
	}
	if reason := b.judge(f, env, &ev, false); reason != 0 {
		return fmt.Errorf("own event would wait (%d): %w", reason, errcode.NotMember)
	}
	if err := b.advance(f, env); err != nil {
		return err
	}
	return b.count(f, env, ev)
}

// ownFeed is where this device writes now: its newest feed that counts, or a new one.
func (b *batch) ownFeed(lane envelope.Lane) (*feed, error) {
	since := max(b.l.since, b.sl.machine.State().Since(b.l.self))
	usable := func(f *feed) bool { return f != nil && !f.frozen && f.waits == 0 && f.name.Start >= since }
	if f := b.sl.own[lane]; usable(f) {
		return f, nil
	}
	var best *feed
	start := since
	for name, f := range b.sl.feeds {
		if name.Device != b.l.self || name.Lane != lane {
			continue
		}
		start = max(start, name.Start+1)
		if usable(f) && (best == nil || name.Start > best.name.Start) {
			best = f
		}
	}
	if best == nil {
		var err error
		start = max(start, uint64(max(b.l.Clock.Now().UnixMilli(), 1)))
		if best, err = b.l.feed(b.tx, b.sl, envelope.Feed{Device: b.l.self, Start: start, Lane: lane}); err != nil {
			return nil, err
		}
	}
	b.sl.own[lane] = best
	return best, nil
}

// cuts are the ends of a person's feeds as this device holds them: what waits
// has not been seen by anybody here and does not count.
func (sl *spaceLog) cuts(person wire.PersonID) []space.Cut {
	var out []space.Cut
	state := sl.machine.State()
	for name, f := range sl.feeds {
		holder, ok := state.Person(name.Device)
		seq := f.seq - uint64(f.waits)
		if ok && holder == person && seq > 0 {
			out = append(out, space.Cut{Device: name.Device, Start: name.Start, Lane: uint8(name.Lane), Seq: seq})
		}
	}
	return out
}
