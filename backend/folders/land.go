package folders

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
)

// adopt takes over a version whose content is here already: only its time, and
// whether it may be run, are others.
func (k *keeper) adopt(ctx context.Context, v version, l local, alike bool) error {
	k.ground.Lock()
	defer k.ground.Unlock()
	if err := k.steady(v, l, true); err != nil {
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
	if err := errors.Join(k.same(v.from, l, true), k.steady(v, local{}, false)); err != nil {
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
	l.path, l.version, l.young = v.path, v.id, false
	if k.seeMoved(&l, before, now); marked {
		l.doubt(k)
	}
	defer k.missed(v.path)
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
			places[binFolder] = true
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
	err = k.f.DB.Write(ctx, func(tx *store.Tx) error {
		for i := range rows {
			if err := rows[i].put(tx, k.row, chunks[i]); err != nil {
				return err
			}
		}
		return nil
	})
	for _, one := range all {
		if failed[one.v.path] == nil {
			k.missed(one.v.path)
		}
	}
	return failed, err
}

// missed looks whether what was just noted as known is still there. A survey that passed
// before it was noted knew nothing of it: what was moved on meanwhile it did not miss.
func (k *keeper) missed(path string) {
	if _, here, err := k.seen(path); err == nil && !here {
		k.look.at(path)
	}
}

// landOne puts one file in its place. old is what went into the bin for it.
// Errors: errUnseen, those of disk.Tree.
func (k *keeper) landOne(ctx context.Context, one landing, places map[string]bool) (l, old local, err error) {
	v, begun := one.v, k.f.Clock.Now()
	if err := k.stands(v); err != nil {
		return l, old, err
	}
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
	case known && k.apart(v, was):
		return l, old, errUnseen // said since: both are kept, in the next round
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
	written, err := k.tree.Look(one.draft)
	if err != nil {
		return l, old, err
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
	if now, err = k.landed(v.path, written); err != nil {
		return l, old, err
	}
	l = local{row: l.row, path: v.path, version: v.id, body: v.body, young: one.later}
	if k.seeMoved(&l, disk.Info{Size: v.size, Modified: time.Unix(0, v.modified)}, now); k.fleeting(now, begun) {
		l.doubt(k)
	}
	return l, old, nil
}

// landed looks at what was just put at a path; written is what a look at it told before.
func (k *keeper) landed(path string, written disk.Info) (disk.Info, error) {
	now, err := k.tree.Look(path)
	if errors.Is(err, fs.ErrNotExist) {
		// Somebody has moved it on already: it lay here, and the survey finds it elsewhere.
		written.Path = path
		k.look.everywhere()
		return written, nil
	}
	return now, err
}

// away puts what lies at a path into the bin; with a draft, that takes its place.
// What lies there is kept even if it is not what was looked at a moment ago.
func (k *keeper) away(was *local, draft string) (old local, err error) {
	bin := k.binPath(was.path)
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
	if err := k.stands(v); err != nil {
		return local{}, err
	}
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
			if err := k.leftInside(v.path, err); err != nil {
				return local{}, err
			}
		}
		return l, nil
	}
	return k.away(&l, "")
}
