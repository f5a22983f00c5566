package folders

import (
	"context"
	"database/sql"
	"errors"

	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const versionColumns = `v.parent, v.name, v.id, v.kind, v.size, v.modified, v.exec, v.body, v.stamp, v.feed, v.state, v.cause, v.other`

func scanVersion(r scanner) (v version, err error) {
	var parent, name string
	var id []byte
	err = r.Scan(&parent, &name, &id, &v.kind, &v.size, &v.modified, &v.exec, &v.body, &v.stamp, &v.feed, &v.state, &v.cause, &v.from)
	v.path = join(parent, name)
	copy(v.id[:], id)
	return v, err
}

func scanVersions(rows *sql.Rows, err error) (out []version, _ error) {
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scanVersion(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, v)
	}
	return out, store.Classify(rows.Err())
}

// folderRow finds a folder's short name in the tables that follow the log; 0: none.
func folderRow(r reader, id wire.SpaceID) (row int64, err error) {
	err = r.QueryRow(`SELECT row FROM folders_space WHERE space = ?`, id[:]).Scan(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return row, store.Classify(err)
}

// versionsOf lists all versions of a path.
func versionsOf(r reader, folder int64, path string) ([]version, error) {
	parent, name := split(path)
	return scanVersions(r.Query(`SELECT `+versionColumns+` FROM folders_version v WHERE v.folder = ? AND v.parent = ? AND v.name = ?`, folder, parent, name))
}

// unreplacedAt names the versions of a path that nobody replaced, as many as one
// entry may replace.
func unreplacedAt(r reader, folder int64, path string) (out []VersionID, err error) {
	all, err := versionsOf(r, folder, path)
	for _, v := range all {
		if v.state != replaced && len(out) < maxReplaces {
			out = append(out, v.id)
		}
	}
	return out, err
}

// standingAt finds what everybody sees at a path.
func standingAt(r reader, folder int64, path string) (v version, found bool, err error) {
	parent, name := split(path)
	v, err = scanVersion(r.QueryRow(`SELECT `+versionColumns+` FROM folders_version v
		WHERE v.folder = ? AND v.parent = ? AND v.name = ? AND v.state = 2`, folder, parent, name))
	if errors.Is(err, sql.ErrNoRows) {
		return version{}, false, nil
	}
	return v, err == nil, store.Classify(err)
}

// difference is a version that stands and is not what lies here.
type difference struct {
	version
	here  local
	known bool // here is set
}

// differing lists, in the order of paths, where what stands is not what lies here:
// of everything behind a path.
func (k *keeper) differing(ctx context.Context, folder int64, after string, limit int) (out []difference, err error) {
	parent, name := split(after)
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT f.row, f.version, f.kind, f.size, f.modified, f.exec, f.body, f.inode, f.changed, `+versionColumns+` FROM folders_version v
		LEFT JOIN folderslocal_file f ON f.place = ?1 AND f.parent = v.parent AND f.name = v.name AND f.lies = ''
		WHERE v.folder = ?2 AND v.state = 2 AND (v.parent, v.name) > (?3, ?4)
			AND (f.row IS NOT NULL OR v.kind > 0) AND (f.row IS NULL OR f.version <> v.id)
		ORDER BY v.parent, v.name LIMIT ?5`, k.row, folder, parent, name, limit)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		d, err := scanDifference(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, d)
	}
	return out, store.Classify(rows.Err())
}

func scanDifference(rows scanner) (d difference, err error) {
	var row, kind, size, modified, exec, inode, changed sql.NullInt64
	var version, body []byte
	d.version, err = scanVersion(scanBefore{rows, []any{&row, &version, &kind, &size, &modified, &exec, &body, &inode, &changed}})
	if d.known = row.Valid; d.known {
		d.here = local{row: row.Int64, path: d.path, kind: Kind(kind.Int64), size: size.Int64, modified: modified.Int64, exec: exec.Int64 != 0,
			body: body, inode: uint64(inode.Int64), changed: changed.Int64}
		copy(d.here.version[:], version)
	}
	return d, err
}

// missing counts what should be here and is not: files and their bytes. What this
// disk never takes is a problem and not missing.
func (k *keeper) missing(ctx context.Context, folder int64) (files, bytes int64, err error) {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT v.parent, v.name, v.size FROM folders_version v
		LEFT JOIN folderslocal_file f ON f.place = ?1 AND f.parent = v.parent AND f.name = v.name AND f.lies = ''
		WHERE v.folder = ?2 AND v.state = 2 AND v.kind = 1 AND (f.row IS NULL OR f.version <> v.id)`, k.row, folder)
	if err != nil {
		return 0, 0, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var parent, name string
		var size int64
		if err := rows.Scan(&parent, &name, &size); err != nil {
			return 0, 0, store.Classify(err)
		}
		if p := join(parent, name); k.wanted(p) && !k.hidden(p, false) && !k.problems.lasting(p) {
			files++
			bytes += size
		}
	}
	return files, bytes, store.Classify(rows.Err())
}
