package nats

import (
	"context"
	"errors"
	"fmt"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	// readBytes is when a replica stops adding to an answer; a piece may lie across.
	readBytes = protocol.MaxPageBytes
	// readPieces bounds the pieces of an answer.
	readPieces = 1024
	// askLeaderAfter is how often a replica may be behind.
	askLeaderAfter = 3
)

// Read gives a page.
func (e *Engine) Read(ctx context.Context, space wire.SpaceID, after protocol.Cursor, limit int) (engine.Page, error) {
	p, err := e.position(after)
	if err != nil {
		return engine.Page{}, err
	}
	atLeast, _ := e.ends.get(space)
	page, _, err := e.page(ctx, space, p, limit, atLeast)
	return page, err
}

// page reads after a position. It does not end before what stands at atLeast.
func (e *Engine) page(ctx context.Context, space wire.SpaceID, from position, limit int, atLeast uint64) (engine.Page, position, error) {
	if limit <= 0 || limit > protocol.MaxPage {
		limit = protocol.MaxPage
	}
	w := placeOf(space)
	request := getRequest{NextFor: w.events + ">", Seq: from.next(), Batch: min(limit, readPieces), MaxBytes: readBytes}
	var b batch
	behind := 0
	err := e.patiently(ctx, func(ctx context.Context) (err error) {
		if b, err = e.read(ctx, w.stream, request); err != nil || b.pending > 0 {
			return err
		}
		last := from.stream
		if n := len(b.messages); n > 0 {
			last = b.messages[n-1].seq
		}
		if last >= atLeast {
			return nil
		}
		if behind++; behind < askLeaderAfter {
			return fmt.Errorf("replica is behind: %w", engine.ErrUnavailable)
		}
		_, err = e.leaderNext(ctx, w.stream, w.events+">", last+1)
		if errors.Is(err, engine.ErrNotFound) { // it was swept
			e.ends.change(space, func(old uint64) uint64 {
				if old <= atLeast {
					return last
				}
				return old
			})
			return nil
		}
		if err == nil {
			err = fmt.Errorf("replica is behind: %w", engine.ErrUnavailable)
		}
		return err
	})
	if err != nil {
		return engine.Page{}, from, fmt.Errorf("read space: %w", err)
	}
	return e.fill(b, from, limit)
}

// fill makes a page of pieces: as many envelopes and bytes as a page may have.
func (e *Engine) fill(b batch, from position, limit int) (engine.Page, position, error) {
	page, at, size := engine.Page{More: b.pending > 0}, from, 0
	for _, m := range b.messages {
		_, raws, err := decodePiece(m.data)
		if err != nil {
			return engine.Page{}, from, fmt.Errorf("read space: %w", err)
		}
		skip := 0
		if m.seq == from.stream && from.given != wholePiece {
			skip = int(from.given)
		}
		for i := skip; i < len(raws); i++ {
			if size += len(raws[i]); len(page.Items) == limit || len(page.Items) > 0 && size > protocol.MaxPageBytes {
				page.More, page.Next = true, e.cursor(at)
				return page, at, nil
			}
			at = position{stream: m.seq, given: uint16(i + 1)}
			if i == len(raws)-1 {
				at.given = wholePiece
			}
			page.Items = append(page.Items, engine.Item{Raw: raws[i], Cursor: e.cursor(at)})
		}
	}
	page.Next = e.cursor(at)
	return page, at, nil
}

// End asks the leader, unless this process knows of something later.
func (e *Engine) End(ctx context.Context, space wire.SpaceID) (protocol.Cursor, error) {
	end, err := e.end(ctx, space)
	if err != nil {
		return nil, err
	}
	return e.cursor(position{stream: end, given: wholePiece}), nil
}

func (e *Engine) end(ctx context.Context, space wire.SpaceID) (uint64, error) {
	w := placeOf(space)
	known, _ := e.ends.get(space)
	var m message
	err := e.patiently(ctx, func(ctx context.Context) (err error) {
		m, err = e.leaderLast(ctx, w.stream, w.events+">")
		if errors.Is(err, engine.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find end: %w", err)
	}
	return max(known, m.seq), nil
}
