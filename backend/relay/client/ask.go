package client

import (
	"context"
	"fmt"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// weight of a request.
type weight int

const (
	light weight = iota
	heavy        // carries much, here or back
)

// ask sends a request and waits for its answer. Errors: ErrNotConnected,
// ErrProtocol, protocol.Failed, wire.ErrTooLarge, the context's.
func (s *Session) ask(ctx context.Context, what string, m protocol.Message, w weight) (protocol.Message, error) {
	got, err := s.exchange(ctx, m, w)
	if err != nil {
		return protocol.Message{}, fmt.Errorf("ask relay to %s: %w", what, err)
	}
	if got.Failed != nil {
		return protocol.Message{}, fmt.Errorf("ask relay to %s: %w", what, *got.Failed)
	}
	return got, nil
}

func (s *Session) exchange(ctx context.Context, m protocol.Message, w weight) (protocol.Message, error) {
	var none protocol.Message
	within, to := s.c.opt.limits.quick, s.urgent
	if w == heavy {
		within, to = s.c.opt.limits.bulk, s.bulk
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	free, err := s.enter(ctx, w)
	if err != nil {
		return none, err
	}
	defer free()
	r, err := s.register(ctx, m)
	if err != nil {
		return none, err
	}
	select {
	case to <- r:
	case <-ctx.Done():
		s.giveUp(r)
		return none, ctx.Err()
	case <-s.done:
		return none, ErrNotConnected
	}
	select {
	case got := <-r.answer:
		return got, nil
	case <-ctx.Done():
		s.giveUp(r)
		return none, ctx.Err()
	case <-s.done:
		return none, ErrNotConnected
	}
}

// enter waits for a place among those in flight.
func (s *Session) enter(ctx context.Context, w weight) (free func(), err error) {
	take := func(slots chan struct{}) error {
		select {
		case slots <- struct{}{}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return ErrNotConnected
		}
	}
	if w == heavy {
		if err := take(s.bulkSlots); err != nil {
			return nil, err
		}
	}
	if err := take(s.slots); err != nil {
		if w == heavy {
			<-s.bulkSlots
		}
		return nil, err
	}
	return func() {
		<-s.slots
		if w == heavy {
			<-s.bulkSlots
		}
	}, nil
}

// register gives a request its ID.
func (s *Session) register(ctx context.Context, m protocol.Message) (*request, error) {
	s.mu.Lock()
	s.lastID++
	m.ID = s.lastID
	s.mu.Unlock()
	raw, err := encode(m)
	if err != nil {
		return nil, err
	}
	r := &request{id: m.ID, raw: raw, ctx: ctx, answer: make(chan protocol.Message, 1), wrote: make(chan struct{})}
	s.mu.Lock()
	s.waiting[r.id] = r
	s.mu.Unlock()
	return r, nil
}

func encode(m protocol.Message) ([]byte, error) {
	raw, err := wire.Encode(m)
	if err != nil {
		return nil, err
	}
	if len(raw) > protocol.MaxMessage {
		return nil, fmt.Errorf("message of %d bytes: %w", len(raw), wire.ErrTooLarge)
	}
	return raw, nil
}

// giveUp stops waiting for an answer, which may still come.
func (s *Session) giveUp(r *request) {
	s.mu.Lock()
	_, unanswered := s.waiting[r.id]
	delete(s.waiting, r.id)
	if r.sent && unanswered {
		s.givenUp[r.id] = true
	}
	hopeless := len(s.givenUp) > maxGivenUp
	s.mu.Unlock()
	if hopeless {
		s.end(fmt.Errorf("%w: it answers no more", ErrProtocol))
	}
}

// tell sends what is not answered, and returns when it is written.
func (s *Session) tell(ctx context.Context, m protocol.Message) error {
	raw, err := encode(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.opt.limits.quick)
	defer cancel()
	r := &request{raw: raw, ctx: ctx, wrote: make(chan struct{})}
	select {
	case s.urgent <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrNotConnected
	}
	select {
	case <-r.wrote:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrNotConnected
	}
}

// pick takes the expected content out of an answer. Anything else ends the session.
func pick[T any](s *Session, what string, got *T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if got == nil {
		return none, s.wrong(what, "an answer of another kind")
	}
	return *got, nil
}

// wrong ends the session of a relay that broke the rules.
func (s *Session) wrong(what, how string) error {
	err := fmt.Errorf("%w: %s: %s", ErrProtocol, what, how)
	s.end(err)
	return err
}
