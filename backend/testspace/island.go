package testspace

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/clock"
	"roundtable/backend/contracts"
	"roundtable/backend/ding"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/people"
	"roundtable/backend/portrait"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Island is a device without a network and with a clock that stands still: its
// log and its tables. What it hears is what a test hands it, in the order and in
// the pieces of the test's choosing.
type Island struct {
	Name   string
	Clock  *clock.Fake
	Sign   key.SigningKey
	Seal   key.SealingKey
	Party  space.Party
	DB     *store.DB
	Log    *eventlog.Log
	Runner *projection.Runner

	t     testing.TB
	path  string
	given map[wire.SpaceID]bool // readers: keys are here
}

// NewIsland makes a device.
func NewIsland(t testing.TB, name string, seed uint64) *Island {
	s := key.Hash("testspace island", []byte(name), []byte{byte(seed)})
	sign, err := key.SigningKeyFromSeed(s[:])
	if err != nil {
		t.Fatal(err)
	}
	x := &Island{Name: name, Clock: clock.NewFake(time.UnixMilli(1_800_000_000_000)), Sign: sign, Seal: key.NewSealingKey()}
	c, err := identity.Found(sign, x.Seal.SealPublic(), 1)
	if err != nil {
		t.Fatal(err)
	}
	x.Party.Certificates = []identity.Certificate{c}
	if x.Party.Person, err = identity.Person(x.Party.Certificates); err != nil {
		t.Fatal(err)
	}
	x.begin(t)
	return x
}

// NewReader makes a device with another's keys and an empty log, as after a repair.
func NewReader(t testing.TB, of *Island) *Island {
	x := &Island{Name: "reader", Clock: clock.NewFake(of.Clock.Now()), Sign: of.Sign, Seal: of.Seal, Party: of.Party}
	x.begin(t)
	return x
}

func (x *Island) begin(t testing.TB) {
	x.t, x.path, x.given = t, filepath.Join(t.TempDir(), "island.db"), map[wire.SpaceID]bool{}
	if err := x.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.DB.Close() })
}

func (x *Island) open() (err error) {
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	if x.DB, err = store.Open(ctx, x.path); err != nil {
		return err
	}
	x.Runner = projection.New(x.DB, log, func(...string) {}, people.Projection{}, portrait.Projection{}, chat.NewProjection(x.Party.Person), contracts.NewProjection(x.Party.Person),
		circles.NewProjection(), ding.NewProjection(x.Party.Person))
	if err := x.Runner.Prepare(ctx); err != nil {
		return err
	}
	x.Log, err = eventlog.Open(ctx, x.DB, eventlog.Options{Signer: x.Sign, Opener: x.Seal, Clock: x.Clock, Log: log, Follower: x.Runner, Lasting: lasting()})
	if err != nil {
		return err
	}
	return x.Runner.CatchUp(ctx, x.Log)
}

// Reopen closes the device and opens it again.
func (x *Island) Reopen() error {
	if err := x.DB.Close(); err != nil {
		return err
	}
	return x.open()
}

// Creates begins a space.
func (x *Island) Creates(c space.Create) wire.SpaceID {
	id, err := x.Log.Create(context.Background(), c, nil)
	if err != nil {
		x.t.Fatalf("%s creates: %v", x.Name, err)
	}
	return id
}

// Changes tries a control operation, and says whether it was allowed.
func (x *Island) Changes(id wire.SpaceID, op space.Op) bool {
	x.Clock.Advance(time.Millisecond)
	return x.Log.Change(context.Background(), id, op) == nil
}

// Writes tries to write content, and says whether it was allowed.
func (x *Island) Writes(id wire.SpaceID, kind event.Kind, body any) bool {
	x.Clock.Advance(time.Millisecond)
	_, err := x.Log.Append(context.Background(), id, eventlog.Draft{Kind: kind, Body: body})
	return err == nil
}

// Posts writes a message.
func (x *Island) Posts(id wire.SpaceID, text string) bool {
	return x.Writes(id, chat.MessagePosted, map[int]string{1: text})
}

// Reads marks what is here as read.
func (x *Island) Reads(id wire.SpaceID) bool {
	type mark struct {
		_      struct{} `cbor:",toarray"`
		Device wire.DeviceID
		Start  uint64
		Seq    uint64
	}
	var body struct {
		Marks []mark `cbor:"1,keyasint"`
	}
	for f, n := range x.Log.Frontier(id) {
		if f.Lane == envelope.Content && f.Device != x.Sign.Public() {
			body.Marks = append(body.Marks, mark{Device: f.Device, Start: f.Start, Seq: n})
		}
	}
	return len(body.Marks) > 0 && x.Writes(id, chat.ReadMarked, body)
}

// In reports whether this device sees itself in a space.
func (x *Island) In(id wire.SpaceID) (in bool) {
	_ = x.Log.View(id, func(s *space.State) { _, in = s.MemberOf(x.Sign.Public()) })
	return in
}

// Since is where the feeds of somebody who is let in have to begin.
func (x *Island) Since(id wire.SpaceID, who *Island) (since uint64) {
	_ = x.Log.View(id, func(s *space.State) {
		if _, before := s.Member(who.Party.Person); before {
			since = max(uint64(x.Clock.Now().UnixMilli()), s.Return(who.Party.Person))
		}
	})
	return since
}

