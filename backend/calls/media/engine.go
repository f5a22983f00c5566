package media

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"

	"roundtable/backend/wire"
)

// Options of an engine.
type Options struct {
	Self wire.DeviceID
	Slog *slog.Logger
	// Send gives a message of at most 256 KiB to the engine of a device, in order per device. It may
	// block until ctx is done; it fails when the device is out of reach.
	Send func(ctx context.Context, device wire.DeviceID, message []byte) error
	// Servers gives the STUN and TURN servers of now; nil and none are fine.
	Servers func() []webrtc.ICEServer
	// Changed is called when Snapshot is another: at most ten times a second, and once a second when
	// only figures are. Never at the same time as itself; it must not block.
	Changed func()
	// Loopback has engines of one machine find each other by its loopback addresses.
	Loopback bool
	// Net is the network of the ways to other engines; nil: the system's.
	Net transport.Net
	// steady, in tests, has every way carry a lot: a busy machine looks like a full one.
	steady bool
	// heardByAll and heardMost, in tests, take the place of the constants.
	heardByAll, heardMost int
}

// Engine carries one call. Its methods may be called from anywhere at any time.
type Engine struct {
	o           Options
	certificate webrtc.Certificate
	fingerprint string
	ctx         context.Context
	cancel      context.CancelFunc
	kick        chan struct{} // wakes the loop
	wg          sync.WaitGroup
	paging      sync.Mutex // one offer of the page at a time

	mu       sync.Mutex
	closed   bool
	plan     Plan
	oldHub   wire.DeviceID // may be heard until oldUntil: its packets bridge the turn
	oldUntil time.Time
	hubSince time.Time      // the plan's hub is this one
	wants    map[Source]int // of the page
	sources  map[Source]*source
	numbers  uint32 // of sources, for tags
	legs     map[wire.DeviceID]*leg
	page     *page
	serial   int64 // of the offer that the page shall make
	asked    [2]int
	sending  Sending
	widest   float64 // the best estimate of all legs
	voices   voices
	loudest  loudest
	shown    Snapshot
	told     Snapshot  // as Changed was called last
	changed  time.Time // Changed was called
}

// New gives an engine without legs. Close it.
func New(o Options) (*Engine, error) {
	if o.Send == nil || o.Self.IsZero() {
		return nil, errors.New("an engine needs a device and a way to send")
	}
	if o.Slog == nil {
		o.Slog = slog.New(slog.DiscardHandler)
	}
	if o.Servers == nil {
		o.Servers = func() []webrtc.ICEServer { return nil }
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for DTLS: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(secret)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for DTLS: %w", err)
	}
	prints, err := certificate.GetFingerprints()
	if err != nil || len(prints) == 0 {
		return nil, fmt.Errorf("read own fingerprint: %w", err)
	}
	e := &Engine{
		o: o, certificate: *certificate, fingerprint: normal(prints[0].Value), kick: make(chan struct{}, 1),
		wants: map[Source]int{}, sources: map[Source]*source{}, legs: map[wire.DeviceID]*leg{}, asked: [2]int{4, 4},
	}
	e.loudest.all, e.loudest.most = cmp.Or(o.heardByAll, heardByAll), cmp.Or(o.heardMost, heardMost)
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.wg.Add(1)
	go e.run()
	return e, nil
}

// run is the one place that decides what goes where: it looks at everything when something was
// said and ten times a second, so no order of events can leave it in a wrong state.
func (e *Engine) run() {
	defer e.wg.Done()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-tick.C:
		case <-e.kick:
		}
		now := time.Now()
		e.reconcile(now)
		e.tell(now)
	}
}

// tell calls Changed when there is something to see and it is time.
func (e *Engine) tell(now time.Time) {
	e.mu.Lock()
	since := now.Sub(e.changed)
	due := since >= changedEvery-5*time.Millisecond && differs(e.told, e.shown) || since >= figuresEvery && drifted(e.told, e.shown)
	if due {
		e.told, e.changed = e.shown, now
	}
	e.mu.Unlock()
	if due {
		e.o.Changed()
	}
}

func (e *Engine) wake() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// Follow takes a plan. Media turns to another hub at once, without any negotiation.
func (e *Engine) Follow(p Plan) {
	p.Peers, p.Silenced = slices.Clone(p.Peers), slices.Clone(p.Silenced)
	if len(p.Peers) > maxLegs {
		p.Peers = p.Peers[:maxLegs]
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	if p.Hub != e.plan.Hub && !e.plan.Hub.IsZero() {
		e.oldHub, e.oldUntil = e.plan.Hub, time.Now().Add(turnFor)
		if was, is := e.legs[e.plan.Hub], e.legs[p.Hub]; was != nil && is != nil {
			is.guess(was.bps()) // the narrow part is mostly our own line
		}
	}
	if p.Hub != e.plan.Hub {
		e.hubSince = time.Now()
	}
	e.plan = p
	for device, l := range e.legs {
		if !slices.Contains(p.Peers, device) {
			l.cancel()
			delete(e.legs, device)
		}
	}
	for _, device := range p.Peers {
		if _, there := e.legs[device]; !there && device != e.o.Self && !device.IsZero() {
			e.legs[device] = e.newLeg(device)
		}
	}
	e.wake()
}

// Want takes what the page shows; what is not named is not shown. Sound needs no want.
func (e *Engine) Want(wants []Want) {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.wants)
	for i, w := range wants {
		if i < maxTold && w.Height > 0 {
			e.wants[w.Source] = max(e.wants[w.Source], w.Height)
		}
	}
	e.wake()
}

// Signal takes what the engine of another device said, as its Options.Send was given it.
func (e *Engine) Signal(from wire.DeviceID, data []byte) {
	m, err := parse(data)
	if err != nil {
		e.o.Slog.Debug("call: message refused", "device", from.Short(), "error", err)
		return
	}
	e.mu.Lock()
	l := e.legs[from]
	e.mu.Unlock()
	if l != nil {
		l.hear(m)
	}
}

// NetworkChanged looks for new ways to everybody.
func (e *Engine) NetworkChanged() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.legs {
		l.moved.Store(true)
		l.wake()
	}
}

// Close ends everything and waits for it.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	p := e.page
	e.page = nil
	for _, l := range e.legs {
		l.cancel()
	}
	e.mu.Unlock()
	e.cancel()
	e.paging.Lock() // an offer under way sees that it is over; it may add to what the page's end waits for
	defer e.paging.Unlock()
	if p != nil {
		p.close()
	}
	e.wg.Wait()
}
