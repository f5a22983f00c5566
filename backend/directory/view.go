package directory

import (
	"bytes"
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/search/names"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// view is a workspace's directory as it stands now: chart, members and profiles together. It does not change.
type view struct {
	at      uint64 // Directory.changes when it was made
	chart   *chart.Chart
	said    int                   // statements that it was folded from
	rows    []row                 // by name
	records map[chart.ID]int      // places in rows
	persons map[wire.PersonID]int // likewise
	units   map[chart.ID]*unit
	top     []chart.ID
	without []int // rows in no department
	outside []int
	left    []int
	all     []int // everybody who has not left
	members map[wire.PersonID]space.Membership
	reports map[chart.ID]int // records by their manager

	once  sync.Once
	found *names.Index[int] // by place in rows

	naming   sync.Once
	byCalled map[string][]int // rows of members by what they call themselves
	longest  int              // of those names, in bytes
}

// unit is a department as it is shown.
type unit struct {
	id, parent chart.ID
	name       string
	order      int64
	own        bool
	refused    bool
	kids       []chart.ID
	here       []int // rows: leads first, then by name
	below      int
	last       int // whom it counted last, so that nobody counts twice: place in rows and 1
	lead       map[int]bool
}

// view gives the directory of a workspace, made anew where anything changed. Errors: errcode.NotFound, the database's.
func (d *Directory) view(ctx context.Context, id wire.SpaceID) (*view, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.changes.Load()
	old := d.views[id]
	if old != nil && old.at == now {
		return old, nil
	}
	v := &view{at: now, units: map[chart.ID]*unit{}, members: map[wire.PersonID]space.Membership{}, reports: map[chart.ID]int{}}
	workspace := false
	if err := d.Log.View(id, func(s *space.State) {
		workspace = s.Kind == space.Workspace
		for _, m := range s.Members() {
			v.members[m.Person] = m
		}
	}); err != nil || !workspace {
		return nil, errcode.NotFound
	}
	said, err := d.said(ctx, id)
	if err != nil {
		return nil, err
	}
	profiles, err := d.Profiles(ctx, id)
	if err != nil {
		return nil, err
	}
	away, err := d.aways(ctx, id)
	if err != nil {
		return nil, err
	}
	v.said = len(said)
	v.chart = chart.Fold(said, v.ever, nil)
	v.fill(profiles, away, func(p wire.PersonID) string { return d.Name(ctx, id, p) }, old)
	v.stand()
	d.views[id] = v
	return v, nil
}

// ever reports whether a person has ever been an administrator.
func (v *view) ever(p wire.PersonID) bool { return v.members[p].Peak >= space.Admin }

// owners says which member each record is.
func (v *view) owners() map[chart.ID]wire.PersonID {
	out := map[chart.ID]wire.PersonID{}
	taken := map[wire.PersonID]bool{}
	made := map[wire.InviteID]chart.ID{}
	for _, e := range v.chart.Entries {
		if m, ok := v.members[e.Bind.Person]; ok && m.Active {
			out[e.ID], taken[m.Person] = m.Person, true
		}
		for _, i := range e.Bind.Invites {
			if other, ok := made[i]; !ok || bytes.Compare(e.ID[:], other[:]) < 0 {
				made[i] = e.ID
			}
		}
	}
	for _, m := range v.members {
		record, ok := made[m.Invite]
		if !ok || !m.Active || taken[m.Person] {
			continue
		}
		if first, ok := v.members[out[record]]; !ok || m.Joined < first.Joined || m.Joined == first.Joined && bytes.Compare(m.Person[:], first.Person[:]) < 0 {
			out[record] = m.Person
		}
	}
	return out
}

// fill makes a row for each record and for each member without one.
func (v *view) fill(profiles map[wire.PersonID]Profile, away map[wire.PersonID]Away, name func(wire.PersonID) string, old *view) {
	owners := v.owners()
	rows := make([]row, 0, len(v.chart.Entries)+len(v.members)-len(owners))
	nothing := &Profile{}
	for _, e := range v.chart.Entries {
		r := row{record: e, name: e.Name.Name, person: owners[e.ID], own: nothing}
		if !r.person.IsZero() {
			own := profiles[r.person]
			r.own, r.away = &own, away[r.person]
		}
		if !e.Left && !e.Manager.IsZero() {
			v.reports[e.Manager]++
		}
		rows = append(rows, r)
	}
	has := make(map[wire.PersonID]bool, len(owners))
	for _, p := range owners {
		has[p] = true
	}
	for _, m := range v.members {
		if !m.Active || has[m.Person] {
			continue
		}
		p, told := profiles[m.Person]
		if !told {
			p.Name = name(m.Person)
		}
		rows = append(rows, row{person: m.Person, name: p.Name, own: &p, away: away[m.Person]})
	}
	v.sort(rows, old)
}

// sort puts rows in order by name. The key of who is called as before is that of the view before.
func (v *view) sort(rows []row, old *view) {
	order := make([]*row, len(rows))
	for i := range rows {
		order[i] = &rows[i]
	}
	var work sync.WaitGroup
	for some := range slices.Chunk(order, 1+len(order)/runtime.GOMAXPROCS(0)) {
		work.Go(func() {
			var sorter names.Sorter
			for _, r := range some {
				if was := old.as(r); was != nil && was.name == r.name {
					r.sort = was.sort
				} else {
					r.sort = sorter.Key(r.name)
				}
			}
		})
	}
	work.Wait()
	slices.SortFunc(order, func(a, b *row) int {
		if n := strings.Compare(a.sort, b.sort); n != 0 {
			return n
		}
		x, y := a.id(), b.id()
		return bytes.Compare(x[:], y[:])
	})
	v.rows = make([]row, len(rows))
	v.records, v.persons = make(map[chart.ID]int, len(v.chart.Entries)), make(map[wire.PersonID]int, len(v.members))
	for i, r := range order {
		v.rows[i] = *r
		if r.record != nil {
			v.records[r.record.ID] = i
		}
		if !r.person.IsZero() {
			v.persons[r.person] = i
		}
	}
}

// ownUnit names the department of who has no record.
func ownUnit(name string) chart.ID {
	sum := key.Hash("roundtable own department v1", []byte(name))
	return chart.ID(sum[:16])
}

// stand puts departments in order and people into them.
func (v *view) stand() {
	byName := map[string]chart.ID{}
	for id, u := range v.chart.Units {
		if u.Gone {
			continue
		}
		v.units[id] = &unit{id: id, parent: v.chart.Above(id), name: u.Name, order: u.Order, refused: !u.Refused.IsZero()}
		if _, twice := byName[u.Name]; twice {
			byName[u.Name] = chart.ID{}
		} else {
			byName[u.Name] = id
		}
	}
	for i := range v.rows {
		v.place(i, byName)
	}
	for id, u := range v.units {
		if p := v.units[u.parent]; p != nil {
			p.kids = append(p.kids, id)
		} else {
			v.top = append(v.top, id)
		}
		slices.SortStableFunc(u.here, func(a, b int) int {
			switch {
			case u.lead[a] == u.lead[b]:
				return a - b
			case u.lead[a]:
				return -1
			}
			return 1
		})
	}
	v.order(v.top)
	for _, u := range v.units {
		v.order(u.kids)
	}
}

// place puts one person into its departments, and counts it once in each of those above.
func (v *view) place(i int, byName map[string]chart.ID) {
	r := &v.rows[i]
	if r.record != nil && r.record.Left {
		v.left = append(v.left, i)
		return
	}
	v.all = append(v.all, i)
	if r.person.IsZero() {
		v.outside = append(v.outside, i)
	}
	in := func(id chart.ID, lead bool) {
		u := v.units[id]
		if u == nil || slices.Contains(r.units, id) {
			return
		}
		r.units = append(r.units, id)
		u.here = append(u.here, i)
		if lead {
			if u.lead == nil {
				u.lead = map[int]bool{}
			}
			u.lead[i] = true
		}
		for ; u != nil && u.last != i+1; u = v.units[u.parent] {
			u.last = i + 1
			u.below++
		}
	}
	switch {
	case r.record != nil:
		for _, p := range r.record.Posts.Posts {
			in(v.chart.Here(p.Department), p.Lead)
		}
	case r.own.Department != "":
		id := byName[r.own.Department]
		if id.IsZero() {
			id = ownUnit(r.own.Department)
			if v.units[id] == nil {
				v.units[id] = &unit{id: id, name: r.own.Department, own: true, order: 1 << 62}
			}
		}
		in(id, false)
	}
	if len(r.units) == 0 {
		v.without = append(v.without, i)
	}
}

func (v *view) order(ids []chart.ID) {
	slices.SortFunc(ids, func(x, y chart.ID) int {
		a, b := v.units[x], v.units[y]
		return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.name, b.name), bytes.Compare(a.id[:], b.id[:]))
	})
}

// path from the top to a department, which is the last.
func (v *view) path(id chart.ID) (out []*unit) {
	for u := v.units[id]; u != nil && len(out) <= chart.MaxDepth; u = v.units[u.parent] {
		out = append(out, u)
	}
	slices.Reverse(out)
	return out
}

// title of a person in a department, or the main one.
func (v *view) title(r row, in chart.ID) (title string, lead bool) {
	if r.record == nil {
		return r.own.Title, false
	}
	for i, p := range r.record.Posts.Posts {
		if i == 0 || v.chart.Here(p.Department) == in {
			title, lead = p.Title, p.Lead
		}
	}
	return title, lead
}
