package enginetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"roundtable/backend/relay/engine"
)

// pause gives a moment that lies clearly between what is stored before and after.
func pause() time.Time {
	<-time.After(60 * time.Millisecond)
	now := time.Now()
	<-time.After(60 * time.Millisecond)
	return now
}

func sweep(t *testing.T, w *world) {
	space, others := NewSpace(), NewAuthor(NewSpace())
	a, b, c := NewAuthor(space), NewAuthor(space), NewAuthor(space)
	old := a.Write(30, 500)
	w.put(t, space, old)
	w.put(t, space, b.Write(20, 500)) // b is silent from here on
	if _, err := w.Engine.Append(w.ctx, tenantOf(2), others.Space, []engine.Run{others.Write(5, 100)}); err != nil {
		t.Fatal(err)
	}
	cursor := w.all(t, space, nil, 0)[10].Cursor
	oldHash, _ := w.chunk(t, space, 40_000)
	moment := pause()
	w.put(t, space, a.Write(4, 500), c.Write(2, 500))
	newHash, _ := w.chunk(t, space, 90_000)

	gone, err := w.Engine.Sweep(w.ctx, tenantOf(1), moment)
	if err != nil || gone.Envelopes != 50 || gone.Chunks != 1 || gone.Bytes < 50*500+40_000 {
		t.Fatalf("swept %+v, %v", gone, err)
	}
	left := &Author{Feed: a.Feed, Seq: 34}
	items := w.all(t, space, nil, 0)
	spans := InOrder(t, items)
	if len(items) != 6 || spans[a.Feed] != (Span{31, 34}) || spans[c.Feed] != (Span{1, 2}) {
		t.Fatalf("%d envelopes are left: %v", len(items), spans)
	}
	if rest := w.all(t, space, cursor, 0); len(rest) != 6 { // a cursor into what is gone
		t.Errorf("%d after a swept cursor", len(rest))
	}
	w.wantHeads(t, space, left.Head(), b.Head(), c.Head())
	if _, err := w.Engine.GetChunk(w.ctx, space, oldHash); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a swept chunk: %v", err)
	}
	if _, err := w.Engine.GetChunk(w.ctx, space, newHash); err != nil {
		t.Errorf("a kept chunk: %v", err)
	}
	w.uses(t, tenantOf(1), 6, 1, 90_000+6*500)
	Exactly(t, w.all(t, others.Space, nil, 0), 1, others)
	// What was swept is not taken again; the next sequence is, of every feed.
	w.put(t, space, old)
	w.put(t, space, old[10:20])
	if n := len(w.all(t, space, nil, 0)); n != 6 {
		t.Errorf("%d envelopes: swept ones came back", n)
	}
	w.put(t, space, a.Write(1, 10), b.Write(1, 10), c.Write(1, 10))
	w.wantHeads(t, space, a.Head(), b.Head(), c.Head())
	if n := len(w.all(t, space, nil, 0)); n != 9 {
		t.Errorf("%d envelopes, want 9", n)
	}
	results, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{b.Write(2, 10)[1:]})
	if err != nil || !errors.Is(results[0].Err, engine.ErrGap) {
		t.Errorf("a gap after a sweep: %+v, %v", results, err)
	}
	if again, err := w.Engine.Sweep(w.ctx, tenantOf(1), moment); err != nil || again != (engine.Usage{}) {
		t.Errorf("swept again %+v, %v", again, err)
	}
}

func sweepEverything(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	w.put(t, space, a.Write(25, 100))
	hash, _ := w.chunk(t, space, 100)
	w.grant(t, tenantOf(1), space, 1)
	at, err := w.Engine.End(w.ctx, space)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := w.Engine.Sweep(w.ctx, tenantOf(1), time.Now().Add(time.Hour))
	if err != nil || gone.Envelopes != 25 || gone.Chunks != 1 {
		t.Fatalf("swept %+v, %v", gone, err)
	}
	w.uses(t, tenantOf(1), 0, 0, 0)
	same(t, w.all(t, space, nil, 0), nil)
	same(t, w.all(t, space, at, 0), nil)
	w.wantHeads(t, space, a.Head())
	if has, err := w.Engine.HasChunks(w.ctx, space, [][32]byte{hash}); err != nil || has[0] {
		t.Errorf("%v, %v", has, err)
	}
	if got, tenant, err := w.Engine.Grants(w.ctx, space, 0); err != nil || len(got) != 1 || tenant != tenantOf(1) {
		t.Errorf("%d grants are left, %v", len(got), err) // a list is never swept
	}
	run := a.Write(3, 100)
	w.put(t, space, run)
	same(t, w.all(t, space, at, 0), run)
	same(t, w.all(t, space, nil, 0), run)
	w.wantHeads(t, space, a.Head())
	w.uses(t, tenantOf(1), 3, 0, size(run))
}

func sweepWhileWriting(t *testing.T, w *world) {
	space := NewSpace()
	authors := []*Author{NewAuthor(space), NewAuthor(space), NewAuthor(space)}
	for _, a := range authors {
		w.put(t, space, a.Write(200, 50))
	}
	moment := pause()
	var wg sync.WaitGroup
	for _, a := range authors {
		wg.Go(func() {
			for range 30 {
				if r, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{a.Write(1, 50)}); err != nil || r[0].Err != nil {
					t.Errorf("%+v, %v", r, err)
				}
			}
		})
	}
	gone, err := w.Engine.Sweep(w.ctx, tenantOf(1), moment)
	if err != nil || gone.Envelopes != 600 {
		t.Errorf("swept %+v, %v", gone, err)
	}
	wg.Wait()
	Exactly(t, w.all(t, space, nil, 0), 201, authors...)
	w.uses(t, tenantOf(1), 90, 0, 90*50)
}

// After everything was swept and the store opened again, old cursors do not skip what is new.
func reopenAfterSweep(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	w.put(t, space, a.Write(25, 100))
	at := w.all(t, space, nil, 0)[24].Cursor
	if _, err := w.Engine.Sweep(w.ctx, tenantOf(1), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.reopen(t)
	w.wantHeads(t, space, a.Head())
	run := a.Write(3, 100)
	w.put(t, space, run)
	same(t, w.all(t, space, at, 0), run)
	same(t, w.all(t, space, nil, 0), run)
}
