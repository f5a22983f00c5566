package app

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"roundtable/backend/chat"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/folders"
	"roundtable/backend/people"
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
		Fonts: glyph.System(), Tables: c.signings, Evidence: c.witnessed, Keys: c.office, Office: sealing{c},
		Standing: sealing{c}.standing, PersonalSeal: sealing{c}.personal, Outside: outside{c.people},
		Reachable: c.reachable, Attachment: c.attachment, FolderFile: c.folderFile,
	})
	if err != nil {
		return err
	}
	c.contracts.TrustedFrom(c.office.TrustAll)
	c.contracts.TrustedIn(func(ctx context.Context, workspace wire.SpaceID) (verify.Trust, error) {
		t, err := c.office.Trust(ctx, workspace)
		return verify.Trust{Roots: t.Roots, CRLs: t.CRLs, Seals: t.Seals}, err
	})
	return nil
}

// attachment opens what was attached to a message, for contracts.
func (c *core) attachment(ctx context.Context, conversation, message string, index int) (string, int64, io.ReadSeeker, error) {
	f, err := chat.API{Get: func() (*chat.Chat, error) { return c.chat, nil }}.OpenFile(ctx, conversation, message, index)
	if err != nil {
		return "", 0, nil, err
	}
	size, err := f.Content.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Content.Seek(0, io.SeekStart)
	}
	return f.Name, size, f.Content, err
}

// folderFile opens a file of a shared folder as it is now, for contracts.
func (c *core) folderFile(ctx context.Context, folder, path string) (string, int64, io.ReadCloser, error) {
	const now = "-"
	f, err := folders.API{Get: func() (*folders.Folders, error) { return c.folders, nil }}.OpenFile(ctx, folder, now, path)
	if err != nil {
		return "", 0, nil, err
	}
	content := io.NopCloser(f.Content)
	if closer, is := f.Content.(io.ReadCloser); is {
		content = closer
	}
	size, err := f.Content.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Content.Seek(0, io.SeekStart)
	}
	if err != nil {
		return "", 0, nil, errors.Join(err, content.Close())
	}
	return f.Name, size, content, nil
}

// partyOf gives a member of a workspace with its devices; for a contract that lies in none, a member of any of ours.
func (c *core) partyOf(of wire.SpaceID, person wire.PersonID) (p space.Party, ok bool) {
	for _, workspace := range c.workspacesOf(of) {
		_ = c.log.View(workspace, func(s *space.State) {
			if m, in := s.Member(person); in && m.Active && !ok {
				p, ok = space.Party{Person: m.Person, Certificates: m.Certificates}, true
			}
		})
	}
	return p, ok
}

// workspacesOf are those that a contract concerns here: its own, or all that we belong to when it lies in none.
func (c *core) workspacesOf(id wire.SpaceID) []wire.SpaceID {
	between := false
	_ = c.log.View(id, func(s *space.State) { between = s.Kind == space.Between })
	if !between {
		return []wire.SpaceID{id}
	}
	return c.workspaces()
}

// workspaces are those that we belong to.
func (c *core) workspaces() (out []wire.SpaceID) {
	for _, workspace := range c.log.Spaces() {
		_ = c.log.View(workspace, func(s *space.State) {
			if _, in := s.MemberOf(c.log.Self()); in && s.Kind == space.Workspace {
				out = append(out, workspace)
			}
		})
	}
	return out
}

// outside lets parties from outside into contracts by what package people knows of links.
type outside struct{ *people.People }

// Invite implements contracts.Outside.
func (o outside) Invite(ctx context.Context, contract wire.SpaceID, life time.Duration) (link string, id wire.InviteID, expires int64, err error) {
	g, err := o.InviteToContract(ctx, contract, life)
	return g.Link, g.ID, g.Expires, err
}

func (a *App) contractsPart() (*contracts.Contracts, error) {
	return part(a, func(c *core) *contracts.Contracts { return c.contracts })
}
