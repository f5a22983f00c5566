package disktest

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
)

// node is a file, a folder or whatever lies under a name.
type node struct {
	serial   uint64 // never used again
	kind     disk.Kind
	name     string // as on the disk
	parent   *node  // nil: the root, or removed
	children map[string]*node

	content []byte
	shared  bool // content is also what is settled: copy before writing
	target  string
	marks
	settled struct {
		content []byte
		marks   marks
	}
	dirty   bool
	id      uint64
	changed int64
	open    int
	locked  bool
}

// marks are what is told of a file beside its content.
type marks struct {
	modified time.Time
	exec     bool
}

func (d *Disk) node(kind disk.Kind) *node {
	d.serial++
	n := &node{serial: d.serial, kind: kind}
	if last := len(d.freed) - 1; last >= 0 {
		n.id, d.freed = d.freed[last], d.freed[:last]
	} else {
		d.lastID++
		n.id = d.lastID
	}
	if kind == disk.Folder {
		n.children = map[string]*node{}
	}
	d.touch(n)
	n.settled.marks = n.marks
	return n
}

// touch notes that a node's content changed.
func (d *Disk) touch(n *node) {
	now := d.now()
	n.modified, n.changed = now, now.UnixNano()
}

// retouch notes that anything of a node changed.
func (d *Disk) retouch(n *node) { n.changed = d.now().UnixNano() }

func (d *Disk) info(path string, n *node) disk.Info {
	i := disk.Info{Path: path, Kind: n.kind, Modified: coarse(n.modified, d.rules.Grain), ID: n.id, Changed: n.changed, Target: n.target}
	if n.kind == disk.File {
		i.Size, i.Exec = int64(len(n.content)), n.exec && d.rules.Exec
	}
	return i
}

// find goes to a path by the names' keys.
func (d *Disk) find(path string) (*node, error) {
	n := d.root
	if path == "" {
		return n, nil
	}
	for rest, more := path, true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		switch n.kind {
		case disk.Link:
			return nil, disk.ErrEscapes
		case disk.Folder:
		default:
			return nil, fs.ErrNotExist
		}
		next := n.children[d.rules.Key(name)]
		if next == nil {
			return nil, fs.ErrNotExist
		}
		n = next
	}
	return n, nil
}

// place finds the folder that a path lies in, and what lies there by now.
func (d *Disk) place(path string) (parent *node, name string, there *node, err error) {
	i := strings.LastIndexByte(path, '/')
	name = path[i+1:]
	parent, err = d.find(path[:max(i, 0)])
	if err != nil {
		return nil, name, nil, err
	}
	switch parent.kind {
	case disk.Folder:
	case disk.Link:
		return nil, name, nil, disk.ErrEscapes
	default:
		return nil, name, nil, fs.ErrNotExist
	}
	return parent, name, parent.children[d.rules.Key(name)], nil
}

// taken says why a name cannot be made.
func taken(there *node, name string) error {
	if there.name != name {
		return errors.Join(disk.ErrClash, fs.ErrExist)
	}
	return fs.ErrExist
}

// pathOf is a node's path in the form of the log.
func (d *Disk) pathOf(n *node) string {
	if n.parent == nil {
		return ""
	}
	name := norm.NFC.String(n.name)
	if n.parent == d.root {
		return name
	}
	return d.pathOf(n.parent) + "/" + name
}

// move is a node that changes its place; a nil folder is nowhere.
type move struct {
	node         *node
	from, to     *node
	oldName, new string
}

// apply changes names, and writes them into the journal.
func (d *Disk) apply(moves ...move) {
	d.journal = append(d.journal, change{moves: moves})
	for _, m := range moves {
		d.detach(m.node, m.from)
	}
	for _, m := range moves {
		d.attach(m.node, m.to, m.new)
		for _, folder := range []*node{m.from, m.to} {
			if folder != nil {
				d.touch(folder)
			}
		}
		d.retouch(m.node)
	}
	d.writeBack()
}

func (d *Disk) detach(n, from *node) {
	if from == nil {
		return
	}
	delete(from.children, d.rules.Key(n.name))
	n.parent = nil
	d.used -= int64(len(n.content))
}

func (d *Disk) attach(n, to *node, name string) {
	if to == nil {
		return
	}
	n.name, n.parent = name, to
	to.children[d.rules.Key(name)] = n
	d.used += int64(len(n.content))
}

// busy reports whether an open or locked file keeps a node where it is.
func (d *Disk) busy(n *node) bool {
	if d.system != Windows {
		return false
	}
	if n.locked || n.open > 0 {
		return true
	}
	for _, child := range n.children {
		if d.busy(child) {
			return true
		}
	}
	return false
}

// guard is what every real tree does with a path first.
func guard(path string) error {
	if path == "" {
		return nil
	}
	return disk.Portable(path)
}

func failed(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", op, path, err)
}
