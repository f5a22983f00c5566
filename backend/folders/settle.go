package folders

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
)

// Small files that are new here are not flushed one by one: a thousand flushes cost
// more than everything else about them. They are put in their places, noted as not
// settled, and settled together; only then is the folder said to be up to date, and
// others are told that it holds them. After a loss of power what is not settled is
// read again, and fetched again where it is torn.

const (
	// laterBytes bounds a file that is settled with others.
	laterBytes = 1 << 20
	// settleEvery is how many of them wait at the most.
	settleEvery = 4000
)

func allLater(all []landing) bool {
	for _, one := range all {
		if !one.later {
			return false
		}
	}
	return true
}

// settleSome notes what has to be settled, and settles when it is much.
func (k *keeper) settleSome(ctx context.Context, all []landing) error {
	k.mu.Lock()
	for _, one := range all {
		if one.later {
			k.young = append(k.young, one.v.path)
		}
	}
	n := len(k.young)
	k.mu.Unlock()
	if n < settleEvery {
		return nil
	}
	return k.settle(ctx)
}

// settle returns once everything that was put here is safe from a loss of power.
func (k *keeper) settle(ctx context.Context) error {
	k.mu.Lock()
	paths := k.young
	k.young = nil
	k.mu.Unlock()
	if len(paths) == 0 {
		return nil
	}
	err := k.tree.Settle(paths...)
	if err == nil {
		err = k.f.DB.Write(ctx, func(tx *store.Tx) error {
			for _, p := range paths {
				parent, name := split(p)
				if _, err := tx.Exec(`UPDATE folderslocal_file SET settled = 1 WHERE place = ? AND parent = ? AND name = ? AND lies = ''`, k.row, parent, name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		k.mu.Lock()
		k.young = append(paths, k.young...)
		k.mu.Unlock()
	}
	return err
}

// settleMoved settles files that somebody moved before they were settled: their rows go
// along to paths for which nobody waits. After a loss of power what is not settled and gone
// is fetched again; of what this device said last others need not have it. What could not be
// settled stays young; ground is held.
func (k *keeper) settleMoved(all ...[]remark) {
	for _, r := range slices.Concat(all...) {
		if r.source != nil && r.source.young && k.tree.Settle(r.path) == nil {
			r.source.young = false
		}
	}
}

// reread looks through what was not settled when the program ended. What is torn has
// the time that was set when it was written, and other bytes: nobody wrote that.
func (k *keeper) reread(ctx context.Context) error {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT `+localColumns+` FROM folderslocal_file WHERE place = ? AND settled = 0`, k.row)
	all, err := scanLocals(rows, err)
	if err != nil || len(all) == 0 {
		return err
	}
	torn := 0
	for _, l := range all {
		if k.torn(ctx, l) {
			torn++
			if err := k.tornAway(l); err != nil {
				return err
			}
			if err := k.f.DB.Write(ctx, func(tx *store.Tx) error { return dropLocal(tx, l.row) }); err != nil {
				return err
			}
			continue
		}
		k.young = append(k.young, l.at())
	}
	if torn > 0 {
		k.f.Slog.Warn("files torn by a loss of power are fetched again", "count", torn)
	}
	return k.settle(ctx)
}

// tornAway puts what is torn into the bin: should it be somebody's work after all, written
// within one tick of the clock, it is not lost. No row tells of it; it is swept with the bin.
func (k *keeper) tornAway(l local) error {
	if l.lies != "" {
		return nil
	}
	err := k.tree.Move(l.path, k.binPath(l.path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// torn reports whether a file is gone, or not what was written here although nobody
// has changed it since.
func (k *keeper) torn(ctx context.Context, l local) bool {
	c, err := k.tree.Open(l.at())
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer c.Close()
	now, err := c.Look()
	if err != nil || now.Kind != disk.File || now.Modified.UnixNano() != l.modified {
		return false
	}
	b := chunk.NewBuilder(func(chunk.Node) error { return nil })
	err = chunk.Cut(ctx, io.NewSectionReader(c, 0, now.Size), now.Size, func(one chunk.Chunk, _ []byte) error { return b.Add(one) })
	if err != nil {
		return false
	}
	content, err := b.Finish()
	return err == nil && string(content.Encode()) != string(l.body)
}
