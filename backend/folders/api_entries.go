package folders

import (
	"context"
	"fmt"
	"mime"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/wire"
)

// FilesPrefix is where the content of entries is read:
// <prefix><folder>/<version or "-">/<path>.
const FilesPrefix = "/folders/"

// opened finds a folder and its tables. Errors: errcode.NotFound.
func (a API) open(ctx context.Context, id string) (*Folders, summary, error) {
	f, space, err := a.in(id)
	if err != nil {
		return nil, summary{}, err
	}
	s, err := f.summary(ctx, space)
	return f, s, err
}

func contentPath(id wire.SpaceID, version, p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	if version == "" {
		version = "-"
	}
	return FilesPrefix + id.String() + "/" + version + "/" + strings.Join(parts, "/")
}

// previewOf says how a file may be shown, by its name.
func previewOf(name string) string {
	ext := strings.ToLower(path.Ext(name))
	switch {
	case slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".avif"}, ext):
		return "picture"
	case ext == ".pdf":
		return "pdf"
	case slices.Contains([]string{".txt", ".md", ".csv", ".tsv", ".log", ".json", ".xml", ".yaml", ".yml", ".toml", ".ini", ".conf", ".go", ".py", ".js",
		".ts", ".tsx", ".jsx", ".c", ".h", ".cpp", ".java", ".rs", ".sh", ".bat", ".ps1", ".sql", ".css", ".html", ".htm", ".tex", ".srt", ".vtt", ".diff", ".patch"}, ext),
		name == ".roundtableignore", strings.EqualFold(name, "readme"), strings.EqualFold(name, "makefile"):
		return "text"
	}
	kind, _, _ := strings.Cut(mime.TypeByExtension(ext), "/")
	if kind == "audio" || kind == "video" {
		return kind
	}
	return ""
}

// entryOut tells everything about what stands at a path.
func (f *Folders) entryOut(ctx context.Context, s summary, k *keeper, v version) (*v1.Entry, error) {
	_, name := split(v.path)
	out := &v1.Entry{
		Path: v.path, Name: name, Kind: v1.EntryKind(v.kind), Size: v.size, ModifiedUnixMs: v.modified / 1e6, State: v1.EntryState_ENTRY_STATE_LISTED,
		ChangedBy: f.personOf(ctx, s.id, v.feed), ChangedUnixMs: stampMilli(v.stamp), IsConflict: v.cause == conflictOf,
	}
	var err error
	switch v.kind {
	case Folder:
		out.ModifiedUnixMs = 0
		if out.Files, out.Size, err = f.below(ctx, s.row, v.path); err != nil {
			return nil, err
		}
	case Link:
		out.Target = string(v.body)
	case File:
		out.Preview = previewOf(name)
	}
	if k != nil {
		err = k.stateOut(ctx, s, v, out)
	}
	return out, err
}

// stateOut tells how an entry stands on this disk.
func (k *keeper) stateOut(ctx context.Context, s summary, v version, out *v1.Entry) error {
	l, known, err := localAt(k.f.DB.Read(), k.row, v.path)
	if err != nil {
		return err
	}
	here, away := int64(0), int64(0)
	if v.kind == Folder {
		if here, away, err = k.lacking(ctx, s.row, v.path); err != nil {
			return err
		}
	}
	wanted := k.wanted(v.path)
	trouble, bad := k.problems.at(v.path)
	paused, held := k.halted()
	k.mu.Lock()
	defer k.mu.Unlock()
	under := k.progress.under[v.path]
	switch {
	case k.code != "" && k.code != errcode.DiskFull:
		out.State = v1.EntryState_ENTRY_STATE_UNSPECIFIED
		return nil
	case bad:
		out.State, out.ErrorCode = v1.EntryState_ENTRY_STATE_PROBLEM, string(trouble.code)
	case k.progress.unshared[v.path]:
		out.State = v1.EntryState_ENTRY_STATE_CHANGED_HERE
	case known && l.version == v.id && (v.kind != Folder || away == 0), v.kind == Folder && away == 0 && here > 0:
		out.State = v1.EntryState_ENTRY_STATE_HERE
	case !wanted && !known && (v.kind != Folder || here == 0):
		return nil
	case under != nil:
		out.State, out.Fetched = v1.EntryState_ENTRY_STATE_FETCHING, under.done
	case paused || held != "" || k.progress.waits && !k.progress.pulling:
		out.State, out.Fetched = v1.EntryState_ENTRY_STATE_WAITING, k.progress.partly[v.id].done
	default:
		out.State = v1.EntryState_ENTRY_STATE_FETCHING
	}
	if v.kind == File && known && l.version == v.id {
		out.ContentPath = contentPath(k.space, "", v.path)
	}
	return nil
}

