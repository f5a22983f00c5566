package testspace

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// said is a message that its author's device acknowledged.
type said struct {
	by     *Desk
	space  wire.SpaceID
	text   string
	hidden []*Desk // had been removed as the author knew then
	before []*Desk // were not in it, as the author knew then
}

func (o *Office) acknowledged(by *Desk, id wire.SpaceID, text string) {
	s := said{by: by, space: id, text: text}
	_ = by.Log.View(id, func(st *space.State) {
		for _, x := range o.all() {
			m, was := st.Member(x.Person())
			if was && !m.Active {
				s.hidden = append(s.hidden, x)
			}
			if !m.Active {
				s.before = append(s.before, x)
			}
		}
	})
	o.said = append(o.said, s)
}

// Settles waits until everybody who can be reached holds the same, and looks
// whether what has to hold does.
func (o *Office) Settles() {
	o.t.Helper()
	o.introduce()
	calm := 0
	last := "nothing"
	for until := time.Now().Add(patience); calm < 3; time.Sleep(10 * time.Millisecond) {
		if last = o.unsettled(); last == "" {
			calm++
			continue
		}
		calm = 0
		if time.Now().After(until) {
			o.t.Fatalf("not settled: %s", last)
		}
	}
	o.holds()
}

// unsettled says what is still under way, "" when nothing is.
func (o *Office) unsettled() string {
	for _, a := range o.all() {
		for _, id := range a.spaces() {
			if missing, err := a.Log.Missing(context.Background(), id); err != nil || len(missing) > 0 {
				return fmt.Sprintf("%s lacks %d keys (%v)", a.Name, len(missing), err)
			}
			for _, b := range o.all() {
				if a == b || !a.working || !b.working || !o.together(a, b) || !a.sharesWith(b, id) {
					continue
				}
				if !a.Board.Connected(b.ID()) {
					return fmt.Sprintf("%s has no link to %s", a.Name, b.Name)
				}
				if a.Log.Digest(id) != b.Log.Digest(id) {
					return fmt.Sprintf("%s and %s hold different parts of %s", a.Name, b.Name, id.String()[:12])
				}
				if a.Replication.Syncing(id) > 0 {
					return fmt.Sprintf("%s fetches %s", a.Name, id.String()[:12])
				}
			}
		}
	}
	return ""
}

// sharesWith: both belong to a space now, as the first of them sees it.
func (d *Desk) sharesWith(other *Desk, id wire.SpaceID) (both bool) {
	_ = d.Log.View(id, func(s *space.State) {
		_, we := s.MemberOf(d.ID())
		_, they := s.MemberOf(other.ID())
		both = we && they
	})
	return both && d.Log.Shares(id, other.ID())
}

func (d *Desk) spaces() []wire.SpaceID {
	if !d.up {
		return nil
	}
	return d.Log.Spaces()
}

// holds checks what has to hold whenever somebody looks.
func (o *Office) holds() {
	o.t.Helper()
	for _, d := range o.all() {
		if !d.up {
			continue
		}
		for name, err := range d.Runner.Failed() {
			o.t.Errorf("%s: projection %s stopped: %v", d.Name, name, err)
		}
		if n, err := d.Log.Forks(context.Background()); err != nil || n > 0 {
			o.t.Errorf("%s: %d forks, %v", d.Name, n, err)
		}
	}
	o.sameEventsSameTables()
	o.nothingLost()
	o.nothingLeaked()
}

func (o *Office) sameEventsSameTables() {
	o.t.Helper()
	for _, a := range o.all() {
		for _, id := range a.spaces() {
			for _, b := range o.all() {
				if a == b || !b.up {
					continue
				}
				// Both may be hearing of something this very moment: what is wrong stays so.
				problem := o.differ(a, b, id)
				for until := time.Now().Add(2 * time.Second); problem != "" && time.Now().Before(until); problem = o.differ(a, b, id) {
					<-tick()
				}
				if problem != "" {
					o.t.Errorf("%s and %s hold the same events of %s and %s", a.Name, b.Name, id.String()[:12], problem)
				}
			}
		}
	}
}

