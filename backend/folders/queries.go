package folders

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// summary is a folder as the log tells of it.
type summary struct {
	id, workspace wire.SpaceID
	row           int64
	name          string
	files, bytes  int64
}

// summaries lists the folders of a workspace that name this person.
func (f *Folders) summaries(ctx context.Context, workspace wire.SpaceID) (out []summary, err error) {
	rows, err := f.DB.Read().QueryContext(ctx, `SELECT s.row, s.space, s.workspace, s.files, s.bytes, coalesce(n.name, '') FROM folders_space s
		LEFT JOIN folders_naming n ON n.space = s.space WHERE s.workspace = ? AND s.known = 1 ORDER BY s.row`, workspace[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		s, err := scanSummary(rows)
		if err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, s)
	}
	return out, store.Classify(rows.Err())
}

func scanSummary(r scanner) (s summary, err error) {
	var id, workspace []byte
	err = r.Scan(&s.row, &id, &workspace, &s.files, &s.bytes, &s.name)
	copy(s.id[:], id)
	copy(s.workspace[:], workspace)
	return s, err
}

// summary finds one folder. Errors: errcode.NotFound.
func (f *Folders) summary(ctx context.Context, id wire.SpaceID) (summary, error) {
	s, err := scanSummary(f.DB.Read().QueryRowContext(ctx, `SELECT s.row, s.space, s.workspace, s.files, s.bytes, coalesce(n.name, '') FROM folders_space s
		LEFT JOIN folders_naming n ON n.space = s.space WHERE s.space = ? AND s.known = 1`, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return s, errcode.NotFound
	}
	return s, store.Classify(err)
}

// children lists what stands directly in a folder behind a name, folders among it.
func (f *Folders) children(ctx context.Context, folder int64, parent, after string, limit int) ([]version, error) {
	return scanVersions(f.DB.Read().QueryContext(ctx, `SELECT `+versionColumns+` FROM folders_version v
		WHERE v.folder = ? AND v.parent = ? AND v.name > ? AND v.state = 2 AND v.kind > 0 ORDER BY v.name LIMIT ?`, folder, parent, after, limit))
}

// matching lists what stands anywhere and has a text in its name.
// All names are looked at: when within (0: no bound) is over, what was found by then is the answer, and unfinished says so.
func (f *Folders) matching(ctx context.Context, folder int64, text string, limit int, within time.Duration) (out []version, unfinished bool, err error) {
	look := ctx
	if within > 0 {
		var end context.CancelFunc
		look, end = context.WithTimeout(ctx, within)
		defer end()
	}
	rows, err := f.DB.Read().QueryContext(look, `SELECT `+versionColumns+` FROM folders_version v
		WHERE v.folder = ? AND v.state = 2 AND v.kind > 0 AND instr(lower(v.name), lower(?)) > 0 ORDER BY v.parent, v.name LIMIT ?`, folder, text, limit)
	if err == nil {
		defer rows.Close()
		for rows.Next() {
			v, err := scanVersion(rows)
			if err != nil {
				return nil, false, store.Classify(err)
			}
			out = append(out, v)
		}
		err = rows.Err()
	}
	if err != nil && look.Err() != nil && ctx.Err() == nil {
		return out, true, nil
	}
	return out, false, store.Classify(err)
}

// below counts the files in a folder at any depth, and their bytes.
func (f *Folders) below(ctx context.Context, folder int64, path string) (files, bytes int64, err error) {
	err = f.DB.Read().QueryRowContext(ctx, `SELECT count(*), coalesce(sum(size), 0) FROM folders_version
		WHERE folder = ?1 AND state = 2 AND kind = 1 AND (parent = ?2 OR parent >= ?2 || '/' AND parent < ?2 || '0')`, folder, path).Scan(&files, &bytes)
	return files, bytes, store.Classify(err)
}

// lacking counts the files in a folder, at any depth, that lie here as they should,
// and those that do not.
func (k *keeper) lacking(ctx context.Context, folder int64, path string) (here, away int64, err error) {
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT count(f.row), count(*) FROM folders_version v
		LEFT JOIN folderslocal_file f ON f.place = ?3 AND f.parent = v.parent AND f.name = v.name AND f.lies = '' AND f.version = v.id
		WHERE v.folder = ?1 AND v.state = 2 AND v.kind = 1 AND (v.parent = ?2 OR v.parent >= ?2 || '/' AND v.parent < ?2 || '0')`,
		folder, path, k.row).Scan(&here, &away)
	return here, away - here, store.Classify(err)
}

// copies lists what conflicts made and nobody resolved.
func (f *Folders) copies(ctx context.Context, folder int64) ([]version, error) {
	return scanVersions(f.DB.Read().QueryContext(ctx, `SELECT `+versionColumns+` FROM folders_version v
		WHERE v.folder = ? AND v.cause = 2 AND v.state = 2 AND v.kind > 0 ORDER BY v.parent, v.name LIMIT 1000`, folder))
}

// change is one row of the recent changes.
type change struct {
	stamp, feed, seq int64
	what             int
	path, other      string
	count            int64
	person           wire.PersonID
	device           wire.DeviceID
}

// changes lists what was changed before a position, newest first.
func (f *Folders) changes(ctx context.Context, folder int64, stamp, feed, seq int64, limit int) (out []change, err error) {
	rows, err := f.DB.Read().QueryContext(ctx, `SELECT c.stamp, c.feed, c.seq, c.what, c.path, c.other, c.count, f.person, f.device FROM folders_change c
		JOIN folders_feed f ON f.row = c.feed WHERE c.folder = ? AND (c.stamp, c.feed, c.seq) < (?, ?, ?)
		ORDER BY c.stamp DESC, c.feed DESC, c.seq DESC LIMIT ?`, folder, stamp, feed, seq, limit)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c change
		var person, device []byte
		if err := rows.Scan(&c.stamp, &c.feed, &c.seq, &c.what, &c.path, &c.other, &c.count, &person, &device); err != nil {
			return nil, store.Classify(err)
		}
		copy(c.person[:], person)
		copy(c.device[:], device)
		out = append(out, c)
	}
	return out, store.Classify(rows.Err())
}

// stampMilli is the wall time of a stamp.
func stampMilli(stamp int64) int64 { return clock.Stamp(stamp).UnixMilli() }

// unsent counts the versions of this device that neither another member's device
// nor a relay has.
func (k *keeper) unsent(ctx context.Context, folder int64) (n int64, err error) {
	o, ok := k.ownFeed()
	if !ok {
		return 0, nil
	}
	var held sql.NullInt64
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT max(seq) FROM folderslocal_held WHERE space = ? AND start = ?`, k.space[:], int64(o.start)).Scan(&held)
	if err != nil {
		return 0, store.Classify(err)
	}
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM folders_version WHERE folder = ? AND feed = ? AND seq > ? AND state = 2 AND kind = 1`,
		folder, o.row, max(held.Int64, int64(o.upto))).Scan(&n)
	return n, store.Classify(err)
}

// holders counts devices of other members that hold everything this one told of.
func (k *keeper) holders(ctx context.Context) (n int, err error) {
	o, ok := k.ownFeed()
	if !ok {
		return 0, nil
	}
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM folderslocal_held WHERE space = ? AND start = ? AND seq >= ?`,
		k.space[:], int64(o.start), int64(o.seq)).Scan(&n)
	return n, store.Classify(err)
}

// hasEverything reports whether a device of a person is known to hold everything
// that this one told of.
func (f *Folders) hasEverything(ctx context.Context, s summary, m space.Membership) bool {
	id, k := s.id, f.keeper(s.id)
	if k == nil {
		return false
	}
	if m.Person == f.Me.Person && k.keepsAll() {
		c, err := k.counted(ctx, s.row)
		return err == nil && c.missing == 0
	}
	o, ok := k.ownFeed()
	if !ok {
		return false
	}
	for _, c := range m.Certificates {
		var n int
		err := f.DB.Read().QueryRow(`SELECT count(*) FROM folderslocal_held WHERE space = ? AND device = ? AND start = ? AND seq >= ?`,
			id[:], c.Device[:], int64(o.start), int64(o.seq)).Scan(&n)
		if err == nil && n > 0 {
			return true
		}
	}
	return false
}

// binSize is what the bin of a place holds.
func (k *keeper) binSize(ctx context.Context) (bytes int64, err error) {
	err = k.f.DB.Read().QueryRowContext(ctx, `SELECT coalesce(sum(size), 0) FROM folderslocal_file WHERE place = ? AND lies <> ''`, k.row).Scan(&bytes)
	return bytes, store.Classify(err)
}
