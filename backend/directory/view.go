package directory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"roundtable/backend/clock"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/search/names"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// view is a workspace's directory as it stands now: chart, members and profiles together. It does not change.
type view struct {
	at      uint64 // Directory.changes when it was made
	chart   *chart.Chart
	said    int   // statements that it was folded from
	rows    []row // by name
	byKey   map[string]int
	units   map[chart.ID]*unit
	top     []chart.ID
	without []int // rows in no department
	outside []int
	left    []int
	all     []int // everybody who has not left
	members map[wire.PersonID]space.Membership
	reports map[chart.ID]int // records by their manager

	once  sync.Once
	found *names.Index[string]
}

// row is one person.
type row struct {
	key    string
	record *chart.Entry // nil for a member without one
	person wire.PersonID
	name   string
	own    Profile
	away   Away
	sort   string
	// units where the person works, as they are shown, the main one first.
	units []chart.ID
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
	v := &view{at: now, byKey: map[string]int{}, units: map[chart.ID]*unit{}, members: map[wire.PersonID]space.Membership{}, reports: map[chart.ID]int{}}
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

// said reads every statement of a workspace.
func (d *Directory) said(ctx context.Context, id wire.SpaceID) ([]chart.Said, error) {
	rows, err := d.DB.Read().QueryContext(ctx, `SELECT stamp, device, seq, person, body FROM directory_said WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	var out []chart.Said
	for rows.Next() {
		var stamp, seq int64
		var device, person, body []byte
		if err := rows.Scan(&stamp, &device, &seq, &person, &body); err != nil {
			return nil, err
		}
		s := chart.Said{Stamp: clock.Stamp(stamp), Device: wire.DeviceID(device), Seq: uint64(seq), Person: wire.PersonID(person)}
		if err := wire.DecodeLoose(body, wire.MaxBody, &s.Change); err != nil { // checked when it was taken in
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func (d *Directory) aways(ctx context.Context, id wire.SpaceID) (map[wire.PersonID]Away, error) {
	rows, err := d.DB.Read().QueryContext(ctx, `SELECT person, kind, from_day, to_day, note FROM directory_away WHERE space = ? AND kind > 0`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.PersonID]Away{}
	for rows.Next() {
		var person []byte
		var kind int64
		var a Away
		if err := rows.Scan(&person, &kind, &a.From, &a.To, &a.Note); err != nil {
			return nil, err
		}
		a.Kind = AwayKind(kind)
		out[wire.PersonID(person)] = a
	}
	return out, rows.Err()
}

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
	has := map[wire.PersonID]bool{}
	for _, e := range v.chart.Entries {
		r := row{key: recordKey(e.ID), record: e, name: e.Name.Name, person: owners[e.ID]}
		if !r.person.IsZero() {
			r.key, has[r.person] = r.person.String(), true
			r.own, r.away = profiles[r.person], away[r.person]
		}
		if !e.Left && !e.Manager.IsZero() {
			v.reports[e.Manager]++
		}
		v.rows = append(v.rows, r)
	}
	for _, m := range v.members {
		if !m.Active || has[m.Person] {
			continue
		}
		p, told := profiles[m.Person]
		if !told {
			p.Name = name(m.Person)
		}
		v.rows = append(v.rows, row{key: m.Person.String(), person: m.Person, name: p.Name, own: p, away: away[m.Person]})
	}
	for i := range v.rows {
		v.rows[i].sort = old.sorted(v.rows[i])
	}
	slices.SortFunc(v.rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.sort, b.sort), strings.Compare(a.key, b.key))
	})
	for i, r := range v.rows {
		v.byKey[r.key] = i
		if r.record != nil {
			v.byKey[recordKey(r.record.ID)] = i
		}
	}
}

// sorted is what a row is put in order by; working it out costs, so that of an older view is taken where the name is the same.
func (v *view) sorted(r row) string {
	if v != nil {
		if i, ok := v.byKey[r.key]; ok && v.rows[i].name == r.name {
			return v.rows[i].sort
		}
	}
	return names.SortKey(r.name)
}

func recordKey(id chart.ID) string { return "rec_" + id.String() }

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
	counted := map[chart.ID]bool{}
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
		for ; u != nil && !counted[u.id]; u = v.units[u.parent] {
			counted[u.id] = true
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
