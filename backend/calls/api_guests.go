package calls

import (
	"context"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// meetingIn reads which meeting is meant: a call, or a planned one.
func (a API) meetingIn(callID, plannedID string) (c *Calls, call wire.CallID, planned wire.EventID, err error) {
	if c, err = a.Get(); err != nil {
		return nil, call, planned, err
	}
	if plannedID != "" {
		planned, err = wire.ParseEventID(plannedID)
	} else {
		call, err = wire.ParseCallID(callID)
	}
	if err != nil {
		return nil, call, planned, errcode.With(errcode.InvalidArgument, err)
	}
	return c, call, planned, nil
}

func guestLinkOut(l GuestLink) *v1.GuestLink {
	return &v1.GuestLink{Id: l.ID.String(), Link: l.Link, ExpiresUnixMs: l.Expires, Uses: int32(l.Uses), MaxUses: int32(l.MaxUses),
		Revoked: l.Revoked, CreatedBy: l.By, RelayHosts: l.Relays}
}

// GuestLinks implements CallsService.
func (a API) GuestLinks(ctx context.Context, r *v1.GuestLinksRequest) (*v1.GuestLinksResponse, error) {
	c, call, planned, err := a.meetingIn(r.CallId, r.PlannedId)
	if err != nil {
		return nil, err
	}
	links, may, err := c.GuestLinks(ctx, call, planned)
	if err != nil {
		return nil, err
	}
	out := &v1.GuestLinksResponse{MayInvite: may}
	for _, l := range links {
		out.Links = append(out.Links, guestLinkOut(l))
	}
	return out, nil
}

// CreateGuestLink implements CallsService.
func (a API) CreateGuestLink(ctx context.Context, r *v1.CreateGuestLinkRequest) (*v1.GuestLink, error) {
	c, call, planned, err := a.meetingIn(r.CallId, r.PlannedId)
	if err != nil {
		return nil, err
	}
	if r.ExpiresSeconds <= 0 || r.ExpiresSeconds > int64(wire.MaxInviteLife/time.Second) || r.MaxUses < 1 {
		return nil, errcode.InvalidArgument
	}
	link, err := c.InviteGuests(ctx, call, planned, time.Duration(r.ExpiresSeconds)*time.Second, int(r.MaxUses))
	if err != nil {
		return nil, err
	}
	return guestLinkOut(link), nil
}

// RevokeGuestLink implements CallsService.
func (a API) RevokeGuestLink(ctx context.Context, r *v1.RevokeGuestLinkRequest) (*v1.CallReply, error) {
	c, call, planned, err := a.meetingIn(r.CallId, r.PlannedId)
	if err != nil {
		return nil, err
	}
	id, err := wire.ParseInviteID(r.LinkId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	return reply(c.RevokeGuestLink(ctx, call, planned, id))
}
