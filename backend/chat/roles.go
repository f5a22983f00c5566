package chat

import (
	"cmp"
	"context"
	"slices"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Who may do what in a group:
//
//	owner, admin   everything; admins change and remove nobody above them. They manage it.
//	member         writes, pins, adds people, changes name, topic and picture, where the rules say nothing else
//
// Machines of old and new alike decide who belongs (package space); rules are judged in
// the tables (rules.go). Only that managers alone add people is for the screen to keep:
// the machine lets every member add, and everybody sees who did.

// standingIn is our membership of a group, and somebody else's.
func (c *Chat) standingIn(id wire.SpaceID, person wire.PersonID) (us, them space.Membership, err error) {
	if _, err := c.group(id); err != nil {
		return us, them, err
	}
	_ = c.Log.View(id, func(s *space.State) {
		us, _ = s.Member(c.Me.Person)
		them, _ = s.Member(person)
	})
	switch {
	case !us.Active:
		return us, them, errcode.NotMember
	case !them.Active:
		return us, them, errcode.NotFound
	}
	return us, them, nil
}

// SetRole makes a member of a group an admin, or an admin a member.
// Errors: errcode.Forbidden, errcode.LastOwner, errcode.InvalidArgument, errcode.NotMember, errcode.NotFound.
func (c *Chat) SetRole(ctx context.Context, id wire.SpaceID, person wire.PersonID, role space.Role) error {
	us, them, err := c.standingIn(id, person)
	switch {
	case err != nil:
		return err
	case role != space.Member && role != space.Admin:
		return errcode.InvalidArgument
	case them.Role == space.Owner && us.Role == space.Owner:
		return errcode.LastOwner
	case !maySetRole(us, them):
		return errcode.Forbidden
	case them.Role == role:
		return nil
	}
	return c.Log.Change(ctx, id, space.Op{SetRole: &space.SetRole{Person: person, Role: role}})
}

func maySetRole(us, them space.Membership) bool {
	return us.Active && us.Role >= space.Admin && them.Role <= us.Role && them.Role != space.Owner
}

// Transfer makes somebody else the owner of a group; we stay as an admin.
// Errors: errcode.Forbidden, errcode.NotMember, errcode.NotFound.
func (c *Chat) Transfer(ctx context.Context, id wire.SpaceID, person wire.PersonID) error {
	us, _, err := c.standingIn(id, person)
	switch {
	case err != nil:
		return err
	case us.Role != space.Owner:
		return errcode.Forbidden
	case person == c.Me.Person:
		return nil
	}
	return c.Log.Change(ctx, id, space.Op{SetRole: &space.SetRole{Person: person, Role: space.Owner}},
		space.Op{SetRole: &space.SetRole{Person: c.Me.Person, Role: space.Admin}})
}

// RemoveFromGroup ends somebody's membership. What is written from then on is sealed
// with a key that they do not get. Errors: errcode.Forbidden, errcode.NotMember, errcode.NotFound.
func (c *Chat) RemoveFromGroup(ctx context.Context, id wire.SpaceID, person wire.PersonID) error {
	us, them, err := c.standingIn(id, person)
	switch {
	case err != nil:
		return err
	case person == c.Me.Person || !mayRemove(us, them):
		return errcode.Forbidden
	}
	return c.Log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: person}})
}

func mayRemove(us, them space.Membership) bool {
	return us.Active && us.Person != them.Person && us.Role >= space.Admin && them.Role <= us.Role
}

