package people

import (
	"context"
	"slices"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// OpenMeeting begins the space of a meeting with guests, of which this person is the owner. It gets
// the relays of the workspace from which people come, so that guests find the same ones, and what else is
// to be written at its beginning. Errors: those of names, errcode.DiskFull.
func (p *People) OpenMeeting(ctx context.Context, workspace wire.SpaceID, title string, with []space.Add, more ...eventlog.Draft) (wire.SpaceID, error) {
	c := space.Create{Kind: space.Meeting, Nonce: [16]byte(wire.Random(16)), Parties: []space.Party{p.Me}}
	return p.Log.Create(ctx, c, with, append(p.Beginning(ctx, workspace, title), more...)...)
}

// Beginning is what a space that lies in no workspace says first: its title, what our person is called in a workspace, and
// that workspace's relays, so that who comes from outside finds the same ones.
func (p *People) Beginning(ctx context.Context, workspace wire.SpaceID, title string) []eventlog.Draft {
	drafts := []eventlog.Draft{
		draft(WorkspaceNamed, workspaceNamed{Name: title}),
		draft(ProfileSet, Profile{Name: p.Name(ctx, workspace, p.Me.Person)}),
	}
	if relays := p.Relays(ctx, workspace); len(relays) > 0 {
		drafts = append(drafts, draft(RelaysSet, relaysSet{Relays: relays}))
	}
	return drafts
}

func (p *People) kindOf(id wire.SpaceID) (kind space.Kind) {
	_ = p.Log.View(id, func(s *space.State) { kind = s.Kind })
	return kind
}

func (p *People) leadsInto(id wire.SpaceID) leads {
	switch p.kindOf(id) {
	case space.Meeting:
		return intoMeeting
	case space.Between:
		return intoContract
	case space.Circle:
		return intoCircle
	}
	return intoWorkspace
}

// nameIn is what our person is called in a space in which it has not said so yet: beside
// workspaces what colleagues know it by, those of the workspace from which it comes first.
func (p *People) nameIn(ctx context.Context, id wire.SpaceID) string {
	if p.leadsInto(id) != intoWorkspace {
		all := p.belong(isWorkspace)
		if p.From != nil {
			if from, ok := p.From(ctx, id); ok && slices.Contains(all, from) {
				all = append([]wire.SpaceID{from}, all...)
			}
		}
		for _, workspace := range all {
			if pr, said := p.profile(ctx, workspace, p.Me.Person); said {
				return pr.Name
			}
		}
	}
	return p.MyName()
}

// Guest is a link for guests of a meeting.
type Guest struct {
	ID            wire.InviteID
	Link          string // "" for one that another device made
	Expires       int64  // Unix ms
	Uses, MaxUses int
	Revoked       bool
	By            string
	Relays        []string // "host:port"
}

// InviteGuests makes a link into a meeting. life is 1 minute to wire.MaxInviteLife.
// Errors: errcode.InvalidArgument, errcode.Forbidden, errcode.NotFound, errcode.DiskFull.
func (p *People) InviteGuests(ctx context.Context, meeting wire.SpaceID, life time.Duration, uses int) (Guest, error) {
	if p.kindOf(meeting) != space.Meeting {
		return Guest{}, errcode.NotFound
	}
	return p.inviteBeside(ctx, meeting, space.Guest, life, uses)
}

// InviteToContract makes a link for one person into a contract with people from outside. Errors: as InviteGuests.
func (p *People) InviteToContract(ctx context.Context, contract wire.SpaceID, life time.Duration) (Guest, error) {
	if p.kindOf(contract) != space.Between {
		return Guest{}, errcode.NotFound
	}
	return p.inviteBeside(ctx, contract, space.Member, life, 1)
}

// InviteToCircle makes a link into a circle, for so many people. Errors: as InviteGuests.
func (p *People) InviteToCircle(ctx context.Context, circle wire.SpaceID, life time.Duration, uses int) (Guest, error) {
	if p.kindOf(circle) != space.Circle {
		return Guest{}, errcode.NotFound
	}
	return p.inviteBeside(ctx, circle, space.Member, life, uses)
}

// CircleOf reads which circle a link leads into. Errors: errcode.InviteGarbled, errcode.LinkForWorkspace.
func CircleOf(text string) (wire.SpaceID, error) {
	l, err := parseLink(text)
	if err == nil && l.into != intoCircle {
		err = errcode.LinkForWorkspace
	}
	return l.Workspace, err
}

func (p *People) inviteBeside(ctx context.Context, meeting wire.SpaceID, role space.Role, life time.Duration, uses int) (Guest, error) {
	id, err := p.CreateInvite(ctx, meeting, role, life, uses)
	if err != nil {
		return Guest{}, err
	}
	for _, g := range p.GuestLinks(ctx, meeting) {
		if g.ID == id {
			return g, nil
		}
	}
	return Guest{}, errcode.NotFound
}

// GuestLinks lists the links into a meeting, a contract or a circle, by ID.
func (p *People) GuestLinks(ctx context.Context, meeting wire.SpaceID) (out []Guest) {
	var all []space.Invitation
	_ = p.Log.View(meeting, func(s *space.State) { all = s.Invitations() })
	links := p.linksOf(ctx, meeting)
	for _, i := range all {
		out = append(out, Guest{ID: i.ID, Link: links[i.ID], Expires: i.Expires, Uses: int(i.Used), MaxUses: int(i.Uses), Revoked: i.Revoked,
			By: p.Name(ctx, meeting, i.By), Relays: hostsOf(links[i.ID])})
	}
	return out
}

// GuestPreview is what a link for guests says of itself. Nobody vouches for it before the link was used.
type GuestPreview struct {
	Meeting        wire.SpaceID
	Title, Inviter string
	Expires        int64    // Unix ms
	Relays         []string // "host:port"
}

// ReadGuestLink reads a link without using it; it needs no profile.
// Errors: errcode.InviteGarbled, errcode.LinkForWorkspace, errcode.InviteExpired.
func ReadGuestLink(text string, now time.Time) (GuestPreview, error) {
	l, err := parseGuest(text)
	if err == nil && now.UnixMilli() > l.Expires {
		err = errcode.InviteExpired
	}
	return GuestPreview{l.Workspace, l.WorkspaceName, l.Inviter, l.Expires, l.hosts()}, err
}

// JoinMeeting uses a link for guests at whoever of the meeting can be reached; CurrentJoin tells how
// far it has come. Errors: those of ReadGuestLink, errcode.JoinInProgress, errcode.AlreadyMember.
func (p *People) JoinMeeting(text string) error {
	l, err := parseGuest(text)
	if err != nil {
		return err
	}
	return p.joinBy(l)
}
