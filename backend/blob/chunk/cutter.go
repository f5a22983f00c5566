package chunk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"roundtable/backend/wire"
)

// ErrLength is returned for content that is shorter or longer than was said, as
// that of a file that is written while it is read.
var ErrLength = errors.New("not as long as was said")

// ahead is how much is read at once beyond the most that a chunk may be.
const ahead = 1 << 20

// Cut cuts the content that r gives, size bytes of it, and calls each with every
// chunk in order. The data is each's until it returns. Content of no bytes has no
// chunks. Whoever cuts many contents keeps a Cutter, and with it its buffer.
// Errors: ErrLength, wire.ErrTooLarge, those of r, each and ctx.
func Cut(ctx context.Context, r io.Reader, size int64, each func(c Chunk, data []byte) error) error {
	return new(Cutter).Cut(ctx, r, size, each)
}

// Cutter cuts one content after another. The zero value is ready; one goroutine
// at a time.
type Cutter struct {
	buffer []byte
}

// Cut is the function Cut with the buffer of the content before.
func (k *Cutter) Cut(ctx context.Context, r io.Reader, size int64, each func(c Chunk, data []byte) error) error {
	if size < 0 || size > MaxSize {
		return fmt.Errorf("cut content of %d bytes: %w", size, wire.ErrTooLarge)
	}
	c := classOf(size)
	room := int(min(size+1, int64(c.most+ahead)))
	if cap(k.buffer) < room {
		k.buffer = make([]byte, max(room, batch)) // Sum likes a whole batch
	}
	buffer := k.buffer[:room]
	left, from, to := size, 0, 0 // buffer[from:to] is read and not yet cut
	for left > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if to-from < c.most && int64(to-from) < left {
			to = copy(buffer, buffer[from:to])
			n, err := fill(r, buffer[to:], left-int64(to))
			if err != nil {
				return fmt.Errorf("cut content of %d bytes: %w", size, err)
			}
			from, to = 0, to+n
		}
		n := c.cut(buffer[from:to])
		data := buffer[from : from+n]
		if err := each(Chunk{Sum(data), uint32(n)}, data); err != nil {
			return err
		}
		from, left = from+n, left-int64(n)
	}
	if n, err := fill(r, buffer[:1], 1); n > 0 {
		return fmt.Errorf("cut content of %d bytes: it goes on: %w", size, ErrLength)
	} else if !errors.Is(err, ErrLength) {
		return fmt.Errorf("cut content of %d bytes: %w", size, err)
	}
	return nil
}

// fill reads until the buffer is full or wanted bytes are there.
func fill(r io.Reader, buffer []byte, wanted int64) (int, error) {
	buffer = buffer[:min(int64(len(buffer)), wanted)]
	n, err := io.ReadFull(r, buffer)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrLength
	}
	return n, err
}
