package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// AppendGrant stores the grant of a version.
func (e *Engine) AppendGrant(ctx context.Context, tenant engine.Tenant, space wire.SpaceID, version uint64, signed protocol.Signed, set []protocol.Entry) error {
	if version == 0 || version >= 1<<62 {
		return fmt.Errorf("append grant: %w", engine.ErrConflict)
	}
	return e.write(ctx, "append grant", func(tx *store.Tx) error {
		row, err := e.spaceFor(tx, tenant, space)
		if err != nil {
			return err
		}
		var last uint64
		if err := tx.QueryRow(`SELECT coalesce(max(version), 0) FROM relay_grant WHERE space = ?`, row.no).Scan(&last); err != nil {
			return fmt.Errorf("find last grant: %w", err)
		}
		if version != last+1 {
			return engine.ErrConflict
		}
		if _, err := tx.Exec(`INSERT INTO relay_grant VALUES(?, ?, ?, ?)`, row.no, int64(version), blob(signed.Raw), blob(signed.Signature)); err != nil {
			return fmt.Errorf("insert grant: %w", err)
		}
		for _, entry := range set {
			if err := setRights(tx, space, entry); err != nil {
				return err
			}
		}
		tx.OnCommit(func() { e.news.granted(space, version) })
		return nil
	})
}

// blob keeps empty bytes from being null.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func setRights(tx *store.Tx, space wire.SpaceID, entry protocol.Entry) (err error) {
	if entry.Rights == protocol.RightNone {
		_, err = tx.Exec(`DELETE FROM relay_right WHERE device = ? AND space = ?`, entry.Device[:], space[:])
	} else {
		_, err = tx.Exec(`INSERT INTO relay_right VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET rights = excluded.rights`, entry.Device[:], space[:], int64(entry.Rights))
	}
	if err != nil {
		return fmt.Errorf("set rights: %w", err)
	}
	return nil
}

// Grants lists the grants of a space after a version.
func (e *Engine) Grants(ctx context.Context, space wire.SpaceID, after uint64) ([]protocol.Signed, engine.Tenant, error) {
	out, tenant, err := e.grants(ctx, space, min(after, 1<<62))
	return out, tenant, e.failed(ctx, "list grants", err)
}

func (e *Engine) grants(ctx context.Context, space wire.SpaceID, after uint64) (out []protocol.Signed, tenant engine.Tenant, err error) {
	var no int64
	var name []byte
	err = e.db.Read().QueryRowContext(ctx, `SELECT s.id, t.tenant FROM relay_space s JOIN relay_tenant t ON t.id = s.tenant WHERE s.space = ?`, space[:]).Scan(&no, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tenant, nil
	}
	if err != nil {
		return nil, tenant, err
	}
	copy(tenant[:], name)
	rows, err := e.db.Read().QueryContext(ctx, `SELECT bytes, signature FROM relay_grant WHERE space = ? AND version > ? ORDER BY version`, no, int64(after))
	if err != nil {
		return nil, tenant, err
	}
	defer rows.Close()
	for rows.Next() {
		var s protocol.Signed
		if err := rows.Scan(&s.Raw, &s.Signature); err != nil {
			return nil, tenant, err
		}
		out = append(out, s)
	}
	return out, tenant, rows.Err()
}

// Listed lists the spaces in which a device has rights.
func (e *Engine) Listed(ctx context.Context, device wire.DeviceID, after wire.SpaceID, limit int) ([]wire.SpaceID, error) {
	out, err := ids[wire.SpaceID](e.db.Read().QueryContext(ctx,
		`SELECT space FROM relay_right WHERE device = ? AND space > ? ORDER BY space LIMIT ?`, device[:], after[:], limit))
	return out, e.failed(ctx, "list spaces of device", err)
}

// Lists names all spaces that have a list.
func (e *Engine) Lists(ctx context.Context, after wire.SpaceID, limit int) ([]wire.SpaceID, error) {
	out, err := ids[wire.SpaceID](e.db.Read().QueryContext(ctx, `SELECT space FROM relay_space s
		WHERE space > ? AND EXISTS(SELECT 1 FROM relay_grant g WHERE g.space = s.id) ORDER BY space LIMIT ?`, after[:], limit))
	return out, e.failed(ctx, "list spaces", err)
}

// ids reads rows of one ID each.
func ids[T ~[32]byte](rows *sql.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if len(raw) != 32 {
			return nil, fmt.Errorf("an ID of %d bytes: %w", len(raw), wire.ErrMalformed)
		}
		out = append(out, T([32]byte(raw)))
	}
	return out, rows.Err()
}
