package directory

import (
	"context"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// API serves DirectoryService. Get gives the feature, or an error while the profile is not open.
type API struct {
	Get func() (*Directory, error)
}

// in opens the feature and the view of a workspace.
func (a API) in(ctx context.Context, workspace string) (*Directory, wire.SpaceID, *view, error) {
	d, err := a.Get()
	if err != nil {
		return nil, wire.SpaceID{}, nil, err
	}
	id, err := wire.ParseSpaceID(workspace)
	if err != nil {
		return nil, id, nil, errcode.With(errcode.InvalidArgument, err)
	}
	v, err := d.view(ctx, id)
	return d, id, v, err
}

// idIn reads an optional ID.
func idIn(text string) (chart.ID, error) {
	if text == "" {
		return chart.ID{}, nil
	}
	return chart.ParseID(text)
}

func idOut(id chart.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

func (d *Directory) unitOut(ctx context.Context, id wire.SpaceID, v *view, u *unit) *v1.Department {
	out := &v1.Department{
		Id: u.id.String(), Name: u.name, ParentId: idOut(u.parent), Order: u.order, Here: int32(len(u.here)), Below: int32(u.below),
		Children: int32(len(u.kids)), Own: u.own, Refused: u.refused,
	}
	if u.own {
		return out
	}
	me := d.Me.Person
	active := v.members[me].Active
	out.CanFill = active && (v.administers(me) || !v.ever(me) && v.chart.Administers(me, u.id))
	out.CanChange = active && (v.administers(me) || !v.ever(me) && !u.parent.IsZero() && v.chart.Administers(me, u.parent))
	for person, on := range v.chart.Delegates[u.id] {
		if on && v.members[person].Active {
			out.Delegates = append(out.Delegates, &v1.Delegate{PersonId: person.String(), Name: d.nameOf(ctx, id, v, person)})
		}
	}
	return out
}

// nameOf a member as the directory shows it.
func (d *Directory) nameOf(ctx context.Context, id wire.SpaceID, v *view, person wire.PersonID) string {
	if i, ok := v.persons[person]; ok {
		return v.rows[i].name
	}
	return d.Name(ctx, id, person)
}

// fills reports whether this person may change something somewhere.
func (d *Directory) fills(v *view) bool {
	me := d.Me.Person
	return v.administers(me) || v.members[me].Active && !v.ever(me) && len(v.chart.Delegated(me)) > 0
}

func (a API) Tree(ctx context.Context, r *v1.TreeRequest) (*v1.TreeResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	parent, err := idIn(r.ParentId)
	if err != nil {
		return nil, err
	}
	out := &v1.TreeResponse{Total: int32(len(v.all)), Without: int32(len(v.without)), Outside: int32(len(v.outside)), Left: int32(len(v.left)),
		Administers: v.administers(d.Me.Person), Fills: d.fills(v)}
	kids := v.top
	if !parent.IsZero() {
		kids = nil
		for _, u := range v.path(parent) {
			out.Path = append(out.Path, d.unitOut(ctx, id, v, u))
			kids = u.kids
		}
	}
	for _, k := range kids {
		out.Departments = append(out.Departments, d.unitOut(ctx, id, v, v.units[k]))
	}
	return out, nil
}

var awayKinds = map[AwayKind]string{Vacation: "vacation", Sick: "sick", Trip: "trip", Other: "other"}

// awayOut is nothing once the last day is over.
func (d *Directory) awayOut(a Away) *v1.Away {
	if a.Kind == Here || a.To < d.Clock.Now().Format(time.DateOnly) {
		return nil
	}
	return &v1.Away{Kind: awayKinds[a.Kind], FromDay: a.From, ToDay: a.To, Note: a.Note}
}

func (d *Directory) rowOut(v *view, r row, in chart.ID) *v1.PersonRow {
	out := &v1.PersonRow{Key: r.key(), Name: r.name, Away: d.awayOut(r.away), IsMe: r.person == d.Me.Person, Department: r.own.Department}
	out.Title, out.Lead = v.title(r, in)
	if !r.person.IsZero() {
		out.PersonId = r.person.String()
		out.Role = v1.Role(5 - int32(v.members[r.person].Role))
	}
	if x := r.record; x != nil {
		out.Number, out.Left, out.Department = x.Number, x.Left, ""
		if len(r.units) > 0 {
			out.Department = v.units[r.units[0]].name
		}
	}
	return out
}

func (a API) People(ctx context.Context, r *v1.PeopleRequest) (*v1.PeopleResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	in, err := idIn(r.DepartmentId)
	if err != nil {
		return nil, err
	}
	among := v.rowsOf(in, whom(r.Whom))
	out := &v1.PeopleResponse{}
	if r.Query == "" {
		out.Total = int32(len(among))
		for _, i := range page(among, int(r.Offset), int(r.Limit)) {
			out.Rows = append(out.Rows, d.rowOut(v, v.rows[i], in))
		}
		return out, nil
	}
	if len(r.NearKeys) > maxNear {
		return nil, errcode.InvalidArgument
	}
	hits := d.find(ctx, id, v, r.Query, among, r.NearKeys)
	out.Total = int32(len(hits))
	for _, f := range page(hits, int(r.Offset), int(r.Limit)) {
		row := d.rowOut(v, v.rows[f.at], in)
		row.Marks = f.marks
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

func (a API) Some(ctx context.Context, r *v1.SomeRequest) (*v1.PeopleResponse, error) {
	d, _, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if len(r.Keys) > maxPage {
		return nil, errcode.InvalidArgument
	}
	out := &v1.PeopleResponse{}
	for _, k := range r.Keys {
		if i, ok := v.rowOf(k); ok {
			out.Rows = append(out.Rows, d.rowOut(v, v.rows[i], chart.ID{}))
		}
	}
	out.Total = int32(len(out.Rows))
	return out, nil
}

func (a API) Person(ctx context.Context, r *v1.CardRequest) (*v1.Card, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	return d.card(ctx, id, v, r.Key)
}

// card tells everything about one person. Errors: errcode.NotFound.
func (d *Directory) card(ctx context.Context, id wire.SpaceID, v *view, k string) (*v1.Card, error) {
	i, ok := v.rowOf(k)
	if !ok {
		return nil, errcode.NotFound
	}
	r := v.rows[i]
	out := &v1.Card{Key: r.key(), Name: r.name, Away: d.awayOut(r.away), OwnPhone: r.own.Phone, OwnEmail: r.own.Email}
	if !r.person.IsZero() {
		out.PersonId = r.person.String()
		m, err := d.Member(ctx, id, r.person)
		if err != nil {
			return nil, err
		}
		out.Member = m
	}
	if r.record == nil {
		out.CanChange = v.administers(d.Me.Person)
		out.CanHide = out.CanChange
		out.Posts = append(out.Posts, &v1.Post{Title: r.own.Title, Department: r.own.Department})
		return out, nil
	}
	d.office(ctx, id, v, r, out)
	return out, nil
}

// office adds what the office says.
func (d *Directory) office(ctx context.Context, id wire.SpaceID, v *view, r row, out *v1.Card) {
	x := r.record
	out.RecordId, out.Number, out.Place, out.Note, out.Left = x.ID.String(), x.Number, x.Place, x.Note, x.Left
	out.Phones, out.Email = x.Phones, x.Email
	if r.own.Name != r.name {
		out.OwnName = r.own.Name
	}
	if out.OwnEmail == x.Email {
		out.OwnEmail = ""
	}
	for _, p := range x.Phones {
		if digits(p) == digits(out.OwnPhone) {
			out.OwnPhone = ""
		}
	}
	for _, p := range x.Posts.Posts {
		post := &v1.Post{DepartmentId: idOut(v.chart.Here(p.Department)), Title: p.Title, Lead: p.Lead}
		for _, u := range v.path(v.chart.Here(p.Department)) {
			post.Path = append(post.Path, u.name)
			post.Department = u.name
		}
		out.Posts = append(out.Posts, post)
	}
	if i, ok := v.records[x.Manager]; ok {
		out.ManagerKey, out.ManagerName, out.ManagerId = v.rows[i].key(), v.rows[i].name, x.Manager.String()
	}
	out.Reports = int32(v.reports[x.ID])
	out.CanChange = v.mayAll(d.Me.Person, about(x.ID)) && v.members[d.Me.Person].Active
	if out.CanChange && r.person.IsZero() {
		for _, p := range v.alike(x) {
			out.Alike = append(out.Alike, &v1.Delegate{PersonId: p.String(), Name: d.nameOf(ctx, id, v, p)})
		}
		out.Codes = d.codes(id, x)
	}
	out.Private, out.HasPrivate, out.CanSeePrivate = d.private(ctx, id, v, x)
	d.hiddenOut(ctx, id, v, x, out)
}

// codes counts invites of a record that can still be used.
func (d *Directory) codes(id wire.SpaceID, x *chart.Entry) (n int32) {
	now := d.Clock.Now().UnixMilli()
	_ = d.Log.View(id, func(s *space.State) {
		for _, i := range x.Bind.Invites {
			if inv, ok := s.Invitation(i); ok && !inv.Revoked && inv.Used < inv.Uses && inv.Expires > now {
				n++
			}
		}
	})
	return n
}
