package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// eye watches a folder of its own and gathers what it is told.
type eye struct {
	t *testing.T
	*Watcher
	root string
	seen map[string]bool
	all  int
}

func watching(t *testing.T, o Options, prepare ...string) *eye {
	return watchingWith(t, o, systemLookups(), prepare...)
}

func watchingWith(t *testing.T, o Options, l lookups, prepare ...string) *eye {
	t.Helper()
	root := t.TempDir()
	e := &eye{t: t, root: root, seen: map[string]bool{}}
	for _, p := range prepare {
		e.folder(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.Watcher = open(ctx, root, o, l)
	t.Cleanup(func() {
		cancel()
		<-e.Done()
	})
	e.untilAll()
	return e
}

func (e *eye) path(p string) string { return filepath.Join(e.root, p) }

func (e *eye) folder(p string) {
	e.t.Helper()
	if err := os.MkdirAll(e.path(p), 0o755); err != nil {
		e.t.Fatal(err)
	}
}

func (e *eye) write(p string) {
	e.t.Helper()
	if err := os.WriteFile(e.path(p), []byte(p), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

func (e *eye) rename(from, to string) {
	e.t.Helper()
	if err := os.Rename(from, to); err != nil {
		e.t.Fatal(err)
	}
}

func (e *eye) take(h Hint) {
	if h.All {
		e.all++
	}
	for _, p := range h.Paths {
		e.seen[p] = true
	}
}

// told reports whether a hint covers a path: itself, or a folder that it lies in.
func (e *eye) told(p string) bool {
	for at := p; ; at = at[:max(0, strings.LastIndexByte(at, '/'))] {
		if e.seen[at] {
			return true
		}
		if at == "" {
			return false
		}
	}
}

func (e *eye) until(what string, done func() bool) {
	e.t.Helper()
	timeout := time.After(time.Minute)
	for !done() {
		select {
		case h, ok := <-e.Hints():
			if !ok {
				e.t.Fatalf("%s: hints ended", what)
			}
			e.take(h)
		case <-time.After(20 * time.Millisecond):
		case <-timeout:
			e.t.Fatalf("%s: never; told of %v, all %d times, state %+v", what, e.seen, e.all, e.State())
		}
	}
}

func (e *eye) untilTold(paths ...string) {
	e.t.Helper()
	for _, p := range paths {
		e.until("hint of "+p, func() bool { return e.told(p) })
	}
}

func (e *eye) untilAll() {
	e.t.Helper()
	before := e.all
	e.until("hint of all", func() bool { return e.all > before })
}

// is waits for a state and takes no hint meanwhile: the one that comes with it is still to come.
func (e *eye) is(reason Reason) {
	e.t.Helper()
	for until := time.Now().Add(time.Minute); e.State().Reason != reason; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			e.t.Fatalf("never %v: state %+v", reason, e.State())
		}
	}
}

// quiet forgets what was told, once nothing is told any more.
func (e *eye) quiet() {
	for {
		select {
		case h := <-e.Hints():
			e.take(h)
		case <-time.After(150 * time.Millisecond):
			clear(e.seen)
			return
		}
	}
}

func TestWhatHappensIsTold(t *testing.T) {
	e := watching(t, Options{}, "old/inner")
	e.write("a.txt")
	e.write("old/inner/b.txt")
	e.untilTold("a.txt", "old/inner/b.txt")
	if e.seen[""] || e.seen["old"] || e.seen["old/inner"] {
		t.Errorf("a file costs a look at a folder: %v", e.seen)
	}
	for _, c := range []struct {
		what string
		do   func() error
		told []string
	}{
		{"modify", func() error { return os.WriteFile(e.path("a.txt"), []byte("more"), 0o644) }, []string{"a.txt"}},
		{"may be run", func() error { return os.Chmod(e.path("a.txt"), 0o755) }, []string{"a.txt"}},
		{"rename", func() error { return os.Rename(e.path("a.txt"), e.path("c.txt")) }, []string{"a.txt", "c.txt"}},
		{"move", func() error { return os.Rename(e.path("c.txt"), e.path("old/c.txt")) }, []string{"c.txt", "old/c.txt"}},
		{"delete", func() error { return os.Remove(e.path("old/c.txt")) }, []string{"old/c.txt"}},
		{"link", func() error { return os.Symlink("/nowhere", e.path("l")) }, []string{"l"}},
		{"delete a folder", func() error { return os.RemoveAll(e.path("old")) }, []string{"old"}},
		{"accent", func() error { return os.WriteFile(e.path("e\u0301"), nil, 0o644) }, []string{"\u00e9"}},
	} {
		e.quiet()
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		for _, p := range c.told {
			e.until(c.what+": "+p, func() bool { return e.seen[p] })
		}
	}
	if s := e.State(); s.Limited || len(e.Unwatched()) > 0 {
		t.Errorf("limited: %+v", s)
	}
}

// What is made in new folders before they are watched is covered by a folder's hint.
func TestDeepFoldersAtOnce(t *testing.T) {
	e := watching(t, Options{})
	var files []string
	for i := range 40 {
		deep := fmt.Sprintf("t%d/1/2/3/4/5/6/7/8/9", i)
		e.folder(deep)
		for d := deep; d != ""; d = d[:max(0, strings.LastIndexByte(d, '/'))] {
			e.write(d + "/f")
			files = append(files, d+"/f")
		}
	}
	e.untilTold(files...)
	e.quiet()
	for _, f := range files {
		e.write(f)
	}
	e.until("each file", func() bool {
		return !slices.ContainsFunc(files, func(f string) bool { return !e.seen[f] })
	})
}

// Folders that are moved about at speed end up watched under their last names.
func TestFoldersMovedAtSpeed(t *testing.T) {
	e := watching(t, Options{}, "x0/in/deep", "y0/in/deep")
	for i := range 200 {
		e.rename(e.path(fmt.Sprintf("x%d", i)), e.path(fmt.Sprintf("x%d", i+1)))
		e.rename(e.path(fmt.Sprintf("y%d", i)), e.path(fmt.Sprintf("z%d", i)))
		e.folder(fmt.Sprintf("y%d/in", i)) // the old name again
		e.rename(e.path(fmt.Sprintf("y%d", i)), e.path(fmt.Sprintf("w%d", i)))
		e.rename(e.path(fmt.Sprintf("z%d", i)), e.path(fmt.Sprintf("y%d", i+1)))
	}
	e.untilTold("x200", "y200", "w199")
	e.quiet()
	for _, f := range []string{"x200/in/deep/f", "y200/in/deep/f", "w0/in/f", "w199/in/f"} {
		e.write(f)
		e.until(f, func() bool { return e.seen[f] })
	}
}

func TestTheRootGoesAndComesBack(t *testing.T) {
	e := watching(t, Options{Check: 30 * time.Millisecond}, "in")
	aside := e.root + ".aside"
	e.rename(e.root, aside)
	e.is(Gone)
	e.untilAll()
	e.rename(aside, e.root)
	e.is(Whole)
	e.untilAll()
	e.quiet()
	e.write("in/f")
	e.untilTold("in/f")
}

func TestManyEvents(t *testing.T) {
	e := watching(t, Options{}, "many")
	for i := range 3 * most {
		e.write(fmt.Sprintf("many/%d", i))
	}
	e.write("last")
	all := e.all
	e.until("all or each", func() bool {
		return e.all > all || e.seen["last"] && len(e.seen) > 3*most
	})
}

// A consumer that does not come for its hints loses none, and they take no room.
func TestSlowConsumer(t *testing.T) {
	e := watching(t, Options{}, "d")
	for i := range 2 * most {
		e.write(fmt.Sprintf("d/%d", i))
	}
	time.Sleep(700 * time.Millisecond)
	e.write("end")
	all := e.all
	e.until("all or the end", func() bool { return e.all > all || e.seen["end"] })
}

func TestItEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := Open(ctx, t.TempDir(), Options{})
	<-w.Hints()
	cancel()
	<-w.Done()
	for range w.Hints() {
	}
}

// What watching 900 folders costs. (With 100 files in each it was the same memory, and
// 0.1 s until all was watched.)
func TestCheap(t *testing.T) {
	root := t.TempDir()
	for i := range 900 {
		dir := filepath.Join(root, fmt.Sprintf("folder %d", i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for j := range 4 {
			f, err := os.Create(filepath.Join(dir, fmt.Sprintf("file %d", j)))
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithCancel(context.Background())
	began := time.Now()
	w := Open(ctx, root, Options{})
	if h := <-w.Hints(); !h.All {
		t.Fatal("the first hint is not All")
	}
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("watched after %v with %d KiB", took, kept>>10)
	if kept > 4<<20 {
		t.Errorf("keeps %d KiB", kept>>10)
	}
	cancel()
	<-w.Done()
}
