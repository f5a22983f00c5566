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
	// Take gives chunks of a space to a device, nil for each that is not here. Errors end
	// the stream.
	Take(ctx context.Context, peer wire.DeviceID, space wire.SpaceID, want []chunk.Chunk) ([][]byte, error)
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
		if err := wire.Receive(s, maxQuestion, &q); err != nil {
			if ended(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
				return nil
			}
			return fmt.Errorf("hear question: %w", err)
		}
		want, err := q.wants()
		if err != nil {
			return err
		}
		var a answer
		if len(want) == 0 {
			err = shelf.Held(ctx, peer, q.Space, q.Held)
		} else {
			a, err = give(ctx, peer, shelf, q, want)
		}
		if err != nil {
			return err
		}
		_ = s.SetWriteDeadline(time.Now().Add(patience))
		if err := wire.Send(s, a); err != nil {
			if ended(err) {
				return nil
			}
			return fmt.Errorf("answer: %w", err)
		}
	}
}

func give(ctx context.Context, peer wire.DeviceID, shelf Shelf, q question, want []chunk.Chunk) (a answer, err error) {
	a.Chunks, err = shelf.Take(ctx, peer, q.Space, want)
	if err != nil {
		return a, err
	}
	total := 0
	for i, c := range a.Chunks {
		if c == nil {
			a.Chunks[i] = []byte{}
		}
		total += len(c)
	}
	if q.Packed {
		if packed := pack(a.Chunks, total); packed != nil {
			a.Zstd, total = packed, len(packed)
			for _, c := range a.Chunks {
				a.Sizes = append(a.Sizes, uint32(len(c)))
			}
			a.Chunks = nil
		}
	}
	return a, shelf.Pace(ctx, peer, total)
}
