package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

var (
	// ErrMissing is returned for a piece that is not here, or was damaged.
	ErrMissing = errors.New("piece is not here")
	// ErrWrong is returned for bytes that are not the piece they are said to be.
	ErrWrong = errors.New("bytes are not those of the piece")
)

// reserve is the room on the disk that pieces leave to everything else, in bytes:
// a full disk would stop messages as well.
const reserve = 256 << 20

// Options of a store.
type Options struct {
	Log *slog.Logger
	// Free tells the free bytes of the disk; the system's answer when nil.
	Free func(folder string) (uint64, error)
}

// Store is a folder of sealed pieces. All methods may be called from any goroutine.
type Store struct {
	Options
	folder string
	locks  [64]sync.Mutex // by hash: one writer per file
}

// Open opens or makes the folder. Its parts are made here, once: that a piece's
// folder is on disk must be true before the piece is said to be.
// Errors: errcode.DiskFull, the system's.
func Open(folder string, o Options) (*Store, error) {
	if o.Free == nil {
		o.Free = free
	}
	err := os.MkdirAll(folder, 0o700)
	fresh := false
	for part := 0; part < Shelves && err == nil; part++ {
		if err = os.Mkdir(filepath.Join(folder, fmt.Sprintf("%02x", part)), 0o700); errors.Is(err, fs.ErrExist) {
			err = nil
			continue
		}
		fresh = true
	}
	if err == nil && fresh {
		err = durable.SyncFolder(folder)
	}
	if durable.IsFull(err) {
		return nil, errcode.With(errcode.DiskFull, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open pieces: %w", err)
	}
	return &Store{Options: o, folder: folder}, nil
}

func (s *Store) path(h Hash) string {
	name := h.String()
	return filepath.Join(s.folder, name[:2], name)
}

func (s *Store) lock(h Hash) *sync.Mutex { return &s.locks[h[0]%64] }

// Room reports whether so many bytes more may be stored. Errors: errcode.DiskFull.
func (s *Store) Room(size uint64) error {
	left, err := s.Free(s.folder)
	if err != nil {
		return fmt.Errorf("ask for room on disk: %w", err)
	}
	if left < reserve || left-reserve < size {
		return errcode.With(errcode.DiskFull, fmt.Errorf("%d bytes are free, %d are wanted", left, size))
	}
	return nil
}

// Put stores a sealed piece and returns once it is on disk.
// Errors: errcode.DiskFull, wire.ErrTooLarge, the system's.
func (s *Store) Put(ctx context.Context, sealed []byte) (Hash, error) {
	if err := ctx.Err(); err != nil {
		return Hash{}, err
	}
	in := s.Intake()
	h, err := in.Put(ctx, sealed)
	if settled := in.Settle(); err == nil {
		err = settled
	}
	return h, err
}

// Take is Put for bytes from elsewhere that should be a certain piece. Errors:
// ErrWrong, those of Put.
func (s *Store) Take(ctx context.Context, h Hash, sealed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in := s.Intake()
	err := in.Take(ctx, h, sealed)
	if settled := in.Settle(); err == nil {
		err = settled
	}
	return err
}

// Has reports whether a piece is here; only Get knows whether it is sound.
func (s *Store) Has(h Hash) bool {
	info, err := os.Stat(s.path(h))
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// Get gives a piece whose hash is right. A damaged one is removed, so that it is
// fetched anew. Errors: ErrMissing, the system's.
func (s *Store) Get(ctx context.Context, h Hash) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sealed, sound, err := s.sound(h)
	if sound || err != nil {
		return sealed, err
	}
	l := s.lock(h)
	l.Lock()
	defer l.Unlock()
	// Somebody may have put it anew meanwhile: then that one stays.
	if sealed, sound, err = s.sound(h); sound || err != nil {
		return sealed, err
	}
	s.Log.Warn("damaged piece removed", "piece", h.String()[:12], "bytes", len(sealed))
	return nil, errors.Join(ErrMissing, os.Remove(s.path(h)))
}

// Raw appends a piece as it lies on the disk, for who hashes or opens it anyway: a
// damaged one is given, too. Errors: ErrMissing, wire.ErrTooLarge, the system's.
func (s *Store) Raw(ctx context.Context, h Hash, to []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return to, err
	}
	out, err := readPiece(s.path(h), to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return to, ErrMissing
	case err != nil:
		return to, fmt.Errorf("get piece: %w", err)
	}
	return out, nil
}

// sound reads a piece and looks whether it is what its name says. Errors: ErrMissing, the system's.
func (s *Store) sound(h Hash) (sealed []byte, ok bool, err error) {
	sealed, err = readPiece(s.path(h), nil)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, ErrMissing
	case errors.Is(err, wire.ErrTooLarge):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("get piece: %w", err)
	}
	return sealed, Hash(key.Digest(sealed)) == h, nil
}

// readPiece appends what is in a file. Errors: wire.ErrTooLarge, the system's.
func readPiece(path string, to []byte) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxSealed {
		return nil, wire.ErrTooLarge
	}
	from := len(to)
	to = slices.Grow(to, int(info.Size()))[:from+int(info.Size())]
	n, err := io.ReadFull(f, to[from:])
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil // it is shorter than it was said to be; its hash tells
	}
	return to[:from+n], err
}

// Remove deletes a piece.
func (s *Store) Remove(h Hash) error {
	l := s.lock(h)
	l.Lock()
	defer l.Unlock()
	if err := os.Remove(s.path(h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove piece: %w", err)
	}
	return nil
}
