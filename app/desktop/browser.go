package desktop

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"roundtable/app/local"
)

// pageFile leads a browser to the door. The one-time code is in it and not among the
// arguments of a program, where every user of this computer could read it.
const pageFile = "open.html"

var errNoApp = errors.New("the app is not open")

// browser opens the app of the window in the browser of the system too, behind a guarded
// door of its own: WebKitGTK has no WebRTC, so on Linux meetings are held there.
type browser struct {
	profile string
	log     *slog.Logger
	show    func(path string, reveal bool) error

	mu      sync.Mutex
	ctx     context.Context // of the app; nil before
	backend local.Backend
	screen  fs.FS
	door    *local.Door // once it was asked for
	serving sync.WaitGroup
}

// possible gives open, or nil where nothing shows a page.
func (b *browser) possible() func(at string) error {
	if b.show == nil {
		return nil
	}
	return b.open
}

// ready is called once the app runs; ctx ends with it.
func (b *browser) ready(ctx context.Context, backend local.Backend, screen fs.FS) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ctx, b.backend, b.screen = ctx, backend, screen
}

// wait returns when the door is closed. The page's file goes with it.
func (b *browser) wait() {
	b.serving.Wait()
	_ = os.Remove(filepath.Join(b.profile, pageFile))
}

// open opens a page of the app. Errors: the system's.
func (b *browser) open(at string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil || b.ctx.Err() != nil {
		return errNoApp
	}
	if b.door == nil {
		listener, err := local.Listen(b.ctx, "")
		if err != nil {
			return err
		}
		b.door = local.Guarded(b.backend, local.Options{Address: listener.Addr(), Screen: b.screen, Log: b.log})
		b.serving.Go(func() {
			if err := b.door.Serve(b.ctx, listener); err != nil {
				b.log.Warn("the browser's door", "err", err)
			}
		})
	}
	path := filepath.Join(b.profile, pageFile)
	if err := writePage(path, b.door.AddressAt(at)); err != nil {
		return err
	}
	return b.show(path, false)
}

// writePage writes a page that only this user may read and that leads to an address.
func writePage(path, address string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove page: %w", err)
	}
	page := `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=` + html.EscapeString(address) + `"><title>Roundtable</title>`
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	_, err = f.WriteString(page)
	return errors.Join(err, f.Close())
}
