package nat

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/turn/v5"
)

// Kind is a kind of NAT.
type Kind int

// The kinds; the package comment says what each does.
const (
	None Kind = iota
	Cone
	PortRestricted
	Symmetric
)

// String is the kind's name.
func (k Kind) String() string {
	return [...]string{"none", "cone", "port-restricted", "symmetric"}[k]
}

// Shape is what a site's line does to packets that come in. Zero does nothing.
type Shape struct {
	Loss  float64       // probability, 0 to 1
	Delay time.Duration // one way
	Rate  int           // bits per second, 0 is no limit; up to Queue bytes wait
	Queue int           // 256 KiB when 0
}

const (
	wide       = "198.51.100.0/24" // the internet
	serverIP   = "198.51.100.1"
	serverPort = 3478
	user       = "office"
	password   = "open sesame"
	realm      = "roundtable"
)

// making is held while vnet makes something: it numbers MAC addresses with a
// variable of its package, and tests run in parallel.
var making = new(sync.Mutex)

func newRouter(c vnet.RouterConfig) (*vnet.Router, error) {
	making.Lock()
	defer making.Unlock()
	c.LoggerFactory = quiet()
	return vnet.NewRouter(&c)
}

func newHost(ips ...string) (*vnet.Net, error) {
	making.Lock()
	defer making.Unlock()
	return vnet.NewNet(&vnet.NetConfig{StaticIPs: ips})
}

// Net is an internet.
type Net struct {
	t   testing.TB
	wan *vnet.Router

	mu     sync.Mutex
	random *rand.Rand
	sites  map[string]*Site // by public address
}

// New makes an internet without sites; it ends with the test.
func New(t testing.TB) *Net {
	t.Helper()
	wan, err := newRouter(vnet.RouterConfig{CIDR: wide})
	if err != nil {
		t.Fatal(err)
	}
	n := &Net{t: t, wan: wan, random: rand.New(rand.NewPCG(1, 0x6e6174)), sites: map[string]*Site{}}
	wan.AddChunkFilter(n.passes)
	if err := wan.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wan.Stop() })
	return n
}

// passes is asked for every packet that crosses the internet.
func (n *Net) passes(c vnet.Chunk) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	from, to := n.sites[host(c.SourceAddr())], n.sites[host(c.DestinationAddr())]
	if from != nil && from.cut || to != nil && to.cut {
		return false
	}
	return to == nil || to.shape.Loss == 0 || n.random.Float64() >= to.shape.Loss
}

func host(a net.Addr) string {
	h, _, _ := net.SplitHostPort(a.String())
	return h
}

// Server is the STUN and TURN server of an internet.
type Server struct {
	STUN, TURN string // URLs
	User       string
	Password   string
	pion       *turn.Server
}

// Allocations is how many are held now.
func (s *Server) Allocations() int { return s.pion.AllocationCount() }

// Stop ends the server: whoever asks it anything hears nothing.
func (s *Server) Stop() { _ = s.pion.Close() }

// Serve starts the server; once.
func (n *Net) Serve() *Server {
	n.t.Helper()
	network := n.attach(serverIP, Shape{})
	at := net.JoinHostPort(serverIP, fmt.Sprint(serverPort))
	conn, err := network.ListenPacket("udp4", at)
	if err != nil {
		n.t.Fatal(err)
	}
	s := &Server{STUN: "stun:" + at, TURN: "turn:" + at + "?transport=udp", User: user, Password: password}
	s.pion, err = turn.NewServer(turn.ServerConfig{
		Realm: realm, LoggerFactory: quiet(),
		AuthHandler: func(a *turn.RequestAttributes) (string, []byte, bool) {
			return user, turn.GenerateAuthKey(user, realm, password), a.Username == user
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn:            conn,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.ParseIP(serverIP), Address: "0.0.0.0", Net: network},
		}},
	})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = s.pion.Close() })
	return s
}

// attach puts a host on the internet itself.
func (n *Net) attach(ip string, shape Shape) transport.Net {
	n.t.Helper()
	h, err := newHost(ip)
	if err == nil {
		err = n.wan.AddNet(n.shaped(h, shape))
	}
	if err != nil {
		n.t.Fatal(err)
	}
	return h
}

// shaped puts a line's delay and rate before a NIC.
func (n *Net) shaped(to vnet.NIC, shape Shape) vnet.NIC {
	n.t.Helper()
	if shape.Delay > 0 {
		d, err := vnet.NewDelayFilter(to, vnet.WithDelay(shape.Delay))
		if err != nil {
			n.t.Fatal(err)
		}
		to = d // ends with the process: closed before the routers stop, it would block them
	}
	if shape.Rate > 0 {
		if shape.Queue == 0 {
			shape.Queue = 256 << 10
		}
		q, err := vnet.NewQueue(to, vnet.NewTBFQueue(shape.Rate, 16<<10, int64(shape.Queue)))
		if err != nil {
			n.t.Fatal(err)
		}
		n.t.Cleanup(func() { _ = q.Close() })
		to = q
	}
	return to
}

// Site is a network behind one NAT, or with None a single host.
type Site struct {
	net    *Net
	kind   Kind
	public string
	lan    *vnet.Router
	hosts  int
	lonely transport.Net // with None

	// guarded by Net.mu
	shape Shape
	cut   bool
}

// Site adds a site.
func (n *Net) Site(kind Kind, shape Shape) *Site {
	n.t.Helper()
	n.mu.Lock()
	number := len(n.sites) + 1
	s := &Site{net: n, kind: kind, shape: shape, public: fmt.Sprintf("198.51.100.%d", 10+number)}
	n.sites[s.public] = s
	n.mu.Unlock()
	if kind == None {
		s.lonely = n.attach(s.public, shape)
		return s
	}
	lan, err := newRouter(vnet.RouterConfig{CIDR: fmt.Sprintf("10.0.%d.0/24", number), StaticIPs: []string{s.public}, NATType: kind.vnet()})
	if err == nil {
		err = errors.Join(n.wan.AddNet(n.shaped(lan, shape)), n.wan.AddChildRouter(lan), lan.Start())
	}
	if err != nil {
		n.t.Fatal(err)
	}
	s.lan = lan
	return s
}

func (k Kind) vnet() *vnet.NATType {
	nat := &vnet.NATType{MappingBehavior: vnet.EndpointIndependent, FilteringBehavior: vnet.EndpointAddrDependent, MappingLifeTime: 2 * time.Minute}
	switch k {
	case PortRestricted:
		nat.FilteringBehavior = vnet.EndpointAddrPortDependent
	case Symmetric:
		nat.MappingBehavior, nat.FilteringBehavior = vnet.EndpointAddrPortDependent, vnet.EndpointAddrPortDependent
	}
	return nat
}

// Public is the site's address on the internet.
func (s *Site) Public() string { return s.public }

// Host adds a machine. A site without NAT has one.
func (s *Site) Host() transport.Net {
	t := s.net.t
	t.Helper()
	if s.kind == None {
		if s.hosts++; s.hosts > 1 {
			t.Fatal("a site without NAT has one host")
		}
		return s.lonely
	}
	h, err := newHost()
	if err == nil {
		err = s.lan.AddNet(h)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Cut pulls the site's cable, or puts it back: nothing passes, nobody is told.
func (s *Site) Cut(cut bool) {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	s.cut = cut
}

// Loss changes the probability that a packet coming in is lost.
func (s *Site) Loss(probability float64) {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	s.shape.Loss = probability
}

func quiet() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
}
