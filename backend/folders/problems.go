package folders

import (
	"slices"
	"strings"
	"sync"
	"time"

	"roundtable/backend/errcode"
)

// problem is something that cannot be kept here, or not be said, as it is.
type problem struct {
	path  string
	code  errcode.Code
	other string // the path it clashes with
	since time.Time
	seen  bool
}

// finder of problems: each forgets its own when it does not meet them again.
type finder int

const (
	bySurvey finder = iota
	byPull
	finders
)

// problems of one keeper. They are found anew at every start.
type problems struct {
	mu sync.Mutex
	of [finders]map[string]problem
}

// maxProblems bounds what is remembered of each finder.
const maxProblems = 5000

func (p *problems) note(by finder, path string, code errcode.Code, other string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[by] == nil {
		p.of[by] = map[string]problem{}
	}
	was, known := p.of[by][path]
	if !known {
		if len(p.of[by]) >= maxProblems {
			return
		}
		was.since = time.Now()
	}
	p.of[by][path] = problem{path, code, other, was.since, true}
}

func (p *problems) solve(by finder, path string) {
	p.mu.Lock()
	delete(p.of[by], path)
	p.mu.Unlock()
}

// begin and finish stand around a look at everything.
func (p *problems) begin(by finder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, one := range p.of[by] {
		one.seen = false
		p.of[by][path] = one
	}
}

func (p *problems) finish(by finder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, one := range p.of[by] {
		if !one.seen {
			delete(p.of[by], path)
		}
	}
}

// lasting reports whether this disk does not take what stands at a path.
func (p *problems) lasting(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.of[byPull][path].code {
	case errcode.EntryName, errcode.EntryClash, errcode.EntryTooLong, errcode.EntryLink:
		return true
	}
	return false
}

// clashing lists the paths that have another one in their way.
func (p *problems) clashing() (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, one := range p.of[byPull] {
		if one.code == errcode.EntryClash {
			out = append(out, path)
		}
	}
	return out
}

func (p *problems) at(path string) (problem, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, all := range p.of {
		if one, ok := all[path]; ok {
			return one, true
		}
	}
	return problem{}, false
}

func (p *problems) list() (out []problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, all := range p.of {
		for _, one := range all {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b problem) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(out, func(a, b problem) bool { return a.path == b.path })
}
