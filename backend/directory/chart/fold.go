package chart

import (
	"bytes"
	"slices"

	"roundtable/backend/clock"
	"roundtable/backend/wire"
)

// Said is one change as the log has it.
type Said struct {
	Stamp  clock.Stamp
	Device wire.DeviceID
	Seq    uint64
	Person wire.PersonID
	Change Change
}

func inOrder(a, b Said) int {
	switch {
	case a.Stamp != b.Stamp:
		if a.Stamp < b.Stamp {
			return -1
		}
		return 1
	case a.Device != b.Device:
		return bytes.Compare(a.Device[:], b.Device[:])
	case a.Seq < b.Seq:
		return -1
	case a.Seq > b.Seq:
		return 1
	}
	return 0
}

// Unit is a department of a chart.
type Unit struct {
	ID   ID
	Name string
	Where
	Gone bool
	// Refused is the parent that it was last moved to in vain: it lay below the department itself.
	Refused ID
}

// Entry is a record of a chart.
type Entry struct {
	ID ID
	Name
	Posts
	Reach
	Note    string
	Left    bool
	Bind    Bind
	Private *Private
	// Hidden has what only some see, by Field; nil for what everybody does.
	Hidden [MaxFields]*Veil
	// Changed is when it was last changed.
	Changed clock.Stamp
}

// Chart is what statements come to.
type Chart struct {
	Units     map[ID]*Unit
	Entries   map[ID]*Entry
	Delegates map[ID]map[wire.PersonID]bool
	owner     map[wire.PersonID]ID
	kids      map[ID]int // how many stand directly below
	admin     func(wire.PersonID) bool
}

// Effect is one statement that counted: what it changed, from what to what. Exactly one of the
// pairs is set; Before is nil for what is new. They are copies.
type Effect struct {
	Said                    *Said
	UnitBefore, UnitAfter   *Unit
	EntryBefore, EntryAfter *Entry
	Delegate                *Delegate
}

// Fold makes the chart of all statements, in whatever order they are given. admin says who has ever
// been an administrator of the workspace. told, where it is not nil, hears of each
// statement that counted, in the order of the statements.
func Fold(all []Said, admin func(wire.PersonID) bool, told func(Effect)) *Chart {
	records := 0
	for i := range all {
		records += len(all[i].Change.Records)
	}
	c := &Chart{Units: map[ID]*Unit{}, Entries: make(map[ID]*Entry, min(records, MaxRecords)), Delegates: map[ID]map[wire.PersonID]bool{}, owner: map[wire.PersonID]ID{}, kids: map[ID]int{}, admin: admin}
	order := slices.Clone(all)
	slices.SortFunc(order, inOrder)
	for i := range order {
		c.take(&order[i], told)
	}
	return c
}

func (c *Chart) take(s *Said, told func(Effect)) {
	for _, d := range s.Change.Departments {
		if e, ok := c.department(s.Person, d, told != nil); ok {
			e.Said = s
			told(e)
		}
	}
	for _, r := range s.Change.Records {
		if e, ok := c.record(s, r, told != nil); ok {
			e.Said = s
			told(e)
		}
	}
	for _, h := range s.Change.Hidden {
		if e, ok := c.hide(s, h, told != nil); ok {
			e.Said = s
			told(e)
		}
	}
	for _, d := range s.Change.Delegates {
		if c.admin(s.Person) && c.delegate(d) && told != nil {
			told(Effect{Said: s, Delegate: &d})
		}
	}
}

func (c *Chart) delegate(d Delegate) bool {
	now := c.Delegates[d.Department]
	if now[d.Person] == d.On || c.Units[d.Department] == nil {
		return false
	}
	if now == nil {
		now = map[wire.PersonID]bool{}
		c.Delegates[d.Department] = now
	}
	now[d.Person] = d.On
	return true
}

// department takes one statement. It gives what it changed where wanted is true and it changed something.
func (c *Chart) department(by wire.PersonID, d Department, wanted bool) (e Effect, told bool) {
	u := c.Units[d.ID]
	made := u == nil
	if !c.MayDepartment(by, d) || made && (d.Name == nil || len(c.Units) >= MaxDepartments) {
		return e, false
	}
	switch {
	case made:
		u = &Unit{ID: d.ID}
		c.Units[d.ID] = u
		if d.Where == nil {
			c.kids[ID{}]++
		}
	case wanted:
		before := *u
		e.UnitBefore = &before
	}
	if d.Name != nil {
		u.Name = *d.Name
	}
	if d.Gone != nil {
		u.Gone = *d.Gone
	}
	if d.Where != nil {
		if c.fits(d.ID, d.Where.Parent) {
			if !made {
				c.kids[u.Parent]--
			}
			c.kids[d.Where.Parent]++
			u.Where, u.Refused = *d.Where, ID{}
		} else {
			u.Refused = d.Where.Parent
		}
	}
	if !wanted {
		return e, false
	}
	after := *u
	e.UnitAfter = &after
	return e, made || *e.UnitBefore != after
}

// fits reports whether a department may stand below a parent: that is not below it, and the tree stays flat enough.
func (c *Chart) fits(id, parent ID) bool {
	depth := 1 + c.height(id)
	for p := parent; !p.IsZero(); depth++ {
		u := c.Units[p]
		if p == id || depth >= MaxDepth {
			return false
		}
		if u == nil {
			break
		}
		p = u.Parent
	}
	return true
}

// height of what stands below a department that is there already; most are leaves when they are said first.
func (c *Chart) height(id ID) int {
	if c.kids[id] == 0 {
		return 0
	}
	most := 0
	for _, u := range c.Units {
		n := 0
		for p := u.ID; !p.IsZero() && n <= MaxDepth; n++ {
			if p == id {
				most = max(most, n)
				break
			}
			up := c.Units[p]
			if up == nil {
				break
			}
			p = up.Parent
		}
	}
	return most
}

// record takes one statement; as department.
func (c *Chart) record(s *Said, r Record, wanted bool) (e Effect, told bool) {
	x := c.Entries[r.ID]
	if !c.MayRecord(s.Person, r) || x == nil && (r.Name == nil || len(c.Entries) >= MaxRecords) {
		return e, false
	}
	switch {
	case x == nil:
		x = &Entry{ID: r.ID}
		c.Entries[r.ID] = x
	case wanted:
		before := *x
		e.EntryBefore = &before
	}
	if r.Name != nil {
		x.Name = *r.Name
	}
	if r.Posts != nil {
		x.Posts = *r.Posts
	}
	if r.Reach != nil {
		x.Reach = *r.Reach
	}
	if r.Note != nil {
		x.Note = *r.Note
	}
	if r.Left != nil {
		x.Left = *r.Left
	}
	if r.Private != nil {
		x.Private = r.Private
	}
	if r.Bind != nil {
		c.bind(x, *r.Bind)
	}
	x.Changed = s.Stamp
	if !wanted {
		return e, false
	}
	after := *x
	e.EntryAfter = &after
	return e, true
}

// bind ties a record to a person, and takes that person from another record.
func (c *Chart) bind(x *Entry, b Bind) {
	if c.owner[x.Bind.Person] == x.ID {
		delete(c.owner, x.Bind.Person)
	}
	x.Bind = b
	if b.Person.IsZero() {
		return
	}
	if other := c.Entries[c.owner[b.Person]]; other != nil {
		other.Bind = Bind{}
	}
	c.owner[b.Person] = x.ID
}
