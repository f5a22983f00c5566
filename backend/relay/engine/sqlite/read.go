package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	tagSize    = 8
	cursorSize = tagSize + 8
)

// cursor of a position: the first bytes of the store's name, and the position.
func (e *Engine) cursor(position int64) protocol.Cursor {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, cursorSize), e.id[:tagSize]...), uint64(position))
}

// place reads a cursor. One that lies behind everything ever stored comes from
// before a backup was put back: going on from it would miss what is new.
func (e *Engine) place(c protocol.Cursor) (int64, error) {
	if len(c) == 0 {
		return 0, nil
	}
	if len(c) != cursorSize || !bytes.Equal(c[:tagSize], e.id[:tagSize]) {
		return 0, engine.ErrCursor
	}
	position := binary.BigEndian.Uint64(c[tagSize:])
	if position > uint64(e.assigned.Load()) {
		return 0, engine.ErrCursor
	}
	return int64(position), nil
}

// Read gives what stands after a cursor.
func (e *Engine) Read(ctx context.Context, space wire.SpaceID, after protocol.Cursor, limit int) (engine.Page, error) {
	const doing = "read envelopes"
	position, err := e.place(after)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return engine.Page{}, fmt.Errorf("%s: %w", doing, err)
	}
	if limit <= 0 || limit > protocol.MaxPage {
		limit = protocol.MaxPage
	}
	page := engine.Page{Next: e.cursor(position)}
	row, found, err := e.findSpace(ctx, space)
	if err == nil && found {
		page.Items, page.More, err = e.after(ctx, row.no, position, limit)
	}
	if err != nil {
		return engine.Page{}, e.failed(ctx, doing, err)
	}
	if n := len(page.Items); n > 0 {
		page.Next = page.Items[n-1].Cursor
	}
	return page, nil
}

// after reads a page.
func (e *Engine) after(ctx context.Context, space, position int64, limit int) (items []engine.Item, more bool, err error) {
	rows, err := e.db.Read().QueryContext(ctx, `SELECT pos, bytes FROM relay_envelope WHERE space = ? AND pos > ? ORDER BY pos LIMIT ?`, space, position, limit+1)
	if err != nil {
		return nil, false, fmt.Errorf("read page: %w", err)
	}
	defer rows.Close()
	size := 0
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&position, &raw); err != nil {
			return nil, false, fmt.Errorf("read page: %w", err)
		}
		size += len(raw)
		if len(items) == limit || len(items) > 0 && size > protocol.MaxPageBytes {
			return items, true, nil
		}
		items = append(items, engine.Item{Raw: raw, Cursor: e.cursor(position)})
	}
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("read page: %w", err)
	}
	return items, false, nil
}

// End is the cursor after the last envelope of a space.
func (e *Engine) End(ctx context.Context, space wire.SpaceID) (protocol.Cursor, error) {
	const doing = "find end"
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if end, known := e.heads.endOf(space); known {
		return e.cursor(end), nil
	}
	row, found, err := e.findSpace(ctx, space)
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	if !found {
		return e.cursor(0), nil
	}
	entry := e.heads.pin(space, row)
	defer e.heads.unpin(entry)
	var end int64
	err = e.db.Read().QueryRowContext(ctx, `SELECT coalesce(max(pos), 0) FROM relay_envelope WHERE space = ?`, row.no).Scan(&end)
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	return e.cursor(e.heads.ended(entry, end)), nil
}

// Heads lists how far each feed of a space is stored, in the order of feeds.
func (e *Engine) Heads(ctx context.Context, space wire.SpaceID) ([]protocol.Head, error) {
	const doing = "list heads"
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if list, complete := e.heads.list(space); complete {
		return list, nil
	}
	row, found, err := e.findSpace(ctx, space)
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	if !found {
		return nil, nil
	}
	entry := e.heads.pin(space, row)
	defer e.heads.unpin(entry)
	all, err := e.loadHeads(ctx, row.no)
	if err != nil {
		return nil, e.failed(ctx, doing, err)
	}
	return e.heads.completed(entry, all), nil
}

func (e *Engine) loadHeads(ctx context.Context, space int64) ([]head, error) {
	rows, err := e.db.Read().QueryContext(ctx, `SELECT f.id, f.device, f.start, f.lane,
		max(f.seq, coalesce((SELECT max(e.seq) FROM relay_envelope e WHERE e.feed = f.id), 0)) FROM relay_feed f WHERE f.space = ?`, space)
	if err != nil {
		return nil, fmt.Errorf("load heads: %w", err)
	}
	defer rows.Close()
	var all []head
	for rows.Next() {
		var h head
		var device []byte
		if err := rows.Scan(&h.no, &device, &h.feed.Start, &h.feed.Lane, &h.seq); err != nil {
			return nil, fmt.Errorf("load heads: %w", err)
		}
		if len(device) != len(h.feed.Device) {
			return nil, fmt.Errorf("load heads: device: %w", wire.ErrMalformed)
		}
		h.feed.Device = wire.DeviceID(device)
		all = append(all, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load heads: %w", err)
	}
	return all, nil
}

// Begin has feeds that are not known begin after a head.
func (e *Engine) Begin(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, heads []protocol.Head) error {
	return e.write(ctx, "begin feeds", func(tx *store.Tx) error {
		row, err := e.spaceFor(tx, tenant, space)
		if err != nil {
			return err
		}
		for _, h := range heads {
			if h.Seq == 0 || h.Seq >= 1<<62 || h.Start >= 1<<62 || h.Lane > uint8(envelope.Content) {
				return fmt.Errorf("head of %d: %w", h.Seq, wire.ErrMalformed)
			}
			_, err := tx.Exec(`INSERT INTO relay_feed(space, device, start, lane, seq) VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
				row.no, h.Device[:], int64(h.Start), int64(h.Lane), int64(h.Seq))
			if err != nil {
				return fmt.Errorf("insert feed: %w", err)
			}
		}
		// Memory may say that there is no such feed: to those who share this commit,
		// and to a reader who has loaded the space just before it.
		e.heads.forget(space)
		tx.OnCommit(func() { e.heads.forget(space) })
		tx.OnRollback(e.heads.clear)
		return nil
	})
}

// position of a cursor of our own.
func position(c protocol.Cursor) int64 { return int64(binary.BigEndian.Uint64(c[tagSize:])) }
