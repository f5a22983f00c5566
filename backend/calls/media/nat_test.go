package media

import (
	"context"
	"testing"
	"time"

	"github.com/pion/transport/v5"

	"roundtable/backend/testnet/nat"
	"roundtable/backend/wire"
)

// sheltered opens a device whose way to others is a host of an internet with a STUN and TURN server.
func (o *office) sheltered(n int, host transport.Net, server *nat.Server) *window {
	o.t.Helper()
	self := id(n)
	options := Options{Self: self, Slog: o.log(n), Net: host, steady: true, Send: func(_ context.Context, to wire.DeviceID, m []byte) error {
		return o.send(self, to, m)
	}}
	options.Ask(func() ([]string, string, string) {
		return []string{server.STUN, server.TURN}, server.User, server.Password
	})
	e, err := New(options)
	if err != nil {
		o.t.Fatal(err)
	}
	o.enter(e)
	return o.seat(e)
}

// linked has two devices call each other and waits until both see and hear.
func linked(t *testing.T, a, b *window) {
	t.Helper()
	pair := []*window{a, b}
	gathers(pair, Plan{})
	watches(pair, 180)
	awaitAll(t, pair, "sound and picture through the NATs")
}

func relayed(w *window, n int) bool { return w.e.Snapshot().Networks[id(n)].Relayed }

// Calls go directly where NATs let them, else over TURN; what they held of the server is given back.
func TestThroughNAT(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to nat.Kind
		relayed  bool
	}{
		{nat.Cone, nat.Cone, false},
		{nat.PortRestricted, nat.PortRestricted, false},
		{nat.Symmetric, nat.Cone, false},
		{nat.Symmetric, nat.Symmetric, true},
	} {
		t.Run(c.from.String()+" to "+c.to.String(), func(t *testing.T) {
			t.Parallel()
			n, o := nat.New(t), newOffice(t)
			server := n.Serve()
			a, b := o.sheltered(1, n.Site(c.from, nat.Shape{}).Host(), server), o.sheltered(2, n.Site(c.to, nat.Shape{}).Host(), server)
			start := time.Now()
			linked(t, a, b)
			t.Logf("within %v", time.Since(start).Round(time.Millisecond))
			await(t, "the way it should go", func() bool {
				x, y := a.e.Snapshot().Networks[id(2)], b.e.Snapshot().Networks[id(1)]
				return x.Connected && y.Connected && x.Relayed == c.relayed && y.Relayed == c.relayed
			}, a.e, b.e)
			a.e.Close()
			b.e.Close()
			await(t, "the allocations given back", func() bool { return server.Allocations() == 0 })
		})
	}
}
