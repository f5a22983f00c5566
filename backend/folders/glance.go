package folders

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/ignore"
)

// glance looks at single paths that somebody hinted at: often many that lie beside
// each other, and often what this program has just written itself.
type glance struct {
	k      *keeper
	ctx    context.Context
	found  []diff
	last   string          // a folder that was looked at, deeply
	hidden map[string]bool // folders, by path
	shown  map[string]bool // folders that are known, or were noted
}

// scanPaths compares single paths.
func (k *keeper) scanPaths(ctx context.Context, paths []string) error {
	if slices.Contains(paths, "") || !k.ruled.Load() {
		return k.scan(ctx, "")
	}
	if slices.Contains(paths, ignore.File) {
		return k.scan(ctx, "") // what was hidden may be shown now
	}
	slices.Sort(paths)
	k.goneFound = 0
	g := glance{k: k, ctx: ctx, hidden: map[string]bool{}, shown: map[string]bool{}}
	for len(paths) > 0 {
		parent, _ := split(paths[0])
		n := 1
		for n < len(paths) && parentOf(paths[n]) == parent {
			n++
		}
		if err := g.beside(parent, paths[:n]); err != nil {
			return err
		}
		paths = paths[n:]
	}
	if err := k.check(k.tree); err != nil {
		return err
	}
	return k.say(ctx, g.found)
}

// beside looks at paths of one folder.
func (g *glance) beside(parent string, paths []string) error {
	if g.hides(parent) {
		return g.ctx.Err()
	}
	_, first := split(paths[0])
	_, last := split(paths[len(paths)-1])
	known, err := g.k.localsAmong(g.ctx, parent, first, last)
	if err != nil {
		return err
	}
	odd := false
	for _, p := range paths {
		if disk.Portable(p) != nil {
			odd = true
			continue
		}
		if g.last != "" && within(p, g.last) {
			continue
		}
		was, is := known[p]
		err := g.at(p, was, is)
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, disk.ErrLocked) {
			g.k.problems.note(bySurvey, p, errcode.EntryDenied, "") // what cannot be looked at has not gone
			g.k.tell(true)
			continue
		}
		if err != nil {
			return err
		}
	}
	if odd {
		if err := g.k.oddNames(parent); err != nil {
			return err
		}
	}
	return g.ctx.Err()
}

// oddNames notes the names in a folder that no log can carry, and forgets those that
// are gone.
func (k *keeper) oddNames(folder string) error {
	if disk.Portable(folder) != nil && folder != "" {
		return nil // it is one itself
	}
	var odd []string
	err := k.tree.List(folder, func(disk.Info) error { return nil }, func(name string) { odd = append(odd, join(folder, printable(name))) })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, p := range k.problems.list() {
		// What is told as printable is on no disk under that name.
		if _, here, err := k.seen(p.path); p.code == errcode.EntryName && parentOf(p.path) == folder && err == nil && !here {
			k.problems.solve(bySurvey, p.path)
		}
	}
	for _, path := range odd {
		k.problems.note(bySurvey, path, errcode.EntryName, "")
	}
	k.tell(true)
	return nil
}

// hides reports whether a folder, or one above it, is hidden.
func (g *glance) hides(folder string) bool {
	if folder == "" {
		return false
	}
	hidden, known := g.hidden[folder]
	if !known {
		hidden = g.hides(parentOf(folder)) || g.k.hidden(folder, true)
		g.hidden[folder] = hidden
	}
	return hidden
}

// at compares one path, and what is below it.
func (g *glance) at(path string, was local, known bool) error {
	k := g.k
	now, here, err := k.seen(path)
	if err != nil || k.hidden(path, here && now.Kind == disk.Folder) {
		return err
	}
	if here {
		if err := g.above(path); err != nil {
			return err
		}
	}
	compare(diff{path: path, was: was, known: known, now: now, here: here}, &g.found)
	switch {
	case here && now.Kind == disk.Folder:
		g.last = path
		return k.walk(g.ctx, path, &g.found)
	case !here || known && was.kind == Folder:
		return k.lost(g.ctx, path, &g.found)
	}
	return nil
}

// above notes folders that a path lies in and nobody hinted at.
func (g *glance) above(path string) error {
	k := g.k
	for parent, _ := split(path); parent != ""; parent, _ = split(parent) {
		if g.shown[parent] {
			return nil
		}
		g.shown[parent] = true
		_, known, err := localAt(k.f.DB.Read(), k.row, parent)
		if err != nil || known {
			return err
		}
		now, here, err := k.seen(parent)
		if err != nil {
			return err
		}
		compare(diff{path: parent, now: now, here: here}, &g.found)
	}
	return nil
}
