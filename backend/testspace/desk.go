package testspace

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"roundtable/backend/blob"
	"roundtable/backend/calls"
	"roundtable/backend/chat"
	"roundtable/backend/circles"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/ding"
	"roundtable/backend/directory"
	"roundtable/backend/ephemeral"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/memory"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/people"
	"roundtable/backend/portrait"
	"roundtable/backend/projection"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/replication"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Desk is one person at one device. The fields may be used by tests; they are
// new after every start.
type Desk struct {
	Name  string
	Clock *Clock
	Sign  key.SigningKey
	Seal  key.SealingKey
	Party space.Party

	DB          *store.DB
	Runner      *projection.Runner
	Log         *eventlog.Log
	Board       *switchboard.Board
	Ephemeral   *ephemeral.Exchange
	Replication *replication.Engine
	Relaying    *relaying.Engine
	Pieces      *blob.Store
	Blobs       *blobs.Engine
	People      *people.People
	Directory   *directory.Directory
	Chat        *chat.Chat
	Ding        *ding.Ding
	Circles     *circles.Circles
	Folders     *folders.Folders
	Calls       *calls.Calls
	Office      *office.Office
	Contracts   *contracts.Contracts
	Witnessed   *witnessed.Witnessed

	o            *Office
	journal      *journal
	path         string
	node         *memory.Node
	up           bool // open
	working      bool // on the network
	strange      bool // on the network with a program of the test's
	cancel       context.CancelFunc
	done         sync.WaitGroup
	made         disks
	entries      *folders.Projection
	dings        *ding.Projection
	callTables   *calls.Projection
	officeTables *office.Projection
	signings     *contracts.Projection
	witnesses    *witnessed.Projection
	rings        *circles.Projection
	ring         Ring
	whole        chan wire.SpaceID
	renamed      chan struct{} // the relays of a workspace may be others now

	mu         sync.Mutex
	topics     map[string]int
	lateChoice string
	quiet      bool // no receipts, no typing
	engine     *Engine
}

// ID of the device.
func (d *Desk) ID() wire.DeviceID { return d.Sign.Public() }

// Person behind it.
func (d *Desk) Person() wire.PersonID { return d.Party.Person }

// Addr is where others can dial it.
func (d *Desk) Addr() string { return "memory:" + d.Name }

// Logged reports whether a line with all these words was logged.
func (d *Desk) Logged(words ...string) bool {
	return slices.ContainsFunc(d.journal.all(), func(line string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) })
	})
}

// newDesk makes keys and identity. Keys come from the seed; low ones sort before
// all others, so that this device is the one that begins conversations.
func (o *Office) newDesk(name string, low bool) *Desk {
	d := &Desk{Name: name, Clock: &Clock{}, Seal: key.NewSealingKey(), o: o, journal: &journal{}, path: filepath.Join(o.t.TempDir(), "roundtable.db")}
	for i := 0; ; i++ {
		seed := key.Hash("testspace", fmt.Append(nil, o.seed, name, i))
		k, err := key.SigningKeyFromSeed(seed[:])
		o.must(err, "make keys of "+name)
		if d.Sign = k; (k.Public()[0] < 8) == low {
			break
		}
	}
	c, err := identity.Found(d.Sign, d.Seal.SealPublic(), 1)
	o.must(err, "found "+name)
	person, err := identity.Person([]identity.Certificate{c})
	o.must(err, "found "+name)
	d.Party = space.Party{Person: person, Certificates: []identity.Certificate{c}}
	return d
}

