package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// Append stores runs. Runs of one feed are stored in their order, those of
// several at the same time.
func (e *Engine) Append(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, runs []engine.Run) ([]engine.Result, error) {
	results := make([]engine.Result, len(runs))
	feeds := map[envelope.Feed][]int{}
	for i, run := range runs {
		if len(run) == 0 {
			return nil, errors.New("append: an empty run")
		}
		feeds[run[0].Feed] = append(feeds[run[0].Feed], i)
	}
	if len(runs) == 0 {
		return results, e.over(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := e.own(ctx, tenant, space); err != nil {
		return nil, fmt.Errorf("append: %w", err)
	}
	write := writing{e: e, tenant: tenant, space: space, place: placeOf(space)}
	var mu sync.Mutex
	var first error
	each := func(of []int) {
		for _, i := range of {
			h, err := write.run(ctx, runs[i])
			results[i].Head = protocol.HeadOf(runs[i][0].Feed, h.seq)
			if errors.Is(err, engine.ErrGap) || errors.Is(err, engine.ErrForked) {
				results[i].Err = err
			} else if err != nil {
				mu.Lock()
				defer mu.Unlock()
				first = errors.Join(first, err)
				return
			}
		}
	}
	if len(feeds) == 1 {
		each(feeds[runs[0][0].Feed])
	} else {
		var wg sync.WaitGroup
		slots := make(chan struct{}, writesAtOnce)
		for _, of := range feeds {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				each(of)
			})
		}
		wg.Wait()
	}
	if first != nil {
		return nil, fmt.Errorf("append: %w", first)
	}
	return results, nil
}

// writing is one Append.
type writing struct {
	e      *Engine
	tenant engine.Tenant
	space  wire.SpaceID
	place  place
}

// run stores one run and gives the feed's head.
func (w writing) run(ctx context.Context, run engine.Run) (head, error) {
	e, k := w.e, feedKey{w.space, run[0].Feed}
	unlock, err := e.feeds.lock(ctx, k)
	if err != nil {
		return head{}, e.over(ctx)
	}
	defer unlock()
	h, ok := e.known.get(k)
	if !ok {
		if h, err = e.head(ctx, w.place, k.feed); err != nil {
			return head{}, err
		}
	}
	asked := false // the leader
	wait := 5 * time.Millisecond
	for {
		fresh, err := w.fresh(ctx, h, run)
		switch {
		case errors.Is(err, engine.ErrGap) && !asked:
			// Another process may have stored what lies between.
		case err != nil || len(fresh) == 0:
			return h, err
		default:
			h, err = w.pieces(ctx, h, fresh)
			if err == nil {
				return h, nil
			}
			e.known.drop(k)
			if !errors.Is(err, errChanged) && !errors.Is(err, engine.ErrUnavailable) || e.over(ctx) != nil {
				return head{}, outcome(err)
			}
			if errors.Is(err, engine.ErrUnavailable) || asked {
				if e.pause(ctx, jitter(wait)) != nil {
					return head{}, outcome(err)
				}
				wait = min(2*wait, 250*time.Millisecond)
			}
		}
		if h, err = e.leaderHead(ctx, w.place, k.feed); err != nil {
			return head{}, err
		}
		asked = true
		e.known.put(k, h)
	}
}

// outcome: nobody outside knows of errChanged; it means that others keep writing.
func outcome(err error) error {
	if errors.Is(err, errChanged) {
		return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
	}
	return err
}

// fresh gives the part of a run that is not stored. Errors: ErrGap, ErrForked.
func (w writing) fresh(ctx context.Context, h head, run engine.Run) (engine.Run, error) {
	first, last := run[0], run[len(run)-1]
	switch {
	case first.Seq > h.seq+1:
		return nil, engine.ErrGap
	case first.Seq == h.seq+1:
		if h.seq > 0 && !h.id.IsZero() && first.Prev != h.id {
			return nil, engine.ErrForked
		}
		return run, nil
	case last.Seq < h.seq:
		return nil, w.compare(ctx, last, h)
	}
	// The run reaches the head; its hashes carry the comparison to what is before.
	if same := run[h.seq-first.Seq]; !h.id.IsZero() && same.ID != h.id {
		return nil, engine.ErrForked
	}
	return run[h.seq-first.Seq+1:], nil
}

// pieces stores a run after a head, and gives the new one.
func (w writing) pieces(ctx context.Context, h head, run engine.Run) (head, error) {
	subject := w.place.events + feedName(run[0].Feed)
	for len(run) > 0 {
		n := cut(run)
		data := encodePiece(w.tenant, run[:n])
		seq, err := w.e.publish(ctx, subject, int64(h.stream), data)
		if err != nil {
			return h, err
		}
		last := run[n-1]
		h = head{seq: last.Seq, id: last.ID, stream: seq}
		w.e.stored(w.space, last.Feed, h)
		w.e.counted.add(w.tenant, engine.Usage{Bytes: int64(len(data)), Envelopes: int64(n)})
		run = run[n:]
	}
	return h, nil
}

// stored notes what was acknowledged.
func (e *Engine) stored(space wire.SpaceID, feed envelope.Feed, h head) {
	e.known.put(feedKey{space, feed}, h)
	e.ends.change(space, func(old uint64) uint64 { return max(old, h.stream) })
	raise(&e.acked[shardNumber(space)], h.stream)
	e.wrote(space, feed, h)
}
