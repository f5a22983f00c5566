// Package app builds the floors of the house in order, runs them and closes
// them. The ways in (app/desktop, app/headless) serve what API gives and tell
// the screen what Changes says.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"roundtable/backend/api"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/calls"
	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/clock"
	"roundtable/backend/contracts"
	"roundtable/backend/directory"
	"roundtable/backend/errcode"
	"roundtable/backend/folders"
	"roundtable/backend/keychain"
	"roundtable/backend/link"
	"roundtable/backend/people"
	"roundtable/backend/settings"
	"roundtable/backend/wire"
)

// Options of an App.
type Options struct {
	// Profile is the folder of everything this person keeps here.
	Profile string
	Log     *slog.Logger
	// LANAddress is where links listen: "" all interfaces, "off" nowhere.
	LANAddress string
	// Nearby announces and looks for others on the network.
	Nearby  bool
	Version string
	Clock   clock.Clock // the system's when nil
	// Downloads gives the folder that attachments are saved into; may be nil.
	Downloads func() (string, error)
	// Home is the folder of the person on this computer; "" when there is none.
	Home string
	// Show opens a file with the system's program, or shows it in the file manager; nil
	// where there is no desktop.
	Show func(path string, reveal bool) error
	// Browse opens the same app in the system's browser, at a route of its page; nil where this
	// is a browser already, or there is none.
	Browse func(at string) error
	// PaperFont gives the font of documents that are made of templates; may be nil.
	PaperFont func() ([]byte, error)
	// Keychain replaces the system's; for tests.
	Keychain keychain.Ring
	// Links are ways to others beside those of the network, for this device: benchmarks have thousands of colleagues in one process.
	Links func(self wire.DeviceID) ([]link.Node, error)
	// changes are those of the App whose guest this one is; nil for a person's own.
	changes *api.Changes
}

// App is one open profile.
type App struct {
	Options
	lock     *os.File
	settings *settings.Settings
	chain    *keychain.Chain
	changes  *api.Changes
	hosted   *hosted
	guests   *guests // nil for a guest
	api      http.Handler

	repair sync.Mutex // one Repair at a time
	mu     sync.Mutex
	core   *core
	damage error           // why the database does not open, or was closed
	ctx    context.Context // of Run, nil before
	wg     sync.WaitGroup
}

// Open opens a profile, one process at a time, as far as it goes: without an
// identity, or while the keys are locked, only the first screen works.
// Errors: errcode.ProfileInUse, errcode.KeychainUnavailable, and the system's.
func Open(ctx context.Context, o Options) (*App, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if err := os.MkdirAll(o.Profile, 0o700); err != nil {
		return nil, fmt.Errorf("open profile: %w", err)
	}
	lock, err := lockProfile(o.Profile)
	if err != nil {
		return nil, err
	}
	a := &App{Options: o, lock: lock, changes: o.changes}
	if a.changes == nil {
		a.changes, a.guests = api.NewChanges(), &guests{}
		a.guests.a = a
		a.guests.sweep()
	}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	var err error
	if a.settings, err = settings.Open(a.Profile, a.Log); err != nil {
		return err
	}
	if a.chain, err = keychain.Open(a.Profile, keychain.Options{Log: a.Log, Ring: a.Keychain}); err != nil {
		return err
	}
	a.hosted = openHosted(a)
	a.api = api.Mount(a.Log, a.suspect, append(a.officeServices(),
		api.Serve[roundtablev1connect.SystemServiceHandler](roundtablev1connect.NewSystemServiceHandler, system{a}),
		api.Serve[roundtablev1connect.SettingsServiceHandler](roundtablev1connect.NewSettingsServiceHandler, settings.NewAPI(a.settings, a.changes)),
		api.Serve[roundtablev1connect.RelayServiceHandler](roundtablev1connect.NewRelayServiceHandler, relayService{a}),
		api.Serve[roundtablev1connect.PeopleServiceHandler](roundtablev1connect.NewPeopleServiceHandler,
			people.API{Get: func() (*people.People, error) { return part(a, func(c *core) *people.People { return c.people }) }}),
		api.Serve[roundtablev1connect.DirectoryServiceHandler](roundtablev1connect.NewDirectoryServiceHandler,
			directory.API{Get: func() (*directory.Directory, error) {
				return part(a, func(c *core) *directory.Directory { return c.directory })
			}}),
		a.memberService(),
		api.Serve[roundtablev1connect.ChatServiceHandler](roundtablev1connect.NewChatServiceHandler,
			chat.API{Get: func() (*chat.Chat, error) { return part(a, func(c *core) *chat.Chat { return c.chat }) }}),
		api.Serve[roundtablev1connect.ConversationServiceHandler](roundtablev1connect.NewConversationServiceHandler,
			chat.NewConversationAPI(func() (*chat.Chat, error) { return part(a, func(c *core) *chat.Chat { return c.chat }) })),
		api.Serve[roundtablev1connect.SearchServiceHandler](roundtablev1connect.NewSearchServiceHandler, a.newSearch()),
		api.Serve[roundtablev1connect.FoldersServiceHandler](roundtablev1connect.NewFoldersServiceHandler, folders.API{Get: a.foldersPart}),
		api.Serve[roundtablev1connect.GuestServiceHandler](roundtablev1connect.NewGuestServiceHandler, guestService{a.guests}),
		api.Serve[roundtablev1connect.CallsServiceHandler](roundtablev1connect.NewCallsServiceHandler, calls.API{Get: a.callsPart}),
		api.Serve[roundtablev1connect.CircleServiceHandler](roundtablev1connect.NewCircleServiceHandler, circles.API{Get: a.circlesPart}),
		api.Serve[roundtablev1connect.ContractsServiceHandler](roundtablev1connect.NewContractsServiceHandler, contracts.API{Get: a.contractsPart}),
	)...)
	return a.start(ctx)
}

