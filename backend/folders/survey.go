package folders

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/ignore"
	"roundtable/backend/folders/watch"
)

// diff is a path at which the disk is not as it was.
type diff struct {
	path  string
	was   local
	known bool // was is set
	now   disk.Info
	here  bool // now is set
}

// surveys looks at what was hinted at, and at everything now and then, until ctx ends.
func (k *keeper) surveys(ctx context.Context) {
	w := k.f.Watch(ctx, k.root, func(path string) bool { return path != hiddenFolder && path != markFile && k.hidden(path, true) })
	defer func() { k.f.Publish("folders", topic(k.space)) }()
	k.look.everywhere()
	rescan := k.f.Clock.After(k.until())
	for {
		hints := w.Hints()
		select {
		case <-ctx.Done():
			return
		case h, open := <-hints:
			switch {
			case !open:
				return // the root is gone, or its watcher is
			case h.All:
				k.look.everywhere()
			default:
				k.look.at(h.Paths...)
			}
		case <-k.look.poked:
		case <-rescan:
			k.look.everywhere()
			rescan = k.f.Clock.After(k.until())
		}
		k.watched(w.State())
		if paused, _ := k.halted(); paused {
			continue // what was hinted at stays noted
		}
		if gone := k.surveyed(ctx); gone {
			return
		}
	}
}

// until is when everything is looked at next: soon where watching does not reach.
func (k *keeper) until() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.polled = 0
	if !k.watching.Limited {
		return rescanEvery
	}
	// A look costs about 10 µs for each file; it shall cost less than 1 % of the time.
	k.polled = max(10*time.Second, min(100*k.progress.surveyTook, 10*time.Minute))
	return k.polled
}

func (k *keeper) watched(s watch.State) {
	k.mu.Lock()
	news := s.Limited != k.watching.Limited
	k.watching = s
	k.mu.Unlock()
	if news {
		k.f.Publish("folders")
	}
}

// surveyed looks once at what is noted; it reports whether the folder itself is gone.
func (k *keeper) surveyed(ctx context.Context) (gone bool) {
	paths, all := k.look.take()
	if !all && len(paths) == 0 {
		return false
	}
	err := k.check(k.tree)
	if err == nil {
		if all {
			err = k.scan(ctx, "")
		} else {
			err = k.scanPaths(ctx, paths)
		}
	}
	switch code := codeOf(err); {
	case err == nil || ctx.Err() != nil:
		k.standAgain()
	case code == errcode.FolderGone || code == errcode.FolderMissing || errors.Is(err, fs.ErrNotExist) && k.check(k.tree) != nil:
		return true
	default:
		k.f.Slog.Warn("look at folder", "err", err)
		k.stand(code)
		k.retry(ctx, paths, all)
	}
	return false
}

// retry looks again after a while at what could not be looked at.
func (k *keeper) retry(ctx context.Context, paths []string, all bool) {
	go func() {
		select {
		case <-ctx.Done():
		case <-k.f.Clock.After(missingEvery):
			if all {
				k.look.everywhere()
			} else {
				k.look.at(paths...)
			}
		}
	}()
}

// scan compares a part of the folder with what is known of it.
func (k *keeper) scan(ctx context.Context, top string) error {
	begun := time.Now()
	k.setScanning(true)
	k.goneFound = 0
	defer k.setScanning(false)
	if err := k.readRules(); err != nil {
		return err
	}
	var found []diff
	if top == "" {
		k.problems.begin(bySurvey)
		k.walked = map[string]bool{}
		defer func() { k.walked = nil }()
	}
	if err := k.walk(ctx, top, &found); err != nil {
		return err
	}
	if top == "" {
		if err := k.orphans(ctx, &found); err != nil {
			return err
		}
		k.problems.finish(bySurvey)
		k.mu.Lock()
		k.progress.surveyTook = time.Since(begun)
		k.mu.Unlock()
	}
	if err := k.check(k.tree); err != nil {
		return err // a disk that went away in the middle has deleted nothing
	}
	if err := k.say(ctx, found); err != nil {
		return err
	}
	if top == "" && !k.taken {
		return k.take(ctx)
	}
	return nil
}

// maxFound bounds what waits to be said, or somebody who puts a million files into a
// folder would have them all in memory.
const maxFound = 100_000

// sayNew says what was found so far to be there. What is gone waits for the end of the look,
// because it may have moved to where nobody has looked yet; of so many at once that is
// not found out any more: they are told as new and gone, and no byte is sent for it.
func (k *keeper) sayNew(ctx context.Context, found *[]diff) error {
	var there, gone []diff
	for _, d := range *found {
		if d.here {
			there = append(there, d)
		} else {
			gone = append(gone, d)
		}
	}
	*found, k.goneFound = gone, len(gone)
	if len(there) == 0 {
		return nil
	}
	return k.say(ctx, there)
}

// seen looks at a path. Of a name that is on the disk in another case the disk
// has nothing under this one.
func (k *keeper) seen(path string) (disk.Info, bool, error) {
	now, err := k.tree.Look(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, disk.ErrEscapes) || errors.Is(err, disk.ErrName) || errors.Is(err, disk.ErrTooLong):
		return now, false, nil
	case err != nil:
		return now, false, err
	}
	return now, now.Path == path && now.Kind != disk.Other, nil
}

