package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Tx is the transaction a projection writes in.
type Tx struct {
	*store.Tx
	topics map[string]struct{}
	once   map[string]bool
	last   []func() error
}

// Once runs fn after everything that this write brings a projection, once for each name: for rows that are worked out from many events.
func (t *Tx) Once(name string, fn func() error) {
	if !t.once[name] {
		t.once[name] = true
		t.last = append(t.last, fn)
	}
}

// settle runs what is left for the end.
func (t *Tx) settle() error {
	for _, fn := range t.last {
		if err := fn(); err != nil {
			return err
		}
	}
	return nil
}

// Changed names a topic that is published once the transaction is on disk.
func (t *Tx) Changed(topics ...string) {
	for _, topic := range topics {
		t.topics[topic] = struct{}{}
	}
}

// Projection derives tables from events.
type Projection interface {
	// Name is the prefix of its tables.
	Name() string
	// Version of tables and rules; another one than on disk means a rebuild.
	Version() int
	// Schema makes the tables.
	Schema() string
	// Apply takes one event that counts.
	Apply(tx *Tx, e eventlog.Event) error
	// Early takes an event before those that lead to it; Apply gets it again.
	Early(tx *Tx, e eventlog.Event) error
	// Members takes memberships that changed.
	Members(tx *Tx, m eventlog.Members) error
	// Reset deletes every row derived from a space.
	Reset(tx *Tx, id wire.SpaceID) error
}

// Runner drives the projections of a profile. It is the log's follower.
type Runner struct {
	db      *store.DB
	log     *slog.Logger
	all     []Projection
	publish func(topics ...string)
	events  *eventlog.Log

	mu     sync.Mutex
	failed map[string]error
}

const schema = `CREATE TABLE IF NOT EXISTS projection_cursor(
  name TEXT PRIMARY KEY, version INTEGER NOT NULL, pos INTEGER NOT NULL) STRICT`

// New makes a runner; CatchUp has to be called once the log is open.
func New(db *store.DB, log *slog.Logger, publish func(topics ...string), all ...Projection) *Runner {
	return &Runner{db: db, log: log, all: all, publish: publish, failed: map[string]error{}}
}

// Failed lists projections whose cursor stopped, with the reason.
func (r *Runner) Failed() map[string]error {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]error{}
	for k, v := range r.failed {
		out[k] = v
	}
	return out
}

// Prepare makes the tables; those of another version are dropped first.
func (r *Runner) Prepare(ctx context.Context) error {
	if err := r.db.Migrate(ctx, "projection", schema); err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		for _, p := range r.all {
			var version int
			if err := tx.QueryRow(`SELECT coalesce(max(version), 0) FROM projection_cursor WHERE name = ?`, p.Name()).Scan(&version); err != nil {
				return err
			}
			if version == p.Version() {
				continue
			}
			if err := r.remake(tx, p); err != nil {
				return fmt.Errorf("tables of %s: %w", p.Name(), err)
			}
		}
		return nil
	})
}

// remake drops a projection's tables and makes them anew, with the cursor at 0.
func (r *Runner) remake(tx *store.Tx, p Projection) error {
	rows, err := tx.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ? || '\_%' ESCAPE '\'`, p.Name())
	if err != nil {
		return err
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		tables = append(tables, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, name := range tables {
		if err := tx.Script(`DROP TABLE "` + name + `"`); err != nil {
			return err
		}
	}
	if err := tx.Script(p.Schema()); err != nil {
		return err
	}
	if f, ok := p.(interface{ Forget() }); ok {
		f.Forget() // what it remembered of its tables
	}
	_, err = tx.Exec(`INSERT INTO projection_cursor VALUES(?, ?, 0) ON CONFLICT(name) DO UPDATE SET version = excluded.version, pos = 0`, p.Name(), p.Version())
	return err
}

// CatchUp brings every projection to the end of the log.
func (r *Runner) CatchUp(ctx context.Context, events *eventlog.Log) error {
	r.events = events
	return r.db.Write(ctx, func(tx *store.Tx) error {
		for _, p := range r.all {
			var pos int64
			if err := tx.QueryRow(`SELECT pos FROM projection_cursor WHERE name = ?`, p.Name()).Scan(&pos); err != nil {
				return err
			}
			events.StartAt(pos)
			r.guard(tx, p, func(t *Tx) error { return r.replay(t, p, pos) })
		}
		return nil
	})
}

// Rebuild drops a projection's tables and replays the whole log.
func (r *Runner) Rebuild(ctx context.Context, name string) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		for _, p := range r.all {
			if p.Name() != name {
				continue
			}
			r.mu.Lock()
			delete(r.failed, name)
			r.mu.Unlock()
			if err := r.remake(tx, p); err != nil {
				return err
			}
			r.guard(tx, p, func(t *Tx) error { return r.replay(t, p, 0) })
		}
		return r.Failed()[name]
	})
}

