package enginetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

func records(t *testing.T, w *world) {
	e := w.Engine
	if _, err := e.Record(w.ctx, "tenant", "none"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown record: %v", err)
	}
	if keys, err := e.RecordKeys(w.ctx, "tenant"); err != nil || len(keys) != 0 {
		t.Errorf("%v, %v", keys, err)
	}
	long := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789_-abcd" // 64
	for _, k := range []string{"b", "a", long} {
		if err := e.SetRecord(w.ctx, "tenant", k, []byte("value of "+k)); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(e.SetRecord(w.ctx, "secret", "a", wire.Random(100_000)))
	must(e.SetRecord(w.ctx, "tenant", "b", []byte{}))
	must(e.SetRecord(w.ctx, "tenant", "a", []byte("second")))
	if v, err := e.Record(w.ctx, "tenant", "a"); err != nil || string(v) != "second" {
		t.Errorf("%q, %v", v, err)
	}
	if v, err := e.Record(w.ctx, "tenant", "b"); err != nil || len(v) != 0 {
		t.Errorf("an empty record: %q, %v", v, err)
	}
	if keys, err := e.RecordKeys(w.ctx, "tenant"); err != nil || !slices.Equal(slices.Sorted(slices.Values(keys)), []string{long, "a", "b"}) {
		t.Errorf("%v, %v", keys, err)
	}
	must(e.SetRecord(w.ctx, "tenant", "a", nil))
	must(e.SetRecord(w.ctx, "tenant", "a", nil)) // twice
	if _, err := e.Record(w.ctx, "tenant", "a"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a deleted record: %v", err)
	}
	if v, err := e.Record(w.ctx, "secret", "a"); err != nil || len(v) != 100_000 {
		t.Errorf("another kind: %d bytes, %v", len(v), err)
	}
	if keys, err := e.RecordKeys(w.ctx, "tenant"); err != nil || len(keys) != 2 {
		t.Errorf("%v, %v", keys, err)
	}
}

// uses waits until a tenant's usage is what it should be: engines of several
// processes may need a moment. Bytes may have some overhead.
func (w *world) uses(t *testing.T, tenant engine.Tenant, envelopes, chunks, bytes int64) {
	t.Helper()
	var got engine.Usage
	var err error
	deadline := time.Now().Add(within)
	for {
		got, err = w.Engine.Usage(w.ctx, tenant)
		most := bytes + bytes/4 + 1024*(envelopes+chunks)
		if err == nil && got.Envelopes == envelopes && got.Chunks == chunks && got.Bytes >= bytes && got.Bytes <= most {
			return
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("usage %+v, %v; want %d envelopes, %d chunks, %d bytes", got, err, envelopes, chunks, bytes)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func size(runs ...engine.Run) (n int64) {
	for _, r := range runs {
		for _, e := range r {
			n += int64(len(e.Raw))
		}
	}
	return n
}

func usage(t *testing.T, w *world) {
	one, two := NewAuthor(NewSpace()), NewAuthor(NewSpace())
	put := func(n byte, a *Author, run engine.Run) {
		t.Helper()
		if r, err := w.Engine.Append(w.ctx, tenantOf(n), a.Space, []engine.Run{run}); err != nil || r[0].Err != nil {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	w.uses(t, tenantOf(1), 0, 0, 0)
	first, second := one.Write(10, 1000), two.Write(3, 50)
	put(1, one, first)
	put(2, two, second)
	w.uses(t, tenantOf(1), 10, 0, size(first))
	w.uses(t, tenantOf(2), 3, 0, size(second))
	put(1, one, first) // nothing new
	hash, chunk := chunkOf(30_000)
	for range 2 {
		if err := w.Engine.PutChunk(w.ctx, tenantOf(1), one.Space, hash, chunk); err != nil {
			t.Fatal(err)
		}
	}
	w.uses(t, tenantOf(1), 10, 1, size(first)+30_000)
	w.uses(t, tenantOf(2), 3, 0, size(second))
	w.uses(t, tenantOf(3), 0, 0, 0)
}

// begins: a store that takes over from another one has its heads.
func begins(t *testing.T, w *world) {
	beginner, ok := w.Engine.(engine.Beginner)
	if !ok {
		t.Skip("feeds begin at their beginning here")
	}
	space := NewSpace()
	a, b := NewAuthor(space), NewAuthor(space)
	swept, kept := a.Write(9, 20), a.Write(3, 20)
	b.Write(4, 20)
	for range 2 { // more than once
		if err := beginner.Begin(w.ctx, tenantOf(1), space, []protocol.Head{protocol.HeadOf(a.Feed, 9), b.Head()}); err != nil {
			t.Fatal(err)
		}
	}
	w.wantHeads(t, space, protocol.HeadOf(a.Feed, 9), b.Head())
	same(t, w.all(t, space, nil, 0), nil)
	results, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{kept[1:]})
	if err != nil || !errors.Is(results[0].Err, engine.ErrGap) || results[0].Head.Seq != 9 {
		t.Errorf("a gap: %+v, %v", results, err)
	}
	w.put(t, space, swept[3:])
	same(t, w.all(t, space, nil, 0), nil)
	w.put(t, space, kept, b.Write(1, 10))
	// A head that is known already stays, also where another one is named.
	if err := beginner.Begin(w.ctx, tenantOf(1), space, []protocol.Head{protocol.HeadOf(a.Feed, 50), protocol.HeadOf(b.Feed, 1)}); err != nil {
		t.Fatal(err)
	}
	w.wantHeads(t, space, a.Head(), b.Head())
	w.reopen(t)
	w.wantHeads(t, space, a.Head(), b.Head())
	w.uses(t, tenantOf(1), 4, 0, 3*20+10)
}

func contexts(t *testing.T, w *world) {
	a := NewAuthor(NewSpace())
	w.put(t, a.Space, a.Write(1, 10))
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	run := a.Write(1, 10)
	if _, err := w.Engine.Append(ctx, tenantOf(1), a.Space, []engine.Run{run}); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if _, err := w.Engine.Read(ctx, a.Space, nil, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	hash, chunk := chunkOf(100_000)
	if err := w.Engine.PutChunk(ctx, tenantOf(1), a.Space, hash, chunk); !errors.Is(err, context.Canceled) {
		t.Errorf("put chunk: %v", err)
	}
	if _, err := w.Engine.Sweep(ctx, tenantOf(1), time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("sweep: %v", err)
	}
	w.put(t, a.Space, run) // nothing is broken by that
	if err := w.Engine.PutChunk(w.ctx, tenantOf(1), a.Space, hash, chunk); err != nil {
		t.Error(err)
	}
	Exactly(t, w.all(t, a.Space, nil, 0), 1, a)
}

// closeInUse: whoever is in the middle is answered; what was acknowledged is there.
func closeInUse(t *testing.T, w *world) {
	space := NewSpace()
	authors := make([]*Author, 8)
	acknowledged := make([]uint64, len(authors))
	running := make(chan struct{}, 1000)
	var wg sync.WaitGroup
	for i := range authors {
		authors[i] = NewAuthor(space)
		wg.Go(func() {
			for {
				r, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{authors[i].Write(1, 100)})
				if err != nil {
					return // closed
				}
				acknowledged[i] = r[0].Head.Seq
				select {
				case running <- struct{}{}:
				default:
				}
			}
		})
		wg.Go(func() {
			for {
				if _, err := w.Engine.Read(w.ctx, space, nil, 100); err != nil {
					return
				}
				if _, err := w.Engine.Heads(w.ctx, space); err != nil {
					return
				}
			}
		})
	}
	for range 30 {
		<-running
	}
	closed := w.Engine
	if err := closed.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	wg.Wait()
	if err := closed.Healthy(w.ctx); err == nil {
		t.Error("a closed engine is healthy")
	}
	w.reopen(t) // closes a second time
	heads := w.heads(t, space)
	spans := InOrder(t, w.all(t, space, nil, 0))
	for i, a := range authors {
		s := spans[a.Feed]
		if s.Last < acknowledged[i] || s.Last > 0 && !heads[protocol.HeadOf(a.Feed, s.Last)] {
			t.Errorf("%d was acknowledged, %d is there", acknowledged[i], s.Last)
		}
	}
}

func reopen(t *testing.T, w *world) {
	space, d := NewSpace(), wire.DeviceID(wire.Random(32))
	a := NewAuthor(space)
	run := a.Write(40, 300)
	w.put(t, space, run)
	whole := w.all(t, space, nil, 0)
	signed := w.grant(t, tenantOf(1), space, 1, entry(d, protocol.RightUse))
	small, smallBytes := w.chunk(t, space, 500)
	large, largeBytes := w.chunk(t, space, 500_000)
	if err := w.Engine.SetRecord(w.ctx, "tenant", "x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	w.uses(t, tenantOf(1), 40, 2, size(run)+500_500)
	id := w.Engine.Store()
	if id == (protocol.StoreID{}) {
		t.Error("the store has no name")
	}
	w.reopen(t)
	if w.Engine.Store() != id {
		t.Error("the store has another name")
	}
	same(t, w.all(t, space, nil, 0), run)
	same(t, w.all(t, space, whole[14].Cursor, 0), run[15:])
	w.wantHeads(t, space, a.Head())
	w.uses(t, tenantOf(1), 40, 2, size(run)+500_500)
	if got, tenant, err := w.Engine.Grants(w.ctx, space, 0); err != nil || len(got) != 1 || got[0].Hash() != signed.Hash() || tenant != tenantOf(1) {
		t.Errorf("%d grants, %v", len(got), err)
	}
	if got, err := w.Engine.Listed(w.ctx, d, wire.SpaceID{}, 10); err != nil || !slices.Equal(got, []wire.SpaceID{space}) {
		t.Errorf("listed %v, %v", got, err)
	}
	for hash, want := range map[[32]byte][]byte{small: smallBytes, large: largeBytes} {
		if got, err := w.Engine.GetChunk(w.ctx, space, hash); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
		}
	}
	if v, err := w.Engine.Record(w.ctx, "tenant", "x"); err != nil || string(v) != "y" {
		t.Errorf("%q, %v", v, err)
	}
	w.put(t, space, run[20:], a.Write(2, 10))
	Exactly(t, w.all(t, space, nil, 0), 1, a)
}
