package watch

import (
	"context"
	"path/filepath"
	"sync"
	"time"
)

// Hint says where to look.
type Hint struct {
	// Paths in the tree, with slashes, in the form of the log (NFC). A folder means: look
	// at it, deeply. A path where nothing lies any more was removed or moved.
	Paths []string
	// All: look at everything; Paths is empty.
	All bool
}

// Reason why a tree is not watched as a whole.
type Reason string

const (
	// Whole: nothing is missing.
	Whole Reason = ""
	// Watches: the user's watches are used up (Linux: fs.inotify.max_user_watches).
	Watches Reason = "watches"
	// Instances: no watcher can be made (Linux: fs.inotify.max_user_instances).
	Instances Reason = "instances"
	// Files: watching would take more open files than is good (macOS).
	Files Reason = "files"
	// Gone: the folder itself is not there.
	Gone Reason = "gone"
	// Failed: the system cannot watch here, as on some network disks.
	Failed Reason = "failed"
)

// State of the watching.
type State struct {
	// Limited: parts are not watched; see Unwatched.
	Limited bool
	Reason  Reason
	// Limit is what the system grants, Needed what watching all takes; 0: not known.
	Limit, Needed int64
}

// Options of a watcher. The zero value will do.
type Options struct {
	// Ignore tells what costs no watch and gives no hints. It is asked for files and
	// folders, of several goroutines never at the same time.
	Ignore func(path string) bool
	// Told is called when State has another reason. It must not block.
	Told func(State)
	// Limit bounds the watches of this watcher; 0: what the system grants.
	Limit int64
	// Check is how often it is seen whether the root is there; 0: 10 s.
	Check time.Duration
	// Retry is how often watches are asked for again when there were too few; 0: 60 s.
	Retry time.Duration
}

// Watcher watches one tree until its context ends.
type Watcher struct {
	root    string
	o       Options
	hints   chan Hint
	events  chan event
	done    chan struct{}
	mu      sync.Mutex
	state   State
	beyond  []string
	lookups lookups
}

// event is one thing that the system told.
type event struct {
	path string
	from []string // names that were left, perhaps by what is at path now
	all  bool
}

// Open watches the folder root. It returns at once and never fails: what cannot be
// watched is told by State.
func Open(ctx context.Context, root string, o Options) *Watcher {
	return open(ctx, root, o, systemLookups())
}

func open(ctx context.Context, root string, o Options, system lookups) *Watcher {
	if o.Ignore == nil {
		o.Ignore = func(string) bool { return false }
	}
	if o.Check <= 0 {
		o.Check = 10 * time.Second
	}
	if o.Retry <= 0 {
		o.Retry = time.Minute
	}
	if absolute, err := filepath.Abs(root); err == nil {
		root = absolute
	}
	w := &Watcher{
		root: root, o: o, lookups: system,
		hints: make(chan Hint), events: make(chan event, 256), done: make(chan struct{}),
		beyond: []string{""}, // until the first hint
	}
	go w.watch(ctx)
	go w.deliver(ctx)
	return w
}

// Hints are closed when the context has ended.
func (w *Watcher) Hints() <-chan Hint { return w.hints }

// Done is closed when nothing of the watcher is left in the system.
func (w *Watcher) Done() <-chan struct{} { return w.done }

// State tells how much is watched.
func (w *Watcher) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Unwatched lists the folders of which no hints come, with all that lies in them. ""
// is the root.
func (w *Watcher) Unwatched() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.beyond...)
}

// set notes what is watched, and tells whoever wants to know.
func (w *Watcher) set(s State, beyond []string) {
	w.mu.Lock()
	changed := w.state.Limited != s.Limited || w.state.Reason != s.Reason
	w.state, w.beyond = s, beyond
	w.mu.Unlock()
	if changed && w.o.Told != nil {
		w.o.Told(s)
	}
}

// tell passes an event on to deliver, which never waits for anybody.
func (w *Watcher) tell(ctx context.Context, e event) {
	select {
	case w.events <- e:
	case <-ctx.Done():
	}
}

// end is why a session of watching ended.
type end int

const (
	ended    end = iota // the context did
	lost                // events were: watch anew
	vanished            // the root did
	refused             // the system does not watch
)

// pause between two sessions, so that a disk on which more happens than can be told
// does not also keep us busy with watching it.
const pause = time.Second

// watch runs one session of watching after the other.
func (w *Watcher) watch(ctx context.Context) {
	defer close(w.done)
	for ctx.Err() == nil {
		began := time.Now()
		why := w.session(ctx)
		wait := pause - time.Since(began)
		switch why {
		case ended:
			return
		case lost: // the next session begins with All
		case vanished:
			w.set(State{Limited: true, Reason: Gone}, []string{""})
			w.tell(ctx, event{all: true})
			wait = w.o.Check
		case refused: // the session has set the state
			w.tell(ctx, event{all: true})
			wait = w.o.Retry
		}
		sleep(ctx, wait)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// deliver gathers events and hands out hints.
func (w *Watcher) deliver(ctx context.Context) {
	defer close(w.hints)
	var g gathering
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	for {
		var out chan Hint
		if g.ready.All || len(g.ready.Paths) > 0 {
			out = w.hints
		}
		select {
		case <-ctx.Done():
			return
		case e := <-w.events:
			g.add(e, time.Now())
		case <-timer.C:
			g.collect(time.Now())
			g.armed = false
		case out <- g.ready:
			g.ready = Hint{}
		}
		if g.armed {
			continue
		}
		if due, some := g.next(); some {
			// Not for every path alone: those of the next few milliseconds come along.
			timer.Reset(max(time.Until(due), batch))
			g.armed = true
		}
	}
}
