package sqlite

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/wire"
)

func open(t testing.TB, folder string, o engine.Options) *Engine {
	t.Helper()
	e, err := Open(t.Context(), folder, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, o engine.Options) enginetest.Fixture {
		folder := t.TempDir()
		return enginetest.Fixture{
			Engine: open(t, folder, o),
			Reopen: func(t *testing.T, o engine.Options) engine.Engine { return open(t, folder, o) },
		}
	})
}

// TestEngineTight: the same with next to no memory for heads and news, so that
// heads are read from disk again and again, and news are told from disk.
func TestEngineTight(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, o engine.Options) enginetest.Fixture {
		folder := t.TempDir()
		tight := func(t *testing.T, o engine.Options) engine.Engine {
			e := open(t, folder, o)
			e.heads.mu.Lock()
			e.heads.max = 2
			e.heads.mu.Unlock()
			e.news.mu.Lock()
			e.news.limit = 500
			e.news.mu.Unlock()
			return e
		}
		return enginetest.Fixture{Engine: tight(t, o), Reopen: tight}
	})
}

// What waits to be told and what is cached stays within its bounds while a
// follower is slow, and then nothing is missing.
func TestASlowFollower(t *testing.T) {
	var mu sync.Mutex
	var told []engine.Item
	hold := make(chan struct{})
	e := open(t, t.TempDir(), engine.Options{News: func(_ wire.SpaceID, items []engine.Item) {
		<-hold // breaks the promise not to block
		mu.Lock()
		defer mu.Unlock()
		told = append(told, items...)
	}})
	e.news.mu.Lock()
	e.news.limit = 20_000
	e.news.mu.Unlock()
	e.heads.mu.Lock()
	e.heads.max = 20
	e.heads.mu.Unlock()
	space := enginetest.NewSpace()
	stop, err := e.Follow(t.Context(), space)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	var authors []*enginetest.Author
	for i := range 60 {
		if i%10 == 0 {
			authors = append(authors, enginetest.NewAuthor(space))
		}
		other := enginetest.NewAuthor(enginetest.NewSpace())
		for _, a := range []*enginetest.Author{authors[i/10], other} {
			if r, err := e.Append(t.Context(), engine.Tenant{1}, a.Space, []engine.Run{a.Write(5, 1000)}); err != nil || r[0].Err != nil {
				t.Fatal(r, err)
			}
		}
		e.news.mu.Lock()
		untold, queued := e.news.untold, len(e.news.queue)
		e.news.mu.Unlock()
		e.heads.mu.Lock()
		weight, cached := e.heads.weight, len(e.heads.spaces)
		e.heads.mu.Unlock()
		if untold > 20_000 || queued > 10 || weight > 20 || cached > 4 {
			t.Fatalf("%d bytes in %d tellings, %d heads of %d spaces", untold, queued, weight, cached)
		}
	}
	close(hold)
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); <-time.After(time.Millisecond) {
		mu.Lock()
		n := len(told)
		mu.Unlock()
		if n >= 300 {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	enginetest.Exactly(t, told, 1, authors...)
}

// A million spaces or one with many feeds: what is cached has the right weight after everything.
func TestHeadsWeight(t *testing.T) {
	c := newHeads(50)
	weigh := func() (n int) {
		for _, s := range c.spaces {
			n += spaceWeight + len(s.feeds)
		}
		return n
	}
	random := rand.New(rand.NewPCG(1, 2))
	spaces := make([]wire.SpaceID, 30)
	for i := range spaces {
		spaces[i] = wire.SpaceID{byte(i + 1)}
	}
	var pinned []*spaceHeads
	for range 5000 {
		id := spaces[random.IntN(len(spaces))]
		feed := envelope.Feed{Device: wire.DeviceID{byte(random.IntN(20))}}
		switch random.IntN(6) {
		case 0, 1, 2:
			c.committed(&batchSpace{id: id, row: spaceRow{no: 1}, feeds: map[envelope.Feed]*head{feed: {feed: feed, no: 1, seq: uint64(1 + random.IntN(9))}}, last: 1})
		case 3:
			s := c.pin(id, spaceRow{no: 1})
			if random.IntN(2) == 0 {
				c.completed(s, []head{{feed: feed, no: 1, seq: 3}})
			}
			pinned = append(pinned, s)
		case 4:
			for _, s := range pinned {
				c.unpin(s)
			}
			pinned = nil
		case 5:
			c.forget(id)
		}
		if got := weigh(); got != c.weight || c.recent.Len() != len(c.spaces) {
			t.Fatalf("%d, in fact %d", c.weight, got)
		}
		if s := c.spaces[id]; s != nil && s.complete && len(s.order) != len(s.feeds) {
			t.Fatalf("%d in order, %d feeds", len(s.order), len(s.feeds))
		}
	}
	for _, s := range pinned {
		c.unpin(s)
	}
	if c.weight > 50 && len(c.spaces) > 1 {
		t.Errorf("%d heads of %d spaces", c.weight, len(c.spaces))
	}
}

// FuzzCursor: whatever a device sends, it reads its own store or is told ErrCursor.
func FuzzCursor(f *testing.F) {
	e, err := Open(f.Context(), f.TempDir(), engine.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	a := enginetest.NewAuthor(enginetest.NewSpace())
	if _, err := e.Append(f.Context(), engine.Tenant{1}, a.Space, []engine.Run{a.Write(5, 10)}); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{}, true)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 3}, true)
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255}, true)
	f.Add([]byte("garbage"), false)
	f.Fuzz(func(t *testing.T, cursor []byte, tagged bool) {
		if tagged {
			cursor = append(slices.Clone(e.id[:tagSize]), cursor...)
		}
		page, err := e.Read(t.Context(), a.Space, cursor, 10)
		if err != nil && !errors.Is(err, engine.ErrCursor) || len(page.Items) > 5 {
			t.Errorf("%d items, %v", len(page.Items), err)
		}
	})
}
