package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

const (
	// sweepPieces is how many pieces are looked at before they are purged.
	sweepPieces = 2048
	// sweepRest is left to others between two steps.
	sweepRest = 5 * time.Millisecond
)

// Sweep goes through a tenant's spaces. Of envelopes it reads what it is about
// to remove: what they were, for the usage, and how far the feeds had come, which
// is written down before. Chunks tell their size in their subjects.
func (e *Engine) Sweep(ctx context.Context, tenant engine.Tenant, before time.Time) (gone engine.Usage, err error) {
	if err := e.over(ctx); err != nil {
		return gone, err
	}
	subjects, err := e.subjects(ctx, streamTable, tenantPrefix(tenant)+"*")
	if err != nil {
		return gone, fmt.Errorf("sweep: %w", err)
	}
	bounds := map[string]uint64{}
	for _, s := range subjects {
		space, ok := ownedSpace(s)
		if !ok {
			return gone, fmt.Errorf("sweep %s: %w", s, errStored)
		}
		u, err := e.sweepEnvelopes(ctx, tenant, space, before)
		gone = plus(gone, u)
		if err == nil {
			u, err = e.sweepChunks(ctx, tenant, space, before, bounds)
			gone = plus(gone, u)
		}
		if err != nil {
			return gone, fmt.Errorf("sweep: %w", err)
		}
	}
	return gone, nil
}

func (e *Engine) sweepEnvelopes(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, before time.Time) (gone engine.Usage, err error) {
	for {
		old, err := e.oldPieces(ctx, space, before)
		if err != nil || old.pieces == 0 {
			return gone, err
		}
		p := placeOf(space)
		for feed, h := range old.heads {
			if err := e.leaveHead(ctx, p, feed, h); err != nil {
				return gone, err
			}
		}
		n, err := e.purge(ctx, p.stream, p.events+">", old.last+1)
		if err != nil {
			return gone, err
		}
		// Another relay may have purged the same: what it has, it has counted.
		u := old.usage
		if n < old.pieces {
			u = engine.Usage{Bytes: u.Bytes * n / old.pieces, Envelopes: u.Envelopes * n / old.pieces}
		}
		e.counted.add(tenant, engine.Usage{Bytes: -u.Bytes, Envelopes: -u.Envelopes})
		gone = plus(gone, u)
		if err := e.pause(ctx, sweepRest); err != nil {
			return gone, err
		}
	}
}

// pieces older than a moment, from a space's beginning.
type oldPieces struct {
	pieces int64
	last   uint64
	usage  engine.Usage
	heads  map[envelope.Feed]head
}

func (e *Engine) oldPieces(ctx context.Context, space wire.SpaceID, before time.Time) (old oldPieces, err error) {
	p := placeOf(space)
	old.heads = map[envelope.Feed]head{}
	request := getRequest{NextFor: p.events + ">", Seq: 1, Batch: readPieces, MaxBytes: readBytes}
	for old.pieces < sweepPieces {
		var b batch
		err := e.patiently(ctx, func(ctx context.Context) (err error) {
			b, err = e.read(ctx, p.stream, request)
			return err
		})
		if err != nil {
			return old, err
		}
		for _, m := range b.messages {
			if !m.at.Before(before) {
				return old, nil
			}
			feed, h, err := pieceHead(m.data, 0)
			if err != nil {
				return old, err
			}
			_, raws, err := decodePiece(m.data)
			if err != nil {
				return old, err
			}
			old.heads[feed] = old.heads[feed].merge(h)
			old.pieces, old.last = old.pieces+1, m.seq
			old.usage = plus(old.usage, engine.Usage{Bytes: int64(len(m.data)), Envelopes: int64(len(raws))})
			request.Seq = m.seq + 1
		}
		if b.pending == 0 || len(b.messages) == 0 {
			return old, nil
		}
	}
	return old, nil
}

// leaveHead writes how far a feed had come, unless it is known to have come further.
func (e *Engine) leaveHead(ctx context.Context, p place, feed envelope.Feed, h head) error {
	subject := p.heads + feedName(feed)
	return e.patiently(ctx, func(ctx context.Context) error {
		var expected uint64
		m, err := e.leaderLast(ctx, p.stream, subject)
		switch {
		case err == nil:
			_, there, err := decodeHead(m.data)
			if err != nil {
				return err
			}
			if there.seq > h.seq || there.seq == h.seq && !there.id.IsZero() {
				return nil
			}
			expected = m.seq
		case !errors.Is(err, engine.ErrNotFound):
			return err
		}
		err = e.writeHead(ctx, p, feed, h, expected)
		if errors.Is(err, errChanged) {
			return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
		}
		return err
	})
}

// writeHead replaces what is written of a feed, in place of the message before.
func (e *Engine) writeHead(ctx context.Context, p place, feed envelope.Feed, h head, expected uint64) error {
	m := &natsgo.Msg{Subject: p.heads + feedName(feed), Data: encodeHead(feed, h), Header: natsgo.Header{
		"Nats-Expected-Last-Subject-Sequence": {strconv.FormatUint(expected, 10)},
		"Nats-Rollup":                         {"sub"},
	}}
	_, err := e.publishMessage(ctx, m)
	return err
}

// sweepChunks purges by the sequence that the stream had reached at the moment.
func (e *Engine) sweepChunks(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, before time.Time, bounds map[string]uint64) (gone engine.Usage, err error) {
	stream, prefix := chunkPlace(space)
	had, err := e.subjects(ctx, stream, prefix+">")
	if err != nil || len(had) == 0 {
		return gone, err
	}
	below, ok := bounds[stream]
	if !ok {
		if below, err = e.firstSince(ctx, stream, before); err != nil {
			return gone, err
		}
		bounds[stream] = below
	}
	n, err := e.purge(ctx, stream, prefix+">", below)
	if err != nil || n == 0 {
		return gone, err
	}
	has, err := e.subjects(ctx, stream, prefix+">")
	if err != nil {
		return gone, err
	}
	kept := chunkBytes(has)
	for s, size := range chunkBytes(had) {
		if _, ok := kept[s]; !ok {
			gone.Bytes += size
			gone.Chunks++
		}
	}
	e.counted.add(tenant, engine.Usage{Bytes: -gone.Bytes, Chunks: -gone.Chunks})
	return gone, nil
}

// firstSince gives the first sequence that a stream has or will have since a
// moment. It asks the leader: a replica that is behind would know of less.
func (e *Engine) firstSince(ctx context.Context, stream string, moment time.Time) (seq uint64, err error) {
	err = e.patiently(ctx, func(ctx context.Context) error {
		last, err := e.lastSeq(ctx, stream)
		if err != nil {
			return err
		}
		moment := moment.UTC()
		m, err := e.leaderGet(ctx, stream, getRequest{StartTime: &moment})
		if errors.Is(err, engine.ErrNotFound) {
			seq = last + 1
			return nil
		}
		seq = m.seq
		return err
	})
	return seq, err
}
