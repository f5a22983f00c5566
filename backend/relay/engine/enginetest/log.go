package enginetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

func appendAndRead(t *testing.T, w *world) {
	space := NewSpace()
	page, err := w.Engine.Read(w.ctx, space, nil, 10)
	if err != nil || len(page.Items) != 0 || page.More {
		t.Fatalf("an unknown space: %+v, %v", page, err)
	}
	w.wantHeads(t, space)
	a := NewAuthor(space)
	control := a.Lane(envelope.Control)
	first, second, c := a.Write(3, 100), a.Write(1, 0), control.Write(2, 300)
	w.put(t, space, first)
	w.put(t, space, c)
	w.put(t, space, second)
	same(t, w.all(t, space, nil, 0), append(append(append(engine.Run{}, first...), c...), second...))
	w.wantHeads(t, space, a.Head(), control.Head())
	if err := w.Engine.Healthy(w.ctx); err != nil {
		t.Errorf("healthy: %v", err)
	}
	// An empty page's cursor is one to go on from.
	if page, err = w.Engine.Read(w.ctx, space, page.Next, 0); err != nil || len(page.Items) != 6 {
		t.Errorf("%d envelopes, %v", len(page.Items), err)
	}
	if page, err = w.Engine.Read(w.ctx, space, page.Next, 0); err != nil || len(page.Items) != 0 || page.More {
		t.Errorf("after the end: %+v, %v", page, err)
	}
	third := a.Write(1, 10)
	w.put(t, space, third)
	same(t, w.all(t, space, page.Next, 0), third)
}

func skips(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	run := a.Write(10, 50)
	w.put(t, space, run[:6])
	for _, again := range []engine.Run{run[:6], run[5:6], run[:1], run[2:4]} {
		if r := w.put(t, space, again); r[0].Head.Seq != 6 {
			t.Errorf("head %d, want 6", r[0].Head.Seq)
		}
	}
	w.put(t, space, run[3:8]) // overlaps
	w.put(t, space, run)
	same(t, w.all(t, space, nil, 0), run)
}

func refuses(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	w.put(t, space, a.Write(4, 20))
	forked := a.Fork()
	five, more := a.Write(1, 20), a.Write(5, 20)
	try := func(run engine.Run, want error, head uint64) {
		t.Helper()
		results, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{run})
		if err != nil || len(results) != 1 {
			t.Fatalf("%+v, %v", results, err)
		}
		if !errors.Is(results[0].Err, want) || results[0].Head != protocol.HeadOf(a.Feed, head) {
			t.Errorf("%+v, want %v at %d", results[0], want, head)
		}
	}
	try(more, engine.ErrGap, 4)
	w.put(t, space, five)
	w.put(t, space, more[:2])
	six := forked.Write(3, 20)
	try(six[:1], engine.ErrForked, 7)                                  // another fifth, below the head
	try(six, engine.ErrForked, 7)                                      // up to the head
	try(append(six, forked.Write(4, 20)...), engine.ErrForked, 7)      // and beyond
	try(forked.Write(1, 20), engine.ErrGap, 7)                         // far beyond
	try(engine.Run{forkAfter(a, 7, forked.head)}, engine.ErrForked, 7) // follows something else
	Exactly(t, w.all(t, space, nil, 0), 1, &Author{Feed: a.Feed, Seq: 7})
	w.put(t, space, more)
	Exactly(t, w.all(t, space, nil, 0), 1, a)

	other := NewAuthor(space)
	late := other.Write(3, 10)[1:]
	results, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{late})
	if err != nil || !errors.Is(results[0].Err, engine.ErrGap) || results[0].Head != protocol.HeadOf(other.Feed, 0) {
		t.Errorf("a feed that begins in the middle: %+v, %v", results, err)
	}
	w.wantHeads(t, space, a.Head())
}

// forkAfter is a well-formed envelope with the sequence after seq that follows another head.
func forkAfter(a *Author, seq uint64, head wire.EventID) envelope.Envelope {
	f := *a
	f.Seq, f.head = seq, head
	return f.Write(1, 10)[0]
}

