//go:build !windows

package watch

import (
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

// However long watching the folder takes: told apart, it would be something that is gone
// and something new.
func TestBothNamesOfAFolderAreToldTogether(t *testing.T) {
	e := watching(t, Options{Ignore: func(p string) bool {
		if strings.HasPrefix(p, "new/") {
			time.Sleep(100 * time.Millisecond)
		}
		return false
	}}, "old/a", "old/b", "old/c")
	e.rename(e.path("old"), e.path("new"))
	for {
		h := <-e.Hints()
		if slices.Contains(h.Paths, "old") != slices.Contains(h.Paths, "new") {
			t.Fatalf("told apart: %v", h.Paths)
		}
		if slices.Contains(h.Paths, "old") {
			break
		}
	}
	e.quiet()
	outside := filepath.Join(t.TempDir(), "elsewhere")
	e.rename(e.path("new"), outside)
	e.untilTold("new")
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
	e.is(Whole)
	e.untilAll()
	e.write("f")
	e.untilTold("f")
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
