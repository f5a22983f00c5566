package directory

import (
	"context"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// administers reports whether a person is an administrator of the workspace now.
func (v *view) administers(person wire.PersonID) bool {
	m := v.members[person]
	return m.Active && m.Role >= space.Admin
}

// saveRecord makes a record or changes one; groups that were not sent stay.
func (d *Directory) saveRecord(ctx context.Context, id wire.SpaceID, r *v1.SaveRecordRequest) (key string, err error) {
	v, err := d.view(ctx, id)
	if err != nil {
		return "", err
	}
	x := chart.Record{}
	var old *chart.Entry
	if r.Id != "" {
		if x.ID, err = chart.ParseID(r.Id); err != nil {
			return "", err
		}
		if old = v.chart.Entries[x.ID]; old == nil {
			return "", errcode.NotFound
		}
	} else if x, err = v.begin(r.PersonId); err != nil {
		return "", err
	}
	if err := v.nameIn(&x, old, r); err != nil {
		return "", err
	}
	if r.Posts != nil {
		if x.Posts, err = postsIn(r.Posts); err != nil {
			return "", err
		}
		if !x.Posts.Manager.IsZero() && v.chart.Entries[x.Posts.Manager] == nil {
			return "", errcode.NotFound
		}
	}
	if r.Reach != nil {
		if x.Reach, err = reachIn(r.Reach); err != nil {
			return "", err
		}
	}
	if r.Note != nil {
		note := strings.TrimSpace(strings.ReplaceAll(*r.Note, "\r\n", "\n"))
		x.Note = &note
	}
	x.Left = r.Left
	c := edit()
	given, err := d.hide(ctx, id, v, &c, &x, old, r.Hidden)
	if err != nil {
		return "", err
	}
	if r.Private != nil {
		if x.Private, err = d.sealPrivate(ctx, id, v, x.ID, *r.Private); err != nil {
			return "", err
		}
	}
	c.Records = []chart.Record{x}
	return recordKey(x.ID), d.write(ctx, id, v, c, given...)
}

// begin starts a record, for a member where one is named.
func (v *view) begin(member string) (chart.Record, error) {
	x := chart.Record{ID: chart.NewID()}
	if member == "" {
		return x, nil
	}
	person, err := wire.ParsePersonID(member)
	if err != nil {
		return x, errcode.With(errcode.InvalidArgument, err)
	}
	i, ok := v.persons[person]
	if !ok || v.rows[i].record != nil {
		return x, errcode.NotFound
	}
	x.Bind = &chart.Bind{Person: person}
	return x, nil
}

// nameIn takes name and number. Errors: errcode.NumberTaken, those of names.
func (v *view) nameIn(x *chart.Record, old *chart.Entry, r *v1.SaveRecordRequest) error {
	if r.Name == nil && r.Number == nil && old != nil {
		return nil
	}
	var n chart.Name
	if old != nil {
		n = old.Name
	}
	if r.Name != nil || old == nil {
		clean, err := name.Check(r.GetName(), chart.MaxText)
		if err != nil {
			return err
		}
		n.Name = clean
	}
	if r.Number != nil {
		clean, err := chart.Clean(*r.Number)
		if err != nil {
			return err
		}
		n.Number = clean
	}
	if other := v.byNumber()[n.Number]; other != nil && other.ID != x.ID {
		return errcode.NumberTaken
	}
	x.Name = &n
	return nil
}

func postsIn(in *v1.PostsIn) (*chart.Posts, error) {
	place, err := chart.Clean(in.Place)
	if err != nil {
		return nil, err
	}
	out := &chart.Posts{Place: place}
	if in.ManagerId != "" {
		if out.Manager, err = chart.ParseID(in.ManagerId); err != nil {
			return nil, err
		}
	}
	for _, p := range in.Posts {
		id, err := chart.ParseID(p.DepartmentId)
		if err != nil {
			return nil, err
		}
		title, err := chart.Clean(p.Title)
		if err != nil {
			return nil, err
		}
		out.Posts = append(out.Posts, chart.Post{Department: id, Title: title, Lead: p.Lead})
	}
	return out, nil
}

func reachIn(in *v1.ReachIn) (*chart.Reach, error) {
	email, err := chart.Clean(in.Email)
	if err != nil {
		return nil, err
	}
	out := &chart.Reach{Email: email}
	for _, p := range in.Phones {
		clean, err := chart.Clean(p)
		if err != nil {
			return nil, err
		}
		if clean != "" {
			out.Phones = append(out.Phones, clean)
		}
	}
	return out, nil
}

// bindRecord ties a record to a member, or to nobody. Errors: errcode.PersonTaken, errcode.Forbidden, errcode.NotFound.
func (d *Directory) bindRecord(ctx context.Context, id wire.SpaceID, record chart.ID, member string) error {
	v, err := d.view(ctx, id)
	if err != nil {
		return err
	}
	if v.chart.Entries[record] == nil {
		return errcode.NotFound
	}
	b := chart.Bind{}
	if member != "" {
		person, err := wire.ParsePersonID(member)
		if err != nil || !v.members[person].Active {
			return errcode.NotFound
		}
		b.Person = person
		// Whom another department has stays there, also who came by an invite, which the chart does not know of.
		if i, ok := v.persons[person]; ok && v.rows[i].record != nil && v.rows[i].record.ID != record && !v.mayAll(d.Me.Person, about(v.rows[i].record.ID)) {
			return errcode.PersonTaken
		}
	}
	c := edit()
	c.Records = []chart.Record{{ID: record, Bind: &b}}
	return d.write(ctx, id, v, c)
}

// about is a change of a record that says nothing: whether somebody may say anything about it.
func about(record chart.ID) chart.Change {
	return chart.Change{Records: []chart.Record{{ID: record}}}
}