// Dump is the state of a space in one form on all devices.
func (x *Island) Dump(id wire.SpaceID) (out []byte) {
	_ = x.Log.View(id, func(s *space.State) { out = s.Dump() })
	return out
}

// Tells gives another device what it may have: a part of it when chance decides,
// everything when rnd is nil.
func (x *Island) Tells(id wire.SpaceID, to *Island, rnd *rand.Rand) {
	ctx := context.Background()
	limit := map[envelope.Feed]uint64{}
	switch last, former := x.Log.Farewell(id, to.Sign.Public()); {
	case x.Log.Shares(id, to.Sign.Public()):
		if box, err := x.Log.BoxFor(id, to.Sign.Public()); err == nil {
			if err := to.Log.TakeBox(ctx, id, box); err != nil {
				x.t.Fatalf("%s takes keys: %v", to.Name, err)
			}
		}
		for f := range x.Log.Frontier(id) {
			limit[f] = math.MaxInt64
		}
	case former && to.Log.Knows(id):
		limit = last
	}
	for _, f := range sorted(limit) {
		most := limit[f]
		if rnd != nil {
			if rnd.IntN(4) == 0 {
				continue
			}
			most = min(most, to.Log.Frontier(id)[f]+1+uint64(rnd.IntN(12)))
		}
		x.hand(id, f, to.Log.Frontier(id)[f]+1, most, to, false)
	}
}

func sorted(feeds map[envelope.Feed]uint64) []envelope.Feed {
	return slices.SortedFunc(maps.Keys(feeds), func(a, b envelope.Feed) int {
		h, g := envelope.Header{Feed: a}, envelope.Header{Feed: b}
		return bytes.Compare(h.HeaderBytes(), g.HeaderBytes())
	})
}

// hand gives one run.
func (x *Island) hand(id wire.SpaceID, f envelope.Feed, from, most uint64, to *Island, early bool) {
	ctx := context.Background()
	raws, err := x.Log.ReadRun(ctx, id, f, from, most)
	if err != nil {
		x.t.Fatal(err)
	}
	if len(raws) == 0 {
		return
	}
	run, err := to.Log.Prepare(id, raws)
	if err != nil {
		x.t.Fatal(err)
	}
	if early {
		if err = to.Log.IngestEarly(ctx, run); errors.Is(err, eventlog.ErrUnknownSpace) {
			err = nil
		}
	} else {
		err = to.Log.Ingest(ctx, run)
	}
	if err != nil {
		x.t.Fatalf("%s tells %s: %v", x.Name, to.Name, err)
	}
}

// Gets takes one random piece of a space from a device with the same keys, and
// says whether there is more. With early, ends of feeds come before the rest now
// and then.
func (x *Island) Gets(from *Island, id wire.SpaceID, rnd *rand.Rand, early bool) bool {
	x.Clock.Advance(time.Millisecond)
	have := x.Log.Frontier(id)
	var behind []envelope.Feed
	all := from.Log.Frontier(id)
	for _, f := range sorted(all) {
		if have[f] < all[f] {
			behind = append(behind, f)
		}
	}
	if !x.given[id] && (len(behind) == 0 || rnd.IntN(8) == 0) {
		x.given[id] = true
		x.takesKeys(from, id)
		return true
	}
	if len(behind) == 0 {
		return false
	}
	f := behind[rnd.IntN(len(behind))]
	if early && f.Lane == envelope.Content && rnd.IntN(3) == 0 {
		from.hand(id, f, have[f]+1+uint64(rnd.Int64N(int64(all[f]-have[f]))), all[f], x, true)
		return true
	}
	from.hand(id, f, have[f]+1, have[f]+1+uint64(rnd.IntN(20)), x, false)
	return true
}

// takesKeys copies the epoch keys of a space from a device of the same person.
func (x *Island) takesKeys(from *Island, id wire.SpaceID) {
	rows, err := from.DB.Read().Query(`SELECT e.key FROM log_epoch e JOIN log_space s ON s.id = e.space WHERE s.space = ?`, id[:])
	if err != nil {
		x.t.Fatal(err)
	}
	defer rows.Close()
	var ring struct {
		Keys [][]byte `cbor:"1,keyasint"`
	}
	for rows.Next() {
		var k []byte
		if err := rows.Scan(&k); err != nil {
			x.t.Fatal(err)
		}
		ring.Keys = append(ring.Keys, k)
	}
	device := x.Sign.Public()
	info := key.Hash("roundtable keyring v1", id[:], device[:])
	box, err := key.Wrap(x.Seal.SealPublic(), info[:], wire.MustEncode(ring))
	if err == nil {
		err = x.Log.TakeBox(context.Background(), id, box)
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// Stopped names the projections whose cursor stopped, with the reasons.
func (x *Island) Stopped() string {
	var out []string
	for name, err := range x.Runner.Failed() {
		out = append(out, name+": "+err.Error())
	}
	return strings.Join(out, "; ")
}

// Shows gives a piece of a feed ahead of its turn.
func (x *Island) Shows(id wire.SpaceID, f envelope.Feed, from, to uint64, who *Island) {
	x.hand(id, f, from, to, who, true)
}
