package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// flushing is how many pieces of one Intake are written and not flushed at a time:
// a file system flushes several together in the time of one.
const flushing = 8

// portion is how much is written at a time. With a whole piece in one write Linux puts
// it into one large folio, and for those it takes memory that nobody has used for long:
// on the virtual machine of our figures the same gibibyte then cost 7.2 s of processor
// time from disk to disk, in portions 4.9 s, at twice the speed.
const portion = 32 << 10

// Intake takes many pieces. What Take has answered for is not on disk yet: that is
// so once Settle has returned nil. A piece gets its name after it was flushed, so
// what a loss of power leaves is whole or not here. Take may be called from any
// goroutine, Settle when no Take is running.
type Intake struct {
	store *Store
	slots chan struct{}
	wg    sync.WaitGroup

	mu      sync.Mutex
	err     error // the first
	shelves map[byte]struct{}
}

// Intake begins one.
func (s *Store) Intake() *Intake {
	return &Intake{store: s, slots: make(chan struct{}, flushing), shelves: map[byte]struct{}{}}
}

// Take writes a piece and flushes it in the background; sealed is the caller's again
// when it returns. Errors: ErrWrong, errcode.DiskFull, the system's, the context's;
// also those of pieces before.
func (in *Intake) Take(ctx context.Context, h Hash, sealed []byte) error {
	if len(sealed) > MaxSealed || len(sealed) == 0 || Hash(key.Digest(sealed)) != h {
		return ErrWrong
	}
	return in.write(ctx, h, sealed)
}

// Put is Take for bytes of one's own.
func (in *Intake) Put(ctx context.Context, sealed []byte) (Hash, error) {
	h := Hash(key.Digest(sealed))
	if len(sealed) > MaxSealed || len(sealed) == 0 {
		return h, fmt.Errorf("put piece of %d bytes: %w", len(sealed), wire.ErrTooLarge)
	}
	return h, in.write(ctx, h, sealed)
}

func (in *Intake) write(ctx context.Context, h Hash, sealed []byte) error {
	if err := in.failure(); err != nil {
		return err
	}
	if err := in.store.Room(uint64(len(sealed))); err != nil {
		return err
	}
	if in.store.Has(h) {
		return nil
	}
	select {
	case in.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	to := in.store.path(h)
	// A name of its own: somebody else may write the same piece.
	temporary := to + "." + hex.EncodeToString(wire.Random(4)) + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		for rest := sealed; len(rest) > 0 && err == nil; rest = rest[min(len(rest), portion):] {
			_, err = f.Write(rest[:min(len(rest), portion)])
		}
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(temporary))
		}
	}
	if err != nil {
		<-in.slots
		return coded(err)
	}
	in.wg.Go(func() {
		defer func() { <-in.slots }()
		in.flush(f, temporary, to, h)
	})
	return nil
}

// flush brings a written piece to the disk and to its name.
func (in *Intake) flush(f *os.File, temporary, to string, h Hash) {
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		l := in.store.lock(h)
		l.Lock()
		if in.store.Has(h) { // a system may not replace what somebody reads
			err = os.Remove(temporary)
		} else {
			err = os.Rename(temporary, to)
		}
		l.Unlock()
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if err != nil {
		_ = os.Remove(temporary) // a left-over is swept
		if in.err == nil {
			in.err = coded(err)
		}
		return
	}
	in.shelves[h[0]] = struct{}{}
}

func coded(err error) error {
	err = fmt.Errorf("put piece: %w", err)
	if durable.IsFull(err) {
		return errcode.With(errcode.DiskFull, err)
	}
	return err
}

func (in *Intake) failure() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.err
}

// Settle returns when all that was taken is on disk. The Intake can go on afterwards.
// Errors: errcode.DiskFull, the system's: then some of it may be missing.
func (in *Intake) Settle() error {
	in.wg.Wait()
	if err := in.failure(); err != nil {
		return err
	}
	for shelf := range in.shelves {
		if err := durable.SyncFolder(filepath.Join(in.store.folder, hex.EncodeToString([]byte{shelf}))); err != nil {
			return coded(err)
		}
	}
	clear(in.shelves)
	return nil
}
