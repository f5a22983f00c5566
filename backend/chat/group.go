package chat

import (
	"context"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// OpenDirect gives the conversation of two, made when there is none.
func (c *Chat) OpenDirect(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) (wire.SpaceID, error) {
	party, err := c.colleague(workspace, person)
	if err != nil {
		return wire.SpaceID{}, err
	}
	if person == c.Me.Person {
		return wire.SpaceID{}, errcode.InvalidArgument
	}
	id, err := c.Log.Create(ctx, space.Create{Kind: space.Direct, Workspace: workspace, Parties: []space.Party{c.Me, party}}, nil)
	if err != nil {
		return id, err
	}
	return id, c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO chatlocal_opened VALUES(?)`, id[:])
		return err
	})
}

// colleague finds a present member of a workspace of ours.
func (c *Chat) colleague(workspace wire.SpaceID, person wire.PersonID) (space.Party, error) {
	var party space.Party
	found, in := false, false
	err := c.Log.View(workspace, func(s *space.State) {
		if m, ok := s.Member(c.Me.Person); ok {
			in = m.Active
		}
		if m, ok := s.Member(person); ok && m.Active {
			party, found = space.Party{Person: person, Certificates: m.Certificates}, true
		}
	})
	switch {
	case err != nil || !found:
		return party, errcode.NotFound
	case !in:
		return party, errcode.NotMember
	}
	return party, nil
}

// NewGroup is what a group begins with.
type NewGroup struct {
	Name, Topic string
	Rules       rules
	People      []wire.PersonID
	// FromJoining: who comes later sees nothing of what was written before.
	FromJoining bool
}

// CreateGroup begins a group with people of a workspace.
func (c *Chat) CreateGroup(ctx context.Context, workspace wire.SpaceID, title string, people []wire.PersonID) (wire.SpaceID, error) {
	return c.CreateGroupWith(ctx, workspace, NewGroup{Name: title, People: people})
}

// CreateGroupWith begins a group whose rules hold from its first message on.
// Errors: errcode.NameEmpty, errcode.NameTooLong (max), errcode.NameInvalid, errcode.FieldTooLong (max), errcode.NotFound.
func (c *Chat) CreateGroupWith(ctx context.Context, workspace wire.SpaceID, g NewGroup) (wire.SpaceID, error) {
	title, err := name.Check(g.Name, wire.MaxName)
	if err != nil {
		return wire.SpaceID{}, err
	}
	subject, err := checkTopic(g.Topic)
	if err != nil {
		return wire.SpaceID{}, err
	}
	adds, err := c.adds(workspace, g.People)
	if err != nil {
		return wire.SpaceID{}, err
	}
	drafts := []eventlog.Draft{{Kind: GroupNamed, Body: groupNamed{Name: title}}}
	if subject != "" {
		drafts = append(drafts, eventlog.Draft{Kind: GroupDescribed, Body: groupDescribed{Topic: subject}})
	}
	if g.Rules != (rules{}) {
		drafts = append(drafts, eventlog.Draft{Kind: GroupRuled, Body: g.Rules})
	}
	create := space.Create{Kind: space.Group, Workspace: workspace, Nonce: [16]byte(wire.Random(16)), Parties: []space.Party{c.Me}}
	var ops []space.Op
	if g.FromJoining {
		ops = append(ops, space.Op{History: &space.History{Mode: space.HistoryFromJoining}})
	}
	return c.Log.CreateWith(ctx, create, adds, ops, drafts...)
}

func (c *Chat) adds(workspace wire.SpaceID, people []wire.PersonID) ([]space.Add, error) {
	var out []space.Add
	for _, person := range people {
		if person == c.Me.Person {
			continue
		}
		party, err := c.colleague(workspace, person)
		if err != nil {
			return nil, err
		}
		out = append(out, space.Add{Party: party, Role: space.Member})
	}
	return out, nil
}

// AddToGroup lets more people of the workspace in. Errors: errcode.Forbidden, errcode.NotFound.
func (c *Chat) AddToGroup(ctx context.Context, id wire.SpaceID, people []wire.PersonID) error {
	workspace, err := c.group(id)
	if err != nil {
		return err
	}
	if !c.MayAdd(ctx, id) {
		return errcode.Forbidden
	}
	adds, err := c.adds(workspace, people)
	if err != nil {
		return err
	}
	var ops []space.Op
	_ = c.Log.View(id, func(s *space.State) {
		for _, a := range adds {
			m, before := s.Member(a.Party.Person)
			if before && m.Active {
				continue
			}
			if before {
				a.Since = max(uint64(c.Clock.Now().UnixMilli()), s.Return(m.Person))
			}
			ops = append(ops, space.Op{Add: &a})
		}
	})
	if len(ops) == 0 {
		return nil
	}
	return c.Log.Change(ctx, id, ops...)
}

// group gives the workspace of a group.
func (c *Chat) group(id wire.SpaceID) (wire.SpaceID, error) {
	var kind space.Kind
	var workspace wire.SpaceID
	if err := c.Log.View(id, func(s *space.State) { kind, workspace = s.Kind, s.Workspace }); err != nil {
		return workspace, errcode.NotFound
	}
	if kind != space.Group {
		return workspace, errcode.InvalidArgument
	}
	return workspace, nil
}

// RenameGroup gives a group another name.
// Errors: errcode.NameEmpty, errcode.NameTooLong (max), errcode.NameInvalid, errcode.Forbidden, errcode.NotFound.
func (c *Chat) RenameGroup(ctx context.Context, id wire.SpaceID, title string) error {
	title, err := name.Check(title, wire.MaxName)
	if err != nil {
		return err
	}
	return c.say(ctx, id, GroupNamed, groupNamed{Name: title})
}

// Title is what a conversation is called: a group's name, the other person's; "" for everyone's.
func (c *Chat) Title(ctx context.Context, id wire.SpaceID) string {
	v, err := c.conversation(ctx, id)
	if err != nil {
		return ""
	}
	if v.kind == kindDirect {
		return c.Name(ctx, v.workspace, v.other)
	}
	return v.name
}

// LeaveGroup ends our membership of a group.
func (c *Chat) LeaveGroup(ctx context.Context, id wire.SpaceID) error {
	return c.Leave(ctx, id, wire.PersonID{})
}