// Open builds the floors, as app/core.go does.
func (d *Desk) open() {
	t, ctx := d.o, context.Background()
	log := d.journal.logger()
	d.mu.Lock()
	d.topics = map[string]int{}
	d.mu.Unlock()
	d.whole = make(chan wire.SpaceID, 256)
	d.renamed = make(chan struct{}, 1)
	var err error
	d.DB, err = store.Open(ctx, d.path)
	t.must(err, "open store of "+d.Name)
	d.up = true
	d.Runner = projection.New(d.DB, log, d.publish, d.follows()...)
	t.must(d.Runner.Prepare(ctx), "prepare projections")
	d.Log, err = eventlog.Open(ctx, d.DB, eventlog.Options{
		Signer: d.Sign, Opener: d.Seal, Clock: d.Clock, Log: log, Follower: follower{d.Runner, d},
		Lasting: lasting(), Purposes: []string{"roundtable nearby v1"},
		Advanced: func(all []eventlog.Advance) {
			if d.Replication != nil {
				d.Replication.Advanced(all)
			}
			if d.Relaying != nil {
				d.Relaying.Advanced(all)
			}
		},
	})
	t.must(err, "open log of "+d.Name)
	t.must(d.Runner.CatchUp(ctx, d.Log), "catch up")

	d.node, err = t.Net.Node(d.ID(), d.Name, log)
	t.must(err, "add node "+d.Name)
	d.Board = switchboard.New(switchboard.Options{
		Self: d.ID(), Nodes: []link.Node{d.node}, Clock: d.Clock, Log: log, Known: d.Log.Colleague,
		Changed: func() { d.publish("connections", "people") }, Interfaces: func() string { return "" },
	})
	d.Ephemeral = ephemeral.New(d.Board, d.Log, log)
	d.Replication = replication.New(replication.Options{
		Log: d.Log, Board: d.Board, Clock: d.Clock, Slog: log,
		Progress: d.progress, Held: func(id wire.SpaceID) { d.publish("chat:" + id.String()) },
	})
	d.Relaying, err = relaying.New(ctx, relaying.Options{
		Log: d.Log, DB: d.DB, Signer: d.Sign, Clock: d.Clock, Slog: log,
		Open:  func(ctx context.Context, a protocol.Address, p *relaying.Post) { t.openRelay(ctx, d.ID(), a, p) },
		Held:  func(id wire.SpaceID) { d.publish("chat:" + id.String()) },
		Cast:  d.Ephemeral.Send,
		Frame: func(_ wire.SpaceID, from wire.DeviceID, raw []byte) { d.Ephemeral.Take(from, raw) },
	})
	t.must(err, "open relaying of "+d.Name)
	d.Ephemeral.Handle(relaying.KindHave, func(id wire.SpaceID, from wire.DeviceID, body wire.Raw) {
		d.Relaying.TakeHave(ctx, id, from, body)
	})
	d.Ephemeral.Handle(relaying.KindTip, d.Relaying.TakeTip)
	d.Ephemeral.Beyond = func(id wire.SpaceID, _ map[wire.DeviceID]bool, frame []byte) { d.Relaying.Cast(ctx, id, frame) }
	d.features(ctx)
	d.work()
}

// follows are the tables of every feature.
func (d *Desk) follows() []projection.Projection {
	if d.entries = folders.NewProjection(); d.o.MostTold > 0 {
		d.entries.Most = d.o.MostTold
	}
	d.witnesses, d.dings = witnessed.NewProjection(), ding.NewProjection(d.Person())
	d.rings = circles.NewProjection()
	d.callTables, d.officeTables, d.signings = calls.NewProjection(d.Person()), office.NewProjection(), contracts.NewProjection(d.Person())
	return []projection.Projection{people.Projection{}, portrait.Projection{}, directory.Projection{}, chat.NewProjection(d.Person()), d.dings, d.entries, d.callTables, d.officeTables, d.signings, d.witnesses, d.rings}
}

func (d *Desk) features(ctx context.Context) {
	var err error
	log := d.journal.logger()
	d.People, err = people.Open(ctx, people.Deps{
		Log: d.Log, DB: d.DB, Board: d.Board, Replication: d.Replication, Clock: d.Clock, Slog: log, Publish: d.publish,
		Me: d.Party, MyName: func() string { return d.Name }, DeviceName: func() string { return d.Name + "的电脑" },
		VisibleNearby: func() bool { return true }, Sightings: d.sightings, Via: d.via,
		From: func(ctx context.Context, id wire.SpaceID) (workspace wire.SpaceID, ok bool) {
			d.tell(func(c *chat.Chat) { workspace, ok = c.ShownIn(ctx, id) })
			return workspace, ok
		},
		Over: func(ctx context.Context, id wire.SpaceID) bool {
			return d.Calls != nil && d.Calls.Over(ctx, id)
		},
	})
	d.o.must(err, "open people")
	d.openDirectory()
	d.openBlobs(ctx)
	chats, err := chat.Open(ctx, chat.Deps{
		Log: d.Log, DB: d.DB, Clock: d.Clock, Slog: log, Publish: d.publish, Me: d.Party, Ephemeral: d.Ephemeral,
		Name: d.People.Name, Syncing: d.Replication.Syncing, AtRelay: d.Relaying.AtRelay, SendReceipts: d.speaks, SendTyping: d.speaks,
		ScheduledLate: d.late, Pieces: d.Pieces, Blobs: d.Blobs, Downloads: d.downloads,
		Externals: func(id wire.SpaceID) int { return d.Circles.Externals(id) }, External: func(p wire.PersonID) bool { return d.Circles.External(p) },
	})
	d.o.must(err, "open chat")
	d.openCircles(ctx, chats)
	d.openDing(ctx, chats)
	d.openFolders(ctx)
	d.openCalls(ctx)
	d.openOffice(ctx)
	d.openEvidence(ctx)
	d.openContracts(ctx, chats)
	d.mu.Lock()
	d.Chat = chats // the log's writer reads it
	d.mu.Unlock()
}

