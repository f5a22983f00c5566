package folders

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders/disk"
	"roundtable/backend/key"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// defaultKeepDays is how long earlier versions stay unless somebody says otherwise.
const defaultKeepDays = 30

// Share makes a folder of this computer a shared one.
// Errors: name_*, errcode.FolderMissing, FolderNested, FolderUnsuitable, FolderUnreadable, NotMember.
func (f *Folders) Share(ctx context.Context, workspace wire.SpaceID, root, title string, members map[wire.PersonID]space.Role) (wire.SpaceID, error) {
	root, err := f.suitable(root, wire.SpaceID{})
	if err != nil {
		return wire.SpaceID{}, err
	}
	if title == "" {
		title = filepath.Base(root)
	}
	if title, err = name.Check(title, wire.MaxName); err != nil {
		return wire.SpaceID{}, err
	}
	tree, err := f.openTree(root)
	if err != nil {
		return wire.SpaceID{}, err
	}
	var adds []space.Add
	for person, role := range members {
		if person == f.Me.Person {
			continue
		}
		party, err := f.colleague(workspace, person)
		if err != nil {
			return wire.SpaceID{}, err
		}
		adds = append(adds, space.Add{Party: party, Role: role})
	}
	create := space.Create{Kind: space.Folder, Workspace: workspace, Nonce: [16]byte(wire.Random(16)), Parties: []space.Party{f.Me}}
	id, err := f.Log.Create(ctx, create, adds, eventlog.Draft{Kind: FolderNamed, Body: folderNamed{Name: title}})
	if err != nil {
		return id, err
	}
	return id, f.settle(ctx, tree, place{space: id, root: root, mode: modeWhole, keepDays: defaultKeepDays})
}

// Keep keeps a folder here, or another part of it, or in another place.
// Errors: errcode.NotFound, those of Share.
func (f *Folders) Keep(ctx context.Context, id wire.SpaceID, root string, mode int, chosen []string) error {
	if mode != modeWhole && mode != modeChosen {
		return errcode.InvalidArgument
	}
	kept := map[string]bool{}
	for _, c := range chosen {
		if disk.Portable(c) != nil {
			return errcode.InvalidArgument
		}
		kept[c] = true
	}
	if !f.Log.Knows(id) {
		return errcode.NotFound
	}
	if k := f.keeper(id); k != nil && (root == "" || filepath.Clean(root) == k.root) {
		return k.change(ctx, func(p *place) { p.mode, p.chosen = mode, kept })
	}
	if err := os.MkdirAll(root, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return errcode.With(errcode.FolderUnreadable, err)
	}
	root, err := f.suitable(root, id)
	if err != nil {
		return err
	}
	tree, err := f.openTree(root)
	if err != nil {
		return err
	}
	if f.keeper(id) != nil {
		if err := f.Unkeep(ctx, id); err != nil {
			return err
		}
	}
	return f.settle(ctx, tree, place{space: id, root: root, mode: mode, chosen: kept, keepDays: defaultKeepDays})
}

// settle begins to keep a folder at a place.
func (f *Folders) settle(ctx context.Context, tree disk.Tree, p place) error {
	sum := key.Hash("roundtable folder mark v1", p.space[:], wire.Random(16))
	p.mark = p.space.String() + "\n" + wire.EventID(sum).String() + "\n"
	if err := settleIn(tree, p.mark); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return errcode.With(errcode.FolderUnreadable, err)
		}
		return err
	}
	if err := f.DB.Write(ctx, func(tx *store.Tx) error { return p.save(tx, f.Clock.Now()) }); err != nil {
		return err
	}
	f.mu.Lock()
	k := newKeeper(f, p)
	f.keepers[p.space] = k
	f.start(k)
	f.mu.Unlock()
	f.Publish("folders", topic(p.space))
	return nil
}

// change writes another choice about this place, and lets it work.
func (k *keeper) change(ctx context.Context, what func(*place)) error {
	k.mu.Lock()
	p := k.place
	k.mu.Unlock()
	what(&p)
	if err := k.f.DB.Write(ctx, func(tx *store.Tx) error { return p.save(tx, k.f.Clock.Now()) }); err != nil {
		return err
	}
	k.mu.Lock()
	what(&k.place)
	k.mu.Unlock()
	k.again()
	k.f.Publish("folders", topic(k.space))
	return nil
}

