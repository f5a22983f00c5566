package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// idle is how long a stream without questions stays open.
const idle = 10 * time.Minute

// Shelf has what may be given. Its methods decide whether a device may ask; they
// are called from several goroutines.
type Shelf interface {
	// Take gives chunks of a space to a device, nil for each that is not here, in a buffer
	// that has room for all of them. Errors end the stream.
	Take(ctx context.Context, peer wire.DeviceID, space wire.SpaceID, want []chunk.Chunk, check bool, into []byte) ([][]byte, error)
	// Held is told how far a device holds feeds of this one.
	Held(ctx context.Context, peer wire.DeviceID, space wire.SpaceID, heads []Head) error
	// Pace waits until so many bytes may be sent to a device.
	Pace(ctx context.Context, peer wire.DeviceID, n int) error
}

// Serve answers the questions of one stream until it ends.
func Serve(ctx context.Context, peer wire.DeviceID, s link.Stream, shelf Shelf) error {
	for {
		_ = s.SetReadDeadline(time.Now().Add(idle))
		var q question
		if err := wire.Receive(s, maxHead, &q); err != nil {
			if ended(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
				return nil
			}
			return fmt.Errorf("hear question: %w", err)
		}
		want, err := q.wants()
		if err != nil {
			return err
		}
		if len(want) == 0 {
			if err := shelf.Held(ctx, peer, q.Space, q.Held); err != nil {
				return err
			}
			_ = s.SetWriteDeadline(time.Now().Add(patience))
			err = wire.Send(s, answer{})
		} else {
			err = give(ctx, peer, s, shelf, q, want)
		}
		if ended(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

// give answers a question for chunks.
func give(ctx context.Context, peer wire.DeviceID, s link.Stream, shelf Shelf, q question, want []chunk.Chunk) error {
	into := buffers.Get().(*[]byte)
	defer buffers.Put(into)
	chunks, err := shelf.Take(ctx, peer, q.Space, want, q.Check, (*into)[:MaxAskBytes])
	if err != nil {
		return err
	}
	a := answer{Sizes: make([]uint32, len(chunks))}
	total := 0
	for i, c := range chunks {
		a.Sizes[i] = uint32(len(c))
		total += len(c)
	}
	if q.Packed {
		if packed := pack(chunks, total); packed != nil {
			a.Packed, chunks, total = uint32(len(packed)), [][]byte{packed}, len(packed)
		}
	}
	if err := shelf.Pace(ctx, peer, total); err != nil {
		return err
	}
	_ = s.SetWriteDeadline(time.Now().Add(patience))
	if err := wire.Send(s, a); err != nil {
		return err
	}
	for _, c := range chunks {
		if len(c) == 0 {
			continue
		}
		if _, err := s.Write(c); err != nil {
			return err
		}
	}
	return nil
}
