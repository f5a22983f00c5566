package folders_test

import (
	"context"
	"testing"
	"time"

	"roundtable/backend/folders/disk/disktest"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// What somebody lacks who is away goes to the relay once, is said once, and is had from there.
func TestDepositIsSaidOnce(t *testing.T) {
	t.Parallel() // it waits for its time most of the time
	o := &office{Office: testspace.New(t, 37), t: t, disks: map[string]*disktest.Disk{}, roots: map[string]string{}}
	depot := o.Depot("li", "wang")
	o.Founds("li", "公司")
	o.Admits("li", "wang")
	li, wang := o.As("li"), o.As("wang")
	o.disk(li)
	id, err := li.Folders.Share(context.Background(), o.Workspace, o.roots["li"], "资料", map[wire.PersonID]space.Role{wang.Person(): space.Member})
	o.must(err)
	o.id = id
	o.Eventually("wang is told", func() bool { return wang.Log.Knows(id) })
	o.Leaves("wang")
	o.writes(li, "报告.txt", content(1, 5000))
	o.Eventually("it is only here", func() bool { return o.state(li).Unsent == 1 })
	o.Later(time.Minute)
	o.Eventually("it is at the relay", func() bool {
		return depot.Count() > 0 && o.state(li).Unsent == 0
	})
	// Whatever comes after that says nothing new.
	said := func() (n uint64) {
		for _, seq := range li.Log.Frontier(id) {
			n += seq
		}
		return n
	}
	before := said()
	time.Sleep(6 * time.Second) // the next look comes after five, of the machine's own time
	if after := said(); after != before {
		t.Errorf("%d events about nothing", after-before)
	}
	o.Returns("wang")
	o.keeps(wang)
	o.has(wang, "报告.txt", content(1, 5000))
}
