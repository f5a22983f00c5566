package app

import (
	"context"
	"time"

	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/eventlog"
	"roundtable/backend/people"
	"roundtable/backend/wire"
)

// circleLinks gives circles what package people knows of links.
type circleLinks struct{ people *people.People }

var _ circles.Links = circleLinks{}

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

// openCircles builds circles.
func (c *core) openCircles(ctx context.Context) (err error) {
	c.circles, err = circles.Open(ctx, circles.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(),
		Name: c.people.Name, WorkspaceName: c.people.WorkspaceName, Links: circleLinks{c.people}, Places: c.chat, Rules: c.chat,
		Titled: chat.Titled, Tables: c.rings,
	})
	return err
}

// externals counts the people of a circle who are of no workspace of ours.
func (c *core) externals(circle wire.SpaceID) int {
	if c.circles == nil {
		return 0
	}
	return c.circles.Externals(circle)
}

// isExternal reports whether a person is of no workspace of ours.
func (c *core) isExternal(person wire.PersonID) bool {
	return c.circles != nil && c.circles.External(person)
}

// cameFrom is the workspace from which we came into a circle.
func (c *core) cameFrom(ctx context.Context, id wire.SpaceID) (wire.SpaceID, bool) {
	if c.chat == nil {
		return wire.SpaceID{}, false
	}
	return c.chat.ShownIn(ctx, id)
}

func (a *App) circlesPart() (*circles.Circles, error) {
	return part(a, func(c *core) *circles.Circles { return c.circles })
}
