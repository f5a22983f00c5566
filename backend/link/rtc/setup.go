package rtc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5"
	"github.com/quic-go/quic-go"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	serversWithin = 3 * time.Second
	// What ICE hears, a check or any packet, counts as life; it asks every
	// checkEvery. Together the other two are as long as mux.DeadAfter.
	checkEvery   = 5 * time.Second
	disconnected = 12 * time.Second
	failed       = 18 * time.Second
)

// setUp is one set-up under way.
type setUp struct {
	n       *Node
	peer    wire.DeviceID
	dialled bool
	s       link.Stream // of the signalling
	network transport.Net
	agent   *ice.Agent
	turns   []*stun.URI
	servers Servers

	names chan string // candidates of ours to tell
	lost  chan struct{}
	once  sync.Once
	route atomic.Pointer[route]
	kept  bool // the link has the agent now
	wg    sync.WaitGroup
}

// begin prepares a set-up: servers, network, agent.
func (n *Node) begin(ctx context.Context, peer wire.DeviceID, dialled bool, s link.Stream) (*setUp, error) {
	u := &setUp{n: n, peer: peer, dialled: dialled, s: s, network: n.opt.Net,
		names: make(chan string, maxCandidates), lost: make(chan struct{})}
	if at, ok := ctx.Deadline(); ok {
		_ = s.SetDeadline(at)
	}
	asked, cancel := context.WithTimeout(ctx, serversWithin)
	defer cancel()
	var err error
	if u.servers, err = n.opt.Servers(asked); err != nil {
		n.opt.Log.Debug("no STUN and TURN servers", "error", err)
	}
	var stuns []*stun.URI
	stuns, u.turns = u.servers.sort()
	if u.network == nil {
		if u.network, err = system(); err != nil {
			return nil, err
		}
	}
	if u.agent, err = ice.NewAgentWithOptions(u.options(stuns)...); err != nil {
		return nil, fmt.Errorf("start ICE: %w", err)
	}
	if err := u.listen(); err != nil {
		u.end()
		return nil, fmt.Errorf("start ICE: %w", err)
	}
	return u, nil
}

func (u *setUp) options(stuns []*stun.URI) []ice.AgentOption {
	kinds := []ice.CandidateType{ice.CandidateTypeHost, ice.CandidateTypeServerReflexive}
	if u.n.opt.TurnOnly {
		kinds = []ice.CandidateType{ice.CandidateTypeRelay} // without URLs: allocate adds it
		stuns = nil
	}
	opts := []ice.AgentOption{
		ice.WithNet(u.network),
		ice.WithUrls(stuns),
		ice.WithCandidateTypes(kinds),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithDisableActiveTCP(),
		ice.WithIPFilter(func(ip net.IP) bool { return !ip.IsLinkLocalUnicast() }),
		ice.WithKeepaliveInterval(checkEvery),
		ice.WithDisconnectedTimeout(disconnected),
		ice.WithFailedTimeout(failed),
		ice.WithLoggerFactory(quiet()),
	}
	if u.n.opt.Loopback {
		opts = append(opts, ice.WithIncludeLoopback())
	}
	return opts
}

// listen sets what the agent calls.
func (u *setUp) listen() error {
	return errors.Join(
		u.agent.OnCandidate(func(c ice.Candidate) {
			if c == nil {
				return // gathered all; a relay candidate may still come
			}
			select {
			case u.names <- c.Marshal():
			default: // a machine with that many addresses has told enough
			}
		}),
		u.agent.OnConnectionStateChange(func(s ice.ConnectionState) {
			if s == ice.ConnectionStateFailed || s == ice.ConnectionStateClosed {
				u.once.Do(func() { close(u.lost) })
			}
		}),
		u.agent.OnSelectedCandidatePairChange(func(local, remote ice.Candidate) {
			u.route.Store(routeOf(local, remote))
		}),
	)
}

// end gives back what a failed set-up holds, and waits for what is under way.
func (u *setUp) end() {
	_ = u.s.SetDeadline(time.Unix(1, 0)) // the signalling is over
	u.wg.Wait()
	if !u.kept {
		_ = u.agent.Close()
	}
}

// say tells the other side how to check paths to us.
func (u *setUp) say() error {
	ufrag, password, err := u.agent.GetLocalUserCredentials()
	if err != nil {
		return fmt.Errorf("start ICE: %w", err)
	}
	mine := hello{Ufrag: ufrag, Password: password}
	for _, text := range u.n.opt.Addresses() {
		at, err := netip.ParseAddrPort(text)
		if err == nil && reachable(at.Addr(), u.n.opt.Loopback) && len(mine.Addresses) < maxAddresses && !u.n.opt.TurnOnly {
			mine.Addresses = append(mine.Addresses, text)
		}
	}
	if err := wire.Send(u.s, message{Hello: &mine}); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	return nil
}

