package folders_test

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob/chunk"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders"
	"roundtable/backend/link"
)

// nodes are lists that mallory gives, by name.
type nodes map[chunk.ID][]byte

// add makes a list of the same entry again and again.
func (n nodes) add(times int, c chunk.Chunk) chunk.Chunk {
	body := bytes.Repeat(listOf(c), times)
	c = chunkOf(body)
	n[c.ID] = body
	return c
}

// give answers with what is there and says of the rest that it is not.
func (n nodes) give(s link.Stream, want []chunk.Chunk) error {
	var h head
	var all []byte
	for _, c := range want {
		body := n[c.ID]
		h.Sizes = append(h.Sizes, uint32(len(body)))
		all = append(all, body...)
	}
	return sends(s, h, all)
}

// trees are contents whose lists are not what they should be.
func trees(n nodes) map[string]chunk.Content {
	small, large := chunk.Chunk{ID: chunk.ID{1}, Size: 4 << 10}, chunk.Chunk{ID: chunk.ID{2}, Size: 1 << 20}
	tower := func(times, levels int, c chunk.Chunk) chunk.Chunk {
		for range levels {
			c = n.add(times, c)
		}
		return c
	}
	of := func(size uint64, level uint8, c ...chunk.Chunk) chunk.Content {
		return chunk.Content{Size: size, Level: level, List: listOf(c...)}
	}
	return map[string]chunk.Content{
		"塔/小.bin":  of(64<<30, 4, tower(1024, 4, small)), // 2⁴⁰ chunks in four nodes
		"塔/大.bin":  of(64<<30, 4, tower(1024, 4, large)),
		"塔/多.bin":  of(4<<30, 2, tower(1024, 2, small)), // as many as its size has room for, and too many
		"差/短.bin":  of(50<<20, 1, tower(100, 1, small)), // less than its size
		"差/空.bin":  of(1<<20, 1, tower(20, 1, chunk.Chunk{ID: chunk.ID{3}})),
		"差/巨.bin":  of(1<<24, 1, tower(20, 1, chunk.Chunk{ID: chunk.ID{4}, Size: 1<<20 + 1})),
		"差/级.bin":  of(1<<24, 2, tower(20, 1, large)), // chunks where nodes should be
		"差/两可.bin": of(20<<20, 1, tower(21, 1, large)),
	}
}

// Lists that lie cost what one look at them costs: their file is told of as damaged, and
// everything else goes on.
func TestHostileListsCostLittle(t *testing.T) {
	o := share(t, 70, "li", "wang", "mallory")
	li, wang, mallory := o.desks[0], o.desks[1], o.desks[2]
	o.writes(li, "先.txt", []byte("先"))
	o.has(wang, "先.txt", []byte("先"))
	o.has(mallory, "先.txt", []byte("先"))
	n := nodes{}
	var want []string
	var all []fields
	for path, content := range trees(n) {
		all = append(all, fields{1: path, 2: 1, 3: 1, 5: content})
		want = append(want, path+" entry_damaged")
	}
	slices.Sort(want)
	o.pauses(wang, true)
	_, err := mallory.Log.Append(context.Background(), o.id, eventlog.Draft{Kind: folders.EntriesChanged, Body: entries(all...)})
	o.must(err)
	o.Eventually("wang is told of all", func() bool { return o.state(wang).Files == int64(len(all))+1 })
	var asked atomic.Int64
	o.turns(mallory, gives(&asked, n.give))

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o.pauses(wang, false)
	o.Eventually("what is wrong with them is told", func() bool {
		r, err := wang.FoldersAPI().Problems(context.Background(), &v1.FolderRequest{FolderId: o.id.String()})
		o.must(err)
		var got []string
		for _, p := range r.Problems {
			got = append(got, p.Path+" "+p.ErrorCode)
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	})
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 1024 {
		t.Errorf("%d MiB were allocated for it, one after the other", n)
	}
	o.writes(li, "后.txt", []byte("后"))
	o.has(wang, "后.txt", []byte("后"))
}
