package chart

import (
	"maps"

	"roundtable/backend/wire"
)

// Administers reports whether a person may write all that lies in a department: as an administrator of the
// workspace, or as a delegate of it or of one above it. Zero stands for the whole.
func (c *Chart) Administers(person wire.PersonID, department ID) bool {
	if c.admin(person) {
		return true
	}
	for n := 0; !department.IsZero() && n <= MaxDepth; n++ {
		if c.Delegates[department][person] {
			return true
		}
		u := c.Units[department]
		if u == nil {
			return false
		}
		department = u.Parent
	}
	return false
}

// Delegated lists the departments that a person is a delegate of.
func (c *Chart) Delegated(person wire.PersonID) (out []ID) {
	for id, people := range c.Delegates {
		if people[person] {
			out = append(out, id)
		}
	}
	return out
}

// MayDepartment judges a statement about a department: its parent has to be the person's to write, before and after.
func (c *Chart) MayDepartment(person wire.PersonID, d Department) bool {
	if c.admin(person) {
		return true
	}
	u := c.Units[d.ID]
	if u == nil && d.Where == nil {
		return false
	}
	if u != nil && (u.Parent.IsZero() || !c.Administers(person, u.Parent)) {
		return false
	}
	return d.Where == nil || !d.Where.Parent.IsZero() && c.Administers(person, d.Where.Parent)
}

// MayRecord judges a statement about a record: all its positions have to be the person's to write, before and after.
func (c *Chart) MayRecord(person wire.PersonID, r Record) bool {
	if c.admin(person) {
		return true
	}
	x := c.Entries[r.ID]
	if x == nil && r.Posts == nil {
		return false
	}
	if r.Bind != nil { // whom another department has stays there
		if other := c.Entries[c.owner[r.Bind.Person]]; other != nil && other.ID != r.ID && !c.within(person, other.Posts) {
			return false
		}
	}
	return (x == nil || c.within(person, x.Posts)) && (r.Posts == nil || c.within(person, *r.Posts))
}

func (c *Chart) within(person wire.PersonID, p Posts) bool {
	for _, post := range p.Posts {
		if !c.Administers(person, post.Department) {
			return false
		}
	}
	return len(p.Posts) > 0
}

// With is the chart as it would be if a person also said something about departments; ok is false where it may not say all of
// it. Records are shared with this one, so nothing may be said to it about them.
func (c *Chart) With(by wire.PersonID, more []Department) (trial *Chart, ok bool) {
	if len(more) == 0 {
		return c, true
	}
	out := *c
	out.kids, out.Units = maps.Clone(c.kids), make(map[ID]*Unit, len(c.Units)+len(more))
	for id, u := range c.Units {
		same := *u
		out.Units[id] = &same
	}
	for _, d := range more {
		if !out.MayDepartment(by, d) {
			return nil, false
		}
		out.department(by, d, false)
	}
	return &out, true
}

// Here is the department itself, or the nearest one above it that is not gone; zero when there is none.
func (c *Chart) Here(department ID) ID {
	for n := 0; n <= MaxDepth; n++ {
		u := c.Units[department]
		if u == nil {
			return ID{}
		}
		if !u.Gone {
			return department
		}
		department = u.Parent
	}
	return ID{}
}

// Above is the department that one stands below, as it is shown: the nearest that is not gone.
func (c *Chart) Above(department ID) ID {
	if u := c.Units[department]; u != nil {
		return c.Here(u.Parent)
	}
	return ID{}
}