// work starts what runs in the background.
func (d *Desk) work() {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel, d.working = cancel, true
	chats := d.Chat
	d.named()
	for _, run := range []func(context.Context) error{d.Board.Run, d.People.Run, d.Directory.Run, chats.Run, d.Ding.Run, d.Circles.Run, d.Relaying.Run, d.Blobs.Run, d.Folders.Run, d.Calls.Run, d.Office.Run, d.Contracts.Run, d.Witnessed.Run, d.followRelays, func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case id := <-d.whole:
				chats.Whole(ctx, id)
			}
		}
	}} {
		d.done.Go(func() { _ = run(ctx) })
	}
	// Whoever is named next may dial at once.
	d.o.Eventually(d.Name+" is on the network", func() bool {
		_, err := d.Board.Dial(ctx, "nowhere", wire.DeviceID{})
		return !errors.Is(err, switchboard.ErrNotRunning)
	})
}

// leaves takes the device off the network; its log stays open.
func (d *Desk) leaves() {
	if !d.working {
		return
	}
	d.cancel()
	d.done.Wait()
	_ = d.node.Close()
	d.working = false
}

func (d *Desk) close() {
	d.leaves()
	if d.up {
		d.up = false
		d.o.must(d.DB.Close(), "close store of "+d.Name)
	}
}

func (d *Desk) publish(topics ...string) {
	if slices.Contains(topics, "people") && d.People != nil {
		d.People.Changed()
	}
	if slices.Contains(topics, "directory") && d.Directory != nil {
		d.Directory.Changed()
	}
	if slices.Contains(topics, "relays") {
		d.named()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Ding != nil && slices.ContainsFunc(topics, func(t string) bool { return strings.HasPrefix(t, "chat:") }) {
		d.Ding.Moved() // somebody may hold more, or a message may have come
	}
	if d.Chat != nil {
		d.Chat.Changed(topics...)
	}
	for _, topic := range topics {
		d.topics[topic]++
	}
}

func (d *Desk) progress(id wire.SpaceID) {
	d.publish("chat:" + id.String())
	if d.Replication.Syncing(id) == 0 {
		select {
		case d.whole <- id:
		default:
		}
	}
}

func (d *Desk) speaks() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.quiet
}

func (d *Desk) via(device wire.DeviceID) string {
	for _, l := range d.Board.Links() {
		if l.Device == device {
			return l.Via
		}
	}
	return ""
}

// sightings are the other desks of the office: discovery without a network card.
func (d *Desk) sightings() []people.Sighting {
	var out []people.Sighting
	for _, other := range d.o.others(d) {
		s := people.Sighting{Addrs: []string{other.Addr()}, Joinable: true}
		id := other.ID()
		copy(s.Instance[:], id[:])
		out = append(out, s)
	}
	return out
}

// follower lets chat hear of people who leave and of messages, as in the app.
type follower struct {
	*projection.Runner
	d *Desk
}

// Follow implements eventlog.Follower.
func (f follower) Follow(tx *store.Tx, events []eventlog.Event) error {
	err := f.Runner.Follow(tx, events)
	came := slices.Clone(events)
	tx.Tell(func() { f.d.tell(func(c *chat.Chat) { c.Arrived(came) }) })
	for _, e := range events {
		if e.Kind == chat.MessagePosted {
			tx.Tell(func() { f.d.tell(func(c *chat.Chat) { c.Posted(e.Space, e.Person) }) })
		}
	}
	return err
}

// Members implements eventlog.Follower.
func (f follower) Members(tx *store.Tx, m eventlog.Members) error {
	err := f.Runner.Members(tx, m)
	if m.State.Kind == space.Workspace {
		tx.Tell(func() { f.d.tell(func(c *chat.Chat) { c.Departed(m.Space) }) })
	}
	return err
}

func (d *Desk) tell(do func(*chat.Chat)) {
	d.mu.Lock()
	c := d.Chat
	d.mu.Unlock()
	if c != nil {
		do(c)
	}
}

func (d *Desk) named() {
	select {
	case d.renamed <- struct{}{}:
	default:
	}
}

// followRelays tells relaying which relays the workspaces name, as in the app.
func (d *Desk) followRelays(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.renamed:
			d.Relaying.SetRelays(d.People.AllRelays(ctx))
		}
	}
}
