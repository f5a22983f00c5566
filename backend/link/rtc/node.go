package rtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/pion/transport/v5"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/secure"
	"roundtable/backend/wire"
)

const (
	via        = "rtc"
	maxPending = 32
	// TurnAfter is how long only direct paths are tried.
	TurnAfter = 1500 * time.Millisecond
)

// Board is what the signalling runs over: the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
}

// limits are what others can make us spend, and how long; tests make them smaller.
type limits struct {
	setUp     time.Duration // until a link is up
	inbound   int           // set-ups at a time that others ask for
	ofOne     int           // of these, of one device
	burst     float64       // set-ups of one device at once
	every     time.Duration // one more after so long
	turnAfter time.Duration
}

func defaults() limits { return limits{10 * time.Second, 16, 2, 6, 10 * time.Second, TurnAfter} }

// Options of a node. Only Signer is needed.
type Options struct {
	Signer key.Signer
	// Known says whether a device shares a space with us; others are not answered
	// and, when we dial them, get small windows. nil: every device is known.
	Known func(wire.DeviceID) bool
	// Servers names STUN and TURN servers, for each set-up anew. It may ask the
	// network, within ctx. nil, or an error: only what needs no server is tried.
	Servers func(ctx context.Context) (Servers, error)
	// Addresses are where we take plain TCP, best first; the first four are told. May be nil.
	Addresses func() []string
	// Suggest gets the other side's, for the switchboard. May be nil.
	Suggest func(addr string, device wire.DeviceID)
	// Log may be nil.
	Log *slog.Logger

	// TurnOnly keeps our addresses from the other side: packets go through a TURN server.
	TurnOnly bool
	// Net is the system's when nil. Loopback takes addresses of this machine, too.
	// Both are for tests.
	Net      transport.Net
	Loopback bool

	limits limits // defaults when zero
}

// Node is a link.Node.
type Node struct {
	opt      Options
	identity *secure.Identity
	ctx      context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	pending  chan link.Link

	mu      sync.Mutex
	board   Board
	links   map[*Link]struct{}
	dialing map[wire.DeviceID]int
	callers callers
	tried   tried
}

// New makes a node. It can dial once it is bound.
func New(opt Options) (*Node, error) {
	if opt.Known == nil {
		opt.Known = func(wire.DeviceID) bool { return true }
	}
	if opt.Servers == nil {
		opt.Servers = func(context.Context) (Servers, error) { return Servers{}, nil }
	}
	if opt.Addresses == nil {
		opt.Addresses = func() []string { return nil }
	}
	if opt.Suggest == nil {
		opt.Suggest = func(string, wire.DeviceID) {}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.limits == (limits{}) {
		opt.limits = defaults()
	}
	identity, err := secure.New(opt.Signer)
	if err != nil {
		return nil, err
	}
	n := &Node{
		opt: opt, identity: identity, pending: make(chan link.Link, maxPending),
		links: map[*Link]struct{}{}, dialing: map[wire.DeviceID]int{}, callers: newCallers(opt.limits), tried: tried{},
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n, nil
}

// Bind has the signalling run over a board; once, before the board runs.
func (n *Node) Bind(board Board) {
	n.mu.Lock()
	n.board = board
	n.mu.Unlock()
	board.Handle(protocol, n.answer)
}

// Via is "rtc".
func (n *Node) Via() string { return via }

// Addresses is empty: Addr means something only to devices that have a link to us.
func (n *Node) Addresses() []string { return nil }

// NetworkChanged forgets which devices could not be reached.
func (n *Node) NetworkChanged() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.tried)
}

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
	links := make([]*Link, 0, len(n.links))
	for l := range n.links {
		links = append(links, l)
	}
	n.mu.Unlock()
	for _, l := range links {
		_ = l.Close()
	}
	n.wg.Wait()
	return nil
}

// enter counts what Close waits for; it says no when Close was called.
func (n *Node) enter() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ctx.Err() != nil {
		return false
	}
	n.wg.Add(1)
	return true
}

// Dial opens a link to "rtc:device"; want, unless zero, must be that device.
func (n *Node) Dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	l, err := n.dial(ctx, addr, want)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", addr, err)
	}
	return l, nil
}

func (n *Node) dial(ctx context.Context, addr string, want wire.DeviceID) (*Link, error) {
	device, err := parse(addr)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case device == n.identity.Self():
		return nil, link.ErrSelf
	case !want.IsZero() && want != device:
		return nil, link.ErrWrongDevice
	case !n.enter():
		return nil, link.ErrClosed
	}
	defer n.wg.Done()
	n.mu.Lock()
	board, wait := n.board, n.tried.wait(device, time.Now())
	if board != nil && wait == 0 {
		n.dialing[device]++
	}
	n.mu.Unlock()
	switch {
	case board == nil:
		return nil, fmt.Errorf("%w: nothing to signal over", link.ErrRefused)
	case wait > 0:
		return nil, fmt.Errorf("%w: no path was found; tried again in %v", link.ErrRefused, wait.Round(time.Second))
	}
	l, err := n.call(ctx, board, device)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dialing[device]--; n.dialing[device] == 0 {
		delete(n.dialing, device)
	}
	switch {
	case err == nil:
		delete(n.tried, device)
	case ctx.Err() == nil && n.ctx.Err() == nil && !errors.Is(err, link.ErrRefused): // the other side's no costs nothing
		n.tried.failed(device, time.Now())
	}
	return l, err
}

// call is the dialler's side of a set-up.
func (n *Node) call(ctx context.Context, board Board, device wire.DeviceID) (*Link, error) {
	ctx, cancel := context.WithTimeout(ctx, n.opt.limits.setUp)
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	s, err := board.OpenStream(ctx, device, protocol)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", link.ErrRefused, err)
	}
	defer s.Close()
	u, err := n.begin(ctx, device, true, s)
	if err != nil {
		return nil, err
	}
	defer u.end()
	if err := u.say(); err != nil {
		return nil, orContext(ctx, err)
	}
	m, err := receive(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("wait for an answer: %w", orContext(ctx, err))
	case m.Refused:
		return nil, link.ErrRefused
	case m.Hello == nil:
		return nil, fmt.Errorf("wait for an answer: %w", wire.ErrMalformed)
	}
	return u.connect(ctx, *m.Hello)
}

// orContext prefers the reason of a context that ended. The stream has the
// context's deadline as its own, and may be the first to notice.
func orContext(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return context.DeadlineExceeded
	}
	return err
}
