package app

import (
	"context"
	"time"

	"roundtable/backend/api"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/directory"
	"roundtable/backend/people"
	"roundtable/backend/wire"
)

// openDirectory builds the directory over people: profiles, invites, how a member is shown.
func (c *core) openDirectory() {
	c.directory = directory.Open(directory.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(), Opener: c.app.chain.Opener(),
		Name: c.people.Name, Member: c.people.Member, Profiles: profilesOf(c.people), Invite: invitesOf(c.people), Downloads: c.app.Downloads,
	})
}

func profilesOf(p *people.People) func(context.Context, wire.SpaceID) (map[wire.PersonID]directory.Profile, error) {
	return func(ctx context.Context, id wire.SpaceID) (map[wire.PersonID]directory.Profile, error) {
		all, err := p.Profiles(ctx, id)
		out := make(map[wire.PersonID]directory.Profile, len(all))
		for person, pr := range all {
			out[person] = directory.Profile(pr)
		}
		return out, err
	}
}

func invitesOf(p *people.People) func(context.Context, wire.SpaceID, time.Duration, int) ([]directory.Code, error) {
	return func(ctx context.Context, id wire.SpaceID, life time.Duration, count int) ([]directory.Code, error) {
		made, err := p.CreateInvites(ctx, id, life, count)
		out := make([]directory.Code, len(made))
		for i, m := range made {
			out[i] = directory.Code(m)
		}
		return out, err
	}
}

// memberService finds members for whoever picks some.
func (a *App) memberService() api.Service {
	return api.Serve[roundtablev1connect.MemberServiceHandler](roundtablev1connect.NewMemberServiceHandler, directory.MemberAPI{
		API: directory.API{Get: func() (*directory.Directory, error) {
			return part(a, func(c *core) *directory.Directory { return c.directory })
		}},
	})
}
