package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/name"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	defaultInviteLife = 7 * 24 * time.Hour
	minInviteLife     = time.Minute
)

// CreateWorkspace begins a workspace with this person as its owner.
func (p *People) CreateWorkspace(ctx context.Context, title string) (wire.SpaceID, error) {
	title, err := name.Check(title, wire.MaxName)
	if err != nil {
		return wire.SpaceID{}, err
	}
	c := space.Create{Kind: space.Workspace, Nonce: [16]byte(wire.Random(16)), Parties: []space.Party{p.Me}}
	return p.Log.Create(ctx, c, nil, draft(WorkspaceNamed, workspaceNamed{Name: title}), draft(ProfileSet, Profile{Name: p.MyName()}))
}

// RenameWorkspace gives it another name. Admins and above.
func (p *People) RenameWorkspace(ctx context.Context, id wire.SpaceID, title string) error {
	title, err := name.Check(title, wire.MaxName)
	if err != nil {
		return err
	}
	if err := p.need(id, space.Admin); err != nil {
		return err
	}
	_, err = p.Log.Append(ctx, id, draft(WorkspaceNamed, workspaceNamed{Name: title}))
	return err
}

// need asks for a role of ours.
func (p *People) need(id wire.SpaceID, least space.Role) error {
	var role space.Role
	err := p.Log.View(id, func(s *space.State) {
		if m, ok := s.Member(p.Me.Person); ok && m.Active {
			role = m.Role
		}
	})
	switch {
	case errors.Is(err, eventlog.ErrUnknownSpace):
		return errcode.NotFound
	case role == 0:
		return errcode.NotMember
	case role < least:
		return errcode.Forbidden
	}
	return err
}

// lastOwner reports whether a person is the only owner among several members.
func (p *People) lastOwner(id wire.SpaceID, person wire.PersonID) bool {
	owners, active, is := 0, 0, false
	_ = p.Log.View(id, func(s *space.State) {
		for _, m := range s.Members() {
			if !m.Active {
				continue
			}
			active++
			if m.Role == space.Owner {
				owners++
				is = is || m.Person == person
			}
		}
	})
	return is && owners == 1 && active > 1
}

// SetProfile replaces one's own profile.
func (p *People) SetProfile(ctx context.Context, id wire.SpaceID, change func(*Profile)) error {
	pr, said := p.profile(ctx, id, p.Me.Person)
	if !said {
		pr = Profile{Name: p.MyName()}
	}
	change(&pr)
	var err error
	if pr.Name, err = name.Check(pr.Name, wire.MaxName); err != nil {
		return err
	}
	for _, field := range []*string{&pr.Title, &pr.Department, &pr.Phone, &pr.Email} {
		clean, err := name.Check(*field, wire.MaxProfileField)
		switch {
		case errors.Is(err, errcode.NameEmpty):
			clean = ""
		case errors.Is(err, errcode.NameTooLong):
			return errcode.Of(errcode.FieldTooLong, "max", wire.MaxProfileField)
		case err != nil:
			return err
		}
		*field = clean
	}
	_, err = p.Log.Append(ctx, id, draft(ProfileSet, pr))
	return err
}

// SetRole changes somebody's role.
func (p *People) SetRole(ctx context.Context, id wire.SpaceID, person wire.PersonID, role space.Role) error {
	if role < space.Owner && p.lastOwner(id, person) {
		return errcode.LastOwner
	}
	return p.change(ctx, id, space.Op{SetRole: &space.SetRole{Person: person, Role: role}})
}

// Remove ends somebody's membership, or one's own.
func (p *People) Remove(ctx context.Context, id wire.SpaceID, person wire.PersonID) error {
	if p.lastOwner(id, person) {
		return errcode.LastOwner
	}
	return p.change(ctx, id, space.Op{Remove: &space.Remove{Person: person}})
}

func (p *People) change(ctx context.Context, id wire.SpaceID, ops ...space.Op) error {
	err := p.Log.Change(ctx, id, ops...)
	if errors.Is(err, eventlog.ErrUnknownSpace) {
		return errcode.NotFound
	}
	return err
}

// since is where the feeds of somebody who comes in have to begin: for who was
// here before, later than any that was cut.
func (p *People) since(id wire.SpaceID, person wire.PersonID) uint64 {
	var out uint64
	_ = p.Log.View(id, func(s *space.State) {
		if _, before := s.Member(person); before {
			out = max(uint64(p.Clock.Now().UnixMilli()), s.Return(person))
		}
	})
	return out
}

// admit lets a person in on our own authority.
func (p *People) admit(ctx context.Context, id wire.SpaceID, party space.Party, role space.Role) error {
	return p.change(ctx, id, space.Op{Add: &space.Add{Party: party, Role: role, Since: p.since(id, party.Person)}})
}

// CreateInvite makes a one-time key, announces its public half and gives the link.
func (p *People) CreateInvite(ctx context.Context, id wire.SpaceID, role space.Role, life time.Duration, uses int) (wire.InviteID, error) {
	if role == 0 {
		role = space.Member
	}
	if life == 0 {
		life = defaultInviteLife
	}
	if uses == 0 {
		uses = 1
	}
	if life < minInviteLife || life > wire.MaxInviteLife || uses < 1 || uses > wire.MaxInviteUses {
		return wire.InviteID{}, errcode.InvalidArgument
	}
	secret := key.NewSigningKey()
	invite := space.Invite{ID: wire.InviteID(secret.Public()), Role: role, Expires: p.Clock.Now().Add(life).UnixMilli(), Uses: uint32(uses)}
	l := inviteLink{
		Version: 1, Workspace: id, Seed: secret.Seed(), Expires: invite.Expires, WorkspaceName: p.WorkspaceName(ctx, id),
		Inviter: p.Name(ctx, id, p.Me.Person), Device: p.Log.Self(), Addresses: p.Board.Addresses(), into: p.leadsInto(id),
	}
	if relays := p.Relays(ctx, id); len(relays) > 0 {
		l.Relays = relays[:min(len(relays), maxInviteRelays)]
	}
	// The link is kept first: an announced invite without it would be of no use to anybody.
	text := l.text()
	err := p.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO peoplelocal_invite VALUES(?, ?, ?)`, id[:], invite.ID[:], text)
		return err
	})
	if err != nil {
		return invite.ID, fmt.Errorf("keep invite: %w", err)
	}
	return invite.ID, p.change(ctx, id, space.Op{Invite: &invite})
}

// RevokeInvite ends an invite.
func (p *People) RevokeInvite(ctx context.Context, id wire.SpaceID, invite wire.InviteID) error {
	return p.change(ctx, id, space.Op{Revoke: &space.Revoke{ID: invite}})
}
