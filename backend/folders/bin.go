package folders

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
)

const (
	sweepFirst = 5 * time.Minute
	sweepEvery = time.Hour
	// draftLife is how long a draft stays that nobody finished.
	draftLife = 7 * 24 * time.Hour
	day       = 24 * time.Hour
)

// sweeps keeps the bin within its bounds until ctx ends.
func (k *keeper) sweeps(ctx context.Context) {
	wait := sweepFirst
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.f.Clock.After(wait):
		}
		wait = sweepEvery
		if err := k.sweep(ctx); err != nil && ctx.Err() == nil {
			k.f.Slog.Warn("sweep folder", "err", err)
		}
	}
}

// sweep removes from the bin what is older than it may be, or more than it may
// hold, the oldest first; then what nobody knows of any more.
func (k *keeper) sweep(ctx context.Context) error {
	k.mu.Lock()
	days, most := k.keepDays, k.keepBytes
	k.mu.Unlock()
	binned, err := k.binned(ctx)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, l := range binned {
		total += l.size
	}
	now := k.f.Clock.Now()
	known := map[string]bool{}
	for _, l := range binned {
		old := now.Sub(time.UnixMilli(l.binned)) > time.Duration(days)*day
		if !old && (most == 0 || total <= most) {
			known[l.lies] = true
			continue
		}
		total -= l.size
		if err := k.drop(ctx, l); err != nil {
			return err
		}
	}
	return errors.Join(k.sweepStrays(binFolder, known, time.Duration(days)*day), k.sweepStrays(draftFolder, nil, draftLife), k.sweepChunks(ctx))
}

// binned lists what lies in the bin, the oldest first.
func (k *keeper) binned(ctx context.Context) ([]local, error) {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT `+localColumns+` FROM folderslocal_file WHERE place = ? AND lies <> '' ORDER BY binned, row`, k.row)
	return scanLocals(rows, err)
}

// drop deletes something from the bin for good.
func (k *keeper) drop(ctx context.Context, l local) error {
	k.ground.Lock()
	defer k.ground.Unlock()
	if err := k.tree.Remove(l.lies); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return k.f.DB.Write(ctx, func(tx *store.Tx) error { return dropLocal(tx, l.row) })
}

// sweepStrays removes files of a hidden folder that are not known and were not
// changed for long: left-overs of a crash.
func (k *keeper) sweepStrays(folder string, known map[string]bool, life time.Duration) error {
	var strays []string
	err := k.tree.List(folder, func(i disk.Info) error {
		when := max(i.Modified.UnixNano(), i.Changed)
		if !known[i.Path] && k.f.Clock.Now().Sub(time.Unix(0, when)) > life {
			strays = append(strays, i.Path)
		}
		return nil
	}, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, path := range strays {
		err = errors.Join(err, k.tree.Remove(path))
	}
	return err
}

// sweepAtOnce is how many places of chunks are looked at in one go.
const sweepAtOnce = 20_000

// sweepChunks forgets places of chunks whose file is no more. It looks beside the
// writer: with a million files that takes a while.
func (k *keeper) sweepChunks(ctx context.Context) error {
	after := lyingChunk{id: []byte{}, file: -1}
	for {
		gone, last, more, err := k.strayChunks(ctx, after)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			err = k.f.DB.Write(ctx, func(tx *store.Tx) error {
				for _, c := range gone {
					if _, err := tx.Exec(`DELETE FROM folderslocal_chunk WHERE id = ? AND file = ? AND at = ?`, c.id, c.file, c.at); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil || !more {
			return err
		}
		after = last
	}
}

// lyingChunk is a place where a chunk lies, or lay.
type lyingChunk struct {
	id       []byte
	file, at int64
}

// strayChunks looks at some places behind one: those whose file is no more, and the last one.
func (k *keeper) strayChunks(ctx context.Context, after lyingChunk) (gone []lyingChunk, last lyingChunk, more bool, err error) {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT c.id, c.file, c.at, f.row IS NULL FROM folderslocal_chunk c LEFT JOIN folderslocal_file f ON f.row = c.file
		WHERE (c.id, c.file, c.at) > (?, ?, ?) ORDER BY c.id, c.file, c.at LIMIT ?`, after.id, after.file, after.at, sweepAtOnce)
	if err != nil {
		return nil, last, false, store.Classify(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		last = lyingChunk{}
		stray := false
		if err := rows.Scan(&last.id, &last.file, &last.at, &stray); err != nil {
			return nil, last, false, store.Classify(err)
		}
		if stray {
			gone = append(gone, last)
		}
	}
	return gone, last, n == sweepAtOnce, store.Classify(rows.Err())
}
