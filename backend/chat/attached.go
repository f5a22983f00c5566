package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Blobs moves the pieces of files; see replication/blobs.
type Blobs interface {
	Fetch(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File, asked bool) error
	Cancel(ctx context.Context, id blob.ID) error
	State(ctx context.Context, id blob.ID) (blobs.State, error)
	Keep(tx *store.Tx, space wire.SpaceID, author wire.DeviceID, f blob.File) error
	Learn(ctx context.Context, f blob.File) error
	Lost(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File) error
}

// attachedFile is one row.
type attachedFile struct {
	n             int
	name, media   string
	width, height int64
	file          blob.File
}

// found is a file and where it is from.
type found struct {
	space  wire.SpaceID
	author wire.DeviceID
	file   blob.File
}

const attachedColumns = `SELECT stamp, feed, seq, n, name, media, width, height, file FROM chat_attachment
	WHERE space = (SELECT id FROM chat_room WHERE space = ?)`

func scanAttached(rows *sql.Rows) (k MessageKey, a attachedFile, err error) {
	var raw []byte
	if err := rows.Scan(&k.Stamp, &k.Feed, &k.Seq, &a.n, &a.name, &a.media, &a.width, &a.height, &raw); err != nil {
		return k, a, store.Classify(err)
	}
	a.file, err = blob.DecodeFile(raw)
	return k, a, err
}

// attached reads the attachments of messages that stand in order.
func (c *Chat) attached(ctx context.Context, id wire.SpaceID, all []message) (map[MessageKey][]attachedFile, error) {
	if len(all) == 0 {
		return nil, nil
	}
	from, to := all[0], all[len(all)-1]
	rows, err := c.DB.Read().QueryContext(ctx, attachedColumns+` AND (stamp, feed, seq) BETWEEN (?, ?, ?) AND (?, ?, ?) ORDER BY stamp, feed, seq, n`,
		id[:], from.Stamp, from.Feed, from.Seq, to.Stamp, to.Feed, to.Seq)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[MessageKey][]attachedFile{}
	for rows.Next() {
		k, a, err := scanAttached(rows)
		if err != nil {
			return nil, err
		}
		out[k] = append(out[k], a)
	}
	return out, store.Classify(rows.Err())
}

// attachment finds one. Errors: errcode.NotFound.
func (c *Chat) attachment(ctx context.Context, id wire.SpaceID, k MessageKey, n int) (m message, a attachedFile, err error) {
	if c.Blobs == nil {
		return m, a, errcode.NotReady
	}
	if m, err = c.one(ctx, id, k); err != nil {
		return m, a, err
	}
	if m.isRecalled() {
		return m, a, errcode.NotFound
	}
	all, err := c.attached(ctx, id, []message{m})
	if err != nil {
		return m, a, err
	}
	if n < 0 || n >= len(all[k]) {
		return m, a, errcode.NotFound
	}
	return m, all[k][n], nil
}

func (c *Chat) attachmentOut(ctx context.Context, id wire.SpaceID, m message, a attachedFile) (*v1.Attachment, error) {
	out := &v1.Attachment{
		Index: int32(a.n), Name: a.name, MediaType: a.media, Size: int64(a.file.Size), Width: int32(a.width), Height: int32(a.height),
		State: v1.AttachmentState_ATTACHMENT_STATE_ABSENT, IsPicture: shows(a.media, a.width, a.height),
		Path: "/files/" + id.String() + "/" + m.String() + "/" + strconv.Itoa(a.n),
	}
	if c.Blobs == nil {
		return out, nil
	}
	s, err := c.Blobs.State(ctx, a.file.ID())
	if err != nil {
		return nil, err
	}
	out.Fetched, out.Depositing, out.Deposited = int64(s.Bytes), s.Depositing, int64(s.Deposited)
	switch s.Phase {
	case blobs.Absent:
		// What is our own lies here already, as after a repair of the database.
		if out.IsPicture && a.file.Size <= autoFetch || m.device == c.Log.Self() {
			c.wants(found{id, m.device, a.file})
		}
	case blobs.Fetching:
		out.State = v1.AttachmentState_ATTACHMENT_STATE_FETCHING
	case blobs.Waiting:
		out.State = v1.AttachmentState_ATTACHMENT_STATE_WAITING
	case blobs.Here:
		out.State, out.Fetched = v1.AttachmentState_ATTACHMENT_STATE_HERE, out.Size
	case blobs.Failed:
		out.State, out.ErrorCode = v1.AttachmentState_ATTACHMENT_STATE_FAILED, string(s.Code)
	}
	return out, nil
}

