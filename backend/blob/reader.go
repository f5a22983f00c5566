package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Reader reads the content of a file from the store, from any place on; it keeps
// one piece in memory. It is an io.ReadSeeker for one goroutine.
type Reader struct {
	ctx    context.Context
	store  *Store
	file   File
	at     int64
	pieces map[int][]Hash // by node, once opened; all under 0 for a file without nodes
	piece  int            // held in plain, -1: none
	plain  []byte
	sealed []byte // used again for each piece
}

// NewReader reads a file whose pieces are in the store; ctx bounds all reads.
func NewReader(ctx context.Context, s *Store, f File) *Reader {
	r := &Reader{ctx: ctx, store: s, file: f, piece: -1, pieces: map[int][]Hash{}}
	if f.Nodes() == 0 {
		r.pieces[0] = f.Hashes()
	}
	return r
}

// Seek implements io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += int64(r.file.Size)
	}
	if offset < 0 {
		return 0, errors.New("seek: before the start")
	}
	r.at = offset
	return offset, nil
}

// Read implements io.Reader. Errors: io.EOF, ErrMissing, key.ErrSealed.
func (r *Reader) Read(p []byte) (int, error) {
	if r.at >= int64(r.file.Size) {
		return 0, io.EOF
	}
	index := int(r.at / PieceSize)
	if index != r.piece {
		if err := r.open(index); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.plain[r.at%PieceSize:])
	r.at += int64(n)
	return n, nil
}

// open opens a piece. To open is to check; only what does not open is hashed, so that
// a damaged piece is found and goes.
func (r *Reader) open(index int) error {
	h, err := r.hash(index)
	if err != nil {
		return err
	}
	r.piece = -1
	r.sealed, err = r.store.Raw(r.ctx, h, r.sealed[:0])
	if err == nil {
		r.plain, err = r.file.OpenPiece(index, r.sealed)
	}
	if err != nil && !errors.Is(err, ErrMissing) {
		var sealed []byte
		if sealed, err = r.store.Get(r.ctx, h); err == nil {
			r.plain, err = r.file.OpenPiece(index, sealed)
		}
	}
	if err != nil {
		return fmt.Errorf("read piece %d: %w", index, err)
	}
	r.piece = index
	return nil
}

func (r *Reader) hash(index int) (Hash, error) {
	node := 0
	if r.file.Nodes() > 0 {
		node = index / PerNode
	}
	if r.pieces[node] == nil {
		sealed, err := r.store.Get(r.ctx, r.file.Hashes()[node])
		if err != nil {
			return Hash{}, fmt.Errorf("read node %d: %w", node, err)
		}
		if r.pieces[node], err = r.file.OpenNode(node, sealed); err != nil {
			return Hash{}, err
		}
	}
	return r.pieces[node][index-node*PerNode], nil
}
