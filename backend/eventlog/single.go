package eventlog

import (
	"context"
	"sync"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// What newcomers get who see from their joining on (decision 0066).

// single is the key of one event, for who may not have that of its epoch.
type single struct {
	mark  mark
	epoch wire.EpochID
	key   key.SingleKey
}

// told are the singles of a space, as far as its log was read: of what tells what the space is, which
// are the control events and the kinds that Options.Lasting names.
type told struct {
	mu    sync.Mutex
	after int64 // position up to which the log was read
	list  []single
}

// singles lists them. The first call reads the whole log of the space, later ones what came since.
func (l *Log) singles(ctx context.Context, id wire.SpaceID, sl *spaceLog) ([]single, error) {
	l.mu.RLock()
	open := &spaceLog{keys: map[wire.EpochID]key.EpochKey{}, singles: map[mark]key.SingleKey{}}
	for e, k := range sl.keys {
		open.keys[e] = k
	}
	for m, k := range sl.singles {
		open.singles[m] = k
	}
	l.mu.RUnlock()
	sl.told.mu.Lock()
	defer sl.told.mu.Unlock()
	rows, err := l.db.Read().QueryContext(ctx, `SELECT e.pos, e.bytes FROM log_event e JOIN log_feed f ON f.id = e.feed
		WHERE f.space = ? AND e.pos > ? ORDER BY e.pos`, sl.row, sl.told.after)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pos int64
		var raw []byte
		if err := rows.Scan(&pos, &raw); err != nil {
			return nil, store.Classify(err)
		}
		env, err := envelope.Decode(raw)
		if err != nil {
			return nil, err
		}
		if one, ok := l.singleOf(open, env); ok {
			sl.told.list = append(sl.told.list, one)
		}
		sl.told.after = pos
	}
	// The list only grows: who got it may read it while it does.
	return sl.told.list[:len(sl.told.list):len(sl.told.list)], store.Classify(rows.Err())
}

// singleOf derives the key of an event that newcomers get.
func (l *Log) singleOf(open *spaceLog, env envelope.Envelope) (single, bool) {
	if env.Epoch.IsZero() {
		return single{}, false
	}
	if env.Feed.Lane == envelope.Content {
		o, _ := open.opener(env)
		if ev, err := event.Open(env, o); err != nil || !l.Lasting[ev.Kind] {
			return single{}, false
		}
	}
	out := single{mark: markOf(env.ID), epoch: env.Epoch}
	if k, known := open.keys[env.Epoch]; known {
		one, err := k.Single(env.Body)
		out.key = one
		return out, err == nil
	}
	var known bool
	out.key, known = open.singles[out.mark]
	return out, known
}

// foreign reports whether the content of an epoch is not for this device: it is from
// before it came in, or was written by who did not know that it had.
func (b *batch) foreign(e wire.EpochID) bool {
	s := b.sl.machine.State()
	if !s.FromJoining() || !b.sl.machine.Begins(e) {
		return false
	}
	person, known := s.Person(b.l.self)
	if !known {
		return false
	}
	if b.sl.reach == nil {
		r := b.sl.machine.Reach(person)
		b.sl.reach = &r
	}
	return !b.sl.reach.Holds(e)
}

// closed says why an envelope does not open.
func (b *batch) closed(env envelope.Envelope) int {
	if env.Feed.Lane == envelope.Content && b.foreign(env.Epoch) {
		return reasonForeign
	}
	return reasonKey
}

// peek takes the keys of an event whose feed waits for something: it may wait for these
// very keys, and who wrote them may not be there to hand them over otherwise.
func (b *batch) peek(env envelope.Envelope) {
	if env.Feed.Lane != envelope.Control || !env.Epoch.IsZero() {
		return
	}
	if ev, err := event.Open(env, key.EpochKey{}); err == nil && ev.Kind == event.Keys {
		b.sl.learn(b, &ev)
	}
}

