package app

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"path/filepath"

	"roundtable/backend/api"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/chat"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/errcode"
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

// sealing is the office as contracts use it. A contract that lies in no workspace is served by all of ours.
type sealing struct{ c *core }

// SealFor implements contracts.Office.
func (s sealing) SealFor(ctx context.Context, of wire.SpaceID, sealID string) (out contracts.Usable, err error) {
	err = errcode.SealForbidden
	for _, workspace := range s.c.workspacesOf(of) {
		var u office.Usable
		if u, err = s.c.office.SealFor(ctx, workspace, sealID); err == nil {
			return contracts.Usable{ID: u.ID, Name: u.Name, KeyID: u.KeyID, Outlines: u.Outlines, Look: &u.Look}, nil
		}
	}
	return out, err
}

// SealHolders implements contracts.Office.
func (s sealing) SealHolders(ctx context.Context, of wire.SpaceID, sealID string) (name string, people []wire.PersonID, err error) {
	err = errcode.NotFound
	for _, workspace := range s.c.workspacesOf(of) {
		if name, people, err = s.c.office.Holders(ctx, workspace, sealID); err == nil {
			break
		}
	}
	return name, people, err
}

// SealUsed implements contracts.Office.
func (s sealing) SealUsed(ctx context.Context, of wire.SpaceID, u contracts.Use) (err error) {
	err = errcode.SealForbidden
	for _, workspace := range s.c.workspacesOf(of) {
		if err = s.c.office.RecordUse(ctx, workspace, office.Impression(u)); err == nil {
			break
		}
	}
	return err
}

// Lists implements contracts.Office.
func (s sealing) Lists(ctx context.Context, of wire.SpaceID) (out [][]byte, err error) {
	for _, workspace := range s.c.workspacesOf(of) {
		t, e := s.c.office.Trust(ctx, workspace)
		out, err = append(out, t.CRLs...), errors.Join(err, e)
	}
	return out, err
}

// personal draws a name seal of this person.
func (s sealing) personal(ctx context.Context, sealID string) (*pades.Look, error) {
	for _, workspace := range s.c.workspaces() {
		if l, err := s.c.office.PersonalSeal(ctx, workspace, sealID); err == nil {
			return &l, nil
		}
	}
	return nil, errcode.NotFound
}

// standing refuses a certificate that one of the workspaces took back, or whose time is over.
func (s sealing) standing(ctx context.Context, of wire.SpaceID, certificate *x509.Certificate) error {
	for _, workspace := range s.c.workspacesOf(of) {
		if err := s.c.office.Standing(ctx, workspace, certificate); err != nil {
			return err
		}
	}
	return nil
}

// officeServices are keys, authority and seals at the door.
func (a *App) officeServices() []api.Service {
	door := office.API{Get: func() (*office.Office, error) { return part(a, func(c *core) *office.Office { return c.office }) }}
	chats := chat.API{Get: func() (*chat.Chat, error) { return part(a, func(c *core) *chat.Chat { return c.chat }) }}
	return append(append(a.laterServices(), a.portraitServices()...),
		api.Serve[roundtablev1connect.ThreadServiceHandler](roundtablev1connect.NewThreadServiceHandler, chat.ThreadAPI{API: chats}),
		api.Serve[roundtablev1connect.NoticeServiceHandler](roundtablev1connect.NewNoticeServiceHandler, chat.NoticeAPI{API: chats}),
		api.Serve[roundtablev1connect.RecordServiceHandler](roundtablev1connect.NewRecordServiceHandler, chat.RecordAPI{API: chats}),
		api.Serve[roundtablev1connect.KeysServiceHandler](roundtablev1connect.NewKeysServiceHandler, door),
		api.Serve[roundtablev1connect.AuthorityServiceHandler](roundtablev1connect.NewAuthorityServiceHandler, door),
		api.Serve[roundtablev1connect.SealsServiceHandler](roundtablev1connect.NewSealsServiceHandler, door),
	)
}
