package circles

import (
	"context"
	"errors"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Begin makes a circle with people of a workspace of ours, of which this person is the owner; operations follow them.
// Errors: those of names, errcode.NotMember, errcode.NotFound (a person), errcode.DiskFull.
func (c *Circles) Begin(ctx context.Context, workspace wire.SpaceID, title string, people []wire.PersonID, ops ...space.Op) (wire.SpaceID, error) {
	title, err := name.Check(title, wire.MaxName)
	if err != nil {
		return wire.SpaceID{}, err
	}
	var adds []space.Add
	for _, person := range people {
		if person == c.Me.Person {
			continue
		}
		party, err := c.colleague(workspace, person)
		if err != nil {
			return wire.SpaceID{}, err
		}
		adds = append(adds, space.Add{Party: party, Role: space.Member})
	}
	if !c.belongs(workspace) {
		return wire.SpaceID{}, errcode.NotMember
	}
	create := space.Create{Kind: space.Circle, Nonce: [16]byte(wire.Random(16)), Parties: []space.Party{c.Me}}
	// The place is kept first: a circle is not to be looked for.
	id := create.NewID(c.Log.Self())
	if err := c.Places.Show(ctx, id, workspace); err != nil {
		return id, err
	}
	drafts := append(c.Links.Beginning(ctx, workspace, title), c.Titled(title))
	if called := c.WorkspaceName(ctx, workspace); called != "" {
		drafts = append(drafts, eventlog.Draft{Kind: OriginStated, Body: originStated{Name: called}})
	}
	id, err = c.Log.CreateWith(ctx, create, adds, ops, drafts...)
	if err == nil {
		c.Publish("chat")
	}
	return id, err
}

// Add lets people of a workspace of ours in: of the one in which the circle is shown here.
// Errors: errcode.NotFound, errcode.NotMember, errcode.Forbidden, errcode.DiskFull.
func (c *Circles) Add(ctx context.Context, id wire.SpaceID, people []wire.PersonID) error {
	if err := c.isCircle(id); err != nil {
		return err
	}
	if !c.Rules.MayAdd(ctx, id) {
		return errcode.Forbidden
	}
	workspace, ok := c.Places.ShownIn(ctx, id)
	if !ok {
		return errcode.NotFound
	}
	var ops []space.Op
	for _, person := range people {
		party, err := c.colleague(workspace, person)
		if err != nil {
			return err
		}
		a := space.Add{Party: party, Role: space.Member}
		in := false
		_ = c.Log.View(id, func(s *space.State) {
			m, before := s.Member(person)
			if in = before && m.Active; before && !in {
				a.Since = max(uint64(c.Clock.Now().UnixMilli()), s.Return(person))
			}
		})
		if !in {
			ops = append(ops, space.Op{Add: &a})
		}
	}
	if len(ops) == 0 {
		return nil
	}
	return c.Log.Change(ctx, id, ops...)
}

// Remove ends somebody's membership; what is written from then on is sealed with a key that they do not get.
// Errors: errcode.Forbidden, errcode.NotFound, errcode.NotMember.
func (c *Circles) Remove(ctx context.Context, id wire.SpaceID, person wire.PersonID) error {
	if err := c.isCircle(id); err != nil {
		return err
	}
	return c.Log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: person}})
}

// Leave ends our own. Whoever writes next begins an epoch that we get no key of.
func (c *Circles) Leave(ctx context.Context, id wire.SpaceID) error {
	return c.Remove(ctx, id, c.Me.Person)
}

// Rename gives a circle another title. Errors: those of names, errcode.Forbidden, errcode.NotFound, errcode.NotMember.
func (c *Circles) Rename(ctx context.Context, id wire.SpaceID, title string) error {
	if err := c.isCircle(id); err != nil {
		return err
	}
	title, err := name.Check(title, wire.MaxName)
	if err != nil {
		return err
	}
	if err := c.Links.Rename(ctx, id, title); err != nil {
		return err
	}
	_, err = c.Log.Append(ctx, id, c.Titled(title))
	return err
}

// Invite makes a link into a circle. For somebody by name it is good for one person.
// Errors: those of names, errcode.InvalidArgument, errcode.Forbidden, errcode.NotFound, errcode.DiskFull.
func (c *Circles) Invite(ctx context.Context, id wire.SpaceID, whom string, life time.Duration, uses int) (Link, error) {
	if err := c.isCircle(id); err != nil {
		return Link{}, err
	}
	if !c.Rules.MayAdd(ctx, id) {
		return Link{}, errcode.Forbidden
	}
	if whom != "" {
		var err error
		if whom, err = name.Check(whom, wire.MaxName); err != nil {
			return Link{}, err
		}
		uses = 1
	}
	l, err := c.Links.Invite(ctx, id, life, uses)
	if err != nil || whom == "" {
		return l, err
	}
	return l, c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO circleslocal_invite VALUES(?, ?, ?)`, id[:], l.ID[:], whom)
		return err
	})
}

// Revoke ends a link. Errors: errcode.Forbidden, errcode.NotFound.
func (c *Circles) Revoke(ctx context.Context, id wire.SpaceID, invite wire.InviteID) error {
	if err := c.isCircle(id); err != nil {
		return err
	}
	return c.Links.Revoke(ctx, id, invite)
}

// Join uses a link into a circle, as one who comes from a workspace of ours: its name is what the others are told, and there
// the circle is shown. How far it has come package people tells.
// Errors: errcode.InviteGarbled, errcode.LinkForWorkspace, errcode.InviteExpired, errcode.AlreadyMember, errcode.JoinInProgress, errcode.NotMember.
func (c *Circles) Join(ctx context.Context, text string, workspace wire.SpaceID) error {
	id, err := c.Links.Read(text)
	if err != nil {
		return err
	}
	if !c.belongs(workspace) {
		return errcode.NotMember
	}
	// Before the link is used: our name there is the one that we have in this workspace.
	if err := c.Places.Show(ctx, id, workspace); err != nil {
		return err
	}
	return c.Links.Join(text)
}

func (c *Circles) isCircle(id wire.SpaceID) error {
	is := false
	err := c.Log.View(id, func(s *space.State) { is = s.Kind == space.Circle })
	if errors.Is(err, eventlog.ErrUnknownSpace) || err == nil && !is {
		return errcode.NotFound
	}
	return err
}
