package testspace

import (
	"context"
	"errors"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/calls"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// guestLinks gives meetings what package people knows of links, as the app does.
type guestLinks struct{ people *people.People }

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

// GuestLink makes a link into a call that this device is in.
func (d *Desk) GuestLink(call string, uses int) *v1.GuestLink {
	d.o.t.Helper()
	link, err := d.CallsAPI().CreateGuestLink(context.Background(), &v1.CreateGuestLinkRequest{CallId: call, ExpiresSeconds: 3600, MaxUses: int32(uses)})
	d.o.must(err, d.Name+" makes a link for guests")
	return link
}

// Meeting is the space that a link for guests leads into.
func (d *Desk) Meeting(link string) wire.SpaceID {
	d.o.t.Helper()
	said, err := people.ReadGuestLink(link, d.Clock.Now())
	d.o.must(err, "read a link for guests")
	return said.Meeting
}

// ComesAsGuest uses a link, and knocks at the call behind it as soon as it is heard of.
func (d *Desk) ComesAsGuest(link string) (call string) {
	d.o.t.Helper()
	if code := d.TriesAsGuest(link); code != "" {
		d.o.t.Fatalf("%s comes as a guest: %s", d.Name, code)
	}
	d.o.introduce()
	d.o.Eventually(d.Name+" hears of the meeting", func() bool {
		id, ok := d.Calls.GuestCall(d.Meeting(link))
		call = id.String()
		return ok
	})
	_, err := d.CallsAPI().JoinCall(context.Background(), &v1.JoinCallRequest{CallId: call})
	d.o.must(err, d.Name+" knocks")
	return call
}

// TriesAsGuest gives the reason why a link for guests does not let in; "" when it does.
func (d *Desk) TriesAsGuest(link string) errcode.Code {
	d.o.t.Helper()
	var err error
	for range 1000 {
		if err = d.People.JoinMeeting(link); !errors.Is(err, errcode.NotReady) {
			break
		}
		<-tick()
	}
	if err != nil {
		code, _ := errcode.From(err)
		return code
	}
	d.o.Eventually(d.Name+" is told", func() bool { return d.People.CurrentJoin().State >= people.JoinDone })
	return d.People.CurrentJoin().Code
}
