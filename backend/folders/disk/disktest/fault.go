package disktest

import (
	"errors"
	"path"
	"slices"

	"roundtable/backend/folders/disk"
)

// ErrHalted is what everything returns between Halt and Crash or Resume.
var ErrHalted = errors.New("the program was ended here")

// Operation is one call of a disk.Tree, or of a file that it opened.
type Operation struct {
	// Name is one of look, list, open, read, create, write, size, mark, close, make, move,
	// swap, remove, settle, free.
	Name string
	// Path that it is about; To is the second path of move and swap.
	Path, To string
}

// fault makes calls fail.
type fault struct {
	op, path string
	err      error
	after    int // calls that go well before; -1: all fail
}

// Fail makes each operation of a name on a path return err, until it is called with
// nil. An empty op or path is any; a path may be a pattern, as of path.Match.
func (d *Disk) Fail(op, path string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = slices.DeleteFunc(d.faults, func(f *fault) bool { return f.after < 0 && f.op == op && f.path == path })
	if err != nil {
		d.faults = append(d.faults, &fault{op: op, path: path, err: err, after: -1})
	}
}

// FailNth makes the n-th operation of a name from here on, 1 being the next, return
// err once. A write that fails may have written a part.
func (d *Disk) FailNth(op string, n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, &fault{op: op, err: err, after: n - 1})
}

// Count tells how many operations of a name there were; "" counts all.
func (d *Disk) Count(op string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts[op]
}

// Hook is called before each operation, with nothing held: it may change the disk.
func (d *Disk) Hook(hook func(Operation)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook = hook
}

// Halt ends the program that works here: every operation fails from now on.
func (d *Disk) Halt() { d.set(&d.halted, true) }

// Resume starts the program again after Halt. All is as it was: only power loses what
// was not settled, so this is kill -9. Files that were open are not any more.
func (d *Disk) Resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.halted = false
	d.endLife()
}

// Unplug takes the disk out: every operation returns disk.ErrGone until Plug.
func (d *Disk) Unplug() { d.set(&d.gone, true) }

// Plug puts it back.
func (d *Disk) Plug() { d.set(&d.gone, false) }

func (d *Disk) set(what *bool, to bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	*what = to
}

// Still lets a person do something while no operation changes which content lies where:
// those that would wait. It may not be nested, nor do such an operation itself.
func (d *Disk) Still(do func()) {
	d.set(&d.still, true)
	defer func() {
		d.set(&d.still, false)
		d.wake.Broadcast()
	}()
	do()
}

// begin starts an operation. Without an error the disk is held.
func (d *Disk) begin(op, p, to string) error {
	d.mu.Lock()
	if hook := d.hook; hook != nil {
		d.mu.Unlock()
		hook(Operation{op, p, to})
		d.mu.Lock()
	}
	for d.still && (op == "move" || op == "swap" || op == "remove") {
		d.wake.Wait()
	}
	d.counts[op]++
	d.counts[""]++
	err := d.fault(op, p, to)
	if err != nil {
		d.mu.Unlock()
	}
	return err
}

func (d *Disk) fault(op, p, to string) error {
	switch {
	case d.halted:
		return failed(op, p, ErrHalted)
	case d.gone:
		return failed(op, p, disk.ErrGone)
	}
	for i, f := range d.faults {
		if f.op != "" && f.op != op || f.path != "" && !matches(f.path, p) && !matches(f.path, to) {
			continue
		}
		if f.after < 0 {
			return failed(op, p, f.err)
		}
		if f.after == 0 {
			d.faults = slices.Delete(d.faults, i, i+1)
			return failed(op, p, f.err)
		}
		f.after--
	}
	return nil
}

func matches(pattern, p string) bool {
	ok, err := path.Match(pattern, p)
	return pattern == p || err == nil && ok
}
