package blobs

import (
	"context"
	"fmt"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// quiet is how long the other side of a question may send nothing at all; a
	// slow line that moves is waited for, up to pieceTimeout a piece.
	quiet        = 20 * time.Second
	hasTimeout   = 8 * time.Second // who does not say what it has is asked again in the next round
	pieceTimeout = 5 * time.Minute
	openTimeout  = 10 * time.Second
)

// source is one stream to a device that is asked. One goroutine at a time.
type source struct {
	space  wire.SpaceID
	stream link.Stream
	stop   func() bool
	buf    *frame // what was answered last lies in it
}

func (e *Engine) dial(ctx context.Context, peer wire.DeviceID, space wire.SpaceID) (*source, error) {
	within, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s, err := e.Board.OpenStream(within, peer, protocol)
	if err != nil {
		return nil, err
	}
	return &source{space, s, context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) }), e.buffer()}, nil
}

// frame has room for one answer. As many live as there are streams, and are used again.
type frame [room + maxAnswer]byte

func (e *Engine) buffer() *frame {
	if b, ok := e.buffers.Get().(*frame); ok {
		return b
	}
	return new(frame)
}

func (e *Engine) hangUp(s *source) {
	s.stop()
	_ = s.stream.Close()
	e.buffers.Put(s.buf)
	s.buf = nil
}

// moving moves the deadline on as long as something comes, up to an end.
type moving struct {
	link.Stream
	ctx context.Context
	end time.Time
}

// Read implements io.Reader.
func (m moving) Read(p []byte) (int, error) {
	until := time.Now().Add(quiet)
	if until.After(m.end) {
		until = m.end
	}
	_ = m.SetReadDeadline(until)
	if m.ctx.Err() != nil { // the deadline that this set was moved on
		_ = m.SetReadDeadline(time.Unix(1, 0))
	}
	return m.Stream.Read(p)
}

func (s *source) ask(ctx context.Context, q question, within time.Duration) (a answer, err error) {
	if err := ctx.Err(); err != nil {
		return a, err
	}
	_ = s.stream.SetWriteDeadline(time.Now().Add(quiet))
	q.Space = s.space
	if err := wire.Send(s.stream, q); err != nil {
		return a, err
	}
	return receiveAnswer(moving{s.stream, ctx, time.Now().Add(within)}, s.buf[:])
}

func (s *source) has(ctx context.Context, hashes []blob.Hash) ([]bool, error) {
	a, err := s.ask(ctx, question{Has: hashes}, hasTimeout)
	if err == nil && len(a.Flags) != len(hashes) {
		err = fmt.Errorf("answer of %d flags to %d hashes: %w", len(a.Flags), len(hashes), wire.ErrMalformed)
	}
	return a.Flags, err
}

// get gives a piece until the next question.
func (s *source) get(ctx context.Context, h blob.Hash, sound bool) ([]byte, error) {
	a, err := s.ask(ctx, question{Get: &h, Sound: sound}, pieceTimeout)
	if err == nil && len(a.Piece) == 0 {
		err = blob.ErrMissing
	}
	return a.Piece, err
}

func depotHas(ctx context.Context, d Depot, space wire.SpaceID, hashes []blob.Hash) ([]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	raw := make([][32]byte, len(hashes))
	for i, h := range hashes {
		raw[i] = h
	}
	flags, err := d.Has(ctx, space, raw)
	if err == nil && len(flags) != len(hashes) {
		err = fmt.Errorf("depot gave %d flags for %d hashes: %w", len(flags), len(hashes), wire.ErrMalformed)
	}
	return flags, err
}
