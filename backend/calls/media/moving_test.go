package media

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5"

	"roundtable/backend/testnet/nat"
)

// roaming is a network that can become another: a device is carried from one site to the next.
type roaming struct {
	transport.Net // that it was made with; what a network is asked for otherwise is the same everywhere
	mu            sync.Mutex
	now           transport.Net
}

func (r *roaming) at() transport.Net {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *roaming) moveTo(host transport.Net) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = host
}

func (r *roaming) ListenPacket(network, at string) (net.PacketConn, error) {
	return r.at().ListenPacket(network, at)
}

func (r *roaming) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	return r.at().ListenUDP(network, at)
}

func (r *roaming) Interfaces() ([]*transport.Interface, error) { return r.at().Interfaces() }

// goesOn waits until sound and picture of both have come since, and says how long it took. It
// counts looks: one that comes late does so on a busy machine, where the call is late as well.
func goesOn(t *testing.T, a, b *window, what string) time.Duration {
	t.Helper()
	since, looks := time.Now(), 0
	for _, c := range []struct {
		w      *window
		source Source
	}{{a, mic(2)}, {a, camera(2)}, {b, mic(1)}, {b, camera(1)}} {
		await(t, what, func() bool { looks++; g, ok := c.w.sees(c.source); return ok && g.last.After(since) }, a.e, b.e)
	}
	return time.Duration(looks) * lookEvery
}

// soon is how long a call may take to go on when it can.
const soon = 3 * time.Second

func inTime(t *testing.T, what string, took time.Duration) {
	t.Helper()
	t.Logf("%s after %v", what, took.Round(time.Millisecond))
	if took > soon && !underRace {
		t.Errorf("%s after %v, want %v", what, took, soon)
	}
}

// Whoever goes to another network is heard again soon, whoever of the two it is.
func TestRoaming(t *testing.T) {
	t.Parallel()
	for n, name := range []string{"who offers", "who answers"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, o := nat.New(t), newOffice(t)
			server := in.Serve()
			home, office := in.Site(nat.PortRestricted, nat.Shape{}), in.Site(nat.Cone, nat.Shape{})
			first := home.Host()
			carried := &roaming{Net: first, now: first}
			hosts := []transport.Net{in.Site(nat.PortRestricted, nat.Shape{}).Host(), in.Site(nat.PortRestricted, nat.Shape{}).Host()}
			hosts[n] = carried
			a, b := o.sheltered(1, hosts[0], server), o.sheltered(2, hosts[1], server)
			linked(t, a, b)
			home.Cut(true)
			carried.moveTo(office.Host())
			[]*window{a, b}[n].e.NetworkChanged()
			time.Sleep(200 * time.Millisecond) // what was under way
			inTime(t, "the call went on", goesOn(t, a, b, "the call from another network"))
		})
	}
}

// A cut of ten seconds is no end of the call, whether it goes over TURN, and whether what is said
// beside the call is cut too, as it is when a cable is pulled.
func TestLongCut(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	t.Parallel()
	cases := []struct {
		kind   nat.Kind
		beside bool
	}{{nat.PortRestricted, true}, {nat.Symmetric, true}, {nat.PortRestricted, false}}
	if underRace {
		cases = cases[:2]
	}
	var back []func() // they are all cut at the same time: ten seconds are long
	for _, c := range cases {
		in, o := nat.New(t), newOffice(t)
		server, site := in.Serve(), in.Site(c.kind, nat.Shape{})
		a, b := o.sheltered(1, site.Host(), server), o.sheltered(2, in.Site(c.kind, nat.Shape{}).Host(), server)
		linked(t, a, b)
		site.Cut(true)
		o.unplug(1, c.beside)
		end := time.Now().Add(10 * time.Second)
		back = append(back, func() {
			time.Sleep(time.Until(end))
			o.unplug(1, false)
			site.Cut(false)
			inTime(t, "the call went on", goesOn(t, a, b, "the call after the cut"))
		})
	}
	for _, f := range back {
		f()
	}
}

// A direct call needs neither the server nor what relays messages, also when somebody looks for a better way.
func TestServersDie(t *testing.T) {
	t.Parallel()
	in, o := nat.New(t), newOffice(t)
	server := in.Serve()
	a, b := o.sheltered(1, in.Site(nat.PortRestricted, nat.Shape{}).Host(), server), o.sheltered(2, in.Site(nat.Cone, nat.Shape{}).Host(), server)
	linked(t, a, b)
	server.Stop()
	o.unplug(1, true)
	goesOn(t, a, b, "the call without servers")
	a.e.NetworkChanged()
	b.e.NetworkChanged()
	start := time.Now()
	await(t, "five more signs of life", func() bool { return a.e.Snapshot().Networks[id(2)].Connected && time.Since(start) > 5*beatEvery })
	inTime(t, "the call went on", goesOn(t, a, b, "the call after the network has changed"))
	if relayed(a, 2) || relayed(b, 1) {
		t.Error("over a server that is gone")
	}
}

// unplug takes away, or gives back, the way on which a device's engine says things beside the call.
func (o *office) unplug(n int, cut bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut[id(n)] = cut
}
