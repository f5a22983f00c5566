package chat

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local_upload.sql
var uploadSchema string

const (
	// maxUploads bounds the files of one conversation that are uploaded and not sent.
	maxUploads = 2 * MaxAttachments
	// uploadLife is how long an upload waits for its message.
	uploadLife = 7 * 24 * time.Hour
)

// Upload is a file on its way from the screen into a message.
type Upload struct {
	ID     string
	Space  wire.SpaceID
	Name   string
	Media  string
	Width  int64
	Height int64
	At     time.Time

	mu      sync.Mutex // held while a part is taken
	writer  *blob.Writer
	file    *blob.File // once whole
	ended   bool       // sent or cancelled
	written uint64     // guarded by uploads.mu
	whole   bool       // as well
	later   bool       // as well: a scheduled message has it
}

// uploads are those not sent yet; what is on disk of them is in tables.
type uploads struct {
	mu  sync.Mutex
	all map[string]*Upload
}

// open takes up what was uploaded before the last end.
func (u *uploads) open(ctx context.Context, db *store.DB) error {
	u.all = map[string]*Upload{}
	rows, err := db.Read().QueryContext(ctx, `SELECT id, space, name, media, width, height, size, key, file, at FROM chatlocal_upload`)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		x := &Upload{writer: &blob.Writer{}}
		var space, file []byte
		var at, size int64
		if err := rows.Scan(&x.ID, &space, &x.Name, &x.Media, &x.Width, &x.Height, &size, &x.writer.Key, &file, &at); err != nil {
			return store.Classify(err)
		}
		if len(space) != len(x.Space) {
			continue
		}
		x.Space, x.At, x.writer.Size = wire.SpaceID(space), time.UnixMilli(at), uint64(size)
		if f, err := blob.DecodeFile(file); err == nil && len(file) > 0 {
			x.file, x.whole = &f, true
		}
		u.all[x.ID] = x
	}
	if err := rows.Err(); err != nil {
		return store.Classify(err)
	}
	for _, x := range u.all {
		if x.writer.Done, err = donePieces(ctx, db, x.ID); err != nil {
			return err
		}
		x.written = x.writer.Written()
	}
	return nil
}

func donePieces(ctx context.Context, db *store.DB, id string) (out []byte, err error) {
	rows, err := db.Read().QueryContext(ctx, `SELECT hash FROM chatlocal_upload_piece WHERE upload = ? ORDER BY n`, id)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var h []byte
		if err := rows.Scan(&h); err != nil {
			return nil, store.Classify(err)
		}
		out = append(out, h...)
	}
	return out, store.Classify(rows.Err())
}

func (u *uploads) get(id string) (*Upload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if x := u.all[id]; x != nil {
		return x, nil
	}
	return nil, errcode.NotFound
}

func (u *uploads) drop(all ...*Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, x := range all {
		delete(u.all, x.ID)
	}
}

// progress tells how much of an upload is on disk, and whether that is all.
func (u *uploads) progress(x *Upload) (written uint64, whole bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return x.written, x.whole
}

func (u *uploads) moved(x *Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	x.written, x.whole = x.writer.Written(), x.file != nil
}

