package folders

import (
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
			if err := settle(tx, row, one.From, replaces, v.id, &t); err != nil {
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
	r, err := tx.Exec(`DELETE FROM folders_foretold WHERE folder = ? AND path = ? AND id = ?`, folder, v.path, v.id[:])
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err != nil {
		return err
	}
	v.state = beside
	if n > 0 {
		v.state = replaced
	}
	if _, err := tx.Exec(`INSERT OR REPLACE INTO folders_version VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, folder, parent, base, v.id[:], int64(v.kind),
		v.size, v.modified, v.exec, v.body, v.stamp, v.feed, seq, v.state, int64(v.cause), v.from); err != nil {
		return err
	}
	return settle(tx, folder, v.path, replaces, v.id, t)
}

// settle notes that versions of a path are replaced by another one, and decides which
// of the rest stands.
func settle(tx *projection.Tx, folder int64, path string, replaces []VersionID, by VersionID, t *tally) error {
	parent, base := split(path)
	gone := make(map[VersionID]bool, len(replaces))
	for _, id := range replaces {
		gone[id] = true
	}
	delete(gone, by) // nothing replaces itself
	all, err := unreplaced(tx, folder, path)
	if err != nil {
		return err
	}
	best := version{}
	for _, o := range all {
		if o.state == standing {
			t.add(o, -1)
		}
		if !gone[o.id] && (best.id.IsZero() || o.outranks(best)) {
			best = o
		}
	}
	t.add(best, 1)
	for _, o := range all {
		want := beside
		switch {
		case gone[o.id]:
			want = replaced
		case o.id == best.id:
			want = standing
		}
		delete(gone, o.id)
		if want == o.state {
			continue
		}
		if _, err := tx.Exec(`UPDATE folders_version SET state = ? WHERE folder = ? AND parent = ? AND name = ? AND id = ?`, want, folder, parent, base, o.id[:]); err != nil {
			return err
		}
	}
	// What is left was replaced before, or has not come yet.
	for id := range gone {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO folders_foretold SELECT ?1, ?2, ?3
			WHERE NOT EXISTS(SELECT 1 FROM folders_version WHERE folder = ?1 AND parent = ?4 AND name = ?5 AND id = ?3)`,
			folder, path, id[:], parent, base); err != nil {
			return err
		}
	}
	return nil
}

// unreplaced lists the versions of a path that nobody replaced.
func unreplaced(tx *projection.Tx, folder int64, path string) (out []version, err error) {
	parent, base := split(path)
	rows, err := tx.Query(`SELECT id, kind, size, modified, state FROM folders_version
		WHERE folder = ? AND parent = ? AND name = ? AND state > 0`, folder, parent, base)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v := version{path: path}
		var id []byte
		if err := rows.Scan(&id, &v.kind, &v.size, &v.modified, &v.state); err != nil {
			return nil, err
		}
		v.id = VersionID(id)
		out = append(out, v)
	}
	return out, rows.Err()
}
