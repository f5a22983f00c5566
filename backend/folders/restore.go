package folders

import (
	"context"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

// Restored counts what a restore did, or would do: files, or folders where it is these alone.
type Restored struct{ Restored, Changed, Removed int64 }

// Restore makes an earlier version of a path the present one, also one from where it
// lay before.
// Errors: errcode.NotFound, errcode.Forbidden, errcode.VersionGone.
func (f *Folders) Restore(ctx context.Context, id wire.SpaceID, path string, which VersionID) (Restored, error) {
	folder, err := f.writable(id)
	if err != nil {
		return Restored{}, err
	}
	all, err := versionsOf(f.DB.Read(), folder, path)
	if err != nil {
		return Restored{}, err
	}
	line, err := f.lineage(folder, path)
	if err != nil {
		return Restored{}, err
	}
	for _, v := range line {
		if v.id == which && v.kind != Removed {
			v.path = path
			if !f.reachable(ctx, id, folder, v) {
				return Restored{}, errcode.VersionGone
			}
			r := restoring{f: f, ctx: ctx, id: id}
			if err := r.put(all, v); err != nil {
				return r.done(), err
			}
			return r.done(), r.flush()
		}
	}
	return Restored{}, errcode.NotFound
}

// writable finds the tables of a folder that this person may write.
// Errors: errcode.NotFound, errcode.Forbidden.
func (f *Folders) writable(id wire.SpaceID) (int64, error) {
	folder, err := folderRow(f.DB.Read(), id)
	switch {
	case err != nil:
		return 0, err
	case folder == 0:
		return 0, errcode.NotFound
	case !f.mayWrite(id):
		return 0, errcode.Forbidden
	}
	return folder, nil
}

// RestoreAsOf makes a part of a folder as it was at a time; with preview it only
// counts. Errors: errcode.NotFound, errcode.Forbidden.
func (f *Folders) RestoreAsOf(ctx context.Context, id wire.SpaceID, under string, at time.Time, preview bool) (Restored, error) {
	folder, err := f.writable(id)
	if err != nil {
		return Restored{}, err
	}
	r := restoring{f: f, ctx: ctx, id: id, preview: preview}
	limit := int64(clock.At(at.Add(time.Millisecond))) - 1
	var of []version
	flush := func() error {
		if len(of) == 0 {
			return nil
		}
		all := of
		of = nil
		return r.asOf(all, limit)
	}
	after := ""
	for {
		parent, name := split(after)
		vs, err := scanVersions(f.DB.Read().QueryContext(ctx, `SELECT `+versionColumns+` FROM folders_version v
			WHERE v.folder = ? AND (v.parent, v.name) >= (?, ?) ORDER BY v.parent, v.name, v.id LIMIT ?`, folder, parent, name, planned))
		if err != nil {
			return r.done(), err
		}
		// The last path may go on in the next page, where it is read whole.
		last := ""
		full := len(vs) == planned
		if full {
			last = vs[len(vs)-1].path
			if last == after {
				return r.done(), errcode.RequestLimit // more versions of one path than a page has
			}
		}
		for _, v := range vs {
			if full && v.path == last || !within(v.path, under) {
				continue
			}
			if len(of) > 0 && of[0].path != v.path {
				if err := flush(); err != nil {
					return r.done(), err
				}
			}
			of = append(of, v)
		}
		if err := flush(); err != nil {
			return r.done(), err
		}
		if !full {
			return r.done(), r.flush()
		}
		after = last
	}
}

// restoring gathers entries that bring something back.
type restoring struct {
	f       *Folders
	ctx     context.Context
	id      wire.SpaceID
	preview bool
	files   Restored
	folders Restored
	entries []entry
	bytes   int
}

func (r *restoring) done() Restored {
	if r.files == (Restored{}) {
		return r.folders
	}
	return r.files
}

// asOf puts one path back to what stood at a time: what was written last before it.
func (r *restoring) asOf(all []version, limit int64) error {
	then := version{path: all[0].path, kind: Removed}
	var now version
	for _, v := range all {
		if v.stamp <= limit && (then.id.IsZero() || v.stamp > then.stamp || v.stamp == then.stamp && v.outranks(then)) {
			then = v
		}
		if v.state == standing {
			now = v
		}
	}
	if then.kind == now.kind && string(then.body) == string(now.body) && then.exec == now.exec {
		return nil
	}
	return r.put(all, then)
}

// put makes a version stand again.
func (r *restoring) put(all []version, v version) error {
	e := entry{Path: v.path, Kind: v.kind, Modified: v.modified, Exec: v.exec, Cause: restored}
	if v.kind == Removed {
		e.Modified, e.Exec, e.Cause = 0, false, ordinary
	} else if err := carry(&e, v); err != nil {
		return err
	}
	was := Removed
	for _, o := range all {
		if o.state == standing {
			was = o.kind
		}
		if o.state != replaced && len(e.Replaces) < maxReplaces {
			e.Replaces = append(e.Replaces, o.id)
		}
	}
	count := &r.files
	if v.kind == Folder || v.kind == Removed && was == Folder {
		count = &r.folders
	}
	switch {
	case v.kind == Removed:
		count.Removed++
	case was == Removed:
		count.Restored++
	default:
		count.Changed++
	}
	if r.preview {
		return nil
	}
	r.entries = append(r.entries, e)
	if r.bytes += len(v.path) + len(v.body) + 64; len(r.entries) >= maxEntries || r.bytes > maxEntryBytes/2 {
		return r.flush()
	}
	return nil
}

func (r *restoring) flush() error {
	if len(r.entries) == 0 {
		return nil
	}
	_, err := r.f.Log.Append(r.ctx, r.id, eventlog.Draft{Kind: EntriesChanged, Body: entriesChanged{Entries: r.entries}})
	r.entries, r.bytes = nil, 0
	return err
}
