package memory

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/wire"
)

const (
	via        = "memory"
	prefix     = "memory:"
	maxPending = 256
)

// Faults is asked before anything moves. Names are the nodes' names.
type Faults interface {
	// Reachable says whether a dial from one node to another gets through.
	Reachable(from, to string) bool
	// Delay is how long bytes written now take; it never reorders them.
	Delay(from, to string) time.Duration
}

type noFaults struct{}

func (noFaults) Reachable(_, _ string) bool      { return true }
func (noFaults) Delay(_, _ string) time.Duration { return 0 }

// Network connects nodes of one process.
type Network struct {
	faults Faults
	mu     sync.Mutex
	nodes  map[string]*Node
	pairs  []*pair // in the order in which they were made
}

// pair is one connection and its two ends. It is on the network from the first word of
// its dial, so that a cut ends what is about to be connected, too.
type pair struct {
	from, to string

	mu    sync.Mutex
	links []*mux.Link // none yet while it is dialled
	cut   bool
}

// NewNetwork makes a network; faults may be nil.
func NewNetwork(faults Faults) *Network {
	if faults == nil {
		faults = noFaults{}
	}
	return &Network{faults: faults, nodes: map[string]*Node{}}
}

// Node adds a device under a name of its own; its address is "memory:<name>".
// A name whose node is closed may be taken again. Its links tell log, which may
// be nil: it is given here, since others dial a node as soon as it is there.
func (n *Network) Node(id wire.DeviceID, name string, log *slog.Logger) (*Node, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, taken := n.nodes[name]; taken {
		return nil, fmt.Errorf("add node %q: the name is taken", name)
	}
	node := &Node{log: log, network: n, id: id, name: name, pending: make(chan link.Link, maxPending), closed: make(chan struct{})}
	n.nodes[name] = node
	return node, nil
}

// Cut closes the links for which which says so, in the order in which they were made.
func (n *Network) Cut(which func(from, to string) bool) {
	n.mu.Lock()
	pairs := slices.Clone(n.pairs)
	n.mu.Unlock()
	for _, p := range pairs {
		if which(p.from, p.to) {
			p.close()
		}
	}
}

func (p *pair) close() {
	p.mu.Lock()
	links := p.links
	p.cut = true
	p.mu.Unlock()
	for _, l := range links {
		l.Close()
	}
}

// join gives a pair its ends. Errors: link.ErrRefused when it was cut meanwhile.
func (p *pair) join(ends ...*mux.Link) error {
	p.mu.Lock()
	p.links = ends
	cut := p.cut
	p.mu.Unlock()
	if cut {
		p.close()
		return link.ErrRefused
	}
	return nil
}

// dialling notes that somebody is about to connect two nodes.
func (n *Network) dialling(from, to string) *pair {
	p := &pair{from: from, to: to}
	n.mu.Lock()
	n.pairs = append(slices.DeleteFunc(n.pairs, (*pair).ended), p)
	n.mu.Unlock()
	return p
}

// connect makes a connection and gives the dialler's end.
func (n *Network) connect(p *pair, from, to *Node) (link.Link, error) {
	there, back := newHalf(), newHalf()
	delay := func(a, b string) func() time.Duration {
		return func() time.Duration { return n.faults.Delay(a, b) }
	}
	a, err := mux.New(&conn{in: back, out: there, delay: delay(from.name, to.name)},
		mux.Options{Remote: to.id, Via: via, RemoteAddr: prefix + to.name, Dialled: true, Log: from.log})
	if err != nil {
		return nil, err
	}
	b, err := mux.New(&conn{in: there, out: back, delay: delay(to.name, from.name)},
		mux.Options{Remote: from.id, Via: via, RemoteAddr: prefix + from.name, Log: to.log})
	if err != nil {
		a.Close()
		return nil, err
	}
	if err := p.join(a, b); err != nil {
		return nil, err
	}
	select {
	case <-to.closed:
	case <-from.closed:
	default:
		select {
		case to.pending <- b:
			return a, nil
		default:
		}
	}
	return nil, link.ErrRefused
}

func (p *pair) ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.links) == 0 {
		return p.cut
	}
	for _, l := range p.links {
		select {
		case <-l.Done():
			return true
		default:
		}
	}
	return false
}

// Node is one device on the network.
type Node struct {
	log     *slog.Logger
	network *Network
	id      wire.DeviceID
	name    string
	pending chan link.Link
	once    sync.Once
	closed  chan struct{}
}

func (n *Node) Via() string         { return via }
func (n *Node) Addresses() []string { return []string{prefix + n.name} }

// Dial opens a link to "memory:<name>".
func (n *Node) Dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	name, ok := strings.CutPrefix(addr, prefix)
	if !ok {
		return nil, fmt.Errorf("dial %s: %w", addr, link.ErrAddress)
	}
	select {
	case <-n.closed:
		return nil, link.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	default:
	}
	p := n.network.dialling(n.name, name)
	l, err := n.dial(ctx, p, addr, want)
	if err != nil {
		p.close()
		return nil, err
	}
	return l, nil
}

func (n *Node) dial(ctx context.Context, p *pair, addr string, want wire.DeviceID) (link.Link, error) {
	name := p.to
	n.network.mu.Lock()
	to := n.network.nodes[name]
	n.network.mu.Unlock()
	switch {
	case to == nil || !n.network.faults.Reachable(n.name, name):
		return nil, fmt.Errorf("dial %s: %w", addr, link.ErrRefused)
	case !want.IsZero() && to.id != want:
		return nil, fmt.Errorf("dial %s: %w", addr, link.ErrWrongDevice)
	case to.id == n.id:
		return nil, fmt.Errorf("dial %s: %w", addr, link.ErrSelf)
	}
	if d := n.network.faults.Delay(n.name, name) + n.network.faults.Delay(name, n.name); d > 0 {
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l, err := n.network.connect(p, n, to)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", addr, err)
	}
	return l, nil
}

// Accept waits for a link that somebody dialled.
func (n *Node) Accept(ctx context.Context) (link.Link, error) {
	select {
	case l := <-n.pending:
		return l, nil
	case <-n.closed:
		return nil, link.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close takes the node off the network and ends its links.
func (n *Node) Close() error {
	n.once.Do(func() {
		close(n.closed)
		n.network.mu.Lock()
		delete(n.network.nodes, n.name)
		n.network.mu.Unlock()
	})
	n.network.Cut(func(from, to string) bool { return from == n.name || to == n.name })
	return nil
}
