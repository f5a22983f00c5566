package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/keychain"
	"roundtable/backend/people"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// guestFolder holds the profiles of meetings to which this device came as a guest, beside the person's own.
const guestFolder = "guest"

// guests is this device as a guest of a meeting: a whole App of its own, with keys, a database and links that nothing
// of the person's own profile is in. While there is one, the screen sees it in the place of the other.
type guests struct {
	a *App

	mu    sync.Mutex
	now   *stay
	entry sync.Mutex // one comes in at a time
}

// stay is one meeting as a guest.
type stay struct {
	app     *App
	said    people.GuestPreview
	folder  string
	stop    func() // ends it and waits
	ended   <-chan struct{}
	refused error // why the link did not begin to be used
}

// shown is the App that the screen sees.
func (a *App) shown() *App {
	if v := a.guests.stay(); v != nil {
		return v.app
	}
	return a
}

func (g *guests) stay() *stay {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// ofOwn is what the person's own App answers also while this device is a guest: coming and going, and how the screen
// looks. Whatever else there is, or comes to be, the guest's App answers.
var ofOwn = []string{"GuestService/", "SettingsService/", "SystemService/Status"}

// serve gives each call to the App that the screen sees.
func (a *App) serve(w http.ResponseWriter, r *http.Request) {
	shown := a.shown()
	for _, call := range ofOwn {
		if strings.Contains(r.URL.Path, "/roundtable.v1."+call) {
			shown = a
		}
	}
	shown.api.ServeHTTP(w, r)
}

// enter begins to come into a meeting. Errors: those of people.ReadGuestLink and of names, errcode.CallBusy,
// errcode.NotReady, and the system's.
func (g *guests) enter(ctx context.Context, link, name string) error {
	g.entry.Lock()
	defer g.entry.Unlock()
	said, err := people.ReadGuestLink(link, g.a.Clock.Now())
	if err != nil {
		return err
	}
	if g.stay() != nil || g.a.inCall() {
		return errcode.CallBusy
	}
	v := &stay{said: said, folder: filepath.Join(g.a.Profile, guestFolder, fmt.Sprintf("%d-%s", said.Expires, said.Meeting))}
	if err := g.open(ctx, v, name); err != nil {
		return err
	}
	if err := g.run(v); err != nil {
		return errors.Join(err, v.app.Close())
	}
	g.mu.Lock()
	g.now = v
	g.mu.Unlock()
	go g.join(v, link)
	g.a.changes.Publish("system", "guest")
	return nil
}

// open opens the guest's profile: a new one, or the one in which this device came to the meeting before.
func (g *guests) open(ctx context.Context, v *stay, name string) (err error) {
	o := g.a.Options
	o.Profile, o.LANAddress, o.changes, o.Keychain = v.folder, besides(o.LANAddress), g.a.changes, nil
	if v.app, err = Open(ctx, o); err != nil {
		return err
	}
	_, err = system{v.app}.SetUp(ctx, &v1.SetUpRequest{Name: name, Protection: v1.KeyProtection(keychain.File)})
	if code, _ := errcode.From(err); err != nil && code != errcode.AlreadySetUp {
		return errors.Join(err, v.app.Close(), os.RemoveAll(v.folder))
	}
	return nil
}

// besides is where a guest listens: its person's own profile listens at the other place.
func besides(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address // everywhere, or nowhere
	}
	return net.JoinHostPort(host, "0")
}

// run has the guest's App work until it is stopped, or this one ends.
func (g *guests) run(v *stay) error {
	g.a.mu.Lock()
	defer g.a.mu.Unlock()
	if g.a.ctx == nil {
		return errcode.NotReady
	}
	ctx, cancel := context.WithCancel(g.a.ctx)
	ended := make(chan struct{})
	v.ended, v.stop = ended, func() { cancel(); <-ended }
	g.a.wg.Go(func() {
		defer close(ended)
		_ = v.app.Run(ctx)
		if err := v.app.Close(); err != nil {
			g.a.Log.Warn("close a guest's profile", "err", err)
		}
	})
	return nil
}