// retryForeign lets what was not for this device count where a key for it is here now.
func (b *batch) retryForeign() error {
	rows, err := b.aside(`SELECT a.feed, a.bytes, a.reason FROM log_aside a JOIN log_feed f ON f.id = a.feed
		WHERE f.space = ? AND a.reason = ? ORDER BY a.feed, a.seq`, b.sl.row, reasonForeign)
	if err != nil {
		return err
	}
	byRow := map[int64]*feed{}
	for _, f := range b.sl.feeds {
		byRow[f.row] = f
	}
	for _, r := range rows {
		env, err := envelope.Decode(r.raw)
		if err != nil {
			return err
		}
		f := byRow[r.feed]
		if o, _ := b.sl.opener(env); o == (closed{}) || f == nil {
			continue
		}
		events := len(b.events)
		if err := b.settle(f, env, event.Event{}, true); err != nil {
			return err
		}
		if len(b.events) == events && !b.leftWaiting(f, env.Seq) {
			b.wait(f, 1)
		}
	}
	return nil
}

// History is what newcomers of a space see, and whether this device is one of them.
type History struct {
	// FromJoining: nothing that was written before them.
	FromJoining bool
	// By and At: who set it, and when; zero where nobody did.
	By wire.PersonID
	At clock.Stamp
	// Limited: what was written before this device came in is not for it.
	Limited bool
	// Since this device's person is in the space.
	Since clock.Stamp
}

// History of a space. Errors: ErrUnknownSpace.
func (l *Log) History(id wire.SpaceID) (h History, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return h, ErrUnknownSpace
	}
	s := sl.machine.State()
	h.FromJoining = s.FromJoining()
	h.By, h.At, _ = s.HistorySet()
	person, _ := s.Person(l.self)
	if m, ok := s.Member(person); ok {
		h.Since = m.Joined
		h.Limited = h.FromJoining && sl.machine.Limits(person)
	}
	return h, nil
}

// SetHistory says what newcomers of a group or a circle are given. Where it is so already it does nothing.
// Errors: errcode.Forbidden, and those of Append.
func (l *Log) SetHistory(ctx context.Context, id wire.SpaceID, mode space.HistoryMode) error {
	is := space.HistoryAll
	if err := l.View(id, func(s *space.State) {
		if s.FromJoining() {
			is = space.HistoryFromJoining
		}
	}); err != nil || is == mode {
		return err
	}
	return l.Change(ctx, id, space.Op{History: &space.History{Mode: mode}})
}

// Foreign counts what is here of a space and not for this device; it only grows while the program runs.
func (l *Log) Foreign(id wire.SpaceID) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if sl := l.spaces[id]; sl != nil {
		return sl.strange
	}
	return 0
}

// loadSingles reads what this device has instead of epoch keys.
func (l *Log) loadSingles(tx *store.Tx, sl *spaceLog) error {
	if err := tx.QueryRow(`SELECT count(*) FROM log_aside a JOIN log_feed f ON f.id = a.feed WHERE f.space = ? AND a.reason = ?`,
		sl.row, reasonForeign).Scan(&sl.strange); err != nil {
		return err
	}
	each := func(query string, take func(name, raw []byte)) error {
		rows, err := tx.Query(query, sl.row)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, raw []byte
			if err := rows.Scan(&name, &raw); err != nil {
				return err
			}
			take(name, raw)
		}
		return rows.Err()
	}
	err := each(`SELECT event, key FROM log_single WHERE space = ?`, func(name, raw []byte) {
		if k, err := key.SingleKeyFromBytes(raw); err == nil && len(name) == markSize {
			sl.singles[mark(name)] = k
		}
	})
	if err != nil {
		return err
	}
	return each(`SELECT purpose, secret FROM log_secret WHERE space = ?`, func(name, raw []byte) {
		if len(raw) == 32 {
			sl.secrets[string(name)] = [32]byte(raw)
		}
	})
}
