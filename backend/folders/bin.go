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

// sweepChunks forgets places of chunks whose file is no more, some at a time.
func (k *keeper) sweepChunks(ctx context.Context) error {
	for {
		n := int64(0)
		err := k.f.DB.Write(ctx, func(tx *store.Tx) error {
			r, err := tx.Exec(`DELETE FROM folderslocal_chunk WHERE (id, file, at) IN (
				SELECT c.id, c.file, c.at FROM folderslocal_chunk c LEFT JOIN folderslocal_file f ON f.row = c.file WHERE f.row IS NULL LIMIT 2000)`)
			if err != nil {
				return err
			}
			n, err = r.RowsAffected()
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
