package blobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// depositRetry is when a deposit that failed is tried again by itself.
	depositRetry = time.Minute
	// depositLife is when a deposit is given up that no depot has taken.
	depositLife = 30 * 24 * time.Hour
	// depositAsk is how many pieces one question to a depot is about.
	depositAsk = 1000
	putTimeout = 5 * time.Minute
)

// errGone: a piece that was to be deposited is not here any more.
var errGone = errors.New("piece to be deposited is gone")

type load struct {
	id    blob.ID
	space wire.SpaceID
	file  blob.File
	at    time.Time
}

// deposits puts files into depots, oldest first, until ctx ends.
func (e *Engine) deposits(ctx context.Context) {
	if e.Depots == nil {
		return
	}
	for ctx.Err() == nil {
		waiting, err := e.loads(ctx)
		if err != nil && ctx.Err() == nil {
			e.Slog.Warn("read what is to be deposited", "err", err)
		}
		away := map[wire.SpaceID]bool{} // a depot did not answer: what follows would wait for it as well
		for _, l := range waiting {
			if ctx.Err() == nil && !away[l.space] {
				away[l.space] = !e.carry(ctx, l)
			}
		}
		select {
		case <-ctx.Done():
		case <-e.deposit:
		case <-e.Clock.After(depositRetry):
		}
	}
}

func (e *Engine) loads(ctx context.Context) (out []load, err error) {
	rows, err := e.DB.Read().QueryContext(ctx, `SELECT file, space, body, at FROM blobs_deposit ORDER BY at, file LIMIT 1000`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, space, body []byte
		var at int64
		if err := rows.Scan(&id, &space, &body, &at); err != nil {
			return nil, store.Classify(err)
		}
		f, err := blob.DecodeFile(body)
		if err != nil || len(id) != 32 || len(space) != 32 {
			continue
		}
		out = append(out, load{blob.ID(id), wire.SpaceID(space), f, time.UnixMilli(at)})
	}
	return out, store.Classify(rows.Err())
}

// carry puts one file into all depots of its space; false when one did not take it.
func (e *Engine) carry(ctx context.Context, l load) bool {
	depots := e.Depots(l.space)
	over := e.Clock.Now().Sub(l.at) > depositLife
	if len(depots) == 0 && !over {
		return true // no relay now; there may be one later
	}
	e.tell(l, 0)
	defer e.untold(l)
	err := error(nil)
	for _, d := range depots {
		if err = e.put(ctx, l, d); err != nil {
			break
		}
	}
	if ctx.Err() != nil || err != nil && !over && !errors.Is(err, errGone) {
		if ctx.Err() == nil {
			e.Slog.Info("file not deposited yet", "err", err)
		}
		return false
	}
	if err != nil {
		e.Slog.Warn("file not deposited", "err", err)
	}
	err = e.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM blobs_deposit WHERE file = ? AND space = ?`, l.id[:], l.space[:])
		return err
	})
	if err != nil && ctx.Err() == nil {
		e.Slog.Warn("note that a file is deposited", "err", err)
	}
	return true
}

func (e *Engine) tell(l load, bytes uint64) {
	e.mu.Lock()
	e.deposited[l.id] = bytes
	e.mu.Unlock()
	e.Changed(l.space)
}

func (e *Engine) untold(l load) {
	e.mu.Lock()
	delete(e.deposited, l.id)
	e.mu.Unlock()
	e.Changed(l.space)
}

// put brings one depot level: it is asked what it has and given the rest, nodes
// first, so that who fetches can begin.
func (e *Engine) put(ctx context.Context, l load, d Depot) error {
	all := l.file.Hashes()
	if l.file.Nodes() > 0 {
		byNode, err := e.pieces(ctx, l.file)
		if errors.Is(err, blob.ErrMissing) {
			err = errGone
		}
		if err != nil {
			return err
		}
		for _, list := range byNode {
			all = append(all, list...)
		}
	}
	p := e.progressOf(l)
	for len(all) > 0 {
		some := all[:min(len(all), depositAsk)]
		all = all[len(some):]
		flags, err := depotHas(ctx, d, l.space, some)
		if err != nil {
			return err
		}
		if err := e.putSome(ctx, l, d, some, flags, p); err != nil {
			return err
		}
	}
	return nil
}

// progressOf counts bytes of a deposit, and tells the screen now and then.
func (e *Engine) progressOf(l load) func(n int) {
	var mu sync.Mutex
	var bytes uint64
	var told time.Time
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		bytes = min(bytes+uint64(n), l.file.Size)
		if now := time.Now(); now.Sub(told) > tellEvery {
			told = now
			e.tell(l, bytes)
		}
	}
}

// putSome gives a depot the pieces that it lacks, a few at a time.
func (e *Engine) putSome(ctx context.Context, l load, d Depot, hashes []blob.Hash, flags []bool, progress func(int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan blob.Hash)
	var wg sync.WaitGroup
	for range abreast {
		wg.Go(func() {
			for h := range next {
				sealed, err := e.Store.Get(ctx, h)
				if errors.Is(err, blob.ErrMissing) {
					err = errGone
				}
				if err == nil {
					within, end := context.WithTimeout(ctx, putTimeout)
					err = d.Put(within, l.space, h, sealed)
					end()
				}
				if err != nil {
					cancel(err)
					continue
				}
				progress(len(sealed))
			}
		})
	}
	for i, h := range hashes {
		if flags[i] {
			progress(blob.PieceSize)
			continue
		}
		select {
		case next <- h:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}
