package eventlog

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

//go:embed history.sql
var historySchema string

var (
	// ErrUnknownSpace is returned for a space that this device does not keep.
	ErrUnknownSpace = errors.New("space is not known")
	// ErrGap is returned for a run that begins behind the feed's next sequence.
	ErrGap = errors.New("run does not begin at the next sequence")
	// ErrForked is returned for a run that contradicts what is held, and for a frozen feed.
	ErrForked = errors.New("feed is forked")
	// ErrLimit is returned when a space has more feeds or waiting events than a device keeps.
	ErrLimit = errors.New("beyond the limit of a space")
)

// Event is an event that counts, with what its place in the log adds.
type Event struct {
	event.Event
	// Pos is its position in this device's log.
	Pos int64
	// FeedID is this device's short name of the feed.
	FeedID int64
	// Person who wrote it.
	Person wire.PersonID
	// Mine is set when this device wrote it.
	Mine bool
	// Ahead is set when the author's clock was far ahead; Stamp is then clamped.
	Ahead bool
}

// Members tells which memberships of a space changed. State may be read only
// during the call that hands it over.
type Members struct {
	Space  wire.SpaceID
	People []wire.PersonID
	State  *space.State
}

// Follower is told of everything that counts, inside the transaction that
// stores it. An error undoes the transaction, so a follower returns one only
// when the database itself fails.
type Follower interface {
	// Follow gets events in the order of their positions.
	Follow(tx *store.Tx, events []Event) error
	// Early gets the newest events of a feed before those that lead to them.
	// They come again through Follow.
	Early(tx *store.Tx, events []Event) error
	// Members comes after the events that caused it.
	Members(tx *store.Tx, m Members) error
	// Reset asks to drop what was derived from a space and to replay it:
	// events that counted do not count any more.
	Reset(tx *store.Tx, id wire.SpaceID) error
}

// Advance tells that a feed is on disk up to Seq.
type Advance struct {
	Space wire.SpaceID
	Feed  envelope.Feed
	// From is the first new sequence.
	From, Seq uint64
	// Local is set for this device's own writing.
	Local bool
	// Raws are the new envelopes when there are few, for pushing them on.
	Raws [][]byte
}

// Options of a log.
type Options struct {
	Signer   key.Signer
	Opener   key.Opener
	Clock    clock.Clock
	Log      *slog.Logger
	Follower Follower
	// Advanced is called after a commit, from the writer: it must not block.
	Advanced func([]Advance)
	// Forked is called after a fork was found, from the writer: it must not block.
	Forked func(wire.SpaceID, wire.DeviceID)
	// Lasting are the kinds of content that tell what a space is, not what was said in it: its name, its rules.
	// Newcomers who see from their joining on are given those of before, too.
	Lasting map[event.Kind]bool
	// Purposes of Secret that such newcomers are given, since they lack the key from which others derive them.
	Purposes []string
}

// Log is all spaces of one profile.
type Log struct {
	Options
	db     *store.DB
	self   wire.DeviceID
	hybrid *clock.Hybrid

	mu     sync.RWMutex // guards what follows; written by the store's writer only
	spaces map[wire.SpaceID]*spaceLog
	next   int64  // next position
	since  uint64 // own feeds that began earlier are not continued

	advances []Advance // of the group under way
	armed    bool      // the group under way announces when it is committed
}

// Open loads the log. The follower must be ready.
func Open(ctx context.Context, db *store.DB, o Options) (*Log, error) {
	l := &Log{Options: o, db: db, self: o.Signer.Public(), spaces: map[wire.SpaceID]*spaceLog{}}
	if err := db.Migrate(ctx, "eventlog", schema, historySchema); err != nil {
		return nil, err
	}
	var last int64
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(`SELECT coalesce(max(pos), 0) FROM log_event`).Scan(&last); err != nil {
			return err
		}
		l.next = last + 1
		if _, err := tx.Exec(`INSERT OR IGNORE INTO log_meta VALUES('own_since', ?)`, o.Clock.Now().UnixMilli()); err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT value FROM log_meta WHERE name = 'own_since'`).Scan(&l.since); err != nil {
			return err
		}
		ids, err := spaceIDs(tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := l.load(tx, id); err != nil {
				return fmt.Errorf("load %s: %w", id, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	l.hybrid = clock.NewHybrid(o.Clock, l.lastOwnStamp(ctx))
	return l, nil
}

// lastOwnStamp keeps stamps growing over restarts even when the clock was set back.
func (l *Log) lastOwnStamp(ctx context.Context) clock.Stamp {
	var last clock.Stamp
	for _, id := range l.Spaces() {
		for f, n := range l.Frontier(id) {
			if f.Device != l.self || n == 0 {
				continue
			}
			events, err := l.events(ctx, id, f, n, n)
			if err == nil && len(events) == 1 {
				last = max(last, events[0].Stamp)
			}
		}
	}
	return last
}

// Self is this device.
func (l *Log) Self() wire.DeviceID { return l.self }

// Clock that the log goes by.
func (l *Log) Now() clock.Stamp { return clock.At(l.Options.Clock.Now()) }

// StartAt moves the next position past a cursor, so that positions never repeat
// even when the newest events were set aside.
func (l *Log) StartAt(pos int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = max(l.next, pos+1)
}

// Spaces lists the spaces this device keeps.
func (l *Log) Spaces() []wire.SpaceID {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := make([]wire.SpaceID, 0, len(l.spaces))
	for id := range l.spaces {
		out = append(out, id)
	}
	return out
}

// View runs fn with the state of a space. fn must not keep the state nor call the log.
func (l *Log) View(id wire.SpaceID, fn func(*space.State)) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return ErrUnknownSpace
	}
	fn(sl.machine.State())
	return nil
}

// Frontier is what this device holds on disk: the last sequence of each feed.
func (l *Log) Frontier(id wire.SpaceID) map[envelope.Feed]uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	sl := l.spaces[id]
	if sl == nil {
		return nil
	}
	out := make(map[envelope.Feed]uint64, len(sl.feeds))
	for f, h := range sl.feeds {
		if h.durable > 0 {
			out[f] = h.durable
		}
	}
	return out
}

// Knows reports whether this device keeps a space.
func (l *Log) Knows(id wire.SpaceID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.spaces[id] != nil
}
