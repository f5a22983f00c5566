package folders

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
)

// local is what is known of something on this disk.
type local struct {
	row     int64
	path    string
	lies    string // in the bin; "" for what stands at its path
	version VersionID
	kind    Kind
	size    int64
	// modified is Unix ns; inode and changed as in disk.Info.
	modified int64
	exec     bool
	body     []byte
	inode    uint64
	changed  int64
	binned   int64 // Unix ms
	young    bool  // not settled yet
}

// info is what a look at it should tell.
func (l local) info() disk.Info {
	i := disk.Info{Path: l.path, Kind: l.kind.disk(), Size: l.size, Modified: time.Unix(0, l.modified), Exec: l.exec, ID: l.inode, Changed: l.changed}
	if l.kind == Link {
		i.Target = string(l.body)
	}
	return i
}

// at is where it lies in the tree.
func (l local) at() string {
	if l.lies != "" {
		return l.lies
	}
	return l.path
}

// tooYoung stands for the time of a file that was read in the very tick of the
// clock in which it was written: it is read again at the next look.
const tooYoung = -1

// see takes over what a look told.
func (l *local) see(i disk.Info) {
	l.kind, l.size, l.modified, l.exec = Kind(i.Kind), i.Size, i.Modified.UnixNano(), i.Exec
	l.inode, l.changed = i.ID, i.Changed
	if l.kind == Link {
		l.body = []byte(i.Target)
	}
	if l.kind == Folder {
		l.size, l.modified, l.changed = 0, 0, 0
	}
}

// unchanged reports whether a look tells that nothing was done to it.
func (l local) unchanged(i disk.Info) bool {
	switch l.kind {
	case Folder:
		return i.Kind == disk.Folder
	case Link:
		return i.Kind == disk.Link && i.Target == string(l.body)
	}
	return l.info().Same(i)
}

const localColumns = `row, parent, name, lies, version, kind, size, modified, exec, body, inode, changed, binned, settled`

type scanner interface{ Scan(...any) error }

func scanLocal(r scanner) (l local, err error) {
	var parent, name string
	var version []byte
	var inode int64
	var settled bool
	err = r.Scan(&l.row, &parent, &name, &l.lies, &version, &l.kind, &l.size, &l.modified, &l.exec, &l.body, &inode, &l.changed, &l.binned, &settled)
	l.young = !settled
	l.path, l.inode = join(parent, name), uint64(inode)
	copy(l.version[:], version)
	return l, err
}

// reader is a transaction or the reading connections.
type reader interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// localAt finds what stands at a path.
func localAt(r reader, place int64, path string) (l local, found bool, err error) {
	parent, name := split(path)
	l, err = scanLocal(r.QueryRow(`SELECT `+localColumns+` FROM folderslocal_file WHERE place = ? AND parent = ? AND name = ? AND lies = ''`, place, parent, name))
	if errors.Is(err, sql.ErrNoRows) {
		return local{}, false, nil
	}
	return l, err == nil, store.Classify(err)
}

// localsIn lists what is known to lie directly in a folder.
func localsIn(ctx context.Context, db *store.DB, place int64, parent string) (map[string]local, error) {
	rows, err := db.Read().QueryContext(ctx, `SELECT `+localColumns+` FROM folderslocal_file WHERE place = ? AND parent = ? AND lies = ''`, place, parent)
	all, err := scanLocals(rows, err)
	out := make(map[string]local, len(all))
	for _, l := range all {
		_, name := split(l.path)
		out[name] = l
	}
	return out, err
}

// localsAmong lists, by path, what is known of names of a folder between two names.
func (k *keeper) localsAmong(ctx context.Context, parent, first, last string) (map[string]local, error) {
	rows, err := k.f.DB.Read().QueryContext(ctx, `SELECT `+localColumns+` FROM folderslocal_file
		WHERE place = ? AND parent = ? AND name BETWEEN ? AND ? AND lies = ''`, k.row, parent, first, last)
	all, err := scanLocals(rows, err)
	out := make(map[string]local, len(all))
	for _, l := range all {
		out[l.path] = l
	}
	return out, err
}

// parentsOf lists the folders in which something is known to lie, but for the top.
func parentsOf(ctx context.Context, db *store.DB, place int64) (out []string, err error) {
	// One step in the index for each folder, not for each file.
	rows, err := db.Read().QueryContext(ctx, `WITH RECURSIVE p(parent) AS (
			SELECT min(parent) FROM folderslocal_file WHERE place = ?1 AND lies = '' AND parent > ''
			UNION ALL SELECT (SELECT min(parent) FROM folderslocal_file WHERE place = ?1 AND lies = '' AND parent > p.parent) FROM p WHERE p.parent IS NOT NULL
		) SELECT parent FROM p WHERE parent IS NOT NULL`, place)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var parent string
		if err := rows.Scan(&parent); err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, parent)
	}
	return out, store.Classify(rows.Err())
}

