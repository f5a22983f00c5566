package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	hintsPending = 64 << 10
	// Every followed space is looked at once in a round, by as many reads a second
	// as that takes, and no more than lookMost: then a round takes longer.
	round    = 15 * time.Second
	lookMost = 200
	// lookFast is how many are looked at in a second after something went wrong.
	lookFast = 2000
	// headsRemembered bounds the heads of all followed spaces.
	headsRemembered = 1_000_000

	// youth is how long hints of a followed space may be missing.
	youth = 2 * time.Second

	elected = "$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED."
)

// follows are the spaces that this process follows.
type follows struct {
	mu     sync.Mutex
	spaces map[wire.SpaceID]*follower
	young  []*follower // looked at until they are youth old
	heard  int         // heads remembered, of all
	hints  chan *natsgo.Msg
	grants chan struct{}
	again  chan string // a stream whose spaces are to be looked at; "" for all
}

func (f *follows) init() {
	f.spaces = map[wire.SpaceID]*follower{}
	f.hints = make(chan *natsgo.Msg, hintsPending)
	f.grants = make(chan struct{}, 1)
	f.again = make(chan string, 64)
}

// follower reads one space to its end whenever there may be something new. What
// it tells comes from the stream, from where it was left: it can be late, and can
// neither miss nor repeat anything.
type follower struct {
	space wire.SpaceID
	place place
	ready chan struct{}
	err   error // of the beginning, once ready
	users int   // under follows.mu
	born  time.Time
	sub   *natsgo.Subscription

	mu      sync.Mutex
	at      position
	target  uint64 // known to be stored
	reading bool
	again   bool
	gone    bool
	heads   map[envelope.Feed]uint64 // nil until somebody has asked
	counted int                      // in follows.heard
}

// Follow subscribes to hints of a space and asks the leader for the end, where
// news begin: nothing that is stored later can be missed. The subscription may take a
// moment to be known at the leader's server; what is stored in it is found by
// lookAround, which looks at young followers twice.
func (e *Engine) Follow(ctx context.Context, space wire.SpaceID) (stop func(), err error) {
	for {
		f, first := e.follows.join(space)
		if first {
			f.err = e.beginFollow(ctx, f)
			close(f.ready)
			if f.err == nil {
				e.look(f, 0)
			}
		}
		select {
		case <-f.ready:
			err = f.err
		case <-ctx.Done():
			first, err = true, e.over(ctx)
		}
		if err == nil {
			return sync.OnceFunc(func() { e.leave(f) }), nil
		}
		e.leave(f)
		if first { // else it was another one's beginning that failed
			return nil, fmt.Errorf("follow space: %w", err)
		}
	}
}

