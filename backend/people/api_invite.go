package people

import (
	"context"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

func (p *People) inviteOut(ctx context.Context, id wire.SpaceID, i space.Invitation, link string) *v1.Invite {
	return &v1.Invite{
		Id: i.ID.String(), Link: link, ExpiresUnixMs: i.Expires, MaxUses: int32(i.Uses), Uses: int32(i.Used),
		Role: roleOut(i.Role), CreatedBy: p.Name(ctx, id, i.By), Revoked: i.Revoked, RelayHosts: hostsOf(link),
	}
}

// hostsOf names the relays of a link made on this device.
func hostsOf(link string) []string {
	l, err := parseLink(link)
	if err != nil {
		return nil
	}
	return l.hosts()
}

func (a API) CreateInvite(ctx context.Context, r *v1.CreateInviteRequest) (*v1.Invite, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	role, err := roleIn(r.Role)
	if err != nil {
		return nil, err
	}
	if r.ExpiresSeconds < 0 || r.ExpiresSeconds > int64(wire.MaxInviteLife/time.Second) {
		return nil, errcode.InvalidArgument
	}
	invite, err := p.CreateInvite(ctx, id, role, time.Duration(r.ExpiresSeconds)*time.Second, int(r.MaxUses))
	if err != nil {
		return nil, err
	}
	var out *v1.Invite
	var found space.Invitation
	_ = p.Log.View(id, func(s *space.State) { found, _ = s.Invitation(invite) })
	out = p.inviteOut(ctx, id, found, p.inviteLink(ctx, id, invite))
	p.Publish("invites")
	return out, nil
}

func (a API) Invites(ctx context.Context, r *v1.InvitesRequest) (*v1.InvitesResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	var all []space.Invitation
	if err := p.Log.View(id, func(s *space.State) { all = s.Invitations() }); err != nil {
		return nil, errcode.NotFound
	}
	links := p.linksOf(ctx, id)
	out := &v1.InvitesResponse{}
	for _, i := range all {
		out.Invites = append(out.Invites, p.inviteOut(ctx, id, i, links[i.ID]))
	}
	return out, nil
}

func (a API) RevokeInvite(ctx context.Context, r *v1.RevokeInviteRequest) (*v1.RevokeInviteResponse, error) {
	p, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	invite, err := wire.ParseInviteID(r.InviteId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	if err := p.RevokeInvite(ctx, id, invite); err != nil {
		return nil, err
	}
	p.Publish("invites")
	return &v1.RevokeInviteResponse{}, nil
}
