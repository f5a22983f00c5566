package projection_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/eventlog"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// list is a projection that keeps the texts of a space, and fails when told to.
type list struct {
	name    string
	version int
	fails   string // at which text
}

func (p *list) Name() string { return p.name }
func (p *list) Version() int { return p.version }
func (p *list) Schema() string {
	return `CREATE TABLE ` + p.name + `_text(pos INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`
}
func (p *list) Apply(tx *projection.Tx, e eventlog.Event) error {
	var text string
	if e.Kind != "test.posted" || wire.Decode(e.Body, 100, &text) != nil {
		return nil
	}
	tx.Changed(p.name)
	if _, err := tx.Exec(`INSERT INTO `+p.name+`_text VALUES(?, ?)`, e.Pos, text); err != nil {
		return err
	}
	if text == p.fails { // after it wrote: that must go too
		return errors.New("does not like " + text)
	}
	return nil
}
func (*list) Early(*projection.Tx, eventlog.Event) error     { return nil }
func (*list) Members(*projection.Tx, eventlog.Members) error { return nil }
func (p *list) Reset(tx *projection.Tx, _ wire.SpaceID) error {
	_, err := tx.Exec(`DELETE FROM ` + p.name + `_text`)
	return err
}

type desk struct {
	t      *testing.T
	path   string
	sign   key.SigningKey
	seal   key.SealingKey
	clock  *clock.Fake
	db     *store.DB
	runner *projection.Runner
	log    *eventlog.Log
	id     wire.SpaceID
	topics []string
	told   func()
}

func (d *desk) open(all ...projection.Projection) {
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	var err error
	if d.db != nil {
		d.must(d.db.Close())
	}
	d.db, err = store.Open(ctx, d.path)
	d.must(err)
	d.runner = projection.New(d.db, log, func(topics ...string) {
		d.topics = append(d.topics, topics...)
		if d.told != nil {
			d.told()
		}
	}, all...)
	d.must(d.runner.Prepare(ctx))
	d.log, err = eventlog.Open(ctx, d.db, eventlog.Options{Signer: d.sign, Opener: d.seal, Clock: d.clock, Log: log, Follower: d.runner})
	d.must(err)
	d.must(d.runner.CatchUp(ctx, d.log))
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) posts(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		_, err := d.log.Append(context.Background(), d.id, eventlog.Draft{Kind: "test.posted", Body: text})
		d.must(err)
	}
}

func (d *desk) has(name string, want ...string) {
	d.t.Helper()
	rows, err := d.db.Read().Query(`SELECT text FROM ` + name + `_text ORDER BY pos`)
	d.must(err)
	defer rows.Close()
	var got []string
	for rows.Next() {
		var text string
		d.must(rows.Scan(&text))
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		d.t.Errorf("%s has %q, want %q", name, got, want)
	}
}

func newDesk(t *testing.T, all ...projection.Projection) *desk {
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "db"), sign: key.NewSigningKey(), seal: key.NewSealingKey(), clock: clock.NewFake(time.UnixMilli(1_800_000_000_000))}
	d.open(all...)
	t.Cleanup(func() { _ = d.db.Close() })
	c, err := identity.Found(d.sign, d.seal.SealPublic(), 1)
	d.must(err)
	person, err := identity.Person([]identity.Certificate{c})
	d.must(err)
	d.id, err = d.log.Create(context.Background(), space.Create{Kind: space.Workspace,
		Parties: []space.Party{{Person: person, Certificates: []identity.Certificate{c}}}}, nil)
	d.must(err)
	return d
}

// A projection that fails stops where it is; the log and the others go on. Once
// it is repaired it catches up.
func TestAFailureIsItsOwn(t *testing.T) {
	good, bad := &list{name: "good", version: 1}, &list{name: "bad", version: 1, fails: "two"}
	d := newDesk(t, bad, good)
	d.posts("one", "two", "three")
	d.has("good", "one", "two", "three")
	d.has("bad", "one")
	if why := d.runner.Failed()["bad"]; why == nil || !strings.Contains(why.Error(), "two") || len(d.runner.Failed()) != 1 {
		t.Errorf("failed: %v", d.runner.Failed())
	}
	if !slices.Contains(d.topics, "system") {
		t.Error("nobody is told")
	}
	if err := d.runner.Rebuild(context.Background(), "bad"); err == nil {
		t.Error("rebuilding with the same fault succeeds")
	}
	// At the next start it tries again, from where it stopped.
	d.open(bad, good)
	d.posts("four")
	d.has("good", "one", "two", "three", "four")
	if d.runner.Failed()["bad"] == nil {
		t.Error("the fault is gone by itself")
	}
	bad.fails = ""
	d.open(bad, good)
	d.has("bad", "one", "two", "three", "four")
	if len(d.runner.Failed()) != 0 {
		t.Errorf("failed: %v", d.runner.Failed())
	}
	bad.fails = "five"
	d.posts("five")
	bad.fails = ""
	d.must(d.runner.Rebuild(context.Background(), "bad"))
	d.posts("six")
	d.has("bad", "one", "two", "three", "four", "five", "six")
}

// Another version, and a new projection, mean other tables: they are made from
// the log.
func TestNewTables(t *testing.T) {
	one := &list{name: "one", version: 1}
	d := newDesk(t, one)
	d.posts("a", "b")
	two := &list{name: "two", version: 1}
	one.version = 2
	d.open(one, two)
	d.has("one", "a", "b")
	d.has("two", "a", "b")
	d.posts("c")
	d.has("two", "a", "b", "c")
	d.open(one, two)
	d.has("one", "a", "b", "c")
}

// A write that is undone takes the tables and the cursor along.
func TestUndone(t *testing.T) {
	p := &list{name: "list", version: 1}
	d := newDesk(t, p)
	d.posts("a")
	undo := errors.New("undo")
	err := d.db.Write(context.Background(), func(tx *store.Tx) error {
		e := eventlog.Event{Pos: 1000}
		e.Kind, e.Body = "test.posted", wire.MustEncode("never")
		return errors.Join(d.runner.Follow(tx, []eventlog.Event{e}), undo)
	})
	if !errors.Is(err, undo) {
		t.Error(err)
	}
	d.posts("b")
	d.open(p)
	d.has("list", "a", "b")
}

// Who is told of a change and looks at once finds it in the log as well as in the tables. A device that
// takes its only relay off waits until the relay has that: asked too early, nothing was left to wait for.
func TestToldLast(t *testing.T) {
	d := newDesk(t, &list{name: "list", version: 1})
	last := func() (n uint64) {
		for _, seq := range d.log.Frontier(d.id) {
			n += seq
		}
		return n
	}
	var seen []uint64
	d.told = func() { seen = append(seen, last()) }
	before := last()
	d.posts("a", "b")
	if want := []uint64{before + 1, before + 2}; !slices.Equal(seen, want) {
		t.Errorf("the log went to %v when it was told, want %v", seen, want)
	}
}
