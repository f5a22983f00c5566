package directory

import (
	"context"
	"errors"
	"strings"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	// maxWithout bounds who is left out by name; spaces leave out any number.
	maxWithout = 1000
	// defaultMembers is a page when nothing is said.
	defaultMembers = 50
	// maxAts bounds the "@" of a text that are looked at, the others are left as they are.
	maxAts = 1000
)

// MemberAPI serves MemberService over the views of the directory.
type MemberAPI struct{ API }

// FindMembers implements MemberService.
func (a MemberAPI) FindMembers(ctx context.Context, r *v1.FindMembersRequest) (*v1.FindMembersResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if len(r.WithoutIds) > maxWithout || len(r.NearIds) > maxNear || r.Limit < 0 || r.Offset < 0 {
		return nil, errcode.InvalidArgument
	}
	among, err := d.among(v, r)
	if err != nil {
		return nil, err
	}
	limit := int(r.Limit)
	if limit == 0 {
		limit = defaultMembers
	}
	out := &v1.FindMembersResponse{}
	if strings.TrimSpace(r.Query) == "" {
		out.Total = int32(len(among))
		for _, i := range page(among, int(r.Offset), limit) {
			out.Members = append(out.Members, d.memberOut(v, i))
		}
		return out, nil
	}
	hits := d.find(ctx, id, v, r.Query, among, r.NearIds)
	out.Total = int32(len(hits))
	for _, f := range page(hits, int(r.Offset), limit) {
		m := d.memberOut(v, f.at)
		if row := &v.rows[f.at]; m.Name == row.name {
			m.Marks = f.marks
		} else {
			m.Marks = f.ownMarks
		}
		out.Members = append(out.Members, m)
	}
	return out, nil
}

// among lists the rows of the members that a request is about, by name.
func (d *Directory) among(v *view, r *v1.FindMembersRequest) (out []int, err error) {
	inside, err := d.peopleOf(r.InSpaceId)
	if err != nil {
		return nil, err
	}
	outside, err := d.peopleOf(r.WithoutSpaceId)
	if err != nil {
		return nil, err
	}
	without := make(map[wire.PersonID]bool, len(r.WithoutIds))
	for _, text := range r.WithoutIds {
		p, err := wire.ParsePersonID(text)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		without[p] = true
	}
	for _, i := range v.all {
		p := v.rows[i].person
		if p.IsZero() || !r.WithMe && p == d.Me.Person || without[p] || inside != nil && !inside[p] || outside[p] {
			continue
		}
		if r.Role != v1.Role_ROLE_UNSPECIFIED && v1.Role(5-int32(v.members[p].Role)) != r.Role {
			continue
		}
		out = append(out, i)
	}
	return out, nil
}

// peopleOf are the present members of a space; nil for "". Errors: errcode.InvalidArgument, errcode.NotFound.
func (d *Directory) peopleOf(text string) (map[wire.PersonID]bool, error) {
	if text == "" {
		return nil, nil
	}
	id, err := wire.ParseSpaceID(text)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	out := map[wire.PersonID]bool{}
	if err := d.Log.View(id, func(s *space.State) {
		for _, m := range s.Members() {
			if m.Active {
				out[m.Person] = true
			}
		}
	}); err != nil {
		return nil, errcode.NotFound
	}
	return out, nil
}

// called is what a row calls itself.
func (r *row) called() string {
	if r.own.Name != "" {
		return r.own.Name
	}
	return r.name
}

func (d *Directory) memberOut(v *view, at int) *v1.FoundMember {
	r := &v.rows[at]
	row := d.rowOut(v, *r, chart.ID{})
	return &v1.FoundMember{PersonId: row.PersonId, Name: r.called(), Title: row.Title, Department: row.Department, Role: row.Role, IsMe: row.IsMe}
}

// SomeMembers implements MemberService.
func (a MemberAPI) SomeMembers(ctx context.Context, r *v1.SomeMembersRequest) (*v1.SomeMembersResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if errors.Is(err, errcode.NotFound) {
		v, err = &view{}, nil // not a workspace: names are all that is known
	}
	if err != nil {
		return nil, err
	}
	if len(r.PersonIds) > maxPage {
		return nil, errcode.InvalidArgument
	}
	out := &v1.SomeMembersResponse{}
	for _, text := range r.PersonIds {
		p, err := wire.ParsePersonID(text)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		if at, ok := v.persons[p]; ok {
			out.Members = append(out.Members, d.memberOut(v, at))
			continue
		}
		var m space.Membership
		known := false
		if err := d.Log.View(id, func(s *space.State) { m, known = s.Member(p) }); err != nil {
			return nil, errcode.NotFound
		}
		if known {
			out.Members = append(out.Members, &v1.FoundMember{
				PersonId: p.String(), Name: d.Name(ctx, id, p), Role: v1.Role(5 - int32(m.Role)), IsMe: p == d.Me.Person, Left: !m.Active})
		}
	}
	return out, nil
}

// Me implements MemberService.
func (a MemberAPI) Me(ctx context.Context, r *v1.MeRequest) (*v1.Member, error) {
	d, err := a.Get()
	if err != nil {
		return nil, err
	}
	id, err := wire.ParseSpaceID(r.WorkspaceId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return d.Member(ctx, id, d.Me.Person)
}

// Mentioned implements MemberService.
func (a MemberAPI) Mentioned(ctx context.Context, r *v1.MentionedRequest) (*v1.SomeMembersResponse, error) {
	d, _, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if len(r.Text) > wire.MaxMessageText {
		return nil, errcode.InvalidArgument
	}
	inside, err := d.peopleOf(r.InSpaceId)
	if err != nil {
		return nil, err
	}
	out, seen := &v1.SomeMembersResponse{}, map[int]bool{}
	for n, rest := range strings.SplitN(r.Text, "@", maxAts+1) {
		if n == 0 {
			continue
		}
		for _, i := range v.begins(rest, inside) {
			if !seen[i] && len(seen) < maxPage {
				seen[i] = true
				out.Members = append(out.Members, d.memberOut(v, i))
			}
		}
	}
	return out, nil
}

// begins lists who of some people (nil: everybody) is called as a text begins, by the longest name that fits.
func (v *view) begins(text string, inside map[wire.PersonID]bool) (out []int) {
	v.naming.Do(func() {
		v.byCalled = make(map[string][]int, len(v.all))
		for _, i := range v.all {
			if called := v.rows[i].called(); called != "" && !v.rows[i].person.IsZero() {
				v.byCalled[called] = append(v.byCalled[called], i)
				v.longest = max(v.longest, len(called))
			}
		}
	})
	for n := min(len(text), v.longest); n > 0 && len(out) == 0; n-- {
		for _, i := range v.byCalled[text[:n]] {
			if inside == nil || inside[v.rows[i].person] {
				out = append(out, i)
			}
		}
	}
	return out
}
