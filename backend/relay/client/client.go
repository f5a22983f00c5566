package client

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
)

var (
	// ErrNotConnected is returned by a session that has ended.
	ErrNotConnected = errors.New("not connected to the relay")
	// ErrProtocol is why a session ended whose relay broke the rules, and is
	// returned by the request that met it.
	ErrProtocol = errors.New("relay breaks the protocol")
)

// Options say who connects where.
type Options struct {
	Signer  key.Signer
	Address protocol.Address
	Log     *slog.Logger // may be nil
	Clock   clock.Clock  // the system's when nil
	// Proxy picks the proxy for a request, as http.Transport does; nil: none.
	// Loopback relays without TLS are never asked for through one.
	Proxy func(*http.Request) (*url.URL, error)
	// RootCAs replace the system's, for addresses without a pin and for proxies; may be nil.
	RootCAs *x509.CertPool
	Events  Events
	// Changed is called after State has changed. It must not block.
	Changed func()

	limits limits // defaults when zero; tests make them smaller
}

// limits are the client's times.
type limits struct {
	connect    time.Duration // until the relay has greeted
	first      time.Duration // pause after the first failure
	longest    time.Duration // between two tries
	refused    time.Duration // first pause after a refusal
	refusedMax time.Duration
	stable     time.Duration // a connection that lived so long begins afresh
	ping       time.Duration // silence before we ask
	pong       time.Duration // for an answer
	quick      time.Duration // for a request
	bulk       time.Duration // for one that carries much
}

func defaults() limits {
	return limits{
		connect: 25 * time.Second, first: 250 * time.Millisecond, longest: time.Minute,
		refused: 30 * time.Second, refusedMax: 10 * time.Minute, stable: time.Minute,
		ping: 30 * time.Second, pong: 12 * time.Second, quick: 20 * time.Second, bulk: 2 * time.Minute,
	}
}

// maxAsked bounds how long a relay may tell us to stay away.
const maxAsked = 10 * time.Minute

// Client keeps one connection to one relay.
type Client struct {
	opt   Options
	log   *slog.Logger
	retry chan struct{} // a try is wanted now

	mu      sync.Mutex
	state   State
	session *Session
}

// New makes a client; Run connects it.
func New(o Options) *Client {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.limits == (limits{}) {
		o.limits = defaults()
	}
	return &Client{
		opt: o, log: o.Log.With("relay", o.Address.Host()), retry: make(chan struct{}, 1),
		state: State{Phase: Connecting, Since: o.Clock.Now()},
	}
}

// Address of the relay.
func (c *Client) Address() protocol.Address { return c.opt.Address }

// Session is the one that lives now, or nil.
func (c *Client) Session() *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// Retry connects now instead of after the pause; connected it does nothing.
func (c *Client) Retry() {
	select {
	case c.retry <- struct{}{}:
	default:
	}
}

// NetworkChanged asks the relay for a sign of life, or connects now.
func (c *Client) NetworkChanged() {
	if s := c.Session(); s != nil {
		s.check()
		return
	}
	c.Retry()
}

// Run keeps connected until ctx ends; it is called once. It returns when no
// callback runs any more.
func (c *Client) Run(ctx context.Context) error {
	var pause pause
	for ctx.Err() == nil {
		c.drainRetry()
		s, err := c.connect(ctx)
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			c.wait(ctx, c.failed(err, &pause), &pause)
			continue
		}
		begun := c.opt.Clock.Now()
		cause := c.live(ctx, s)
		if ctx.Err() != nil {
			break
		}
		c.drainRetry() // meant for the connection that there was
		lived := c.opt.Clock.Now().Sub(begun)
		c.log.Info("relay lost", "after", lived.Round(time.Millisecond), "error", cause)
		c.wait(ctx, c.lost(s, cause, lived, &pause), &pause)
	}
	c.setState(func(s *State) { *s = State{Phase: Connecting} })
	return ctx.Err()
}

// live shows a session to the world until it ends, and says why it did.
func (c *Client) live(ctx context.Context, s *Session) error {
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	ready := s.Ready()
	c.setState(func(st *State) {
		*st = State{Phase: Connected, RoundTrip: s.RoundTrip(), Store: ready.Store, Name: ready.Name, Visitor: ready.Visitor}
	})
	c.log.Info("relay connected", "visitor", ready.Visitor)
	cause := s.run(ctx, func() {
		c.mu.Lock()
		c.session = nil
		c.mu.Unlock()
		c.setState(func(st *State) { *st = State{Phase: Connecting} })
	})
	return cause
}

// pause grows with failures in a row.
type pause struct{ fails int }

func (p *pause) next(first, longest time.Duration) time.Duration {
	d := first << min(p.fails, 20)
	p.fails++
	return jitter(min(d, longest))
}

// failed notes why a try came to nothing and gives the time until the next.
func (c *Client) failed(err error, p *pause) time.Duration {
	phase, code := classify(err)
	l := c.opt.limits
	wait := time.Duration(0)
	if phase == Refused && code != errcode.RelayBusy {
		wait = p.next(l.refused, l.refusedMax)
	} else {
		wait = p.next(l.first, l.longest)
	}
	var f protocol.Failed
	if errors.As(err, &f) && f.RetryMS > 0 {
		wait = max(wait, asked(f.RetryMS))
	}
	next := c.opt.Clock.Now().Add(wait)
	c.log.Debug("relay not reached", "error", err, "code", string(code), "wait", wait)
	c.setState(func(s *State) { *s = State{Phase: phase, Code: code, NextTry: next} })
	return wait
}

// lost gives the time until the relay is tried again after a session.
func (c *Client) lost(s *Session, cause error, lived time.Duration, p *pause) time.Duration {
	if lived >= c.opt.limits.stable {
		p.fails = 0
	}
	if at, ok := s.leaveAt(); ok {
		p.fails = 0
		c.setState(func(s *State) { s.NextTry = at })
		return max(at.Sub(c.opt.Clock.Now()), 0)
	}
	var f protocol.Failed
	if errors.As(cause, &f) || errors.Is(cause, ErrProtocol) {
		return c.failed(cause, p)
	}
	wait := p.next(c.opt.limits.first, c.opt.limits.longest)
	next := c.opt.Clock.Now().Add(wait)
	c.setState(func(s *State) { s.NextTry = next })
	return wait
}

// wait sleeps unless a try is wanted now.
func (c *Client) wait(ctx context.Context, d time.Duration, p *pause) {
	select {
	case <-ctx.Done():
	case <-c.opt.Clock.After(d):
	case <-c.retry:
		p.fails = 0
	}
	c.setState(func(s *State) { s.NextTry = time.Time{} })
}

func (c *Client) drainRetry() {
	select {
	case <-c.retry:
	default:
	}
}

// jitter gives between half of d and d.
func jitter(d time.Duration) time.Duration {
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}

// asked is a pause that the relay wants, within reason; devices spread over
// half as much again.
func asked(ms uint32) time.Duration {
	d := min(time.Duration(ms)*time.Millisecond, maxAsked)
	return d + time.Duration(rand.Int64N(int64(d/2)+1))
}
