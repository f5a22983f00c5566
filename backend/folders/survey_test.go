package folders_test

import (
	"strings"
	"sync"
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
