package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	// indexWithin is how long the process that stored a grant has to index it before
	// the others do.
	indexWithin = 3 * time.Second
	// grantsRound is how often GRANTS is looked at without a hint.
	grantsRound = 5 * time.Second
	// indexedRound is how often it is written down up to where all is indexed.
	indexedRound = 10 * time.Second
	// waitingGrants bounds the grants whose index is yet to be looked at.
	waitingGrants = 20_000

	subjectIndexed = "tb.indexed"
)

// number64 reads a stored number; none is 0.
func (e *Engine) number64(ctx context.Context, subject string) (n, seq uint64, err error) {
	m, err := e.leaderLast(ctx, streamTable, subject)
	if errors.Is(err, engine.ErrNotFound) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	n, _, ok := decodeEntry(m.data)
	if !ok {
		return 0, 0, fmt.Errorf("read %s: %w", subject, errStored)
	}
	return n, m.seq, nil
}

// put writes to TABLE.
func (e *Engine) put(ctx context.Context, subject string, expected int64, data []byte) (uint64, error) {
	seq, err := e.publish(ctx, subject, expected, data)
	if err == nil {
		raise(&e.table, seq)
	}
	return seq, err
}

// index brings the index of a space's list level with its grants. Any process may
// do it at any time, also several at once: an entry never gives way to one of an
// older version.
func (e *Engine) index(ctx context.Context, space wire.SpaceID) error {
	ok := "ok." + text(space)
	return e.patiently(ctx, func(ctx context.Context) error {
		done, seq, err := e.number64(ctx, ok)
		if err != nil {
			return err
		}
		grants, _, err := e.grantsAfter(ctx, space, done)
		if err != nil || len(grants) == 0 {
			return err
		}
		type entry struct {
			version uint64
			rights  protocol.Rights
		}
		entries := map[wire.DeviceID]entry{}
		for _, g := range grants {
			for _, s := range g.Set {
				entries[s.Device] = entry{g.Version, s.Rights}
			}
			done = g.Version
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var failed error
		slots := make(chan struct{}, writesAtOnce)
		for device, x := range entries {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				if err := e.indexEntry(ctx, device, space, x.version, x.rights); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = err
				}
			})
		}
		wg.Wait()
		if failed != nil {
			return failed
		}
		_, err = e.put(ctx, ok, int64(seq), encodeEntry(done, 0))
		if errors.Is(err, errChanged) {
			return fmt.Errorf("%w: %w", engine.ErrUnavailable, err) // again: is there more?
		}
		return err
	})
}

// indexEntry writes one, unless there is a newer one.
func (e *Engine) indexEntry(ctx context.Context, device wire.DeviceID, space wire.SpaceID, version uint64, rights protocol.Rights) error {
	subject, expected := listedPrefix(device)+digits(space, fanned), uint64(0)
	for {
		_, err := e.put(ctx, subject, int64(expected), encodeEntry(version, rights))
		if !errors.Is(err, errChanged) {
			return err
		}
		there, seq, err := e.number64(ctx, subject)
		if err != nil || there >= version {
			return err
		}
		if seq == expected && e.pause(ctx, 5*time.Millisecond) != nil { // somebody's is on its way
			return e.over(ctx)
		}
		expected = seq
	}
}

// wakeGrants has GRANTS looked at; seq is what is known to be there.
func (e *Engine) wakeGrants(seq uint64) {
	raise(&e.granted, seq)
	select {
	case e.follows.grants <- struct{}{}:
	default:
	}
}

// granting follows GRANTS: it tells of new ones, and sees that all are indexed.
type granting struct {
	next    uint64 // sequence to read from
	tellAt  uint64 // what is told of begins here
	indexed uint64 // up to here all is indexed
	written uint64 // what TABLE says of that
	since   time.Time
	waiting []waitingGrant
}

type waitingGrant struct {
	space   wire.SpaceID
	version uint64
	seq     uint64
	since   time.Time
}

func (e *Engine) beginGrants(ctx context.Context) (*granting, error) {
	g := &granting{}
	err := e.tirelessly(ctx, func(ctx context.Context) (err error) {
		if g.indexed, _, err = e.number64(ctx, subjectIndexed); err != nil {
			return err
		}
		last, err := e.leaderLast(ctx, streamGrants, "gr.>")
		if errors.Is(err, engine.ErrNotFound) {
			err = nil
		}
		g.tellAt, g.next, g.written = last.seq+1, g.indexed+1, g.indexed
		return err
	})
	return g, err
}

func (e *Engine) followGrants(g *granting) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	looked := time.Now()
	for {
		hint := false
		select {
		case <-e.ctx.Done():
			return
		case <-e.follows.grants:
			hint = true
		case <-tick.C:
		}
		if hint || time.Since(looked) > grantsRound || g.next < g.tellAt {
			looked = time.Now()
			if err := e.readGrants(g); err != nil && e.ctx.Err() == nil {
				e.log.Warn("grants cannot be read", "error", err)
			}
		}
		if err := e.checkIndex(g); err != nil && e.ctx.Err() == nil {
			e.log.Warn("grants cannot be indexed", "error", err)
		}
	}
}

// readGrants reads to the end and tells.
func (e *Engine) readGrants(g *granting) error {
	behind := 0
	for len(g.waiting) < waitingGrants {
		b, err := e.read(e.ctx, streamGrants, getRequest{NextFor: "gr.>", Seq: max(g.next, 1), Batch: readPieces, MaxBytes: readBytes})
		if err != nil {
			return err
		}
		for _, m := range b.messages {
			grant, err := decodeGrant(m.data)
			space, ok := undigits(m.subject)
			if err != nil || !ok {
				return fmt.Errorf("grant %d: %w", m.seq, errStored)
			}
			g.next = m.seq + 1
			if m.seq >= g.tellAt && e.o.Granted != nil {
				e.o.Granted(space, grant.Version)
			}
			g.waiting = append(g.waiting, waitingGrant{space, grant.Version, m.seq, time.Now()})
		}
		if b.pending > 0 {
			continue
		}
		if behind++; g.next > e.granted.Load() || behind > 100 {
			return nil
		}
		if err := e.pause(e.ctx, 10*time.Millisecond); err != nil { // the replica is behind
			return err
		}
	}
	return nil
}

// checkIndex sees that grants of some age are indexed, and writes down up to where.
func (e *Engine) checkIndex(g *granting) error {
	for len(g.waiting) > 0 && time.Since(g.waiting[0].since) > indexWithin && e.ctx.Err() == nil {
		w := g.waiting[0]
		done, _, err := e.number64(e.ctx, "ok."+text(w.space))
		if err != nil {
			return err
		}
		if done < w.version {
			if err := e.index(e.ctx, w.space); err != nil {
				return err
			}
		}
		g.waiting, g.indexed = g.waiting[1:], w.seq
	}
	if g.indexed == g.written || time.Since(g.since) < indexedRound {
		return nil
	}
	g.since = time.Now()
	_, err := e.put(e.ctx, subjectIndexed, anyLast, encodeEntry(g.indexed, 0))
	if err == nil {
		g.written = g.indexed
	}
	return err
}
