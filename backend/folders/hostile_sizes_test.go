package folders_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
)

// Who says wrong sizes of chunks that others have makes their devices give what does not
// fit its name. That discredits none of them: what else they have still comes from them.
func TestWrongSizesDiscreditNobody(t *testing.T) {
	o := share(t, 95, "li", "wang", "mallory")
	li, wang, mallory := o.desks[0], o.desks[1], o.desks[2]
	known := map[int][]byte{}
	for i := range 12 {
		known[i] = content(uint64(100+i), 9000)
		o.writes(li, fmt.Sprintf("有/%d.bin", i), known[i])
	}
	for i := range 12 {
		o.has(mallory, fmt.Sprintf("有/%d.bin", i), known[i])
	}
	o.level(li, mallory)
	o.must(wang.Folders.Unkeep(context.Background(), o.id)) // it has nothing of it, and wants all
	var all []fields
	for i, data := range known {
		c := chunk.Chunk{ID: chunk.Sum(data), Size: uint32(5000 + i)}
		all = append(all, fields{1: fmt.Sprintf("假/%d.bin", i), 2: 1, 3: 1, 5: chunk.Content{Size: uint64(c.Size), List: listOf(c)}})
	}
	_, err := mallory.Log.Append(context.Background(), o.id, eventlog.Draft{Kind: folders.EntriesChanged, Body: entries(all...)})
	o.must(err)
	o.Eventually("wang is told of all", func() bool { return o.state(wang).Files == 24 })
	var asked atomic.Int64
	o.turns(mallory, gives(&asked, hostile["not here"]))
	fresh, root := wang.Disk("新", disktest.Linux)
	o.disks["wang"], o.roots["wang"] = fresh, root
	o.must(wang.Folders.Keep(context.Background(), o.id, root, 2, nil))
	for i, data := range known {
		o.has(wang, fmt.Sprintf("有/%d.bin", i), data)
	}
	fresh.Walk(func(i disk.Info, _ []byte) {
		if i.Kind == disk.File && strings.HasPrefix(i.Path, "假/") {
			t.Errorf("%s is here", i.Path)
		}
	})
}
