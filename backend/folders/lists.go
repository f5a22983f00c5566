package folders

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// chunksOf learns which chunks a file has; of a large one the lists are fetched first.
func (r *round) chunksOf(v version, content chunk.Content) ([]placed, error) {
	k := r.k
	if content.Level > 0 {
		if err := r.lists(v, content); err != nil {
			return nil, err
		}
	}
	var out []placed
	err := chunk.Walk(r.ctx, content, func(id chunk.ID, _ uint32) ([]byte, error) {
		body, err := node(k.f.DB.Read(), k.row, id)
		if err == nil && body == nil {
			err = errNobody
		}
		return body, err
	}, func(c chunk.Chunk, at int64) error {
		out = append(out, placed{c, at})
		return nil
	})
	if errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrTooLarge) {
		err = errcode.With(errcode.EntryDamaged, err)
	}
	return out, err
}

// once leaves the first of each name in a list: a node that is named often is fetched
// and read once, or a few nodes that name each other would be more than all memory.
func once(list []chunk.Chunk) []chunk.Chunk {
	seen := make(map[chunk.ID]bool, len(list))
	return slices.DeleteFunc(list, func(c chunk.Chunk) bool {
		twice := seen[c.ID]
		seen[c.ID] = true
		return twice
	})
}

// lists fetches the nodes of a content, level by level. Errors: errcode.EntryDamaged,
// errNobody.
func (r *round) lists(v version, content chunk.Content) error {
	level, want := content.Level, once(content.Entries())
	for ; level > 0; level-- {
		n := int64(0)
		for _, c := range want {
			n += int64(c.Size)
		}
		if n > content.MaxList() {
			return errcode.With(errcode.EntryDamaged, fmt.Errorf("lists of %d bytes: %w", n, wire.ErrTooLarge))
		}
		got, err := r.nodes(v, want)
		if err != nil {
			return err
		}
		var below []chunk.Chunk
		for _, c := range want {
			list, err := chunk.ParseNode(got[c.ID], level-1)
			if err != nil {
				return errcode.With(errcode.EntryDamaged, err)
			}
			below = append(below, list...)
		}
		want = once(below)
	}
	return nil
}

// nodes gives some nodes, and fetches those that are not here. Errors: errNobody.
func (r *round) nodes(v version, want []chunk.Chunk) (map[chunk.ID][]byte, error) {
	k := r.k
	got := map[chunk.ID][]byte{}
	var missing []chunk.Chunk
	for _, c := range want {
		body, err := node(k.f.DB.Read(), k.row, c.ID)
		if err != nil {
			return nil, err
		}
		if body == nil {
			missing = append(missing, c)
		} else {
			got[c.ID] = body
		}
	}
	f := newFetch(k, k.authorOf(v))
	var mu sync.Mutex
	for _, c := range missing {
		f.want(c, func(data []byte) error {
			mu.Lock()
			defer mu.Unlock()
			got[c.ID] = bytes.Clone(data)
			return nil
		})
	}
	if err := f.run(r.ctx); err != nil {
		return nil, err
	}
	if err := k.f.DB.Write(r.ctx, func(tx *store.Tx) error {
		for _, c := range missing {
			if got[c.ID] == nil {
				continue
			}
			if err := putNode(tx, k.row, chunk.Node{Chunk: c, Body: got[c.ID]}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, c := range want {
		if got[c.ID] == nil {
			return nil, errNobody
		}
	}
	return got, nil
}

// authorOf is the device that wrote a version: it is asked first.
func (k *keeper) authorOf(v version) (device wire.DeviceID) {
	var raw []byte
	if err := k.f.DB.Read().QueryRow(`SELECT device FROM folders_feed WHERE row = ?`, v.feed).Scan(&raw); err == nil && len(raw) == 32 {
		device = wire.DeviceID(raw)
	}
	return device
}
