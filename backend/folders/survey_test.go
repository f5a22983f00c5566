package folders_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/folders/disk/disktest"
)

// A folder that a pull makes again in the middle of a look at everything is gone into all the
// same: what lay in it before may be gone, and nothing hints at that.
func TestAFolderThatComesBackWhileAllIsLookedAt(t *testing.T) {
	o := share(t, 38, "li", "wang")
	li, wang, disk := o.desks[0], o.desks[1], o.disks["li"]
	o.writes(li, "z/x.txt", content(1, 100))
	o.writes(li, "a/old.txt", content(2, 100))
	o.has(wang, "a/old.txt", content(2, 100))
	o.level(li, wang)
	o.Partition([]string{"li"}, []string{"wang"})
	o.deletes(wang, "a")
	o.Eventually("wang says that it is gone", func() bool { return strings.Contains(o.lately(wang).What, "removed") })
	o.writes(li, "a/s.txt", content(1, 100)) // of which wang has the bytes, and asks nobody
	o.Eventually("li says that it is there", func() bool { return o.lately(li).Path == "a/s.txt" })
	o.must(disk.Rename("a/s.txt", "b.txt")) // and nothing hints at it
	making, listing := make(chan struct{}), make(chan struct{})
	var make1, list1 sync.Once
	disk.Hook(func(op disktest.Operation) {
		switch {
		case op.Name == "make" && op.Path == "a":
			make1.Do(func() { close(making); <-listing })
		case op.Name == "list" && op.Path == "z":
			list1.Do(func() {
				close(listing)
				for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(time.Millisecond) {
					if _, err := disk.Look("a"); err == nil {
						return
					}
				}
			})
		}
	})
	o.Heal() // the folder goes here; the file is new there, with its folder, which comes back
	<-making
	li.Hints(o.roots["li"])
	o.has(wang, "b.txt", content(1, 100))
	o.lacks(wang, "a/s.txt")
	o.level(li, wang)
}

// Somebody writes twice within one tick of the disk's clock, and the second time just after
// the first was read. If the program then has to wait for its turn, the file is old enough by
// its own time; it is read again all the same.
func TestWrittenAgainInTheTickInWhichItWasRead(t *testing.T) {
	o := share(t, 39, "li", "wang")
	li, wang, disk := o.desks[0], o.desks[1], o.disks["li"]
	o.writes(li, "f.txt", content(1, 300))
	o.has(wang, "f.txt", content(1, 300))
	o.level(li, wang)
	var tick atomic.Pointer[time.Time] // nil: the clock goes on
	disk.Clock(func() time.Time {
		if at := tick.Load(); at != nil {
			return *at
		}
		return li.Clock.Now()
	})
	again := make(chan struct{})
	var open, look sync.Once
	var read atomic.Bool
	disk.Hook(func(op disktest.Operation) {
		switch {
		case op.Path != "f.txt":
		case op.Name == "open":
			open.Do(func() {
				now := li.Clock.Now()
				tick.Store(&now)
				_ = disk.Write("f.txt", content(2, 300))
			})
		case op.Name == "read":
			read.Store(true)
		case op.Name == "look" && read.Load():
			look.Do(func() {
				_ = disk.Write("f.txt", content(3, 300))
				tick.Store(nil)
				time.Sleep(10 * time.Duration(disk.Rules().Tick)) // the machine is busy
				close(again)
			})
		}
	})
	o.must(disk.Append("f.txt", []byte("more")))
	li.Hints(o.roots["li"], "f.txt")
	<-again
	li.Hints(o.roots["li"], "f.txt") // of the second time
	o.has(wang, "f.txt", content(3, 300))
	o.level(li, wang)
}
