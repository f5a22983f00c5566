package disktest

import (
	"slices"

	"roundtable/backend/folders/disk"
)

// pending is how many changes may wait for the disk. What is older was written back in
// the background, as systems do after some seconds.
const pending = 256

// change is one entry of the journal: names that change together, or not at all.
type change struct{ moves []move }

// resource is a node, or a name in a folder.
type resource struct {
	serial uint64
	key    string
}

// touches are the names and nodes that a change is about; needs are the folders too.
func (d *Disk) touches(c change) (touched, needed []resource) {
	for _, m := range c.moves {
		touched = append(touched, resource{m.node.serial, ""})
		if m.from != nil {
			touched = append(touched, resource{m.from.serial, "/" + d.rules.Key(m.oldName)})
			needed = append(needed, resource{m.from.serial, ""})
		}
		if m.to != nil {
			touched = append(touched, resource{m.to.serial, "/" + d.rules.Key(m.new)})
			needed = append(needed, resource{m.to.serial, ""})
		}
	}
	return touched, append(needed, touched...)
}

// Settle makes files and names safe from Crash.
func (d *Disk) Settle(paths ...string) error {
	for _, path := range paths {
		if err := guard(path); err != nil {
			return failed("settle", path, err)
		}
		if err := d.begin("settle", path, ""); err != nil {
			return err
		}
		d.settle(path)
		d.mu.Unlock()
	}
	return nil
}

func (d *Disk) settle(path string) {
	n, err := d.find(path)
	for err != nil { // the nearest folder that is there
		path = path[:max(0, lastSlash(path))]
		n, err = d.find(path)
	}
	d.settleContent(n)
	if n.kind == disk.Folder {
		d.settleNames(n)
	}
	if n.parent != nil {
		d.settleNames(n.parent)
	}
}

func lastSlash(path string) int {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return i
		}
	}
	return -1
}

func (d *Disk) settleContent(n *node) {
	n.settled.content, n.settled.marks, n.shared, n.dirty = n.content, n.marks, true, false
	d.dirty = slices.DeleteFunc(d.dirty, func(other *node) bool { return other == n })
}

// settleNames makes the names in a folder durable, and what they rest on.
func (d *Disk) settleNames(folder *node) {
	forced := map[resource]bool{}
	kept := make([]change, 0, len(d.journal))
	for _, c := range slices.Backward(d.journal) {
		touched, needed := d.touches(c)
		settled := slices.ContainsFunc(c.moves, func(m move) bool { return m.from == folder || m.to == folder }) ||
			slices.ContainsFunc(touched, func(r resource) bool { return forced[r] })
		if !settled {
			kept = append(kept, c)
			continue
		}
		for _, r := range needed {
			forced[r] = true
		}
		d.done(c)
	}
	slices.Reverse(kept)
	d.journal = kept
}

// done is called for a change that cannot be lost any more. Now IDs may be used again.
func (d *Disk) done(c change) {
	for _, m := range c.moves {
		if m.to == nil && m.node.parent == nil && d.system != Darwin {
			d.freed = append(d.freed, m.node.id)
		}
	}
}

// soil notes that a file's content waits for the disk.
func (d *Disk) soil(n *node) {
	if !n.dirty {
		n.dirty = true
		d.dirty = append(d.dirty, n)
	}
}

func (d *Disk) writeBack() {
	for len(d.journal) > pending {
		d.done(d.journal[0])
		d.journal = d.journal[1:]
	}
	for len(d.dirty) > pending {
		d.settleContent(d.dirty[0])
	}
}

// Crash is a loss of power. Of what was not settled, each change of names is there or
// not, as chance has it, but nothing without what it rests on; content is new, old, or
// torn. Open files are gone, and the program with them; Halt ends.
func (d *Disk) Crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	lost := map[resource]bool{}
	var undo []change
	for _, c := range d.journal {
		touched, needed := d.touches(c)
		if d.random.IntN(2) == 0 && !slices.ContainsFunc(needed, func(r resource) bool { return lost[r] }) {
			d.done(c)
			continue
		}
		for _, r := range touched {
			lost[r] = true
		}
		undo = append(undo, c)
	}
	d.journal = nil
	for _, c := range slices.Backward(undo) {
		for _, m := range slices.Backward(c.moves) {
			d.detach(m.node, m.to)
		}
		for _, m := range slices.Backward(c.moves) {
			d.attach(m.node, m.from, m.oldName)
		}
	}
	for _, n := range d.dirty {
		d.tear(n)
	}
	d.dirty = nil
	d.halted = false
	d.endLife()
}

// tear decides what is left of content that was not settled.
func (d *Disk) tear(n *node) {
	before := int64(len(n.content))
	switch d.random.IntN(3) {
	case 0: // it was written back by chance
	case 1:
		n.content, n.marks = n.settled.content, n.settled.marks
	case 2: // the new length, but not all of the bytes
		torn := make([]byte, len(n.content))
		copy(torn, n.settled.content)
		if len(torn) > 0 {
			copy(torn, n.content[:d.random.IntN(len(torn))])
		}
		n.content = torn
	}
	if n.parent != nil {
		d.used += int64(len(n.content)) - before
	}
	n.settled.content, n.settled.marks, n.shared, n.dirty = n.content, n.marks, true, false
}

// endLife closes all open files.
func (d *Disk) endLife() {
	d.life++
	d.unlock(d.root)
}

func (d *Disk) unlock(n *node) {
	n.open = 0
	for _, child := range n.children {
		d.unlock(child)
	}
}
