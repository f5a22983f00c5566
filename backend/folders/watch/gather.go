package watch

import (
	"slices"
	"time"
)

const (
	quiet   = 50 * time.Millisecond  // after the last event of a path
	longest = 500 * time.Millisecond // after its first
	batch   = 5 * time.Millisecond
	along   = 20 * time.Millisecond // what is due so soon goes along: the two names of a move belong together
	most    = 4096                  // paths that wait; above, everything is looked at
)

// gathering turns events into hints.
type gathering struct {
	waiting map[string]wait
	all     wait // when all is to be looked at: since when
	ready   Hint
	armed   bool // a timer runs
}

// wait is how long a path has been waiting.
type wait struct{ first, last time.Time }

func (t wait) due() time.Time {
	due := t.last.Add(quiet)
	if latest := t.first.Add(longest); latest.Before(due) {
		return latest
	}
	return due
}

func (g *gathering) add(e event, now time.Time) {
	if e.all || !g.all.first.IsZero() || len(g.waiting)+len(g.ready.Paths) >= most {
		if g.all.first.IsZero() {
			g.all.first = now
		}
		g.all.last = now
		g.waiting = nil
		return
	}
	if g.waiting == nil {
		g.waiting = map[string]wait{}
	}
	t, found := g.waiting[e.path]
	if !found {
		t.first = now
	}
	t.last = now
	g.waiting[e.path] = t
}

// next tells when something will be ready.
func (g *gathering) next() (due time.Time, some bool) {
	if !g.all.first.IsZero() {
		return g.all.due(), true
	}
	for _, t := range g.waiting {
		if d := t.due(); !some || d.Before(due) {
			due, some = d, true
		}
	}
	return due, some
}

// collect moves what has waited long enough to what is ready, and with it what nearly has.
func (g *gathering) collect(now time.Time) {
	if !g.all.first.IsZero() {
		if !g.all.due().After(now) {
			g.all, g.ready = wait{}, Hint{All: true}
		}
		return
	}
	if due, some := g.next(); !some || due.After(now) {
		return
	}
	for path, t := range g.waiting {
		if t.due().After(now.Add(along)) {
			continue
		}
		delete(g.waiting, path)
		if !g.ready.All {
			g.ready.Paths = append(g.ready.Paths, path)
		}
	}
	slices.Sort(g.ready.Paths)
	g.ready.Paths = slices.Compact(g.ready.Paths)
}
