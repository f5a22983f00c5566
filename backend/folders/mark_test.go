package folders_test

import (
	"testing"

	"roundtable/backend/folders/disk"
)

// Another disk is mounted where the folder was: what is not on it has not been deleted.
// Once the right one is back, all goes on.
func TestAnotherDiskDeletesNothing(t *testing.T) {
	o := share(t, 71, "li", "wang")
	li, wang := o.desks[0], o.desks[1]
	o.writes(li, "报告.txt", []byte("一"))
	o.has(wang, "报告.txt", []byte("一"))
	o.level(li, wang)
	right := o.disks["wang"]
	mark, err := right.ReadAll(disk.Hidden + "/folder")
	o.must(err)
	o.must(right.Write(disk.Hidden+"/folder", []byte("somebody else's")))
	o.must(right.Delete("报告.txt"))
	o.must(right.Write("别人的.txt", []byte("另一块盘")))
	wang.Hints(o.roots["wang"])
	o.Eventually("wang is told that the folder is gone", func() bool { return o.state(wang).ErrorCode == "folder_gone" })
	o.writes(li, "后来.txt", []byte("二"))
	o.level(li)
	o.has(li, "报告.txt", []byte("一"))
	o.lacks(li, "别人的.txt")
	o.lacks(wang, "后来.txt")
	o.must(right.Delete("别人的.txt"))
	o.must(right.Write("报告.txt", []byte("一")))
	o.must(right.Write(disk.Hidden+"/folder", mark))
	o.Restart("wang")
	o.has(o.As("wang"), "后来.txt", []byte("二"))
	o.has(o.As("wang"), "报告.txt", []byte("一"))
}
