package circles

import (
	"context"
	"database/sql"
	"errors"

	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Person of a circle.
type Person struct {
	space.Membership
	Name string
	// Workspace that it comes from. Of a colleague, proven; of an external, what it says itself, "" while it has said nothing.
	Workspace string
	External  bool
}

// Circle as the screen shows it.
type Circle struct {
	ID        wire.SpaceID
	Workspace wire.SpaceID // in which it is shown here
	People    []Person     // who is in it now, by ID
	Externals int
	Us        space.Membership
	Links     []Link
	// Whom links of this device are for.
	For map[wire.InviteID]string
}

// Circle reads one. Errors: errcode.NotFound.
func (c *Circles) Circle(ctx context.Context, id wire.SpaceID) (Circle, error) {
	if err := c.isCircle(id); err != nil {
		return Circle{}, err
	}
	out := Circle{ID: id, Links: c.Links.All(ctx, id)}
	out.Workspace, _ = c.Places.ShownIn(ctx, id)
	var all []space.Membership
	_ = c.Log.View(id, func(s *space.State) {
		all = s.Members()
		out.Us, _ = s.Member(c.Me.Person)
	})
	for _, m := range all {
		if !m.Active {
			continue
		}
		p, err := c.person(ctx, id, m)
		if err != nil {
			return out, err
		}
		if p.External {
			out.Externals++
		}
		out.People = append(out.People, p)
	}
	var err error
	out.For, err = c.whom(ctx, id)
	return out, err
}

// person of a circle. A colleague comes from the workspace that we share, whatever it says.
func (c *Circles) person(ctx context.Context, id wire.SpaceID, m space.Membership) (p Person, err error) {
	p = Person{Membership: m, Name: c.Name(ctx, id, m.Person)}
	home, colleague := c.home(m.Person)
	if p.External = !colleague; colleague {
		p.Workspace = c.WorkspaceName(ctx, home)
		return p, nil
	}
	p.Workspace, err = c.origin(ctx, id, m.Person)
	return p, err
}

// Externals counts the people of a circle who are of no workspace of ours.
func (c *Circles) Externals(id wire.SpaceID) (n int) {
	var people []wire.PersonID
	_ = c.Log.View(id, func(s *space.State) { people = present(s) })
	for _, p := range people {
		if c.External(p) {
			n++
		}
	}
	return n
}

// origin is what a person says of where it comes from; "" when it has said nothing.
func (c *Circles) origin(ctx context.Context, id wire.SpaceID, person wire.PersonID) (called string, err error) {
	err = c.DB.Read().QueryRowContext(ctx, `SELECT name FROM circles_origin WHERE space = ? AND person = ?`, id[:], person[:]).Scan(&called)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return called, store.Classify(err)
}

// whom tells for whom links of this device were made.
func (c *Circles) whom(ctx context.Context, id wire.SpaceID) (map[wire.InviteID]string, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT invite, name FROM circleslocal_invite WHERE space = ?`, id[:])
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.InviteID]string{}
	for rows.Next() {
		var raw []byte
		var called string
		if err := rows.Scan(&raw, &called); err != nil {
			return nil, store.Classify(err)
		}
		if len(raw) == len(wire.InviteID{}) {
			out[wire.InviteID(raw)] = called
		}
	}
	return out, store.Classify(rows.Err())
}
