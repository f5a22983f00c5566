package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/calls"
	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/ding"
	"roundtable/backend/directory"
	"roundtable/backend/discovery/nearby"
	"roundtable/backend/ephemeral"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders"
	"roundtable/backend/link"
	"roundtable/backend/link/lan"
	"roundtable/backend/link/rtc"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/people"
	"roundtable/backend/projection"
	"roundtable/backend/replication"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const databaseFile = "roundtable.db"

// core is an open profile: every floor from the store up.
type core struct {
	app         *App
	self        self
	db          *store.DB
	runner      *projection.Runner
	log         *eventlog.Log
	lan         *lan.Node // nil when links listen nowhere
	board       *switchboard.Board
	ephemeral   *ephemeral.Exchange
	replication *replication.Engine
	nearby      *nearby.Service // nil when switched off
	relays      *relays
	relaying    *relaying.Engine
	rtc         *rtc.Node // nil when links listen nowhere
	colleagues  *colleagues
	people      *people.People
	directory   *directory.Directory
	chat        *chat.Chat
	ding        atomic.Pointer[ding.Ding] // asked for by whoever publishes, also while features are opened
	dings       *ding.Projection
	circles     *circles.Circles
	rings       *circles.Projection
	folders     *folders.Folders
	entries     *folders.Projection
	calls       *calls.Calls
	meetings    *calls.Projection
	contracts   *contracts.Contracts
	signings    *contracts.Projection
	office      *office.Office
	offices     *office.Projection
	witnessed   *witnessed.Witnessed
	witnesses   *witnessed.Projection
	attachments attachments
	problem     string // of listening
	advanced    atomic.Pointer[func([]eventlog.Advance)]
	whole       chan wire.SpaceID
	casts       chan cast
	renamed     chan struct{} // the relays of a workspace may be others now
	comings     comings
	stop        func() // ends run and waits for it
	forked      atomic.Bool
}

