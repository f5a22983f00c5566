package witnessed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// asked is a checkpoint that this device has not answered.
type asked struct {
	id            []byte
	space         wire.SpaceID
	device        wire.DeviceID
	person        wire.PersonID
	log           string
	note          evidence.Note
	size          int64
	continuations []continuation
}

// answer signs what others posted, the smaller states of a log first.
func (w *Witnessed) answer(ctx context.Context) error {
	self := w.Log.Self()
	var all []asked
	rows, err := w.DB.Read().QueryContext(ctx, `SELECT id, space, device, person, log, text, line, size, continuations FROM (
		SELECT *, row_number() OVER (PARTITION BY log ORDER BY size) AS turn FROM witnessed_checkpoint p WHERE device <> ? AND NOT EXISTS (SELECT 1 FROM witnessed_cosigned c WHERE c.space = p.space AND c.log = p.log AND c.hash = p.hash AND c.device = ?)
		AND NOT EXISTS (SELECT 1 FROM witnessedlocal_refused r WHERE r.id = p.id)) WHERE turn <= 64 ORDER BY log, size LIMIT 4096`, self[:], self[:])
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	for rows.Next() {
		var a asked
		var id, device, person, more []byte
		var line string
		err = errors.Join(err, rows.Scan(&a.id, &id, &device, &person, &a.log, &a.note.Text, &line, &a.size, &more), wire.Decode(more, wire.MaxBody, &a.continuations))
		copy(a.space[:], id)
		copy(a.device[:], device)
		copy(a.person[:], person)
		a.note.Lines = []string{line}
		all = append(all, a)
	}
	if err = errors.Join(err, rows.Close()); err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	items := map[wire.SpaceID][]cosignature{}
	for i, a := range all {
		if !w.here(a.space) || len(items[a.space]) >= maxItems {
			continue
		}
		line, why, err := w.sign(ctx, a)
		switch {
		case err != nil:
			return err
		case why != "":
			if err := w.refuse(ctx, a.id, why); err != nil {
				return err
			}
		case line != "":
			items[a.space] = append(items[a.space], cosignature{a.log, sha256.Sum256([]byte(a.note.Text)), line})
		case i+1 < len(all) && all[i+1].log == a.log && all[i+1].size > a.size:
			// A later state is there, which is asked for in its turn.
			if err := w.refuse(ctx, a.id, "gap"); err != nil {
				return err
			}
		}
	}
	var failed error
	for id, list := range items {
		_, err := w.Log.Append(ctx, id, eventlog.Draft{Kind: KindCosigned, Body: cosigned{w.witness.Key().String(), list}})
		failed = errors.Join(failed, err)
		if len(list) >= maxItems {
			w.nudge()
		}
	}
	return failed
}

// sign gives the line of a cosignature, or why there is none. Neither: the state that this witness knows is none of those
// that the other sent a continuation for, or it was asked too often; it waits.
func (w *Witnessed) sign(ctx context.Context, a asked) (line, why string, err error) {
	k, ok := logKey(a.log, a.device)
	switch {
	case !ok:
		return "", "malformed", nil
	case w.person(a.space) == a.person: // nobody witnesses what they wrote themselves, on whatever device
		return "", "own", nil
	case w.isOver(ctx, a.space):
		return "", "over", nil
	}
	if first, err := w.known(ctx, a.device, a.log); err != nil || !first {
		return "", "other_key", err
	}
	known, err := w.witness.Known(ctx, k)
	if err != nil {
		return "", "", err
	}
	var proof continuation
	found := known == 0 || known == a.size
	for _, c := range a.continuations {
		if int64(c.From) == known {
			proof, found = c, true
		}
	}
	switch {
	case known > a.size:
		return "", "older", nil
	case !found || !w.mayNow(a.device):
		return "", "", nil
	}
	hashes, ok := treeHashes(proof.Hashes)
	if !ok {
		return "", "malformed", nil
	}
	line, err = w.witness.Cosign(ctx, k, a.note, hashes)
	switch {
	case errors.Is(err, evidence.ErrForked):
		return "", "forked", nil
	case errors.Is(err, evidence.ErrOlder):
		return "", "older", nil
	case errors.Is(err, evidence.ErrMalformed), errors.Is(err, evidence.ErrUnsigned):
		return "", "malformed", nil
	}
	return line, "", err
}

func (w *Witnessed) refuse(ctx context.Context, id []byte, why string) error {
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO witnessedlocal_refused VALUES(?, ?)`, id, why)
		return err
	})
}

// mayNow counts how often a device asks.
func (w *Witnessed) mayNow(device wire.DeviceID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.Clock.Now(); now.Sub(w.since) > time.Hour || now.Before(w.since) {
		w.since = now
		clear(w.count)
	}
	w.count[device]++
	return w.count[device] <= often
}

// accuse tells the spaces of a log that it has two histories, once in each.
func (w *Witnessed) accuse(ctx context.Context) error {
	type place struct {
		space wire.SpaceID
		log   string
	}
	all := map[place]forked{}
	rows, err := w.DB.Read().QueryContext(ctx, `SELECT a.space, a.log, a.text, a.line, b.text, b.line
		FROM witnessed_checkpoint a JOIN witnessed_checkpoint b ON b.log = a.log AND b.size = a.size AND b.hash <> a.hash
		WHERE NOT EXISTS (SELECT 1 FROM witnessed_forked f WHERE f.space = a.space AND f.log = a.log) LIMIT 256`)
	if err != nil {
		return fmt.Errorf("read forks: %w", err)
	}
	for rows.Next() {
		var p place
		var id []byte
		var first, second evidence.Note
		var one, two string
		err = errors.Join(err, rows.Scan(&id, &p.log, &first.Text, &one, &second.Text, &two))
		copy(p.space[:], id)
		first.Lines, second.Lines = []string{one}, []string{two}
		all[p] = forked{p.log, first.String(), second.String()}
	}
	if err = errors.Join(err, rows.Close()); err != nil {
		return fmt.Errorf("read forks: %w", err)
	}
	var failed error
	for p, body := range all {
		if !w.here(p.space) {
			continue
		}
		_, err := w.Log.Append(ctx, p.space, eventlog.Draft{Kind: KindForked, Body: body})
		failed = errors.Join(failed, err)
	}
	return failed
}
