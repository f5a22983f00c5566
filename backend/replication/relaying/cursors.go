package relaying

import (
	"context"
	"slices"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

func (t *turn) loadCursor(ctx context.Context) {
	t.p.mu.Lock()
	have, store := t.pl.cursor != nil || !t.pl.reread.IsZero(), t.p.store
	t.p.mu.Unlock()
	if have {
		return
	}
	var raw []byte
	err := t.p.e.DB.Read().QueryRowContext(ctx, `SELECT cursor FROM relaying_cursor WHERE relay = ? AND space = ? AND store = ?`,
		t.p.id[:], t.id[:], store[:]).Scan(&raw)
	if err == nil && len(raw) <= protocol.MaxCursor {
		t.p.mu.Lock()
		t.pl.cursor, t.pl.saved = raw, true
		t.p.mu.Unlock()
	}
}

// saveCursors writes the cursors that moved. One that is lost costs reading again.
func (p *Post) saveCursors(ctx context.Context) {
	type row struct {
		id     wire.SpaceID
		cursor protocol.Cursor
		pl     *place
	}
	var rows []row
	p.mu.Lock()
	holder := p.store
	for id, pl := range p.places {
		if !pl.saved && pl.cursor != nil {
			rows = append(rows, row{id, slices.Clone(pl.cursor), pl})
			pl.saved = true
		}
	}
	p.mu.Unlock()
	if len(rows) == 0 {
		return
	}
	err := p.e.DB.Write(ctx, func(tx *store.Tx) error {
		for _, r := range rows {
			if _, err := tx.Exec(`INSERT INTO relaying_cursor VALUES(?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET store = excluded.store, cursor = excluded.cursor`, p.id[:], r.id[:], holder[:], []byte(r.cursor)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && p.ctx.Err() == nil {
		p.e.Slog.Warn("keep the place at the relay", "err", err)
	}
}
func (p *Post) loadStore() (id protocol.StoreID) {
	var raw []byte
	err := p.e.DB.Read().QueryRowContext(p.ctx, `SELECT store FROM relaying_store WHERE relay = ?`, p.id[:]).Scan(&raw)
	if err == nil && len(raw) == len(id) {
		copy(id[:], raw)
	}
	return id
}

func (p *Post) keepStore() {
	id := p.lastStore()
	err := p.e.DB.Write(p.ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO relaying_store VALUES(?, ?) ON CONFLICT DO UPDATE SET store = excluded.store`, p.id[:], id[:])
		return err
	})
	if err != nil && p.ctx.Err() == nil {
		p.e.Slog.Warn("note the relay's store", "err", err)
	}
}