func severalRuns(t *testing.T, w *world) {
	space := NewSpace()
	a, b, c := NewAuthor(space), NewAuthor(space), NewAuthor(space)
	ra, rb, rc := a.Write(3, 30), b.Write(3, 30), c.Write(2, 30)
	results, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{ra, rb[1:], rc})
	if err != nil || len(results) != 3 {
		t.Fatalf("%+v, %v", results, err)
	}
	if results[0].Err != nil || results[0].Head != a.Head() || results[2].Err != nil || results[2].Head != c.Head() {
		t.Errorf("%+v", results)
	}
	if !errors.Is(results[1].Err, engine.ErrGap) || results[1].Head != protocol.HeadOf(b.Feed, 0) {
		t.Errorf("the one with a gap: %+v", results[1])
	}
	Exactly(t, w.all(t, space, nil, 0), 1, a, c)
	// Two runs of one feed in one call.
	next := a.Write(4, 30)
	w.put(t, space, next[:2], rb, next[2:])
	Exactly(t, w.all(t, space, nil, 0), 1, a, b, c)
	if results, err = w.Engine.Append(w.ctx, tenantOf(1), space, nil); err != nil || len(results) != 0 {
		t.Errorf("nothing to append: %+v, %v", results, err)
	}
}

func spacesApart(t *testing.T, w *world) {
	one, two := NewSpace(), NewSpace()
	a := NewAuthor(one)
	b := NewAuthor(two)
	b.key, b.Feed = a.key, a.Feed // the same feed, in another space
	for range 5 {
		w.put(t, one, a.Write(1, 10))
		w.put(t, two, b.Write(2, 10))
	}
	Exactly(t, w.all(t, one, nil, 0), 1, a)
	Exactly(t, w.all(t, two, nil, 0), 1, b)
	w.wantHeads(t, one, a.Head())
	w.wantHeads(t, two, b.Head())
}

func pages(t *testing.T, w *world) {
	space, noise := NewSpace(), NewAuthor(NewSpace())
	a, b := NewAuthor(space), NewAuthor(space)
	for i := range 20 {
		w.put(t, space, a.Write(1+i%3, 10))
		w.put(t, noise.Space, noise.Write(1, 10))
		w.put(t, space, b.Write(1, 10))
	}
	whole := w.all(t, space, nil, 0)
	Exactly(t, whole, 1, a, b)
	for _, limit := range []int{1, 2, 7, len(whole) - 1, len(whole), len(whole) + 1, 1 << 30} {
		got := w.all(t, space, nil, limit)
		if len(got) != len(whole) {
			t.Fatalf("limit %d: %d of %d", limit, len(got), len(whole))
		}
		for i := range got {
			if !bytes.Equal(got[i].Raw, whole[i].Raw) {
				t.Fatalf("limit %d: another order", limit)
			}
		}
	}
	for i, item := range whole { // every cursor is one to go on from
		if rest := w.all(t, space, item.Cursor, 0); len(rest) != len(whole)-i-1 {
			t.Fatalf("after %d of %d: %d", i+1, len(whole), len(rest))
		}
	}
}

func pagesByBytes(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	var want engine.Run
	for _, size := range []int{100, wire.MaxEnvelope - envelope.Overhead, 100, 600_000, 600_000, 10, wire.MaxEnvelope - envelope.Overhead} {
		run := a.Write(1, size)
		w.put(t, space, run)
		want = append(want, run...)
	}
	same(t, w.all(t, space, nil, 0), want) // ReadAll checks the bytes of each page
	small := NewAuthor(NewSpace())
	run := small.Write(100, 20_000)
	w.put(t, small.Space, run)
	page, err := w.Engine.Read(w.ctx, small.Space, nil, 0)
	if err != nil || !page.More || len(page.Items) < 10 {
		t.Errorf("%d envelopes of 20 kB on a page, %v", len(page.Items), err)
	}
	same(t, w.all(t, small.Space, nil, 0), run)
}

