package folders

import (
	"context"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
)

func (f *Folders) sideOut(ctx context.Context, s summary, v version) (*v1.ConflictSide, error) {
	e, err := f.entryOut(ctx, s, f.keeper(s.id), v)
	if err != nil {
		return nil, err
	}
	return &v1.ConflictSide{Path: v.path, PersonName: e.ChangedBy, UnixMs: v.modified / 1e6, Size: v.size, State: e.State, ContentPath: e.ContentPath, Preview: e.Preview}, nil
}

func (f *Folders) conflictsOut(ctx context.Context, s summary) (*v1.ConflictsResponse, error) {
	copies, err := f.copies(ctx, s.row)
	if err != nil {
		return nil, err
	}
	out := &v1.ConflictsResponse{}
	for _, c := range copies {
		one := &v1.Conflict{}
		if one.Copy, err = f.sideOut(ctx, s, c); err != nil {
			return nil, err
		}
		one.Copy.PersonName = f.writerOf(ctx, s, c)
		stands, found, err := standingAt(f.DB.Read(), s.row, c.from)
		if err != nil {
			return nil, err
		}
		if found && stands.kind != Removed {
			if one.Original, err = f.sideOut(ctx, s, stands); err != nil {
				return nil, err
			}
			one.Original.PersonName = f.writerOf(ctx, s, stands)
		}
		out.Conflicts = append(out.Conflicts, one)
	}
	return out, nil
}

// writerOf names who wrote the content of a version: whoever said it first under
// the path, or under the path that it is a copy of.
func (f *Folders) writerOf(ctx context.Context, s summary, v version) string {
	who, first := v.feed, v.stamp
	for _, path := range []string{v.path, v.from} {
		if path == "" {
			continue
		}
		all, err := versionsOf(f.DB.Read(), s.row, path)
		if err != nil {
			continue
		}
		for _, o := range all {
			if o.kind == v.kind && string(o.body) == string(v.body) && o.stamp < first {
				who, first = o.feed, o.stamp
			}
		}
	}
	return f.personOf(ctx, s.id, who)
}

func (a API) Conflicts(ctx context.Context, r *v1.FolderRequest) (*v1.ConflictsResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	return f.conflictsOut(ctx, s)
}

func (a API) Resolve(ctx context.Context, r *v1.ResolveRequest) (*v1.ConflictsResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	if _, err := f.writable(s.id); err != nil {
		return nil, err
	}
	c, found, err := standingAt(f.DB.Read(), s.row, r.CopyPath)
	if err != nil {
		return nil, err
	}
	if !found || c.cause != conflictOf || c.kind == Removed {
		return nil, errcode.NotFound
	}
	if err := f.resolve(ctx, s, c, r.Resolution); err != nil {
		return nil, err
	}
	return f.conflictsOut(ctx, s)
}

// resolve says what becomes of a copy and of what it is a copy of.
func (f *Folders) resolve(ctx context.Context, s summary, c version, how v1.Resolution) error {
	// Several may have made the same copy at the same time: all of them are meant.
	copies, err := unreplacedAt(f.DB.Read(), s.row, c.path)
	if err != nil {
		return err
	}
	same := entry{Path: c.path, Kind: c.kind, Modified: c.modified, Exec: c.exec, Replaces: copies}
	gone := entry{Path: c.path, Kind: Removed, Replaces: copies}
	var entries []entry
	switch how {
	case v1.Resolution_RESOLUTION_KEEP_BOTH:
		if err := carry(&same, c); err != nil {
			return err
		}
		entries = []entry{same}
	case v1.Resolution_RESOLUTION_KEEP_ORIGINAL:
		entries = []entry{gone}
	case v1.Resolution_RESOLUTION_KEEP_COPY:
		chosen := entry{Path: c.from, Kind: c.kind, Modified: f.Clock.Now().UnixNano(), Exec: c.exec}
		if chosen.Replaces, err = unreplacedAt(f.DB.Read(), s.row, c.from); err != nil {
			return err
		}
		if err := carry(&chosen, c); err != nil {
			return err
		}
		entries = []entry{chosen, gone}
	default:
		return errcode.InvalidArgument
	}
	_, err = f.Log.Append(ctx, s.id, eventlog.Draft{Kind: EntriesChanged, Body: entriesChanged{Entries: entries}})
	return err
}

func (f *Folders) versionOut(ctx context.Context, s summary, v version) *v1.Version {
	_, name := split(v.path)
	out := &v1.Version{
		Id: v.id.String(), Path: v.path, PersonName: f.personOf(ctx, s.id, v.feed), UnixMs: stampMilli(v.stamp), Size: v.size,
		IsPresent: v.state == standing, IsRemoval: v.kind == Removed,
	}
	if k := f.keeper(s.id); k != nil && v.kind == File {
		if _, err := k.localChunks(ctx, v); err == nil {
			out.Here, out.ContentPath, out.Preview = true, contentPath(s.id, v.id.String(), v.path), previewOf(name)
		}
	}
	return out
}

func (a API) Versions(ctx context.Context, r *v1.EntryRequest) (*v1.VersionsResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	if err := inner(r.Path); err != nil {
		return nil, err
	}
	all, err := f.lineage(s.row, r.Path)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b version) int { return int(max(-1, min(1, b.stamp-a.stamp))) })
	out := &v1.VersionsResponse{}
	for _, v := range all[:min(len(all), 200)] {
		out.Versions = append(out.Versions, f.versionOut(ctx, s, v))
	}
	return out, nil
}

func (a API) Bin(ctx context.Context, r *v1.BinRequest) (*v1.BinResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	all, next, err := f.removed(ctx, s.row, r.After, limited(r.Limit, 100, 500))
	if err != nil {
		return nil, err
	}
	out := &v1.BinResponse{HasMore: next != "", Next: next}
	for _, v := range all {
		out.Removed = append(out.Removed, f.versionOut(ctx, s, v))
	}
	if k := f.keeper(s.id); k != nil {
		if out.Bytes, err = k.binSize(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a API) RestoreVersion(ctx context.Context, r *v1.RestoreVersionRequest) (*v1.RestoreResponse, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	which, err := ParseVersion(r.VersionId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	done, err := f.Restore(ctx, id, r.Path, which)
	return restoredOut(done), err
}

func (a API) RestoreAsOf(ctx context.Context, r *v1.RestoreAsOfRequest) (*v1.RestoreResponse, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	if err := inner(r.Path); err != nil {
		return nil, err
	}
	done, err := f.RestoreAsOf(ctx, id, r.Path, time.UnixMilli(r.UnixMs), r.Preview)
	return restoredOut(done), err
}

func restoredOut(r Restored) *v1.RestoreResponse {
	return &v1.RestoreResponse{Restored: r.Restored, Changed: r.Changed, Removed: r.Removed}
}
