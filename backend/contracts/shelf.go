package contracts

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/convert"
	"roundtable/backend/contracts/verify"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

//go:embed documents.sql
var documentsSchema string

// sweepEvery is how often is looked for what nobody needs any more.
const sweepEvery = time.Hour

// documents is what this device keeps of drafts, uploads and templates.
type documents struct {
	// uploading is held while bytes or rows of uploads are written.
	uploading sync.Mutex
	// converter finds LibreOffice. Tests put a fake there.
	converter func() (convert.Converter, bool)
	// evidence finds the certificate of evidence of a contract; nil as long as nothing makes one.
	evidence func(ctx context.Context, id wire.SpaceID) (name, path string, err error)
	// proven says what the evidence attached to a file proves, nil when there is none; and trust whom signatures are trusted of. Both may be nil.
	proven func(ctx context.Context, path string) (*v1.EvidenceVerdict, error)
	trust  func(ctx context.Context) (verify.Trust, error)
	// trustIn is the same in one workspace.
	trustIn func(ctx context.Context, workspace wire.SpaceID) (verify.Trust, error)

	// font is the one that templates are set in; nil: there is none.
	font func() ([]byte, error)

	mu         sync.Mutex
	rendered   []string               // uploads that rendering made, the oldest first
	sending    map[string]bool        // drafts that are on their way
	converting map[string]*conversion // by upload
	one        chan struct{}          // holds a place for one conversion at a time
}

// openDocuments takes up what is there of them.
func (c *Contracts) openDocuments(ctx context.Context) error {
	if err := c.DB.Migrate(ctx, "contractsdocuments", documentsSchema); err != nil {
		return err
	}
	for _, folder := range []string{"uploads", "drafts"} {
		if err := os.MkdirAll(filepath.Join(c.Folder, folder), 0o700); err != nil {
			return err
		}
	}
	c.documents.converter = convert.Find
	c.documents.sending = map[string]bool{}
	c.documents.converting = map[string]*conversion{}
	c.documents.one = make(chan struct{}, 1)
	if err := c.openIndex(ctx); err != nil {
		return err
	}
	return c.sweepShelf(ctx)
}

// runDocuments does what they need until ctx ends.
func (c *Contracts) runDocuments(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.Clock.After(sweepEvery):
		}
		if err := c.sweepShelf(ctx); err != nil && ctx.Err() == nil {
			c.Slog.WarnContext(ctx, "documents not swept", "err", err)
		}
	}
}

// sweepShelf takes away uploads that nobody used for a day, files that no row names (a crash leaves them), and texts of deleted contracts.
func (c *Contracts) sweepShelf(ctx context.Context) error {
	c.documents.uploading.Lock()
	defer c.documents.uploading.Unlock()
	if err := c.forgetDeleted(ctx); err != nil {
		return err
	}
	known, err := c.keptIDs(ctx)
	if err != nil {
		return err
	}
	for _, folder := range []string{"uploads", "drafts", ""} {
		entries, err := os.ReadDir(filepath.Join(c.Folder, folder))
		if err != nil {
			return err
		}
		if folder == "" { // others have their files here as well
			entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
				return !strings.HasPrefix(e.Name(), "convert-") && !strings.HasPrefix(e.Name(), "sending-")
			})
		}
		for _, e := range entries {
			// What is being made has no row yet.
			if known[strings.TrimSuffix(e.Name(), ".pdf")] {
				continue
			}
			if info, err := e.Info(); err != nil || c.Clock.Now().Sub(info.ModTime()) < sweepEvery {
				continue
			}
			if err := os.RemoveAll(filepath.Join(c.Folder, folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// stand puts the bytes of a file at a path where nothing is; they are on disk afterwards. The file stays.
func stand(from, to string) error {
	if err := os.Link(from, to); err == nil {
		return durable.SyncFolder(filepath.Dir(to))
	}
	in, err := os.Open(from)
	if err != nil {
		return diskError(err)
	}
	defer in.Close()
	return writeFile(to, in)
}

// writeFile makes a file that is on disk when it returns.
func writeFile(path string, r io.Reader) (err error) {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return diskError(err)
	}
	_, err = io.Copy(out, r)
	if err == nil {
		err = out.Sync()
	}
	err = errors.Join(err, out.Close())
	if err != nil {
		_ = os.Remove(path)
		return diskError(err)
	}
	return durable.SyncFolder(filepath.Dir(path))
}

// diskError gives errors of files their codes.
func diskError(err error) error {
	switch {
	case err == nil:
		return nil
	case durable.IsFull(err):
		return errcode.With(errcode.DiskFull, err)
	case errors.Is(err, fs.ErrNotExist):
		return errcode.With(errcode.NotFound, err)
	}
	return err
}

// remove deletes a file that may be gone already.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
