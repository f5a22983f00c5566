package witnessed

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

//go:embed local2.sql
var localLogs string

// Deps is everything this package works with.
type Deps struct {
	Log    *eventlog.Log
	DB     *store.DB
	Clock  clock.Clock
	Slog   *slog.Logger
	Opener key.Opener
	// Tables hears of what came in.
	Tables *Projection
}

const (
	// often is how many states of one device's log this device signs within an hour at most.
	often = 240
	// again is after how long it looks once more at what it could not answer.
	again = 10 * time.Minute
	// settle is how long it waits for more of what comes together: one checkpoint for several entries, one answer for several checkpoints.
	settle = 300 * time.Millisecond
	// recent is for how many earlier states a continuation is sent along.
	recent = 12
	// maxNote bounds what a person said in an entry, in bytes. What is longer is cut: the event itself has all.
	maxNote = 600
)

// Witnessed keeps this device's evidence log and answers those of others.
type Witnessed struct {
	Deps
	ledger  *ledger.Ledger
	witness *ledger.Witness
	wake    chan struct{}

	mu    sync.Mutex
	since time.Time             // when signed was begun
	count map[wire.DeviceID]int // states signed since, by the device of the log
	over  func(ctx context.Context, id wire.SpaceID) bool
}

// Open opens the log and the witness of this device. Their keys are made once, and lie in the database sealed for the
// device's own key: a copy of the database alone signs nothing. Errors: the database's, key.ErrSealed.
func Open(ctx context.Context, d Deps) (*Witnessed, error) {
	if err := d.DB.Migrate(ctx, "witnessedlocal", localSchema, localLogs); err != nil {
		return nil, err
	}
	w := &Witnessed{Deps: d, wake: make(chan struct{}, 1), count: map[wire.DeviceID]int{}}
	own, err := w.key(ctx, "log")
	if err != nil {
		return nil, err
	}
	other, err := w.key(ctx, "witness")
	if err != nil {
		return nil, err
	}
	self := d.Log.Self()
	if w.ledger, err = ledger.Open(ctx, d.DB, LogName(self), own); err != nil {
		return nil, err
	}
	w.witness = ledger.NewWitness(d.DB, WitnessName(self), other, d.Clock.Now)
	if d.Tables != nil {
		d.Tables.Noted = w.nudge
	}
	return w, nil
}

// key gives a key of this device, which is made when it is first asked for.
func (w *Witnessed) key(ctx context.Context, use string) (k key.NoteKey, err error) {
	info := []byte("roundtable evidence key: " + use)
	var box []byte
	err = w.DB.Write(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT box FROM witnessedlocal_key WHERE use = ?`, use)
		if err != nil {
			return err
		}
		for rows.Next() {
			err = errors.Join(err, rows.Scan(&box))
		}
		if err = errors.Join(err, rows.Close()); err != nil || box != nil {
			return err
		}
		made, err := key.NewNoteKey()
		if err != nil {
			return err
		}
		if box, err = key.Wrap(w.Opener.SealPublic(), info, made.Seed()); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO witnessedlocal_key VALUES(?, ?)`, use, box)
		return err
	})
	if err != nil {
		return k, fmt.Errorf("keep evidence key: %w", err)
	}
	seed, err := w.Opener.Open(info, box)
	if err != nil {
		return k, fmt.Errorf("open evidence key: %w", err)
	}
	return key.NoteKeyFromSeed(seed)
}

// Key is that of this device's log.
func (w *Witnessed) Key() evidence.Key { return w.ledger.Key() }

func (w *Witnessed) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Note makes an entry of one own event, in the transaction that stores it. What stands in every entry comes from the event:
// contract, device, actor and, unless the leaf has one, the time. Errors undo the event.
func (w *Witnessed) Note(tx *store.Tx, e eventlog.Event, leaf evidence.Leaf) error {
	leaf.Contract, leaf.Device, leaf.Actor = e.Space.String(), e.Feed.Device.String(), e.Person.String()
	leaf.Name, leaf.Note = Shown(leaf.Name), Shown(leaf.Note)
	if leaf.At.IsZero() {
		leaf.At = e.Stamp.Time()
	}
	index, err := w.ledger.Append(tx, leaf)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO witnessedlocal_due VALUES(?, ?) ON CONFLICT DO UPDATE SET idx = excluded.idx`, e.Space[:], index); err != nil {
		return fmt.Errorf("note evidence: %w", err)
	}
	tx.Tell(w.nudge)
	return nil
}

// Shown makes a text one that an entry can have: one line, not too long.
func Shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for len(s) > maxNote {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// Run posts and answers until ctx ends.
func (w *Witnessed) Run(ctx context.Context) error {
	for {
		for _, step := range []func(context.Context) error{w.post, w.answer, w.accuse} {
			if err := step(ctx); err != nil && ctx.Err() == nil {
				w.Slog.Warn("evidence is not witnessed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
			select {
			case <-ctx.Done():
				return nil
			case <-w.Clock.After(settle):
			}
		case <-w.Clock.After(again):
		}
	}
}

// Over has is tell of which contracts nothing more is to be witnessed: they ended long ago, and who posts there still only makes work for the
// others.
func (w *Witnessed) Over(is func(ctx context.Context, id wire.SpaceID) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = is
}

// isOver asks.
func (w *Witnessed) isOver(ctx context.Context, id wire.SpaceID) bool {
	w.mu.Lock()
	is := w.over
	w.mu.Unlock()
	return is != nil && is(ctx, id)
}

// person who this device is in a space.
func (w *Witnessed) person(id wire.SpaceID) (p wire.PersonID) {
	_ = w.Log.View(id, func(s *space.State) {
		m, _ := s.MemberOf(w.Log.Self())
		p = m.Person
	})
	return p
}

// here reports whether a space is a contract that this device may write to.
func (w *Witnessed) here(id wire.SpaceID) (is bool) {
	err := w.Log.View(id, func(s *space.State) {
		_, member := s.MemberOf(w.Log.Self())
		is = member && (s.Kind == space.Contract || s.Kind == space.Between)
	})
	return is && err == nil
}
