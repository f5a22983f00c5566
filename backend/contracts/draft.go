package contracts

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// maxDrafts bounds the drafts of this device.
const maxDrafts = 1000

func (c *Contracts) draftPath(id string) string { return filepath.Join(c.Folder, "drafts", id+".pdf") }

// createDraft makes a draft of an upload, which it uses up. Errors: those of openPaper, errcode.NotFound, errcode.UploadIncomplete,
// errcode.RequestLimit, errcode.InvalidArgument, errcode.DiskFull.
func (c *Contracts) createDraft(ctx context.Context, r *v1.CreateDraftRequest) (*v1.ContractDraft, error) {
	u, path, err := c.uploaded(ctx, r.UploadId)
	if err != nil {
		return nil, err
	}
	title := strings.TrimSpace(r.Title)
	if title == "" {
		title = strings.TrimSuffix(u.Name, filepath.Ext(u.Name))
	}
	d := &v1.ContractDraft{WorkspaceId: r.WorkspaceId, Title: clip(title, maxTitle), Parties: r.Parties, Fields: r.Fields}
	if d, err = c.draftOf(ctx, d, path, u.Name); err != nil {
		return nil, err
	}
	return d, c.dropUpload(ctx, u.ID)
}

// draftOf makes a draft with a copy of a document. What it says besides must be valid.
func (c *Contracts) draftOf(ctx context.Context, d *v1.ContractDraft, path, name string) (*v1.ContractDraft, error) {
	workspace, err := wire.ParseSpaceID(d.WorkspaceId)
	if err != nil {
		return nil, errcode.With(errcode.InvalidArgument, err)
	}
	i, err := inspect(path)
	if err != nil {
		return nil, err
	}
	if err := cleanDraft(d); err != nil {
		return nil, err
	}
	d.Id = "drf_" + hex.EncodeToString(wire.Random(10))
	d.DocumentName, d.Pages, d.Size, d.Sha256 = name, int32(len(i.pages)), i.size, hex.EncodeToString(i.sha256[:])
	d.ChangedUnixMs = c.Clock.Now().UnixMilli()
	body, err := proto.Marshal(d)
	if err != nil {
		return nil, err
	}
	if err := stand(path, c.draftPath(d.Id)); err != nil {
		return nil, err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		var count int
		if err := tx.QueryRow(`SELECT count(*) FROM contractslocal_draft`).Scan(&count); err != nil {
			return err
		}
		if count >= maxDrafts {
			return errcode.RequestLimit
		}
		_, err := tx.Exec(`INSERT INTO contractslocal_draft VALUES(?, ?, ?, ?)`, d.Id, workspace[:], d.ChangedUnixMs, body)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, remove(c.draftPath(d.Id)))
	}
	c.Publish("contracts")
	d.Problems = c.problems(d, i)
	return d, nil
}

// draft reads one, with what is missing in it. Errors: errcode.NotFound, those of openPaper.
func (c *Contracts) draft(ctx context.Context, id string) (*v1.ContractDraft, error) {
	d, err := c.storedDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	i, err := glance(c.draftPath(d.Id))
	if err != nil {
		return nil, err
	}
	d.Problems = c.problems(d, i)
	return d, nil
}

func (c *Contracts) storedDraft(ctx context.Context, id string) (*v1.ContractDraft, error) {
	var body []byte
	err := c.DB.Read().QueryRowContext(ctx, `SELECT body FROM contractslocal_draft WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errcode.NotFound
	}
	if err != nil {
		return nil, store.Classify(err)
	}
	d := &v1.ContractDraft{}
	return d, proto.Unmarshal(body, d)
}

// drafts lists those of a workspace, of all when it is zero, the latest first; what is missing in them is not looked for.
func (c *Contracts) drafts(ctx context.Context, workspace wire.SpaceID) (out []*v1.ContractDraft, err error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT body FROM contractslocal_draft WHERE workspace = ? OR ? ORDER BY changed DESC`, workspace[:], workspace.IsZero())
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, store.Classify(err)
		}
		d := &v1.ContractDraft{}
		if err := proto.Unmarshal(body, d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, store.Classify(rows.Err())
}

// saveDraft takes what a person may say of a draft; its document stays. Errors: errcode.NotFound, errcode.InvalidArgument, errcode.DiskFull.
func (c *Contracts) saveDraft(ctx context.Context, said *v1.ContractDraft) (*v1.ContractDraft, error) {
	now, err := c.storedDraft(ctx, said.Id)
	if err != nil {
		return nil, err
	}
	d := proto.CloneOf(said)
	d.WorkspaceId, d.DocumentName, d.Pages, d.Size, d.Sha256 = now.WorkspaceId, now.DocumentName, now.Pages, now.Size, now.Sha256
	d.Problems, d.ChangedUnixMs = nil, c.Clock.Now().UnixMilli()
	if err := cleanDraft(d); err != nil {
		return nil, err
	}
	body, err := proto.Marshal(d)
	if err != nil {
		return nil, err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		res, err := tx.Exec(`UPDATE contractslocal_draft SET changed = ?, body = ? WHERE id = ?`, d.ChangedUnixMs, body, d.Id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errcode.NotFound) // sent or deleted meanwhile
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.Publish("contracts")
	i, err := glance(c.draftPath(d.Id))
	if err != nil {
		return nil, err
	}
	d.Problems = c.problems(d, i)
	return d, nil
}

// deleteDraft takes a draft and its document away. One that is gone is no error.
func (c *Contracts) deleteDraft(ctx context.Context, id string) error {
	d, err := c.storedDraft(ctx, id)
	if errors.Is(err, errcode.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM contractslocal_draft WHERE id = ?`, d.Id)
		return err
	})
	if err != nil {
		return err
	}
	c.Publish("contracts")
	return remove(c.draftPath(d.Id))
}

// draftDocument opens the document of a draft.
func (c *Contracts) draftDocument(ctx context.Context, id string) (name string, f *os.File, err error) {
	d, err := c.storedDraft(ctx, id)
	if err != nil {
		return "", nil, err
	}
	f, err = os.Open(c.draftPath(d.Id))
	return d.DocumentName, f, diskError(err)
}