func (r *Runner) replay(t *Tx, p Projection, pos int64) error {
	last := pos
	err := r.events.Scan(t.Tx, pos, nil, func(events []eventlog.Event) error {
		for _, e := range events {
			if err := p.Apply(t, e); err != nil {
				return err
			}
			last = e.Pos
		}
		return nil
	})
	if err != nil || (last == pos && pos != 0) {
		return err
	}
	for _, id := range r.events.Spaces() {
		if err := r.everybody(t, p, id); err != nil {
			return err
		}
	}
	return cursor(t, p, last)
}

func (r *Runner) everybody(t *Tx, p Projection, id wire.SpaceID) error {
	m := eventlog.Members{Space: id}
	err := r.events.View(id, func(s *space.State) { m.State = s })
	if err != nil {
		return nil //nolint:nilerr // the space is gone: nothing to tell
	}
	// Only the writer changes states, and this is the writer.
	for _, member := range m.State.Members() {
		m.People = append(m.People, member.Person)
	}
	return p.Members(t, m)
}

func cursor(t *Tx, p Projection, pos int64) error {
	_, err := t.Exec(`UPDATE projection_cursor SET pos = ? WHERE name = ?`, pos, p.Name())
	return err
}

// guard runs one projection's work so that its failure is its own.
func (r *Runner) guard(tx *store.Tx, p Projection, fn func(*Tx) error) {
	r.mu.Lock()
	_, stopped := r.failed[p.Name()]
	r.mu.Unlock()
	if stopped {
		return
	}
	t := &Tx{Tx: tx, topics: map[string]struct{}{}, once: map[string]bool{}}
	err := tx.Savepoint(func() error {
		if err := fn(t); err != nil {
			return err
		}
		return t.settle()
	})
	if err != nil {
		r.log.Error("projection stopped", "projection", p.Name(), "err", err)
		r.mu.Lock()
		r.failed[p.Name()] = err
		r.mu.Unlock()
		tx.Tell(func() { r.publish("system") })
		return
	}
	if len(t.topics) == 0 {
		return
	}
	topics := make([]string, 0, len(t.topics))
	for topic := range t.topics {
		topics = append(topics, topic)
	}
	tx.Tell(func() { r.publish(topics...) })
}

// Follow implements eventlog.Follower.
func (r *Runner) Follow(tx *store.Tx, events []eventlog.Event) error {
	for _, p := range r.all {
		r.guard(tx, p, func(t *Tx) error {
			for _, e := range events {
				if err := p.Apply(t, e); err != nil {
					return fmt.Errorf("event at %d: %w", e.Pos, err)
				}
			}
			return cursor(t, p, events[len(events)-1].Pos)
		})
	}
	return nil
}

// Early implements eventlog.Follower.
func (r *Runner) Early(tx *store.Tx, events []eventlog.Event) error {
	for _, p := range r.all {
		r.guard(tx, p, func(t *Tx) error {
			for _, e := range events {
				if err := p.Early(t, e); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return nil
}

// Members implements eventlog.Follower.
func (r *Runner) Members(tx *store.Tx, m eventlog.Members) error {
	for _, p := range r.all {
		r.guard(tx, p, func(t *Tx) error { return p.Members(t, m) })
	}
	return nil
}

// Reset implements eventlog.Follower.
func (r *Runner) Reset(tx *store.Tx, id wire.SpaceID) error {
	for _, p := range r.all {
		r.guard(tx, p, func(t *Tx) error {
			if err := p.Reset(t, id); err != nil {
				return err
			}
			err := r.events.Scan(tx, 0, &id, func(events []eventlog.Event) error {
				for _, e := range events {
					if err := p.Apply(t, e); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return r.everybody(t, p, id)
		})
	}
	return nil
}
