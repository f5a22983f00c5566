package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"

	"roundtable/app/proof/client"
)

// TestTwoRelays: a workspace names two. One dies and the other goes on; one comes
// back as it was long ago, and is filled again by those who have more; one has lost
// everything, its operator hands over a new link, and it is filled as well.
func TestTwoRelays(t *testing.T) {
	t.Parallel()
	o := newRemote(t, "li", "wang", "chen")
	first, second := o.relay(), o.relay()
	all, workspace := o.crew([]*depot{first, second}, "li", "wang", "chen")
	li, wang, chen := all[0], all[1], all[2]
	o.says(li, workspace, "都在")
	o.shows(chen, workspace, "都在")
	o.must(chen.Stop())

	o.must(first.Kill())
	old := first.copied()
	var said []string
	for i := range 40 {
		from, to := li, wang
		if i%2 == 1 {
			from, to = wang, li
		}
		text := fmt.Sprint("第一个没了 ", i)
		o.says(from, workspace, text)
		o.shows(to, workspace, text)
		said = append(said, text)
	}
	first.start()
	retry(o, workspace, li, wang)
	level(o, first, second)
	whole := first.envelopes()

	// The first is set back to what it was, and the second dies.
	o.must(first.Kill())
	o.must(second.Kill())
	o.must(os.RemoveAll(first.options.Data))
	o.must(os.Rename(old, first.options.Data))
	first.start()
	retry(o, workspace, li, wang)
	o.poll("the relay is filled again", func() bool { return first.envelopes() >= whole })
	wang = backToOne(o, li, wang, workspace)
	o.must(wang.Stop())
	chen = o.start("chen")
	has(o, chen, workspace, append(said, "都在", "又只剩一个"))

	// The second has lost its folder, and so its certificate and who was admitted.
	li, wang = o.start("li"), o.start("wang")
	o.must(os.RemoveAll(second.options.Data))
	second.link = ""
	second.start()
	o.names(li, workspace, second)
	for _, p := range []*client.Process{li, wang, chen} {
		o.connected(p, workspace, 2)
	}
	level(o, second, first)
	o.must(first.Kill())
	o.says(chen, workspace, "新的那个也行")
	o.shows(li, workspace, "新的那个也行")
	o.shows(wang, workspace, "新的那个也行")
	stopAll(o, li, wang, chen)
	o.sound("li", "wang", "chen")
}

// backToOne: who had read further than the relay goes back to gets what is new
// there all the same, also when its author is gone.
func backToOne(o *office, li, wang *client.Process, workspace string) *client.Process {
	o.Helper()
	o.must(wang.Stop())
	o.says(li, workspace, "又只剩一个")
	o.becomes(li, workspace, "又只剩一个", atRelay)
	o.must(li.Stop())
	wang = o.start("wang")
	o.shows(wang, workspace, "又只剩一个")
	return wang
}

// retry has people ask the relays again now, instead of when it is time.
func retry(o *office, workspace string, all ...*client.Process) {
	o.Helper()
	for _, p := range all {
		_, err := p.Relay.RetryRelays(o.ctx, &v1.RetryRelaysRequest{WorkspaceId: workspace})
		o.must(err)
	}
}

// level waits until a relay holds at least as much as another.
func level(o *office, d, other *depot) {
	o.Helper()
	o.poll("relays are level", func() bool { return d.envelopes() >= other.envelopes() })
}

func (d *depot) envelopes() int64 {
	d.o.Helper()
	s, err := d.Stored(d.o.ctx)
	d.o.must(err)
	return s.Envelopes
}

// copied makes a copy of a relay's folder, as a backup does.
func (d *depot) copied() string {
	d.o.Helper()
	_ = os.Remove(filepath.Join(d.options.Data, "control.sock")) // no file, and nothing to keep
	to := filepath.Join(d.o.TempDir(), "backup")
	d.o.must(os.CopyFS(to, os.DirFS(d.options.Data)))
	return to
}
