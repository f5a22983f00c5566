package folders_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
	"roundtable/backend/projection"
	"roundtable/backend/testspace"
)

// crowd is one event of somebody who only wants to fill the tables of others.
func crowd(n int, path func(i int) string, replaces int) []fields {
	var all []fields
	for i := range 100 {
		var seen [][]byte
		for r := range replaces {
			seen = append(seen, version("nobody", uint64(n), i*64+r))
		}
		one := fields{1: path(i), 2: 2, 3: n}
		if replaces > 0 {
			one[7] = seen
		}
		all = append(all, one)
	}
	return all
}

// An entry costs the same however many there are: at paths of their own, at the same paths
// again and again where nobody replaces what was there, and with versions foretold
// that never come. Nothing of them stays in memory.
func TestAnEntryCostsTheSame(t *testing.T) {
	for name, one := range map[string]struct {
		path     func(n, i int) string
		replaces int
	}{
		"new paths":         {func(n, i int) string { return fmt.Sprint("d", n, "/", i) }, 0},
		"the same paths":    {func(_, i int) string { return fmt.Sprint("d/", i) }, 0},
		"what never comes":  {func(_, i int) string { return fmt.Sprint("d/", i) }, 4},
		"the longest paths": {func(n, i int) string { return strings.Repeat(fmt.Sprintf("%07d%07d/", n, i), 250) + "x" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := testspace.NewBench(t, folders.NewProjection())
			seq := 0
			takes := func(times int) (allocated uint64) {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for range times {
					seq++
					n := seq
					e, _ := b.Event(fmt.Sprintf("F wang@1:%d %d folders.entries_changed", n, n),
						entries(crowd(n+1, func(i int) string { return one.path(n, i) }, one.replaces)...))
					b.Takes(e, false)
				}
				runtime.ReadMemStats(&after)
				return after.TotalAlloc - before.TotalAlloc
			}
			takes(5)
			first, heap := takes(10), inUse()
			takes(40)
			last, grown := takes(10), inUse()
			if last > first*3/2 {
				t.Errorf("ten events took %d KiB first and %d KiB after %d events", first>>10, last>>10, seq)
			}
			if grown > heap+8<<20 {
				t.Errorf("%d MiB stay in memory", (grown-heap)>>20)
			}
			counted(t, b)
		})
	}
}

// inUse is what lives on the heap.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A folder in which more was said than is taken stops on every device, with a reason, and
// is left as it is: nothing that was said later gets onto a disk, and nothing leaves it.
func TestACrowdedFolderStops(t *testing.T) {
	in := testspace.New(t, 80)
	in.MostTold = 1000
	o := shareIn(in, t, "li", "wang", "mallory")
	li, wang, mallory := o.desks[0], o.desks[1], o.desks[2]
	data := content(80, 5000)
	o.writes(li, "合同.txt", data)
	o.has(wang, "合同.txt", data)
	o.has(mallory, "合同.txt", data)
	o.level(li, wang, mallory)
	for n := range 14 {
		_, err := mallory.Log.Append(context.Background(), o.id, eventlog.Draft{Kind: folders.EntriesChanged,
			Body: entries(crowd(n+1, func(i int) string { return fmt.Sprint("m", n, "/", i) }, 0)...)})
		o.must(err)
	}
	for _, d := range o.desks {
		o.stopped(d)
	}
	o.Settles() // the same events, the same tables

	o.writes(li, "新.txt", []byte("新"))
	_, err := wang.FoldersAPI().RenameFolder(context.Background(), &v1.RenameFolderRequest{FolderId: o.id.String(), Name: "别的"})
	if !errors.Is(err, errcode.Forbidden) {
		t.Errorf("it is given another name: %v", err)
	}
	o.Restart("wang")
	o.stopped(wang)
	o.has(wang, "合同.txt", data)
	o.disks["wang"].Walk(func(i disk.Info, _ []byte) {
		if strings.HasPrefix(i.Path, "m11/") || strings.HasPrefix(i.Path, "m12/") || i.Path == "新.txt" {
			t.Errorf("%s got here", i.Path)
		}
	})
	var told, versions int
	o.must(wang.DB.Read().QueryRow(`SELECT told, (SELECT count(*) FROM folders_version) FROM folders_space`).Scan(&told, &versions))
	if told <= 1000 || versions > 1000 {
		t.Errorf("%d were told, %d are in the tables", told, versions)
	}
}

func (o *office) stopped(d *testspace.Desk) {
	o.t.Helper()
	o.Eventually(d.Name+" is told that the folder has stopped", func() bool {
		s := o.state(d)
		return s.State == v1.FolderState_FOLDER_STATE_STOPPED && s.ErrorCode == string(errcode.FolderCrowded)
	})
}

// Whatever is said around the bound, in whatever order, the outcome is the same.
func TestCrowdedInAnyOrder(t *testing.T) {
	p := newPast(5)
	var first map[string]projection.Rows
	for n := range uint64(4) {
		tables := folders.NewProjection()
		tables.Most = 60
		b := testspace.NewBench(t, tables)
		for _, e := range p.order(b, rand.New(rand.NewPCG(5, n))) {
			b.Takes(e, false)
		}
		got, err := b.Runner.Tables(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if fmt.Sprint(first) != fmt.Sprint(got) {
			t.Fatalf("order %d differs", n)
		}
	}
	if fmt.Sprint(first["folders_version"]) != fmt.Sprint(projection.Rows{}) {
		t.Error("it was not crowded")
	}
}