// of lists the uploads of a conversation in the order in which they began.
func (u *uploads) of(id wire.SpaceID) (out []*Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, x := range u.all {
		if x.Space == id && !x.later {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *Upload) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return out
}

// NewUpload is what a screen says of a file whose content follows.
type NewUpload struct {
	Name, Media         string
	Size, Width, Height int64
}

// StartUpload begins an attachment; its name may be another one, see sharedName.
// Errors: errcode.NameEmpty, errcode.AttachmentTooLarge (max), errcode.AttachmentLimit (max), errcode.NotMember, errcode.DiskFull.
func (c *Chat) StartUpload(ctx context.Context, id wire.SpaceID, x NewUpload) (*Upload, error) {
	if c.Pieces == nil {
		return nil, errcode.NotReady
	}
	text, err := sharedName(x.Name)
	if err != nil {
		return nil, err
	}
	switch {
	case x.Size < 0:
		return nil, errcode.InvalidArgument
	case x.Size > blob.MaxSize:
		return nil, errcode.Of(errcode.AttachmentTooLarge, "max", int64(blob.MaxSize))
	case !c.open(id):
		return nil, errcode.NotMember
	case len(c.uploads.of(id)) >= maxUploads:
		return nil, errcode.Of(errcode.AttachmentLimit, "max", MaxAttachments)
	}
	if err := c.Pieces.Room(uint64(x.Size)); err != nil {
		return nil, err
	}
	now := c.Clock.Now()
	// Sorted by ID they stand in the order in which they began.
	y := &Upload{ID: "up_" + hex.EncodeToString(append(wire.MustEncode(uint64(now.UnixNano())), wire.Random(8)...)),
		Space: id, Name: text, Media: mediaOf(x.Media), At: now}
	if validSides(x.Width, x.Height) {
		y.Width, y.Height = x.Width, x.Height
	}
	if y.writer, err = blob.NewWriter(uint64(x.Size)); err != nil {
		return nil, err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO chatlocal_upload VALUES(?, ?, ?, ?, ?, ?, ?, ?, x'', ?)`,
			y.ID, y.Space[:], y.Name, y.Media, y.Width, y.Height, x.Size, y.writer.Key, now.UnixMilli())
		return err
	})
	if err != nil {
		return nil, err
	}
	c.uploads.mu.Lock()
	c.uploads.all[y.ID] = y
	c.uploads.mu.Unlock()
	if x.Size == 0 {
		y.mu.Lock()
		defer y.mu.Unlock()
		return y, c.finish(ctx, y)
	}
	return y, nil
}

// UploadPart takes the next part: one piece or several. One that was taken is answered again.
// Errors: errcode.NotFound, errcode.InvalidArgument, errcode.DiskFull.
func (c *Chat) UploadPart(ctx context.Context, id string, offset int64, data []byte) (*Upload, error) {
	x, err := c.uploads.get(id)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	at := int64(x.writer.Next()) * blob.PieceSize
	switch {
	case x.ended:
		return nil, errcode.NotFound
	case offset >= 0 && offset < at:
		return x, c.finish(ctx, x)
	case offset != at || x.file != nil:
		return nil, errcode.InvalidArgument
	}
	n, before := x.writer.Next(), x.writer.Done
	hashes, err := x.writer.Write(ctx, c.Pieces, data)
	if err != nil {
		if errors.Is(err, blob.ErrOrder) {
			err = errcode.With(errcode.InvalidArgument, err)
		}
		return nil, err
	}
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		for i, h := range hashes {
			if _, err := tx.Exec(`INSERT OR REPLACE INTO chatlocal_upload_piece VALUES(?, ?, ?)`, x.ID, n+i, h[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		x.writer.Done = before // its pieces are nobody's until they are sent again
		return nil, err
	}
	return x, c.finish(ctx, x)
}

// finish makes the File of an upload whose last piece has come; x.mu is held.
func (c *Chat) finish(ctx context.Context, x *Upload) error {
	if x.file == nil && x.writer.Whole() {
		f, err := x.writer.Close(ctx, c.Pieces)
		if err != nil {
			return err
		}
		err = c.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE chatlocal_upload SET file = ? WHERE id = ?`, f.Encode(), x.ID)
			return err
		})
		if err != nil {
			return err
		}
		x.file = &f
	}
	c.uploads.moved(x)
	return nil
}

// CancelUpload drops an upload and what is on disk of it.
func (c *Chat) CancelUpload(ctx context.Context, id string) error {
	x, err := c.uploads.get(id)
	if err != nil {
		return nil //nolint:nilerr // it is gone, as was wanted
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return nil
	}
	if err := c.DB.Write(ctx, func(tx *store.Tx) error { return forgetUpload(tx, id) }); err != nil {
		return err
	}
	x.ended = true
	c.uploads.drop(x)
	for rest := x.writer.Done; len(rest) >= len(blob.Hash{}); rest = rest[len(blob.Hash{}):] {
		if err := c.Pieces.Remove(blob.Hash(rest[:len(blob.Hash{})])); err != nil {
			return err
		}
	}
	return nil
}

func forgetUpload(tx *store.Tx, id string) error {
	if _, err := tx.Exec(`DELETE FROM chatlocal_upload_piece WHERE upload = ?`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM chatlocal_upload WHERE id = ?`, id)
	return err
}

// expireUploads drops what nobody has sent for a while.
func (c *Chat) expireUploads(ctx context.Context) {
	c.uploads.mu.Lock()
	var old []string
	for id, x := range c.uploads.all {
		if !x.later && c.Clock.Now().Sub(x.At) > uploadLife {
			old = append(old, id)
		}
	}
	c.uploads.mu.Unlock()
	for _, id := range old {
		if err := c.CancelUpload(ctx, id); err != nil && ctx.Err() == nil {
			c.Slog.Warn("drop old upload", "err", err)
		}
	}
}
