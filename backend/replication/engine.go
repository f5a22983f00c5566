package replication

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/link"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Board is what replication needs of the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	OnUp(f func(ctx context.Context, peer wire.DeviceID))
	Initiator(peer wire.DeviceID) bool
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
}

// Options of an engine.
type Options struct {
	Log   *eventlog.Log
	Board Board
	Clock clock.Clock
	Slog  *slog.Logger
	// Progress is called when what is missing from a space has changed. It must not block.
	Progress func(wire.SpaceID)
	// Held is called when another device is known to hold more of ours. It must not block.
	Held func(wire.SpaceID)
}

// Engine replicates all spaces with all linked devices.
type Engine struct {
	Options
	mu       sync.Mutex
	sessions map[wire.DeviceID]*session
	expected map[wire.SpaceID]map[wire.DeviceID]bool
	claimed  map[claim]*session
	missing  map[wire.SpaceID]map[*session]uint64
	loops    map[wire.DeviceID]chan struct{} // of links whose talk is ours to begin
}

// claim: a feed is fetched from one device at a time.
type claim struct {
	space wire.SpaceID
	feed  envelope.Feed
}

const (
	minRetry = 100 * time.Millisecond
	maxRetry = 5 * time.Second
	// forsakeTimeout bounds what is tidied up after a talk.
	forsakeTimeout = 5 * time.Second
)

// New makes an engine and registers it at the board.
func New(o Options) *Engine {
	e := &Engine{
		Options: o, sessions: map[wire.DeviceID]*session{}, expected: map[wire.SpaceID]map[wire.DeviceID]bool{},
		claimed: map[claim]*session{}, missing: map[wire.SpaceID]map[*session]uint64{},
		loops: map[wire.DeviceID]chan struct{}{},
	}
	o.Board.Handle(talkProtocol, func(ctx context.Context, peer wire.DeviceID, s link.Stream) {
		if !o.Board.Initiator(peer) {
			e.talk(ctx, peer, s)
		}
	})
	o.Board.Handle(fetchProtocol, e.serve)
	o.Board.OnUp(e.up)
	return e
}

// up runs for every new link. The side that begins talks opens the stream, and
// opens it again should it fail while the link lives.
func (e *Engine) up(ctx context.Context, peer wire.DeviceID) {
	if !e.Board.Initiator(peer) {
		return
	}
	nudged := make(chan struct{}, 1)
	e.mu.Lock()
	e.loops[peer] = nudged
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.loops[peer] == nudged {
			delete(e.loops, peer)
		}
	}()
	wait := minRetry
	for ctx.Err() == nil {
		if e.interested(peer) {
			s, err := e.Board.OpenStream(ctx, peer, talkProtocol)
			if err == nil {
				e.talk(ctx, peer, s)
				_ = s.Close()
			}
		}
		select {
		case <-ctx.Done():
		case <-nudged:
			wait = minRetry
		case <-e.Clock.After(wait):
			wait = min(wait*2, maxRetry)
		}
	}
}

