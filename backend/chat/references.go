package chat

import (
	"context"
	"database/sql"

	"roundtable/backend/blob"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// References tells replication/blobs which pieces messages name.
type References struct {
	*Chat
	// Sound reports whether the tables of chat follow the log.
	Sound func() bool
}

// Complete implements blobs.References.
func (r References) Complete() bool { return r.Sound() }

// Refers implements blobs.References.
func (r References) Refers(ctx context.Context, space wire.SpaceID, hashes []blob.Hash) ([]bool, error) {
	return r.look(ctx, hashes, func(h blob.Hash) *sql.Row {
		return r.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM chat_piece
			WHERE hash = ? AND space = (SELECT id FROM chat_room WHERE space = ?) LIMIT 1)`, h[:], space[:])
	})
}

// Referenced implements blobs.References.
func (r References) Referenced(ctx context.Context, hashes []blob.Hash) ([]bool, error) {
	uploading := r.uploading()
	out, err := r.look(ctx, hashes, func(h blob.Hash) *sql.Row {
		return r.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM chat_piece WHERE hash = ? LIMIT 1)`, h[:])
	})
	for i := range out {
		out[i] = out[i] || uploading[hashes[i]]
	}
	return out, err
}

func (r References) look(ctx context.Context, hashes []blob.Hash, row func(blob.Hash) *sql.Row) ([]bool, error) {
	out := make([]bool, len(hashes))
	for i, h := range hashes {
		if err := row(h).Scan(&out[i]); err != nil {
			return nil, store.Classify(err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Trees implements blobs.References.
func (r References) Trees(ctx context.Context) (out []blob.File, err error) {
	rows, err := r.DB.Read().QueryContext(ctx, `SELECT file FROM chat_attachment WHERE size > 67108864`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, store.Classify(err)
		}
		if f, err := blob.DecodeFile(raw); err == nil {
			out = append(out, f)
		}
	}
	return out, store.Classify(rows.Err())
}
