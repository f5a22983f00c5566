//go:build !windows

package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
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
	timeout := time.After(10 * time.Second)
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

func TestFoldersThatMoveAreFollowed(t *testing.T) {
	e := watching(t, Options{}, "a/b/c")
	outside := t.TempDir()
	if err := os.MkdirAll(filepath.Join(outside, "whole/tree"), 0o755); err != nil {
		t.Fatal(err)
	}
	e.rename(filepath.Join(outside, "whole"), e.path("whole"))
	e.untilTold("whole")
	e.quiet()
	e.write("whole/tree/f")
	e.untilTold("whole/tree/f")

	e.rename(e.path("a"), e.path("moved"))
	e.untilTold("a", "moved")
	e.quiet()
	e.write("moved/b/c/f")
	e.untilTold("moved/b/c/f")
	if e.told("a/b/c/f") {
		t.Error("told under the old name")
	}

	e.rename(e.path("moved"), filepath.Join(outside, "gone"))
	e.untilTold("moved")
	e.quiet()
	if err := os.WriteFile(filepath.Join(outside, "gone/b/c/g"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e.folder("moved/b/c") // the name again, another folder
	e.untilTold("moved")
	e.quiet()
	e.write("moved/b/c/h")
	e.untilTold("moved/b/c/h")
	if e.seen["moved/b/c/g"] {
		t.Error("told of what happens outside")
	}
	if n := e.State().Needed; n != 6 { // root, whole, tree, moved, b, c
		t.Errorf("%d folders are watched, want 6", n)
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

func TestIgnoredCostsNothing(t *testing.T) {
	e := watching(t, Options{Ignore: func(p string) bool {
		return p == ".roundtable" || strings.HasSuffix(p, "node_modules")
	}}, ".roundtable/x/y", "src/node_modules/a/b")
	if n := e.State().Needed; n != 2 {
		t.Errorf("%d folders are watched, want the root and src", n)
	}
	e.write(".roundtable/x/y/f")
	e.write("src/node_modules/a/b/f")
	e.folder("lib/node_modules/z")
	e.write("src/f")
	e.untilTold("src/f", "lib")
	for p := range e.seen {
		if strings.Contains(p, "roundtable") || strings.Contains(p, "node_modules") {
			t.Errorf("told of %s", p)
		}
	}
}

func TestTooFewWatches(t *testing.T) {
	var told atomic.Int64
	e := watching(t, Options{Limit: 4, Retry: 50 * time.Millisecond, Told: func(State) { told.Add(1) }},
		"a/1/x", "a/2", "b/1", "c")
	s := e.State()
	if !s.Limited || s.Limit != 4 || s.Needed != 8 || runtime.GOOS == "linux" && s.Reason != Watches {
		t.Fatalf("state %+v", s)
	}
	if got := e.Unwatched(); !slices.Equal(got, []string{"a/1", "a/2", "b/1"}) {
		t.Fatalf("unwatched: %v", got)
	}
	e.write("c/f") // the upper folders have their watches
	e.untilTold("c/f")
	e.folder("c/new")
	e.until("the new folder is unwatched", func() bool { return slices.Contains(e.Unwatched(), "c/new") })

	// Watches that are given back go to others, which are looked at then.
	e.quiet()
	if err := os.RemoveAll(e.path("c")); err != nil {
		t.Fatal(err)
	}
	e.untilTold("a/1")
	if err := os.RemoveAll(e.path("b")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(e.path("a/2")); err != nil {
		t.Fatal(err)
	}
	e.until("all is watched", func() bool { return !e.State().Limited && len(e.Unwatched()) == 0 })
	e.write("a/1/x/f")
	e.untilTold("a/1/x/f")
	if told.Load() < 2 {
		t.Errorf("told %d times of its state", told.Load())
	}
}

func TestNoWatcherAtAll(t *testing.T) {
	var full atomic.Bool
	full.Store(true)
	l := systemLookups()
	real := l.open
	l.open = func() (*fsnotify.Watcher, error) {
		if full.Load() {
			return nil, fmt.Errorf("make a watcher: %w", syscall.EMFILE)
		}
		return real()
	}
	e := watchingWith(t, Options{Retry: 20 * time.Millisecond}, l)
	if s := e.State(); !s.Limited || runtime.GOOS == "linux" && (s.Reason != Instances || s.Limit < 1) {
		t.Errorf("state %+v", s)
	}
	if !slices.Equal(e.Unwatched(), []string{""}) {
		t.Errorf("unwatched: %q", e.Unwatched())
	}
	full.Store(false)
	e.until("watched", func() bool { return !e.State().Limited })
	e.untilAll()
	e.write("f")
	e.untilTold("f")
}

func TestTheRootGoesAndComesBack(t *testing.T) {
	e := watching(t, Options{Check: 30 * time.Millisecond}, "in")
	aside := e.root + ".aside"
	e.rename(e.root, aside)
	e.until("gone", func() bool { return e.State().Reason == Gone })
	e.untilAll()
	e.rename(aside, e.root)
	e.until("back", func() bool { return e.State().Reason == Whole })
	e.untilAll()
	e.quiet()
	e.write("in/f")
	e.untilTold("in/f")
}

func TestEventsThatAreLost(t *testing.T) {
	l := systemLookups()
	real := l.open
	watchers := make(chan *fsnotify.Watcher, 8)
	l.open = func() (*fsnotify.Watcher, error) {
		f, err := real()
		if err == nil {
			watchers <- f
		}
		return f, err
	}
	e := watchingWith(t, Options{}, l, "a")
	first := <-watchers
	before := e.all
	first.Errors <- fsnotify.ErrEventOverflow
	e.until("all", func() bool { return e.all > before })
	if len(watchers) != 1 {
		t.Error("not watched anew")
	}
	e.quiet()
	e.write("a/f")
	e.untilTold("a/f")
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

func TestReasons(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the reasons of inotify")
	}
	for err, want := range map[error]Reason{
		syscall.ENOSPC: Watches, syscall.EMFILE: Instances, syscall.ENOENT: Whole, syscall.ENOTDIR: Whole,
		syscall.EACCES: Whole, syscall.ENOSYS: Failed, errors.New("x"): Failed,
	} {
		if got := reasonOf(fmt.Errorf("add: %w", err)); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	if n := systemLimit(Watches); n < 1 {
		t.Errorf("max_user_watches is %d", n)
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
