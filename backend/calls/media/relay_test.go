package media

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/pion/transport/v5"

	"roundtable/backend/clock"
	"roundtable/backend/key"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/testnet/nat"
	"roundtable/backend/wire"
)

// realRelay is the relay that ships: its own STUN and TURN server stands on the internet of a test,
// and its devices are connected with it over loopback.
type realRelay struct {
	*server.Server
	address protocol.Address
	ends    []func()
}

func newRealRelay(t *testing.T, in *nat.Net) *realRelay {
	t.Helper()
	site := in.Site(nat.None, nat.Shape{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := server.New(server.Options{Name: "office", Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Turn: &server.TurnOptions{
		Listen: net.JoinHostPort(site.Public(), "3478"), Host: site.Public(), AllowPrivate: true, Net: site.Host()}})
	must(err)
	e, err := sqlite.Open(t.Context(), t.TempDir(), s.Callbacks())
	must(err)
	must(s.Start(t.Context(), e))
	token, err := server.CreateTenant(t.Context(), e, server.Tenant{Name: "office", Created: time.Now()})
	must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	done := make(chan struct{})
	go func() { _ = s.Serve(l, nil); close(done) }()
	r := &realRelay{Server: s, address: protocol.Address{Version: 1, URL: "ws://" + l.Addr().String(), Token: token}}
	ended := false
	r.ends = append(r.ends, func() {
		if ended {
			return
		}
		ended = true
		s.Close()
		_ = l.Close()
		<-done
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.dies)
	return r
}

// dies ends the relay and all that it does.
func (r *realRelay) dies() {
	for _, end := range r.ends {
		end()
	}
}

// member connects a device, and lists it as one that may use the relay.
func (r *realRelay) member(t *testing.T) *client.Client {
	t.Helper()
	signer := key.NewSigningKey()
	up := make(chan struct{}, 100)
	c := client.New(client.Options{Signer: signer, Address: r.address, Events: client.Events{Up: func(*client.Session) { up <- struct{}{} }}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = c.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	select {
	case <-up:
	case <-time.After(40 * time.Second):
		t.Fatal("not connected with the relay")
	}
	space := wire.SpaceID(wire.Random(32))
	g := protocol.Grant{Space: space, Workspace: space, Version: 1, By: signer.Public(),
		Set: []protocol.Entry{{Device: signer.Public(), Rights: protocol.RightUse | protocol.RightAdd | protocol.RightManage}}}
	signed, err := g.Sign(signer)
	if err == nil {
		err = c.Session().Grant(t.Context(), signed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// beyond opens a device behind a NAT that asks the relay for servers, as the program does.
func (o *office) beyond(t *testing.T, n int, host transport.Net, relay *client.Client) *window {
	t.Helper()
	self := id(n)
	options := Options{Self: self, Slog: o.log(n), Net: host, steady: true, Send: func(_ context.Context, to wire.DeviceID, m []byte) error {
		return o.send(self, to, m)
	}}
	options.Ask(func() (urls []string, user, password string) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s := relay.Session()
		if s == nil {
			return nil, "", ""
		}
		said, err := s.Turn(ctx)
		if err != nil {
			return nil, "", ""
		}
		return said.URLs, said.User, said.Password
	})
	e, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	o.enter(e)
	return o.seat(e)
}

// Through two NATs with nothing but a real relay: directly where NATs let it be, over its TURN server
// else. When the relay dies, a direct call goes on, and what its engines say to each other does.
func TestOverARelay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to nat.Kind
		relayed  bool
	}{{nat.PortRestricted, nat.PortRestricted, false}, {nat.Symmetric, nat.Symmetric, true}} {
		t.Run(c.from.String()+" to "+c.to.String(), func(t *testing.T) {
			t.Parallel()
			in, o := nat.New(t), newOffice(t)
			relay := newRealRelay(t, in)
			a := o.beyond(t, 1, in.Site(c.from, nat.Shape{}).Host(), relay.member(t))
			b := o.beyond(t, 2, in.Site(c.to, nat.Shape{}).Host(), relay.member(t))
			linked(t, a, b)
			await(t, "the way it should go", func() bool {
				x, y := a.e.Snapshot().Networks[id(2)], b.e.Snapshot().Networks[id(1)]
				return x.Connected && y.Connected && x.Relayed == c.relayed && y.Relayed == c.relayed
			}, a.e, b.e)
			if c.relayed {
				return // its way is gone with the relay
			}
			relay.dies()
			o.unplug(1, true)
			o.unplug(2, true)
			goesOn(t, a, b, "the call without the relay")
			a.e.Want([]Want{{camera(2), 720}})
			await(t, "a larger picture, which has to be asked for", func() bool { g, ok := a.sees(camera(2)); return ok && g.layer == full }, a.e, b.e)
			b.sends(Screen)
			b.offer(false)
			a.e.Want([]Want{{camera(2), 180}, {screen(2), 1080}})
			await(t, "a screen, which has to be told of", func() bool { a.follow(); g, ok := a.sees(screen(2)); return ok && g.key }, a.e, b.e)
		})
	}
}