const (
	// startWithin is how long a guest's own work may take to begin.
	startWithin = 20 * time.Second
	startLook   = 20 * time.Millisecond
	// insideLook is how often it is looked whether a guest still belongs to the meeting.
	insideLook = 500 * time.Millisecond
)

// join uses the link as soon as the guest's work has begun, unless this device is let in already.
func (g *guests) join(v *stay, link string) {
	for until := time.Now().Add(startWithin); ; time.Sleep(startLook) {
		c, err := part(v.app, func(c *core) *core { return c })
		if err == nil {
			stands := c.standingIn(v.said.Meeting)
			if stands != standsInside {
				err = c.people.JoinMeeting(link)
			}
			if err == nil {
				g.a.changes.Publish("guest")
				if stands != stoodInside {
					g.askWhy(v, c, link)
				}
				return
			}
		}
		if code, _ := errcode.From(err); code != errcode.NotReady || time.Now().After(until) {
			g.mu.Lock()
			v.refused = err
			g.mu.Unlock()
			g.a.changes.Publish("guest")
			return
		}
	}
}

// askWhy waits until a guest is turned out, and uses the link again: who did it says whether the meeting is over, or
// the guest was removed.
func (g *guests) askWhy(v *stay, c *core, link string) {
	for c.standingIn(v.said.Meeting) != stoodInside {
		select {
		case <-v.ended:
			return
		case <-time.After(insideLook):
		}
	}
	if err := c.people.JoinMeeting(link); err != nil {
		g.a.Log.Debug("a guest does not ask why it was turned out", "err", err)
	}
	g.a.changes.Publish("guest")
}

type standing int

const (
	standsOutside standing = iota
	standsInside
	stoodInside
)

// standingIn tells whether this device belongs to a space, or did.
func (c *core) standingIn(id wire.SpaceID) (s standing) {
	_ = c.log.View(id, func(st *space.State) {
		if m, known := st.Member(c.self.party().Person); known && m.Active {
			s = standsInside
		} else if known {
			s = stoodInside
		}
	})
	return s
}

// leave ends being a guest. What is kept of a meeting that is over goes at once; else the guest may come back
// with the same keys, without using the link up, and stays known as removed if it was.
func (g *guests) leave() error {
	g.entry.Lock()
	defer g.entry.Unlock()
	g.mu.Lock()
	v := g.now
	g.now = nil
	g.mu.Unlock()
	if v == nil {
		return nil
	}
	over := false
	if c, err := part(v.app, func(c *core) *core { return c }); err == nil {
		over = c.calls.EndedForAll() || c.standingIn(v.said.Meeting) == standsOutside
	}
	v.stop()
	g.a.changes.Publish("system", "guest", "people", "chat", "calls", "connections", "settings")
	if over {
		return os.RemoveAll(v.folder)
	}
	return nil
}

// sweepEvery is how often it is looked whether links have expired.
const sweepEvery = time.Hour

// keepSwept sweeps until ctx ends.
func (g *guests) keepSwept(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.a.Clock.After(sweepEvery):
			g.sweep()
		}
	}
}

// sweep removes what is kept of meetings whose links have expired, but for the one that this device is in.
func (g *guests) sweep() {
	g.entry.Lock() // a profile is not removed while it opens
	defer g.entry.Unlock()
	root := filepath.Join(g.a.Profile, guestFolder)
	entries, err := os.ReadDir(root)
	if err != nil {
		return // there was none
	}
	now := g.stay()
	for _, e := range entries {
		folder := filepath.Join(root, e.Name())
		expires, _, _ := strings.Cut(e.Name(), "-")
		if at, err := strconv.ParseInt(expires, 10, 64); err != nil || at > g.a.Clock.Now().UnixMilli() || now != nil && now.folder == folder {
			continue
		}
		if err := os.RemoveAll(folder); err != nil {
			g.a.Log.Warn("remove what is left of a meeting as a guest", "err", err)
		}
	}
}

// inCall reports whether this profile is in a call.
func (a *App) inCall() bool {
	c, err := a.callsPart()
	return err == nil && c.Busy()
}
