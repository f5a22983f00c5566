package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// spaceFor finds or makes a space's row. A space belongs to the tenant that named it first.
func (e *Engine) spaceFor(tx *store.Tx, tenant engine.Tenant, id wire.SpaceID) (spaceRow, error) {
	var row spaceRow
	err := tx.QueryRow(`SELECT id, tenant FROM relay_space WHERE space = ?`, id[:]).Scan(&row.no, &row.tenant)
	if !errors.Is(err, sql.ErrNoRows) {
		if err != nil {
			err = fmt.Errorf("find space: %w", err)
		}
		return row, err
	}
	tx.OnRollback(e.heads.clear) // others of the same commit may have met the row
	if _, err := tx.Exec(`INSERT INTO relay_tenant(tenant) VALUES(?) ON CONFLICT DO NOTHING`, tenant[:]); err != nil {
		return row, fmt.Errorf("insert tenant: %w", err)
	}
	err = tx.QueryRow(`INSERT INTO relay_space(space, tenant) SELECT ?, id FROM relay_tenant WHERE tenant = ? RETURNING id, tenant`, id[:], tenant[:]).
		Scan(&row.no, &row.tenant)
	if err != nil {
		return row, fmt.Errorf("insert space: %w", err)
	}
	return row, nil
}

// findSpace looks for a space from outside of a write.
func (e *Engine) findSpace(ctx context.Context, id wire.SpaceID) (row spaceRow, found bool, err error) {
	if row, found = e.heads.space(id); found {
		return row, true, nil
	}
	err = e.db.Read().QueryRowContext(ctx, `SELECT id, tenant FROM relay_space WHERE space = ?`, id[:]).Scan(&row.no, &row.tenant)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	if err != nil {
		return row, false, fmt.Errorf("find space: %w", err)
	}
	return row, true, nil
}

// loadFeed reads the end of a feed: its last envelope, or what was swept last.
func loadFeed(tx *store.Tx, space int64, feed envelope.Feed) (head, error) {
	h := head{feed: feed}
	err := tx.QueryRow(`SELECT id, max(seq, coalesce((SELECT max(e.seq) FROM relay_envelope e WHERE e.feed = f.id), 0))
		FROM relay_feed f WHERE space = ? AND device = ? AND start = ? AND lane = ?`, space, feed.Device[:], int64(feed.Start), int64(feed.Lane)).Scan(&h.no, &h.seq)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("load feed: %w", err)
	}
	return h, nil
}

// loadID reads the ID of an envelope that is stored, or was swept last.
func loadID(tx *store.Tx, feed int64, seq uint64) (id wire.EventID, found bool, err error) {
	var raw []byte
	err = tx.QueryRow(`SELECT bytes FROM relay_envelope WHERE feed = ? AND seq = ?`, feed, int64(seq)).Scan(&raw)
	if err == nil {
		return key.Digest(raw), true, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return id, false, fmt.Errorf("load envelope: %w", err)
	}
	err = tx.QueryRow(`SELECT head FROM relay_feed WHERE id = ? AND seq = ? AND head IS NOT NULL`, feed, int64(seq)).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return id, false, nil
	}
	if err != nil || len(raw) != len(id) {
		return id, false, fmt.Errorf("load feed of %d bytes: %w", len(raw), errors.Join(err, wire.ErrMalformed))
	}
	return wire.EventID(raw), true, nil
}

// use adds to what a tenant uses.
func use(tx *store.Tx, tenant int64, u engine.Usage) error {
	_, err := tx.Exec(`UPDATE relay_tenant SET bytes = bytes + ?, envelopes = envelopes + ?, chunks = chunks + ? WHERE id = ?`, u.Bytes, u.Envelopes, u.Chunks, tenant)
	if err != nil {
		return fmt.Errorf("count usage: %w", err)
	}
	return nil
}
