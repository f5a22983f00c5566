package eventlog

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// desk is one device with a log; its follower keeps what counts in a map.
type desk struct {
	t     testing.TB
	path  string
	name  string
	clock *clock.Fake
	sign  key.SigningKey
	seal  key.SealingKey
	party space.Party
	db    *store.DB
	log   *Log
	seen  map[wire.EventID]string // posts that count
	early map[wire.EventID]string
	reset int
	adv   []Advance
	forks int
	bad   error // of every commit with events
}

func (d *desk) Follow(tx *store.Tx, events []Event) error {
	if bad := d.bad; bad != nil {
		tx.BeforeCommit(func() error { return bad })
	}
	for _, e := range events {
		if e.Kind == "test.posted" || e.Kind == "test.named" {
			var text string
			if err := wire.Decode(e.Body, 1000, &text); err != nil {
				return err
			}
			d.seen[e.ID] = text
		}
	}
	return nil
}
func (d *desk) Early(_ *store.Tx, events []Event) error {
	for _, e := range events {
		d.early[e.ID] = string(e.Kind)
	}
	return nil
}
func (d *desk) Members(*store.Tx, Members) error { return nil }
func (d *desk) Reset(tx *store.Tx, id wire.SpaceID) error {
	d.reset++
	d.seen = map[wire.EventID]string{}
	return d.log.Scan(tx, 0, &id, func(events []Event) error { return d.Follow(tx, events) })
}

func newDesk(t testing.TB, name string) *desk {
	d := &desk{t: t, name: name, sign: key.NewSigningKey(), seal: key.NewSealingKey(),
		clock: clock.NewFake(time.UnixMilli(1_800_000_000_000)), path: filepath.Join(t.TempDir(), "log.db")}
	c, err := identity.Found(d.sign, d.seal.SealPublic(), 1)
	if err != nil {
		t.Fatal(err)
	}
	d.party.Certificates = []identity.Certificate{c}
	if d.party.Person, err = identity.Person(d.party.Certificates); err != nil {
		t.Fatal(err)
	}
	d.open()
	t.Cleanup(func() { _ = d.db.Close() })
	return d
}