// localsBelow lists what is known to lie in a folder, at any depth.
func localsBelow(ctx context.Context, db *store.DB, place int64, folder string) ([]local, error) {
	rows, err := db.Read().QueryContext(ctx, `SELECT `+localColumns+` FROM folderslocal_file
		WHERE place = ?1 AND lies = '' AND (parent = ?2 OR parent >= ?2 || '/' AND parent < ?2 || '0')`, place, folder)
	return scanLocals(rows, err)
}

func scanLocals(rows *sql.Rows, err error) (out []local, _ error) {
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanLocal(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, l)
	}
	return out, store.Classify(rows.Err())
}

// put writes a row, and the places of its chunks where it is a file whose content
// is known. It gives the row's number.
func (l *local) put(tx *store.Tx, place int64, chunks []placed) error {
	parent, name := split(l.path)
	version := l.version[:]
	if l.version.IsZero() {
		version = []byte{}
	}
	if l.body == nil {
		l.body = []byte{}
	}
	if l.row != 0 {
		_, err := tx.Exec(`UPDATE folderslocal_file SET parent = ?, name = ?, lies = ?, version = ?, kind = ?, size = ?, modified = ?, exec = ?, body = ?, inode = ?, changed = ?, binned = ?, settled = ? WHERE row = ?`,
			parent, name, l.lies, version, int64(l.kind), l.size, l.modified, l.exec, l.body, int64(l.inode), l.changed, l.binned, !l.young, l.row)
		if err != nil {
			return err
		}
	} else {
		r, err := tx.Exec(`INSERT INTO folderslocal_file(place, parent, name, lies, version, kind, size, modified, exec, body, inode, changed, binned, settled) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			place, parent, name, l.lies, version, int64(l.kind), l.size, l.modified, l.exec, l.body, int64(l.inode), l.changed, l.binned, !l.young)
		if err != nil {
			return err
		}
		if l.row, err = r.LastInsertId(); err != nil {
			return err
		}
	}
	for _, c := range chunks {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO folderslocal_chunk VALUES(?, ?, ?)`, c.ID[:], l.row, c.at); err != nil {
			return err
		}
	}
	return nil
}

// placed is a chunk and where it lies in its file.
type placed struct {
	chunk.Chunk
	at int64
}

func dropLocal(tx *store.Tx, row int64) error {
	_, err := tx.Exec(`DELETE FROM folderslocal_file WHERE row = ?`, row)
	return err
}

// held is where a chunk may lie.
type held struct {
	local
	from int64 // in the file
}

// holdersAtOnce is how many chunks one query looks for.
const holdersAtOnce = 64

// holders finds where chunks of a place may lie.
func holders(ctx context.Context, db *store.DB, place int64, want []chunk.Chunk) (map[chunk.ID][]held, error) {
	out := make(map[chunk.ID][]held, len(want))
	for len(want) > 0 {
		n := min(len(want), holdersAtOnce)
		if err := someHolders(ctx, db, place, want[:n], out); err != nil {
			return nil, err
		}
		want = want[n:]
	}
	return out, nil
}

// holdersQuery has one text, however many are looked for, so that it is prepared once.
var holdersQuery = `SELECT c.id, c.at, f.row, f.parent, f.name, f.lies, f.version, f.kind, f.size, f.modified, f.exec, f.body, f.inode, f.changed, f.binned, f.settled
	FROM folderslocal_chunk c JOIN folderslocal_file f ON f.row = c.file
	WHERE f.place = ? AND c.id IN (?` + strings.Repeat(", ?", holdersAtOnce-1) + `)`

func someHolders(ctx context.Context, db *store.DB, place int64, want []chunk.Chunk, out map[chunk.ID][]held) error {
	args := make([]any, 1, holdersAtOnce+1)
	args[0] = place
	for i := range holdersAtOnce {
		args = append(args, want[min(i, len(want)-1)].ID[:])
	}
	rows, err := db.Read().QueryContext(ctx, holdersQuery, args...)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var h held
		var id []byte
		if h.local, err = scanLocal(scanBefore{rows, []any{&id, &h.from}}); err != nil {
			return store.Classify(err)
		}
		if key := chunk.ID(id); len(out[key]) < 4 {
			out[key] = append(out[key], h)
		}
	}
	return store.Classify(rows.Err())
}

// scanBefore reads columns that stand before those of the inner scan.
type scanBefore struct {
	rows scanner
	more []any
}

// Scan implements scanner.
func (s scanBefore) Scan(into ...any) error { return s.rows.Scan(append(s.more, into...)...) }

// node reads a list of chunks that was kept.
func node(r reader, place int64, id chunk.ID) ([]byte, error) {
	var body []byte
	err := r.QueryRow(`SELECT body FROM folderslocal_node WHERE place = ? AND id = ?`, place, id[:]).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return body, store.Classify(err)
}

func putNode(tx *store.Tx, place int64, n chunk.Node) error {
	_, err := tx.Exec(`INSERT OR IGNORE INTO folderslocal_node VALUES(?, ?, ?)`, place, n.ID[:], n.Body)
	return err
}
