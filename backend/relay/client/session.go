package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/relay/protocol"
)

const (
	// maxInFlight bounds the requests that wait for an answer, maxBulk those of
	// them that carry much. A relay works on a few at a time: what is urgent is
	// better put first here than queued there.
	maxInFlight = 16
	maxBulk     = 6
	// maxGivenUp bounds requests that nobody waits for any more and that the relay
	// has not answered either; one that leaves more is no use.
	maxGivenUp = 512
	// piece is what a large message is cut into, so that a ping or pong need not
	// wait for all of it.
	piece = 64 << 10
)

// Session is a connection while it lives. Its methods may be called from any
// goroutine at any time; after the end they give ErrNotConnected.
type Session struct {
	c     *Client
	ws    *websocket.Conn
	conn  *counted
	ready protocol.Ready
	trip  atomic.Int64 // nanoseconds
	done  chan struct{}
	stop  context.CancelFunc // of what runs for the session

	urgent, bulk chan *request // to the writer
	slots        chan struct{} // in flight
	bulkSlots    chan struct{}
	events       *queue
	look         chan struct{} // a ping is wanted now

	mu      sync.Mutex
	lastID  uint64
	waiting map[uint64]*request
	givenUp map[uint64]bool
	ended   bool
	cause   error
	leave   time.Time // the relay said Bye: dial again then
}

// request is one message on its way, and its answer.
type request struct {
	id     uint64 // 0: unanswered
	raw    []byte
	sent   bool // guarded by Session.mu
	ctx    context.Context
	answer chan protocol.Message // one at most
	wrote  chan struct{}         // closed when it is written
}

func newSession(c *Client, ws *websocket.Conn, conn *counted, ready protocol.Ready, trip time.Duration) *Session {
	s := &Session{
		c: c, ws: ws, conn: conn, ready: ready, done: make(chan struct{}), stop: func() {},
		urgent: make(chan *request), bulk: make(chan *request),
		slots: make(chan struct{}, maxInFlight), bulkSlots: make(chan struct{}, maxBulk),
		events: newQueue(), look: make(chan struct{}, 1),
		lastID: helloID, waiting: map[uint64]*request{}, givenUp: map[uint64]bool{},
	}
	s.trip.Store(int64(trip))
	return s
}

// Ready is what the relay said of itself.
func (s *Session) Ready() protocol.Ready { return s.ready }

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// RoundTrip is how long the last sign of life took to come back.
func (s *Session) RoundTrip() time.Duration { return time.Duration(s.trip.Load()) }

// run works until the session ends; offline is called before Down.
func (s *Session) run(ctx context.Context, offline func()) error {
	ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	var wg, consumer sync.WaitGroup
	wg.Go(func() { s.end(s.read(ctx)) })
	wg.Go(func() { s.end(s.write(ctx)) })
	wg.Go(func() { s.end(s.watch(ctx)) })
	consumer.Go(func() {
		events := &s.c.opt.Events
		events.up(s)
		for {
			m, ok := s.events.pop(s.done)
			if !ok {
				return
			}
			events.give(m)
		}
	})
	select {
	case <-ctx.Done():
		s.end(ctx.Err())
	case <-s.done:
	}
	s.stop()
	wg.Wait()
	consumer.Wait()
	offline()
	s.c.opt.Events.down()
	return s.cause // written before done was closed
}

// end ends the session; the first cause counts.
func (s *Session) end(cause error) {
	s.mu.Lock()
	first := !s.ended
	s.ended = true
	if first {
		s.cause = cause
	}
	s.mu.Unlock()
	if first {
		close(s.done)
		_ = s.ws.CloseNow()
	}
}

// read takes what arrives until the connection ends.
func (s *Session) read(ctx context.Context) error {
	var in inbox
	for {
		m, err := in.next(ctx, s.ws)
		if err != nil {
			return err
		}
		if m.ID != 0 {
			err = s.answered(m)
		} else {
			err = s.unasked(m, in.buf.Len())
		}
		if err != nil {
			return err
		}
	}
}

// answered gives an answer to who asked. Errors: ErrProtocol.
func (s *Session) answered(m protocol.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.waiting[m.ID]; r != nil && r.sent {
		delete(s.waiting, m.ID)
		r.answer <- m
		return nil
	}
	if s.givenUp[m.ID] {
		delete(s.givenUp, m.ID)
		return nil
	}
	return fmt.Errorf("%w: an answer to what was not asked", ErrProtocol)
}

