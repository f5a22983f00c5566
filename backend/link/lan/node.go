package lan

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/link/secure"
	"roundtable/backend/wire"
)

const (
	// Port is where devices listen unless it is taken.
	Port = 47800

	via        = "lan"
	maxPending = 32
)

// limits are what others can make us spend; tests make them smaller.
type limits struct {
	handshake     time.Duration // until a handshake is done
	handshakes    int           // at a time
	handshakesOne int           // of one remote address
	linksOne      int           // inbound, of one remote address
}

func defaults() limits { return limits{10 * time.Second, 64, 16, 256} }

// Options say who listens where.
type Options struct {
	Signer key.Signer
	// Address is "ip:port" (port 0: a free one). "" is all interfaces and Port,
	// or a free port when that is taken.
	Address string
	// Known says whether a device shares a space with us; others get a small
	// window. nil: every device is known.
	Known func(wire.DeviceID) bool
	Log   *slog.Logger // may be nil

	limits limits // defaults when zero
}

// Node is a link.Node.
type Node struct {
	opt      Options
	identity *secure.Identity
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	pending  chan link.Link

	mu         sync.Mutex
	links      map[*mux.Link]struct{}
	handshakes map[netip.Addr]int
	inbound    map[netip.Addr]int
	shaking    int
}

// Listen starts a node; ctx bounds the start only.
func Listen(ctx context.Context, opt Options) (*Node, error) {
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
	listener, err := listen(ctx, opt.Address)
	if err != nil {
		return nil, fmt.Errorf("listen for links: %w", err)
	}
	n := &Node{
		opt: opt, identity: identity, listener: listener,
		pending: make(chan link.Link, maxPending), links: map[*mux.Link]struct{}{},
		handshakes: map[netip.Addr]int{}, inbound: map[netip.Addr]int{},
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.wg.Go(n.acceptLoop)
	return n, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	lc := net.ListenConfig{KeepAliveConfig: keepAlive()}
	if address != "" {
		return lc.Listen(ctx, "tcp", address)
	}
	l, err := lc.Listen(ctx, "tcp", ":"+strconv.Itoa(Port))
	if err != nil {
		l, err = lc.Listen(ctx, "tcp", ":0")
	}
	return l, err
}

func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 4}
}

func (n *Node) Via() string { return via }

// Port is the TCP port that the node listens on.
func (n *Node) Port() int { return n.listener.Addr().(*net.TCPAddr).Port }

// Addresses are "ip:port" of every interface that is up, IPv4 first; loopback
// only when there is nothing else or the node listens there alone. IPv6
// link-local addresses are left out: their zone means nothing to others.
func (n *Node) Addresses() []string {
	at := n.listener.Addr().(*net.TCPAddr).AddrPort()
	if ip := at.Addr().Unmap(); !ip.IsUnspecified() {
		return []string{netip.AddrPortFrom(ip, at.Port()).String()}
	}
	var four, six, loop []string
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		ip := prefix.Addr().Unmap()
		text := netip.AddrPortFrom(ip, at.Port()).String()
		switch {
		case ip.IsLoopback() && ip.Is4():
			loop = append(loop, text)
		case ip.IsLoopback() || ip.IsLinkLocalUnicast() && ip.Is6():
		case ip.Is4():
			four = append(four, text)
		default:
			six = append(six, text)
		}
	}
	if len(four)+len(six) == 0 {
		return loop
	}
	return append(four, six...)
}

// Accept waits for a link that somebody dialled.
func (n *Node) Accept(ctx context.Context) (link.Link, error) {
	select {
	case l := <-n.pending:
		return l, nil
	case <-n.ctx.Done():
		return nil, link.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close stops listening, ends all links and waits for what is under way.
func (n *Node) Close() error {
	n.mu.Lock()
	n.cancel()
	links := make([]*mux.Link, 0, len(n.links))
	for l := range n.links {
		links = append(links, l)
	}
	n.mu.Unlock()
	n.listener.Close()
	for _, l := range links {
		l.Close()
	}
	n.wg.Wait()
	return nil
}

func (n *Node) acceptLoop() {
	for {
		conn, err := n.listener.Accept()
		if err != nil {
			if n.ctx.Err() != nil {
				return
			}
			n.opt.Log.Warn("accept failed", "error", err) // out of file descriptors, for example
			select {
			case <-time.After(100 * time.Millisecond):
			case <-n.ctx.Done():
				return
			}
			continue
		}
		ip := ipOf(conn)
		if !n.enter(ip) {
			conn.Close()
			continue
		}
		n.wg.Go(func() {
			l, err := n.accept(conn, ip)
			n.leave(ip)
			if err != nil {
				n.opt.Log.Debug("handshake failed", "addr", conn.RemoteAddr().String(), "error", err)
				return
			}
			select {
			case n.pending <- l:
			case <-time.After(n.opt.limits.handshake): // nobody takes links
				l.Close()
			case <-n.ctx.Done():
				l.Close()
			}
		})
	}
}

// enter counts a handshake that starts, leave one that ended.
func (n *Node) enter(ip netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shaking >= n.opt.limits.handshakes || n.handshakes[ip] >= n.opt.limits.handshakesOne {
		return false
	}
	n.shaking++
	n.handshakes[ip]++
	return true
}

func (n *Node) leave(ip netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.shaking--
	if n.handshakes[ip]--; n.handshakes[ip] == 0 {
		delete(n.handshakes, ip)
	}
}

// accept is the listener's side of the handshake.
func (n *Node) accept(conn net.Conn, ip netip.Addr) (*mux.Link, error) {
	prepare(conn)
	proven, device, err := n.identity.Server(n.ctx, conn, wire.DeviceID{}, n.proofLimits())
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	full := n.inbound[ip] >= n.opt.limits.linksOne
	if !full {
		n.inbound[ip]++
	}
	n.mu.Unlock()
	err = secure.Answer(proven, !full, n.opt.limits.handshake)
	if full {
		proven.Close()
		return nil, link.ErrRefused
	}
	out := func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.inbound[ip]--; n.inbound[ip] == 0 {
			delete(n.inbound, ip)
		}
	}
	if err != nil {
		out()
		proven.Close()
		return nil, err
	}
	return n.start(proven, device, false, out)
}

// Dial opens a link to "host:port", or to Port when none is given.
func (n *Node) Dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	l, err := n.dial(ctx, addr, want)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", addr, err)
	}
	return l, nil
}

func (n *Node) dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	target, err := hostPort(addr)
	if err != nil {
		return nil, err
	}
	if n.ctx.Err() != nil {
		return nil, link.ErrClosed
	}
	ctx, cancel := context.WithTimeout(ctx, n.opt.limits.handshake)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	dialer := net.Dialer{KeepAliveConfig: keepAlive()}
	conn, err := dialer.DialContext(ctx, "tcp", target)
	if err != nil {
		if refused(err) {
			return nil, fmt.Errorf("%w: %w", link.ErrRefused, err)
		}
		return nil, err
	}
	return n.dialProof(ctx, conn, want)
}
