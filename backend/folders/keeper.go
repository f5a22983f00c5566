package folders

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/ignore"
	"roundtable/backend/folders/watch"
	"roundtable/backend/wire"
)

const (
	// rescanEvery is how often everything is looked at although nothing hinted at it.
	rescanEvery = 6 * time.Hour
	// missingEvery is how often a folder that is gone is looked for.
	missingEvery = 5 * time.Second
	// tellEvery is how often progress is told to the screen.
	tellEvery = 250 * time.Millisecond
)

// keeper keeps one folder on this disk level with its log. Two goroutines do it:
// one surveys the disk and says what it finds, one pulls what the log says onto
// the disk. Whoever changes both the disk and what is known of it holds ground.
type keeper struct {
	f *Folders
	place

	pull signal
	// goneFound is how much that is gone this look has found and not said; the surveys' own.
	goneFound int
	// walked are the folders that a look at everything has gone into; the surveys' own.
	walked map[string]bool
	fresh  looks // paths of which the log says something new
	look   looks
	end    func() // stops run and waits for it

	packed uint64 // up to here nothing of ours is to be deposited; deposits' own

	ground sync.Mutex
	tree   disk.Tree
	rules  atomic.Pointer[ignore.Rules]
	ruled  atomic.Bool // rules are those of the file, whole

	problems problems
	mu       sync.Mutex
	code     errcode.Code // why it stands still
	progress progress
	watching watch.State
	polled   time.Duration
	told     map[wire.DeviceID]uint64 // what is held here, by whom was told
	counts   counts
	young    []string        // what is to be settled
	left     map[string]bool // paths that pulls left out, until one has them; anything: any
	unseen   time.Duration   // how long the next pull waits for a survey that found nothing
}

// standingTree is the tree while the folder is there.
func (k *keeper) standingTree() disk.Tree {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.code != "" && k.code != errcode.DiskFull {
		return nil
	}
	return k.tree
}

// place is how a folder is kept here.
type place struct {
	row       int64
	space     wire.SpaceID
	root      string
	mark      string
	mode      int
	chosen    map[string]bool // by path: kept, or left out; never changed, only replaced
	paused    bool
	keepDays  int
	keepBytes int64
	taken     bool
}

// Modes of a place.
const (
	modeListed = 1
	modeWhole  = 2
	modeChosen = 3
)

func newKeeper(f *Folders, p place) *keeper {
	k := &keeper{f: f, place: p, pull: newSignal(), end: func() {}}
	k.look.poked, k.fresh.poked = newSignal(), k.pull
	k.fresh.all = true
	none, _ := ignore.Parse("")
	k.rules.Store(none)
	return k
}

// wanted reports whether a path should be here.
func (k *keeper) wanted(path string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.wants(path)
}

// wants is the rule behind wanted: the longest chosen path that fits decides.
func (p place) wants(path string) bool {
	for at := path; at != "" && len(p.chosen) > 0; at, _ = split(at) {
		if keep, ok := p.chosen[at]; ok {
			return keep
		}
	}
	return p.mode == modeWhole
}

// all reports whether nothing is left out.
func (p place) all() bool {
	for _, keep := range p.chosen {
		if !keep {
			return false
		}
	}
	return p.mode == modeWhole
}

func (k *keeper) hidden(path string, folder bool) bool {
	hidden, _ := k.rules.Load().Match(path, folder)
	return hidden
}

// again tries everything that waits.
func (k *keeper) again() {
	k.fresh.everywhere()
	k.look.poked.poke()
}