// nudge lets links that had nothing to talk about look again: somebody was let in.
func (e *Engine) nudge() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.loops {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// interested: strangers are talked to by other protocols only.
func (e *Engine) interested(peer wire.DeviceID) bool {
	if e.Log.Colleague(peer) || e.Log.Former(peer) { // who was removed has to learn of it
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, from := range e.expected {
		if from[peer] {
			return true
		}
	}
	return false
}

// Expect lets a space that is not begun here yet come from a device: we have
// just been let in by it.
func (e *Engine) Expect(id wire.SpaceID, from wire.DeviceID) {
	e.mu.Lock()
	if e.expected[id] == nil {
		e.expected[id] = map[wire.DeviceID]bool{}
	}
	e.expected[id][from] = true
	s := e.sessions[from]
	e.mu.Unlock()
	if s != nil {
		s.offer(id)
	}
	e.nudge()
}

// takes reports whether we take a space from a device.
func (e *Engine) takes(id wire.SpaceID, from wire.DeviceID) bool {
	return e.Log.Shares(id, from) || e.Log.Owed(id, from) || e.expects(id, from)
}

func (e *Engine) expects(id wire.SpaceID, from wire.DeviceID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.expected[id][from]
}

// listens reports whether we take the control events of a space from a device.
// A space may be a colleague's word only: until all that makes it has come, in
// whatever order and from whomever, nothing says whether we belong to it.
func (e *Engine) listens(id wire.SpaceID, from wire.DeviceID) bool {
	return e.takes(id, from) || !e.named(id) && e.Log.Colleague(from)
}

// named reports whether a space names us as one who belongs to it, or did.
func (e *Engine) named(id wire.SpaceID) (named bool) {
	_ = e.Log.View(id, func(s *space.State) { _, named = s.Person(e.Log.Self()) })
	return named
}

// Advanced takes what the log announces. It does not block.
func (e *Engine) Advanced(all []eventlog.Advance) {
	e.mu.Lock()
	sessions := make([]*session, 0, len(e.sessions))
	for _, s := range e.sessions {
		sessions = append(sessions, s)
	}
	e.mu.Unlock()
	for _, s := range sessions {
		s.advanced(all)
	}
	for _, a := range all {
		if a.Feed.Lane == envelope.Control {
			e.nudge()
			break
		}
	}
}

// Syncing tells how many envelopes of a space are known to exist elsewhere and
// are not here yet.
func (e *Engine) Syncing(id wire.SpaceID) uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	var most uint64
	for _, n := range e.missing[id] {
		most = max(most, n)
	}
	return most
}

// SyncingWith reports whether anything is being fetched from a device.
func (e *Engine) SyncingWith(peer wire.DeviceID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sessions[peer]
	for _, by := range e.missing {
		if s != nil && by[s] > 0 {
			return true
		}
	}
	return false
}

func (e *Engine) setMissing(id wire.SpaceID, s *session, n uint64) {
	e.mu.Lock()
	by := e.missing[id]
	if by == nil {
		by = map[*session]uint64{}
		e.missing[id] = by
	}
	before := by[s]
	if n == 0 {
		if delete(by, s); len(by) == 0 {
			delete(e.missing, id) // there may be thousands of spaces, and whoever asks looks at all that are here
		}
	} else {
		by[s] = n
	}
	e.mu.Unlock()
	// Only the two ends matter to a screen; it asks for numbers by itself.
	if (before == 0) != (n == 0) && e.Progress != nil {
		e.Progress(id)
	}
}

// take claims a feed for a session, or says that another fetches it already.
func (e *Engine) take(c claim, s *session) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if by := e.claimed[c]; by != nil && by != s {
		return false
	}
	e.claimed[c] = s
	return true
}

func (e *Engine) release(c claim, s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.claimed[c] == s {
		delete(e.claimed, c)
	}
}

// settled is called when control feeds of a space have come: what we were let
// into is expected no more once it names us.
func (e *Engine) settled(id wire.SpaceID) {
	if e.named(id) {
		e.mu.Lock()
		delete(e.expected, id)
		e.mu.Unlock()
	}
}

// forsake forgets the spaces that a talk which ended brought and that do not name
// us, unless another talk has them open. A colleague who is right about them
// offers them again.
func (e *Engine) forsake(s *session) {
	s.mu.Lock()
	open := slices.Collect(maps.Keys(s.spaces))
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), forsakeTimeout)
	defer cancel()
	for _, id := range open {
		if !e.Log.Knows(id) || e.named(id) || e.opened(id) {
			continue
		}
		e.Slog.Info("space does not name us", "space", id.String(), "from", s.peer.Short())
		if err := e.Log.Forget(ctx, id); err != nil {
			e.Slog.Warn("forget space", "err", err)
		}
	}
}

// opened reports whether a talk has a space open, or will.
func (e *Engine) opened(id wire.SpaceID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.expected[id]) > 0 {
		return true
	}
	for _, s := range e.sessions {
		if s.space(id, false) != nil {
			return true
		}
	}
	return false
}
