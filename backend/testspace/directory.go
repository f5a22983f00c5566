package testspace

import (
	"context"
	"time"

	"roundtable/backend/directory"
	"roundtable/backend/wire"
)

// openDirectory wires the directory as the app does.
func (d *Desk) openDirectory() {
	d.Directory = directory.Open(directory.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: d.journal.logger(), Publish: d.publish, Me: d.Party, Opener: d.Seal,
		Name: d.People.Name, Member: d.People.Member,
		Profiles: func(ctx context.Context, id wire.SpaceID) (map[wire.PersonID]directory.Profile, error) {
			all, err := d.People.Profiles(ctx, id)
			out := map[wire.PersonID]directory.Profile{}
			for person, pr := range all {
				out[person] = directory.Profile(pr)
			}
			return out, err
		},
		Invite: func(ctx context.Context, id wire.SpaceID, life time.Duration, count int) ([]directory.Code, error) {
			made, err := d.People.CreateInvites(ctx, id, life, count)
			var out []directory.Code
			for _, m := range made {
				out = append(out, directory.Code(m))
			}
			return out, err
		},
	})
}

// Door is the directory's door at this desk.
func (d *Desk) Door() directory.API {
	return directory.API{Get: func() (*directory.Directory, error) { return d.Directory, nil }}
}
