package people

import (
	"context"
	"fmt"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// What the directory asks of this feature.

// Profiles are those of a whole workspace.
func (p *People) Profiles(ctx context.Context, workspace wire.SpaceID) (map[wire.PersonID]Profile, error) {
	return p.profiles(ctx, workspace)
}

// Member is how the door shows one member, present or past. Errors: errcode.NotFound.
func (p *People) Member(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) (*v1.Member, error) {
	return p.memberByID(ctx, workspace, person)
}

// Made is an invite that was made just now.
type Made struct {
	ID      wire.InviteID
	Link    string
	Expires int64 // Unix ms
}

// CreateInvites makes invites for one person each, a member, and announces them together. life is as in CreateInvite.
// Errors: errcode.InvalidArgument, errcode.Forbidden, errcode.NotFound, errcode.DiskFull.
func (p *People) CreateInvites(ctx context.Context, id wire.SpaceID, life time.Duration, count int) ([]Made, error) {
	if life == 0 {
		life = defaultInviteLife
	}
	if life < minInviteLife || life > wire.MaxInviteLife || count < 1 || count > wire.MaxInviteUses {
		return nil, errcode.InvalidArgument
	}
	l := inviteLink{
		Version: 1, Workspace: id, Expires: p.Clock.Now().Add(life).UnixMilli(), WorkspaceName: p.WorkspaceName(ctx, id),
		Inviter: p.Name(ctx, id, p.Me.Person), Device: p.Log.Self(), Addresses: p.Board.Addresses(), into: p.leadsInto(id),
	}
	if relays := p.Relays(ctx, id); len(relays) > 0 {
		l.Relays = relays[:min(len(relays), maxInviteRelays)]
	}
	out := make([]Made, count)
	ops := make([]space.Op, count)
	for i := range out {
		secret := key.NewSigningKey()
		l.Seed = secret.Seed()
		out[i] = Made{wire.InviteID(secret.Public()), l.text(), l.Expires}
		ops[i] = space.Op{Invite: &space.Invite{ID: out[i].ID, Role: space.Member, Expires: l.Expires, Uses: 1}}
	}
	// As in CreateInvite, links are kept first.
	err := p.DB.Write(ctx, func(tx *store.Tx) error {
		for _, m := range out {
			if _, err := tx.Exec(`INSERT INTO peoplelocal_invite VALUES(?, ?, ?)`, id[:], m.ID[:], m.Link); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep invites: %w", err)
	}
	if err := p.change(ctx, id, ops...); err != nil {
		return nil, err
	}
	p.Publish("invites")
	return out, nil
}
