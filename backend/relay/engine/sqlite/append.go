package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	maxQueue = 1024
	// A group ends at so many calls or bytes: beyond it latency grows and throughput does not.
	maxGroup      = 512
	maxGroupBytes = 4 << 20
	// maxGather bounds how long a group waits for writers who are likely to come.
	maxGather = time.Millisecond
)

// request is one call of Append.
type request struct {
	ctx     context.Context
	tenant  engine.Tenant
	space   wire.SpaceID
	runs    []engine.Run
	size    int
	results []engine.Result
	done    chan error
}

// Append stores runs of one space.
func (e *Engine) Append(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, runs []engine.Run) ([]engine.Result, error) {
	const doing = "append envelopes"
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	r := &request{ctx: ctx, tenant: tenant, space: space, runs: runs, done: make(chan error, 1)}
	for _, run := range runs {
		size, err := check(space, run)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
		r.size += size
	}
	if len(runs) == 0 {
		return nil, nil
	}
	select {
	case e.queue <- r:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", doing, ctx.Err())
	case <-e.stop:
		return nil, fail(ctx, doing, store.ErrClosed)
	}
	var err error
	select {
	case err = <-r.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", doing, ctx.Err())
	case <-e.done:
		select {
		case err = <-r.done:
		default:
			err = store.ErrClosed
		}
	}
	if err != nil {
		return nil, fail(ctx, doing, err)
	}
	return r.results, nil
}

// check judges what the server has verified already: what is no chain would
// break the store's own order.
func check(space wire.SpaceID, run engine.Run) (size int, err error) {
	if len(run) == 0 {
		return 0, fmt.Errorf("an empty run: %w", wire.ErrMalformed)
	}
	for i, e := range run {
		if e.Space != space || i > 0 && (e.Feed != run[0].Feed || e.Seq != run[i-1].Seq+1 || e.Prev != run[i-1].ID) {
			return 0, fmt.Errorf("run at %d: %w", i, envelope.ErrChain)
		}
		size += len(e.Raw)
	}
	return size, nil
}

// run commits what is queued, group by group, until Close.
func (e *Engine) run() {
	defer close(e.done)
	g := gatherer{queue: e.queue, stop: e.stop}
	for {
		select {
		case r := <-e.queue:
			e.commit(&g, r)
		case <-e.stop:
			for {
				select {
				case r := <-e.queue:
					e.commit(&g, r)
				default:
					return
				}
			}
		}
	}
}

// gatherer collects the calls of one commit.
type gatherer struct {
	queue <-chan *request
	stop  <-chan struct{}
	sizes [2]int // of the last two groups
	took  time.Duration
}

// group gives a call and those that wait. As in package store: those that were
// just answered write again in a moment, so the group waits for as many as came
// lately, for half a flush at most; a single writer never waits.
func (g *gatherer) group(first *request) []*request {
	group, size, began := []*request{first}, first.size, time.Now()
	var timer *time.Timer
	for len(group) < maxGroup && size < maxGroupBytes {
		select {
		case r := <-g.queue:
			group, size = append(group, r), size+r.size
			continue
		default:
		}
		wait := min(g.took/2, maxGather) - time.Since(began)
		if len(group) >= max(g.sizes[0], g.sizes[1]) || wait <= 0 {
			break
		}
		if timer == nil {
			timer = time.NewTimer(wait)
			defer timer.Stop()
		}
		select {
		case r := <-g.queue:
			group, size = append(group, r), size+r.size
			continue
		case <-timer.C:
		case <-g.stop:
		}
		break
	}
	g.sizes = [2]int{len(group), g.sizes[0]}
	return group
}

// commit stores a group and answers it.
func (e *Engine) commit(g *gatherer, first *request) {
	group := g.group(first)
	var written time.Time
	err := e.db.Write(context.Background(), func(tx *store.Tx) error {
		tx.OnRollback(e.heads.clear)
		b := &batch{engine: e, tx: tx, position: e.position, at: max(e.moment, e.clock.Now().UnixMilli()), spaces: map[wire.SpaceID]*batchSpace{}, usage: map[int64]engine.Usage{}}
		for _, r := range group {
			if err := b.request(r); err != nil {
				return err
			}
		}
		if err := errors.Join(b.flush(), b.count()); err != nil {
			return err
		}
		e.assigned.Store(max(e.assigned.Load(), b.position))
		tx.OnCommit(b.publish)
		written = time.Now()
		return nil
	})
	if !written.IsZero() {
		g.took = time.Since(written)
	}
	for _, r := range group {
		if err == nil && r.results == nil {
			r.done <- r.ctx.Err() // it had given up before its turn
			continue
		}
		r.done <- err
	}
}
