//go:build !windows

package watch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/text/unicode/norm"
)

// lookups are what a watcher asks the system; tests give other answers.
type lookups struct {
	open  func() (*fsnotify.Watcher, error)
	limit func(Reason) int64
}

func systemLookups() lookups {
	return lookups{
		open:  func() (*fsnotify.Watcher, error) { return fsnotify.NewBufferedWatcher(1024) },
		limit: systemLimit,
	}
}

// session is one time of watching, folder by folder.
type session struct {
	w      *Watcher
	ctx    context.Context
	system *fsnotify.Watcher
	root   fs.FileInfo
	cover  cover
	used   int64
	// beyond are the folders that are not watched, nor anything in them, with what
	// watching them would take.
	beyond  map[string]int64
	changed bool   // beyond did
	reason  Reason // why the last watch was refused
	refused int    // how many were
	freed   bool   // watches were given back since
	left    left
}

func (w *Watcher) session(ctx context.Context) end {
	root, err := os.Stat(w.root)
	if err != nil || !root.IsDir() {
		return vanished
	}
	system, err := w.lookups.open()
	if err != nil {
		reason := reasonOf(err)
		if reason == Watches { // it speaks of the process, not of one folder
			reason = Instances
		}
		w.set(State{Limited: true, Reason: reason, Limit: w.lookups.limit(reason)}, []string{""})
		return refused
	}
	defer system.Close()
	s := &session{w: w, ctx: ctx, system: system, root: root, beyond: map[string]int64{}, changed: true, left: newLeft()}
	defer s.left.timer.Stop()
	s.add("")
	if why, over := s.publish(); over {
		return why
	}
	w.tell(ctx, event{all: true})
	return s.follow()
}

// follow tells what happens until something ends it.
func (s *session) follow() end {
	check := time.NewTicker(s.w.o.Check)
	defer check.Stop()
	retry := time.NewTimer(s.w.o.Retry)
	defer retry.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return ended
		case e, ok := <-s.system.Events:
			if !ok {
				return lost
			}
			if s.happened(e) {
				return vanished
			}
		case err := <-s.system.Errors:
			if err != nil {
				return lost // a queue that overflowed, or an error that we cannot judge
			}
		case <-s.left.timer.C:
			s.tellLeft()
		case <-check.C:
			if !s.rootStays() {
				return vanished
			}
		case <-retry.C:
			s.again()
			retry.Reset(s.w.o.Retry)
		}
		if s.freed && s.reason != Whole {
			s.freed = false
			retry.Reset(min(s.w.o.Retry, pause))
		}
	}
}

func (s *session) rootStays() bool {
	now, err := os.Stat(s.w.root)
	return err == nil && os.SameFile(now, s.root)
}

// happened handles one event; true means that the root is gone.
func (s *session) happened(e fsnotify.Event) bool {
	path, inside := s.relative(e.Name)
	if !inside {
		return false
	}
	if path == "" {
		if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
			return !s.rootStays()
		}
		s.tell("")
		return false
	}
	if s.ignored(path) {
		if e.Has(fsnotify.Create) {
			s.tellLeft() // it may have gone there
		}
		return false
	}
	known := s.cover.at(path, false) != nil
	if known && (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) || e.Has(fsnotify.Create)) {
		// Also what is made anew: under the old name there may be watches of a folder
		// that has gone elsewhere.
		s.drop(path)
	}
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Chmod) && !known { // one that may be read now
		if info, err := os.Lstat(e.Name); err == nil && info.IsDir() {
			s.add(path)
			known = true
		} else if e.Has(fsnotify.Create) {
			s.count(path, 1)
		}
	}
	if known {
		s.publish()
	} else if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		s.count(path, -1)
	}
	if e.Has(fsnotify.Rename) {
		s.leave(path)
	} else {
		s.tell(path)
	}
	return false
}

// relative gives the path in the tree, as on the disk.
func (s *session) relative(name string) (string, bool) {
	if name == s.w.root {
		return "", true
	}
	path, inside := strings.CutPrefix(name, strings.TrimSuffix(s.w.root, "/")+"/")
	return path, inside
}

// logged gives a path as the log writes it; false for one that cannot be written there.
func logged(path string) (string, bool) { return norm.NFC.String(path), utf8.ValidString(path) }

func (s *session) ignored(path string) bool {
	l, ok := logged(path)
	return !ok || s.w.o.Ignore(l)
}

