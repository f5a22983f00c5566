package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/app"
	"roundtable/app/local"
	"roundtable/app/proof/client"
	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/clock"
	staff "roundtable/backend/directory"
	"roundtable/backend/eventlog"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/keychain"
	"roundtable/backend/link"
	inside "roundtable/backend/link/memory"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/people"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
	"roundtable/frontend"
)

// colleaguesHere makes this program one that a page can be looked at in while very many colleagues come and go: the app itself, with
// links in memory to switchboards that are its colleagues' devices. From the links on everything is what an office has.
const colleaguesHere = "colleagues-here"

const (
	// colleagues are nearly as many as a device takes links of (switchboard.Options.MaxLinks, twice).
	colleaguesLinked = 1000
	// colleaguesDirect are in conversations of two, which are at the top of the list.
	colleaguesDirect = 60
	// comingsPerSecond for comingsFor: so fast an office never is.
	comingsPerSecond = 200
	comingsFor       = 10 * time.Second
	awayAtATime      = 50
	ownAddress       = "memory:here"
)

// beColleagues opens a profile that devseed made, which becomes one with colleagues, and does what lines say: "come" links all,
// "churn" has them come and go. It answers each with a line. page is a folder with another page than the built one; may be "".
func beColleagues(ctx context.Context, profile, page string, in io.Reader, out io.Writer) (err error) {
	log := slog.New(slog.DiscardHandler)
	parties, devices, err := letIn(ctx, profile, log)
	if err != nil {
		return err
	}
	crowd := &colleagues{network: inside.NewNetwork(nil)}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a, err := app.Open(ctx, app.Options{Profile: profile, Log: log, LANAddress: "off", Keychain: keychain.NoRing{}, Links: crowd.links})
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	defer func() {
		stop()
		work.Wait()
		err = errors.Join(err, a.Close())
	}()
	work.Go(func() { _ = a.Run(ctx) })
	if err := crowd.open(ctx, &work, devices); err != nil {
		return err
	}
	desk := client.Inside(a.API())
	if err := writeTo(ctx, desk, parties[:colleaguesDirect]); err != nil {
		return err
	}
	screen, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return err
	}
	if page != "" {
		screen = os.DirFS(page)
	}
	listener, err := local.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	door := local.Guarded(a, local.Options{Address: listener.Addr(), Screen: screen, Log: log})
	work.Go(func() { _ = door.Serve(ctx, listener) })
	fmt.Fprintln(out, "open", door.Address())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		switch lines.Text() {
		case "come":
			err = crowd.come(ctx)
		case "churn":
			err = crowd.churn(ctx, desk)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "done", lines.Text())
	}
	return nil
}

// letIn makes colleagues members of the workspace, as an administrator's device does; their own devices never write.
func letIn(ctx context.Context, profile string, log *slog.Logger) (parties []space.Party, devices []wire.DeviceID, err error) {
	chain, err := keychain.Open(profile, keychain.Options{Log: log, Ring: keychain.NoRing{}})
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, filepath.Join(profile, "roundtable.db"))
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	runner := projection.New(db, log, func(...string) {}, people.Projection{}, staff.Projection{}, chat.NewProjection(wire.PersonID{}))
	if err := runner.Prepare(ctx); err != nil {
		return nil, nil, err
	}
	events, err := eventlog.Open(ctx, db, eventlog.Options{Signer: chain.Signer(), Opener: chain.Opener(), Clock: clock.System{}, Log: log, Follower: runner})
	if err != nil {
		return nil, nil, err
	}
	if err := runner.CatchUp(ctx, events); err != nil {
		return nil, nil, err
	}
	var ops []space.Op
	for range colleaguesLinked {
		signer := key.NewSigningKey()
		c, err := identity.Found(signer, key.NewSealingKey().SealPublic(), 1)
		if err != nil {
			return nil, nil, err
		}
		p := space.Party{Certificates: []identity.Certificate{c}}
		if p.Person, err = identity.Person(p.Certificates); err != nil {
			return nil, nil, err
		}
		ops = append(ops, space.Op{Add: &space.Add{Party: p, Role: space.Member}})
		parties, devices = append(parties, p), append(devices, signer.Public())
	}
	for _, id := range events.Spaces() {
		workspace := false
		_ = events.View(id, func(s *space.State) { workspace = s.Kind == space.Workspace })
		for from := 0; workspace && from < len(ops); from += 100 {
			if err := events.Change(ctx, id, ops[from:from+100]...); err != nil {
				return nil, nil, err
			}
		}
	}
	return parties, devices, nil
}

