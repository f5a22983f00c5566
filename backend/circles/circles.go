package circles

import (
	"context"
	_ "embed"
	"log/slog"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// lookEvery is how often it is looked again whether something could not be said yet.
const lookEvery = 10 * time.Second

// Link leads into a circle.
type Link struct {
	ID            wire.InviteID
	Link          string // "" for one that another device made
	Expires       int64  // Unix ms
	Uses, MaxUses int
	Revoked       bool
	By            string   // name of who made it
	Relays        []string // "host:port"
}

// Links is what package people knows of spaces in no workspace and the ways into them.
type Links interface {
	// Beginning is what a space that lies in no workspace says first: its title, what we are called in a workspace, and its relays.
	Beginning(ctx context.Context, workspace wire.SpaceID, title string) []eventlog.Draft
	// Invite makes a link. Errors: errcode.InvalidArgument, errcode.Forbidden, errcode.DiskFull.
	Invite(ctx context.Context, circle wire.SpaceID, life time.Duration, uses int) (Link, error)
	// All lists the links into a circle, by ID.
	All(ctx context.Context, circle wire.SpaceID) []Link
	// Revoke ends one. Errors: errcode.Forbidden.
	Revoke(ctx context.Context, circle wire.SpaceID, invite wire.InviteID) error
	// Rename gives a circle another title. Errors: those of names, errcode.Forbidden.
	Rename(ctx context.Context, circle wire.SpaceID, title string) error
	// Read tells the circle that a link leads into. Errors: errcode.InviteGarbled, errcode.LinkForWorkspace.
	Read(text string) (wire.SpaceID, error)
	// Join uses a link, in the background. Errors: those of Read, errcode.InviteExpired, errcode.AlreadyMember, errcode.JoinInProgress.
	Join(text string) error
}

// Places tells in which workspace this device shows a conversation that lies in none.
type Places interface {
	Show(ctx context.Context, conversation, workspace wire.SpaceID) error
	ShownIn(ctx context.Context, conversation wire.SpaceID) (workspace wire.SpaceID, ok bool)
}

// Rules says what a conversation lets its members do.
type Rules interface {
	// MayAdd reports whether our person may let others in.
	MayAdd(ctx context.Context, conversation wire.SpaceID) bool
}

// Deps is everything this feature works with.
type Deps struct {
	Log     *eventlog.Log
	DB      *store.DB
	Clock   clock.Clock
	Slog    *slog.Logger
	Publish func(topics ...string)
	Me      space.Party
	// Name of a person in a space; WorkspaceName of a workspace of ours.
	Name          func(ctx context.Context, space wire.SpaceID, person wire.PersonID) string
	WorkspaceName func(ctx context.Context, workspace wire.SpaceID) string
	Links         Links
	Places        Places
	Rules         Rules
	// Titled says what a conversation is called, for the list of conversations.
	Titled func(title string) eventlog.Draft
	Tables *Projection
}

// Circles is the feature.
type Circles struct {
	Deps
	homes homes
}

// Open makes the feature.
func Open(ctx context.Context, d Deps) (*Circles, error) {
	if err := d.DB.Migrate(ctx, "circleslocal", localSchema); err != nil {
		return nil, err
	}
	return &Circles{Deps: d, homes: homes{at: -1}}, nil
}

// Run says where we come from in circles that we have come into, and finds a place for them, until ctx ends.
func (c *Circles) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		c.settle(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-c.Tables.changed:
		case <-tick.C:
		}
	}
}

// settle gives every circle of ours its place, and states from where we come there.
func (c *Circles) settle(ctx context.Context) {
	for _, id := range c.ours(space.Circle) {
		workspace, ok := c.place(ctx, id)
		if !ok {
			continue // it is shown once there is a workspace to show it in
		}
		called := c.WorkspaceName(ctx, workspace)
		said, err := c.origin(ctx, id, c.Me.Person)
		if err == nil && called != "" && called != said {
			_, err = c.Log.Append(ctx, id, eventlog.Draft{Kind: OriginStated, Body: originStated{Name: called}})
		}
		if err != nil && ctx.Err() == nil {
			c.Slog.Info("origin not stated yet", "circle", id.String(), "err", err)
		}
	}
}

// ours lists the spaces of a kind that we belong to.
func (c *Circles) ours(kind space.Kind) (out []wire.SpaceID) {
	for _, id := range c.Log.Spaces() {
		_ = c.Log.View(id, func(s *space.State) {
			if m, in := s.Member(c.Me.Person); in && m.Active && s.Kind == kind {
				out = append(out, id)
			}
		})
	}
	return out
}

// place is the workspace in which a circle is shown: the one that was chosen, else the one of ours that most of its
// people belong to.
func (c *Circles) place(ctx context.Context, id wire.SpaceID) (workspace wire.SpaceID, ok bool) {
	chosen, ok := c.Places.ShownIn(ctx, id)
	if ok && c.belongs(chosen) {
		return chosen, true
	}
	var people []wire.PersonID
	_ = c.Log.View(id, func(s *space.State) { people = present(s) })
	most := 0
	for _, candidate := range c.ours(space.Workspace) {
		n := 0
		_ = c.Log.View(candidate, func(s *space.State) {
			for _, p := range people {
				if m, in := s.Member(p); in && m.Active {
					n++
				}
			}
		})
		if n > most {
			most, workspace = n, candidate
		}
	}
	if most == 0 {
		return chosen, ok
	}
	if err := c.Places.Show(ctx, id, workspace); err != nil {
		c.Slog.Warn("keep where a circle is shown", "err", err)
		return workspace, false
	}
	c.Publish("chat", topic(id))
	return workspace, true
}

func (c *Circles) belongs(workspace wire.SpaceID) (in bool) {
	_ = c.Log.View(workspace, func(s *space.State) {
		m, known := s.Member(c.Me.Person)
		in = known && m.Active
	})
	return in
}

func present(s *space.State) (out []wire.PersonID) {
	for _, m := range s.Members() {
		if m.Active {
			out = append(out, m.Person)
		}
	}
	return out
}

// colleague gives a present member of a workspace of ours.
// Errors: errcode.NotFound, errcode.NotMember.
func (c *Circles) colleague(workspace wire.SpaceID, person wire.PersonID) (p space.Party, err error) {
	if !c.belongs(workspace) {
		return p, errcode.NotMember
	}
	err = errcode.NotFound
	_ = c.Log.View(workspace, func(s *space.State) {
		if m, in := s.Member(person); in && m.Active && s.Kind == space.Workspace {
			p, err = space.Party{Person: m.Person, Certificates: m.Certificates}, nil
		}
	})
	return p, err
}
