package blobs

import (
	"context"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/store"
)

const (
	sweepFirst = 15 * time.Minute
	sweepEvery = 24 * time.Hour
	// grace is how long a piece stays that nothing refers to: what refers to it may
	// come back, as after a repair of the database.
	grace = 7 * 24 * time.Hour
)

func (e *Engine) sweeps(ctx context.Context) {
	if err := e.relearn(ctx); err != nil && ctx.Err() == nil {
		e.Slog.Warn("look through large files", "err", err)
	}
	wait := sweepFirst
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.Clock.After(wait):
		}
		wait = sweepEvery
		if removed, err := e.Sweep(ctx); err != nil && ctx.Err() == nil {
			e.Slog.Warn("sweep pieces", "err", err)
		} else if removed > 0 {
			e.Slog.Info("pieces swept", "removed", removed)
		}
	}
}

// Sweep notes pieces that nothing refers to, and removes those of which that has
// been known for a week. It tells how many it removed.
func (e *Engine) Sweep(ctx context.Context) (removed int, err error) {
	refs := e.references()
	if refs == nil || !refs.Complete() {
		return 0, nil
	}
	if err := e.relearn(ctx); err != nil {
		return 0, err
	}
	for part := range blob.Shelves {
		hashes, err := e.Store.Shelf(ctx, uint8(part), e.Clock.Now())
		if err != nil {
			return removed, err
		}
		for len(hashes) > 0 {
			some := hashes[:min(len(hashes), 500)]
			hashes = hashes[len(some):]
			n, err := e.sweepSome(ctx, refs, some)
			removed += n
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// relearn notes what nodes list that are here and not noted, as after a repair of
// the database: the only copy of a file may be ours.
func (e *Engine) relearn(ctx context.Context) error {
	refs := e.references()
	if refs == nil {
		return nil
	}
	trees, err := refs.Trees(ctx)
	if err != nil {
		return err
	}
	for _, f := range trees {
		known := 0
		for _, h := range f.Hashes() {
			if !e.Store.Has(h) {
				known = 1 // not to be had: it is learned when it is fetched
				break
			}
			if err := e.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM blobs_inner WHERE parent = ? LIMIT 1)`, h[:]).Scan(&known); err != nil {
				return store.Classify(err)
			}
			if known == 0 {
				break
			}
		}
		if known > 0 {
			continue
		}
		if err := e.Learn(ctx, f); err != nil {
			e.Slog.Info("large file not looked through", "err", err)
		}
	}
	return nil
}

func (e *Engine) sweepSome(ctx context.Context, refs References, hashes []blob.Hash) (removed int, err error) {
	flags, err := e.through(ctx, hashes, func(h []blob.Hash) ([]bool, error) { return refs.Referenced(ctx, h) })
	if err != nil || !refs.Complete() {
		return 0, err
	}
	now := e.Clock.Now()
	var old []blob.Hash
	err = e.DB.Write(ctx, func(tx *store.Tx) error {
		for i, h := range hashes {
			if flags[i] {
				if _, err := tx.Exec(`DELETE FROM blobs_orphan WHERE hash = ?`, h[:]); err != nil {
					return err
				}
				continue
			}
			var since int64
			if _, err := tx.Exec(`INSERT OR IGNORE INTO blobs_orphan VALUES(?, ?)`, h[:], now.UnixMilli()); err != nil {
				return err
			}
			if err := tx.QueryRow(`SELECT since FROM blobs_orphan WHERE hash = ?`, h[:]).Scan(&since); err != nil {
				return err
			}
			if now.Sub(time.UnixMilli(since)) < grace {
				continue
			}
			old = append(old, h)
			for _, q := range []string{`DELETE FROM blobs_orphan WHERE hash = ?`, `DELETE FROM blobs_inner WHERE hash = ?`, `DELETE FROM blobs_inner WHERE parent = ?`} {
				if _, err := tx.Exec(q, h[:]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, h := range old {
		if err := e.Store.Remove(h); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
