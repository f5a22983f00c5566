package folders

import (
	"database/sql"
	"errors"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
)

// tally is what an event does to the size of a folder.
type tally struct{ files, bytes int64 }

func (t *tally) add(v version, sign int64) {
	if v.kind == File {
		t.files += sign
		t.bytes += sign * v.size
	}
}

// entries takes the versions of an event.
func (p *Projection) entries(tx *projection.Tx, e eventlog.Event, all []entry) error {
	row, err := p.row(tx, e.Space)
	if err != nil {
		return err
	}
	if taken, err := p.tell(tx, row, e.Space, weighs(all)); err != nil || !taken {
		return err
	}
	feed, err := p.feed(tx, e)
	if err != nil {
		return err
	}
	var t tally
	paths := make([]string, 0, len(all))
	for i, one := range all {
		v := version{
			path: one.Path, id: versionAt(e.Feed, e.Seq, i), kind: one.Kind, modified: one.Modified, exec: one.Exec, body: one.body(),
			stamp: int64(e.Stamp), feed: feed, cause: one.Cause, from: one.From,
		}
		if one.Content != nil {
			v.size = int64(one.Content.Size)
		}
		replaces := one.Replaces
		if one.Cause == conflictOf { // what it is a copy of is replaced by it, where that was
			was, err := first(tx, row, one.From)
			if err == nil {
				err = settle(tx, row, one.From, was, replaces, true, v.id, &t)
			}
			if err != nil {
				return err
			}
			replaces, paths = nil, append(paths, one.From)
		}
		if err := p.stand(tx, row, int64(e.Seq), v, replaces, &t); err != nil {
			return err
		}
		paths = append(paths, one.Path)
	}
	if _, err := tx.Exec(`UPDATE folders_space SET files = files + ?, bytes = bytes + ? WHERE row = ?`, t.files, t.bytes, row); err != nil {
		return err
	}
	tx.Changed("folders", topic(e.Space))
	p.note(tx, e.Space, paths)
	return changed(tx, row, feed, e, all)
}

// stand puts a version among those of its path and decides which one stands.
func (p *Projection) stand(tx *projection.Tx, folder, seq int64, v version, replaces []VersionID, t *tally) error {
	parent, base := split(v.path)
	foretold := -1
	if err := tx.QueryRow(`DELETE FROM folders_foretold WHERE folder = ? AND path = ? AND id = ? RETURNING kept`, folder, v.path, v.id[:]).Scan(&foretold); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	v.state, v.kept = beside, foretold == 1
	if foretold >= 0 {
		v.state = replaced
	}
	was, err := first(tx, folder, v.path)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT OR REPLACE INTO folders_version VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, folder, parent, base, v.id[:], int64(v.kind),
		v.size, v.modified, v.exec, v.body, v.stamp, v.feed, seq, v.state, v.kept, int64(v.cause), v.from); err != nil {
		return err
	}
	return settle(tx, folder, v.path, was, replaces, false, v.id, t)
}

// settle notes that versions of a path are replaced by another one, or kept as a copy
// elsewhere, and decides which of the rest stands; was stood before. What is kept
// elsewhere is as good as replaced, unless nothing else is left: copies that were made
// at the same time by devices that knew of different versions leave one of them where
// it was. It costs the same however many versions a path has: somebody may write one
// beside the other for ever.
func settle(tx *projection.Tx, folder int64, path string, was version, replaces []VersionID, kept bool, by VersionID, t *tally) error {
	parent, base := split(path)
	gone := make(map[VersionID]bool, len(replaces))
	for _, id := range replaces {
		gone[id] = true
	}
	delete(gone, by) // nothing replaces itself
	for id := range gone {
		r, err := tx.Exec(`UPDATE folders_version SET state = 0, kept = ? WHERE folder = ? AND parent = ? AND name = ? AND id = ? AND (state > 0 OR kept > 0)`,
			kept, folder, parent, base, id[:])
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 {
			delete(gone, id)
		}
	}
	best, err := first(tx, folder, path)
	if err != nil {
		return err
	}
	t.add(was, -1)
	t.add(best, 1)
	if best.id != was.id {
		if _, err := tx.Exec(`UPDATE folders_version SET state = 1 - kept WHERE folder = ? AND parent = ? AND name = ? AND id = ? AND state = 2`, folder, parent, base, was.id[:]); err != nil {
			return err
		}
	}
	if best.state != standing {
		if _, err := tx.Exec(`UPDATE folders_version SET state = 2 WHERE folder = ? AND parent = ? AND name = ? AND id = ?`, folder, parent, base, best.id[:]); err != nil {
			return err
		}
	}
	return foretell(tx, folder, path, gone, kept)
}

// first finds the version of a path that stands, or has to: it is the first in the order
// of the index, which is that of version.outranks, what is kept elsewhere last.
func first(tx *projection.Tx, folder int64, path string) (v version, err error) {
	parent, base := split(path)
	var id []byte
	err = tx.QueryRow(`SELECT id, kind, size, state FROM folders_version
		WHERE folder = ? AND parent = ? AND name = ? AND (state > 0 OR kept > 0)
		ORDER BY kept, kind = 0, kind <> 2, modified DESC, id DESC LIMIT 1`, folder, parent, base).Scan(&id, &v.kind, &v.size, &v.state)
	if errors.Is(err, sql.ErrNoRows) {
		return version{}, nil
	}
	v.path = path
	copy(v.id[:], id)
	return v, err
}

// foretell notes what is left: it was replaced before, or has not come yet.
func foretell(tx *projection.Tx, folder int64, path string, gone map[VersionID]bool, kept bool) error {
	parent, base := split(path)
	for id := range gone {
		if _, err := tx.Exec(`INSERT INTO folders_foretold SELECT ?1, ?2, ?3, ?6
			WHERE NOT EXISTS(SELECT 1 FROM folders_version WHERE folder = ?1 AND parent = ?4 AND name = ?5 AND id = ?3)
			ON CONFLICT DO UPDATE SET kept = min(kept, excluded.kept)`,
			folder, path, id[:], parent, base, kept); err != nil {
			return err
		}
	}
	return nil
}
