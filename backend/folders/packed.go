package folders

import (
	"context"
	"fmt"

	"roundtable/backend/blob"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/projection"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// decodePacks reads a body. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func decodePacks(raw []byte) (chunksPacked, error) {
	var body chunksPacked
	if err := wire.Decode(raw, wire.MaxBody, &body); err != nil {
		return body, err
	}
	if len(body.Packs) == 0 && body.Upto == 0 {
		return body, fmt.Errorf("no packs: %w", wire.ErrMalformed)
	}
	if len(body.Packs) > maxPacks || body.Upto >= 1<<62 {
		return body, fmt.Errorf("packs: %w", wire.ErrTooLarge)
	}
	for _, p := range body.Packs {
		if err := p.check(); err != nil {
			return body, err
		}
	}
	return body, nil
}

func (p pack) check() error {
	if err := p.File.Check(); err != nil {
		return err
	}
	list, err := transfer.ParseChunks(p.Chunks)
	if err != nil || p.File.Pieces() != 1 || len(list) == 0 {
		return fmt.Errorf("pack: shape: %w", wire.ErrMalformed)
	}
	total := uint64(0)
	for _, c := range list {
		total += uint64(c.Size)
	}
	// What is compressed never unpacks into more than a piece.
	if total > blob.PieceSize || !p.Zstd && total != p.File.Size {
		return fmt.Errorf("pack: sizes: %w", wire.ErrMalformed)
	}
	return nil
}

// list reads what lies in a checked pack, in order.
func (p pack) list() []chunk.Chunk {
	list, _ := transfer.ParseChunks(p.Chunks)
	return list
}

// packed notes where chunks lie.
func (p *Projection) packed(tx *projection.Tx, e eventlog.Event, body chunksPacked) error {
	folder, err := p.row(tx, e.Space)
	if err != nil {
		return err
	}
	if taken, err := p.tell(tx, folder, e.Space, body.weighs()); err != nil || !taken {
		return err
	}
	feed, err := p.feed(tx, e)
	if err != nil {
		return err
	}
	for n, one := range body.Packs {
		r, err := tx.Exec(`INSERT INTO folders_pack(folder, feed, seq, n, file, chunks, zstd) VALUES(?, ?, ?, ?, ?, ?, ?)`,
			folder, feed, int64(e.Seq), n, one.File.Encode(), one.Chunks, one.Zstd)
		if err != nil {
			return err
		}
		row, err := r.LastInsertId()
		if err != nil {
			return err
		}
		for _, c := range one.list() {
			if _, err := tx.Exec(`INSERT OR IGNORE INTO folders_packed VALUES(?, ?, ?)`, c.ID[:], folder, row); err != nil {
				return err
			}
		}
	}
	tx.Changed(topic(e.Space))
	p.note(tx, e.Space, []string{})
	if body.Upto == 0 {
		return nil
	}
	_, err = tx.Exec(`INSERT INTO folders_packed_upto VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET upto = max(upto, excluded.upto)`, folder, feed, int64(body.Upto))
	return err
}

// packsWith lists packs that have a chunk, the newest first.
func (k *keeper) packsWith(ctx context.Context, folder int64, id chunk.ID) (out []pack, err error) {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT p.file, p.chunks, p.zstd FROM folders_packed c JOIN folders_pack p ON p.row = c.pack
		WHERE c.chunk = ? AND c.folder = ? ORDER BY p.row DESC LIMIT 4`, id[:], folder)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var file []byte
		var p pack
		if err := rows.Scan(&file, &p.Chunks, &p.Zstd); err != nil {
			return nil, store.Classify(err)
		}
		if p.File, err = blob.DecodeFile(file); err != nil {
			continue
		}
		out = append(out, p)
	}
	return out, store.Classify(rows.Err())
}
