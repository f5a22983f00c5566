package sqlite

import (
	"context"
	"fmt"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
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
		if err := b.count(); err != nil {
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

// batch is a group under way. Nothing that others see changes before its commit.
type batch struct {
	engine       *Engine
	tx           *store.Tx
	position, at int64
	spaces       map[wire.SpaceID]*batchSpace
	order        []*batchSpace
	usage        map[int64]engine.Usage // by tenant
}

type batchSpace struct {
	id    wire.SpaceID
	row   spaceRow
	feeds map[envelope.Feed]*head
	items []engine.Item
	last  int64 // position of the last of them
}

// request carries out one call: whoever has gone away meanwhile is not served.
func (b *batch) request(r *request) error {
	if r.ctx.Err() != nil {
		return nil // its caller has given up, and is told by its context
	}
	s, err := b.space(r.tenant, r.space)
	if err != nil {
		return err
	}
	r.results = make([]engine.Result, len(r.runs))
	for i, run := range r.runs {
		h, err := b.feed(s, run[0].Feed)
		if err != nil {
			return err
		}
		refused, err := b.append(s, h, run)
		if err != nil {
			return err
		}
		r.results[i] = engine.Result{Head: protocol.HeadOf(run[0].Feed, h.seq), Err: refused}
	}
	return nil
}

// space finds or makes a space.
func (b *batch) space(tenant engine.Tenant, id wire.SpaceID) (*batchSpace, error) {
	if s := b.spaces[id]; s != nil {
		return s, nil
	}
	row, known := b.engine.heads.space(id)
	if !known {
		var err error
		if row, err = b.engine.spaceFor(b.tx, tenant, id); err != nil {
			return nil, err
		}
	}
	s := &batchSpace{id: id, row: row, feeds: map[envelope.Feed]*head{}}
	b.spaces[id], b.order = s, append(b.order, s)
	return s, nil
}

// feed finds a feed's head, or one of sequence 0.
func (b *batch) feed(s *batchSpace, feed envelope.Feed) (*head, error) {
	if h := s.feeds[feed]; h != nil {
		return h, nil
	}
	h, known := b.engine.heads.feed(s.id, feed)
	if !known {
		var err error
		if h, err = loadFeed(b.tx, s.row.no, feed); err != nil {
			return nil, err
		}
	}
	s.feeds[feed] = &h
	return &h, nil
}

// append judges a run and stores what is new in it.
func (b *batch) append(s *batchSpace, h *head, run engine.Run) (refused, err error) {
	first := run[0].Seq
	if first > h.seq+1 {
		return engine.ErrGap, nil
	}
	known := run[:min(h.seq+1-first, uint64(len(run)))]
	before, at := run[0].Prev, first-1 // what the run says stands before its new part
	if n := len(known); n > 0 {
		before, at = known[n-1].ID, known[n-1].Seq
	}
	same, err := b.holds(h, at, before)
	if err != nil {
		return nil, err
	}
	if !same {
		return engine.ErrForked, nil
	}
	rest := run[len(known):]
	if len(rest) > 0 && h.no == 0 {
		if err := b.insertFeed(s, h); err != nil {
			return nil, err
		}
	}
	used := b.usage[s.row.tenant]
	for _, e := range rest {
		b.position++
		if _, err := b.tx.Exec(`INSERT INTO relay_envelope VALUES(?, ?, ?, ?, ?, ?)`, b.position, s.row.no, h.no, int64(e.Seq), b.at, e.Raw); err != nil {
			return nil, fmt.Errorf("insert envelope: %w", err)
		}
		s.items = append(s.items, engine.Item{Raw: e.Raw, Cursor: b.engine.cursor(b.position)})
		s.last = b.position
		h.seq, h.id, h.state = e.Seq, e.ID, idKnown
		used.Bytes += int64(len(e.Raw))
		used.Envelopes++
	}
	if len(rest) > 0 {
		b.usage[s.row.tenant] = used
	}
	return nil, nil
}

// holds tells whether a feed has this ID at a sequence up to its head. What was
// swept is believed: nothing is left to compare it with, and it is not stored again.
// The hashes of a run carry the comparison to what stands before.
func (b *batch) holds(h *head, seq uint64, id wire.EventID) (bool, error) {
	if seq == 0 {
		return true, nil
	}
	if seq == h.seq && h.state == idKnown {
		return h.id == id, nil
	}
	stored, found, err := loadID(b.tx, h.no, seq)
	if err != nil {
		return false, err
	}
	if seq == h.seq && found {
		h.id, h.state = stored, idKnown
	}
	return !found || stored == id, nil
}

func (b *batch) insertFeed(s *batchSpace, h *head) error {
	r, err := b.tx.Exec(`INSERT INTO relay_feed(space, device, start, lane) VALUES(?, ?, ?, ?)`, s.row.no, h.feed.Device[:], int64(h.feed.Start), int64(h.feed.Lane))
	if err != nil {
		return fmt.Errorf("insert feed: %w", err)
	}
	if h.no, err = r.LastInsertId(); err != nil {
		return fmt.Errorf("insert feed: %w", err)
	}
	return nil
}

// count adds to what tenants use.
func (b *batch) count() error {
	for tenant, u := range b.usage {
		if err := use(b.tx, tenant, u); err != nil {
			return err
		}
	}
	return nil
}

// publish lets others see what is on disk now.
func (b *batch) publish() {
	e := b.engine
	e.position, e.moment = b.position, b.at
	for _, s := range b.order {
		e.heads.committed(s)
	}
	e.news.publish(b.order, b.position)
}
