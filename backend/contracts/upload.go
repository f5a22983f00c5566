package contracts

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	// MaxDocument bounds a document in bytes.
	MaxDocument = 200 << 20
	// maxPart bounds one part of it.
	maxPart = 1 << 20
	// maxUploads bounds those that nobody used yet.
	maxUploads = 200
	// uploadLife is how long an upload waits for its use.
	uploadLife = 24 * time.Hour
	// maxFileName bounds names of files, in characters.
	maxFileName = 200
)

// Upload is a document that was brought in.
type Upload struct {
	ID, Name       string
	Size, Received int64
}

// Whole reports whether all of it is on disk.
func (u Upload) Whole() bool { return u.Received == u.Size }

func (c *Contracts) uploadPath(id string) string { return filepath.Join(c.Folder, "uploads", id) }

// fileName is the clean form of what a file is called: the last part of a path.
func fileName(text string) (string, error) {
	clean, err := name.Check(path.Base(strings.ReplaceAll(text, `\`, "/")), maxFileName)
	switch {
	case err != nil:
		return "", err
	case clean == "." || clean == ".." || clean == "/":
		return "", errcode.NameInvalid
	}
	return clean, nil
}

// beginUpload makes room for a document. Errors: those of names, errcode.DocumentTooLarge (max), errcode.InvalidArgument,
// errcode.RequestLimit, errcode.DiskFull.
func (c *Contracts) beginUpload(ctx context.Context, text string, size int64) (Upload, error) {
	clean, err := fileName(text)
	switch {
	case err != nil:
		return Upload{}, err
	case size <= 0:
		return Upload{}, errcode.InvalidArgument
	case size > MaxDocument:
		return Upload{}, errcode.Of(errcode.DocumentTooLarge, "max", MaxDocument>>20)
	}
	u := Upload{ID: "upl_" + hex.EncodeToString(wire.Random(10)), Name: clean, Size: size}
	if err := c.keepUpload(ctx, u); err != nil {
		return Upload{}, err
	}
	return u, nil
}

func (c *Contracts) keepUpload(ctx context.Context, u Upload) error {
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		var count int
		if err := tx.QueryRow(`SELECT count(*) FROM contractslocal_upload`).Scan(&count); err != nil {
			return err
		}
		if count >= maxUploads {
			return errcode.RequestLimit
		}
		_, err := tx.Exec(`INSERT INTO contractslocal_upload VALUES(?, ?, ?, ?, ?)`, u.ID, u.Name, u.Size, u.Received, c.Clock.Now().UnixMilli())
		return err
	})
}

// putUpload takes the next part; it is on disk afterwards. One that was taken already is answered again.
// Errors: errcode.NotFound, errcode.InvalidArgument, errcode.DiskFull.
func (c *Contracts) putUpload(ctx context.Context, id string, offset int64, data []byte) (Upload, error) {
	c.documents.uploading.Lock()
	defer c.documents.uploading.Unlock()
	u, err := c.upload(ctx, id)
	if err != nil {
		return u, err
	}
	end := offset + int64(len(data))
	switch {
	case offset < 0 || len(data) == 0 || len(data) > maxPart || end > u.Size || offset > u.Received:
		return u, errcode.InvalidArgument
	case end <= u.Received:
		return u, nil
	}
	f, err := os.OpenFile(c.uploadPath(u.ID), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return u, diskError(err)
	}
	_, err = f.WriteAt(data, offset)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return u, diskError(err)
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE contractslocal_upload SET received = ? WHERE id = ?`, end, u.ID)
		return err
	})
	if err == nil {
		u.Received = end
	}
	return u, err
}

// upload gives what is known of one. Errors: errcode.NotFound.
func (c *Contracts) upload(ctx context.Context, id string) (u Upload, err error) {
	err = c.DB.Read().QueryRowContext(ctx, `SELECT id, name, size, received FROM contractslocal_upload WHERE id = ?`, id).
		Scan(&u.ID, &u.Name, &u.Size, &u.Received)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errcode.NotFound
	}
	return u, store.Classify(err)
}

// uploaded gives one of which everything is here, and where it lies. It stays until dropUpload.
// Errors: errcode.NotFound, errcode.UploadIncomplete.
func (c *Contracts) uploaded(ctx context.Context, id string) (u Upload, path string, err error) {
	if u, err = c.upload(ctx, id); err != nil {
		return u, "", err
	}
	if !u.Whole() {
		return u, "", errcode.UploadIncomplete
	}
	return u, c.uploadPath(u.ID), nil
}

// takeUpload makes an upload of bytes that are at hand. Errors: as beginUpload.
func (c *Contracts) takeUpload(ctx context.Context, text string, size int64, r io.Reader) (Upload, error) {
	clean, err := fileName(text)
	switch {
	case err != nil:
		return Upload{}, err
	case size > MaxDocument:
		return Upload{}, errcode.Of(errcode.DocumentTooLarge, "max", MaxDocument>>20)
	}
	u := Upload{ID: "upl_" + hex.EncodeToString(wire.Random(10)), Name: clean}
	to := c.uploadPath(u.ID)
	if err := writeFile(to, io.LimitReader(interrupted{ctx, r}, MaxDocument+1)); err != nil {
		return Upload{}, err
	}
	info, err := os.Stat(to)
	switch {
	case err != nil:
	case info.Size() > MaxDocument:
		err = errcode.Of(errcode.DocumentTooLarge, "max", MaxDocument>>20)
	case info.Size() == 0:
		err = errcode.InvalidArgument
	default:
		u.Size, u.Received = info.Size(), info.Size()
		err = c.keepUpload(ctx, u)
	}
	if err != nil {
		return Upload{}, errors.Join(err, remove(to))
	}
	return u, nil
}

// interrupted reads until a context ends.
type interrupted struct {
	ctx context.Context
	r   io.Reader
}

func (i interrupted) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// dropUpload takes an upload away.
func (c *Contracts) dropUpload(ctx context.Context, id string) error {
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM contractslocal_upload WHERE id = ?`, id)
		return err
	})
	if err != nil {
		return err
	}
	return remove(c.uploadPath(id))
}

// keptIDs drops what waited too long, and gives the IDs of all uploads and drafts.
func (c *Contracts) keptIDs(ctx context.Context) (map[string]bool, error) {
	before := c.Clock.Now().Add(-uploadLife).UnixMilli()
	if err := c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM contractslocal_upload WHERE at < ?`, before)
		return err
	}); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT id FROM contractslocal_upload UNION SELECT id FROM contractslocal_draft`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, store.Classify(err)
		}
		known[id] = true
	}
	return known, store.Classify(rows.Err())
}
