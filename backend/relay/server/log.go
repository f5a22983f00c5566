package server

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// feedKey is where an envelope names its feed: lane, and device with start.
type feedKey [41]byte

// split puts the envelopes of a Publish together by feed, each feed in the order given.
func split(raws [][]byte) (runs [][][]byte, err error) {
	at := map[feedKey]int{}
	for _, raw := range raws {
		if len(raw) < envelope.Overhead {
			return nil, wire.ErrMalformed
		}
		var k feedKey
		k[0] = raw[1]
		copy(k[1:], raw[34:74])
		i, known := at[k]
		if !known {
			i = len(runs)
			at[k] = i
			runs = append(runs, nil)
		}
		runs[i] = append(runs[i], raw)
	}
	return runs, nil
}

// publish verifies runs, and answers when they are on disk.
func (c *conn) publish(ctx context.Context, p protocol.Publish) (*protocol.Stored, error) {
	size := 0
	for _, raw := range p.Raws {
		size += len(raw)
	}
	switch {
	case len(p.Raws) == 0:
		return nil, wire.ErrMalformed
	case len(p.Raws) > protocol.MaxPublish || size > protocol.MaxPublishBytes && len(p.Raws) > 1:
		return nil, failed(protocol.CodeTooLarge)
	}
	r, err := c.use(ctx, p.Space)
	if err != nil {
		return nil, err
	}
	if c.tenant.full(int64(size)) {
		return nil, failed(protocol.CodeQuota)
	}
	parts, err := split(p.Raws)
	if err != nil {
		return nil, err
	}
	out := &protocol.Stored{}
	var runs []engine.Run
	for _, part := range parts {
		run, refusal := verified(r, p.Space, part)
		if refusal != nil {
			out.Refused = append(out.Refused, *refusal)
			continue
		}
		runs = append(runs, run)
	}
	if len(runs) == 0 {
		return out, nil
	}
	started := c.s.clock.Now()
	results, err := c.s.engine.Append(ctx, c.tenant.id, p.Space, runs)
	if err != nil {
		return nil, err
	}
	c.s.meter.appended(len(p.Raws), size, c.s.clock.Now().Sub(started))
	c.tenant.used.Add(int64(size))
	for _, one := range results {
		switch {
		case one.Err == nil:
			out.Heads = append(out.Heads, one.Head)
		case errors.Is(one.Err, engine.ErrGap):
			out.Refused = append(out.Refused, protocol.Refusal{Head: one.Head, Code: protocol.CodeGap})
		case errors.Is(one.Err, engine.ErrForked):
			out.Refused = append(out.Refused, protocol.Refusal{Head: one.Head, Code: protocol.CodeForked})
		default:
			return nil, one.Err
		}
	}
	return out, nil
}

// verified reads one feed's run: its device is or was on the list, its hashes
// chain, its last signature holds.
func verified(r *roll, space wire.SpaceID, raws [][]byte) (engine.Run, *protocol.Refusal) {
	run, err := envelope.DecodeRun(raws)
	first, broken := envelope.Decode(raws[0])
	head := protocol.HeadOf(first.Feed, 0)
	if err != nil || broken != nil || first.Space != space {
		code := protocol.CodeSignature
		if !errors.Is(err, envelope.ErrChain) && !errors.Is(err, key.ErrSignature) {
			code = protocol.CodeMalformed
		}
		return nil, &protocol.Refusal{Head: head, Code: code}
	}
	if _, listed := r.rights(first.Feed.Device); !listed {
		return nil, &protocol.Refusal{Head: head, Code: protocol.CodeForbidden}
	}
	return run, nil
}

