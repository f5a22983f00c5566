package eventlog

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/space"
	"roundtable/backend/store"
)

type asideRow struct {
	feed   int64
	raw    []byte
	reason int
}

// retryAside goes once through what waits, feed by feed in sequence.
func (b *batch) retryAside() error {
	rows, err := b.aside(`SELECT a.feed, a.bytes, a.reason FROM log_aside a JOIN log_feed f ON f.id = a.feed
		WHERE f.space = ? AND a.reason < ? ORDER BY f.lane, a.feed, a.seq`, b.sl.row, reasonVoid)
	if err != nil {
		return err
	}
	byRow := map[int64]*feed{}
	for _, f := range b.sl.feeds {
		byRow[f.row] = f
	}
	blocked := map[int64]bool{}
	for _, r := range rows {
		if blocked[r.feed] {
			continue
		}
		f := byRow[r.feed]
		env, err := envelope.Decode(r.raw)
		if err != nil {
			return err
		}
		events := len(b.events)
		if err := b.settle(f, env, event.Event{}, true); err != nil {
			return err
		}
		if len(b.events) > events || b.leftWaiting(f, env.Seq) {
			b.wait(f, -1)
			continue
		}
		blocked[r.feed] = true
	}
	return nil
}

// leftWaiting reports whether a retried envelope was found void or bad for good.
func (b *batch) leftWaiting(f *feed, seq uint64) bool {
	var reason int
	err := b.tx.QueryRow(`SELECT reason FROM log_aside WHERE feed = ? AND seq = ?`, f.row, int64(seq)).Scan(&reason)
	return err == nil && reason >= reasonVoid
}

func (b *batch) aside(query string, args ...any) ([]asideRow, error) {
	rows, err := b.tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []asideRow
	for rows.Next() {
		var r asideRow
		if err := rows.Scan(&r.feed, &r.raw, &r.reason); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// enforce moves content between log_event and log_aside after removals changed:
// what lies beyond a cut is void, and counts again when the removal does not
// hold after all. If anything that counted is void now, the space is replayed.
func (b *batch) enforce() error {
	state := b.sl.machine.State()
	reset := false
	for _, f := range b.sl.feeds {
		if f.name.Lane != envelope.Content {
			continue
		}
		n, err := b.setAside(f, state)
		if err != nil {
			return err
		}
		reset = reset || n > 0
		if err := b.restore(f, state); err != nil {
			return err
		}
	}
	if !reset {
		return nil
	}
	b.people = nil // the replay tells everything
	return b.l.Follower.Reset(b.tx, b.sl.id)
}

// setAside takes out what counted and does not any more, and says how much: what
// lies beyond a cut, and everything by somebody whose admission turned out void;
// he may be let in by another yet.
func (b *batch) setAside(f *feed, state *space.State) (int64, error) {
	reason := reasonVoid
	end, closed := state.End(f.name)
	if state.Accepts(f.name, 1) == space.Unknown {
		end, closed, reason = 0, true, reasonMember
	}
	if !closed || f.seq <= end {
		return 0, nil
	}
	r, err := b.tx.Exec(`INSERT INTO log_aside SELECT feed, seq, ?, bytes FROM log_event WHERE feed = ? AND seq > ?`, reason, f.row, int64(end))
	if err != nil {
		return 0, err
	}
	if _, err := b.tx.Exec(`DELETE FROM log_event WHERE feed = ? AND seq > ?`, f.row, int64(end)); err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	if reason < reasonVoid {
		b.wait(f, int(n))
	}
	return n, err
}

// restore lets void content count again when it does.
func (b *batch) restore(f *feed, state *space.State) error {
	rows, err := b.aside(`SELECT feed, bytes, reason FROM log_aside WHERE feed = ? AND reason = ? ORDER BY seq`, f.row, reasonVoid)
	if err != nil {
		return err
	}
	var events []Event
	for _, r := range rows {
		env, err := envelope.Decode(r.raw)
		if err != nil {
			return err
		}
		if state.Accepts(f.name, env.Seq) != space.Accepted {
			break
		}
		before := len(b.events)
		if err := b.settle(f, env, event.Event{}, true); err != nil {
			return err
		}
		events = append(events, b.events[before:]...)
		b.events = b.events[:before]
	}
	if len(events) == 0 {
		return nil
	}
	return errors.Join(b.l.Follower.Follow(b.tx, events))
}

// Retry tries everything that waits once more: at a start, since this program may
// understand now what its last version did not.
func (l *Log) Retry(ctx context.Context) error {
	for _, id := range l.Spaces() {
		err := l.db.Write(ctx, func(tx *store.Tx) error {
			sl := l.spaces[id]
			if sl == nil || sl.waiting == 0 {
				return nil
			}
			l.touch(tx, id)
			b := &batch{l: l, tx: tx, sl: sl, retry: true}
			return b.finish()
		})
		if err != nil {
			return fmt.Errorf("try again what waits: %w", err)
		}
	}
	return nil
}
