package testspace

import (
	"context"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/eventlog"
	"roundtable/backend/people"
	"roundtable/backend/wire"
)

// circleLinks gives circles what package people knows of links, as the app does.
type circleLinks struct{ people *people.People }

func (l circleLinks) Beginning(ctx context.Context, workspace wire.SpaceID, title string) []eventlog.Draft {
	return l.people.Beginning(ctx, workspace, title)
}

func (l circleLinks) Invite(ctx context.Context, circle wire.SpaceID, life time.Duration, uses int) (circles.Link, error) {
	g, err := l.people.InviteToCircle(ctx, circle, life, uses)
	return circles.Link(g), err
}

func (l circleLinks) All(ctx context.Context, circle wire.SpaceID) (out []circles.Link) {
	for _, g := range l.people.GuestLinks(ctx, circle) {
		out = append(out, circles.Link(g))
	}
	return out
}

func (l circleLinks) Revoke(ctx context.Context, circle wire.SpaceID, invite wire.InviteID) error {
	return l.people.RevokeInvite(ctx, circle, invite)
}

func (l circleLinks) Rename(ctx context.Context, circle wire.SpaceID, title string) error {
	return l.people.RenameWorkspace(ctx, circle, title)
}

func (circleLinks) Read(text string) (wire.SpaceID, error) { return people.CircleOf(text) }

func (l circleLinks) Join(text string) error { return l.people.JoinByInvite(text) }

// openCircles builds circles, as the app does.
func (d *Desk) openCircles(ctx context.Context, chats *chat.Chat) {
	var err error
	d.Circles, err = circles.Open(ctx, circles.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Party,
		Name: d.People.Name, WorkspaceName: d.People.WorkspaceName, Links: circleLinks{d.People}, Places: chats, Rules: chats, Titled: chat.Titled, Tables: d.rings,
	})
	d.o.must(err, "open circles of "+d.Name)
}

// CirclesAPI is the door of circles, as the screen uses it.
func (d *Desk) CirclesAPI() circles.API {
	return circles.API{Get: func() (*circles.Circles, error) { return d.Circles, nil }}
}

// Circle as the screen gets it; nil while it is not known.
func (d *Desk) Circle(id wire.SpaceID) *v1.Circle {
	c, err := d.CirclesAPI().GetCircle(context.Background(), &v1.CircleRequest{CircleId: id.String()})
	if err != nil {
		return nil
	}
	return c
}

// BeginsCircle makes a circle with people of a workspace.
func (d *Desk) BeginsCircle(workspace wire.SpaceID, title string, with ...string) wire.SpaceID {
	d.o.t.Helper()
	var all []wire.PersonID
	for _, name := range with {
		all = append(all, d.o.As(name).Person())
	}
	id, err := d.Circles.Begin(context.Background(), workspace, title, all)
	d.o.must(err, d.Name+" begins the circle "+title)
	return id
}

// CircleLink makes a link into a circle.
func (d *Desk) CircleLink(id wire.SpaceID, whom string, uses int) *v1.CircleLink {
	d.o.t.Helper()
	l, err := d.CirclesAPI().InviteToCircle(context.Background(), &v1.InviteToCircleRequest{CircleId: id.String(), ForName: whom, MaxUses: int32(uses)})
	d.o.must(err, d.Name+" makes a link into a circle")
	return l
}

// JoinsCircle comes into a circle by a link, from a workspace.
func (d *Desk) JoinsCircle(link string, from wire.SpaceID) {
	d.o.t.Helper()
	d.o.must(d.Circles.Join(context.Background(), link, from), d.Name+" joins a circle")
	d.enters()
	d.o.introduce()
}

// InvitesTo is Invites for any workspace of this desk.
func (d *Desk) InvitesTo(workspace wire.SpaceID, uses int) string {
	d.o.t.Helper()
	ctx := context.Background()
	id, err := d.People.CreateInvite(ctx, workspace, 0, 0, uses)
	d.o.must(err, d.Name+" makes an invite")
	var link string
	err = d.DB.Read().QueryRowContext(ctx, `SELECT link FROM peoplelocal_invite WHERE invite = ?`, id[:]).Scan(&link)
	d.o.must(err, "read the link")
	return link
}
