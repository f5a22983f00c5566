package eventlog

import (
	"context"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Run is a verified piece of one feed, opened as far as keys were at hand.
// Preparing runs outside the writer, so that several are hashed and opened
// while others are stored.
type Run struct {
	Space wire.SpaceID
	Feed  envelope.Feed
	envs  []envelope.Envelope
	// opened[i] is valid when opened[i].Kind is set
	opened []event.Event
}

// Last is the last sequence of the run.
func (r Run) Last() uint64 { return r.envs[len(r.envs)-1].Seq }

// First is the first sequence of the run.
func (r Run) First() uint64 { return r.envs[0].Seq }

// Len is the number of envelopes.
func (r Run) Len() int { return len(r.envs) }

// Prepare verifies a run that claims to belong to a space and opens it.
// Errors: those of envelope.DecodeRun; wire.ErrMalformed for another space.
func (l *Log) Prepare(id wire.SpaceID, raws [][]byte) (Run, error) {
	envs, err := envelope.DecodeRun(raws)
	if err != nil {
		return Run{}, err
	}
	if envs[0].Space != id {
		return Run{}, fmt.Errorf("run of another space: %w", wire.ErrMalformed)
	}
	r := Run{Space: id, Feed: envs[0].Feed, envs: envs, opened: make([]event.Event, len(envs))}
	keys := l.keysOf(id)
	for i, env := range envs {
		k, known := keys[env.Epoch]
		if !known && !env.Epoch.IsZero() {
			continue
		}
		if ev, err := event.Open(env, k); err == nil {
			r.opened[i] = ev
		}
	}
	return r, nil
}

func (l *Log) keysOf(id wire.SpaceID) map[wire.EpochID]key.EpochKey {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return nil
	}
	out := make(map[wire.EpochID]key.EpochKey, len(sl.keys))
	for id, k := range sl.keys {
		out[id] = k
	}
	return out
}

// Ingest stores prepared runs of one space. What is held already is skipped.
// It returns when the runs are on disk and followed.
// Errors: ErrGap, ErrForked, ErrLimit, and what the store says.
func (l *Log) Ingest(ctx context.Context, runs ...Run) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		for _, r := range runs {
			sl, err := l.ensure(tx, r.Space)
			if err != nil {
				return err
			}
			b := &batch{l: l, tx: tx, sl: sl}
			if err := b.ingest(r); err != nil {
				return err
			}
			if err := b.finish(); err != nil {
				return err
			}
		}
		return nil
	})
}

// IngestEarly shows followers the newest events of a feed before the rest is
// there. The run is verified by its last signature, not by what leads to it;
// only what its author may write is shown, and nothing is stored.
func (l *Log) IngestEarly(ctx context.Context, r Run) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		sl := l.spaces[r.Space]
		if sl == nil {
			return ErrUnknownSpace
		}
		l.touch(tx, r.Space)
		f, err := l.feed(tx, sl, r.Feed)
		if err != nil {
			return err
		}
		var events []Event
		for i, ev := range r.opened {
			if ev.Kind == "" || r.envs[i].Seq <= f.seq || r.Feed.Lane != envelope.Content ||
				sl.machine.State().Accepts(r.Feed, ev.Seq) != 1 {
				continue
			}
			out := Event{Event: ev, FeedID: f.row, Mine: ev.Feed.Device == l.self}
			out.Person, _ = sl.machine.State().Person(ev.Feed.Device)
			if l.hybrid.Ahead(ev.Stamp) {
				out.Stamp, out.Ahead = l.Now(), true
			}
			events = append(events, out)
		}
		return l.Follower.Early(tx, events)
	})
}

func (b *batch) ingest(r Run) error {
	f, err := b.l.feed(b.tx, b.sl, r.Feed)
	if err != nil {
		return err
	}
	switch {
	case r.Last() <= f.seq:
		return b.contradicts(f, r)
	case f.frozen:
		return ErrForked
	case r.First() > f.seq+1:
		return fmt.Errorf("feed at %d, run from %d: %w", f.seq, r.First(), ErrGap)
	}
	skip := int(f.seq + 1 - r.First())
	if r.envs[skip].Prev != f.head && f.seq > 0 {
		return b.fork(f, r.envs[skip])
	}
	if b.sl.waiting+r.Len() > wire.MaxAside && b.sl.waiting > 0 {
		return ErrLimit
	}
	for i := skip; i < len(r.envs); i++ {
		if err := b.settle(f, r.envs[i], r.opened[i], false); err != nil {
			return err
		}
	}
	return nil
}

// contradicts looks whether a run of sequences that we hold is what we hold.
func (b *batch) contradicts(f *feed, r Run) error {
	last := r.envs[len(r.envs)-1]
	raw, err := b.l.rawAt(b.tx, f.row, last.Seq)
	if err != nil || string(raw) == string(last.Raw) {
		return err
	}
	return b.fork(f, last)
}

// fork keeps the evidence and freezes the feed. It is not an error of this
// write: the evidence must stay.
func (b *batch) fork(f *feed, theirs envelope.Envelope) error {
	if f.frozen {
		return nil
	}
	ours, err := b.l.rawAt(b.tx, f.row, min(f.seq, theirs.Seq))
	if err != nil {
		return err
	}
	if _, err := b.tx.Exec(`INSERT OR IGNORE INTO log_fork VALUES(?, ?, ?, ?)`, f.row, int64(theirs.Seq), ours, theirs.Raw); err != nil {
		return err
	}
	if _, err := b.tx.Exec(`UPDATE log_feed SET frozen = 1 WHERE id = ?`, f.row); err != nil {
		return err
	}
	b.l.mu.Lock()
	f.frozen = true
	b.l.mu.Unlock()
	b.l.Log.Warn("feed is forked", "space", b.sl.id.String(), "device", f.name.Device.Short(), "seq", theirs.Seq)
	if b.l.Forked != nil {
		id, device := b.sl.id, f.name.Device
		b.tx.Tell(func() { b.l.Forked(id, device) })
	}
	return nil
}