func (e *Engine) beginFollow(ctx context.Context, f *follower) error {
	if err := e.over(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sub, err := e.nc.ChanSubscribe(f.place.live+">", e.follows.hints)
	if err != nil {
		return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
	}
	f.mu.Lock()
	f.sub = sub
	f.mu.Unlock()
	if err := e.tirelessly(ctx, e.flush); err != nil {
		return err
	}
	end, err := e.end(ctx, f.space)
	if err != nil {
		return err
	}
	// Whoever reads to the end from now on meets the news.
	e.ends.change(f.space, func(old uint64) uint64 { return max(old, end) })
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = position{stream: end, given: wholePiece}
	return nil
}

func (f *follows) join(space wire.SpaceID) (_ *follower, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.spaces[space]; old != nil && !old.failed() {
		old.users++
		return old, false
	}
	made := &follower{space: space, place: placeOf(space), ready: make(chan struct{}), users: 1, born: time.Now()}
	f.spaces[space] = made
	f.young = append(f.young, made)
	return made, true
}

func (f *follower) failed() bool {
	select {
	case <-f.ready:
		return f.err != nil
	default:
		return false
	}
}

func (e *Engine) leave(f *follower) {
	e.follows.mu.Lock()
	defer e.follows.mu.Unlock()
	if f.users--; f.users > 0 {
		return
	}
	if e.follows.spaces[f.space] == f {
		delete(e.follows.spaces, f.space)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
	e.follows.heard -= f.counted
	f.heads, f.counted = nil, 0
	if f.sub != nil {
		if err := f.sub.Unsubscribe(); err != nil && e.ctx.Err() == nil {
			e.log.Debug("unsubscribe", "error", err)
		}
	}
}

func (f *follows) of(space wire.SpaceID) *follower {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.spaces[space]
}

// look has a follower read on; seq is what is known to be stored, 0 for a guess.
func (e *Engine) look(f *follower, seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone || seq != 0 && seq <= f.at.stream && f.at.given == wholePiece {
		return
	}
	f.target = max(f.target, seq)
	if f.reading {
		f.again = true
		return
	}
	f.reading = e.spawn(func() { e.readOn(f) })
}

// readOn reads to the end and tells.
func (e *Engine) readOn(f *follower) {
	select {
	case <-f.ready:
	case <-e.ctx.Done():
		return
	}
	for {
		f.mu.Lock()
		at, target, gone := f.at, f.target, f.gone
		f.again = false
		f.mu.Unlock()
		if gone || f.err != nil {
			return
		}
		page, next, err := e.page(e.ctx, f.space, at, protocol.MaxPage, target)
		if err != nil {
			if e.ctx.Err() != nil {
				return
			}
			e.log.Warn("followed space cannot be read", "error", err)
			if errors.Is(err, errStored) || e.pause(e.ctx, jitter(time.Second)) != nil {
				return // reading stays true: this space is stuck until the relay starts again
			}
			continue
		}
		if !e.tell(f, page, next) {
			return
		}
	}
}

// tell passes a page on; it says whether to read on.
func (e *Engine) tell(f *follower, page engine.Page, next position) bool {
	f.mu.Lock()
	if f.gone {
		f.mu.Unlock()
		return false
	}
	for _, item := range page.Items {
		f.noteLocked(item.Raw)
	}
	f.at = next
	f.mu.Unlock()
	e.ends.change(f.space, func(old uint64) uint64 { return max(old, next.stream) })
	if len(page.Items) > 0 && e.o.News != nil {
		e.o.News(f.space, page.Items)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if page.More || f.again {
		return true
	}
	f.target = 0 // reached, or swept
	f.reading = false
	return false
}

// noteLocked keeps remembered heads level.
func (f *follower) noteLocked(raw []byte) {
	if f.heads == nil {
		return
	}
	if e, err := envelope.Decode(raw); err == nil {
		f.heads[e.Feed] = max(f.heads[e.Feed], e.Seq)
	}
}

// wrote tells a follower what this process has stored itself.
func (e *Engine) wrote(space wire.SpaceID, feed envelope.Feed, h head) {
	f := e.follows.of(space)
	if f == nil {
		return
	}
	f.mu.Lock()
	if f.heads != nil {
		f.heads[feed] = max(f.heads[feed], h.seq)
	}
	f.mu.Unlock()
	e.look(f, h.stream)
}

// heads gives those of a followed space, if they are remembered.
func (f *follows) heads(space wire.SpaceID) ([]protocol.Head, bool) {
	x := f.of(space)
	if x == nil {
		return nil, false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.heads == nil {
		return nil, false
	}
	out := make([]protocol.Head, 0, len(x.heads))
	for feed, seq := range x.heads {
		out = append(out, protocol.HeadOf(feed, seq))
	}
	return out, true
}

// remember keeps the heads of a space that is followed, as they were at a
// sequence of the stream: what is stored behind it has yet to be read by the
// follower, and is noted then.
func (f *follows) remember(space wire.SpaceID, heads map[envelope.Feed]uint64, upTo uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.spaces[space]
	if x == nil || f.heard+len(heads) > headsRemembered {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.heads != nil || x.gone || x.at.stream > upTo {
		return
	}
	f.heard += len(heads)
	x.counted = len(heads)
	x.heads = make(map[envelope.Feed]uint64, len(heads))
	for feed, seq := range heads {
		x.heads[feed] = seq
	}
}

// hear passes hints on to followers.
func (e *Engine) hear() {
	for {
		select {
		case <-e.ctx.Done():
			return
		case m := <-e.follows.hints:
			if stream, ok := strings.CutPrefix(m.Subject, elected); ok {
				e.lookAgain(stream)
			} else if strings.HasPrefix(m.Subject, "lg.") {
				e.wakeGrants(number(m, "Nats-Sequence"))
			} else if space, ok := spaceOf(m.Subject); ok {
				if f := e.follows.of(space); f != nil {
					e.look(f, number(m, "Nats-Sequence"))
				}
			}
		}
	}
}
