package replication

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// ackDelay collects acknowledgements of a burst into one frame.
	ackDelay = 15 * time.Millisecond
	// authorGrace is how long we wait for an author's own push before fetching from somebody else.
	authorGrace = 300 * time.Millisecond
	// maxQueue bounds the bytes that wait to be sent on a talk. Pushes beyond it
	// are dropped; the heads that follow make the other side fetch.
	maxQueue = 4 << 20
	// maxAnswers bounds everything that waits; the frontier of the largest space fits.
	maxAnswers   = 32 << 20
	writeTimeout = 60 * time.Second
	// giveAgain: the same keys are not handed over more often.
	giveAgain = 20 * time.Second
	// maxSpaces bounds the digests of one spaces message.
	maxSpaces = 2000
)

// session is one talk with one device.
type session struct {
	e      *Engine
	peer   wire.DeviceID
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // something to send
	work   chan struct{} // something to fetch
	pushes chan push

	mu     sync.Mutex
	queue  []message
	queued int
	spaces map[wire.SpaceID]*shared
	acks   map[wire.SpaceID]map[envelope.Feed]uint64
	news   map[wire.SpaceID]bool // spaces to look at for what is to be fetched
	heard  int                   // entries in all spaces' known
}

// shared is what we know of the other side's copy of a space.
type shared struct {
	known map[envelope.Feed]uint64
	// level is set once our digests were equal: what known does not name, it has as we have.
	level bool
	asked time.Time // last time keys were asked for
	// foreign is how much was not for us when keys were asked for last: among it may be
	// what tells what the space is, for which there are keys.
	foreign int
	// gave is what the other side was given last, and when.
	gave   [32]byte
	gaveAt time.Time
	// noticed: when a feed was first seen to be ahead whose author is linked to us.
	noticed map[envelope.Feed]time.Time
}

// talk runs a session until the stream or the link ends.
func (e *Engine) talk(ctx context.Context, peer wire.DeviceID, stream link.Stream) {
	if !e.interested(peer) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &session{
		e: e, peer: peer, ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), work: make(chan struct{}, 1), pushes: make(chan push, 256),
		spaces: map[wire.SpaceID]*shared{}, acks: map[wire.SpaceID]map[envelope.Feed]uint64{},
		news: map[wire.SpaceID]bool{},
	}
	e.mu.Lock()
	old := e.sessions[peer]
	e.sessions[peer] = s
	e.mu.Unlock()
	if old != nil {
		old.cancel()
	}
	var wg sync.WaitGroup
	stop := context.AfterFunc(ctx, func() { _ = stream.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	wg.Go(func() { defer cancel(); s.write(stream) })
	wg.Go(func() { defer cancel(); s.ingestPushes() })
	wg.Go(func() { defer cancel(); s.fetchAll() })
	s.offerAll()
	err := s.read(stream)
	over := ctx.Err() != nil // the link ended, or what ended the talk has been logged
	cancel()
	wg.Wait()
	s.end()
	if !errors.Is(err, io.EOF) && !errors.Is(err, link.ErrClosed) && !over {
		e.Slog.Warn("replication talk ended", "peer", peer.Short(), "err", err)
	}
}

func (s *session) end() {
	e := s.e
	e.mu.Lock()
	if e.sessions[s.peer] == s {
		delete(e.sessions, s.peer)
	}
	for c, by := range e.claimed {
		if by == s {
			delete(e.claimed, c)
		}
	}
	var changed []wire.SpaceID
	for id, by := range e.missing {
		if _, ok := by[s]; ok {
			delete(by, s)
			changed = append(changed, id)
		}
	}
	others := make([]*session, 0, len(e.sessions))
	for _, o := range e.sessions {
		others = append(others, o)
	}
	e.mu.Unlock()
	e.forsake(s)
	for _, o := range others {
		o.poke(changed...) // what we had claimed is free
	}
	for _, id := range changed {
		if e.Progress != nil {
			e.Progress(id)
		}
	}
}

// poke has spaces looked at for what is to be fetched.
func (s *session) poke(ids ...wire.SpaceID) {
	s.mu.Lock()
	for _, id := range ids {
		if s.spaces[id] != nil {
			s.news[id] = true
		}
	}
	s.mu.Unlock()
	select {
	case s.work <- struct{}{}:
	default:
	}
}

// send queues a message. Pushes are dropped when the other side does not keep up;
// one that asks for more and more answers without reading them is not talked to
// any longer.
func (s *session) send(m message, size int) bool {
	size += m.size()
	s.mu.Lock()
	over := s.queued+size > maxAnswers
	if over || m.Push != nil && s.queued+size > maxQueue {
		s.mu.Unlock()
		if over && m.Push == nil && s.ctx.Err() == nil {
			s.e.Slog.Warn("replication talk ended", "peer", s.peer.Short(), "reason", "answers are not read")
			s.cancel()
		}
		return false
	}
	s.queue, s.queued = append(s.queue, m), s.queued+size
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return true
}

// size is about what a message takes while it waits, but for what it carries.
func (m message) size() int {
	n := 128 + 48*len(m.Spaces)
	if m.Heads != nil {
		n += 64 * len(m.Heads.Heads)
	}
	if m.Buckets != nil {
		n += 24 * len(m.Buckets.Sums)
	}
	return n
}

func (s *session) write(w link.Stream) {
	acks := time.NewTicker(ackDelay)
	acks.Stop()
	armed := false
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		case <-acks.C:
			acks.Stop()
			armed = false
			s.flushAcks()
		}
		s.mu.Lock()
		out := s.queue
		s.queue, s.queued = nil, 0
		if len(s.acks) > 0 && !armed {
			armed = true
			acks.Reset(ackDelay)
		}
		s.mu.Unlock()
		for _, m := range out {
			_ = w.SetWriteDeadline(time.Now().Add(writeTimeout))
			if err := wire.Send(w, m); err != nil {
				return
			}
		}
	}
}

// flushAcks turns what was stored since the last time into heads.
func (s *session) flushAcks() {
	s.mu.Lock()
	acks := s.acks
	s.acks = map[wire.SpaceID]map[envelope.Feed]uint64{}
	s.mu.Unlock()
	for id, feeds := range acks {
		h := &heads{Space: id}
		for f, seq := range feeds {
			h.Heads = append(h.Heads, eventlog.Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq})
		}
		s.sendHeads(h)
	}
}

func (s *session) sendHeads(h *heads) {
	for len(h.Heads) > maxHeads {
		s.send(message{Heads: &heads{Space: h.Space, Heads: h.Heads[:maxHeads], Answer: h.Answer}}, 0)
		h.Heads = h.Heads[maxHeads:]
	}
	s.send(message{Heads: h}, 0)
}
