package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/store"
)

const (
	// sweepStep bounds what one transaction of a Sweep removes, sweepPage the spaces looked up at once.
	sweepStep = 256
	sweepPage = 500
	// orphanAge is how old a chunk's file without a row must be to be removed.
	orphanAge = time.Hour
)

// Sweep removes what a tenant stored before a moment.
func (e *Engine) Sweep(ctx context.Context, tenant engine.Tenant, before time.Time) (engine.Usage, error) {
	gone, err := e.sweep(ctx, tenant, before.UnixMilli())
	return gone, e.failed(ctx, "sweep", err)
}

func (e *Engine) sweep(ctx context.Context, tenant engine.Tenant, before int64) (gone engine.Usage, err error) {
	if err := ctx.Err(); err != nil {
		return gone, err
	}
	position, err := e.firstAt(ctx, before)
	if err != nil {
		return gone, err
	}
	var row spaceRow
	err = e.db.Read().QueryRowContext(ctx, `SELECT id FROM relay_tenant WHERE tenant = ?`, tenant[:]).Scan(&row.tenant)
	if errors.Is(err, sql.ErrNoRows) {
		return gone, nil
	}
	for err == nil {
		var page []int64
		if page, err = e.spacesOf(ctx, row); err != nil || len(page) == 0 {
			break
		}
		row.no = page[len(page)-1]
		if err = e.sweepEnvelopes(ctx, row.tenant, page, position, &gone); err == nil {
			err = e.sweepChunks(ctx, row.tenant, page, before, &gone)
		}
	}
	if err != nil {
		return gone, err
	}
	return gone, e.sweepOrphans(ctx)
}

// firstAt finds the first position that was stored at a moment or later: positions
// and moments grow together.
func (e *Engine) firstAt(ctx context.Context, moment int64) (int64, error) {
	low, high := int64(1), e.assigned.Load()+1
	for low < high {
		middle := low + (high-low)/2
		var pos, at int64
		err := e.db.Read().QueryRowContext(ctx, `SELECT pos, at FROM relay_envelope WHERE pos >= ? ORDER BY pos LIMIT 1`, middle).Scan(&pos, &at)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			high = middle
		case err != nil:
			return 0, fmt.Errorf("find moment: %w", err)
		case at < moment:
			low = pos + 1
		default:
			high = middle
		}
	}
	return low, nil
}

