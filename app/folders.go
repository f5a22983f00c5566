package app

import (
	"context"
	"net/http"
	"sync"
	"time"

	"roundtable/backend/api/files"
	"roundtable/backend/clock"
	"roundtable/backend/folders"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/pace"
	"roundtable/backend/folders/power"
	"roundtable/backend/folders/watch"
	"roundtable/backend/settings"
	"roundtable/backend/wire"
)

// powerEvery is how old an answer of the system about current and network may be.
const powerEvery = 30 * time.Second

func (c *core) openFolders(ctx context.Context) error {
	asked := &powerAsked{clock: c.app.Clock}
	var err error
	c.folders, err = folders.Open(ctx, folders.Deps{
		Log: c.log, DB: c.db, Clock: c.app.Clock, Slog: c.app.Log, Publish: c.publish, Me: c.self.party(), Board: c.board, Tables: c.entries,
		Linked: c.linked, Via: c.via, Name: c.people.Name, Open: disk.Open, Home: c.app.Home, Show: c.app.Show,
		Watch: func(ctx context.Context, root string, hidden func(string) bool) folders.Watcher {
			return watch.Open(ctx, root, watch.Options{Ignore: hidden})
		},
		Depots: func(id wire.SpaceID) (out []folders.Depot) {
			for _, d := range c.depots(id) {
				out = append(out, d)
			}
			return out
		},
		In: pace.New(c.app.Clock), Out: pace.New(c.app.Clock), Power: asked.now,
		Choices: func() folders.Choices { return choices(c.app.settings.Values()) },
		Choose: func(ch folders.Choices) error {
			_, _, err := c.app.settings.Set(settings.Change{FolderLANKiB: &ch.LANKiB, FolderInternetKiB: &ch.InternetKiB,
				FolderNotMetered: &ch.PauseOnMetered, FolderNotBattery: &ch.PauseOnBattery})
			return err
		},
	})
	return err
}

func choices(v settings.Values) folders.Choices {
	return folders.Choices{LANKiB: v.FolderLANKiB, InternetKiB: v.FolderInternetKiB, PauseOnMetered: v.FolderNotMetered, PauseOnBattery: v.FolderNotBattery}
}

// powerAsked remembers what the system said: some of it costs a process to ask.
type powerAsked struct {
	clock clock.Clock
	mu    sync.Mutex
	at    time.Time
	said  power.State
	asks  bool
}

// now gives what was said last, and asks anew beside the caller when that is old.
func (p *powerAsked) now() power.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.clock.Now(); !p.asks && now.Sub(p.at) > powerEvery {
		p.asks = true
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			said := power.Now(ctx)
			p.mu.Lock()
			p.said, p.at, p.asks = said, p.clock.Now(), false
			p.mu.Unlock()
		}()
	}
	return p.said
}

// FolderFiles serves the content of what lies in shared folders.
func (a *App) FolderFiles() http.Handler {
	return files.ServeFolders(a.Log, folders.API{Get: func() (*folders.Folders, error) { return a.shown().foldersPart() }}.OpenFile)
}

func (a *App) foldersPart() (*folders.Folders, error) {
	return part(a, func(c *core) *folders.Folders { return c.folders })
}
