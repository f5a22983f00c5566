package disktest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"roundtable/backend/folders/disk"
)

// Create begins a file.
func (d *Disk) Create(path string) (disk.Draft, error) {
	h := handle{disk: d, path: path}
	err := d.anew("create", path, func() (*node, error) {
		h.node, h.life = d.node(disk.File), d.life
		h.node.open++
		return h.node, nil
	})
	if err != nil {
		return nil, failed("create", path, err)
	}
	return &draft{h}, nil
}

// Make makes a folder or a link.
func (d *Disk) Make(path string, kind disk.Kind, target string) error {
	err := d.anew("make", path, func() (*node, error) {
		switch {
		case kind == disk.Folder:
			return d.node(disk.Folder), nil
		case kind == disk.Link && d.rules.Links:
			n := d.node(disk.Link)
			n.target = target
			return n, nil
		}
		return nil, errors.ErrUnsupported
	})
	return failed("make", path, err)
}

func (d *Disk) anew(op, path string, made func() (*node, error)) error {
	if err := d.Rules().Check(path); err != nil {
		return err
	}
	if err := d.begin(op, path, ""); err != nil {
		return err
	}
	defer d.mu.Unlock()
	parent, name, there, err := d.place(path)
	if err != nil {
		return err
	}
	if there != nil {
		return taken(there, name)
	}
	n, err := made()
	if err != nil {
		return err
	}
	d.apply(move{node: n, to: parent, new: name})
	return nil
}

// draft is a file that is written.
type draft struct{ handle }

func (d *draft) WriteAt(b []byte, at int64) (int, error) {
	if err := d.begin("write"); err != nil {
		return 0, err
	}
	defer d.disk.mu.Unlock()
	if at < 0 {
		return 0, failed("write", d.path, fs.ErrInvalid)
	}
	n, err := d.disk.write(d.node, b, at)
	return n, failed("write", d.path, err)
}

// write puts bytes into a file, as many as there is room for.
func (d *Disk) write(n *node, b []byte, at int64) (int, error) {
	fits := len(b)
	end := at + int64(len(b))
	if grows := end - int64(len(n.content)); d.room >= 0 && grows > 0 && d.used+grows > d.room {
		fits = int(max(0, int64(len(b))-(d.used+grows-d.room)))
		end = at + int64(fits)
	}
	if fits > 0 {
		d.resize(n, max(int64(len(n.content)), end))
		copy(n.content[at:end], b)
	}
	d.soil(n)
	d.touch(n)
	if fits < len(b) {
		return fits, disk.ErrFull
	}
	return fits, nil
}

// resize sets the length of a file whose content may be changed then.
func (d *Disk) resize(n *node, size int64) {
	if n.shared {
		n.content, n.shared = slices.Clone(n.content), false
	}
	old := int64(len(n.content))
	if n.parent != nil {
		d.used += size - old
	}
	if size <= old {
		n.content = n.content[:size]
		return
	}
	n.content = slices.Grow(n.content, int(size-old))[:size]
	clear(n.content[old:])
}

func (d *draft) Size(size int64) error {
	if err := d.begin("size"); err != nil {
		return err
	}
	defer d.disk.mu.Unlock()
	if size < 0 {
		return failed("size", d.path, fs.ErrInvalid)
	}
	if grows := size - int64(len(d.node.content)); d.disk.room >= 0 && grows > 0 && d.disk.used+grows > d.disk.room {
		return failed("size", d.path, disk.ErrFull)
	}
	d.disk.resize(d.node, size)
	d.disk.soil(d.node)
	d.disk.touch(d.node)
	return nil
}

func (d *draft) Mark(modified time.Time, exec bool) error {
	if err := d.begin("mark"); err != nil {
		return err
	}
	defer d.disk.mu.Unlock()
	d.disk.mark(d.node, modified, exec)
	return nil
}

func (d *Disk) mark(n *node, modified time.Time, exec bool) {
	d.soil(n)
	n.modified, n.exec = coarse(modified, d.rules.Grain), exec && d.rules.Exec
	d.retouch(n)
}

// Mark sets the marks of a file.
func (d *Disk) Mark(path string, modified time.Time, exec bool) error {
	if err := disk.Portable(path); err != nil {
		return failed("mark", path, err)
	}
	if err := d.begin("mark", path, ""); err != nil {
		return err
	}
	defer d.mu.Unlock()
	n, err := d.find(path)
	switch {
	case err != nil:
		return failed("mark", path, err)
	case n.kind == disk.Link:
		return failed("mark", path, disk.ErrEscapes)
	case n.kind != disk.File:
		return failed("mark", path, fmt.Errorf("not a file: %w", fs.ErrInvalid))
	case n.locked:
		return failed("mark", path, disk.ErrLocked)
	}
	d.mark(n, modified, exec)
	return nil
}

// Remove a file, link or empty folder.
func (d *Disk) Remove(path string) error {
	if err := disk.Portable(path); err != nil {
		return failed("remove", path, err)
	}
	if err := d.begin("remove", path, ""); err != nil {
		return err
	}
	defer d.mu.Unlock()
	n, err := d.find(path)
	switch {
	case err != nil:
		return failed("remove", path, err)
	case len(n.children) > 0:
		return failed("remove", path, fmt.Errorf("folder is not empty: %w", fs.ErrExist))
	case d.busy(n):
		return failed("remove", path, disk.ErrLocked)
	}
	d.apply(move{node: n, from: n.parent, oldName: n.name})
	return nil
}

// Move gives another name.
func (d *Disk) Move(from, to string) error {
	return failed("move", from+" to "+to, d.move(from, to))
}

func (d *Disk) move(from, to string) error {
	if err := errors.Join(disk.Portable(from), d.Rules().Check(to)); err != nil {
		return err
	}
	if err := d.begin("move", from, to); err != nil {
		return err
	}
	defer d.mu.Unlock()
	n, err := d.find(from)
	if err != nil {
		return err
	}
	parent, name, there, err := d.place(to)
	switch {
	case err != nil:
		return err
	case there != nil && there != n:
		return taken(there, name)
	case d.busy(n):
		return disk.ErrLocked
	}
	for up := parent; up != nil; up = up.parent {
		if up == n {
			return fmt.Errorf("into itself: %w", fs.ErrInvalid)
		}
	}
	if n.parent != parent || n.name != name {
		d.apply(move{n, n.parent, parent, n.name, name})
	}
	return nil
}

// Swap replaces and keeps what was there. The file keeps the name as it was written.
func (d *Disk) Swap(from, to, aside string) error {
	return failed("swap", from+" to "+to, d.swap(from, to, aside))
}

func (d *Disk) swap(from, to, aside string) error {
	if err := errors.Join(disk.Portable(from), disk.Portable(to), d.Rules().Check(aside)); err != nil {
		return err
	}
	if err := d.begin("swap", from, to); err != nil {
		return err
	}
	defer d.mu.Unlock()
	fresh, err := d.find(from)
	if err != nil {
		return err
	}
	old, err := d.find(to)
	if err != nil {
		return err
	}
	folder, name, there, err := d.place(aside)
	switch {
	case err != nil:
		return err
	case there != nil:
		return taken(there, name)
	case d.busy(old) || d.busy(fresh):
		return disk.ErrLocked
	}
	away := move{old, old.parent, folder, old.name, name}
	into := move{fresh, fresh.parent, old.parent, fresh.name, old.name}
	if d.system == Windows { // two steps, between which there may be an end
		d.apply(away)
		d.apply(into)
		return nil
	}
	d.apply(away, into)
	return nil
}