// Unkeep ends keeping a folder here. Its files stay.
func (f *Folders) Unkeep(ctx context.Context, id wire.SpaceID) error {
	f.mu.Lock()
	k := f.keepers[id]
	delete(f.keepers, id)
	f.mu.Unlock()
	if k == nil {
		return nil
	}
	k.end()
	err := f.DB.Write(ctx, func(tx *store.Tx) error { return k.place.forget(tx) })
	if tree := k.tree; tree != nil && err == nil {
		_ = tree.Remove(markFile) // it may be kept by another profile, or anew
	}
	f.Publish("folders", topic(id))
	return err
}

// Leave ends our membership; when we own the folder, the most senior of those who
// are left does so from now on.
func (f *Folders) Leave(ctx context.Context, id wire.SpaceID) error {
	if !f.Log.Knows(id) {
		return errcode.NotFound
	}
	err := f.Log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: f.Me.Person}})
	if err != nil && !errors.Is(err, errcode.NotMember) {
		return err
	}
	return f.Unkeep(ctx, id)
}

// Stop ends the sharing for everybody. Errors: errcode.Forbidden.
func (f *Folders) Stop(ctx context.Context, id wire.SpaceID) error {
	var ops []space.Op
	role := space.Role(0)
	if err := f.Log.View(id, func(s *space.State) {
		if m, ok := s.Member(f.Me.Person); ok && m.Active {
			role = m.Role
		}
		for _, m := range s.Members() {
			if m.Active && m.Person != f.Me.Person {
				ops = append(ops, space.Op{Remove: &space.Remove{Person: m.Person}})
			}
		}
	}); err != nil {
		return errcode.NotFound
	}
	if role < space.Admin {
		return errcode.Forbidden
	}
	if len(ops) > 0 {
		if err := f.Log.Change(ctx, id, ops...); err != nil {
			return err
		}
	}
	return f.Leave(ctx, id)
}

// Rename gives a shared folder another name, for everybody.
func (f *Folders) Rename(ctx context.Context, id wire.SpaceID, title string) error {
	title, err := name.Check(title, wire.MaxName)
	if err != nil {
		return err
	}
	if !f.mayWrite(id) {
		return errcode.Forbidden
	}
	_, err = f.Log.Append(ctx, id, eventlog.Draft{Kind: FolderNamed, Body: folderNamed{Name: title}})
	return err
}

// openTree opens a folder that is to be kept.
func (f *Folders) openTree(root string) (disk.Tree, error) {
	tree, err := f.Open(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errcode.With(errcode.FolderMissing, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, errcode.With(errcode.FolderUnreadable, err)
	}
	return tree, err
}

// suitable cleans the path of a folder and looks whether it may be shared; it may
// be the place of except. Errors: errcode.FolderMissing, FolderNested, FolderUnsuitable.
func (f *Folders) suitable(root string, except wire.SpaceID) (string, error) {
	if !filepath.IsAbs(root) {
		return "", errcode.FolderMissing
	}
	root = filepath.Clean(root)
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	if code := f.unsuitable(root, except); code != "" {
		return "", code
	}
	return root, nil
}

// unsuitable says why a folder may not be shared, "" when it may.
func (f *Folders) unsuitable(root string, except wire.SpaceID) errcode.Code {
	if filepath.Dir(root) == root || systemFolder(root) {
		return errcode.FolderUnsuitable
	}
	if home := f.Home; home != "" && inside(filepath.Clean(home), root) {
		return errcode.FolderUnsuitable
	}
	if profile := filepath.Dir(f.DB.Path()); inside(profile, root) || inside(root, profile) {
		return errcode.FolderUnsuitable // its own database would be shared
	}
	for _, k := range f.all() {
		if k.space != except && (inside(root, k.root) || inside(k.root, root)) {
			return errcode.FolderNested
		}
	}
	return ""
}

// inside reports whether a path is a folder or lies in it.
func inside(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// systemFolder reports whether a path belongs to the system.
func systemFolder(path string) bool {
	slashed := strings.ToLower(filepath.ToSlash(strings.TrimPrefix(path, filepath.VolumeName(path))))
	if rest, in := strings.CutPrefix(slashed, "/run/media/"); in && strings.Contains(rest, "/") {
		return false // a disk that the system put in for a person
	}
	for _, s := range []string{"/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var/lib", "/var/run",
		"/system", "/library", "/applications", "/private/etc", "/windows", "/program files", "/program files (x86)", "/programdata"} {
		if slashed == s || strings.HasPrefix(slashed, s+"/") {
			return true
		}
	}
	return slashed == "/users" || slashed == "/home" || slashed == "/volumes" || slashed == "/mnt" || slashed == "/media"
}
