package testspace

import (
	"context"
	"path/filepath"
	"sync"

	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/folders/pace"
	"roundtable/backend/folders/watch"
	"roundtable/backend/folders/watch/watchtest"
	"roundtable/backend/wire"
)

// disks are the made-up disks of a desk, by the path of their folder.
type disks struct {
	mu    sync.Mutex
	disks map[string]*disktest.Disk
	hints map[string]*watchtest.Watcher
}

// Disk gives the desk a made-up disk of a system at a path, which is answered too.
// Name it before somebody keeps a folder there.
func (d *Desk) Disk(name, system string) (*disktest.Disk, string) {
	root := filepath.Dir(d.path) + "-" + name // beside the profile: what lies in that cannot be shared
	d.made.mu.Lock()
	defer d.made.mu.Unlock()
	if d.made.disks == nil {
		d.made.disks, d.made.hints = map[string]*disktest.Disk{}, map[string]*watchtest.Watcher{}
	}
	made := disktest.New(system)
	d.made.disks[root] = made
	return made, root
}

// Hints lets the watcher of a folder say that something changed; no paths: anything.
func (d *Desk) Hints(root string, paths ...string) {
	d.made.mu.Lock()
	h := d.made.hints[root]
	d.made.mu.Unlock()
	switch {
	case h == nil:
	case len(paths) == 0:
		h.All()
	default:
		h.Tell(paths...)
	}
}

func (d *Desk) openTree(root string) (disk.Tree, error) {
	d.made.mu.Lock()
	made := d.made.disks[root]
	d.made.mu.Unlock()
	if made != nil {
		return made, nil
	}
	return disk.Open(root)
}

func (d *Desk) watchTree(ctx context.Context, root string, hidden func(string) bool) folders.Watcher {
	d.made.mu.Lock()
	defer d.made.mu.Unlock()
	if d.made.disks[root] == nil {
		return watch.Open(ctx, root, watch.Options{Ignore: hidden})
	}
	h := watchtest.New()
	d.made.hints[root] = h
	return h
}

func (d *Desk) openFolders(ctx context.Context) {
	deps := folders.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Party, Board: d.Board, Tables: d.entries,
		Linked: d.linked, Via: d.via, Name: d.People.Name, Open: d.openTree, Watch: d.watchTree, In: pace.New(d.Clock), Out: pace.New(d.Clock),
		Found: d.o.Found,
	}
	if p := d.o.depot[d.Name]; p != nil {
		deps.Depots = func(wire.SpaceID) []folders.Depot { return []folders.Depot{p} }
	}
	var err error
	d.Folders, err = folders.Open(ctx, deps)
	d.o.must(err, "open folders of "+d.Name)
}

// FoldersAPI is the door of folders, as the screen uses it.
func (d *Desk) FoldersAPI() folders.API {
	return folders.API{Get: func() (*folders.Folders, error) { return d.Folders, nil }}
}
