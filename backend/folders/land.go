package folders

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// adopt takes over a version whose content is here already: only its time, and
// whether it may be run, are others.
func (k *keeper) adopt(ctx context.Context, v version, l local, alike bool) error {
	k.ground.Lock()
	defer k.ground.Unlock()
	if err := k.steady(v.path, l, true); err != nil {
		return err
	}
	now, here, err := k.seen(v.path)
	if err != nil {
		return err
	}
	if !here || !l.unchanged(now) {
		return k.unseenAt(ctx, v.path, here)
	}
	marked := v.kind == File && !alike
	if marked {
		if err := k.tree.Mark(v.path, time.Unix(0, v.modified), v.exec); err != nil {
			return err
		}
		if now, err = k.tree.Look(v.path); err != nil {
			return err
		}
	}
	l.version = v.id
	l.see(now)
	if marked { // a mark hides what was written a moment before
		l.doubt(k)
	}
	return k.f.DB.Write(ctx, func(tx *store.Tx) error { return l.put(tx, k.row, nil) })
}

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
	if err := k.steady(v.path, l, known); err != nil {
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
			err = k.steady(d.path, local{}, false)
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
		if err = k.respell(path); err == nil {
			now, here, err = k.seen(path)
		}
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

// moveHere moves a file that lies under the path it was moved from.
func (k *keeper) moveHere(ctx context.Context, folder int64, v version) (bool, error) {
	l, known, err := localAt(k.f.DB.Read(), k.row, v.from)
	if err != nil || !known || l.kind != File || string(l.body) != string(v.body) {
		return false, err
	}
	if s, found, err := standingAt(k.f.DB.Read(), folder, v.from); err != nil || !found || s.kind != Removed {
		return false, err
	}
	k.ground.Lock()
	defer k.ground.Unlock()
	if err := errors.Join(k.steady(v.from, l, true), k.steady(v.path, local{}, false)); err != nil {
		return false, err
	}
	before, here, err := k.seen(v.from)
	if err != nil || !here || !l.unchanged(before) {
		return false, err // what is there now is another matter
	}
	if _, taken, err := k.seen(v.path); err != nil || taken {
		return false, errors.Join(err, errUnseen)
	}
	if err := k.parents(v.path); err != nil {
		return false, err
	}
	if err := k.tree.Move(v.from, v.path); err != nil {
		return false, err
	}
	marked := !k.alike(v, version{kind: File, body: v.body, modified: before.Modified.UnixNano(), exec: before.Exec})
	if marked {
		if err := k.tree.Mark(v.path, time.Unix(0, v.modified), v.exec); err != nil {
			return false, err
		}
	}
	if err := k.tree.Settle(v.path, v.from); err != nil {
		return false, err
	}
	now, err := k.tree.Look(v.path)
	if err != nil {
		return false, err
	}
	l.path, l.version = v.path, v.id
	if k.seeMoved(&l, before, now); marked {
		l.doubt(k)
	}
	return true, k.f.DB.Write(ctx, func(tx *store.Tx) error { return l.put(tx, k.row, nil) })
}

// landing is a file whose content is whole in a draft.
type landing struct {
	v      version
	draft  string
	chunks []placed
	// later: it is small and takes no other file's place, so its content is settled
	// with that of many others (settle.go).
	later bool
}

// land puts files in their places, all that can be; ground is held. It tells for
// each that could not be why.
func (k *keeper) land(ctx context.Context, all []landing) (failed map[string]error, err error) {
	failed = map[string]error{}
	var rows []local
	var chunks [][]placed
	places := map[string]bool{} // folders that are there, and whose names are to be settled
	for _, one := range all {
		l, old, err := k.landOne(ctx, one, places)
		if old.row != 0 {
			rows, chunks = append(rows, old), append(chunks, nil)
		}
		if err != nil {
			failed[one.v.path] = err
			continue
		}
		rows, chunks = append(rows, l), append(chunks, one.chunks)
	}
	if !allLater(all) {
		if err := k.tree.Settle(slices.Collect(maps.Keys(places))...); err != nil {
			return failed, err
		}
	}
	return failed, k.f.DB.Write(ctx, func(tx *store.Tx) error {
		for i := range rows {
			if err := rows[i].put(tx, k.row, chunks[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// landOne puts one file in its place. old is what went into the bin for it.
// Errors: errUnseen, those of disk.Tree.
func (k *keeper) landOne(ctx context.Context, one landing, places map[string]bool) (l, old local, err error) {
	v := one.v
	was, known, err := localAt(k.f.DB.Read(), k.row, v.path)
	if err != nil {
		return l, old, err
	}
	now, here, err := k.seen(v.path)
	switch {
	case err != nil:
		return l, old, err
	case known && !here, here && !known, here && !was.unchanged(now):
		return l, old, k.unseenAt(ctx, v.path, here)
	case here && one.later:
		return l, old, errUnseen // it came meanwhile
	case here && now.Kind == disk.Folder:
		if err := k.makeWay(v.path); err != nil {
			return l, old, err
		}
		here, l.row = false, was.row
	}
	parent, _ := split(v.path)
	if !places[parent] {
		if err := k.parents(v.path); err != nil {
			return l, old, err
		}
		places[parent] = true
	}
	if here {
		old, err = k.away(&was, one.draft)
	} else {
		err = k.tree.Move(one.draft, v.path)
	}
	if errors.Is(err, fs.ErrExist) {
		err = errors.Join(errUnseen, err)
	}
	if err != nil {
		return l, old, err
	}
	if now, err = k.tree.Look(v.path); err != nil {
		return l, old, err
	}
	l = local{row: l.row, path: v.path, version: v.id, body: v.body, young: one.later}
	if k.seeMoved(&l, disk.Info{Size: v.size, Modified: time.Unix(0, v.modified)}, now); k.fleeting(now) {
		l.doubt(k)
	}
	return l, old, nil
}

// away puts what lies at a path into the bin; with a draft, that takes its place.
// What lies there is kept even if it is not what was looked at a moment ago.
func (k *keeper) away(was *local, draft string) (old local, err error) {
	bin := fmt.Sprintf("%s/%d-%x-%s", binFolder, k.f.Clock.Now().Unix(), wire.Random(4), binName(was.path))
	if draft != "" {
		err = k.tree.Swap(draft, was.path, bin)
	} else {
		err = k.tree.Move(was.path, bin)
	}
	if err != nil {
		return old, err
	}
	old = *was
	old.lies, old.binned = bin, k.f.Clock.Now().UnixMilli()
	now, err := k.tree.Look(bin)
	if err != nil {
		return old, err
	}
	if was.kind == File && (now.Size != was.size || now.Modified.UnixNano() != was.modified) {
		// Somebody wrote between the look and the swap: that is work nobody has seen.
		// It comes back under a name of its own, and the survey says it.
		to := k.free(conflictName(was.path, "", now.Modified))
		if err := k.tree.Move(bin, to); err != nil {
			return old, err
		}
		k.look.at(to)
		return local{row: was.row, path: was.path, lies: bin, kind: File, binned: old.binned}, nil
	}
	old.see(now)
	old.body = was.body
	return old, nil
}

// takeAway removes what is removed in the log; ground is held. What it gives is the
// row as it is now; without lies it is to be dropped.
func (k *keeper) takeAway(v version) (local, error) {
	l, known, err := localAt(k.f.DB.Read(), k.row, v.path)
	if err != nil || !known {
		return local{}, err
	}
	now, here, err := k.seen(v.path)
	switch {
	case err != nil:
		return local{}, err
	case !here:
		return l, nil
	case !l.unchanged(now) && !k.f.mayWrite(k.space):
		k.unsharedAt(v.path, true) // it stays, on this disk alone
		return l, nil
	case !l.unchanged(now):
		return local{}, errUnseen
	case l.kind == Folder:
		if err := k.tree.Remove(v.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return l, k.leftInside(v.path, err)
		}
		return l, nil
	}
	return k.away(&l, "")
}
