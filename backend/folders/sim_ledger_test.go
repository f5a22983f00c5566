package folders_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"roundtable/backend/folders/disk"
)

// ledger remembers every content that somebody wrote.
type ledger struct {
	mu  sync.Mutex
	all map[string]*written
	n   int
}

// written is one content, and who wrote it.
type written struct {
	by, path string
	deed     int64
	forgiven bool
}

func (l *ledger) forgiven() (n int) {
	for _, c := range l.all {
		if c.forgiven {
			n++
		}
	}
	return n
}

// text is a content that was never written before.
func (l *ledger) text(u *user, size int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	if u.s.rnd.IntN(60) == 0 {
		size = 50_000 + u.s.rnd.IntN(250_000)
	}
	head := fmt.Appendf(nil, "%d/%s ", l.n, u.Name)
	return append(head, content(uint64(l.n), size)...)
}

// written notes what a write makes and what it takes the place of; u.mu is held.
func (l *ledger) written(u *user, p string, write func() error) (err error) {
	u.Still(func() {
		err = l.gone(u, p, write)
		if now, e := u.ReadAll(p); e == nil {
			l.mu.Lock()
			if l.all[string(now)] == nil {
				l.all[string(now)] = &written{by: u.Name, path: p, deed: u.s.done.Load()}
			}
			l.mu.Unlock()
		}
	})
	return err
}

// removed forgives what was written at this desk and is gone by a person's deed; u.mu
// is held.
func (l *ledger) removed(u *user, p string, do func() error) (err error) {
	u.Still(func() { err = l.gone(u, p, do) })
	return err
}

// gone is removed, while the program does nothing.
func (l *ledger) gone(u *user, p string, do func() error) error {
	before := u.under(p)
	err := do()
	after := u.under(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range before {
		c := l.all[text]
		if c != nil && c.by == u.Name && !slices.Contains(after, text) {
			c.forgiven = true
		}
	}
	return err
}

// meddled writes in the middle of what the program does; u.mu is held.
func (l *ledger) meddled(u *user, p string, n int) {
	l.mu.Lock()
	l.n++
	text := fmt.Appendf(nil, "%d/%s meanwhile ", l.n, u.Name)
	l.mu.Unlock()
	if old, err := u.ReadAll(p); err == nil && n%2 == 0 && len(old) > len(text) { // of the same length
		text = append(text, old[len(text):]...)
	}
	_ = l.written(u, p, func() error { return u.Write(p, text) })
}

// under lists the contents of a file, or of the files in a folder.
func (u *user) under(p string) (out []string) {
	p = norm.NFC.String(p)
	take := func(at string) {
		if data, err := u.ReadAll(at); err == nil {
			out = append(out, string(data))
		}
	}
	u.quietly(func() {
		take(p)
		u.each(p, func(i disk.Info) {
			if i.Kind == disk.File {
				take(i.Path)
			}
		})
	})
	return out
}

// nothingLost looks for every content that is not forgiven.
func (s *sim) nothingLost() {
	s.t.Helper()
	found := map[string]bool{}
	for _, u := range s.users {
		u.Walk(func(i disk.Info, data []byte) {
			if i.Kind == disk.File && (!hidden(i.Path) || strings.HasPrefix(i.Path, disk.Hidden+"/bin/")) {
				found[string(data)] = true
			}
		})
	}
	lost := 0
	for text, c := range s.ledger.all {
		if !c.forgiven && !found[text] {
			if lost++; lost < 10 {
				s.t.Errorf("lost: what %s wrote to %s as deed %d: %.20q of %d bytes", c.by, c.path, c.deed, text, len(text))
				s.told(text)
				s.around(c.deed)
			}
		}
	}
	if lost > 0 {
		s.t.Errorf("%d contents are lost", lost)
	}
}
