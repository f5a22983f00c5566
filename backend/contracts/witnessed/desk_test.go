package witnessed_test

import (
	"context"
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// desk is a device without a network: what it hears is what a test hands it.
type desk struct {
	t     *testing.T
	name  string
	path  string
	clock *clock.Fake
	sign  key.SigningKey
	seal  key.SealingKey
	party space.Party

	db     *store.DB
	runner *projection.Runner
	log    *eventlog.Log
	*witnessed.Witnessed
}

func newDesk(t *testing.T, name string) *desk {
	t.Helper()
	seed := key.Hash("witnessed test", []byte(name))
	sign, err := key.SigningKeyFromSeed(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, name: name, path: filepath.Join(t.TempDir(), "x.db"), clock: clock.NewFake(time.UnixMilli(1_800_000_000_000)), sign: sign, seal: key.NewSealingKey()}
	c, err := identity.Found(sign, d.seal.SealPublic(), 1)
	if err != nil {
		t.Fatal(err)
	}
	d.party.Certificates = []identity.Certificate{c}
	if d.party.Person, err = identity.Person(d.party.Certificates); err != nil {
		t.Fatal(err)
	}
	d.begins()
	t.Cleanup(func() { _ = d.db.Close() })
	return d
}

func (d *desk) begins() {
	d.t.Helper()
	ctx, quiet := context.Background(), slog.New(slog.DiscardHandler)
	must := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	var err error
	d.db, err = store.Open(ctx, d.path)
	must(err)
	tables := witnessed.NewProjection()
	d.runner = projection.New(d.db, quiet, func(...string) {}, tables)
	must(d.runner.Prepare(ctx))
	d.log, err = eventlog.Open(ctx, d.db, eventlog.Options{Signer: d.sign, Opener: d.seal, Clock: d.clock, Log: quiet, Follower: d.runner})
	must(err)
	must(d.runner.CatchUp(ctx, d.log))
	d.Witnessed, err = witnessed.Open(ctx, witnessed.Deps{Log: d.log, DB: d.db, Clock: d.clock, Slog: quiet, Opener: d.seal, Tables: tables})
	must(err)
}

func (d *desk) restarts() {
	d.t.Helper()
	if err := d.db.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.begins()
}

// contract begins one with others.
func (d *desk) contract(others ...*desk) wire.SpaceID {
	d.t.Helper()
	var adds []space.Add
	for _, o := range others {
		adds = append(adds, space.Add{Party: o.party, Role: space.Member})
	}
	c := space.Create{Kind: space.Between, Parties: []space.Party{d.party}}
	copy(c.Nonce[:], wire.Random(16))
	copy(c.Epoch[:], wire.Random(16))
	id, err := d.log.Create(d.t.Context(), c, adds)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// does writes something that an entry is made of.
func (d *desk) does(id wire.SpaceID, leaf evidence.Leaf) {
	d.t.Helper()
	d.clock.Advance(time.Second)
	_, err := d.log.Append(d.t.Context(), id, eventlog.Draft{Kind: "contracts.acted", Body: map[int]string{1: leaf.Kind}, Then: func(tx *store.Tx, e eventlog.Event) error {
		return d.Note(tx, e, leaf)
	}})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) writes(id wire.SpaceID, kind event.Kind, body any) {
	d.t.Helper()
	if _, err := d.log.Append(d.t.Context(), id, eventlog.Draft{Kind: kind, Body: body}); err != nil {
		d.t.Fatal(err)
	}
}

// tells gives another device all it may have, and says whether that was news.
func (d *desk) tells(id wire.SpaceID, to *desk) (news bool) {
	d.t.Helper()
	ctx := context.Background()
	box, err := d.log.BoxFor(id, to.sign.Public())
	if err == nil {
		err = to.log.TakeBox(ctx, id, box)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	// The control feed comes first: who is in.
	for _, lane := range []envelope.Lane{envelope.Control, envelope.Content} {
		for f := range d.log.Frontier(id) {
			if f.Lane != lane {
				continue
			}
			raws, err := d.log.ReadRun(ctx, id, f, to.log.Frontier(id)[f]+1, math.MaxInt64)
			if err != nil {
				d.t.Fatal(err)
			}
			if len(raws) == 0 {
				continue
			}
			run, err := to.log.Prepare(id, raws)
			if err == nil {
				err = to.log.Ingest(ctx, run)
			}
			if err != nil {
				d.t.Fatalf("%s tells %s: %v", d.name, to.name, err)
			}
			news = true
		}
	}
	return news
}

// settle has all devices tell each other and answer until nothing is new, and gives the rounds that took.
func settle(t *testing.T, id wire.SpaceID, all ...*desk) (rounds int) {
	t.Helper()
	for news := true; news; rounds++ {
		if rounds > 20 {
			t.Fatal("it does not come to rest")
		}
		news = false
		for _, d := range all {
			d.clock.Advance(time.Second)
			if err := d.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, d := range all {
			for _, o := range all {
				news = d != o && d.tells(id, o) || news
			}
		}
	}
	for _, d := range all {
		for name, err := range d.runner.Failed() {
			t.Fatalf("%s: %s stopped: %v", d.name, name, err)
		}
	}
	return rounds
}