// compare notes a difference.
func compare(d diff, found *[]diff) {
	if d.known && d.here && d.was.unchanged(d.now) || !d.known && !d.here {
		return
	}
	*found = append(*found, d)
}

// walk compares everything in a folder, at any depth.
func (k *keeper) walk(ctx context.Context, folder string, found *[]diff) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	known, err := localsIn(ctx, k.f.DB, k.row, folder)
	if err != nil {
		return err
	}
	if k.walked != nil {
		k.walked[folder] = true
	}
	var below []string
	var unsaid error // says nothing about the folder
	err = k.tree.List(folder, func(now disk.Info) error {
		k.countScanned()
		if now.Kind == disk.Other || k.hidden(now.Path, now.Kind == disk.Folder) {
			return nil
		}
		_, name := split(now.Path)
		was, is := known[name]
		delete(known, name)
		if !is && len(*found)-k.goneFound >= cmp.Or(k.f.Found, maxFound) {
			if unsaid = k.sayNew(ctx, found); unsaid != nil {
				return unsaid
			}
		}
		compare(diff{path: now.Path, was: was, known: is, now: now, here: true}, found)
		if now.Kind == disk.Folder {
			below = append(below, now.Path)
		} else if is && was.kind == Folder {
			return k.lost(ctx, now.Path, found)
		}
		return nil
	}, func(name string) { k.problems.note(bySurvey, join(folder, printable(name)), errcode.EntryName, "") })
	if unsaid != nil {
		return unsaid
	}
	if errors.Is(err, fs.ErrPermission) && folder != "" {
		// What cannot be looked at has not gone.
		k.problems.note(bySurvey, folder, errcode.EntryDenied, "")
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) && folder != "" {
		err = nil // it vanished meanwhile: everything that is known of it has
	}
	if err != nil {
		return err
	}
	if err := k.vanished(ctx, known, found); err != nil {
		return err
	}
	for _, b := range below {
		if err := k.walk(ctx, b, found); err != nil {
			return err
		}
	}
	return nil
}

// vanished notes what is known of a folder and was not met in it.
func (k *keeper) vanished(ctx context.Context, known map[string]local, found *[]diff) error {
	for _, was := range known {
		if k.hidden(was.path, was.kind == Folder) {
			continue // hidden since: not deleted
		}
		*found = append(*found, diff{path: was.path, was: was, known: true})
		if was.kind == Folder {
			if err := k.lost(ctx, was.path, found); err != nil {
				return err
			}
		}
	}
	return nil
}

// orphans looks through folders in which something is known to lie and that this look has
// not gone into: those that are gone and were never known (they were made for what came into
// them, and nobody looked since), those that are known to be files by now (such a row may
// have been settled by itself, and nobody lists what lies below a file), and those that
// were not there when their parent was listed and that a pull has made since.
func (k *keeper) orphans(ctx context.Context, found *[]diff) error {
	parents, err := parentsOf(ctx, k.f.DB, k.row)
	if err != nil {
		return err
	}
	for _, parent := range parents {
		if k.walked[parent] || k.hidden(parent, true) {
			continue
		}
		is, known, err := localAt(k.f.DB.Read(), k.row, parent)
		if err != nil {
			return err
		}
		now, here, err := k.seen(parent)
		switch {
		case errors.Is(err, fs.ErrPermission) || errors.Is(err, disk.ErrLocked):
			err = nil // what cannot be looked at has not gone
		case err != nil:
		case here && now.Kind == disk.Folder:
			err = k.walk(ctx, parent, found)
		case known && is.kind == Folder: // what it lay in has told that all of it is gone
		default:
			err = k.lost(ctx, parent, found)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// lost notes that everything in a folder is gone with it.
func (k *keeper) lost(ctx context.Context, folder string, found *[]diff) error {
	all, err := localsBelow(ctx, k.f.DB, k.row, folder)
	for _, was := range all {
		*found = append(*found, diff{path: was.path, was: was, known: true})
	}
	return err
}

// printable makes a name that no log can carry fit for the list of problems.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '/' {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
}

// readRules reads the ignore file as it is on the disk. Without all of its rules
// nothing is said: what they hide would be shared.
// Errors: errcode.IgnoreTooLarge, errcode.EntryLocked, the disk's.
func (k *keeper) readRules() error {
	k.ruled.Store(false)
	text, err := readSmall(k.tree, ignore.File, ignore.MaxFile)
	switch {
	case errors.Is(err, errcode.EntryTooLong):
		return errcode.IgnoreTooLarge
	case errors.Is(err, disk.ErrLocked):
		return errcode.With(errcode.EntryLocked, err)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	parse := ignore.Parse
	if k.tree.Rules().FoldsCase {
		parse = ignore.ParseFolding
	}
	rules, _ := parse(string(text))
	if !rules.Whole() {
		return errcode.IgnoreTooLarge
	}
	k.rules.Store(rules)
	k.ruled.Store(true)
	return nil
}

// readSmall reads a file whole. Errors: errcode.EntryTooLong when it is larger.
func readSmall(tree disk.Reader, path string, most int64) ([]byte, error) {
	c, err := tree.Open(path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	info, err := c.Look()
	if err != nil {
		return nil, err
	}
	if info.Size > most {
		return nil, errcode.EntryTooLong
	}
	out := make([]byte, info.Size)
	n, err := c.ReadAt(out, 0)
	if int64(n) == info.Size {
		err = nil
	}
	return out[:n], err
}