func foreignCursors(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	w.put(t, space, a.Write(3, 10))
	own := w.all(t, space, nil, 0)[0].Cursor
	turned := bytes.Clone(own)
	for i := range turned {
		turned[i] ^= 0xff
	}
	for _, c := range []protocol.Cursor{{0}, []byte("garbage"), turned, own[:len(own)-1], append(bytes.Clone(own), 0),
		wire.Random(len(own)), wire.Random(protocol.MaxCursor), wire.Random(1000)} {
		if _, err := w.Engine.Read(w.ctx, space, c, 10); !errors.Is(err, engine.ErrCursor) {
			t.Errorf("a cursor of %d bytes: %v", len(c), err)
		}
	}
}

func end(t *testing.T, w *world) {
	space := NewSpace()
	before, err := w.Engine.End(w.ctx, space)
	if err != nil {
		t.Fatal(err)
	}
	a := NewAuthor(space)
	w.put(t, space, a.Write(5, 10))
	other := NewAuthor(NewSpace())
	w.put(t, other.Space, other.Write(5, 10))
	at, err := w.Engine.End(w.ctx, space)
	if err != nil || len(at) > protocol.MaxCursor {
		t.Fatal(at, err)
	}
	Exactly(t, w.all(t, space, before, 0), 1, a)
	same(t, w.all(t, space, at, 0), nil)
	run := a.Write(2, 10)
	w.put(t, space, run)
	same(t, w.all(t, space, at, 0), run)
}

func manyFeedsAtOnce(t *testing.T, w *world) {
	spaces := []wire.SpaceID{NewSpace(), NewSpace(), NewSpace()}
	authors := make([]*Author, 24)
	var wg sync.WaitGroup
	for i := range authors {
		authors[i] = NewAuthor(spaces[i%len(spaces)])
		wg.Go(func() {
			for n := range 25 {
				a := authors[i]
				run := a.Write(1+n%4, 100)
				results, err := w.Engine.Append(w.ctx, tenantOf(1), a.Space, []engine.Run{run})
				if err != nil || results[0].Err != nil || results[0].Head != a.Head() {
					t.Errorf("append: %+v, %v", results, err)
					return
				}
			}
		})
	}
	wg.Wait()
	for i, space := range spaces {
		var mine []*Author
		for j := i; j < len(authors); j += len(spaces) {
			mine = append(mine, authors[j])
		}
		Exactly(t, w.all(t, space, nil, 50), 1, mine...)
		heads := w.heads(t, space)
		for _, a := range mine {
			if !heads[a.Head()] {
				t.Errorf("head %+v is missing in %v", a.Head(), heads)
			}
		}
	}
}

// Several devices bring the same feed, in parts that overlap.
func oneFeedFromManySides(t *testing.T, w *world) {
	space := NewSpace()
	a := NewAuthor(space)
	run := a.Write(120, 100)
	var wg sync.WaitGroup
	for side := range 12 {
		wg.Go(func() {
			if err := bring(w, space, run, 1+side); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	same(t, w.all(t, space, nil, 0), run)
	w.wantHeads(t, space, a.Head())
}

// bring appends a run in steps; where others are behind or ahead it goes on from the head.
func bring(w *world, space wire.SpaceID, run engine.Run, step int) error {
	for at := 0; at < len(run); {
		part := run[max(0, at-step/2):min(len(run), at+step)]
		results, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{part})
		if err != nil {
			return err
		}
		head := int(results[0].Head.Seq)
		if results[0].Err != nil || head < at {
			return fmt.Errorf("bring from %d: %+v", at, results[0])
		}
		at = head
	}
	return nil
}

// A reader who follows the end meets every envelope once, in order.
func readingWhileWriting(t *testing.T, w *world) {
	space := NewSpace()
	authors := make([]*Author, 8)
	var wg sync.WaitGroup
	for i := range authors {
		authors[i] = NewAuthor(space)
		wg.Go(func() {
			for range 40 {
				if _, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{authors[i].Write(1, 200)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var got []engine.Item
	var after protocol.Cursor
	until(t, "everything was read", func() bool {
		page, err := w.Engine.Read(w.ctx, space, after, 17)
		if err != nil {
			t.Fatal(err)
		}
		got, after = append(got, page.Items...), page.Next
		return len(got) >= 8*40
	})
	wg.Wait()
	Exactly(t, got, 1, authors...)
}
