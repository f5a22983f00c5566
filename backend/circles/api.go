package circles

import (
	"context"
	"slices"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// API serves CircleService. Get gives the feature, or an error while the profile is not open.
type API struct{ Get func() (*Circles, error) }

// in opens the feature and reads the ID of a space.
func (a API) in(text string) (*Circles, wire.SpaceID, error) {
	c, err := a.Get()
	if err != nil {
		return nil, wire.SpaceID{}, err
	}
	id, err := wire.ParseSpaceID(text)
	if err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return c, id, nil
}

func parsePeople(texts []string) (out []wire.PersonID, err error) {
	for _, t := range texts {
		p, err := wire.ParsePersonID(t)
		if err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// answer gives a circle after a command.
func (c *Circles) answer(ctx context.Context, id wire.SpaceID, err error) (*v1.Circle, error) {
	if err != nil {
		return nil, err
	}
	v, err := c.Circle(ctx, id)
	if err != nil {
		return nil, err
	}
	may := func(least space.Role) bool { return v.Us.Active && v.Us.Role >= least }
	out := &v1.Circle{
		Id: id.String(), ExternalCount: int32(v.Externals), CanManage: may(space.Admin), CanInvite: may(space.Member) && c.Rules.MayAdd(ctx, id),
	}
	if !v.Workspace.IsZero() {
		out.WorkspaceId = v.Workspace.String()
	}
	for _, p := range v.People {
		me := p.Person == c.Me.Person
		out.People = append(out.People, &v1.CirclePerson{
			PersonId: p.Person.String(), Name: p.Name, WorkspaceName: p.Workspace, IsExternal: p.External, IsMe: me,
			Role: v1.Role(5 - int32(p.Role)), JoinedUnixMs: p.Joined.UnixMilli(), CanRemove: !me && may(space.Admin) && p.Role <= v.Us.Role,
			ByRevokedLink: slices.ContainsFunc(v.Links, func(l Link) bool { return l.Revoked && l.ID == p.Invite }),
		})
	}
	if !out.CanInvite {
		return out, nil
	}
	for _, l := range v.Links {
		out.Links = append(out.Links, c.linkOut(l, v.For[l.ID]))
	}
	slices.SortStableFunc(out.Links, func(a, b *v1.CircleLink) int { return int(min(max(b.ExpiresUnixMs-a.ExpiresUnixMs, -1), 1)) })
	return out, nil
}

func (c *Circles) linkOut(l Link, whom string) *v1.CircleLink {
	return &v1.CircleLink{
		Id: l.ID.String(), Link: l.Link, ForName: whom, ExpiresUnixMs: l.Expires, Uses: int32(l.Uses), MaxUses: int32(l.MaxUses), Revoked: l.Revoked,
		CreatedBy: l.By, RelayHosts: l.Relays, Live: !l.Revoked && l.Uses < l.MaxUses && c.Clock.Now().UnixMilli() <= l.Expires,
	}
}

// CreateCircle implements CircleService.
func (a API) CreateCircle(ctx context.Context, r *v1.CreateCircleRequest) (*v1.Circle, error) {
	c, workspace, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	people, err := parsePeople(r.PersonIds)
	if err != nil {
		return nil, err
	}
	var ops []space.Op
	if r.HistoryFromJoining {
		ops = append(ops, space.Op{History: &space.History{Mode: space.HistoryFromJoining}})
	}
	id, err := c.Begin(ctx, workspace, r.Name, people, ops...)
	return c.answer(ctx, id, err)
}

// GetCircle implements CircleService.
func (a API) GetCircle(ctx context.Context, r *v1.CircleRequest) (*v1.Circle, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, id, nil)
}

// AddToCircle implements CircleService.
func (a API) AddToCircle(ctx context.Context, r *v1.AddToCircleRequest) (*v1.Circle, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	people, err := parsePeople(r.PersonIds)
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, id, c.Add(ctx, id, people))
}

// RemoveFromCircle implements CircleService.
func (a API) RemoveFromCircle(ctx context.Context, r *v1.RemoveFromCircleRequest) (*v1.Circle, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	person, err := wire.ParsePersonID(r.PersonId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return c.answer(ctx, id, c.Remove(ctx, id, person))
}

// LeaveCircle implements CircleService.
func (a API) LeaveCircle(ctx context.Context, r *v1.CircleRequest) (*v1.LeaveCircleResponse, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	return &v1.LeaveCircleResponse{}, c.Leave(ctx, id)
}

// RenameCircle implements CircleService.
func (a API) RenameCircle(ctx context.Context, r *v1.RenameCircleRequest) (*v1.Circle, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, id, c.Rename(ctx, id, r.Name))
}

// InviteToCircle implements CircleService.
func (a API) InviteToCircle(ctx context.Context, r *v1.InviteToCircleRequest) (*v1.CircleLink, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	if r.ExpiresSeconds < 0 || r.ExpiresSeconds > int64(wire.MaxInviteLife/time.Second) {
		return nil, errcode.InvalidArgument
	}
	l, err := c.Invite(ctx, id, r.ForName, time.Duration(r.ExpiresSeconds)*time.Second, int(r.MaxUses))
	if err != nil {
		return nil, err
	}
	c.Publish("invites", topic(id))
	return c.linkOut(l, r.ForName), nil
}

// RevokeCircleLink implements CircleService.
func (a API) RevokeCircleLink(ctx context.Context, r *v1.RevokeCircleLinkRequest) (*v1.Circle, error) {
	c, id, err := a.in(r.CircleId)
	if err != nil {
		return nil, err
	}
	invite, err := wire.ParseInviteID(r.LinkId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	err = c.Revoke(ctx, id, invite)
	c.Publish("invites", topic(id))
	return c.answer(ctx, id, err)
}

// JoinCircle implements CircleService.
func (a API) JoinCircle(ctx context.Context, r *v1.JoinCircleRequest) (*v1.JoinCircleResponse, error) {
	c, workspace, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if err := c.Join(ctx, r.Link, workspace); err != nil {
		return nil, err
	}
	id, err := c.Links.Read(r.Link)
	return &v1.JoinCircleResponse{CircleId: id.String()}, err
}