// Leave ends our membership of a group. An owner may say who follows; where nobody is
// named the most senior member of the highest role does. What is here stays here.
// Errors: errcode.Forbidden, errcode.NotMember, errcode.NotFound.
func (c *Chat) Leave(ctx context.Context, id wire.SpaceID, heir wire.PersonID) error {
	us, _, err := c.standingIn(id, c.Me.Person)
	if err != nil {
		return err
	}
	var ops []space.Op
	if !heir.IsZero() {
		switch _, them, err := c.standingIn(id, heir); {
		case err != nil:
			return err
		case us.Role != space.Owner || heir == c.Me.Person:
			return errcode.Forbidden
		case them.Role != space.Owner:
			ops = append(ops, space.Op{SetRole: &space.SetRole{Person: heir, Role: space.Owner}})
		}
	}
	if err := c.keep(ctx, id, func(_ *store.Tx, _ conversation, k *kept) error { k.gone = true; return nil }); err != nil {
		return err
	}
	return c.Log.Change(ctx, id, append(ops, space.Op{Remove: &space.Remove{Person: c.Me.Person}})...)
}

// MayAdd reports whether we may let people into a group or a circle.
func (c *Chat) MayAdd(ctx context.Context, id wire.SpaceID) bool {
	k := c.kind(id)
	return (k == space.Group || k == space.Circle) && c.open(id) && c.mayAll(ctx, id, func(r rules) bool { return r.Add == 0 })
}

var rolesOut = map[space.Role]v1.Role{space.Guest: v1.Role_ROLE_GUEST, space.Member: v1.Role_ROLE_MEMBER, space.Admin: v1.Role_ROLE_ADMIN, space.Owner: v1.Role_ROLE_OWNER}

// groupMembers lists who is in a group: the highest roles first, then by when they came.
func (c *Chat) groupMembers(ctx context.Context, id wire.SpaceID) (*v1.GroupMembersResponse, error) {
	workspace, err := c.group(id)
	if err != nil {
		return nil, err
	}
	var all []space.Membership
	var us space.Membership
	_ = c.Log.View(id, func(s *space.State) {
		all = slices.DeleteFunc(s.Members(), func(m space.Membership) bool { return !m.Active })
		us, _ = s.Member(c.Me.Person)
	})
	slices.SortStableFunc(all, func(a, b space.Membership) int {
		return cmp.Or(cmp.Compare(b.Role, a.Role), cmp.Compare(a.Joined, b.Joined))
	})
	out := &v1.GroupMembersResponse{}
	for _, m := range all {
		out.Members = append(out.Members, &v1.GroupMember{
			PersonId: m.Person.String(), PersonName: c.Name(ctx, workspace, m.Person), Role: rolesOut[m.Role], JoinedUnixMs: m.Joined.UnixMilli(),
			IsMe: m.Person == c.Me.Person, CanSetRole: maySetRole(us, m) && m.Person != us.Person, CanRemove: mayRemove(us, m),
		})
	}
	return out, nil
}

// rightsOut adds what we may do in a conversation, and what it is about.
func (c *Chat) rightsOut(ctx context.Context, v conversation, r rules, out *v1.Conversation) (err error) {
	now := c.Clock.Now().UnixMilli()
	out.Kept, out.Noticed = v.keptOut(now), int32(v.noticed(now))
	out.MayPost = out.CanWrite
	kind := space.Kind(v.kind)
	var us space.Membership
	_ = c.Log.View(v.id, func(s *space.State) { us, _ = s.Member(c.Me.Person) })
	if !hasRules(kind) {
		return nil
	}
	if out.Topic, out.Picture, err = c.faceIn(ctx, v); err != nil {
		return err
	}
	manages, group := us.Active && us.Role >= space.Admin, kind == space.Group
	out.Rules = r.out()
	if us.Active {
		out.MyRole = rolesOut[us.Role]
	}
	may := func(kept uint8) bool { return out.CanWrite && (manages || kept == 0) }
	out.MayPost = may(r.Post)
	out.MayReply = out.MayPost || out.CanWrite && r.Reply == 1
	out.MayDescribe, out.CanManage = group && may(r.Describe), (group || kind == space.Circle) && may(r.Add)
	out.MayMentionAll = out.CanWrite && (manages || r.Mention == 1)
	return nil
}
