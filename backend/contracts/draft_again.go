package contracts

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/errcode"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// draftAgain makes a draft with the document, the parties and the fields of a contract. The document is as it was before the
// fields were placed. Errors: those of version and draftOf.
func (c *Contracts) draftAgain(ctx context.Context, id wire.SpaceID, now *v1.Contract) (*v1.ContractDraft, error) {
	path, err := c.version(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	size, err := bare(path, now.Fields)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, diskError(err)
	}
	defer f.Close()
	copied, err := os.CreateTemp(c.Folder, "sending-*.pdf")
	if err != nil {
		return nil, diskError(err)
	}
	defer os.Remove(copied.Name())
	_, err = io.Copy(copied, io.LimitReader(f, size))
	if err := errors.Join(err, copied.Sync(), copied.Close()); err != nil {
		return nil, diskError(err)
	}
	d := &v1.ContractDraft{
		WorkspaceId: now.WorkspaceId, Title: clip(now.Title, maxTitle), Message: now.Message, Parties: now.Parties, Fields: now.Fields,
		RemindDays: now.RemindDays, Tags: now.Tags,
	}
	if d.WorkspaceId == "" {
		d.WorkspaceId = c.workspaceFor(d.Parties)
	}
	for _, p := range d.Parties {
		p.External = p.External || p.PersonId == "" || c.stranger(d.WorkspaceId, p.PersonId)
		if p.External {
			p.PersonId = "" // a link of the new contract is for whom it is given to
		}
	}
	return c.draftOf(ctx, d, copied.Name(), now.DocumentName)
}

// workspaceFor gives a workspace of ours for a contract that lay in none: the one that most of its parties belong to. "" if there is none.
func (c *Contracts) workspaceFor(parties []*v1.Party) (best string) {
	most := -1
	for _, id := range c.Log.Spaces() {
		ours := false
		_ = c.Log.View(id, func(s *space.State) {
			m, in := s.Member(c.Me.Person)
			ours = s.Kind == space.Workspace && in && m.Active
		})
		if !ours {
			continue
		}
		count := 0
		for _, p := range parties {
			if !c.stranger(id.String(), p.PersonId) {
				count++
			}
		}
		if count > most {
			best, most = id.String(), count
		}
	}
	return best
}

// stranger reports whether somebody does not belong to a workspace.
func (c *Contracts) stranger(workspace, person string) bool {
	id, err := wire.ParseSpaceID(workspace)
	who, e := wire.ParsePersonID(person)
	if err != nil || e != nil {
		return true
	}
	_, in := c.PartyOf(id, who)
	return !in
}

// maxRevisions bounds the versions that are looked at within a file.
const maxRevisions = 64

// bare gives how many bytes of a file are its latest version without any of some fields: what is behind was
// appended when it was sent.
func bare(path string, fields []*v1.ContractField) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, diskError(err)
	}
	if len(fields) == 0 {
		return int64(len(data)), nil
	}
	mark := []byte("%%EOF")
	end := len(data)
	for range maxRevisions {
		if clean, err := without(data[:end], fields); err == nil && clean {
			return int64(end), nil
		}
		at := bytes.LastIndex(data[:end], mark)
		if at < 0 {
			break
		}
		if next := at + len(mark); next < end {
			end = next
			continue
		}
		if at = bytes.LastIndex(data[:at], mark); at < 0 {
			break
		}
		end = at + len(mark)
	}
	return 0, errcode.PDFDamaged
}

// without says whether a version has none of some fields.
func without(data []byte, fields []*v1.ContractField) (bool, error) {
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false, err
	}
	if f.Rebuilt {
		return false, pdf.ErrDamaged
	}
	names, err := form.Names(f)
	if err != nil {
		return false, err
	}
	for _, one := range fields {
		if names[one.Id] {
			return false, nil
		}
	}
	return true, nil
}
