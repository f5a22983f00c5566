package folders

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
)

// parents makes the folders above a path.
func (k *keeper) parents(path string) error {
	parent, _ := split(path)
	if parent == "" {
		return nil
	}
	info, err := k.tree.Look(parent)
	if err == nil && info.Kind == disk.Folder && info.Path == parent {
		return nil
	}
	if err == nil && info.Kind != disk.Folder {
		return blocked{parent} // something lies where the folder should be: it is a change of its own
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := k.parents(parent); err != nil {
		return err
	}
	if err := k.tree.Make(parent, disk.Folder, ""); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err = k.tree.Look(parent); err == nil && info.Path != parent {
		return disk.ErrClash // it is here in another case
	}
	k.look.at(parent) // if the log has it not any more, it is to be said again
	return err
}

// make makes a folder or a link.
func (k *keeper) make(ctx context.Context, v version, l local, known bool) error {
	k.ground.Lock()
	defer k.ground.Unlock()
	if v.kind == Link && !k.linkStays(v) {
		return disk.ErrEscapes
	}
	if err := k.steady(v, l, known); err != nil {
		return err
	}
	now, here, err := k.seen(v.path)
	if err != nil {
		return err
	}
	if here && (!known || !l.unchanged(now)) && !(v.kind == Folder && now.Kind == disk.Folder) || known && !here {
		return k.unseenAt(ctx, v.path, here)
	}
	if err := k.parents(v.path); err != nil {
		return err
	}
	if here && now.Kind != disk.Folder {
		old, err := k.away(&l, "")
		if err != nil {
			return err
		}
		if err := k.f.DB.Write(ctx, func(tx *store.Tx) error { return old.put(tx, k.row, nil) }); err != nil {
			return err
		}
		here, l = false, local{}
	}
	if here && v.kind == Link {
		if err := k.makeWay(v.path); err != nil {
			return err
		}
		here = false
	}
	switch {
	case v.kind == Folder && !here:
		now, err = k.makeFolder(v.path)
	case !here:
		if err = k.tree.Make(v.path, disk.Link, string(v.body)); errors.Is(err, fs.ErrExist) {
			err = errors.Join(errUnseen, err)
		}
		fallthrough
	default:
		if err == nil {
			now, err = k.tree.Look(v.path)
		}
	}
	if err != nil {
		return err
	}
	l.path, l.version, l.body = v.path, v.id, v.body
	l.see(now)
	if err := k.tree.Settle(v.path); err != nil {
		return err
	}
	defer k.missed(v.path)
	return k.f.DB.Write(ctx, func(tx *store.Tx) error { return l.put(tx, k.row, nil) })
}

// makeFolders makes the folders among some differences that are simply not there,
// all in one go, and gives what is left.
func (r *round) makeFolders(vs []difference) (rest []difference, err error) {
	k := r.k
	var made []local
	var paths []string
	k.ground.Lock()
	defer k.ground.Unlock()
	for _, d := range vs {
		if d.version.kind != Folder || d.known || r.skips(d) {
			rest = append(rest, d)
			continue
		}
		err := r.fits(d.version)
		var now disk.Info
		if err == nil {
			err = k.steady(d.version, local{}, false)
		}
		if err == nil {
			now, err = k.makeFolder(d.path)
		}
		if err = r.excuse(d.version, err); err != nil {
			return nil, err
		}
		if now.Kind != disk.Folder {
			continue
		}
		l := local{path: d.path, version: d.version.id, body: d.version.body}
		l.see(now)
		made, paths = append(made, l), append(paths, d.path)
	}
	if len(made) == 0 {
		return rest, nil
	}
	if err := k.tree.Settle(paths...); err != nil {
		return nil, err
	}
	defer func() {
		for _, l := range made {
			k.missed(l.path)
		}
	}()
	return rest, k.f.DB.Write(r.ctx, func(tx *store.Tx) error {
		for i := range made {
			if err := made[i].put(tx, k.row, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// makeFolder makes a folder, and those above it. Errors: errUnseen when something
// else lies there.
func (k *keeper) makeFolder(path string) (now disk.Info, err error) {
	if err := k.parents(path); err != nil {
		return now, err
	}
	if err := k.tree.Make(path, disk.Folder, ""); err != nil && !errors.Is(err, fs.ErrExist) {
		return now, err
	}
	now, here, err := k.seen(path)
	if err == nil && !here {
		err = k.respell(path)
	}
	if err == nil && (!here || now.Kind != disk.Folder) {
		err = errUnseen
	}
	return now, err
}

// linkStays reports whether a link points to something inside the folder. Others
// are not made: what lies outside is nobody's to choose from afar. A target may go up
// first and down then; behind a name it may not go up again, because that name may be
// another link.
func (k *keeper) linkStays(v version) bool {
	target := string(v.body)
	if !k.tree.Rules().Links || strings.HasPrefix(target, "/") || strings.ContainsAny(target, "\\:\x00") {
		return false
	}
	at, _ := split(v.path)
	down := false
	for part := range strings.SplitSeq(target, "/") {
		switch part {
		case "..":
			if down || at == "" {
				return false
			}
			at, _ = split(at)
		case ".", "":
		default:
			down, at = true, join(at, part)
		}
	}
	return at == "" || shareable(norm.NFC.String(at))
}
