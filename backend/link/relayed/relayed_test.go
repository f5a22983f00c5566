package relayed

import (
	"context"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/linktest"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/client/clienttest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// placed is a node with one relay, which tells its address.
type placed struct {
	*Node
	addr   string
	client *client.Client
	stop   func()
}

func (p *placed) Addresses() []string { return []string{p.addr} }

// Close also leaves the relay, so that it knows.
func (p *placed) Close() error {
	err := p.Node.Close()
	p.stop()
	return err
}

// at places a device at a relay.
func at(t *testing.T, address protocol.Address, signer key.Signer, l limits) *placed {
	t.Helper()
	n, err := New(Options{Signer: signer, limits: l})
	if err != nil {
		t.Fatal(err)
	}
	up := make(chan struct{}, 100)
	c := client.New(client.Options{Signer: signer, Address: address, Events: client.Events{
		Up:       func(*client.Session) { up <- struct{}{} },
		Incoming: func(in protocol.Incoming) { n.Incoming(address.ID(), in) },
	}})
	n.Add(address.ID(), c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = c.Run(ctx); close(done) }()
	p := &placed{Node: n, addr: Addr(address.ID(), signer.Public()), client: c, stop: func() { cancel(); <-done }}
	t.Cleanup(func() { p.Close() })
	select {
	case <-up:
	case <-time.After(2 * time.Minute):
		t.Fatal("not connected")
	}
	return p
}

func TestRelayed(t *testing.T) {
	linktest.Run(t, func(t *testing.T) (a, b link.Node) {
		r := clienttest.Start(t, clienttest.Options{})
		x, y := at(t, r.Address, key.NewSigningKey(), limits{}), at(t, r.Address, key.NewSigningKey(), limits{})
		for _, p := range []*placed{x, y} {
			await(t, "connected", func() bool { return r.Connected(p.self) })
		}
		return gone{x, r}, gone{y, r}
	})
}

// gone waits after Close until the relay has noticed.
type gone struct {
	*placed
	relay *clienttest.Relay
}

func (g gone) Close() error {
	err := g.placed.Close()
	for end := time.Now().Add(2 * time.Minute); g.relay.Connected(g.self) && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	return err
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("never: " + what)
}

func TestAddress(t *testing.T) {
	relay, device := [32]byte{1, 0xab, 2}, key.NewSigningKey().Public()
	text := Addr(relay, device)
	id, who, err := parse(text)
	if err != nil || id != shorten(relay) || who != device || len(text) > 256 {
		t.Fatalf("%q: %v %v %v", text, id, who, err)
	}
	for _, bad := range []string{"", "relay:", "relay:01ab02/", text[1:], text + "x", "relay:/" + device.String(),
		"relay:01AB020000000000/" + device.String(), "relay:zzab020000000000/" + device.String(), Addr(relay, wire.DeviceID{})} {
		if _, _, err := parse(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add(Addr([32]byte{1}, wire.DeviceID{2}))
	f.Add("relay:0000000000000000/")
	f.Fuzz(func(t *testing.T, text string) {
		relay, device, err := parse(text)
		if err == nil && Addr([32]byte(append(relay[:], make([]byte, 24)...)), device) != text {
			t.Errorf("%q means %q", text, Addr([32]byte(append(relay[:], make([]byte, 24)...)), device))
		}
	})
}
