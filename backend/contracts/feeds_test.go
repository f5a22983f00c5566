package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/event"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// feedsOf are the feeds of one device, each with more consents than are looked at; each consent names a file of its own.
func feedsOf(feeds int) [][]eventlog.Event {
	var out [][]eventlog.Event
	for start := range feeds {
		var one []eventlog.Event
		for seq := range flow.Most(flow.KindConsented) + 3 {
			id := sha256.Sum256(fmt.Append(nil, start, seq))
			f := blob.File{Size: 5, Key: id[:], Roots: id[:]}
			body := &flow.Consented{Party: 1, Files: []flow.File{{Field: "f", Name: "a", Size: 5, Blob: flow.Blob{File: &f}}}}
			e := eventlog.Event{Event: event.Event{ID: id, Kind: flow.KindConsented, Stamp: 1, Body: wire.MustEncode(body)}, Person: wire.PersonID{1}}
			e.Header = envelope.Header{Space: wire.SpaceID{1}, Feed: envelope.Feed{Device: wire.DeviceID{2}, Start: uint64(start + 1)}, Seq: uint64(seq + 1)}
			one = append(one, e)
		}
		out = append(out, one)
	}
	return out
}

// shuffled mixes feeds; each stays in its order.
func shuffled(feeds [][]eventlog.Event, rnd *rand.Rand) (out []eventlog.Event) {
	feeds = slices.Clone(feeds)
	for len(feeds) > 0 {
		i := rnd.IntN(len(feeds))
		n := min(len(feeds[i]), 1+rnd.IntN(10))
		out = append(out, feeds[i][:n]...)
		if feeds[i] = feeds[i][n:]; len(feeds[i]) == 0 {
			feeds = slices.Delete(feeds, i, i+1)
		}
	}
	return out
}

// One device begins feed after feed: the same of them are kept in whatever order they came, and no pieces of others.
func TestManyFeedsOfOneDevice(t *testing.T) {
	feeds := feedsOf(flow.MaxFeeds + 3)
	tables := func(seed uint64) string {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		r := projection.New(db, slog.New(slog.DiscardHandler), func(...string) {}, NewProjection(wire.PersonID{1}))
		if err := r.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		for chunk := range slices.Chunk(shuffled(feeds, rand.New(rand.NewPCG(seed, 1))), 17) {
			if err := db.Write(t.Context(), func(tx *store.Tx) error { return r.Follow(tx, chunk) }); err != nil {
				t.Fatal(err)
			}
		}
		if failed := r.Failed(); len(failed) > 0 {
			t.Fatal(failed)
		}
		var out []string
		for _, q := range []string{`SELECT id FROM contracts_event ORDER BY id`, `SELECT hash FROM contracts_piece ORDER BY hash`} {
			rows, err := db.Read().Query(q)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var raw []byte
				if err := rows.Scan(&raw); err != nil {
					t.Fatal(err)
				}
				out = append(out, hex.EncodeToString(raw))
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return strings.Join(out, "\n")
	}
	want := tables(0)
	if n := strings.Count(want, "\n") + 1; n != 2*flow.MaxFeeds*flow.Most(flow.KindConsented) {
		t.Fatalf("%d rows", n)
	}
	for seed := uint64(1); seed < 4; seed++ {
		if got := tables(seed); got != want {
			t.Errorf("order %d: other rows", seed)
		}
	}
}

// What an access code hides is fetched only where it has the size that the chain says.
func TestSealedSizeIsLookedAt(t *testing.T) {
	for _, size := range []uint64{500, 501, 64 << 30} {
		k, err := key.EpochKeyFromBytes(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		salt := make([]byte, 16)
		sealed := func(size uint64) flow.Blob {
			f := blob.File{Size: size, Key: make([]byte, 32)}
			n := f.Pieces()
			if f.Nodes() > 0 {
				n = f.Nodes()
			}
			f.Roots = make([]byte, 32*n)
			return flow.Blob{Sealed: k.Seal(salt, f.Encode())}
		}
		x := &contract{State: &flow.State{Sent: &flow.Sent{Document: flow.Document{Size: 1000, Salt: salt, Blob: sealed(1000)}},
			Versions: []flow.Version{{Size: 1000}, {Size: 1500, Act: &flow.Acted{Tail: sealed(size)}}}}}
		x.local.code = make([]byte, 32)
		all, err := x.files(-1, 1)
		if good := size == 500; (err == nil) != good || !good && (!errors.Is(err, errcode.DocumentDamaged) || len(all) != 1) {
			t.Errorf("%d bytes: %d files, %v", size, len(all), err)
		}
	}
}
