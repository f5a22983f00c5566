package app

import (
	"context"
	"time"

	"roundtable/backend/calls"
	"roundtable/backend/eventlog"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// guestLinks gives meetings what package people knows of links.
type guestLinks struct{ people *people.People }

var _ calls.Guests = guestLinks{}

func (g guestLinks) Open(ctx context.Context, workspace wire.SpaceID, title string, with []space.Add, more ...eventlog.Draft) (wire.SpaceID, error) {
	return g.people.OpenMeeting(ctx, workspace, title, with, more...)
}

func (g guestLinks) Invite(ctx context.Context, meeting wire.SpaceID, life time.Duration, uses int) (calls.GuestLink, error) {
	link, err := g.people.InviteGuests(ctx, meeting, life, uses)
	return calls.GuestLink(link), err
}

func (g guestLinks) Links(ctx context.Context, meeting wire.SpaceID) (out []calls.GuestLink) {
	for _, link := range g.people.GuestLinks(ctx, meeting) {
		out = append(out, calls.GuestLink(link))
	}
	return out
}

func (g guestLinks) Revoke(ctx context.Context, meeting wire.SpaceID, invite wire.InviteID) error {
	return g.people.RevokeInvite(ctx, meeting, invite)
}
