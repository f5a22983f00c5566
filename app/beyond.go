package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/relayed"
	"roundtable/backend/link/rtc"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/replication/relaying"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// beyondNodes adds the ways that lead out of the office network, best first.
func (c *core) beyondNodes(nodes []link.Node) ([]link.Node, error) {
	c.relays = newRelays(c)
	if err := c.openRTC(); err != nil {
		return nodes, err
	}
	if c.rtc != nil {
		nodes = append(nodes, c.rtc)
	}
	var err error
	c.relays.node, err = relayed.New(relayed.Options{Signer: c.app.chain.Signer(), Known: c.log.Colleague, Log: c.app.Log})
	if err != nil {
		return nodes, err
	}
	return append(nodes, c.relays.node), nil
}

// openRTC makes direct paths through NAT possible, unless links shall listen nowhere.
func (c *core) openRTC() (err error) {
	if c.lan == nil {
		return nil
	}
	c.rtc, err = rtc.New(rtc.Options{
		Signer: c.app.chain.Signer(), Known: c.log.Colleague, Log: c.app.Log, Addresses: c.lan.Addresses,
		Suggest:  func(addr string, device wire.DeviceID) { c.board.Suggest(addr, device) },
		Loopback: c.onLoopback(),
		Servers: func(ctx context.Context) (rtc.Servers, error) {
			s := c.relays.servers(ctx)
			return rtc.Servers{URLs: s.URLs, User: s.User, Password: s.Password}, nil
		},
	})
	return err
}

// moved is told of sleep and of network changes.
func (c *core) moved() {
	c.relays.each((*client.Client).NetworkChanged)
	if c.rtc != nil {
		c.rtc.NetworkChanged()
	}
	if c.calls != nil {
		c.calls.NetworkChanged()
	}
}

// isBeyond: addresses that mean something only while a relay says so are not kept.
func isBeyond(addr string) bool {
	return strings.HasPrefix(addr, "relay:") || strings.HasPrefix(addr, "rtc:")
}

// openRelaying keeps spaces level with relays, and has what is ephemeral go over
// them to members whom no link reaches.
func (c *core) openRelaying(ctx context.Context) error {
	var err error
	c.relaying, err = relaying.New(ctx, relaying.Options{
		Log: c.log, DB: c.db, Signer: c.app.chain.Signer(), Clock: c.app.Clock, Slog: c.app.Log,
		Open: c.relays.open, Up: c.nudge, Here: c.relays.here, Cast: c.ephemeral.Send,
		Held:  func(id wire.SpaceID) { c.publish("chat", "chat:"+id.String(), "relays") },
		Frame: func(_ wire.SpaceID, from wire.DeviceID, raw []byte) { c.ephemeral.Take(from, raw) },
		Changed: func() {
			c.app.changes.Publish("relays")
			c.comings.changed() // who is there may be others, too
		},
	})
	if err != nil {
		return err
	}
	c.ephemeral.Handle(relaying.KindHave, func(id wire.SpaceID, from wire.DeviceID, body wire.Raw) {
		c.relaying.TakeHave(context.WithoutCancel(ctx), id, from, body)
	})
	c.ephemeral.Handle(relaying.KindTip, c.relaying.TakeTip)
	casts := make(chan cast, 64)
	c.casts = casts
	c.ephemeral.Beyond = func(id wire.SpaceID, linked map[wire.DeviceID]bool, frame []byte) {
		if c.reached(id, linked) {
			return
		}
		select {
		case casts <- cast{id, frame}:
		default: // now or never
		}
	}
	if c.rtc != nil {
		c.rtc.Bind(c.board)
		c.board.OnUp(func(_ context.Context, device wire.DeviceID) {
			if c.via(device) == "relayed" && c.log.Colleague(device) {
				c.board.Suggest(rtc.Addr(device), device) // perhaps there is a direct path
			}
		})
	}
	return nil
}

// cast is an ephemeral frame on its way to a relay.
type cast struct {
	space wire.SpaceID
	frame []byte
}

// reached reports whether links reach every other device of a space.
func (c *core) reached(id wire.SpaceID, linked map[wire.DeviceID]bool) bool {
	all := true
	_ = c.log.View(id, func(s *space.State) {
		for d := range s.Devices() {
			all = all && (linked[d] || d == c.log.Self())
		}
	})
	return all
}

// nudge lets what waits for content try again: a relay answers.
func (c *core) nudge() {
	c.attachments.blobs.Nudge()
	c.folders.Nudge()
}

// sendCasts gives frames to relays until ctx ends.
func (c *core) sendCasts(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case x := <-c.casts:
			c.relaying.Cast(ctx, x.space, x.frame)
		}
	}
}

// A session keeps pieces; should it cease to, the program does not build.
var _ blobs.Depot = (*client.Session)(nil)

// depots are the relays that keep the pieces of a space's files.
func (c *core) depots(id wire.SpaceID) (out []blobs.Depot) {
	for _, s := range c.relaying.Sessions(id) {
		if d, ok := s.(blobs.Depot); ok {
			out = append(out, d)
		}
	}
	return out
}

// lookAtRelays has followRelays ask which relays the workspaces name.
func (c *core) lookAtRelays() {
	select {
	case c.renamed <- struct{}{}:
	default:
	}
}

// followRelays keeps relaying to the relays that the workspaces name.
func (c *core) followRelays(ctx context.Context) error {
	c.lookAtRelays()
	last := map[wire.SpaceID][]protocol.Address{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.renamed:
		}
		all := c.people.AllRelays(ctx)
		c.colleagues.relays(all, c.log.Begun)
		if !sameRelays(last, all) {
			c.given(ctx, last, all)
			c.relaying.SetRelays(all)
			last = all
		}
	}
}

const (
	givenWithin = 3 * time.Second
	givenLook   = 20 * time.Millisecond
)

// given waits a moment until relays that a workspace names no more have what this
// device wrote there: that they are named no more, or that we left, has to reach
// those who are connected to no other.
func (c *core) given(ctx context.Context, before, now map[wire.SpaceID][]protocol.Address) {
	over := c.app.Clock.After(givenWithin)
	for workspace, list := range before {
		for _, a := range list {
			named := slices.ContainsFunc(now[workspace], func(b protocol.Address) bool { return b.ID() == a.ID() })
			for !named && c.owes(workspace, a) {
				select {
				case <-ctx.Done():
					return
				case <-over:
					return
				case <-c.app.Clock.After(givenLook):
				}
			}
		}
	}
}

// owes: a relay that is connected lacks something that this device wrote.
func (c *core) owes(workspace wire.SpaceID, a protocol.Address) bool {
	s, _ := c.relays.state(a.ID())
	return s.Phase == client.Connected && c.relaying.Waiting(workspace, a.ID()) > 0
}

func sameRelays(a, b map[wire.SpaceID][]protocol.Address) bool {
	if len(a) != len(b) {
		return false
	}
	for id, list := range a {
		other := b[id]
		if len(other) != len(list) {
			return false
		}
		for i := range list {
			if list[i].ID() != other[i].ID() {
				return false
			}
		}
	}
	return true
}

// closeBeyond closes what leads out of the office network.
func (c *core) closeBeyond() error {
	var err error
	if c.rtc != nil {
		err = c.rtc.Close()
	}
	if c.relays != nil && c.relays.node != nil {
		c.relays.close()
		err = errors.Join(err, c.relays.node.Close())
	}
	return err
}
