package move

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// chunkPage is how many chunks are asked for at a time.
const chunkPage = 1000

// space moves what a space has that the target lacks. What it had before the
// call is at the target after it, or a problem is noted.
func (m *mover) space(ctx context.Context, id wire.SpaceID) error {
	tenant, err := m.grants(ctx, id)
	if err != nil {
		return fmt.Errorf("move grants: %w", err)
	}
	if err := m.met(ctx, tenant); err != nil {
		return err
	}
	heads, err := m.from.Heads(ctx, id)
	if err != nil {
		return err
	}
	missing, there, err := m.missing(ctx, id, heads)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		whole, err := m.envelopes(ctx, tenant, id, there)
		if err != nil {
			return fmt.Errorf("move envelopes: %w", err)
		}
		if whole {
			if err := m.settle(ctx, tenant, id, heads); err != nil {
				return fmt.Errorf("check heads: %w", err)
			}
		}
	}
	if err := m.chunks(ctx, tenant, id); err != nil {
		return fmt.Errorf("move chunks: %w", err)
	}
	return nil
}

// grants moves a list, and tells whose space it is. The target may have more
// already: devices that found it first.
func (m *mover) grants(ctx context.Context, id wire.SpaceID) (engine.Tenant, error) {
	source, tenant, err := m.from.Grants(ctx, id, 0)
	if err != nil {
		return tenant, err
	}
	target, _, err := m.to.Grants(ctx, id, 0)
	if err != nil {
		return tenant, err
	}
	for i, signed := range source {
		if i < len(target) {
			if target[i].Hash() != signed.Hash() {
				m.problem(id, "the target has another grant %d", i+1)
				return tenant, nil
			}
			continue
		}
		g, err := signed.Open()
		if err != nil {
			return tenant, err
		}
		switch err := m.to.AppendGrant(ctx, tenant, id, g.Version, signed, g.Set); {
		case errors.Is(err, engine.ErrConflict): // a device was faster: the second pass compares
			m.problem(id, "grant %d came to the target meanwhile", i+1)
			return tenant, nil
		case err != nil:
			return tenant, err
		}
		m.did(func(p *Progress) { p.Grants++ })
	}
	return tenant, nil
}

