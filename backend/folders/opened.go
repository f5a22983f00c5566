package folders

import (
	"context"
	"io"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/disk"
)

// maxOpened bounds the files that one reader holds open.
const maxOpened = 16

// reads gets chunks and nodes from this disk. One goroutine at a time.
type reads struct {
	k     *keeper
	tree  disk.Tree
	known map[chunk.ID][]held
	files map[string]*opened
	order []string
}

// opened is a file that chunks are read from.
type opened struct {
	disk.Content
	// same: nothing says that it is another one than when it was cut, and it is safe
	// from a loss of power.
	same bool
}

func (k *keeper) reads(tree disk.Tree) *reads {
	return &reads{k: k, tree: tree, known: map[chunk.ID][]held{}, files: map[string]*opened{}}
}

// learn finds where chunks may lie, so that read need not ask for each.
func (r *reads) learn(ctx context.Context, want []chunk.Chunk) (err error) {
	r.known, err = holders(ctx, r.k.f.DB, r.k.row, want)
	return err
}

// read gives a chunk that was learned of, or a node, in a buffer of its size; nil
// when it is not here. With trusted, bytes of a file that nothing was done to are
// not hashed again: whoever gets them does that.
func (r *reads) read(c chunk.Chunk, into []byte, trusted bool) ([]byte, error) {
	places := r.known[c.ID]
	for _, h := range places {
		f := r.open(h)
		if f == nil {
			continue
		}
		if n, err := f.ReadAt(into, h.from); n < len(into) || err != nil && err != io.EOF {
			continue
		}
		if trusted && f.same || chunk.Sum(into) == c.ID {
			return into, nil
		}
	}
	if len(places) > 0 {
		return nil, nil
	}
	body, err := node(r.k.f.DB.Read(), r.k.row, c.ID)
	if err != nil || len(body) != len(into) {
		return nil, err
	}
	return into[:copy(into, body)], nil
}

func (r *reads) open(h held) *opened {
	path := h.at()
	if f := r.files[path]; f != nil {
		return f
	}
	c, err := r.tree.Open(path)
	if err != nil {
		return nil
	}
	if len(r.order) >= maxOpened {
		_ = r.files[r.order[0]].Close()
		delete(r.files, r.order[0])
		r.order = r.order[1:]
	}
	now, err := c.Look()
	f := &opened{Content: c, same: err == nil && h.lies == "" && !h.young && h.unchanged(now)}
	r.files[path] = f
	r.order = append(r.order, path)
	return f
}

func (r *reads) close() {
	for _, f := range r.files {
		_ = f.Close()
	}
	clear(r.files)
	r.order = nil
}
