package enginetest

import (
	"bytes"
	"sync"
	"testing"

	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

func (w *world) follow(t *testing.T, e engine.Engine, a *Author) (stop func()) {
	t.Helper()
	stop, err := e.Follow(w.ctx, a.Space)
	if err != nil {
		t.Fatalf("follow: %v", err)
	}
	return stop
}

func news(t *testing.T, w *world) {
	a, unheard := NewAuthor(NewSpace()), NewAuthor(NewSpace())
	w.put(t, a.Space, a.Write(3, 10))
	stop := w.follow(t, w.Engine, a)
	defer stop()
	again := w.follow(t, w.Engine, a) // twice: told once
	defer again()
	var want engine.Run
	for range 10 {
		run := a.Write(3, 100)
		want = append(want, run...)
		w.put(t, a.Space, run)
		w.put(t, a.Space, run[1:]) // nothing new
		w.put(t, unheard.Space, unheard.Write(1, 10))
	}
	until(t, "news", func() bool { return len(w.told(a.Space)) >= len(want) })
	told := w.told(a.Space)
	if extra := len(told) - len(want); extra > 0 && extra <= 3 {
		told = told[extra:] // what was stored just before Follow may be told
	}
	same(t, told, want)
	for i, item := range told { // cursors of news are cursors of the store
		if rest := w.all(t, a.Space, item.Cursor, 0); len(rest) != len(told)-i-1 {
			t.Fatalf("after news %d of %d: %d", i+1, len(told), len(rest))
		}
	}
	if n := len(w.told(unheard.Space)); n != 0 {
		t.Errorf("%d news of a space that nobody follows", n)
	}
}

// Follow, then read up to the end: together with the news nothing is missing,
// while others write all the time. News have the order of the store.
func newsMissNothing(t *testing.T, w *world) {
	space := NewSpace()
	authors := make([]*Author, 6)
	begun, follows := make(chan struct{}, 1000), make(chan struct{})
	var wg sync.WaitGroup
	for i := range authors {
		authors[i] = NewAuthor(space)
		wg.Go(func() {
			for n := range 40 {
				if _, err := w.Engine.Append(w.ctx, tenantOf(1), space, []engine.Run{authors[i].Write(1+n%2, 200)}); err != nil {
					t.Error(err)
				}
				begun <- struct{}{}
				if n == 30 {
					<-follows // the rest is stored after Follow, however slow that is
				}
			}
		})
	}
	for range 20 {
		<-begun
	}
	stop := w.follow(t, w.Engine, authors[0])
	defer stop()
	at, err := w.Engine.End(w.ctx, space)
	if err != nil {
		t.Fatal(err)
	}
	close(follows)
	wg.Wait()
	whole := w.all(t, space, nil, 0)
	Exactly(t, whole, 1, authors...)
	first := len(whole) - len(w.all(t, space, at, 0)) // what stands up to the end then
	last := whole[len(whole)-1].Raw
	until(t, "the last news", func() bool {
		told := w.told(space)
		return len(told) > 0 && bytes.Equal(told[len(told)-1].Raw, last)
	})
	told := w.told(space)
	if len(told) < len(whole)-first {
		t.Fatalf("%d news, %d of %d were stored after the end", len(told), len(whole)-first, len(whole))
	}
	for i := range told { // the last part of the store, in its order, each once
		if !bytes.Equal(told[i].Raw, whole[len(whole)-len(told)+i].Raw) {
			t.Fatalf("news %d of %d is not what the store has there", i, len(told))
		}
	}
}

func newsStop(t *testing.T, w *world) {
	a, marker := NewAuthor(NewSpace()), NewAuthor(NewSpace())
	one := w.follow(t, w.Engine, a)
	two := w.follow(t, w.Engine, a)
	stopMarker := w.follow(t, w.Engine, marker)
	defer stopMarker()
	one()
	one() // more than once
	w.put(t, a.Space, a.Write(2, 10))
	until(t, "news of the second follower", func() bool { return len(w.told(a.Space)) == 2 })
	two()
	w.put(t, a.Space, a.Write(2, 10))
	w.put(t, marker.Space, marker.Write(1, 10))
	until(t, "news of another space", func() bool { return len(w.told(marker.Space)) == 1 })
	if n := len(w.told(a.Space)); n != 2 {
		t.Errorf("%d news, 2 were stored before the last stop", n)
	}
	// And again.
	stop := w.follow(t, w.Engine, a)
	defer stop()
	w.put(t, a.Space, a.Write(3, 10))
	until(t, "news again", func() bool {
		told := w.told(a.Space)
		return len(told) >= 5 && InOrder(t, told[len(told)-3:])[a.Feed].Last == a.Seq
	})
}

// twoEngines: what one process stores, another one knows.
func twoEngines(t *testing.T, w *world) {
	if w.Another == nil {
		t.Skip("the store belongs to one process")
	}
	second := &world{ctx: w.ctx, Fixture: w.Fixture}
	second.Engine = w.Another(t, second.options())
	w.opened = append(w.opened, second.Engine)
	if second.Engine.Store() != w.Engine.Store() {
		t.Error("the store has two names")
	}
	a, b := NewAuthor(NewSpace()), NewAuthor(NewSpace())
	b.Space = a.Space
	stop := second.follow(t, second.Engine, a)
	defer stop()
	// Both write, and both write the same.
	shared := NewAuthor(a.Space)
	run := shared.Write(60, 50)
	var wg sync.WaitGroup
	for i, side := range []*world{w, second} {
		wg.Go(func() {
			author := []*Author{a, b}[i]
			for range 30 {
				side.put(t, a.Space, author.Write(1, 50))
			}
		})
		wg.Go(func() {
			if err := bring(side, a.Space, run, 2+i); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, side := range []*world{w, second} {
		Exactly(t, side.all(t, a.Space, nil, 0), 1, a, b, shared)
		side.wantHeads(t, a.Space, a.Head(), b.Head(), shared.Head())
	}
	until(t, "news from another process", func() bool { return len(second.told(a.Space)) >= 120 })
	Exactly(t, second.told(a.Space), 1, a, b, shared)
	sharedState(t, w, second, a.Space)
}

func sharedState(t *testing.T, w, second *world, space wire.SpaceID) {
	signed := grantOf(space, 1)
	if err := w.Engine.AppendGrant(w.ctx, tenantOf(1), space, 1, signed, nil); err != nil {
		t.Fatal(err)
	}
	until(t, "the grant is told to both", func() bool {
		return len(w.grantsTold(space)) == 1 && len(second.grantsTold(space)) == 1
	})
	if got, _, err := second.Engine.Grants(w.ctx, space, 0); err != nil || len(got) != 1 || got[0].Hash() != signed.Hash() {
		t.Errorf("%d grants, %v", len(got), err)
	}
	hash, chunk := chunkOf(5000)
	if err := second.Engine.PutChunk(w.ctx, tenantOf(1), space, hash, chunk); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Engine.GetChunk(w.ctx, space, hash); err != nil || !bytes.Equal(got, chunk) {
		t.Errorf("chunk of %d bytes, %v", len(got), err)
	}
	if err := second.Engine.SetRecord(w.ctx, "word", "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Engine.Record(w.ctx, "word", "k"); err != nil || string(got) != "v" {
		t.Errorf("record %q, %v", got, err)
	}
}
