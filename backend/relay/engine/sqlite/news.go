package sqlite

import (
	"context"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	// maxUntold bounds the bytes that wait to be told. Beyond it news are read from disk.
	maxUntold = 16 << 20
	// retryAfter is the pause when reading news from disk has failed.
	retryAfter = 100 * time.Millisecond
)

// newsroom tells what was stored, in its own goroutine and in the order of the
// store. Those who store never wait for it: when too much waits to be told, a
// space lags, and is told from disk until it has caught up.
type newsroom struct {
	options engine.Options
	stop    <-chan struct{}
	done    chan struct{}
	wake    chan struct{}
	after   func(ctx context.Context, space, position int64, limit int) ([]engine.Item, bool, error)

	mu        sync.Mutex
	followed  map[wire.SpaceID]*followed
	queue     []telling
	untold    int   // bytes in queue
	limit     int   // of untold
	published int64 // position up to which everything was published
}

// followed is a space that somebody follows.
type followed struct {
	id    wire.SpaceID
	count int
	no    int64 // row of the space, when it has one
	told  int64 // position up to which everything was told; the newsroom's goroutine alone
	lags  bool
	last  int64 // position of the last envelope published
}

// telling is one thing to tell: items, a grant, or (neither) that the space lags.
type telling struct {
	of      *followed
	items   []engine.Item
	last    int64
	space   wire.SpaceID
	version uint64
}

func newNewsroom(o engine.Options, stop <-chan struct{}, after func(context.Context, int64, int64, int) ([]engine.Item, bool, error)) *newsroom {
	return &newsroom{options: o, stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1), after: after, followed: map[wire.SpaceID]*followed{}, limit: maxUntold}
}

// Follow asks for news of a space. What is published after it returns is told.
func (e *Engine) Follow(ctx context.Context, space wire.SpaceID) (stop func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("follow space: %w", err)
	}
	n := e.news
	n.mu.Lock()
	defer n.mu.Unlock()
	f := n.followed[space]
	if f == nil {
		f = &followed{id: space, told: n.published}
		n.followed[space] = f
	}
	f.count++
	return sync.OnceFunc(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if f.count--; f.count == 0 {
			delete(n.followed, space)
		}
	}), nil
}

// publish takes what was just committed.
func (n *newsroom) publish(spaces []*batchSpace, position int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.published = position
	for _, s := range spaces {
		f := n.followed[s.id]
		if f == nil || len(s.items) == 0 || n.options.News == nil {
			continue
		}
		f.no, f.last = s.row.no, s.last
		if f.lags {
			continue
		}
		size := 0
		for _, item := range s.items {
			size += len(item.Raw)
		}
		if n.untold+size > n.limit {
			f.lags = true
			n.put(telling{of: f})
			continue
		}
		n.untold += size
		n.put(telling{of: f, items: s.items, last: s.last})
	}
}

// granted takes a grant that was just committed.
func (n *newsroom) granted(space wire.SpaceID, version uint64) {
	if n.options.Granted == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.put(telling{space: space, version: version})
}

func (n *newsroom) put(t telling) {
	n.queue = append(n.queue, t)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// run tells until Close.
func (n *newsroom) run() {
	defer close(n.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		select {
		case <-n.wake:
		case <-n.stop:
			return
		}
		n.mu.Lock()
		queue := n.queue
		n.queue = nil
		n.mu.Unlock()
		for _, t := range queue {
			select {
			case <-n.stop:
				return
			default:
			}
			n.tell(ctx, t)
		}
	}
}

func (n *newsroom) tell(ctx context.Context, t telling) {
	switch {
	case t.of == nil:
		n.options.Granted(t.space, t.version)
	case len(t.items) == 0:
		n.catchUp(ctx, t.of)
	default:
		size := 0
		for _, item := range t.items {
			size += len(item.Raw)
		}
		n.mu.Lock()
		n.untold -= size
		n.mu.Unlock()
		n.give(t.of, t.items, t.last)
	}
}

// give tells a space's news, unless nobody follows it any more.
func (n *newsroom) give(f *followed, items []engine.Item, last int64) {
	n.mu.Lock()
	current := n.followed[f.id] == f
	n.mu.Unlock()
	if current {
		n.options.News(f.id, items)
	}
	f.told = last
}

// catchUp tells from disk until nothing is missing.
func (n *newsroom) catchUp(ctx context.Context, f *followed) {
	for {
		n.mu.Lock()
		if f.told >= f.last || n.followed[f.id] != f {
			f.lags = false
			n.mu.Unlock()
			return
		}
		no, last := f.no, f.last
		n.mu.Unlock()
		items, more, err := n.after(ctx, no, f.told, protocol.MaxPage)
		if err != nil { // it stands on disk, and is told once it can be read
			select {
			case <-time.After(retryAfter):
				continue
			case <-n.stop:
				return
			}
		}
		if len(items) > 0 {
			n.give(f, items, position(items[len(items)-1].Cursor))
		}
		if !more {
			f.told = max(f.told, last) // also when it was swept before it was told
		}
		select {
		case <-n.stop:
			return
		default:
		}
	}
}
