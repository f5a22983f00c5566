package witnessed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// post tells the contracts that have new entries the state of this device's log.
func (w *Witnessed) post(ctx context.Context) error {
	type due struct {
		space wire.SpaceID
		last  int64
	}
	var all []due
	rows, err := w.DB.Read().QueryContext(ctx, `SELECT space, idx FROM witnessedlocal_due LIMIT 256`)
	if err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	for rows.Next() {
		var d due
		var id []byte
		err = errors.Join(err, rows.Scan(&id, &d.last))
		copy(d.space[:], id)
		all = append(all, d)
	}
	if err = errors.Join(err, rows.Close()); err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	for _, d := range all {
		if !w.here(d.space) {
			continue
		}
		err = errors.Join(err, w.postTo(ctx, d.space, d.last))
	}
	return err
}

func (w *Witnessed) postTo(ctx context.Context, id wire.SpaceID, last int64) error {
	body, left, err := w.state(ctx, id)
	if err != nil {
		return err
	}
	_, err = w.Log.Append(ctx, id, eventlog.Draft{Kind: KindCheckpoint, Body: body, Then: func(tx *store.Tx, _ eventlog.Event) error {
		// What was noted meanwhile, or did not fit, is due still.
		if left {
			return nil
		}
		_, err := tx.Exec(`DELETE FROM witnessedlocal_due WHERE space = ? AND idx <= ?`, id[:], last)
		return err
	}})
	if err == nil && left {
		w.nudge()
	}
	return err
}

// state is a checkpoint with the entries of a contract that nobody has witnessed; left says that there are more.
func (w *Witnessed) state(ctx context.Context, id wire.SpaceID) (body checkpoint, left bool, err error) {
	n, err := w.ledger.Checkpoint(ctx)
	if err != nil {
		return body, false, err
	}
	c, err := evidence.ParseCheckpoint(n.Text)
	if err != nil {
		return body, false, err
	}
	log := w.ledger.Key().String()
	body = checkpoint{Log: log, Note: n.String()}
	indexes, _, err := w.ledger.Of(ctx, id.String())
	if err != nil {
		return body, false, err
	}
	done, err := w.done(ctx, id, log)
	if err != nil {
		return body, false, err
	}
	hash := sha256.Sum256([]byte(n.Text))
	for _, index := range indexes {
		if index >= c.Size || done[index] || w.posted(ctx, id, log, index, hash) {
			continue
		}
		if left = len(body.Entries) >= maxEntries; left {
			break
		}
		p, err := w.ledger.Prove(ctx, index, n)
		if err != nil {
			return body, false, err
		}
		body.Entries = append(body.Entries, entry{Index: uint64(index), Text: p.Leaf, Hashes: rawHashes(p.Hashes)})
	}
	body.Continuations, err = w.continuations(ctx, log, c.Size)
	return body, left, err
}

// done are the entries that somebody else has witnessed.
func (w *Witnessed) done(ctx context.Context, id wire.SpaceID, log string) (map[int64]bool, error) {
	self := w.person(id)
	return w.numbers(ctx, `SELECT DISTINCT e.idx FROM witnessed_entry e JOIN witnessed_cosigned c
		ON c.space = e.space AND c.log = e.log AND c.hash = e.hash AND c.good = 1 WHERE e.space = ? AND e.log = ? AND c.person <> ?`, id[:], log, self[:])
}

// posted reports whether an entry was posted with a checkpoint already.
func (w *Witnessed) posted(ctx context.Context, id wire.SpaceID, log string, index int64, hash [32]byte) bool {
	all, err := w.numbers(ctx, `SELECT idx FROM witnessed_entry WHERE space = ? AND log = ? AND idx = ? AND hash = ?`, id[:], log, index, hash[:])
	return err == nil && all[index]
}

// continuations are proofs from the states that were posted last: a witness knows one of those.
func (w *Witnessed) continuations(ctx context.Context, log string, size int64) (out []continuation, err error) {
	all, err := w.numbers(ctx, `SELECT DISTINCT size FROM witnessed_checkpoint WHERE log = ? AND size < ? AND size > 0 ORDER BY size DESC LIMIT ?`, log, size, recent)
	if err != nil {
		return nil, err
	}
	// And from those that a witness signed last, however long ago that was.
	signed, err := w.numbers(ctx, `SELECT max(p.size) FROM witnessed_cosigned c JOIN witnessed_checkpoint p
		ON p.space = c.space AND p.log = c.log AND p.hash = c.hash WHERE c.log = ? AND c.good = 1 AND p.size < ? GROUP BY c.witness`, log, size)
	if err != nil {
		return nil, err
	}
	for n := range signed {
		all[n] = true
	}
	for from := range all {
		if len(out) >= maxContinuations {
			break
		}
		proof, err := w.ledger.Continuation(ctx, from, size)
		if err != nil {
			return nil, err
		}
		out = append(out, continuation{From: uint64(from), Hashes: rawHashes(proof)})
	}
	return out, nil
}

func (w *Witnessed) numbers(ctx context.Context, query string, args ...any) (map[int64]bool, error) {
	rows, err := w.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		out[n] = true
	}
	return out, rows.Err()
}