// part gives a piece of the open profile. Errors: errcode.NotReady.
func part[T any](a *App, pick func(*core) T) (out T, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.core == nil {
		return out, errcode.NotReady
	}
	return pick(a.core), nil
}

// start builds the core when keys and identity are there. A damaged database is
// not an error of the start: the screen offers to repair it.
func (a *App) start(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.core != nil || a.chain.State() != keychain.Unlocked {
		return nil
	}
	self, err := readSelf(a.Profile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := openCore(ctx, a, self)
	if errors.Is(err, errcode.DatabaseCorrupt) {
		a.Log.Error("database is damaged", "err", err)
		a.damage = err
		return nil
	}
	if err != nil {
		return err
	}
	a.core, a.damage = c, nil
	c.db.OnDamage(func(err error) { a.retire(c, err) })
	a.runCore()
	return nil
}

// suspect looks at the errors of calls for damage that a reader met.
func (a *App) suspect(err error) {
	if !errors.Is(err, errcode.DatabaseCorrupt) {
		return
	}
	if c, _ := part(a, func(c *core) *core { return c }); c != nil {
		c.db.Suspect(err)
	}
}

// retire takes a core out of service whose database turned out to be damaged
// while it was in use: nothing more is built on it, and the screen offers the repair.
func (a *App) retire(c *core, damage error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.core != c {
		return
	}
	a.Log.Error("database is damaged", "err", damage)
	a.core, a.damage = nil, damage
	a.changes.Publish("system")
	c.stop()
	if err := c.close(); err != nil {
		a.Log.Warn("close damaged database", "err", err)
	}
	a.changes.Publish("system", "people", "directory", "chat", "connections", "calls", "call", "contracts")
}

// runCore starts the core's work once both it and Run are there; a.mu is held.
func (a *App) runCore() {
	if a.core == nil || a.ctx == nil {
		return
	}
	c := a.core
	ctx, cancel := context.WithCancel(a.ctx)
	ran := make(chan struct{})
	c.stop = func() { cancel(); <-ran }
	a.wg.Go(func() {
		defer cancel()
		defer close(ran)
		c.run(ctx)
	})
}

// Run works until ctx ends.
func (a *App) Run(ctx context.Context) error {
	a.mu.Lock()
	a.ctx = ctx
	a.runCore()
	a.mu.Unlock()
	if a.guests != nil {
		a.wg.Go(func() { a.guests.keepSwept(ctx) })
	}
	a.hosted.begin(ctx)
	<-ctx.Done()
	a.wg.Wait()
	a.hosted.close()
	return ctx.Err()
}

// Close closes the profile; Run has ended before.
func (a *App) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	if a.core != nil {
		err = a.core.close()
		a.core = nil
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
		a.lock = nil
	}
	return err
}

// API serves the calls.
func (a *App) API() http.Handler { return http.HandlerFunc(a.serve) }

// Changes tells what to ask again.
func (a *App) Changes() *api.Changes { return a.changes }
