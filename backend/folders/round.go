package folders

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/store"
)

// round is one go through what differs.
type round struct {
	k      *keeper
	ctx    context.Context
	folder int64

	mu     sync.Mutex
	whole  bool
	left   []string // paths that are not as they should be
	waits  bool     // what is missing is missing because nobody has it
	unseen bool     // something has to be looked at first

	gone []version
	full bool // the disk has no room for something
	// alike names of each folder by the key of the disk, for disks that fold names.
	alike   map[string]map[string][]string
	landing chan error // of the batch before, while it is put in its places
}

// classify notes errors that stop everything.
func (r *round) classify(err error) error {
	switch code := codeOf(err); code {
	case errcode.DiskFull:
		r.k.stand(code)
	case errcode.FolderGone:
		r.k.look.everywhere() // the survey says so
	}
	return err
}

// room tells whether there was room for everything.
func (r *round) room(all bool) {
	switch {
	case r.full:
		r.k.stand(errcode.DiskFull)
	case all:
		r.k.stand("")
	}
}

// take deals with some differences: folders first, then what moved and what is
// here already, then files in batches.
func (r *round) take(vs []difference) error {
	vs, err := r.makeFolders(vs)
	if err != nil {
		return err
	}
	var files []difference
	for _, d := range vs {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if r.skips(d) {
			continue
		}
		if d.version.kind == Removed {
			r.gone = append(r.gone, d.version)
			continue
		}
		err := r.fits(d.version)
		if err == nil {
			done := false
			if done, err = r.easy(d.version, d.here, d.known); err == nil && !done {
				files = append(files, d)
			}
		}
		if err = r.excuse(d.version, err); err != nil {
			return err
		}
	}
	return r.fetchAll(files)
}

// skips reports whether a difference is none of this disk's.
func (r *round) skips(d difference) bool {
	return !d.known && (d.version.kind == Removed || !r.k.wanted(d.path)) || r.k.hidden(d.path, d.version.kind == Folder)
}

// easy does what needs no content: it is here already, moved here, a folder or a link.
func (r *round) easy(v version, l local, known bool) (done bool, err error) {
	k := r.k
	if known && !l.version.IsZero() {
		rivals, err := r.unmerged(v, l)
		if err != nil || rivals {
			return true, err
		}
	}
	mine := version{kind: l.kind, exec: l.exec, body: l.body, modified: l.modified}
	switch {
	case known && v.kind == l.kind && string(v.body) == string(l.body):
		return true, k.adopt(r.ctx, v, l, k.alike(v, mine))
	case v.kind == Folder || v.kind == Link:
		return true, k.make(r.ctx, v, l, known)
	case v.cause == movedFrom && !known:
		return k.moveHere(r.ctx, r.folder, v)
	}
	return false, nil
}

// unmerged reports whether what lies here is one of two that were written at the
// same time, and keeps it under a name of its own.
func (r *round) unmerged(v version, l local) (bool, error) {
	all, err := versionsOf(r.k.f.DB.Read(), r.folder, v.path)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.id == l.version && o.state == beside && o.rival(v) {
			return true, r.k.keepBoth(r.ctx, v, o)
		}
	}
	return false, nil
}

// excuse notes an error that concerns one path alone, and lets the rest go on.
func (r *round) excuse(v version, err error) error {
	k := r.k
	code := errcode.Code("")
	switch {
	case err == nil:
		k.problems.solve(byPull, v.path)
		return nil
	case errors.Is(err, disk.ErrFull): // a smaller one may have room
		code = errcode.DiskFull
		r.mu.Lock()
		r.full = true
		r.mu.Unlock()
	case r.ctx.Err() != nil || errors.Is(err, disk.ErrGone) || codeOf(err) == errcode.DiskFull || codeOf(err) == errcode.DatabaseCorrupt:
		return err
	case errors.Is(err, errUnseen):
		var b blocked
		if errors.As(err, &b) {
			if err := r.uphold(b.at); err != nil {
				return err
			}
		}
		r.lacks(v.path, true, false)
		k.look.at(v.path)
		k.fresh.note(v.path)
		return nil
	case errors.Is(err, errNobody):
		r.lacks(v.path, false, true)
		return k.giveUp(r.ctx, r.folder, v)
	case errors.Is(err, disk.ErrName):
		code = errcode.EntryName
	case errors.Is(err, disk.ErrClash):
		code = errcode.EntryClash
	case errors.Is(err, disk.ErrTooLong):
		code = errcode.EntryTooLong
	case errors.Is(err, disk.ErrLocked):
		code = errcode.EntryLocked
	case errors.Is(err, disk.ErrEscapes):
		code = errcode.EntryLink
	default:
		if code = codeOf(err); code == errcode.Internal {
			k.f.Slog.Info("entry not written", "err", err)
			code = errcode.EntryDenied
		}
	}
	r.lacks(v.path, false, false)
	var c clashes
	_ = errors.As(err, &c)
	k.problems.note(byPull, v.path, code, c.other)
	return nil
}

// lacks notes that something is not here afterwards, and why.
func (r *round) lacks(path string, unseen, waits bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = append(r.left, path)
	r.whole, r.unseen, r.waits = false, r.unseen || unseen, r.waits || waits
}

// fetchAll fetches files in batches and puts them in their places.
func (r *round) fetchAll(files []difference) error {
	for len(files) > 0 {
		n, bytes := 0, int64(0)
		for n < len(files) && n < batchFiles && (n == 0 || bytes+files[n].version.size <= batchBytes) {
			bytes += files[n].version.size
			n++
		}
		paused, held := r.k.halted()
		if paused || held != "" {
			r.lacks(anything, false, false)
			return r.landed()
		}
		if err := r.fetchSome(files[:n]); err != nil {
			return errors.Join(err, r.landed())
		}
		files = files[n:]
	}
	return r.landed()
}

// landed waits for the batch that is being put in its places.
func (r *round) landed() error {
	if r.landing == nil {
		return nil
	}
	err := <-r.landing
	r.landing = nil
	return err
}

// removals takes away what is gone, the deepest first.
func (r *round) removals() error {
	slices.SortFunc(r.gone, func(a, b version) int {
		if d := strings.Count(b.path, "/") - strings.Count(a.path, "/"); d != 0 {
			return d
		}
		return strings.Compare(a.path, b.path)
	})
	for len(r.gone) > 0 {
		n := min(len(r.gone), batchFiles)
		some := r.gone[:n]
		r.gone = r.gone[n:]
		var dropped []local
		k := r.k
		k.ground.Lock()
		var err error
		for _, v := range some {
			var l local
			l, err = k.takeAway(v)
			if err = r.excuse(v, err); err != nil {
				break
			}
			if l.row != 0 {
				dropped = append(dropped, l)
			}
		}
		if e := k.tree.Settle(places(dropped)...); e != nil { // or a loss of power brings it back
			err, dropped = errors.Join(err, e), nil
		}
		e := k.f.DB.Write(r.ctx, func(tx *store.Tx) error {
			for _, l := range dropped {
				if l.lies == "" {
					if err := dropLocal(tx, l.row); err != nil {
						return err
					}
					continue
				}
				if err := l.put(tx, k.row, nil); err != nil {
					return err
				}
			}
			return nil
		})
		k.ground.Unlock()
		if err = errors.Join(err, e); err != nil {
			return err
		}
		k.tell(false)
	}
	return nil
}

// places are the folders in which something lay, and where it lies now.
func places(all []local) (out []string) {
	if len(all) > 0 {
		out = append(out, binFolder)
	}
	for _, l := range all {
		parent, _ := split(l.path)
		out = append(out, parent)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