// writeTo writes to some, so that conversations with them stand at the top.
func writeTo(ctx context.Context, d *client.Desk, some []space.Party) error {
	all, err := d.People.Workspaces(ctx, &v1.WorkspacesRequest{})
	if err != nil || len(all.Workspaces) == 0 {
		return errors.Join(err, errors.New("no workspace"))
	}
	for _, p := range some {
		c, err := d.Chat.OpenDirect(ctx, &v1.OpenDirectRequest{WorkspaceId: all.Workspaces[0].Id, PersonId: p.Person.String()})
		if err != nil {
			return err
		}
		if _, err := d.Chat.Send(ctx, &v1.SendRequest{ConversationId: c.Id, Text: "早上好"}); err != nil {
			return err
		}
	}
	return nil
}

// colleagues are the devices of others, each with a switchboard of its own.
type colleagues struct {
	network *inside.Network
	self    wire.DeviceID
	boards  []*switchboard.Board
	linked  [colleaguesLinked]atomic.Bool
}

// links implements app.Options.Links.
func (c *colleagues) links(self wire.DeviceID) ([]link.Node, error) {
	c.self = self
	node, err := c.network.Node(self, "here", nil)
	return []link.Node{node}, err
}

func (c *colleagues) open(ctx context.Context, work *sync.WaitGroup, devices []wire.DeviceID) error {
	for i, d := range devices {
		node, err := c.network.Node(d, fmt.Sprint("colleague", i), nil)
		if err != nil {
			return err
		}
		b := switchboard.New(switchboard.Options{Self: d, Nodes: []link.Node{node}, Interfaces: func() string { return "" }})
		work.Go(func() { _ = b.Run(ctx) })
		c.boards = append(c.boards, b)
	}
	return nil
}

// set has one come, or go, and says whether that was another thing than before.
func (c *colleagues) set(ctx context.Context, i int, here bool) (bool, error) {
	if c.linked[i].Load() == here {
		return false, nil
	}
	if !here {
		c.boards[i].Drop(c.self)
	} else if _, err := c.boards[i].Dial(ctx, ownAddress, c.self); err != nil {
		return false, err
	}
	c.linked[i].Store(here)
	return true, nil
}

func (c *colleagues) come(ctx context.Context) error {
	for i := range c.boards {
		if _, err := c.set(ctx, i, true); err != nil {
			return fmt.Errorf("colleague %d comes: %w", i, err)
		}
	}
	return nil
}

// churn says what it comes to: so many came and went each second, and so long took an answer about all who are there.
func (c *colleagues) churn(ctx context.Context, d *client.Desk) error {
	var done atomic.Int64
	var work sync.WaitGroup
	room := make(chan struct{}, awayAtATime/2) // so many are on their way in at a time, at most
	begin, asking := time.Now(), time.NewTicker(time.Second)
	defer asking.Stop()
	var asked []float64
	for turn := 0; time.Since(begin) < comingsFor; turn++ {
		select {
		case <-asking.C:
			t := time.Now()
			if _, err := d.System.Connections(ctx, &v1.ConnectionsRequest{}); err != nil {
				return err
			}
			asked = append(asked, ms(t))
		case <-time.After(time.Until(begin.Add(time.Duration(turn) * time.Second / comingsPerSecond))):
		}
		// In turn one goes, and one comes who went a while ago.
		who, here := turn/2, turn%2 == 1
		if here {
			who += len(c.boards) - awayAtATime
		}
		room <- struct{}{}
		work.Go(func() {
			defer func() { <-room }()
			// Whose link before is not gone yet comes the next time.
			if other, _ := c.set(ctx, who%len(c.boards), here); other {
				done.Add(1)
			}
		})
	}
	work.Wait()
	figure("presence_changes_s", float64(done.Load())/time.Since(begin).Seconds(), "1/s")
	if len(asked) > 0 {
		figure("presence_answer_ms", part(asked, 50), "ms")
	}
	return nil
}