// differ says in what two desks differ that hold the same events of a space.
func (o *Office) differ(a, b *Desk, id wire.SpaceID) string {
	// Equal digests, and both hold what is needed to read it all.
	if !b.Log.Knows(id) || !a.sharesWith(b, id) || a.Log.Digest(id) != b.Log.Digest(id) || a.lacks(id) || b.lacks(id) {
		return ""
	}
	if !bytes.Equal(a.dump(id), b.dump(id)) {
		return fmt.Sprintf("do not agree who is in it: %v, %v", o.named(a, id), o.named(b, id))
	}
	if a.limited(id) || b.limited(id) { // one came in later, and has the messages from then on
		return ""
	}
	if diff := Differ(a.tables(id), b.tables(id)); diff != "" {
		return "have different tables: " + diff
	}
	return ""
}

// limited: what was written before this desk came in is not for it.
func (d *Desk) limited(id wire.SpaceID) bool {
	h, err := d.Log.History(id)
	return err == nil && h.Limited
}

func (d *Desk) lacks(id wire.SpaceID) bool {
	missing, _ := d.Log.Missing(context.Background(), id)
	return len(missing) > 0
}

// times are what devices tell differently of an event whose clock was far ahead.
var times = regexp.MustCompile(`(stamp|flags)=\d+`)

func (d *Desk) tables(id wire.SpaceID) string {
	text := Tables(d.o.t, d.DB, id, false)
	if slices.ContainsFunc(d.o.all(), func(x *Desk) bool { return x.Clock.Wild() }) {
		lines := strings.Split(times.ReplaceAllString(text, "$1"), "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	return text
}

func (d *Desk) dump(id wire.SpaceID) (out []byte) {
	_ = d.Log.View(id, func(s *space.State) { out = s.Dump() })
	return out
}

// nothingLost: the author has what it acknowledged, and so has every member's
// device that holds the same. A removal may have cut off what its target wrote.
func (o *Office) nothingLost() {
	o.t.Helper()
	for _, s := range o.said {
		if !s.by.up {
			continue
		}
		cut := s.by.wasCut(s.space)
		for _, d := range o.all() {
			if cut || !d.up || d != s.by && (!s.by.sharesWith(d, s.space) || d.Log.Digest(s.space) != s.by.Log.Digest(s.space)) {
				continue
			}
			if !slices.Contains(d.Texts(s.space), s.text) && !d.limited(s.space) {
				o.t.Errorf("%s has lost %q of %s", d.Name, s.text, s.by.Name)
			}
		}
	}
}

// wasCut reports whether a removal ended a feed of this device, or its admission
// did not count in the end.
func (d *Desk) wasCut(id wire.SpaceID) (cut bool) {
	if !d.sharesWith(d, id) {
		return true
	}
	for f := range d.Log.Frontier(id) {
		_ = d.Log.View(id, func(s *space.State) {
			_, closed := s.End(f)
			cut = cut || closed && f.Device == d.ID()
		})
	}
	return cut
}

// nothingLeaked: who had been removed does not read what was written after. Who
// was let in again has read everything.
func (o *Office) nothingLeaked() {
	o.t.Helper()
	for i, s := range o.said {
		for _, d := range s.before {
			if d.up && d.limited(s.space) && slices.Contains(d.Texts(s.space), s.text) {
				o.t.Errorf("%s came in later and reads %q of %s", d.Name, s.text, s.by.Name)
			}
		}
		var still []*Desk
		for _, d := range s.hidden {
			back := false
			if s.by.up {
				_ = s.by.Log.View(s.space, func(st *space.State) { _, back = st.MemberOf(d.ID()) })
			}
			if back {
				continue
			}
			still = append(still, d)
			if d.up && slices.Contains(d.Texts(s.space), s.text) {
				o.t.Errorf("%s was removed and reads %q of %s", d.Name, s.text, s.by.Name)
			}
		}
		o.said[i].hidden = still
	}
}