// connect finds a path and makes a link of it.
func (u *setUp) connect(ctx context.Context, theirs hello) (*Link, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := u.agent.GatherCandidates(); err != nil {
		return nil, fmt.Errorf("gather candidates: %w", err)
	}
	heard := make(chan struct{})
	u.wg.Go(func() { u.tell(ctx) })
	u.wg.Go(func() { u.turn(ctx) })
	u.wg.Go(func() {
		defer close(heard)
		cancel(fmt.Errorf("%w: %w", errGaveUp, u.hear()))
	})
	l, err := u.path(ctx, theirs)
	for _, addr := range theirs.worth(u.route.Load(), u.n.opt.Loopback) {
		u.n.opt.Suggest(addr, u.peer)
	}
	if err != nil {
		return nil, err
	}
	if !u.dialled {
		// Until the dialler closes the stream: closed by us, it would overtake our
		// answer and tell the dialler that we have given up.
		select {
		case <-heard:
		case <-l.done:
		}
	}
	return l, nil
}

var errGaveUp = errors.New("the other side gave up")

// path waits until ICE has one, and proves keys on it.
func (u *setUp) path(ctx context.Context, theirs hello) (*Link, error) {
	start := time.Now()
	find := u.agent.Accept
	if u.dialled {
		find = u.agent.Dial
	}
	found, err := find(ctx, theirs.Ufrag, theirs.Password)
	if err != nil {
		return nil, fmt.Errorf("find a path: %w", because(ctx, err))
	}
	pair, err := u.agent.GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return nil, errors.Join(errors.New("find a path: none selected"), err)
	}
	u.route.Store(routeOf(pair.Local, pair.Remote))
	t := &quic.Transport{Conn: packets{found}}
	conn, control, err := u.n.shake(ctx, t, u.peer, u.dialled)
	if err != nil {
		_ = t.Close()
		return nil, because(ctx, err)
	}
	l := newLink(u.peer, conn, control, &u.route)
	if !u.n.keep(l, u, t) {
		return nil, link.ErrClosed
	}
	u.kept = true
	u.n.opt.Log.Debug("path found", "peer", u.peer.Short(), "pair", u.route.Load().pair, "within", time.Since(start))
	return l, nil
}

// because prefers what ended the context.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// keep counts a link and cleans up after its end.
func (n *Node) keep(l *Link, u *setUp, t *quic.Transport) bool {
	watch := func() {
		select {
		case <-l.conn.Context().Done():
		case <-u.lost:
			_ = l.conn.CloseWithError(codeLost, "no path")
		}
		close(l.done)
		select {
		case <-n.ctx.Done():
		case <-time.After(linger):
		}
		_ = t.Close()
		_ = u.agent.Close()
		n.mu.Lock()
		delete(n.links, l)
		n.mu.Unlock()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ctx.Err() != nil {
		_ = l.conn.CloseWithError(codeBye, "")
		close(l.done)
		_ = t.Close()
		return false
	}
	n.links[l] = struct{}{}
	n.wg.Go(watch)
	return true
}

// tell names our candidates to the other side as they are found.
func (u *setUp) tell(ctx context.Context) {
	for range maxCandidates {
		select {
		case <-ctx.Done():
			return
		case c := <-u.names:
			if err := wire.Send(u.s, message{Candidate: c}); err != nil {
				return // hear notices, too
			}
		}
	}
}

// hear takes the other side's candidates until the stream ends. It says why.
func (u *setUp) hear() error {
	for n := 0; ; n++ {
		m, err := receive(u.s)
		switch {
		case err != nil:
			return err
		case m.Refused:
			return link.ErrRefused
		case m.Candidate == "" || n >= maxCandidates:
			return fmt.Errorf("signalling: %w", wire.ErrMalformed)
		}
		if c := candidate(m.Candidate, u.n.opt.Loopback); c != nil {
			_ = u.agent.AddRemoteCandidate(c) // one that ICE cannot use is one fewer
		}
	}
}

// turn adds a relay candidate when there is no direct path after a while.
func (u *setUp) turn(ctx context.Context) {
	after := u.n.opt.limits.turnAfter
	if u.n.opt.TurnOnly {
		after = 0
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(after):
	}
	if u.route.Load() != nil || len(u.turns) == 0 {
		return
	}
	if err := allocate(ctx, u.agent, u.network, u.turns, u.servers.User, u.servers.Password); err != nil && ctx.Err() == nil {
		u.n.opt.Log.Debug("no TURN", "peer", u.peer.Short(), "error", err)
	}
}