func (d *desk) open() {
	var err error
	d.seen, d.early = map[wire.EventID]string{}, map[wire.EventID]string{}
	if d.db, err = store.Open(context.Background(), d.path); err != nil {
		d.t.Fatal(err)
	}
	d.log, err = Open(context.Background(), d.db, Options{
		Signer: d.sign, Opener: d.seal, Clock: d.clock, Log: slog.New(slog.DiscardHandler), Follower: d,
		Advanced: func(a []Advance) { d.adv = append(d.adv, a...) },
		Forked:   func(wire.SpaceID, wire.DeviceID) { d.forks++ },
		Lasting:  map[event.Kind]bool{"test.named": true}, Purposes: []string{"test"},
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) reopen() {
	if err := d.db.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.open()
}

func (d *desk) founds() wire.SpaceID {
	id, err := d.log.Create(context.Background(), space.Create{Kind: space.Workspace, Parties: []space.Party{d.party}}, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func (d *desk) posts(id wire.SpaceID, text string) {
	d.t.Helper()
	d.clock.Advance(time.Millisecond)
	if _, err := d.log.Append(context.Background(), id, Draft{Kind: "test.posted", Body: text}); err != nil {
		d.t.Fatalf("%s posts: %v", d.name, err)
	}
}

func (d *desk) admits(id wire.SpaceID, who *desk, role space.Role, since uint64) {
	d.t.Helper()
	if err := d.log.Change(context.Background(), id, space.Op{Add: &space.Add{Party: who.party, Role: role, Since: since}}); err != nil {
		d.t.Fatalf("%s admits: %v", d.name, err)
	}
	box, err := d.log.BoxFor(id, who.sign.Public())
	if err != nil {
		d.t.Fatal(err)
	}
	if err := who.log.TakeBox(context.Background(), id, box); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) removes(id wire.SpaceID, who *desk) {
	d.t.Helper()
	if err := d.log.Change(context.Background(), id, space.Op{Remove: &space.Remove{Person: who.party.Person}}); err != nil {
		d.t.Fatalf("%s removes: %v", d.name, err)
	}
}

// tells gives everything of a space to another desk, content before control
// when backwards is set.
func (d *desk) tells(id wire.SpaceID, to *desk, backwards bool) {
	d.t.Helper()
	feeds := slices.SortedFunc(maps.Keys(d.log.Frontier(id)), func(a, b envelope.Feed) int {
		c := int(a.Lane) - int(b.Lane)
		if c == 0 {
			c = bytes.Compare(a.Device[:], b.Device[:])
		}
		if backwards {
			return -c
		}
		return c
	})
	for _, f := range feeds {
		raws, err := d.log.ReadRun(context.Background(), id, f, to.log.Frontier(id)[f]+1, math.MaxInt64)
		if err != nil {
			d.t.Fatal(err)
		}
		if len(raws) == 0 {
			continue
		}
		run, err := to.log.Prepare(id, raws)
		if err != nil {
			d.t.Fatal(err)
		}
		if err := to.log.Ingest(context.Background(), run); err != nil && !errors.Is(err, ErrForked) {
			d.t.Fatalf("%s tells %s: %v", d.name, to.name, err)
		}
	}
}

func (d *desk) sees(want ...string) {
	d.t.Helper()
	got := slices.Sorted(maps.Values(d.seen))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Errorf("%s sees %q, want %q", d.name, got, want)
	}
}

func TestTellAndRestart(t *testing.T) {
	for _, backwards := range []bool{false, true} {
		a, b := newDesk(t, "a"), newDesk(t, "b")
		id := a.founds()
		a.posts(id, "one")
		a.admits(id, b, space.Member, 0)
		a.posts(id, "two")
		a.tells(id, b, backwards)
		b.sees("one", "two")
		b.posts(id, "three")
		b.tells(id, a, backwards)
		a.sees("one", "two", "three")
		if a.log.Digest(id) != b.log.Digest(id) {
			t.Error("same frontier, different digests")
		}
		b.reopen()
		b.posts(id, "four")
		b.tells(id, a, backwards)
		a.sees("one", "two", "three", "four")
		if n := len(a.log.Frontier(id)); n != 4-1 { // b has no control feed
			t.Errorf("%d feeds: a restart must not begin a new one", n)
		}
	}
}

func TestRemovalRotatesAndVoids(t *testing.T) {
	a, b, c := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "c")
	id := a.founds()
	a.admits(id, b, space.Member, 0)
	a.admits(id, c, space.Member, 0)
	a.tells(id, b, false)
	a.tells(id, c, false)
	b.posts(id, "before")
	b.tells(id, a, false)
	b.posts(id, "unseen")
	b.tells(id, c, false)
	c.sees("before", "unseen")
	a.removes(id, b)
	a.posts(id, "after")
	a.tells(id, c, true)
	c.sees("before", "after")
	if c.reset != 1 {
		t.Errorf("%d resets", c.reset)
	}
	// The removed device gets everything and yet reads nothing new.
	a.tells(id, b, false)
	b.sees("before")
	if _, err := b.log.Append(context.Background(), id, Draft{Kind: "test.posted", Body: "x"}); !errors.Is(err, errcode.NotMember) {
		t.Errorf("removed member writes: %v", err)
	}
	// Let in again, it goes on in a new feed.
	a.admits(id, b, space.Member, uint64(a.clock.Now().UnixMilli())+1000)
	b.clock.Advance(time.Hour)
	a.tells(id, b, false)
	b.posts(id, "back")
	b.tells(id, a, false)
	b.tells(id, c, false)
	a.sees("before", "after", "back")
	c.sees("before", "after", "back") // its control events came with b's? no: from a
	a.tells(id, c, false)
	c.sees("before", "after", "back")
}

func TestForkIsKeptAsEvidence(t *testing.T) {
	a, b := newDesk(t, "a"), newDesk(t, "b")
	id := a.founds()
	a.admits(id, b, space.Member, 0)
	a.tells(id, b, false)
	b.posts(id, "first")
	b.tells(id, a, false)
	// b restores an old copy: the same keys write another history.
	twin := newDesk(t, "twin")
	twin.sign, twin.seal, twin.party = b.sign, b.seal, b.party
	twin.reopen()
	if err := twin.log.TakeBox(context.Background(), id, must(a.log.BoxFor(id, b.sign.Public()))); err != nil {
		t.Fatal(err)
	}
	feedOf := func(d *desk) (out envelope.Feed) {
		for f := range d.log.Frontier(id) {
			if f.Device == b.sign.Public() && f.Lane == envelope.Content {
				out = f
			}
		}
		return out
	}
	for f := range a.log.Frontier(id) {
		if f.Lane == envelope.Control {
			raws, _ := a.log.ReadRun(context.Background(), id, f, 1, math.MaxInt64)
			_ = twin.log.Ingest(context.Background(), must(twin.log.Prepare(id, raws)))
		}
	}
	twin.clock = b.clock
	f := feedOf(b)
	twin.log.since = f.Start
	twin.log.Clock = clock.NewFake(time.UnixMilli(int64(f.Start)))
	twin.posts(id, "other")
	if feedOf(twin) != f {
		t.Fatal("the twin writes another feed")
	}
	twin.tells(id, a, false)
	raws, _ := twin.log.ReadRun(context.Background(), id, f, 1, 1)
	if err := a.log.Ingest(context.Background(), must(a.log.Prepare(id, raws))); err != nil {
		t.Fatal(err)
	}
	if a.forks != 1 {
		t.Errorf("%d forks reported", a.forks)
	}
	a.sees("first")
	b.posts(id, "second")
	b.tells(id, a, false)
	a.sees("first") // frozen
}

func TestClockAheadIsClamped(t *testing.T) {
	a, b := newDesk(t, "a"), newDesk(t, "b")
	id := a.founds()
	a.admits(id, b, space.Member, 0)
	a.tells(id, b, false)
	b.clock.Advance(365 * 24 * time.Hour)
	b.posts(id, "from the future")
	b.tells(id, a, false)
	a.sees("from the future")
	a.posts(id, "now")
	for _, e := range must(a.log.events(context.Background(), id, a.ownContent(id), 1, 1)) {
		if e.Stamp.Time().After(a.clock.Now().Add(time.Minute)) {
			t.Error("a foreign clock dragged ours into the future")
		}
	}
}

func (d *desk) ownContent(id wire.SpaceID) envelope.Feed {
	for f := range d.log.Frontier(id) {
		if f.Device == d.sign.Public() && f.Lane == envelope.Content {
			return f
		}
	}
	return envelope.Feed{}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A group whose only administrator was removed from the workspace: nobody can
// take him out, yet he reads nothing new.
func TestGroupGoesOnWithoutWhoLeftTheWorkspace(t *testing.T) {
	a, b, c := newDesk(t, "a"), newDesk(t, "b"), newDesk(t, "c")
	id := a.founds()
	a.admits(id, b, space.Member, 0)
	a.admits(id, c, space.Member, 0)
	a.tells(id, b, false)
	a.tells(id, c, false)
	group, err := b.log.Create(context.Background(), space.Create{Kind: space.Group, Workspace: id, Parties: []space.Party{b.party}},
		[]space.Add{{Party: a.party, Role: space.Member}, {Party: c.party, Role: space.Member}})
	if err != nil {
		t.Fatal(err)
	}
	b.tells(group, a, false)
	b.tells(group, c, false)
	c.posts(group, "before")
	c.tells(group, b, false)
	c.tells(group, a, false)
	epochs := func(d *desk) (n int) {
		_ = d.log.View(group, func(s *space.State) { n = len(s.Epochs) })
		return n
	}
	a.removes(id, b)
	a.tells(id, c, false)
	c.posts(group, "after")
	c.posts(group, "and again")
	if n := epochs(c); n != 2 {
		t.Errorf("%d epochs: one more, and only one, was needed", n)
	}
	c.tells(group, b, false) // as a relay might
	b.sees("before")
	c.tells(group, a, false)
	a.posts(group, "from a")
	if n := epochs(a); n != 2 {
		t.Errorf("%d epochs at a", n)
	}
	a.sees("before", "after", "and again", "from a")
	// Let into the workspace again, he belongs to the group again.
	a.admits(id, b, space.Member, uint64(a.clock.Now().UnixMilli())+1000)
	a.tells(id, c, false)
	c.posts(group, "welcome")
	box, err := c.log.BoxFor(group, b.sign.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.log.TakeBox(context.Background(), group, box); err != nil {
		t.Fatal(err)
	}
	c.tells(group, b, false)
	b.sees("before", "after", "and again", "welcome")
}
