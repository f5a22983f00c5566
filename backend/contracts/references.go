package contracts

import (
	"context"
	"database/sql"

	"roundtable/backend/blob"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// kept: a contract that was deleted here keeps no pieces.
const kept = `space NOT IN (SELECT space FROM contractslocal_contract WHERE deleted)`

// References tells replication/blobs which pieces contracts name.
type References struct {
	*Contracts
	// Sound reports whether the tables of contracts follow the log.
	Sound func() bool
}

// Complete implements blobs.References.
func (r References) Complete() bool { return r.Sound() }

// Refers implements blobs.References. What is sealed under an access code is referred to where the code was given.
func (r References) Refers(ctx context.Context, space wire.SpaceID, hashes []blob.Hash) ([]bool, error) {
	return r.look(ctx, hashes, func(h blob.Hash) *sql.Row {
		return r.DB.Read().QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM contracts_piece WHERE hash = ?1 AND space = ?2 AND `+kept+`)
			OR EXISTS(SELECT 1 FROM contractslocal_piece WHERE hash = ?1 AND space = ?2)`, h[:], space[:])
	})
}

// Referenced implements blobs.References. Pieces of what is being sent are named by its event long before a sweep removes them.
func (r References) Referenced(ctx context.Context, hashes []blob.Hash) ([]bool, error) {
	return r.look(ctx, hashes, func(h blob.Hash) *sql.Row {
		return r.DB.Read().QueryRowContext(ctx, `SELECT EXISTS(SELECT 1 FROM contracts_piece WHERE hash = ?1 AND `+kept+`) OR EXISTS(SELECT 1 FROM contractslocal_piece WHERE hash = ?1)`, h[:])
	})
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
	rows, err := r.DB.Read().QueryContext(ctx, `SELECT file FROM contracts_tree WHERE `+kept+` UNION SELECT file FROM contractslocal_tree`)
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
