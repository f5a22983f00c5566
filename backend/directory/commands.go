package directory

import (
	"context"
	"errors"
	"time"

	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// maxEvent bounds the body of one event that this program writes; a whole import takes several.
const maxEvent = 256 << 10

// write says a change, in several events where it is large. Whoever may not say all of it says nothing.
// Errors: errcode.Forbidden, those of chart.Change.Check and of the log.
// given are events that hand on the keys of what the change hides.
func (d *Directory) write(ctx context.Context, id wire.SpaceID, v *view, c chart.Change, given ...eventlog.Draft) error {
	if !v.members[d.Me.Person].Active {
		return errcode.NotMember
	}
	if !v.mayAll(d.Me.Person, c) {
		return errcode.Forbidden
	}
	parts := split(c)
	drafts := make([]eventlog.Draft, 0, len(parts)+len(given))
	drafts = append(drafts, given...)
	for _, part := range parts {
		if err := part.Check(); err != nil {
			return err
		}
		kind := Changed
		if len(part.Hidden) > 0 {
			kind = HiddenChanged
		}
		drafts = append(drafts, eventlog.Draft{Kind: kind, Body: part})
	}
	_, err := d.Log.Append(ctx, id, drafts...)
	d.Changed()
	if errors.Is(err, eventlog.ErrUnknownSpace) {
		return errcode.NotFound
	}
	return err
}

// mayAll judges as every device will; an administrator of old times does not count at the door.
func (v *view) mayAll(person wire.PersonID, c chart.Change) bool {
	if v.administers(person) {
		return true
	}
	if v.ever(person) || len(c.Delegates)+len(c.Hidden) > 0 {
		return false
	}
	now, ok := v.chart.With(person, c.Departments)
	if !ok {
		return false
	}
	for _, x := range c.Records {
		if !now.MayRecord(person, x) {
			return false
		}
	}
	return true
}

// split cuts a change into events: departments come before those who work in them.
func split(c chart.Change) (out []chart.Change) {
	next := chart.Change{Batch: c.Batch, Why: c.Why}
	size := 0
	room := func(n int) {
		if size+n > maxEvent || len(next.Departments)+len(next.Records)+len(next.Delegates) >= chart.MaxObjects {
			out = append(out, next)
			next, size = chart.Change{Batch: c.Batch, Why: c.Why}, 0
		}
		size += n
	}
	for _, x := range c.Departments {
		room(len(wire.MustEncode(x)))
		next.Departments = append(next.Departments, x)
	}
	for _, x := range c.Records {
		room(len(wire.MustEncode(x)))
		next.Records = append(next.Records, x)
	}
	for _, x := range c.Delegates {
		room(len(wire.MustEncode(x)))
		next.Delegates = append(next.Delegates, x)
	}
	if size > 0 {
		out = append(out, next)
	}
	if len(c.Hidden) > 0 { // of one record: imports hide nothing
		out = append(out, chart.Change{Batch: c.Batch, Why: c.Why, Hidden: c.Hidden})
	}
	return out
}

func edit() chart.Change { return chart.Change{Batch: chart.NewID(), Why: chart.Edit} }

// saveDepartment makes a department or changes one. position is its place among its siblings, -1 at the end.
func (d *Directory) saveDepartment(ctx context.Context, id wire.SpaceID, in chart.ID, title *string, parent *chart.ID, position *int) (chart.ID, error) {
	v, err := d.view(ctx, id)
	if err != nil {
		return in, err
	}
	x := chart.Department{ID: in}
	if x.ID.IsZero() {
		if title == nil {
			return in, errcode.NameEmpty
		}
		if len(v.chart.Units) >= chart.MaxDepartments {
			return in, errcode.Of(errcode.DepartmentLimit, "max", chart.MaxDepartments)
		}
		x.ID = chart.NewID()
		if parent == nil {
			parent = &chart.ID{}
		}
	} else if u := v.units[in]; u == nil || u.own {
		return in, errcode.NotFound
	}
	if title != nil {
		clean, err := name.Check(*title, chart.MaxText)
		if err != nil {
			return in, err
		}
		x.Name = &clean
	}
	c := edit()
	if parent != nil || position != nil {
		where, more, err := v.stands(x.ID, parent, position)
		if err != nil {
			return in, err
		}
		x.Where = &where
		c.Departments = more
	}
	c.Departments = append([]chart.Department{x}, c.Departments...)
	return x.ID, d.write(ctx, id, v, c)
}

// stands finds the place of a department below a parent, and moves its siblings where their places leave no room.
// Errors: errcode.NotFound, errcode.DepartmentCycle.
func (v *view) stands(id chart.ID, parent *chart.ID, position *int) (where chart.Where, more []chart.Department, err error) {
	if u := v.units[id]; u != nil {
		where.Parent = u.parent
	}
	if parent != nil {
		where.Parent = *parent
	}
	kids := v.top
	if !where.Parent.IsZero() {
		p := v.units[where.Parent]
		if p == nil || p.own {
			return where, nil, errcode.NotFound
		}
		kids = p.kids
		above := v.path(where.Parent)
		for _, u := range above {
			if u.id == id {
				return where, nil, errcode.DepartmentCycle
			}
		}
		if len(above) >= chart.MaxDepth {
			return where, nil, errcode.DepartmentCycle
		}
	}
	siblings := make([]chart.ID, 0, len(kids))
	for _, k := range kids {
		if k != id && !v.units[k].own {
			siblings = append(siblings, k)
		}
	}
	at := len(siblings)
	if position != nil {
		at = min(max(*position, 0), len(siblings))
	}
	if at == len(siblings) {
		if at > 0 {
			where.Order = v.units[siblings[at-1]].order + 1
		}
		return where, nil, nil
	}
	where.Order = int64(at)
	for i, k := range siblings {
		n := int64(i)
		if i >= at {
			n++
		}
		if v.units[k].order != n {
			more = append(more, chart.Department{ID: k, Where: &chart.Where{Parent: where.Parent, Order: n}})
		}
	}
	return where, more, nil
}

// setDelegate lets a member administer a department, or ends that. Administrators only.
func (d *Directory) setDelegate(ctx context.Context, id wire.SpaceID, in chart.ID, person wire.PersonID, on bool) error {
	v, err := d.view(ctx, id)
	if err != nil {
		return err
	}
	if u := v.units[in]; u == nil || u.own || on && !v.members[person].Active {
		return errcode.NotFound
	}
	c := edit()
	c.Delegates = []chart.Delegate{{Department: in, Person: person, On: on}}
	return d.write(ctx, id, v, c)
}

// SetAway says from when to when this person is away; the zero value that it is here.
// Errors: errcode.InvalidArgument, errcode.FieldTooLong, those of the log.
func (d *Directory) SetAway(ctx context.Context, id wire.SpaceID, a Away) error {
	note, err := chart.Clean(a.Note)
	if err != nil {
		return err
	}
	a.Note = note
	if !a.valid() {
		return errcode.InvalidArgument
	}
	_, err = d.Log.Append(ctx, id, eventlog.Draft{Kind: AwaySet, Body: a})
	d.Changed()
	return err
}

// inviteRecords makes a code for each of some records whose people are not in the workspace.
// Errors: errcode.Forbidden, errcode.NotFound, errcode.InvalidArgument.
func (d *Directory) inviteRecords(ctx context.Context, id wire.SpaceID, records []chart.ID, life time.Duration) ([]Code, error) {
	v, err := d.view(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, x := range records {
		i, ok := v.records[x]
		if !ok || !v.rows[i].person.IsZero() || v.rows[i].record.Left {
			return nil, errcode.NotFound
		}
		if !v.mayAll(d.Me.Person, about(x)) {
			return nil, errcode.Forbidden
		}
	}
	codes, err := d.Invite(ctx, id, life, len(records))
	if err != nil {
		return nil, err
	}
	c := edit()
	for i, x := range records {
		b := chart.Bind{Invites: append([]wire.InviteID{codes[i].ID}, v.chart.Entries[x].Bind.Invites...)}
		b.Invites = b.Invites[:min(len(b.Invites), chart.MaxInvites)]
		c.Records = append(c.Records, chart.Record{ID: x, Bind: &b})
	}
	return codes, d.write(ctx, id, v, c)
}
