package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"roundtable/backend/relay/engine"
	"roundtable/backend/store"
)

// Record gives a small document.
func (e *Engine) Record(ctx context.Context, kind, key string) ([]byte, error) {
	var value []byte
	err := e.db.Read().QueryRowContext(ctx, `SELECT value FROM relay_record WHERE kind = ? AND key = ?`, kind, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = engine.ErrNotFound
	}
	return value, e.failed(ctx, "read record", err)
}

// SetRecord replaces a record; nil deletes it.
func (e *Engine) SetRecord(ctx context.Context, kind, key string, value []byte) error {
	return e.write(ctx, "set record", func(tx *store.Tx) (err error) {
		if value == nil {
			_, err = tx.Exec(`DELETE FROM relay_record WHERE kind = ? AND key = ?`, kind, key)
		} else {
			_, err = tx.Exec(`INSERT INTO relay_record VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`, kind, key, value)
		}
		return err
	})
}

// RecordKeys lists the keys of a kind.
func (e *Engine) RecordKeys(ctx context.Context, kind string) ([]string, error) {
	out, err := e.recordKeys(ctx, kind)
	return out, e.failed(ctx, "list records", err)
}

func (e *Engine) recordKeys(ctx context.Context, kind string) (out []string, err error) {
	rows, err := e.db.Read().QueryContext(ctx, `SELECT key FROM relay_record WHERE kind = ? ORDER BY key`, kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		out = append(out, key)
	}
	return out, rows.Err()
}

// Usage of a tenant.
func (e *Engine) Usage(ctx context.Context, tenant engine.Tenant) (engine.Usage, error) {
	var u engine.Usage
	err := e.db.Read().QueryRowContext(ctx, `SELECT bytes, envelopes, chunks FROM relay_tenant WHERE tenant = ?`, tenant[:]).Scan(&u.Bytes, &u.Envelopes, &u.Chunks)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return u, e.failed(ctx, "read usage", err)
}