// missing lists the heads that the target has not reached, and what it has.
func (m *mover) missing(ctx context.Context, id wire.SpaceID, heads []protocol.Head) (out []protocol.Head, there map[envelope.Feed]uint64, err error) {
	list, err := m.to.Heads(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	there = make(map[envelope.Feed]uint64, len(list))
	for _, h := range list {
		there[h.Feed()] = h.Seq
	}
	for _, h := range heads {
		if there[h.Feed()] < h.Seq {
			out = append(out, h)
		}
	}
	return out, there, nil
}

// envelopes moves page after page from the mark to the end. It tells whether it
// got there, or a problem stands in the way. there are the feeds that the target knows.
func (m *mover) envelopes(ctx context.Context, tenant engine.Tenant, id wire.SpaceID, there map[envelope.Feed]uint64) (whole bool, err error) {
	mark := m.markOf("space", id[:])
	after, err := m.to.Record(ctx, Marks, mark)
	if err != nil && !errors.Is(err, engine.ErrNotFound) {
		return false, err
	}
	refused := false
	for {
		page, err := m.from.Read(ctx, id, after, 0)
		if errors.Is(err, engine.ErrCursor) && len(after) > 0 {
			after = nil // the source was put back from a backup: from the start, what is there is skipped
			continue
		}
		if err != nil {
			return false, err
		}
		if len(page.Items) > 0 {
			forked, err := m.page(ctx, tenant, id, page.Items, there)
			if errors.Is(err, engine.ErrGap) {
				m.problem(id, "%w", err)
				return false, nil
			}
			if err != nil {
				return false, err
			}
			if refused = refused || forked; !refused { // the next run meets it again, and says so again
				if err := m.to.SetRecord(ctx, Marks, mark, page.Next); err != nil {
					return false, err
				}
			}
		}
		if !page.More {
			return true, nil
		}
		after = page.Next
	}
}

// page appends a page in its order. It tells whether the target has another fork
// of one of the feeds. Errors: engine.ErrGap when a feed cannot go on at the target.
func (m *mover) page(ctx context.Context, tenant engine.Tenant, id wire.SpaceID, items []engine.Item, there map[envelope.Feed]uint64) (forked bool, err error) {
	runs, size, err := runsOf(items)
	if err != nil {
		return false, err
	}
	// Beginnings first, so that the page is stored in one go and in its order.
	if heads := beginnings(runs, there); len(heads) > 0 {
		if err := m.begin(ctx, tenant, id, heads); err != nil {
			return false, err
		}
	}
	results, err := m.to.Append(ctx, tenant, id, runs)
	if err != nil {
		return false, err
	}
	for i, r := range results {
		switch author := runs[i][0].Feed.Device.Short(); {
		case errors.Is(r.Err, engine.ErrForked):
			forked = true
			m.problem(id, "the target has another feed of %s: %w", author, r.Err)
		case errors.Is(r.Err, engine.ErrGap):
			return false, fmt.Errorf("the feed of %s was swept from %d to %d before it was moved: %w", author, r.Head.Seq+1, runs[i][0].Seq-1, r.Err)
		case r.Err != nil:
			return false, r.Err
		}
	}
	m.did(func(p *Progress) { p.Envelopes, p.Bytes = p.Envelopes+int64(len(items)), p.Bytes+size })
	return forked, nil
}

// runsOf splits a page where the feed changes: the target stores them in the same order.
func runsOf(items []engine.Item) (runs []engine.Run, size int64, err error) {
	for _, item := range items {
		e, err := envelope.Decode(item.Raw)
		if err != nil {
			return nil, 0, err
		}
		size += int64(len(item.Raw))
		if n := len(runs); n > 0 && runs[n-1][0].Feed == e.Feed {
			runs[n-1] = append(runs[n-1], e)
		} else {
			runs = append(runs, engine.Run{e})
		}
	}
	return runs, size, nil
}

// beginnings lists feeds that the target does not know and the source has swept
// in part, with the sequence after which they begin.
func beginnings(runs []engine.Run, there map[envelope.Feed]uint64) (heads []protocol.Head) {
	for _, run := range runs {
		if _, known := there[run[0].Feed]; known {
			continue
		}
		before := run[0].Seq - 1
		if there[run[0].Feed] = before; before > 0 {
			heads = append(heads, protocol.HeadOf(run[0].Feed, before))
		}
	}
	return heads
}

// begin has feeds begin in the middle, when the target is able to: if not, a
// problem shows right after.
func (m *mover) begin(ctx context.Context, tenant engine.Tenant, id wire.SpaceID, heads []protocol.Head) error {
	if beginner, ok := m.to.(engine.Beginner); ok {
		return beginner.Begin(ctx, tenant, id, heads)
	}
	return nil
}

// settle compares heads, once everything was read. A feed that the target does
// not know then was swept whole at the source: only its head is left to move.
func (m *mover) settle(ctx context.Context, tenant engine.Tenant, id wire.SpaceID, heads []protocol.Head) error {
	missing, _, err := m.missing(ctx, id, heads)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := m.begin(ctx, tenant, id, missing); err != nil {
		return err
	}
	if missing, _, err = m.missing(ctx, id, missing); err != nil {
		return err
	}
	if n := len(missing); n > 0 {
		m.problem(id, "%d feeds are behind at the target, the first that of %s", n, missing[0].Device.Short())
	}
	return nil
}

// chunks moves the chunks that the target lacks.
func (m *mover) chunks(ctx context.Context, tenant engine.Tenant, id wire.SpaceID) error {
	var after [32]byte
	for {
		hashes, err := m.from.ChunkHashes(ctx, id, after, chunkPage)
		if err != nil || len(hashes) == 0 {
			return err
		}
		after = hashes[len(hashes)-1]
		has, err := m.to.HasChunks(ctx, id, hashes)
		if err != nil {
			return err
		}
		for i, hash := range hashes {
			if has[i] {
				continue
			}
			if err := m.chunk(ctx, tenant, id, hash); err != nil {
				return err
			}
		}
	}
}

func (m *mover) chunk(ctx context.Context, tenant engine.Tenant, id wire.SpaceID, hash [32]byte) error {
	bytes, err := m.from.GetChunk(ctx, id, hash)
	if errors.Is(err, engine.ErrNotFound) {
		return nil // swept meanwhile; one that was lost shows in the counts
	}
	if err != nil {
		return err
	}
	if err := m.to.PutChunk(ctx, tenant, id, hash, bytes); err != nil {
		return err
	}
	m.did(func(p *Progress) { p.Chunks, p.Bytes = p.Chunks+1, p.Bytes+int64(len(bytes)) })
	return nil
}
