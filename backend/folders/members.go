package folders

import (
	"context"

	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// colleague finds a present member of a workspace of ours.
// Errors: errcode.NotFound, errcode.NotMember.
func (f *Folders) colleague(workspace wire.SpaceID, person wire.PersonID) (party space.Party, err error) {
	found, in := false, false
	viewed := f.Log.View(workspace, func(s *space.State) {
		m, ok := s.Member(f.Me.Person)
		in = ok && m.Active
		if m, ok := s.Member(person); ok && m.Active {
			party, found = space.Party{Person: person, Certificates: m.Certificates}, true
		}
	})
	switch {
	case viewed != nil || !found:
		return party, errcode.NotFound
	case !in:
		return party, errcode.NotMember
	}
	return party, nil
}

// SetMember lets somebody into a folder, or changes what they may.
// Errors: errcode.NotFound, errcode.Forbidden, errcode.LastOwner.
func (f *Folders) SetMember(ctx context.Context, id wire.SpaceID, person wire.PersonID, role space.Role) error {
	var m space.Membership
	var known bool
	var workspace wire.SpaceID
	if err := f.Log.View(id, func(s *space.State) {
		m, known = s.Member(person)
		workspace = s.Workspace
	}); err != nil {
		return errcode.NotFound
	}
	switch {
	case known && m.Active && m.Role == role:
		return nil
	case known && m.Active && m.Role == space.Owner:
		return errcode.LastOwner
	case known && m.Active && role > space.Guest:
		return f.Log.Change(ctx, id, space.Op{SetRole: &space.SetRole{Person: person, Role: role}})
	case known && m.Active:
		// Who wrote becomes a reader by leaving and coming back: the removal says how
		// far what they wrote counts.
		if err := f.Log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: person}}); err != nil {
			return err
		}
	}
	party, err := f.colleague(workspace, person)
	if err != nil {
		return err
	}
	add := space.Add{Party: party, Role: role}
	_ = f.Log.View(id, func(s *space.State) {
		if _, before := s.Member(person); before {
			add.Since = max(uint64(f.Clock.Now().UnixMilli()), s.Return(person))
		}
	})
	return f.Log.Change(ctx, id, space.Op{Add: &add})
}

// RemoveMember takes somebody out of a folder. Errors: errcode.Forbidden.
func (f *Folders) RemoveMember(ctx context.Context, id wire.SpaceID, person wire.PersonID) error {
	if !f.Log.Knows(id) {
		return errcode.NotFound
	}
	return f.Log.Change(ctx, id, space.Op{Remove: &space.Remove{Person: person}})
}

// role of this person in a folder.
func (f *Folders) role(id wire.SpaceID) (role space.Role, active bool) {
	_ = f.Log.View(id, func(s *space.State) {
		if m, ok := s.Member(f.Me.Person); ok {
			role, active = m.Role, m.Active
		}
	})
	return role, active
}

// tidy takes people who left a workspace out of its folders, where that is ours to
// do, whenever memberships change, until ctx ends.
func (f *Folders) tidy(ctx context.Context) {
	for _, id := range f.Log.Spaces() {
		f.tidyOne(ctx, id)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-f.changed:
			f.tidyOne(ctx, id)
			if k := f.keeper(id); k != nil {
				k.look.everywhere() // perhaps it is ours to say now
			}
		}
	}
}

// Departed is told that memberships of a workspace changed. It must not block.
func (f *Folders) Departed(wire.SpaceID) {
	for _, id := range f.Log.Spaces() {
		select {
		case f.changed <- id:
		default:
		}
	}
}

func (f *Folders) tidyOne(ctx context.Context, id wire.SpaceID) {
	var workspace wire.SpaceID
	var people []wire.PersonID
	_ = f.Log.View(id, func(s *space.State) {
		us, ok := s.Member(f.Me.Person)
		if s.Kind != space.Folder || !ok || !us.Active || us.Role < space.Admin {
			return
		}
		workspace = s.Workspace
		for _, m := range s.Members() {
			if m.Active && m.Person != f.Me.Person {
				people = append(people, m.Person)
			}
		}
	})
	var ops []space.Op
	_ = f.Log.View(workspace, func(s *space.State) {
		if m, ok := s.Member(f.Me.Person); !ok || !m.Active {
			return
		}
		for _, p := range people {
			if m, ok := s.Member(p); ok && !m.Active {
				ops = append(ops, space.Op{Remove: &space.Remove{Person: p}})
			}
		}
	})
	if len(ops) == 0 {
		return
	}
	if err := f.Log.Change(ctx, id, ops...); err != nil && ctx.Err() == nil {
		f.Slog.Warn("take out of folder who left the workspace", "err", err)
	}
}
