package nats

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/key"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// station is a whole relay before the cluster: server, engine and bus.
type station struct {
	s       *server.Server
	e       *Engine
	bus     *Bus
	address protocol.Address
}

const stationBeat = 500 * time.Millisecond

func newStation(t *testing.T, url string, token []byte) *station {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w := &station{bus: openBus(t, url)}
	var err error
	if w.s, err = server.New(server.Options{Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Bus: w.bus, Limits: server.Limits{Beat: stationBeat}}); err != nil {
		t.Fatal(err)
	}
	if w.e, err = Open(ctx, Options{Options: w.s.Callbacks(), URL: url}); err != nil {
		t.Fatal(err)
	}
	if err := server.SetTenant(ctx, w.e, server.Tenant{ID: server.TenantOf(token), Name: "远山"}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Start(ctx, w.e); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.address = protocol.Address{Version: 1, URL: "ws://" + l.Addr().String(), Token: token}
	served := make(chan error, 1)
	go func() { served <- w.s.Serve(l, nil) }()
	t.Cleanup(func() {
		w.s.Close()
		_ = l.Close()
		if err := errors.Join(<-served, w.e.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// person has one device at one station.
type person struct {
	t        *testing.T
	key      key.SigningKey
	c        *client.Client
	frames   chan string
	presence chan protocol.Presence
	incoming chan protocol.Incoming
}

func newPerson(t *testing.T, w *station) *person {
	t.Helper()
	p := &person{t: t, key: key.NewSigningKey(), frames: make(chan string, 100), presence: make(chan protocol.Presence, 100), incoming: make(chan protocol.Incoming, 10)}
	p.c = client.New(client.Options{Signer: p.key, Address: w.address, Events: client.Events{
		Frame:    func(f protocol.Frame) { p.frames <- string(f.Bytes) },
		Presence: func(m protocol.Presence) { p.presence <- m },
		Incoming: func(m protocol.Incoming) { p.incoming <- m },
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.c.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	eventually(t, "a session", func() bool { return p.c.Session() != nil })
	return p
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// wait takes from a channel until something is as wanted.
func wait[T any](t *testing.T, what string, from chan T, wanted func(T) bool) {
	t.Helper()
	for late := time.After(time.Minute); ; {
		select {
		case got := <-from:
			if wanted(got) {
				return
			}
		case <-late:
			t.Fatal("never: " + what)
		}
	}
}

func (p *person) name() wire.DeviceID { return p.key.Public() }

func (p *person) sees(other *person) bool {
	here, err := p.c.Session().Watch(p.t.Context(), []wire.DeviceID{other.name()})
	return err == nil && len(here.Here) == 1
}

func (p *person) sends(space wire.SpaceID, text string) {
	p.t.Helper()
	if err := p.c.Session().Frame(p.t.Context(), protocol.Frame{Space: space, Bytes: []byte(text)}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) calls(other *person) (net.Conn, net.Conn) {
	p.t.Helper()
	ctx := p.t.Context()
	ticket, err := p.c.Session().Dial(ctx, other.name())
	if err != nil {
		p.t.Fatal(err)
	}
	a, err := p.c.DialCircuit(ctx, ticket.Secret)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = a.Close() })
	b, err := other.c.DialCircuit(ctx, (<-other.incoming).Secret)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = b.Close() })
	return a, b
}

// passes sends bytes from one end to the other.
func passes(t *testing.T, from, to net.Conn, size int) {
	t.Helper()
	sent, got := wire.Random(size), make([]byte, size)
	failed := make(chan error, 1)
	go func() {
		_, err := from.Write(sent)
		failed <- err
	}()
	if _, err := io.ReadFull(to, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("circuit: %v", err)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
}

// TestStations: two relays before three servers are one to their devices, also
// while a server is killed; and one that dies is missed within some beats.
func TestStations(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster")
	}
	c := newCluster(t, 0)
	token := server.NewToken()
	one, other := newStation(t, c.url, token), newStation(t, c.url, token)
	boss, clerk := newPerson(t, one), newPerson(t, other)
	space := enginetest.NewSpace()
	signed, err := protocol.Grant{Space: space, Workspace: space, Version: 1, By: boss.name(), Set: []protocol.Entry{
		{Device: boss.name(), Rights: protocol.RightUse | protocol.RightManage}, {Device: clerk.name(), Rights: protocol.RightUse}}}.Sign(boss.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := boss.c.Session().Grant(t.Context(), signed); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the clerk is known to be here, and on the list", func() bool {
		_, err := clerk.c.Session().Watch(t.Context(), nil)
		return boss.sees(clerk) && err == nil
	})
	boss.sends(space, "你好")
	wait(t, "a frame", clerk.frames, func(m string) bool { return m == "你好" })
	a, b := boss.calls(clerk)
	begun := time.Now()
	const bulk = 16 << 20
	passes(t, a, b, bulk)
	passes(t, b, a, bulk)
	t.Logf("a circuit over the bus: %.0f MiB/s", 2*bulk/(1<<20)/time.Since(begun).Seconds())

	i := slices.IndexFunc(c.processes, func(p *process) bool { return p.name == "server "+other.bus.nc.ConnectedServerName()[1:] })
	c.processes[i].kill() // the one that the clerk's relay is connected to
	c.processes[i].start(t)
	eventually(t, "frames after a killed server", func() bool {
		boss.sends(space, "还在吗")
		select {
		case m := <-clerk.frames:
			return m == "还在吗"
		case <-time.After(20 * time.Millisecond):
			return false
		}
	})
	eventually(t, "the clerk is here", func() bool { return boss.sees(clerk) })

	other.bus.nc.Close() // it says no goodbye
	wait(t, "the clerk is gone", boss.presence, func(p protocol.Presence) bool { return slices.Contains(p.Away, clerk.name()) })
	if _, err := boss.c.Session().Dial(t.Context(), clerk.name()); err == nil {
		t.Error("who is gone was dialled")
	}
}
