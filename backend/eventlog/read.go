package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// ReadRun reads envelopes of a feed from a sequence on, as many as fit into
// wire.MaxRun and wire.MaxRunBytes, and nothing that is not on disk. What is set
// aside is read too: whether it counts is for the reader to judge.
func (l *Log) ReadRun(ctx context.Context, id wire.SpaceID, name envelope.Feed, from, to uint64) ([][]byte, error) {
	l.mu.RLock()
	var row int64
	if sl := l.spaces[id]; sl != nil && sl.feeds[name] != nil {
		row, to = sl.feeds[name].row, min(to, sl.feeds[name].durable)
	}
	l.mu.RUnlock()
	if row == 0 || from > to {
		return nil, nil
	}
	to = min(to, from+wire.MaxRun-1)
	rows, err := l.db.Read().QueryContext(ctx, `
		SELECT seq, bytes FROM log_event WHERE feed = ?1 AND seq BETWEEN ?2 AND ?3
		UNION ALL
		SELECT seq, bytes FROM log_aside WHERE feed = ?1 AND seq BETWEEN ?2 AND ?3
		ORDER BY seq`, row, int64(from), int64(to))
	if err != nil {
		return nil, store.Classify(fmt.Errorf("read run: %w", err))
	}
	defer rows.Close()
	var out [][]byte
	size := 0
	for want := from; rows.Next(); want++ {
		var seq uint64
		var raw []byte
		if err := rows.Scan(&seq, &raw); err != nil {
			return nil, store.Classify(fmt.Errorf("read run: %w", err))
		}
		if size += len(raw); seq != want || (size > wire.MaxRunBytes && len(out) > 0) {
			break
		}
		out = append(out, raw)
	}
	return out, store.Classify(rows.Err())
}

// rawAt reads one stored envelope within a write.
func (l *Log) rawAt(tx *store.Tx, row int64, seq uint64) ([]byte, error) {
	var raw []byte
	err := tx.QueryRow(`SELECT bytes FROM log_event WHERE feed = ?1 AND seq = ?2
		UNION ALL SELECT bytes FROM log_aside WHERE feed = ?1 AND seq = ?2`, row, int64(seq)).Scan(&raw)
	return raw, err
}

// events opens the events of a feed that count.
func (l *Log) events(ctx context.Context, id wire.SpaceID, name envelope.Feed, from, to uint64) ([]event.Event, error) {
	raws, err := l.ReadRun(ctx, id, name, from, to)
	if err != nil {
		return nil, err
	}
	keys := l.keysOf(id)
	var out []event.Event
	for _, raw := range raws {
		env, err := envelope.Decode(raw)
		if err != nil {
			return nil, err
		}
		ev, err := event.Open(env, keys[env.Epoch])
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}

// Scan reads what counts, from a position on, within a write, and gives it to fn
// in chunks. With a space it reads that space only.
func (l *Log) Scan(tx *store.Tx, after int64, only *wire.SpaceID, fn func([]Event) error) error {
	const chunk = 2000
	bySpace := map[int64]*spaceLog{}
	for _, sl := range l.spaces {
		bySpace[sl.row] = sl
	}
	query := `SELECT e.pos, e.feed, e.clamp, e.bytes, f.space FROM log_event e JOIN log_feed f ON f.id = e.feed
		WHERE e.pos > ? ORDER BY e.pos LIMIT ?`
	args := []any{after, chunk}
	if only != nil {
		sl := l.spaces[*only]
		if sl == nil {
			return nil
		}
		query = `SELECT e.pos, e.feed, e.clamp, e.bytes, f.space FROM log_event e JOIN log_feed f ON f.id = e.feed
			WHERE e.pos > ? AND f.space = ? ORDER BY e.pos LIMIT ?`
		args = []any{after, sl.row, chunk}
	}
	for {
		events, err := l.scan(tx, bySpace, query, args)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := fn(events); err != nil {
			return err
		}
		args[0] = events[len(events)-1].Pos
	}
}

func (l *Log) scan(tx *store.Tx, bySpace map[int64]*spaceLog, query string, args []any) ([]Event, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var clamp sql.NullInt64
		var raw []byte
		var row int64
		if err := rows.Scan(&e.Pos, &e.FeedID, &clamp, &raw, &row); err != nil {
			return nil, err
		}
		sl := bySpace[row]
		if sl == nil {
			return nil, errors.New("event of a space that is not loaded")
		}
		if e.Event, err = sl.open(raw); err != nil {
			return nil, fmt.Errorf("event at %d: %w", e.Pos, err)
		}
		if clamp.Valid {
			e.Stamp, e.Ahead = clock.Stamp(clamp.Int64), true
		}
		e.Mine = e.Feed.Device == l.self
		e.Person, _ = sl.machine.State().Person(e.Feed.Device)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Hold takes note that a device of another member has this device's feeds on
// its disk up to the given sequences. It reports whether that was news.
func (l *Log) Hold(ctx context.Context, id wire.SpaceID, peer wire.DeviceID, heads []Head) (bool, error) {
	type news struct {
		f   *feed
		seq uint64
	}
	var all []news
	l.mu.RLock()
	if sl := l.spaces[id]; sl != nil {
		for _, h := range heads {
			f := sl.feeds[h.Feed()]
			if f != nil && f.held != nil && min(h.Seq, f.durable) > f.held[peer] {
				all = append(all, news{f, min(h.Seq, f.durable)})
			}
		}
	}
	l.mu.RUnlock()
	if len(all) == 0 {
		return false, nil
	}
	err := l.db.Write(ctx, func(tx *store.Tx) error {
		for _, n := range all {
			if _, err := tx.Exec(`INSERT INTO log_held VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
				n.f.row, peer[:], int64(n.seq)); err != nil {
				return err
			}
			tx.OnCommit(func() {
				l.mu.Lock()
				n.f.held[peer] = max(n.f.held[peer], n.seq)
				l.mu.Unlock()
			})
		}
		return nil
	})
	return err == nil, err
}

// Holders tells which devices hold how much of a feed of this device.
func (l *Log) Holders(id wire.SpaceID, name envelope.Feed) map[wire.DeviceID]uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := map[wire.DeviceID]uint64{}
	if sl := l.spaces[id]; sl != nil && sl.feeds[name] != nil {
		for d, n := range sl.feeds[name].held {
			out[d] = n
		}
	}
	return out
}

// Missing lists the epochs whose keys would let something count that waits; and, where newcomers get
// everything again, those of what was not for this device.
func (l *Log) Missing(ctx context.Context, id wire.SpaceID) ([]wire.EpochID, error) {
	l.mu.RLock()
	sl := l.spaces[id]
	idle, also := sl == nil || sl.waiting == 0, reasonKey
	var row int64
	if sl != nil {
		row = sl.row
		if sl.strange > 0 && !sl.machine.State().FromJoining() {
			idle, also = false, reasonForeign
		}
	}
	l.mu.RUnlock()
	if idle {
		return nil, nil
	}
	rows, err := l.db.Read().QueryContext(ctx, `SELECT DISTINCT substr(a.bytes, 115, 16) FROM log_aside a
		JOIN log_feed f ON f.id = a.feed WHERE f.space = ? AND a.reason IN (?, ?) LIMIT ?`, row, reasonKey, also, wire.MaxEpochs)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []wire.EpochID
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if len(raw) == 16 {
			out = append(out, wire.EpochID(raw))
		}
	}
	return out, rows.Err()
}