// spacesOf lists the next spaces of a tenant by row.
func (e *Engine) spacesOf(ctx context.Context, after spaceRow) (page []int64, err error) {
	rows, err := e.db.Read().QueryContext(ctx, `SELECT id FROM relay_space WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?`, after.tenant, after.no, sweepPage)
	if err != nil {
		return nil, fmt.Errorf("list spaces: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var no int64
		if err := rows.Scan(&no); err != nil {
			return nil, fmt.Errorf("list spaces: %w", err)
		}
		page = append(page, no)
	}
	return page, rows.Err()
}

// sweepEnvelopes removes the envelopes of spaces before a position, step by step:
// of many spaces at once where there are few in each.
func (e *Engine) sweepEnvelopes(ctx context.Context, tenant int64, spaces []int64, before int64, gone *engine.Usage) error {
	var due []int64
	for _, no := range spaces {
		var first sql.NullInt64
		if err := e.db.Read().QueryRowContext(ctx, `SELECT min(pos) FROM relay_envelope WHERE space = ?`, no).Scan(&first); err != nil {
			return fmt.Errorf("find first envelope: %w", err)
		}
		if first.Valid && first.Int64 < before {
			due = append(due, no)
		}
	}
	for len(due) > 0 {
		var step engine.Usage
		var done int
		err := e.db.Write(ctx, func(tx *store.Tx) (err error) {
			for ; done < len(due) && step.Envelopes < sweepStep; done++ {
				limit := sweepStep - step.Envelopes
				n, err := removeEnvelopes(tx, due[done], before, limit, &step)
				if err != nil {
					return err
				}
				if n == limit {
					break // there may be more
				}
			}
			// The store may end with what goes now: its positions are never given again.
			if _, err := tx.Exec(`UPDATE relay_meta SET value = max(value, ?) WHERE name = 'position'`, e.assigned.Load()); err != nil {
				return fmt.Errorf("keep position: %w", err)
			}
			return use(tx, tenant, engine.Usage{Bytes: -step.Bytes, Envelopes: -step.Envelopes})
		})
		if err != nil {
			return fmt.Errorf("remove envelopes: %w", err)
		}
		due = due[done:]
		gone.Bytes, gone.Envelopes = gone.Bytes+step.Bytes, gone.Envelopes+step.Envelopes
	}
	return nil
}

// removeEnvelopes removes the first envelopes of a space: feeds remember where they were cut.
func removeEnvelopes(tx *store.Tx, space, before, limit int64, gone *engine.Usage) (n int64, err error) {
	earlier := gone.Envelopes
	cuts, last, err := firstOf(tx, space, before, limit, gone)
	if err != nil || len(cuts) == 0 {
		return 0, err
	}
	for feed, seq := range cuts {
		var raw []byte
		if err := tx.QueryRow(`SELECT bytes FROM relay_envelope WHERE feed = ? AND seq = ?`, feed, seq).Scan(&raw); err != nil {
			return 0, fmt.Errorf("read last envelope of feed: %w", err)
		}
		id := key.Digest(raw)
		if _, err := tx.Exec(`UPDATE relay_feed SET seq = ?, head = ? WHERE id = ?`, seq, id[:], feed); err != nil {
			return 0, fmt.Errorf("cut feed: %w", err)
		}
	}
	if _, err := tx.Exec(`DELETE FROM relay_envelope WHERE space = ? AND pos <= ?`, space, last); err != nil {
		return 0, fmt.Errorf("delete envelopes: %w", err)
	}
	return gone.Envelopes - earlier, nil
}

// firstOf looks at the first envelopes of a space: up to which sequence of each
// feed they go, and where they end.
func firstOf(tx *store.Tx, space, before, limit int64, sum *engine.Usage) (cuts map[int64]int64, last int64, err error) {
	rows, err := tx.Query(`SELECT pos, feed, seq, length(bytes) FROM relay_envelope WHERE space = ? AND pos < ? ORDER BY pos LIMIT ?`, space, before, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("read first envelopes: %w", err)
	}
	defer rows.Close()
	cuts = map[int64]int64{}
	for rows.Next() {
		var feed, seq, size int64
		if err := rows.Scan(&last, &feed, &seq, &size); err != nil {
			return nil, 0, fmt.Errorf("read first envelopes: %w", err)
		}
		cuts[feed] = max(cuts[feed], seq)
		sum.Envelopes++
		sum.Bytes += size
	}
	return cuts, last, rows.Err()
}

// reference is a chunk of a space.
type reference struct {
	space int64
	hash  []byte
}

// sweepChunks removes the chunks of spaces that were put before a moment, step by step.
func (e *Engine) sweepChunks(ctx context.Context, tenant int64, spaces []int64, before int64, gone *engine.Usage) error {
	for {
		old, err := e.oldChunks(ctx, spaces, before)
		if err != nil || len(old) == 0 {
			return err
		}
		spaces = spaces[slices.Index(spaces, old[0].space):] // those before it are done
		var step engine.Usage
		var files [][]byte
		err = e.db.Write(ctx, func(tx *store.Tx) error {
			for _, r := range old {
				if err := removeChunk(tx, r, before, &step, &files); err != nil {
					return fmt.Errorf("remove chunk: %w", err)
				}
			}
			return use(tx, tenant, engine.Usage{Bytes: -step.Bytes, Chunks: -step.Chunks})
		})
		if err != nil {
			return err
		}
		gone.Bytes, gone.Chunks = gone.Bytes+step.Bytes, gone.Chunks+step.Chunks
		for _, hash := range files {
			if err := e.removeFile(ctx, hash); err != nil {
				return err
			}
		}
	}
}

// oldChunks lists the first chunks of spaces that were put before a moment.
func (e *Engine) oldChunks(ctx context.Context, spaces []int64, before int64) (old []reference, err error) {
	for _, no := range spaces {
		list, err := ids[[32]byte](e.db.Read().QueryContext(ctx, `SELECT hash FROM relay_chunk WHERE space = ? AND at < ? LIMIT ?`, no, before, sweepStep-len(old)))
		if err != nil {
			return nil, fmt.Errorf("list old chunks: %w", err)
		}
		for _, hash := range list {
			old = append(old, reference{no, hash[:]})
		}
		if len(old) == sweepStep {
			break
		}
	}
	return old, nil
}

// removeChunk takes a chunk from a space, and its body when no other has it.
func removeChunk(tx *store.Tx, r reference, before int64, gone *engine.Usage, files *[][]byte) error {
	var size int64
	err := tx.QueryRow(`DELETE FROM relay_chunk WHERE space = ? AND hash = ? AND at < ? RETURNING size`, r.space, r.hash, before).Scan(&size)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // put again meanwhile
	}
	if err != nil {
		return err
	}
	gone.Chunks++
	gone.Bytes += size
	var outside bool
	err = tx.QueryRow(`DELETE FROM relay_body WHERE hash = ?1 AND NOT EXISTS(SELECT 1 FROM relay_chunk WHERE hash = ?1) RETURNING bytes IS NULL`, r.hash).Scan(&outside)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && outside {
		*files = append(*files, r.hash)
	}
	return err
}

// removeFile removes a chunk's file, unless the chunk was put again meanwhile.
func (e *Engine) removeFile(ctx context.Context, hash []byte) error {
	stripe := &e.stripes[hash[0]]
	stripe.Lock()
	defer stripe.Unlock()
	var wanted bool
	if err := e.db.Read().QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM relay_body WHERE hash = ? AND bytes IS NULL)`, hash).Scan(&wanted); err != nil || wanted {
		return err
	}
	if err := os.Remove(e.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove chunk's file: %w", err)
	}
	return nil
}

// sweepOrphans looks through one of the folders for files that a crash left
// without a row; each Sweep takes the next.
func (e *Engine) sweepOrphans(ctx context.Context) error {
	folder, err := os.Open(filepath.Join(e.folder, fmt.Sprintf("%02x", byte(e.orphans.Add(1)))))
	if err != nil {
		return fmt.Errorf("look for orphans: %w", err)
	}
	defer folder.Close()
	for {
		entries, err := folder.ReadDir(sweepStep)
		for _, entry := range entries {
			if err := errors.Join(ctx.Err(), e.orphan(ctx, folder.Name(), entry)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for orphans: %w", err)
		}
	}
}

func (e *Engine) orphan(ctx context.Context, folder string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil || e.clock.Now().Sub(info.ModTime()) < orphanAge {
		return nil // gone already, or being written
	}
	hash, err := hex.DecodeString(entry.Name())
	if err == nil && len(hash) == 32 {
		return e.removeFile(ctx, hash)
	}
	if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove left-over: %w", err)
	}
	return nil
}