// run keeps the folder until ctx ends; while its place is gone it waits for it.
func (k *keeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		tree, err := k.begin()
		if err != nil {
			k.stand(codeOf(err))
			if errors.Is(err, errcode.Internal) {
				k.f.Slog.Warn("open folder", "err", err)
			}
			select {
			case <-ctx.Done():
			case <-k.f.Clock.After(missingEvery):
			case <-k.look.poked:
			}
			continue
		}
		k.stand("")
		k.mu.Lock()
		k.tree = tree
		k.mu.Unlock()
		_ = k.readRules() // the first survey says what is wrong with it
		if err := k.reread(ctx); err != nil && ctx.Err() == nil {
			k.f.Slog.Warn("look through what was not settled", "err", err)
		}
		within, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { defer cancel(); k.surveys(within) })
		wg.Go(func() { k.pulls(within) })
		wg.Go(func() { k.sweeps(within) })
		wg.Go(func() { k.deposits(within) })
		wg.Wait()
		cancel()
		if err := k.settle(context.WithoutCancel(ctx)); err != nil {
			k.f.Slog.Info("what was put here last is not settled", "err", err)
		}
	}
}

// begin opens the tree and looks whether it is the one. Errors: errcode.FolderGone,
// errcode.FolderMissing, errcode.FolderUnreadable.
func (k *keeper) begin() (disk.Tree, error) {
	tree, err := k.f.Open(k.root)
	if err == nil {
		err = k.check(tree)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errcode.With(errcode.FolderMissing, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, errcode.With(errcode.FolderUnreadable, err)
	}
	return tree, err
}

// stand notes why the keeper stands still; "" when it does not.
func (k *keeper) stand(code errcode.Code) {
	k.mu.Lock()
	was := k.code
	k.code = code
	k.mu.Unlock()
	if was != code {
		k.f.Publish("folders", topic(k.space))
	}
}

// standAgain notes that nothing keeps the survey; whether there is room is for the
// pull to say.
func (k *keeper) standAgain() {
	k.mu.Lock()
	full := k.code == errcode.DiskFull
	k.mu.Unlock()
	if !full {
		k.stand("")
	}
}

// codeOf is what a person is told of an error.
func codeOf(err error) errcode.Code {
	switch {
	case errors.Is(err, disk.ErrFull):
		return errcode.DiskFull
	case errors.Is(err, disk.ErrGone):
		return errcode.FolderGone
	}
	code, _ := errcode.From(err)
	return code
}

// halted reports whether the folder is paused, or crowded, or held back by a choice.
func (k *keeper) halted() (paused bool, heldBy string) {
	k.mu.Lock()
	paused = k.paused
	k.mu.Unlock()
	return paused || k.f.crowded(k.space), k.f.heldBy()
}

// haltWithin is how soon what is on its way stops when it is to.
const haltWithin = 250 * time.Millisecond

// whileOn gives a context that ends when the folder is paused, or held back.
func (k *keeper) whileOn(ctx context.Context) (context.Context, context.CancelFunc) {
	within, cancel := context.WithCancel(ctx)
	go func() {
		for within.Err() == nil {
			if paused, held := k.halted(); paused || held != "" {
				cancel()
			}
			select {
			case <-within.Done():
			case <-time.After(haltWithin):
			}
		}
	}()
	return within, cancel
}

// looks are the paths that somebody hinted at.
type looks struct {
	mu    sync.Mutex
	paths map[string]bool
	all   bool
	poked signal
}

// maxLooks bounds the paths that wait; more of them mean everything.
const maxLooks = 20_000

func (l *looks) at(paths ...string) {
	l.mu.Lock()
	if l.all {
		paths = nil // they are among everything
	}
	if l.paths == nil {
		l.paths = map[string]bool{}
	}
	for _, p := range paths {
		l.paths[p] = true
	}
	if len(l.paths) > maxLooks {
		l.all, l.paths = true, nil
	}
	l.mu.Unlock()
	l.poked.poke()
}

// note adds a path and wakes nobody.
func (l *looks) note(path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.paths == nil {
		l.paths = map[string]bool{}
	}
	if !l.all {
		l.paths[path] = true
	}
}

func (l *looks) everywhere() {
	l.noteAll()
	l.poked.poke()
}

// waiting reports whether something is to be looked at.
func (l *looks) waiting() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all || len(l.paths) > 0
}

// noteAll means everything and wakes nobody.
func (l *looks) noteAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all, l.paths = true, nil
}

func (l *looks) take() (paths []string, all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.paths {
		paths = append(paths, p)
	}
	all = l.all
	l.paths, l.all = nil, false
	return paths, all
}
