package contracts

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"roundtable/backend/api/files"
	"roundtable/backend/blob"
	"roundtable/backend/contracts/flow"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// OpenDocument serves package files. Errors: errcode.NotFound, errcode.InvalidArgument, errcode.UploadIncomplete, those of version.
func (a API) OpenDocument(ctx context.Context, path []string) (files.File, error) {
	c, err := a.Get()
	if err != nil {
		return files.File{}, err
	}
	switch {
	case path[0] == "uploads" && len(path) == 2:
		u, at, err := c.uploaded(ctx, path[1])
		if err != nil {
			return files.File{}, err
		}
		return openFile(u.Name, at)
	case path[0] == "drafts" && len(path) == 2:
		name, f, err := c.draftDocument(ctx, path[1])
		if err != nil {
			return files.File{}, err
		}
		return files.File{Name: name, Media: mediaPDF, Content: f}, nil
	case path[0] == "contracts":
		_, id, err := a.contract(path[1])
		if err != nil {
			return files.File{}, err
		}
		return c.openOf(ctx, id, path[2:])
	}
	return files.File{}, errcode.NotFound
}

const mediaPDF = "application/pdf"

// openFile gives a file of this device; as a PDF if it begins like one.
func openFile(name, path string) (files.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return files.File{}, diskError(err)
	}
	out := files.File{Name: name, Content: f}
	var head [1024]byte
	n, err := f.ReadAt(head[:], 0)
	if n == 0 && err != nil {
		return files.File{}, errors.Join(err, f.Close())
	}
	if strings.Contains(string(head[:n]), "%PDF-") {
		out.Media = mediaPDF
	}
	return out, nil
}

// openOf gives a document of a contract.
func (c *Contracts) openOf(ctx context.Context, id wire.SpaceID, rest []string) (files.File, error) {
	x, err := c.contract(ctx, id)
	if err == nil && x.local.deleted {
		err = errcode.NotFound
	}
	if err != nil {
		return files.File{}, err
	}
	version, suffix := -1, ""
	switch {
	case len(rest) == 0:
		if len(x.Versions) > 1 {
			suffix = "-signed"
		}
	case rest[0] == "original" && len(rest) == 1:
		version = 0
	case rest[0] == "evidence" && len(rest) == 1:
		if c.documents.evidence == nil {
			return files.File{}, errcode.NotFound
		}
		name, path, err := c.documents.evidence(ctx, id)
		if err != nil {
			return files.File{}, err
		}
		return openFile(name, path)
	case rest[0] == "files" && len(rest) == 2:
		return c.openAttached(ctx, x, rest[1])
	default:
		return files.File{}, errcode.NotFound
	}
	path, err := c.versionOf(ctx, x, version)
	if err != nil {
		return files.File{}, err
	}
	kind := filepath.Ext(x.Sent.Document.Name)
	return openFile(strings.TrimSuffix(x.Sent.Document.Name, kind)+suffix+".pdf", path)
}

// openAttached gives what a party attached in a field. Errors: errcode.NotFound, errcode.DocumentAbsent, errcode.DocumentDamaged, errcode.AccessCodeWrong.
func (c *Contracts) openAttached(ctx context.Context, x *contract, field string) (files.File, error) {
	for _, p := range x.Parties {
		if p.Consent == nil {
			continue
		}
		for _, f := range p.Consent.Files {
			if at := x.field(f.Field); f.Field != field || at == nil || at.Party != p.ID || at.Type != flow.Attachment {
				continue
			}
			file, err := x.fileOf(f.Blob, f.Size)
			if err != nil {
				return files.File{}, err
			}
			author, err := c.authorOf(ctx, p.ConsentID)
			if err != nil {
				return files.File{}, err
			}
			if err := c.awaitFile(ctx, x, named{file, author}); err != nil {
				return files.File{}, err
			}
			if err := c.sameBytes(ctx, file, f); err != nil {
				return files.File{}, err
			}
			return files.File{Name: f.Name, Content: blob.NewReader(ctx, c.Pieces, file)}, nil
		}
	}
	return files.File{}, errcode.NotFound
}

// authorOf gives the device that an event is of.
func (c *Contracts) authorOf(ctx context.Context, event wire.EventID) (device wire.DeviceID, err error) {
	var raw []byte
	err = c.DB.Read().QueryRowContext(ctx, `SELECT device FROM contracts_event WHERE id = ?`, event[:]).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(raw) != len(device) {
		return device, errcode.NotFound
	}
	if err != nil {
		return device, store.Classify(err)
	}
	return wire.DeviceID(raw), nil
}