// openCore builds the floors from the bottom up.
// Errors: errcode.DatabaseCorrupt, errcode.DiskFull, and the system's.
func openCore(ctx context.Context, a *App, s self) (c *core, err error) {
	c = &core{app: a, self: s, colleagues: openColleagues(a.Profile, a.Log), whole: make(chan wire.SpaceID, 256),
		renamed: make(chan struct{}, 1), comings: newComings(), stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if c.db, err = store.Open(ctx, filepath.Join(a.Profile, databaseFile)); err != nil {
		return c, err
	}
	if err := c.openLog(ctx); err != nil {
		return c, err
	}
	if err := c.openLinks(ctx); err != nil {
		return c, err
	}
	return c, c.openFeatures(ctx)
}

func (c *core) openLog(ctx context.Context) error {
	c.entries, c.dings = folders.NewProjection(), ding.NewProjection(c.self.party().Person)
	c.meetings = calls.NewProjection(c.self.party().Person)
	c.signings = contracts.NewProjection(c.self.party().Person)
	c.witnesses = witnessed.NewProjection()
	c.offices = office.NewProjection()
	c.rings = circles.NewProjection()
	c.runner = projection.New(c.db, c.app.Log, c.publish, projections(c.self.party().Person, c.dings, c.entries, c.meetings, c.signings, c.witnesses, c.offices, c.rings)...)
	if err := c.runner.Prepare(ctx); err != nil {
		return err
	}
	var err error
	c.log, err = eventlog.Open(ctx, c.db, eventlog.Options{
		Signer: c.app.chain.Signer(), Opener: c.app.chain.Opener(), Clock: c.app.Clock, Log: c.app.Log,
		Follower: follower{c.runner, c},
		Advanced: func(all []eventlog.Advance) {
			if f := c.advanced.Load(); f != nil {
				(*f)(all)
			}
		},
		Forked:  func(wire.SpaceID, wire.DeviceID) { c.forked.Store(true); c.publish("system") },
		Lasting: lasting(), Purposes: []string{nearbySecret},
	})
	if err != nil {
		if code, _ := errcode.From(err); code == errcode.Internal {
			err = errcode.With(errcode.DatabaseCorrupt, err) // what was written does not read
		}
		return err
	}
	if err := c.runner.CatchUp(ctx, c.log); err != nil {
		return err
	}
	return c.log.Retry(ctx)
}

// nearNodes are the ways on this network, and those that the app was given.
func (c *core) nearNodes(ctx context.Context) (nodes []link.Node, err error) {
	if c.app.Links != nil {
		if nodes, err = c.app.Links(c.log.Self()); err != nil {
			return nil, err
		}
	}
	if c.app.LANAddress == "off" {
		return nodes, nil
	}
	node, err := lan.Listen(ctx, lan.Options{
		Signer: c.app.chain.Signer(), Address: c.app.LANAddress, Log: c.app.Log, Known: c.log.Colleague})
	if err != nil {
		// Without links everything else still works; the screen says so.
		c.app.Log.Error("links listen nowhere", "err", err)
		c.problem = "listen_failed"
		return nodes, nil
	}
	c.lan = node
	return append(nodes, node), nil
}

func (c *core) openLinks(ctx context.Context) error {
	nodes, err := c.nearNodes(ctx)
	if err != nil {
		return err
	}
	nodes, err = c.beyondNodes(nodes)
	if err != nil {
		return err
	}
	c.board = switchboard.New(switchboard.Options{
		Self: c.log.Self(), Nodes: nodes, Clock: c.app.Clock, Log: c.app.Log, Known: c.log.Colleague,
		Remember: func(device wire.DeviceID, addr string) {
			if c.log.Colleague(device) && !isBeyond(addr) {
				c.colleagues.remember(device, addr)
			}
		},
		Moved:   c.moved,
		Changed: c.comings.changed,
	})
	c.ephemeral = ephemeral.New(c.board, c.log, c.app.Log)
	c.replication = replication.New(replication.Options{
		Log: c.log, Board: c.board, Clock: c.app.Clock, Slog: c.app.Log,
		Progress: func(id wire.SpaceID) {
			c.publish("people", "connections", "chat:"+id.String())
			if c.replication.Syncing(id) == 0 {
				select {
				case c.whole <- id:
				default:
				}
			}
		},
		Held: func(id wire.SpaceID) { c.publish("chat", "chat:"+id.String()) },
	})
	if err := c.openRelaying(ctx); err != nil {
		return err
	}
	advanced := func(all []eventlog.Advance) {
		c.replication.Advanced(all)
		c.relaying.Advanced(all)
	}
	c.advanced.Store(&advanced)
	if c.app.Nearby && c.lan != nil {
		c.nearby = nearby.Open(nearby.Options{
			Port: c.lan.Port(), Secrets: c.secrets, Found: c.found, Interfaces: c.interfaces(), Clock: c.app.Clock, Log: c.app.Log,
			Joinable: func() bool { return c.people.Joinable() },
		})
	}
	return nil
}

// interfaces keeps to this machine when links listen on loopback alone.
func (c *core) interfaces() func(net.Interface) bool {
	if c.onLoopback() {
		return nearby.Loopback
	}
	return nil
}

func (c *core) onLoopback() bool {
	host, _, err := net.SplitHostPort(c.app.LANAddress)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// nearbySecret is the purpose of the secret by which they do.
const nearbySecret = "roundtable nearby v1"

// secrets by which members know each other's beacons.
func (c *core) secrets() map[wire.SpaceID][32]byte {
	out := map[wire.SpaceID][32]byte{}
	for _, id := range c.log.Spaces() {
		ours := false
		_ = c.log.View(id, func(s *space.State) {
			_, ours = s.MemberOf(c.log.Self())
			ours = ours && s.Kind.Standalone()
		})
		if secret, ok := c.log.Secret(id, nearbySecret); ok && ours {
			out[id] = secret
		}
	}
	return out
}

// found dials colleagues; and anybody who takes requests while this profile
// looks for its workspaces after a repair.
func (c *core) found(s nearby.Sighting) {
	if len(s.Spaces) > 0 || (s.Joinable && c.lost()) {
		for _, addr := range s.Addrs {
			c.board.Suggest(addr, wire.DeviceID{})
		}
	}
	c.people.Sighted()
}

// run works until ctx ends.
func (c *core) run(ctx context.Context) {
	known := c.colleagues.all()
	for _, d := range known.Devices {
		c.board.AddKnown(d.ID, d.Addresses...)
	}
	seeks := c.seekLost(known)
	c.noteCircles()
	work := append(c.background(), c.board.Run, c.forgetEarly, after(c.directory.Prepared(), c.lookOver), c.relaying.Run, c.followRelays, c.sendCasts, c.tellComings)
	work = append(work, seeks...)
	if c.nearby != nil {
		work = append(work, c.nearby.Run)
	}
	var wg sync.WaitGroup
	for _, w := range work {
		wg.Go(func() {
			if err := w(ctx); err != nil && ctx.Err() == nil {
				c.app.Log.Error("background work ended", "err", err)
			}
		})
	}
	wg.Wait()
}

func (c *core) forgetEarly(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case id := <-c.whole:
			c.chat.Whole(ctx, id)
		}
	}
}

