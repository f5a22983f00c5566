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
type wait struct {
	first, last time.Time
	with        string // where what was here may be now: told together
}

func (t wait) due() time.Time {
	due := t.last.Add(quiet)
	if latest := t.first.Add(longest); latest.Before(due) {
		return latest
	}
	return due
}

func (g *gathering) add(e event, now time.Time) {
	if e.all || !g.all.first.IsZero() || len(g.waiting)+len(g.ready.Paths)+len(e.from) >= most {
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
	g.wait(e.path, "", now)
	for _, from := range e.from {
		g.wait(from, e.path, now)
	}
}

func (g *gathering) wait(path, with string, now time.Time) {
	t, found := g.waiting[path]
	if !found {
		t.first = now
	}
	t.last, t.with = now, with
	g.waiting[path] = t
}

// due is when a path is told: with the other name of a move, if that waits.
func (g *gathering) due(t wait) time.Time {
	if other, waits := g.waiting[t.with]; t.with != "" && waits {
		return other.due()
	}
	return t.due()
}

// next tells when something will be ready.
func (g *gathering) next() (due time.Time, some bool) {
	if !g.all.first.IsZero() {
		return g.all.due(), true
	}
	for _, t := range g.waiting {
		if d := g.due(t); !some || d.Before(due) {
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
	var told []string // first all, then deleted: a name waits as long as the other one
	for path, t := range g.waiting {
		if !g.due(t).After(now.Add(along)) {
			told = append(told, path)
		}
	}
	for _, path := range told {
		delete(g.waiting, path)
	}
	if !g.ready.All {
		g.ready.Paths = append(g.ready.Paths, told...)
	}
	slices.Sort(g.ready.Paths)
	g.ready.Paths = slices.Compact(g.ready.Paths)
}
