package app

import (
	"context"
	"io"
	"path/filepath"

	"roundtable/backend/api"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/wire"
)

// SignersFolder holds the keys that this person signs documents with, beside the database.
const SignersFolder = "signers"

// openOffice builds what contracts need of keys, authority and seals: it comes before them.
func (c *core) openOffice(ctx context.Context) error {
	keys, err := signers.Open(filepath.Join(c.app.Profile, SignersFolder), c.app.Keychain, c.app.Log)
	if err != nil {
		return err
	}
	c.office, err = office.Open(ctx, office.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(), Opener: c.app.chain.Opener(),
		Name: c.people.Name, Signers: keys, Ring: c.app.Keychain, Folder: c.app.Profile, Fonts: glyph.System(), Upload: c.uploaded, Tables: c.offices,
	})
	return err
}

// uploaded reads what was brought in, and a byte more than wanted if it is larger.
func (c *core) uploaded(ctx context.Context, id string, most int64) ([]byte, error) {
	f, err := contracts.API{Get: func() (*contracts.Contracts, error) { return c.contracts, nil }}.OpenDocument(ctx, []string{"uploads", id})
	if err != nil {
		return nil, err
	}
	if closer, is := f.Content.(io.Closer); is {
		defer closer.Close()
	}
	return io.ReadAll(io.LimitReader(f.Content, most+1))
}

// sealing is the office as contracts use it.
type sealing struct{ *office.Office }

// SealFor implements contracts.Office.
func (s sealing) SealFor(ctx context.Context, workspace wire.SpaceID, sealID string) (contracts.Usable, error) {
	u, err := s.Office.SealFor(ctx, workspace, sealID)
	return contracts.Usable{ID: u.ID, Name: u.Name, KeyID: u.KeyID, Outlines: u.Outlines, Look: &u.Look}, err
}

// SealHolders implements contracts.Office.
func (s sealing) SealHolders(ctx context.Context, workspace wire.SpaceID, sealID string) (string, []wire.PersonID, error) {
	return s.Holders(ctx, workspace, sealID)
}

// SealUsed implements contracts.Office.
func (s sealing) SealUsed(ctx context.Context, workspace wire.SpaceID, u contracts.Use) error {
	return s.RecordUse(ctx, workspace, office.Impression(u))
}

// Lists implements contracts.Office.
func (s sealing) Lists(ctx context.Context, workspace wire.SpaceID) ([][]byte, error) {
	t, err := s.Trust(ctx, workspace)
	return t.CRLs, err
}

// officeServices are keys, authority and seals at the door.
func (a *App) officeServices() []api.Service {
	door := office.API{Get: func() (*office.Office, error) { return part(a, func(c *core) *office.Office { return c.office }) }}
	return []api.Service{
		api.Serve[roundtablev1connect.KeysServiceHandler](roundtablev1connect.NewKeysServiceHandler, door),
		api.Serve[roundtablev1connect.AuthorityServiceHandler](roundtablev1connect.NewAuthorityServiceHandler, door),
		api.Serve[roundtablev1connect.SealsServiceHandler](roundtablev1connect.NewSealsServiceHandler, door),
	}
}
