package folders

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// batchFiles and batchBytes bound what is fetched and put in its place together.
	batchFiles = 256
	batchBytes = 16 << 20
	// planned is how many differences are read at a time.
	planned = 2000
	// pullRetry is when what could not be had is tried again by itself.
	pullRetry = 15 * time.Second
)

var (
	// errUnseen: something lies there that was not looked at yet.
	errUnseen = errors.New("file was changed here meanwhile")
	// errNobody: nobody who can be reached has what is missing.
	errNobody = errors.New("nobody who has the rest can be reached")
)

// pulls puts on the disk what the log says, until ctx ends.
func (k *keeper) pulls(ctx context.Context) {
	k.fresh.everywhere()
	var retry <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.pull:
		case <-retry:
			k.fresh.everywhere()
		}
		paused, held := k.halted()
		if paused || !k.hasTaken() {
			continue
		}
		if held != "" {
			retry = k.f.Clock.After(pullRetry)
			continue
		}
		paths, all := k.fresh.take()
		if !all && len(paths) == 0 {
			continue // what is to be tried again is so as before
		}
		retry = nil
		whole, err := k.pullOnce(ctx, paths, all || len(paths) > k.byName())
		if err != nil && ctx.Err() == nil {
			k.f.Slog.Info("folder is not level yet", "err", err)
		}
		if err != nil {
			k.fresh.noteAll()
		}
		if !whole {
			retry = k.f.Clock.After(pullRetry)
		}
	}
}

func (k *keeper) hasTaken() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.taken
}

func (k *keeper) setPulling(on, waits bool) {
	k.mu.Lock()
	k.progress.pulling, k.progress.waits = on, waits
	k.mu.Unlock()
	k.tell(true)
}

// maxFresh is how many paths are looked for by name; for more of them everything
// is gone through, unless that is 50 times as much.
const maxFresh = 2000

func (k *keeper) byName() int {
	files := 0
	_ = k.f.DB.Read().QueryRow(`SELECT files FROM folders_space WHERE space = ?`, k.space[:]).Scan(&files)
	return max(maxFresh, files/50)
}

// pullOnce goes once through everything that differs, or through some paths. whole
// is set when nothing of that is missing afterwards.
func (k *keeper) pullOnce(ctx context.Context, paths []string, all bool) (whole bool, err error) {
	folder, err := folderRow(k.f.DB.Read(), k.space)
	if err != nil || folder == 0 {
		return false, err
	}
	upto := k.f.Log.Frontier(k.space)
	r := round{k: k, ctx: ctx, folder: folder, whole: true, alike: map[string]map[string][]string{}}
	k.setPulling(true, false)
	defer func() { k.setPulling(false, !r.whole && r.waits) }()
	if all {
		err = r.everything()
	} else {
		err = r.some(paths)
	}
	if err == nil {
		err = r.removals()
	}
	if err == nil {
		err = k.settle(ctx)
	}
	if err != nil {
		return false, r.classify(err)
	}
	r.room(all)
	lacks := k.leftOut(paths, all, r.left)
	k.pullAgain(ctx, r.unseen)
	if !lacks && k.keepsAll() {
		k.tellHeld(ctx, upto)
	}
	return !lacks, nil
}

// anything stands for all paths in what is left out.
const anything = ""

// leftOut notes what a pull left out, and reports whether anything is by now.
func (k *keeper) leftOut(paths []string, all bool, left []string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if all || k.left == nil {
		k.left = map[string]bool{}
	}
	for _, p := range paths {
		delete(k.left, p)
	}
	for _, p := range left {
		if len(k.left) > maxFresh {
			p = anything
		}
		k.left[p] = true
	}
	return len(k.left) > 0
}

func (r *round) everything() error {
	k := r.k
	k.problems.begin(byPull)
	after := ""
	for {
		vs, err := k.differing(r.ctx, r.folder, after, planned)
		if err != nil {
			return err
		}
		if err := r.take(vs); err != nil {
			return err
		}
		if len(vs) < planned {
			k.problems.finish(byPull)
			return nil
		}
		after = vs[len(vs)-1].path
	}
}

func (r *round) some(paths []string) error {
	var vs []difference
	paths = append(paths, r.k.problems.clashing()...) // what was in their way may be gone
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for _, p := range paths {
		v, found, err := standingAt(r.k.f.DB.Read(), r.folder, p)
		if err != nil {
			return err
		}
		l, known, err := localAt(r.k.f.DB.Read(), r.k.row, p)
		if err != nil {
			return err
		}
		if found && (known || v.kind != Removed) && !(known && l.version == v.id) {
			vs = append(vs, difference{v, l, known})
		} else {
			r.k.problems.solve(byPull, p) // it is as it should be
		}
	}
	return r.take(vs)
}

const (
	unseenFirst = 50 * time.Millisecond
	unseenMost  = 10 * time.Second
)

// pullAgain goes on soon after something had to be looked at first, and later each
// time that did not help.
func (k *keeper) pullAgain(ctx context.Context, unseen bool) {
	k.mu.Lock()
	wait := min(max(2*k.unseen, unseenFirst), unseenMost)
	k.unseen = wait
	if !unseen {
		k.unseen = 0
	}
	k.mu.Unlock()
	if !unseen {
		return
	}
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			k.pull.poke()
		}
	}()
}

func (k *keeper) keepsAll() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.place.all()
}
