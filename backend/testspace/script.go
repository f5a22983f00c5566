package testspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Bench runs one projection over events made up by a test: no log, no signatures.
type Bench struct {
	DB     *store.DB
	Runner *projection.Runner
	t      testing.TB
	feeds  map[string]int64
	pos    int64
}

// NewBench makes the tables of a projection.
func NewBench(t testing.TB, p projection.Projection) *Bench {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "bench.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &Bench{DB: db, Runner: projection.New(db, slog.New(slog.DiscardHandler), func(...string) {}, p), t: t, feeds: map[string]int64{}}
	if err := b.Runner.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

// For is the bench of a test within a test.
func (b *Bench) For(t testing.TB) *Bench {
	c := *b
	c.t = t
	return &c
}

// Device and Person named in a script: the name itself, padded.
func Device(name string) (id wire.DeviceID) { copy(id[:], name); return id }
func Person(name string) (id wire.PersonID) { copy(id[:], name); return id }
func Space(name string) (id wire.SpaceID)   { copy(id[:], name); return id }

// Event reads one line of a script: [early] space who@start:seq stamp kind.
func (b *Bench) Event(line string, body any) (e eventlog.Event, early bool) {
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "early" {
		early, words = true, words[1:]
	}
	if len(words) != 4 {
		b.t.Fatalf("line %q", line)
	}
	who, rest, _ := strings.Cut(words[1], "@")
	start, seq, _ := strings.Cut(rest, ":")
	number := func(text string) uint64 {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			b.t.Fatalf("line %q: %v", line, err)
		}
		return n
	}
	raw, ok := body.(wire.Raw)
	if !ok {
		raw = wire.MustEncode(body)
	}
	e.Header = envelope.Header{Space: Space(words[0]), Feed: envelope.Feed{Device: Device(who), Start: number(start), Lane: envelope.Content}, Seq: number(seq)}
	e.ID = wire.EventID(key.Hash("testspace event", e.HeaderBytes()))
	e.Person, e.Kind, e.Body = Person(who), event.Kind(words[3]), raw
	e.Stamp, e.Ahead = clock.Stamp(number(strings.TrimSuffix(words[2], "!"))), strings.HasSuffix(words[2], "!")
	name := words[0] + who + start
	if b.feeds[name] == 0 {
		b.feeds[name] = int64(len(b.feeds) + 1)
	}
	b.pos++
	e.FeedID, e.Pos = b.feeds[name], b.pos
	return e, early
}

// Takes gives the projection one event.
func (b *Bench) Takes(e eventlog.Event, early bool) {
	b.Do(func(tx *store.Tx) error {
		if early {
			return b.Runner.Early(tx, []eventlog.Event{e})
		}
		return b.Runner.Follow(tx, []eventlog.Event{e})
	})
}

// Do runs a write; a projection that stops is a failure.
func (b *Bench) Do(fn func(*store.Tx) error) {
	if err := b.DB.Write(context.Background(), fn); err != nil {
		b.t.Fatal(err)
	}
	for name, err := range b.Runner.Failed() {
		b.t.Fatalf("projection %s stopped: %v", name, err)
	}
}

var errUndo = errors.New("undo")

// Tries gives the projection an event and undoes it, quickly: for fuzzing.
func (b *Bench) Tries(e eventlog.Event) {
	err := b.DB.Write(context.Background(), func(tx *store.Tx) error {
		return errors.Join(b.Runner.Follow(tx, []eventlog.Event{e}), b.Runner.Early(tx, []eventlog.Event{e}), errUndo)
	})
	if !errors.Is(err, errUndo) {
		b.t.Fatal(err)
	}
	for name, err := range b.Runner.Failed() {
		b.t.Fatalf("projection %s stopped: %v", name, err)
	}
}

// Rows dumps tables by query, names of people and devices readable.
func (b *Bench) Rows(queries ...string) string {
	b.t.Helper()
	var out strings.Builder
	for _, q := range queries {
		rows, err := b.DB.Read().Query(q)
		if err != nil {
			b.t.Fatalf("%s: %v", q, err)
		}
		_, table, _ := strings.Cut(q, "FROM ")
		table, _, _ = strings.Cut(table, " ")
		for _, line := range readable(b.t, rows) {
			fmt.Fprintf(&out, "%s: %s\n", table, line)
		}
	}
	return out.String()
}