// after does work once something else is done, so that both do not share the processors in the moment in which a page asks for the first time.
func after(done <-chan struct{}, work func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-done:
			return work(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// lookOver reads through the database once in each run, beside the work: damage
// in what is seldom read would otherwise show when its copy at a colleague is gone.
func (c *core) lookOver(ctx context.Context) error {
	err := c.db.QuickCheck(ctx)
	c.db.Suspect(err)
	return err
}

func (c *core) close() error {
	err := c.closeBeyond()
	if c.lan != nil {
		err = errors.Join(err, c.lan.Close())
	}
	if c.db != nil {
		err = errors.Join(err, c.db.Close())
	}
	return err
}

// publish passes topics on to the screen, and to features that cache.
func (c *core) publish(topics ...string) {
	if c.people != nil && slices.Contains(topics, "people") {
		c.people.Changed()
	}
	if c.directory != nil && slices.Contains(topics, "directory") {
		c.directory.Changed()
	}
	if c.chat != nil {
		c.chat.Changed(topics...)
	}
	if notices := c.ding.Load(); notices != nil && slices.ContainsFunc(topics, func(t string) bool { return strings.HasPrefix(t, "chat:") }) {
		notices.Moved() // somebody may hold more, or a message may have come
	}
	if slices.Contains(topics, "relays") {
		c.lookAtRelays()
	}
	if c.nearby != nil && slices.Contains(topics, "people") {
		c.nearby.Announce() // perhaps joinable now, perhaps of one workspace more
	}
	if c.app.guests == nil && slices.ContainsFunc(topics, func(t string) bool { return t == "people" || t == "join" || t == "calls" }) {
		c.app.changes.Publish("guest") // how far a guest has come
	}
	c.app.changes.Publish(topics...)
}

func (c *core) myName() string { return c.self.Name }

func (c *core) via(device wire.DeviceID) string { return c.board.Via(device) }

func (c *core) sightings() []people.Sighting {
	if c.nearby == nil {
		return nil
	}
	var out []people.Sighting
	for _, s := range c.nearby.Seen() {
		out = append(out, people.Sighting{Instance: s.Instance, Addrs: s.Addrs, Joinable: s.Joinable})
	}
	return out
}

// setAside moves a damaged database out of the way; nothing is deleted.
func setAside(folder string, now time.Time) error {
	stamp := now.UTC().Format("20060102T150405")
	for _, suffix := range []string{"", "-wal", "-shm", ".open"} {
		from := filepath.Join(folder, databaseFile+suffix)
		err := os.Rename(from, from+".damaged-"+stamp)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("set damaged database aside: %w", err)
		}
	}
	return nil
}
