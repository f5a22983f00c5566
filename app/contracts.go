package app

import (
	"context"
	"path/filepath"

	"roundtable/backend/contracts"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// DocumentFolder holds the documents of contracts, beside the database.
const DocumentFolder = "documents"

// openContracts builds contracts.
func (c *core) openContracts(ctx context.Context) error {
	var err error
	c.witnessed, err = witnessed.Open(ctx, witnessed.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Opener: c.app.chain.Opener(), Tables: c.witnesses,
	})
	if err != nil {
		return err
	}
	c.contracts, err = contracts.Open(ctx, contracts.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(), Name: c.people.Name,
		AtRelay: c.relaying.AtRelay, PartyOf: c.partyOf,
		Pieces: c.attachments.pieces, Blobs: c.attachments.blobs, Folder: filepath.Join(c.app.Profile, DocumentFolder),
		Fonts: glyph.System(), Tables: c.signings, Evidence: c.witnessed, Keys: c.office, Office: sealing{c.office},
	})
	if err != nil {
		return err
	}
	c.contracts.TrustedFrom(c.office.TrustAll)
	return nil
}

// partyOf gives a member of a workspace with its devices.
func (c *core) partyOf(workspace wire.SpaceID, person wire.PersonID) (p space.Party, ok bool) {
	_ = c.log.View(workspace, func(s *space.State) {
		if m, in := s.Member(person); in && m.Active {
			p, ok = space.Party{Person: m.Person, Certificates: m.Certificates}, true
		}
	})
	return p, ok
}

func (a *App) contractsPart() (*contracts.Contracts, error) {
	return part(a, func(c *core) *contracts.Contracts { return c.contracts })
}
