package disktest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"roundtable/backend/folders/disk"
)

// What people and other programs do. Names may be what a log does not take; folders
// on the way are made; errors are those of the tree.

// Write replaces the content of a file, as an editor does that writes in place.
func (d *Disk) Write(path string, content []byte) error { return d.user(path, content, false) }

// Append adds to the end of a file.
func (d *Disk) Append(path string, content []byte) error { return d.user(path, content, true) }

func (d *Disk) user(path string, content []byte, more bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	parent, name, n, err := d.placeForUser(path)
	if err != nil {
		return failed("write", path, err)
	}
	if n == nil {
		n = d.node(disk.File)
		d.apply(move{node: n, to: parent, new: name})
	}
	if n.kind != disk.File {
		return failed("write", path, fmt.Errorf("not a file: %w", fs.ErrInvalid))
	}
	at := int64(0)
	if more {
		at = int64(len(n.content))
	} else {
		d.resize(n, 0)
	}
	_, err = d.write(n, content, at)
	d.writeBack()
	return failed("write", path, err)
}

// placeForUser makes the folders on the way.
func (d *Disk) placeForUser(path string) (parent *node, name string, there *node, err error) {
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		parent, name, there, err := d.place(path[:i])
		if err != nil {
			return nil, "", nil, err
		}
		if there == nil {
			d.apply(move{node: d.node(disk.Folder), to: parent, new: name})
		}
	}
	return d.place(path)
}

// Folder makes a folder and those that it lies in; one that is there stays.
func (d *Disk) Folder(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _, _, err := d.placeForUser(path + "/x")
	return failed("make", path, err)
}

// Odd makes what is never shared: a device, a pipe, a socket.
func (d *Disk) Odd(path string) error { return d.plant(path, disk.Other, "") }

// Symlink makes a link, also where the program may not.
func (d *Disk) Symlink(path, target string) error { return d.plant(path, disk.Link, target) }

func (d *Disk) plant(path string, kind disk.Kind, target string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	parent, name, there, err := d.placeForUser(path)
	if err == nil && there != nil {
		err = taken(there, name)
	}
	if err != nil {
		return failed("make", path, err)
	}
	n := d.node(kind)
	n.target = target
	d.apply(move{node: n, to: parent, new: name})
	return nil
}

// Delete removes a file, or a folder and all in it.
func (d *Disk) Delete(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(path)
	switch {
	case err != nil:
	case n == d.root:
		err = fs.ErrInvalid
	case d.busy(n):
		err = disk.ErrLocked
	default:
		d.removeAll(n)
	}
	return failed("delete", path, err)
}

func (d *Disk) removeAll(n *node) {
	for _, child := range d.sorted(n) {
		d.removeAll(child)
	}
	d.apply(move{node: n, from: n.parent, oldName: n.name})
}

func (d *Disk) sorted(n *node) []*node {
	children := make([]*node, 0, len(n.children))
	for _, child := range n.children {
		children = append(children, child)
	}
	slices.SortFunc(children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	return children
}

// Rename moves a file or folder as the system's rename does: a file that is at the new
// name is replaced.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(from)
	if err != nil {
		return failed("rename", from, err)
	}
	parent, name, there, err := d.placeForUser(to)
	switch {
	case err != nil:
	case d.busy(n) || there != nil && d.busy(there):
		err = disk.ErrLocked
	case there != nil && there != n && (there.kind != disk.File || n.kind != disk.File):
		err = fs.ErrExist
	}
	for up := parent; up != nil && err == nil; up = up.parent {
		if up == n {
			err = errors.New("into itself")
		}
	}
	if err != nil {
		return failed("rename", from, err)
	}
	moves := []move{{n, n.parent, parent, n.name, name}}
	if there != nil && there != n {
		moves = slices.Insert(moves, 0, move{node: there, from: there.parent, oldName: there.name})
	}
	d.apply(moves...)
	return nil
}

// Chmod sets whether a file may be run.
func (d *Disk) Chmod(path string, exec bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(path)
	if err == nil {
		n.exec = exec && d.rules.Exec
		d.soil(n)
		d.retouch(n)
	}
	return failed("chmod", path, err)
}

// Lock keeps a file from everybody else, as programs on Windows do.
func (d *Disk) Lock(path string) error { return d.lock(path, true) }

// Unlock ends Lock.
func (d *Disk) Unlock(path string) error { return d.lock(path, false) }

func (d *Disk) lock(path string, locked bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(path)
	if err == nil {
		n.locked = locked
	}
	return failed("lock", path, err)
}

// ReadAll gives a file's content.
func (d *Disk) ReadAll(path string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(path)
	if err == nil && n.kind != disk.File {
		err = fmt.Errorf("not a file: %w", fs.ErrInvalid)
	}
	if err != nil {
		return nil, failed("read", path, err)
	}
	return slices.Clone(n.content), nil
}

// Walk tells of all that lies here, in the order of names, folders before what is in
// them. Paths are as on the disk. The content is the disk's own: do not change it.
func (d *Disk) Walk(each func(info disk.Info, content []byte)) {
	type found struct {
		info    disk.Info
		content []byte
	}
	var all []found
	var walk func(n *node, at string)
	walk = func(n *node, at string) {
		for _, child := range d.sorted(n) {
			path := at + child.name
			all = append(all, found{d.info(path, child), child.content})
			child.shared = true // whoever writes next takes a copy
			walk(child, path+"/")
		}
	}
	d.mu.Lock()
	walk(d.root, "")
	d.mu.Unlock()
	for _, f := range all {
		each(f.info, f.content)
	}
}
