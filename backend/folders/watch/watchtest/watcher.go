// Package watchtest has a watcher of a tree that tells what a test wants told.
package watchtest

import (
	"sync"

	"roundtable/backend/folders/watch"
)

// Watcher is used like a watch.Watcher. Its methods may be called by several goroutines.
type Watcher struct {
	hints  chan watch.Hint
	mu     sync.Mutex
	state  watch.State
	beyond []string
	closed bool
}

// New gives a watcher that has not told anything yet, not even its first All.
func New() *Watcher { return &Watcher{hints: make(chan watch.Hint, 1024)} }

// Hints that were told.
func (w *Watcher) Hints() <-chan watch.Hint { return w.hints }

// State that was set.
func (w *Watcher) State() watch.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Unwatched folders that were set.
func (w *Watcher) Unwatched() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.beyond...)
}

// Tell hints of paths.
func (w *Watcher) Tell(paths ...string) { w.send(watch.Hint{Paths: paths}) }

// All hints of everything.
func (w *Watcher) All() { w.send(watch.Hint{All: true}) }

// send never blocks: when nobody listens, a thousand hints become one of everything.
func (w *Watcher) send(h watch.Hint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	select {
	case w.hints <- h:
		return
	default:
	}
	for len(w.hints) > 0 {
		select {
		case <-w.hints:
		default:
		}
	}
	w.hints <- watch.Hint{All: true}
}

// Set sets State and Unwatched.
func (w *Watcher) Set(state watch.State, unwatched ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state, w.beyond = state, unwatched
}

// Close ends it as the end of its context does.
func (w *Watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.hints)
	}
}
