package folders_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"roundtable/backend/folders/disk"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

// Copies that were made at the same time leave one version where it was. When its copy
// was deleted meanwhile, and nobody has its bytes, it goes as the copy went: a file that
// nobody can get would be waited for by everybody, for ever.
func TestACopyThatWasDeletedLeavesNothing(t *testing.T) {
	o := share(t, 31, "li", "zhao")
	li, zhao := o.desks[0], o.desks[1]
	o.Admits("li", "wang", "chen") // who carry the log and keep no files
	for _, name := range []string{"wang", "chen"} {
		o.must(li.Folders.SetMember(context.Background(), o.id, o.As(name).Person(), space.Member))
		o.Eventually(name+" is told of the folder", func() bool { return o.As(name).Log.Knows(o.id) })
	}
	hears := func(a, b *testspace.Desk) {
		o.Eventually(a.Name+" and "+b.Name+" know the same", func() bool { return a.Log.Digest(o.id) == b.Log.Digest(o.id) })
	}
	hears(li, zhao) // who has not heard yet that chen was let in tells chen nothing
	at := func(d *testspace.Desk, minute int, text string) {
		o.disks[d.Name].Clock(func() time.Time { return time.Unix(1_767_225_600, 0).Add(time.Duration(minute) * time.Minute) })
		before := d.Log.Digest(o.id)
		o.writes(d, "稿.txt", []byte(text))
		o.Eventually(d.Name+" says it", func() bool { return d.Log.Digest(o.id) != before })
	}
	copies := func(d *testspace.Desk) (out []string) {
		o.disks[d.Name].Walk(func(i disk.Info, _ []byte) {
			if strings.HasPrefix(i.Path, "稿 (") {
				out = append(out, i.Path)
			}
		})
		return out
	}
	o.Partition([]string{"li", "wang"}, []string{"zhao", "chen"})
	at(li, 20, "李的")
	at(zhao, 30, "赵的")
	hears(li, o.As("wang"))
	hears(zhao, o.As("chen"))

	// li hears of a later one, and keeps its own as a copy; zhao has replaced that by an earlier one.
	o.Partition([]string{"zhao"}, []string{"wang"}, []string{"li", "chen"})
	at(zhao, 10, "赵的，钟慢了")
	o.Eventually("li keeps a copy", func() bool { return len(copies(li)) == 1 })
	hears(li, o.As("chen"))
	before := li.Log.Digest(o.id)
	o.deletes(li, copies(li)[0])
	o.Eventually("li says that it is gone", func() bool { return li.Log.Digest(o.id) != before })

	// zhao hears what li wrote, not that it was kept, and keeps its own as a copy.
	o.Partition([]string{"li", "chen"}, []string{"wang", "zhao"})
	o.Eventually("zhao keeps a copy", func() bool { return len(copies(zhao)) == 1 })

	o.Heal()
	hears(li, zhao)
	o.Eventually("both have zhao's copy", func() bool { return len(copies(li)) == 1 && len(copies(zhao)) == 1 })
	o.level(li, zhao)
	o.lacks(li, "稿.txt")
	o.lacks(zhao, "稿.txt")
}