// readPage answers with what stands after a cursor. held is what the page holds of the budget.
func (c *conn) readPage(ctx context.Context, q protocol.Read) (page *protocol.Page, held int64, err error) {
	if len(q.After) > protocol.MaxCursor {
		return nil, 0, failed(protocol.CodeCursor)
	}
	last, err := c.mayRead(ctx, q.Space)
	if err != nil {
		return nil, 0, err
	}
	const most = protocol.MaxPageBytes + wire.MaxEnvelope
	if err := c.hold(ctx, most); err != nil {
		return nil, 0, err
	}
	limit := int(q.Limit)
	if limit == 0 || limit > protocol.MaxPage {
		limit = protocol.MaxPage
	}
	var found engine.Page
	if last != nil {
		found, err = c.readLast(ctx, q, limit, last)
	} else if found, err = c.s.engine.Read(ctx, q.Space, q.After, limit); err == nil {
		_, err = c.use(ctx, q.Space) // it may have been taken off the list meanwhile
	}
	if err != nil {
		return nil, most, err
	}
	page = &protocol.Page{Next: found.Next, More: found.More, Raws: make([][]byte, len(found.Items))}
	size := 0
	for i, one := range found.Items {
		page.Raws[i] = one.Raw
		size += len(one.Raw)
	}
	c.s.meter.read.Add(len(page.Raws))
	held = min(int64(size), most)
	c.s.budget.release(most - held)
	return page, held, nil
}

// heads answers how far the feeds of a space are stored.
func (c *conn) heads(ctx context.Context, q protocol.Heads) (*protocol.HeadList, error) {
	if _, err := c.use(ctx, q.Space); err != nil {
		return nil, err
	}
	all, err := c.s.engine.Heads(ctx, q.Space)
	if err != nil {
		return nil, err
	}
	var sum envelope.Sum
	for _, h := range all {
		_, one := envelope.FrontierSum(h.Feed(), h.Seq)
		sum.Add(one)
	}
	if sum == q.Sum {
		return &protocol.HeadList{Same: true}, nil
	}
	slices.SortFunc(all, func(a, b protocol.Head) int {
		if n := bytes.Compare(a.Device[:], b.Device[:]); n != 0 {
			return n
		}
		if a.Start != b.Start {
			return int(min(max(int64(a.Start)-int64(b.Start), -1), 1))
		}
		return int(a.Lane) - int(b.Lane)
	})
	out := &protocol.HeadList{}
	out.Heads, out.More = pageOf(all, q.Page, protocol.MaxHeads)
	return out, nil
}

func (c *conn) hasChunks(ctx context.Context, q protocol.Has) (*protocol.Flags, error) {
	if len(q.Hashes) > protocol.MaxHashes {
		return nil, failed(protocol.CodeTooLarge)
	}
	if _, err := c.use(ctx, q.Space); err != nil {
		return nil, err
	}
	flags, err := c.s.engine.HasChunks(ctx, q.Space, q.Hashes)
	if err != nil {
		return nil, err
	}
	return &protocol.Flags{Flags: flags}, nil
}

func (c *conn) putChunk(ctx context.Context, p protocol.Put) (*protocol.Done, error) {
	if len(p.Bytes) > protocol.MaxChunk {
		return nil, failed(protocol.CodeTooLarge)
	}
	if len(p.Bytes) == 0 || key.Digest(p.Bytes) != p.Hash {
		return nil, failed(protocol.CodeSignature)
	}
	if _, err := c.use(ctx, p.Space); err != nil {
		return nil, err
	}
	if c.tenant.full(int64(len(p.Bytes))) {
		return nil, failed(protocol.CodeQuota)
	}
	if err := c.s.engine.PutChunk(ctx, c.tenant.id, p.Space, p.Hash, p.Bytes); err != nil {
		return nil, err
	}
	c.s.meter.chunks.Inc()
	c.tenant.used.Add(int64(len(p.Bytes)))
	return &protocol.Done{}, nil
}

func (c *conn) getChunk(ctx context.Context, q protocol.Get) (chunk *protocol.Chunk, held int64, err error) {
	if _, err := c.use(ctx, q.Space); err != nil {
		return nil, 0, err
	}
	if err := c.hold(ctx, protocol.MaxChunk); err != nil {
		return nil, 0, err
	}
	bytes, err := c.s.engine.GetChunk(ctx, q.Space, q.Hash)
	if err == nil {
		_, err = c.use(ctx, q.Space)
	}
	if err != nil {
		return nil, protocol.MaxChunk, err
	}
	return &protocol.Chunk{Bytes: bytes}, protocol.MaxChunk, nil
}