// tell passes a path on, with those that something has left.
func (s *session) tell(path string) {
	if l, ok := logged(path); ok {
		s.w.tell(s.ctx, event{path: l, from: s.left.take()})
	}
}

// add watches a folder and all below, the upper ones first. Each is watched before it
// is read: what comes later gives an event, what was there before is found by reading.
func (s *session) add(path string) {
	for queue := []string{path}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if s.ctx.Err() != nil || p != "" && s.ignored(p) {
			continue
		}
		err := s.grant(p)
		switch {
		case err == nil:
			queue = append(queue, s.folders(p)...)
		case reasonOf(err) == Whole:
			s.cover.cut(p)
		default:
			s.refuse(p, reasonOf(err))
		}
	}
}

// grant watches one folder.
func (s *session) grant(path string) error {
	weight := s.weight(path)
	err := errBound
	if bound := s.w.bound(); bound <= 0 || s.used+weight <= bound {
		err = s.system.Add(s.absolute(path))
	}
	if err != nil {
		return err
	}
	at := s.cover.at(path, true)
	if !at.watched {
		s.used += weight
	}
	at.watched, at.weight = true, weight
	s.forget(path)
	return nil
}

// refuse notes a folder that is not watched, nor anything in it.
func (s *session) refuse(path string, why Reason) {
	s.cover.at(path, true)
	s.beyond[path] = s.needs(path)
	s.changed, s.reason = true, why
	s.refused++
}

func (s *session) forget(path string) {
	if _, found := s.beyond[path]; found {
		delete(s.beyond, path)
		s.changed = true
	}
}

// bound is how many watches this watcher may have; 0: what the system grants.
func (w *Watcher) bound() int64 {
	if w.o.Limit > 0 {
		return w.o.Limit
	}
	return ownLimit
}

var errBound = errors.New("as many watches as this watcher may have")

func (s *session) absolute(path string) string { return filepath.Join(s.w.root, path) }

// folders lists the folders in a folder. Links are none.
func (s *session) folders(path string) (out []string) {
	s.read(path, func(e fs.DirEntry) {
		if e.IsDir() {
			out = append(out, strings.TrimPrefix(path+"/"+e.Name(), "/"))
		}
	})
	return out
}

func (s *session) read(path string, each func(fs.DirEntry)) {
	f, err := os.Open(s.absolute(path))
	if err != nil {
		return // gone, or not ours to read: no scan will see what is in it either
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(1024)
		for _, e := range entries {
			each(e)
		}
		if err != nil && !errors.Is(err, io.EOF) || len(entries) == 0 {
			return
		}
	}
}

// needs counts what watching a folder and all below would take.
func (s *session) needs(path string) (n int64) {
	for queue := []string{path}; len(queue) > 0 && s.ctx.Err() == nil; queue = queue[1:] {
		if p := queue[0]; p == "" || !s.ignored(p) {
			n += s.weight(p)
			queue = append(queue, s.folders(p)...)
		}
	}
	return n
}

// drop ends the watches of a folder that went, and of all below: they would go on
// telling of it under its old name.
func (s *session) drop(path string) {
	was := s.cover.cut(path)
	if was == nil {
		return
	}
	was.each(path, func(p string, c *cover) {
		s.forget(p)
		if c.watched {
			// Mostly the system has ended it by itself.
			_ = s.system.Remove(s.absolute(p))
			s.used -= c.weight
			s.freed = true
		}
	})
}

// again tries the folders for which there were no watches.
func (s *session) again() {
	for _, path := range slices.Sorted(maps.Keys(s.beyond)) {
		before := s.refused
		s.add(path)
		if _, still := s.beyond[path]; !still {
			s.tell(path)
		}
		if s.refused != before {
			break
		}
	}
	s.publish()
}

// publish notes what is watched and what is not.
func (s *session) publish() (why end, over bool) {
	if s.ctx.Err() != nil {
		return ended, true
	}
	state := State{Needed: s.used}
	for _, needs := range s.beyond {
		state.Needed += needs
	}
	if len(s.beyond) == 0 {
		s.reason = Whole
	} else {
		state.Limited, state.Reason, state.Limit = true, s.reason, s.w.o.Limit
		if state.Limit <= 0 {
			state.Limit = s.w.lookups.limit(s.reason)
		}
	}
	beyond := s.w.Unwatched()
	if s.changed {
		s.changed = false
		beyond = slices.Sorted(maps.Keys(s.beyond))
	}
	s.w.set(state, beyond)
	if _, root := s.beyond[""]; root {
		return refused, true
	}
	return 0, false
}