// unasked queues what the relay tells by itself; it blocks while the queue is full.
func (s *Session) unasked(m protocol.Message, size int) error {
	switch {
	case m.Bye != nil:
		s.bye(*m.Bye)
		return nil
	case m.Failed != nil: // it is about to close
		return *m.Failed
	case m.News != nil, m.Listed != nil, m.Frame != nil, m.Presence != nil, m.Incoming != nil:
		if !s.events.push(s.done, m, size) {
			return ErrNotConnected
		}
		return nil
	}
	return fmt.Errorf("%w: unasked", ErrProtocol)
}

// bye plans to leave: at about the time that the relay gives, so that not all
// devices come back at once.
func (s *Session) bye(b protocol.Bye) {
	within := min(time.Duration(b.WithinMS)*time.Millisecond, maxAsked)
	wait := jitter(within)
	s.mu.Lock()
	first := s.leave.IsZero()
	if first {
		s.leave = s.c.opt.Clock.Now().Add(wait)
	}
	s.mu.Unlock()
	if !first {
		return
	}
	s.c.log.Info("relay says goodbye", "back", wait.Round(time.Millisecond))
	go func() { // ends with the session
		select {
		case <-s.c.opt.Clock.After(wait):
			s.end(errBye)
		case <-s.done:
		}
	}()
}

var errBye = errors.New("relay said goodbye")

func (s *Session) leaveAt() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leave, !s.leave.IsZero()
}

// write sends what is asked, urgent things first.
func (s *Session) write(ctx context.Context) error {
	for {
		var r *request
		select {
		case r = <-s.urgent:
		default:
			select {
			case r = <-s.urgent:
			case r = <-s.bulk:
			case <-s.done:
				return nil
			}
		}
		if !s.begin(r) {
			continue
		}
		if err := s.send(ctx, r.raw); err != nil {
			return fmt.Errorf("write to relay: %w", err)
		}
		close(r.wrote)
	}
}

// begin notes that a request is being sent; false when nobody waits for it any more.
func (s *Session) begin(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.ctx.Err() != nil || r.id != 0 && s.waiting[r.id] == nil {
		return false
	}
	r.sent = true
	return true
}

// send writes one message, in pieces when it is large. The context is the
// session's: one that ends in the middle closes the connection.
func (s *Session) send(ctx context.Context, raw []byte) error {
	if len(raw) <= piece {
		return s.ws.Write(ctx, websocket.MessageBinary, raw)
	}
	w, err := s.ws.Writer(ctx, websocket.MessageBinary)
	if err != nil {
		return err
	}
	for len(raw) > 0 {
		n := min(len(raw), piece)
		if _, err := w.Write(raw[:n]); err != nil {
			return err
		}
		raw = raw[n:]
	}
	return w.Close()
}

// check asks for a sign of life now.
func (s *Session) check() {
	select {
	case s.look <- struct{}{}:
	default:
	}
}

var errSilent = errors.New("relay does not answer")

// watch pings a silent line and gives up a dead one. A line that is never silent
// is pinged now and then all the same, for the round trip.
func (s *Session) watch(ctx context.Context) error {
	l, clock := s.c.opt.limits, s.c.opt.Clock
	last := time.Now() // of our pings
	for {
		wait := l.ping - time.Duration(rand.Int64N(int64(l.ping/6)+1)) - time.Since(time.Unix(0, s.conn.heard.Load()))
		within := l.pong
		if time.Since(last) < rarely*l.ping && wait > 0 {
			select {
			case <-s.done:
				return nil
			case <-clock.After(wait):
				continue // it may have spoken meanwhile
			case <-s.look:
				within /= 2
			}
		}
		last = time.Now()
		if !s.ping(ctx, within) && !s.conn.aliveSince(last) && !s.events.stalled() {
			return errSilent
		}
		select {
		case <-s.done:
			return nil
		default:
		}
	}
}

// rarely is how many silences a busy line goes without a ping.
const rarely = 10

// ping reports an answer in time. It uses all of the time before it says no: a
// ping can fail early when it does not get at the connection.
func (s *Session) ping(ctx context.Context, within time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	start := time.Now()
	if err := s.ws.Ping(ctx); err == nil {
		s.trip.Store(int64(max(time.Since(start), 1)))
		return true
	}
	select {
	case <-ctx.Done():
	case <-s.done:
		return true // it ended for another reason
	}
	return false
}
