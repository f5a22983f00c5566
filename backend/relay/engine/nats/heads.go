package nats

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

func raise(a *atomic.Uint64, to uint64) {
	for old := a.Load(); old < to && !a.CompareAndSwap(old, to); old = a.Load() {
	}
}

// head reads a feed's head from any replica. It may be behind: what it says was
// true once, and the compare-and-set notices.
func (e *Engine) head(ctx context.Context, p place, feed envelope.Feed) (head, error) {
	name := feedName(feed)
	var b batch
	err := e.patiently(ctx, func(ctx context.Context) (err error) {
		b, err = e.read(ctx, p.stream, getRequest{MultiLast: []string{p.events + name, p.heads + name}})
		return err
	})
	if err != nil {
		return head{}, fmt.Errorf("read head: %w", err)
	}
	var h head
	for _, m := range b.messages {
		if h, err = mergeHead(h, m, p, feed); err != nil {
			return head{}, err
		}
	}
	return h, nil
}

// leaderHead reads it from the stream's leader. Sweep writes what it leaves of a
// feed before it empties it, so asking in this order finds one of both.
func (e *Engine) leaderHead(ctx context.Context, p place, feed envelope.Feed) (h head, err error) {
	name := feedName(feed)
	err = e.patiently(ctx, func(ctx context.Context) error {
		h = head{}
		for _, subject := range []string{p.events + name, p.heads + name} {
			m, err := e.leaderLast(ctx, p.stream, subject)
			if errors.Is(err, engine.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			h, err = mergeHead(h, m, p, feed)
			return err
		}
		return nil
	})
	if err != nil {
		return head{}, fmt.Errorf("read head: %w", err)
	}
	return h, nil
}

// mergeHead takes a message of a feed, a piece or a swept head, into a head.
func mergeHead(h head, m message, p place, want envelope.Feed) (head, error) {
	feed, other, err := headOf(m, p)
	if err != nil {
		return head{}, fmt.Errorf("head of %s: %w", m.subject, err)
	}
	if feed != want {
		return head{}, fmt.Errorf("head of %s is of another feed: %w", m.subject, errStored)
	}
	return h.merge(other), nil
}

// merge keeps the further head, and the sequence of the last piece.
func (h head) merge(o head) head {
	if o.seq < h.seq {
		h, o = o, h
	}
	o.stream = max(o.stream, h.stream)
	return o
}

func headOf(m message, p place) (envelope.Feed, head, error) {
	if len(m.subject) > len(p.heads) && m.subject[:len(p.heads)] == p.heads {
		return decodeHead(m.data)
	}
	return pieceHead(m.data, m.seq)
}

// compare finds a stored envelope of the same sequence as one below the head. What
// was swept cannot be compared. It halves the stream: the sequence of a feed
// grows with that of the stream.
func (w writing) compare(ctx context.Context, e envelope.Envelope, h head) error {
	subject := w.place.events + feedName(e.Feed)
	low, high := uint64(1), h.stream
	for low < high+1 && high > 0 {
		middle := low + (high-low)/2
		m, err := w.next(ctx, subject, middle)
		if err != nil {
			return err
		}
		if m == nil {
			return nil // swept meanwhile
		}
		_, raws, err := decodePiece(m.data)
		if err != nil {
			return err
		}
		first, err := envelope.Decode(raws[0])
		if err != nil {
			return fmt.Errorf("%w: %w", errStored, err)
		}
		switch {
		case e.Seq < first.Seq:
			high = middle - 1
		case e.Seq >= first.Seq+uint64(len(raws)):
			low = m.seq + 1
		default:
			stored, err := envelope.Decode(raws[e.Seq-first.Seq])
			if err != nil {
				return fmt.Errorf("%w: %w", errStored, err)
			}
			if stored.ID != e.ID {
				return engine.ErrForked
			}
			return nil
		}
	}
	return nil
}

// next reads the first piece of a feed at or after a sequence, nil for none.
func (w writing) next(ctx context.Context, subject string, seq uint64) (*message, error) {
	var b batch
	err := w.e.patiently(ctx, func(ctx context.Context) (err error) {
		b, err = w.e.read(ctx, w.place.stream, getRequest{NextFor: subject, Seq: seq, Batch: 1})
		return err
	})
	if err != nil || len(b.messages) == 0 {
		return nil, err
	}
	return &b.messages[0], nil
}

// Heads lists how far the feeds of a space are stored. Those of a followed space
// are remembered and kept level.
func (e *Engine) Heads(ctx context.Context, space wire.SpaceID) ([]protocol.Head, error) {
	if err := e.over(ctx); err != nil {
		return nil, err
	}
	if heads, ok := e.follows.heads(space); ok {
		return heads, nil
	}
	p := placeOf(space)
	messages, upTo, err := e.lastOf(ctx, p.stream, p.always, e.acked[shardNumber(space)].Load(), p.events, p.heads)
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	all := make(map[envelope.Feed]uint64, len(messages))
	for _, m := range messages {
		feed, h, err := headOf(m, p)
		if err != nil {
			return nil, fmt.Errorf("head of %s: %w", m.subject, err)
		}
		all[feed] = max(all[feed], h.seq)
	}
	e.follows.remember(space, all, upTo)
	out := make([]protocol.Head, 0, len(all))
	for feed, seq := range all {
		out = append(out, protocol.HeadOf(feed, seq))
	}
	return out, nil
}

// Begin writes heads of feeds that are not known, as Sweep leaves them.
func (e *Engine) Begin(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, heads []protocol.Head) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := e.own(ctx, tenant, space); err != nil {
		return fmt.Errorf("begin feeds: %w", err)
	}
	p := placeOf(space)
	for _, begin := range heads {
		feed := begin.Feed()
		h, err := e.leaderHead(ctx, p, feed)
		if err == nil && h.seq == 0 && begin.Seq > 0 {
			err = e.writeHead(ctx, p, feed, head{seq: begin.Seq}, 0)
		}
		if err != nil && !errors.Is(err, errChanged) {
			return fmt.Errorf("begin feeds: %w", err)
		}
		e.known.drop(feedKey{space, feed})
	}
	return nil
}
