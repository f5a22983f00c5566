package calls

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	signalProtocol = "call/1"
	// MaxSignal bounds what one engine says to another at once.
	MaxSignal = 256 << 10
	// maxSignalFrame leaves room for a beat beside it.
	maxSignalFrame = MaxSignal + 20<<10
	// signalPatience is how long the other side may not read.
	signalPatience = 20 * time.Second
	// What is kept of a device that is not known to be in yet.
	maxEarly      = 32
	maxEarlyBytes = 1 << 20
	maxEarlyPeers = 16
)

// errSignal is returned for what is not said between engines.
var errSignal = errors.New("signal is refused")

// signal is one frame of a stream "call/1". The first of a stream carries the sender's last beat:
// it may reach us before what goes over the members' exchange.
type signal struct {
	Call    wire.CallID  `cbor:"1,keyasint"`
	Message []byte       `cbor:"2,keyasint"`
	Space   wire.SpaceID `cbor:"3,keyasint"`
	Beat    *signed      `cbor:"4,keyasint,omitempty"`
}

// signals are the streams between engines: one to each device, one from each.
type signals struct {
	c     *Calls
	mu    sync.Mutex
	lines map[wire.DeviceID]*line
	from  map[wire.DeviceID]func() // ends the stream that a device opened last
	early map[wire.DeviceID][]signal
}

// line is our stream to one device. Who holds turn may use it.
type line struct {
	turn   chan struct{}
	stream link.Stream
}

func (s *signals) line(device wire.DeviceID) *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines == nil {
		s.lines = map[wire.DeviceID]*line{}
	}
	l := s.lines[device]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		s.lines[device] = l
	}
	return l
}

// send gives a message to the engine of a device. It blocks while that does not read; a stream that
// broke is opened once more. Errors: those of the link, the context's, wire.ErrTooLarge.
func (s *signals) send(ctx context.Context, m *mine, device wire.DeviceID, message []byte) error {
	if len(message) > MaxSignal {
		return fmt.Errorf("signal of %d bytes: %w", len(message), wire.ErrTooLarge)
	}
	l := s.line(device)
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	had := l.stream != nil
	err := s.write(ctx, m, l, device, message)
	if err != nil && had && ctx.Err() == nil {
		err = s.write(ctx, m, l, device, message)
	}
	return err
}

func (s *signals) write(ctx context.Context, m *mine, l *line, device wire.DeviceID, message []byte) error {
	f := signal{Call: m.id, Message: message, Space: m.room.Space}
	stream := l.stream
	if stream == nil {
		var err error
		if stream, err = s.c.Board.OpenStream(ctx, device, signalProtocol); err != nil {
			return err
		}
		l.stream = stream
		s.c.mu.Lock()
		if m.signed.Beat != nil {
			said := m.signed
			f.Beat = &said
		}
		s.c.mu.Unlock()
	}
	_ = stream.SetWriteDeadline(time.Now().Add(signalPatience))
	// It may run after we are done, when the line has no stream any more.
	stop := context.AfterFunc(ctx, func() { _ = stream.SetWriteDeadline(time.Unix(1, 0)) })
	err := wire.Send(stream, f)
	if !stop() || err != nil { // half a frame may be out: the stream is of no more use
		_ = stream.Close()
		l.stream = nil
	}
	return err
}

// forget closes our streams: the call is over.
func (s *signals) forget() {
	s.mu.Lock()
	lines := s.lines
	s.lines, s.early = nil, nil
	s.mu.Unlock()
	for _, l := range lines {
		l.turn <- struct{}{}
		if l.stream != nil {
			_ = l.stream.Close()
			l.stream = nil
		}
		<-l.turn
	}
}

// receive takes what the engine of a device says, until the stream ends. One stream of a
// device counts, the last: it opens another one when the one before broke.
func (s *signals) receive(ctx context.Context, peer wire.DeviceID, stream link.Stream) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = stream.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	s.mu.Lock()
	if s.from == nil {
		s.from = map[wire.DeviceID]func(){}
	}
	if before := s.from[peer]; before != nil {
		before()
	}
	s.from[peer] = cancel
	s.mu.Unlock()
	for {
		var f signal
		if err := wire.Receive(stream, maxSignalFrame, &f); err != nil {
			return
		}
		s.c.awaitGuest(ctx, peer, f)
		if err := s.take(peer, f); err != nil {
			s.c.Slog.Debug("stream of an engine is closed", "peer", peer.Short(), "err", err)
			return
		}
	}
}

// take gives a message to our engine, or keeps it for the moment that its sender is known to be in.
func (s *signals) take(peer wire.DeviceID, f signal) error {
	if len(f.Message) > MaxSignal || !s.c.mayTalk(f.Space, f.Call, peer) {
		return errSignal
	}
	if f.Beat != nil {
		_ = s.c.take(f.Space, peer, *f.Beat, wire.SpaceID{}) // an old one does no harm
	}
	s.c.mu.Lock()
	m := s.c.mine
	ours := m != nil && !m.over() && m.id == f.Call && m.room.Space == f.Space
	s.c.mu.Unlock()
	if !ours {
		return errSignal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.early == nil {
		s.early = map[wire.DeviceID][]signal{}
	}
	bytes := len(f.Message)
	for _, e := range s.early[peer] {
		bytes += len(e.Message)
	}
	// Who is in is given what it said at once, so only strangers to the call meet these bounds.
	if len(s.early) >= maxEarlyPeers && s.early[peer] == nil || len(s.early[peer]) >= maxEarly || bytes > maxEarlyBytes {
		return errSignal
	}
	s.early[peer] = append(s.early[peer], f)
	s.c.nudge()
	return nil
}

// release gives our engine what a device said that is in; in their order, outside all locks.
func (s *signals) release(m *mine, engine Engine, inside map[wire.DeviceID]bool) {
	s.mu.Lock()
	var ready []struct {
		from wire.DeviceID
		all  []signal
	}
	for device, all := range s.early {
		if inside[device] {
			ready = append(ready, struct {
				from wire.DeviceID
				all  []signal
			}{device, all})
			delete(s.early, device)
		}
	}
	s.mu.Unlock()
	for _, r := range ready {
		for _, f := range r.all {
			if f.Call == m.id {
				engine.Signal(r.from, f.Message)
			}
		}
	}
}
