package folders_test

import (
	"context"
	"errors"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/testspace"
)

// lately is the last change of the folder as a desk tells it.
func (o *office) lately(d *testspace.Desk) *v1.FolderChange {
	o.t.Helper()
	r, err := d.FoldersAPI().FolderChanges(context.Background(), &v1.FolderChangesRequest{FolderId: o.id.String(), Limit: 1})
	o.must(err)
	if len(r.Changes) == 0 {
		return &v1.FolderChange{}
	}
	return r.Changes[0]
}

// A file that is moved before it was settled is settled with its move. Else it was taken
// for torn after a loss of power when somebody had deleted it meanwhile: it came back from
// others, or stood in the log with nobody to have it from.
func TestMovedBeforeItWasSettled(t *testing.T) {
	o := share(t, 37, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	disk := o.disks["wang"]
	disk.Fail("settle", "a.txt", errors.New("the disk is busy"))
	o.writes(li, "a.txt", content(1, 2000))
	o.has(wang, "a.txt", content(1, 2000))
	o.Leaves("li")
	o.renames(wang, "a.txt", "b.txt")
	o.Eventually("wang says that it moved", func() bool { return o.lately(wang).What == "moved" })
	disk.Halt()
	o.Leaves("wang")
	disk.Crash()
	disk.Fail("settle", "a.txt", nil)
	o.must(disk.Delete("b.txt"))
	o.Returns("wang")
	o.Eventually("wang says that it is gone", func() bool { c := o.lately(wang); return c.What == "removed" && c.Path == "b.txt" })
	o.Returns("li")
	o.level(li, wang)
	for _, d := range o.desks {
		o.lacks(d, "a.txt")
		o.lacks(d, "b.txt")
	}
}
