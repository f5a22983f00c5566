package enginetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// within bounds every wait; it is generous, because machines may be busy.
const within = 60 * time.Second

// Fixture is one new store, and the ways in.
type Fixture struct {
	Engine engine.Engine
	// Reopen opens the same store again; the suite has closed every engine on it before.
	Reopen func(t *testing.T, o engine.Options) engine.Engine
	// Another opens a second engine over the same store while others are open, as
	// another process does. Nil: the store belongs to one process.
	Another func(t *testing.T, o engine.Options) engine.Engine
}

// Run tries an engine. open makes an engine over a new, empty store; the suite
// closes the engines that it is given.
func Run(t *testing.T, open func(t *testing.T, o engine.Options) Fixture) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"append and read", appendAndRead},
		{"what is stored already is skipped", skips},
		{"gaps and forks are refused", refuses},
		{"several runs of one call", severalRuns},
		{"spaces are apart", spacesApart},
		{"pages", pages},
		{"pages by bytes", pagesByBytes},
		{"foreign cursors", foreignCursors},
		{"end", end},
		{"many feeds at once", manyFeedsAtOnce},
		{"one feed from many sides", oneFeedFromManySides},
		{"reading while others write", readingWhileWriting},
		{"news", news},
		{"news miss nothing after follow", newsMissNothing},
		{"news stop", newsStop},
		{"grants", grants},
		{"grants race", grantsRace},
		{"listed", listed},
		{"lists", lists},
		{"chunks", chunks},
		{"chunk hashes", chunkHashes},
		{"chunks from many sides", chunksFromManySides},
		{"records", records},
		{"usage", usage},
		{"sweep", sweep},
		{"sweep everything", sweepEverything},
		{"sweep while others write", sweepWhileWriting},
		{"feeds begin later", begins},
		{"contexts", contexts},
		{"close while in use", closeInUse},
		{"reopen", reopen},
		{"reopen after sweep", reopenAfterSweep},
		{"two engines over one store", twoEngines},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{ctx: t.Context()}
			w.Fixture = open(t, w.options())
			w.opened = append(w.opened, w.Engine)
			t.Cleanup(func() { w.closeAll(t) })
			c.run(t, w)
		})
	}
}

// world is a store and what its engines have told.
type world struct {
	Fixture
	ctx    context.Context
	opened []engine.Engine

	mu      sync.Mutex
	news    map[wire.SpaceID][]engine.Item
	granted map[wire.SpaceID][]uint64
}

// options has everything told to the world.
func (w *world) options() engine.Options {
	return engine.Options{
		News: func(space wire.SpaceID, items []engine.Item) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.news == nil {
				w.news = map[wire.SpaceID][]engine.Item{}
			}
			w.news[space] = append(w.news[space], items...)
		},
		Granted: func(space wire.SpaceID, version uint64) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.granted == nil {
				w.granted = map[wire.SpaceID][]uint64{}
			}
			w.granted[space] = append(w.granted[space], version)
		},
	}
}

func (w *world) told(space wire.SpaceID) []engine.Item {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]engine.Item(nil), w.news[space]...)
}

func (w *world) grantsTold(space wire.SpaceID) []uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]uint64(nil), w.granted[space]...)
}

func (w *world) closeAll(t *testing.T) {
	for _, e := range w.opened {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	w.opened = nil
}

// reopen closes everything and opens the store again.
func (w *world) reopen(t *testing.T) {
	t.Helper()
	w.closeAll(t)
	w.Engine = w.Reopen(t, w.options())
	w.opened = append(w.opened, w.Engine)
}

// until polls until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// put appends runs that must all be taken.
func (w *world) put(t *testing.T, space wire.SpaceID, runs ...engine.Run) []engine.Result {
	t.Helper()
	results, err := w.Engine.Append(w.ctx, tenantOf(1), space, runs)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	if len(results) != len(runs) {
		t.Fatalf("append: %d results for %d runs", len(results), len(runs))
	}
	for i, r := range results {
		last := runs[i][len(runs[i])-1]
		if r.Err != nil || r.Head.Feed() != last.Feed || r.Head.Seq < last.Seq {
			t.Fatalf("append run %d up to %d: %+v", i, last.Seq, r)
		}
	}
	return results
}

// all reads a space from a cursor to its end.
func (w *world) all(t *testing.T, space wire.SpaceID, after protocol.Cursor, limit int) []engine.Item {
	t.Helper()
	items, err := ReadAll(w.ctx, w.Engine, space, after, limit)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return items
}

// heads gives the heads by feed.
func (w *world) heads(t *testing.T, space wire.SpaceID) map[protocol.Head]bool {
	t.Helper()
	list, err := w.Engine.Heads(w.ctx, space)
	if err != nil {
		t.Fatalf("heads: %v", err)
	}
	out := map[protocol.Head]bool{}
	for _, h := range list {
		out[h] = true
	}
	if len(out) != len(list) {
		t.Errorf("heads: a feed is listed twice")
	}
	return out
}

func (w *world) wantHeads(t *testing.T, space wire.SpaceID, want ...protocol.Head) {
	t.Helper()
	got := w.heads(t, space)
	if len(got) != len(want) {
		t.Errorf("%d heads, want %d", len(got), len(want))
	}
	for _, h := range want {
		if !got[h] {
			t.Errorf("no head %+v", h)
		}
	}
}
