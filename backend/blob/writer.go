package blob

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// ErrOrder is returned for a piece that is not the next, or not of its length.
var ErrOrder = errors.New("not the next piece of the file")

// Writer cuts a file into sealed pieces. Its fields are all that it takes to go
// on after a restart. One goroutine at a time.
type Writer struct {
	Size uint64 `cbor:"1,keyasint"`
	Key  []byte `cbor:"2,keyasint"`
	// Done are the hashes of the pieces that are in the store.
	Done []byte `cbor:"3,keyasint,omitempty"`
}

// NewWriter begins a file. Errors: wire.ErrTooLarge.
func NewWriter(size uint64) (*Writer, error) {
	if size > MaxSize {
		return nil, fmt.Errorf("write file of %d bytes: %w", size, wire.ErrTooLarge)
	}
	return &Writer{Size: size, Key: key.NewPieceKey().Bytes()}, nil
}

func (w *Writer) file() File { return File{Size: w.Size, Key: w.Key} }

// Next is the piece that comes next.
func (w *Writer) Next() int { return len(w.Done) / hashSize }

// Written counts the bytes of content that are in the store.
func (w *Writer) Written() uint64 { return min(uint64(w.Next())*PieceSize, w.Size) }

// Whole reports whether every piece is in the store.
func (w *Writer) Whole() bool { return w.Next() == w.file().Pieces() }

// Write seals the next pieces of a content, as many as it has, side by side, and puts
// them into the store. It returns their hashes once all of them are on disk; before, none
// counts. Every piece is whole; only the last one of the file may be shorter.
// Errors: ErrOrder, errcode.DiskFull, the store's.
func (w *Writer) Write(ctx context.Context, s *Store, content []byte) ([]Hash, error) {
	f, first := w.file(), w.Next()
	count := (len(content) + PieceSize - 1) / PieceSize
	if count == 0 || first+count > f.Pieces() || len(content) != (count-1)*PieceSize+f.Length(first+count-1) {
		return nil, ErrOrder
	}
	k, err := key.PieceKeyFromBytes(w.Key)
	if err != nil {
		return nil, err
	}
	in, hashes := s.Intake(), make([]Hash, count)
	failed := make(chan error, count)
	for i := range count {
		go func() {
			piece := content[i*PieceSize : min((i+1)*PieceSize, len(content))]
			var err error
			hashes[i], err = in.Put(ctx, k.Seal(key.Place{Index: uint64(first + i)}, piece))
			failed <- err
		}()
	}
	for range count {
		if one := <-failed; err == nil {
			err = one
		}
	}
	if settled := in.Settle(); err == nil {
		err = settled
	}
	if err != nil {
		return nil, err
	}
	for _, h := range hashes {
		w.Done = append(w.Done, h[:]...)
	}
	return hashes, nil
}

// Close gives the File of a whole content, and puts its nodes into the store.
// Errors: ErrOrder, the store's.
func (w *Writer) Close(ctx context.Context, s *Store) (File, error) {
	f := w.file()
	if !w.Whole() {
		return f, ErrOrder
	}
	if f.Nodes() == 0 {
		f.Roots = w.Done
		return f, nil
	}
	k, err := key.PieceKeyFromBytes(w.Key)
	if err != nil {
		return f, err
	}
	for n := range f.Nodes() {
		from := n * PerNode * hashSize
		h, err := s.Put(ctx, k.Seal(key.Place{Level: 1, Index: uint64(n)}, w.Done[from:from+f.listed(n)*hashSize]))
		if err != nil {
			return f, err
		}
		f.Roots = append(f.Roots, h[:]...)
	}
	return f, nil
}
