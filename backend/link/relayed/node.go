package relayed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/link/secure"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	via        = "relayed"
	maxPending = 32
	// pingEvery is gentler than on a network of our own: every ping costs the
	// relay two messages, and a phone its sleep.
	pingEvery = 20 * time.Second
)

// limits are what others can make us spend; tests make them smaller.
type limits struct {
	handshake  time.Duration // until a handshake is done
	shaking    int           // handshakes at a time
	shakingOne int           // of one device, as the relay names it
	strangers  int           // of all devices that Known does not know
	inbound    int           // links
	inboundOne int           // of one device
}

func defaults() limits { return limits{10 * time.Second, 32, 4, 8, 256, 8} }

// Options of a node.
type Options struct {
	Signer key.Signer
	// Known says whether a device shares a space with us; others get a small
	// window and few handshakes. nil: every device is known.
	Known func(wire.DeviceID) bool
	Log   *slog.Logger // may be nil

	limits limits // defaults when zero
}

// Node is a link.Node over all relays that were added.
type Node struct {
	opt      Options
	self     wire.DeviceID
	identity *secure.Identity
	ctx      context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	pending  chan link.Link

	mu      sync.Mutex
	relays  map[short]*client.Client
	links   map[*mux.Link]short
	shaking map[wire.DeviceID]int
	total   int // of shaking
	strange int // of shaking
	inbound map[wire.DeviceID]int
	taken   int // of inbound
}

// New makes a node without relays.
func New(opt Options) (*Node, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Known == nil {
		opt.Known = func(wire.DeviceID) bool { return true }
	}
	if opt.limits == (limits{}) {
		opt.limits = defaults()
	}
	identity, err := secure.New(opt.Signer)
	if err != nil {
		return nil, err
	}
	n := &Node{
		opt: opt, self: identity.Self(), identity: identity, pending: make(chan link.Link, maxPending),
		relays: map[short]*client.Client{}, links: map[*mux.Link]short{}, shaking: map[wire.DeviceID]int{}, inbound: map[wire.DeviceID]int{},
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n, nil
}

// Add has the node use a relay; id is protocol.Address.ID. Its client's Incoming
// events go to Node.Incoming.
func (n *Node) Add(id [32]byte, c *client.Client) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.relays[shorten(id)] = c
}

// Remove has it use a relay no more; links over it end.
func (n *Node) Remove(id [32]byte) {
	n.mu.Lock()
	delete(n.relays, shorten(id))
	links := n.linksLocked(func(relay short) bool { return relay == shorten(id) })
	n.mu.Unlock()
	for _, l := range links {
		l.Close()
	}
}

func (n *Node) linksLocked(which func(short) bool) (out []*mux.Link) {
	for l, relay := range n.links {
		if which(relay) {
			out = append(out, l)
		}
	}
	return out
}

// Via is "relayed".
func (n *Node) Via() string { return via }

// Addresses is empty: who may dial us over which relay, control events and presence say.
func (n *Node) Addresses() []string { return nil }

// Accept waits for a link that somebody dialled.
func (n *Node) Accept(ctx context.Context) (link.Link, error) {
	if n.ctx.Err() != nil {
		return nil, link.ErrClosed
	}
	select {
	case l := <-n.pending:
		return l, nil
	case <-n.ctx.Done():
		return nil, link.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends all links and waits for what is under way.
func (n *Node) Close() error {
	n.mu.Lock()
	n.cancel()
	links := n.linksLocked(func(short) bool { return true })
	n.mu.Unlock()
	for _, l := range links {
		l.Close()
	}
	n.wg.Wait()
	return nil
}

// Dial opens a link to "relay:…/device"; want, unless zero, must be that device.
func (n *Node) Dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	l, err := n.dial(ctx, addr, want)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", addr, err)
	}
	return l, nil
}

func (n *Node) dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	relay, device, err := parse(addr)
	switch {
	case err != nil:
		return nil, err
	case n.ctx.Err() != nil:
		return nil, link.ErrClosed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case device == n.self:
		return nil, link.ErrSelf
	case !want.IsZero() && want != device:
		return nil, link.ErrWrongDevice
	}
	ctx, cancel := context.WithTimeout(ctx, n.opt.limits.handshake)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	n.mu.Lock()
	c := n.relays[relay]
	n.mu.Unlock()
	if c == nil {
		return nil, fmt.Errorf("%w: not one of our relays", link.ErrRefused)
	}
	conn, err := circuit(ctx, c, device)
	if err != nil {
		return nil, err
	}
	proven, _, err := n.identity.Client(ctx, conn, device, secure.Limits{Within: n.opt.limits.handshake})
	if err != nil {
		return nil, err
	}
	if err := secure.Await(ctx, proven); err != nil {
		return nil, err
	}
	return n.start(proven, device, relay, c, true, func() {})
}

// circuit has the relay call a device.
func circuit(ctx context.Context, c *client.Client, device wire.DeviceID) (net.Conn, error) {
	s := c.Session()
	if s == nil {
		return nil, fmt.Errorf("%w: %w", link.ErrRefused, client.ErrNotConnected)
	}
	ticket, err := s.Dial(ctx, device)
	if err != nil {
		var f protocol.Failed
		if errors.As(err, &f) || errors.Is(err, client.ErrNotConnected) {
			return nil, fmt.Errorf("%w: %w", link.ErrRefused, err)
		}
		return nil, err
	}
	return c.DialCircuit(ctx, ticket.Secret)
}

// start puts streams on a proven connection.
func (n *Node) start(proven net.Conn, device wire.DeviceID, relay short, c *client.Client, dialled bool, ended func()) (*mux.Link, error) {
	opt := mux.Options{Remote: device, Via: via, RemoteAddr: host(c), Dialled: dialled, PingEvery: pingEvery, Log: n.opt.Log}
	if !n.opt.Known(device) && !dialled {
		opt.Window = mux.SmallWindow
	}
	l, err := mux.New(proven, opt)
	if err != nil {
		ended()
		return nil, err
	}
	n.mu.Lock()
	stopped := n.ctx.Err() != nil || n.relays[relay] != c
	if !stopped {
		n.links[l] = relay
		n.wg.Go(func() {
			<-l.Done()
			n.mu.Lock()
			delete(n.links, l)
			n.mu.Unlock()
			ended()
		})
	}
	n.mu.Unlock()
	if stopped {
		ended()
		l.Close()
		return nil, link.ErrClosed
	}
	return l, nil
}

// host is the relay's name for people.
func host(c *client.Client) string {
	if u, err := url.Parse(c.Address().URL); err == nil {
		return u.Hostname()
	}
	return c.Address().Host()
}
