package folders

import (
	"context"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// API serves FoldersService. Get gives the feature, or an error while the profile
// is not open.
type API struct{ Get func() (*Folders, error) }

// in opens the feature and reads the ID of a folder or workspace.
func (a API) in(id string) (*Folders, wire.SpaceID, error) {
	f, err := a.Get()
	if err != nil {
		return nil, wire.SpaceID{}, err
	}
	space, err := wire.ParseSpaceID(id)
	if err != nil {
		return nil, space, errcode.With(errcode.InvalidArgument, err)
	}
	return f, space, nil
}

func roleOut(r space.Role) v1.FolderRole {
	switch {
	case r >= space.Admin:
		return v1.FolderRole_FOLDER_ROLE_MANAGE
	case r == space.Member:
		return v1.FolderRole_FOLDER_ROLE_WRITE
	}
	return v1.FolderRole_FOLDER_ROLE_READ
}

func roleIn(r v1.FolderRole) (space.Role, error) {
	switch r {
	case v1.FolderRole_FOLDER_ROLE_READ:
		return space.Guest, nil
	case v1.FolderRole_FOLDER_ROLE_WRITE:
		return space.Member, nil
	case v1.FolderRole_FOLDER_ROLE_MANAGE:
		return space.Admin, nil
	}
	return 0, errcode.InvalidArgument
}

// out tells everything about a folder.
func (f *Folders) out(ctx context.Context, s summary) (*v1.Folder, error) {
	role, active := f.role(s.id)
	out := &v1.Folder{
		Id: s.id.String(), WorkspaceId: s.workspace.String(), Name: s.name, Role: roleOut(role), Active: active,
		Files: s.files, Bytes: s.bytes, Mode: v1.FolderMode_FOLDER_MODE_LISTED, State: v1.FolderState_FOLDER_STATE_LISTED,
	}
	_ = f.Log.View(s.id, func(st *space.State) { out.MemberCount = int32(st.Active()) })
	copies, err := f.copies(ctx, s.row)
	if err != nil {
		return nil, err
	}
	out.Conflicts = int32(len(copies))
	last, err := f.changes(ctx, s.row, 1<<62, 0, 0, 1)
	if err != nil {
		return nil, err
	}
	if len(last) > 0 {
		out.LastChangeUnixMs, out.LastChangeBy = stampMilli(last[0].stamp), f.Name(ctx, s.workspace, last[0].person)
	}
	if k := f.keeper(s.id); k != nil {
		if err := k.out(ctx, s, out); err != nil {
			return nil, err
		}
	}
	if f.crowded(s.id) {
		out.State, out.ErrorCode = v1.FolderState_FOLDER_STATE_STOPPED, string(errcode.FolderCrowded)
	}
	return out, nil
}

// out adds what is so on this disk.
func (k *keeper) out(ctx context.Context, s summary, out *v1.Folder) error {
	c, err := k.counted(ctx, s.row)
	if err != nil {
		return err
	}
	n, err := k.holders(ctx)
	if err != nil {
		return err
	}
	if out.BinBytes, err = k.binSize(ctx); err != nil {
		return err
	}
	paused, held := k.halted()
	arrived := k.arrived()
	k.mu.Lock()
	defer k.mu.Unlock()
	out.Mode, out.LocalPath = v1.FolderMode_FOLDER_MODE_CHOSEN, k.root
	if k.place.all() {
		out.Mode = v1.FolderMode_FOLDER_MODE_WHOLE
	}
	out.Chosen, out.LeftOut = k.place.parts()
	out.KeepDays, out.KeepBytes = int32(k.keepDays), k.keepBytes
	out.MissingFiles, out.MissingBytes, out.Unsent, out.Holders = c.missing, max(0, c.bytes-arrived), c.unsent, int32(n)
	out.Scanned, out.Unsaid = k.progress.scanned.Load(), int64(k.progress.unsaid)
	out.Problems = int32(len(k.problems.list()))
	out.WatchLimited, out.WatchLimit, out.WatchNeeded = k.watching.Limited, k.watching.Limit, k.watching.Needed
	out.PollSeconds = int32(k.polled / time.Second)
	k.moving(ctx, s.workspace, out)
	switch {
	case paused:
		out.State = v1.FolderState_FOLDER_STATE_PAUSED
	case k.code != "":
		out.State, out.ErrorCode = v1.FolderState_FOLDER_STATE_STOPPED, string(k.code)
	case !k.taken || k.progress.scanning || k.progress.unsaid > 0:
		out.State = v1.FolderState_FOLDER_STATE_SCANNING
	case c.missing == 0 && !k.progress.pulling && !(c.old && k.fresh.waiting()): // old figures know nothing of what waits
		out.State = v1.FolderState_FOLDER_STATE_UP_TO_DATE
	case held != "":
		out.State, out.HeldBy = v1.FolderState_FOLDER_STATE_HELD, held
	case k.progress.waits:
		out.State = v1.FolderState_FOLDER_STATE_WAITING
	default:
		out.State = v1.FolderState_FOLDER_STATE_FETCHING
	}
	return nil
}

// moving tells how fast and from where content comes; k.mu is held.
func (k *keeper) moving(ctx context.Context, workspace wire.SpaceID, out *v1.Folder) {
	now := time.Now()
	out.BytesPerSecond = k.progress.rate.perSecond(now)
	if out.BytesPerSecond > 0 {
		out.SecondsLeft = (out.MissingBytes + out.BytesPerSecond - 1) / out.BytesPerSecond
	}
	for s, at := range k.progress.sources {
		if now.Sub(at) > sourceLife {
			delete(k.progress.sources, s)
			continue
		}
		one := &v1.FolderSource{Via: s.via}
		if !s.device.IsZero() {
			var person wire.PersonID
			_ = k.f.Log.View(k.space, func(st *space.State) { person, _ = st.Person(s.device) })
			one.PersonName = k.f.Name(ctx, workspace, person)
		}
		out.Sources = append(out.Sources, one)
	}
}

// answer gives one folder after a command.
func (f *Folders) answer(ctx context.Context, id wire.SpaceID, err error) (*v1.Folder, error) {
	if err != nil {
		return nil, err
	}
	s, err := f.summary(ctx, id)
	if err != nil {
		return nil, err
	}
	return f.out(ctx, s)
}

func (a API) Folders(ctx context.Context, r *v1.FoldersRequest) (*v1.FoldersResponse, error) {
	f, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	all, err := f.summaries(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &v1.FoldersResponse{}
	for _, s := range all {
		if _, active := f.role(s.id); !active && f.keeper(s.id) == nil {
			continue // left, or not ours any more
		}
		o, err := f.out(ctx, s)
		if err != nil {
			return nil, err
		}
		out.Folders = append(out.Folders, o)
	}
	return out, nil
}

func (a API) Share(ctx context.Context, r *v1.ShareRequest) (*v1.Folder, error) {
	f, workspace, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	members, err := membersIn(r.Members)
	if err != nil {
		return nil, err
	}
	id, err := f.Share(ctx, workspace, r.LocalPath, r.Name, members)
	return f.answer(ctx, id, err)
}

func membersIn(all []*v1.FolderMember) (map[wire.PersonID]space.Role, error) {
	out := map[wire.PersonID]space.Role{}
	for _, m := range all {
		person, err := wire.ParsePersonID(m.PersonId)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		if out[person], err = roleIn(m.Role); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a API) Keep(ctx context.Context, r *v1.KeepRequest) (*v1.Folder, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	if r.Mode == v1.FolderMode_FOLDER_MODE_LISTED {
		return f.answer(ctx, id, f.Unkeep(ctx, id))
	}
	return f.answer(ctx, id, f.Keep(ctx, id, r.LocalPath, int(r.Mode), r.Chosen))
}

func (a API) Unkeep(ctx context.Context, r *v1.FolderRequest) (*v1.Folder, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	return f.answer(ctx, id, f.Unkeep(ctx, id))
}

func (a API) Leave(ctx context.Context, r *v1.FolderRequest) (*v1.LeaveFolderResponse, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	return &v1.LeaveFolderResponse{}, f.Leave(ctx, id)
}

func (a API) StopSharing(ctx context.Context, r *v1.FolderRequest) (*v1.Folder, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	return f.answer(ctx, id, f.Stop(ctx, id))
}

func (a API) RenameFolder(ctx context.Context, r *v1.RenameFolderRequest) (*v1.Folder, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	return f.answer(ctx, id, f.Rename(ctx, id, r.Name))
}

// kept finds the keeper of a folder. Errors: errcode.NotFound.
func (a API) kept(id string) (*Folders, *keeper, error) {
	f, space, err := a.in(id)
	if err != nil {
		return nil, nil, err
	}
	if k := f.keeper(space); k != nil {
		return f, k, nil
	}
	return nil, nil, errcode.NotFound
}

func (a API) PauseFolder(ctx context.Context, r *v1.PauseFolderRequest) (*v1.Folder, error) {
	f, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, err
	}
	return f.answer(ctx, k.space, k.change(ctx, func(p *place) { p.paused = r.Paused }))
}

// Bounds of what may be asked of the bin.
const (
	maxKeepDays  = 3650
	maxKeepBytes = 1 << 50
)

func (a API) SetRetention(ctx context.Context, r *v1.SetRetentionRequest) (*v1.Folder, error) {
	f, k, err := a.kept(r.FolderId)
	if err != nil {
		return nil, err
	}
	if r.KeepDays < 1 || r.KeepDays > maxKeepDays || r.KeepBytes < 0 || r.KeepBytes > maxKeepBytes {
		return nil, errcode.SettingInvalid
	}
	err = k.change(ctx, func(p *place) { p.keepDays, p.keepBytes = int(r.KeepDays), r.KeepBytes })
	if err == nil && k.standingTree() != nil {
		err = k.sweep(ctx)
	}
	return f.answer(ctx, k.space, err)
}

func (f *Folders) membersOut(ctx context.Context, id wire.SpaceID, err error) (*v1.FolderMembersResponse, error) {
	if err != nil {
		return nil, err
	}
	s, err := f.summary(ctx, id)
	if err != nil {
		return nil, err
	}
	var all []space.Membership
	_ = f.Log.View(id, func(st *space.State) { all = st.Members() })
	out := &v1.FolderMembersResponse{}
	for _, m := range all {
		if m.Active {
			out.Members = append(out.Members, &v1.FolderMember{PersonId: m.Person.String(), Role: roleOut(m.Role), Owner: m.Role == space.Owner,
				Name: f.Name(ctx, s.workspace, m.Person), HasEverything: f.hasEverything(ctx, s, m)})
		}
	}
	return out, nil
}

func (a API) FolderMembers(ctx context.Context, r *v1.FolderRequest) (*v1.FolderMembersResponse, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	return f.membersOut(ctx, id, nil)
}

func (a API) SetFolderMembers(ctx context.Context, r *v1.SetFolderMembersRequest) (*v1.FolderMembersResponse, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	members, err := membersIn(r.Members)
	if err != nil {
		return nil, err
	}
	for person, role := range members {
		if err := f.SetMember(ctx, id, person, role); err != nil {
			return nil, err
		}
	}
	return f.membersOut(ctx, id, nil)
}

func (a API) RemoveFolderMember(ctx context.Context, r *v1.RemoveFolderMemberRequest) (*v1.FolderMembersResponse, error) {
	f, id, err := a.in(r.FolderId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return f.membersOut(ctx, id, f.RemoveMember(ctx, id, person))
}