func limited(n, otherwise, most int32) int {
	if n <= 0 {
		n = otherwise
	}
	return int(min(n, most))
}

// inner checks a path of the screen. Errors: errcode.InvalidArgument.
func inner(p string) error {
	if p != "" && disk.Portable(p) != nil {
		return errcode.InvalidArgument
	}
	return nil
}

func (a API) Entries(ctx context.Context, r *v1.EntriesRequest) (*v1.EntriesResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	if err := inner(r.Path); err != nil {
		return nil, err
	}
	limit := limited(r.Limit, 500, 1000)
	vs, err := f.children(ctx, s.row, r.Path, r.After, limit+1)
	if err != nil {
		return nil, err
	}
	out := &v1.EntriesResponse{HasMore: len(vs) > limit}
	if err := f.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM folders_version WHERE folder = ? AND parent = ? AND state = 2 AND kind > 0`, s.row, r.Path).Scan(&out.Total); err != nil {
		return nil, err
	}
	out.Entries, err = f.entriesOut(ctx, s, vs[:min(len(vs), limit)])
	return out, err
}

func (f *Folders) entriesOut(ctx context.Context, s summary, vs []version) (out []*v1.Entry, err error) {
	k := f.keeper(s.id)
	for _, v := range vs {
		e, err := f.entryOut(ctx, s, k, v)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (a API) FindEntries(ctx context.Context, r *v1.FindEntriesRequest) (*v1.EntriesResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	if r.Text == "" || len(r.Text) > 512 || r.WithinMs < 0 {
		return nil, errcode.InvalidArgument
	}
	vs, unfinished, err := f.matching(ctx, s.row, r.Text, limited(r.Limit, 100, 1000), time.Duration(r.WithinMs)*time.Millisecond)
	if err != nil {
		return nil, err
	}
	out := &v1.EntriesResponse{Total: int64(len(vs)), Unfinished: unfinished}
	out.Entries, err = f.entriesOut(ctx, s, vs)
	return out, err
}

func (a API) Transfers(ctx context.Context, r *v1.FolderRequest) (*v1.TransfersResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	out := &v1.TransfersResponse{}
	k := f.keeper(s.id)
	if k == nil {
		return out, nil
	}
	c, err := k.counted(ctx, s.row)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	out.ReusedBytes, out.FetchedBytes = k.progress.reused, k.progress.fetched
	for p, t := range k.progress.under {
		if len(out.Transfers) < 200 {
			out.Transfers = append(out.Transfers, &v1.Transfer{Path: p, Size: t.size, Fetched: t.done})
		}
	}
	slices.SortFunc(out.Transfers, func(a, b *v1.Transfer) int { return strings.Compare(a.Path, b.Path) })
	out.Queued = max(0, c.missing-int64(len(k.progress.under)))
	return out, nil
}

var whats = map[int]string{whatAdded: "added", whatChanged: "changed", whatRemoved: "removed", whatMoved: "moved", whatSeveral: "several",
	whatSeveralAdded: "several_added", whatSeveralRemoved: "several_removed"}

func (a API) FolderChanges(ctx context.Context, r *v1.FolderChangesRequest) (*v1.FolderChangesResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	stamp, feed, seq := int64(1)<<62, int64(0), int64(0)
	if r.Before != "" {
		if _, err := fmt.Sscanf(r.Before, "%d.%d.%d", &stamp, &feed, &seq); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
	}
	limit := limited(r.Limit, 50, 200)
	all, err := f.changes(ctx, s.row, stamp, feed, seq, limit+1)
	if err != nil {
		return nil, err
	}
	out := &v1.FolderChangesResponse{HasMore: len(all) > limit}
	for _, c := range all[:min(len(all), limit)] {
		out.Changes = append(out.Changes, &v1.FolderChange{
			PersonId: c.person.String(), PersonName: f.Name(ctx, s.workspace, c.person), UnixMs: stampMilli(c.stamp), What: whats[c.what], Path: c.path, From: c.other,
			Count: c.count, Mine: c.device == f.Log.Self(), Cursor: fmt.Sprintf("%d.%d.%d", c.stamp, c.feed, c.seq),
		})
	}
	return out, nil
}

func (a API) Problems(ctx context.Context, r *v1.FolderRequest) (*v1.ProblemsResponse, error) {
	f, s, err := a.open(ctx, r.FolderId)
	if err != nil {
		return nil, err
	}
	out := &v1.ProblemsResponse{}
	k := f.keeper(s.id)
	if k == nil {
		return out, nil
	}
	for _, p := range k.problems.list() {
		one := &v1.Problem{Path: p.path, ErrorCode: string(p.code), SinceUnixMs: p.since.UnixMilli()}
		if p.other != "" {
			one.Params = map[string]string{"other": p.other}
		}
		out.Problems = append(out.Problems, one)
	}
	return out, nil
}