// wants asks for a file in the background; when too many are asked for, the next
// look at the page asks again.
func (c *Chat) wants(f found) {
	select {
	case c.autos <- f:
	default:
	}
}

// fetchPictures fetches what is small enough, as it comes and as it is looked at.
func (c *Chat) fetchPictures(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-c.autos:
			if err := c.Blobs.Fetch(ctx, f.space, f.author, f.file, false); err != nil && ctx.Err() == nil {
				c.Slog.Info("picture not fetched", "err", err)
			}
		case id := <-c.arrived:
			last, err := c.before(ctx, id, newest, 20)
			if err == nil {
				_, err = c.messagesOut(ctx, id, id, last) // looks at each attachment as a page does
			}
			if err != nil && ctx.Err() == nil {
				c.Slog.Warn("look for pictures", "err", err)
			}
		}
	}
}

// content reads an attachment that is here, and reports a piece that is not.
type content struct {
	*blob.Reader
	once sync.Once
	lost func()
}

// Read implements io.Reader.
func (r *content) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, blob.ErrMissing) {
		r.once.Do(r.lost)
	}
	return n, err
}

// Open gives the content of an attachment that is here.
// Errors: errcode.NotFound, errcode.AttachmentAbsent.
func (c *Chat) Open(ctx context.Context, id wire.SpaceID, k MessageKey, n int) (a *v1.Attachment, r io.ReadSeeker, err error) {
	m, file, err := c.attachment(ctx, id, k, n)
	if err != nil {
		return nil, nil, err
	}
	if a, err = c.attachmentOut(ctx, id, m, file); err != nil {
		return nil, nil, err
	}
	if a.State != v1.AttachmentState_ATTACHMENT_STATE_HERE {
		return nil, nil, errcode.AttachmentAbsent
	}
	return a, &content{Reader: blob.NewReader(ctx, c.Pieces, file.file), lost: func() {
		if err := c.Blobs.Lost(context.WithoutCancel(ctx), id, m.device, file.file); err != nil {
			c.Slog.Warn("want a damaged attachment again", "err", err)
		}
	}}, nil
}

// maxTries bounds the names that are tried for a saved file.
const maxTries = 1000

// Save writes an attachment into the folder for downloads, and tells its name there.
// Errors: errcode.NotFound, errcode.AttachmentAbsent, errcode.DiskFull, errcode.NotReady.
func (c *Chat) Save(ctx context.Context, id wire.SpaceID, k MessageKey, n int) (string, error) {
	a, r, err := c.Open(ctx, id, k, n)
	if err != nil {
		return "", err
	}
	if c.Downloads == nil {
		return "", errcode.NotReady
	}
	folder, err := c.Downloads()
	if err != nil {
		return "", fmt.Errorf("save attachment: %w", err)
	}
	for try := range maxTries {
		to := filepath.Join(folder, freeName(a.Name, try))
		f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err == nil {
			_, err = io.Copy(f, r)
			if err = errors.Join(err, f.Close()); err != nil {
				err = errors.Join(err, os.Remove(to))
			}
		}
		switch {
		case durable.IsFull(err):
			return "", errcode.With(errcode.DiskFull, err)
		case errors.Is(err, blob.ErrMissing):
			return "", errcode.With(errcode.AttachmentAbsent, err)
		case err != nil:
			return "", fmt.Errorf("save attachment: %w", err)
		}
		return filepath.Base(to), nil
	}
	return "", errcode.With(errcode.Internal, errors.New("save attachment: no free name"))
}
