package switchboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

var (
	// ErrNotConnected is returned when there is no link to the device.
	ErrNotConnected = errors.New("no link to this device")
	// ErrNotRunning is returned before Run and after its end.
	ErrNotRunning = errors.New("switchboard is not running")
)

// Options say what the board works with.
type Options struct {
	Self  wire.DeviceID
	Nodes []link.Node // best way first; the board does not close them
	Clock clock.Clock // the system's when nil
	Log   *slog.Logger
	// Known says whether a device shares a space with us. It is called often, from
	// any goroutine, with no lock held; it must not block. nil: every device is known.
	Known func(wire.DeviceID) bool
	// Remember gets addresses at which a device answered, for AddKnown at the
	// next start. Called in turn, not while a lock is held. May be nil.
	Remember func(device wire.DeviceID, addr string)
	// Changed is called after any change of Links, several changes at once. May be nil.
	Changed func()
	// Moved is called after sleep and network changes. It must not block. May be nil.
	Moved func()
	// Interfaces gives a text that changes when the machine's network does; the
	// system's interfaces when nil.
	Interfaces func() string
	// MaxLinks is where dialling known devices stops, so that a large office is
	// no full mesh; events reach everybody over others all the same. Known
	// devices that dial us are taken up to twice as many. 512 when 0.
	MaxLinks int
}

// State is one device's link.
type State struct {
	Device wire.DeviceID
	Via    string
	Since  time.Time
	Addr   string
}

// Handler talks on one inbound stream; the stream is closed when it returns.
// ctx ends with the link.
type Handler func(ctx context.Context, peer wire.DeviceID, s link.Stream)

// Board is the switchboard. Handle and OnUp come before Run; the other methods
// may be called at any time from any goroutine.
type Board struct {
	opt      Options
	handlers map[string]Handler
	onUp     []func(context.Context, wire.DeviceID)

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before
	stopped bool
	wg      sync.WaitGroup
	peers   map[wire.DeviceID]*peer
	moved   chan struct{} // closed and replaced whenever peers changes
	changed chan struct{}
	book    book
	rate    bucket // of strangers' links
}

// New makes a board.
func New(opt Options) *Board {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Known == nil {
		opt.Known = func(wire.DeviceID) bool { return true }
	}
	if opt.Interfaces == nil {
		opt.Interfaces = fingerprint
	}
	if opt.MaxLinks == 0 {
		opt.MaxLinks = 512
	}
	return &Board{
		opt: opt, handlers: map[string]Handler{}, peers: map[wire.DeviceID]*peer{},
		moved: make(chan struct{}), changed: make(chan struct{}, 1), book: newBook(),
		rate: bucket{burst: maxStrangers, perSecond: 2},
	}
}

// Handle takes the inbound streams of one protocol. A name has at most 64 bytes
// and one handler; "up" is the board's own. Before Run only.
func (b *Board) Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream)) {
	if len(protocol) == 0 || len(protocol) > maxProtocol || protocol == protocolUp || b.handlers[protocol] != nil {
		panic(fmt.Sprintf("switchboard: protocol name %q", protocol)) // a fault of the program, seen at its first start
	}
	b.handlers[protocol] = h
}

// OnUp is called in a goroutine of its own for every link that becomes its
// device's link, strangers' included; ctx ends with the link. Before Run only.
func (b *Board) OnUp(f func(ctx context.Context, peer wire.DeviceID)) { b.onUp = append(b.onUp, f) }

// Initiator says whether we are the side that opens a conversation of which
// there shall be one per link. The other side's answer is the opposite.
func (b *Board) Initiator(peer wire.DeviceID) bool {
	return bytes.Compare(b.opt.Self[:], peer[:]) < 0
}

// Run works until ctx ends, then closes all links and waits for everything that
// runs on them. It may be called once.
func (b *Board) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.mu.Lock()
	if b.ctx != nil {
		b.mu.Unlock()
		return errors.New("run switchboard: it runs already")
	}
	b.ctx = ctx
	b.mu.Unlock()
	for _, n := range b.opt.Nodes {
		b.spawn(func() { b.acceptLinks(ctx, n) })
	}
	b.spawn(func() { b.dialLoop(ctx) })
	b.spawn(func() { b.watch(ctx) })
	b.spawn(func() { b.notify(ctx) })
	<-ctx.Done()

	b.mu.Lock()
	b.stopped = true
	lines := b.allLines()
	b.mu.Unlock()
	for _, l := range lines {
		l.cancel()
		b.wg.Go(func() { l.link.Close() }) // a dead one may take seconds
	}
	b.wg.Wait()
	return nil
}

// spawn runs f in a goroutine that Run waits for, unless Run has ended.
func (b *Board) spawn(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spawnLocked(f)
}

func (b *Board) spawnLocked(f func()) bool {
	if b.stopped || b.ctx == nil {
		return false
	}
	b.wg.Go(f)
	return true
}

func (b *Board) allLines() (out []*line) {
	for _, p := range b.peers {
		out = append(out, p.lines...)
	}
	return out
}

// Links are the devices that can be reached now, by device ID.
func (b *Board) Links() []State {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]State, 0, len(b.peers))
	for id, p := range b.peers {
		if c := p.current; c != nil {
			out = append(out, State{id, c.link.Via(), c.since, c.link.RemoteAddr()})
		}
	}
	slices.SortFunc(out, func(x, y State) int { return bytes.Compare(x.Device[:], y.Device[:]) })
	return out
}

// Via names the way of the link to a device, "" without one.
func (b *Board) Via(device wire.DeviceID) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.peers[device]; p != nil && p.current != nil {
		return p.current.link.Via()
	}
	return ""
}

// Connected says whether a device has a link.
func (b *Board) Connected(device wire.DeviceID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.peers[device]
	return p != nil && p.current != nil
}

// Addresses are where others can dial us, best way first.
func (b *Board) Addresses() (out []string) {
	for _, n := range b.opt.Nodes {
		out = append(out, n.Addresses()...)
	}
	return out
}

// OpenStream starts a conversation with a device that has a link. Errors:
// ErrNotConnected, link.ErrClosed, link.ErrTooManyStreams, the context's.
func (b *Board) OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error) {
	b.mu.Lock()
	var l *line
	if p := b.peers[device]; p != nil {
		l = p.current
	}
	b.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("open %s: %w", protocol, ErrNotConnected)
	}
	s, err := b.open(ctx, l, protocol)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", protocol, err)
	}
	b.use(l, 1)
	return &tracked{Stream: s, done: sync.OnceFunc(func() { b.use(l, -1) })}, nil
}

// Drop closes the link to a device and forgets its addresses. It may come back
// on its own.
func (b *Board) Drop(device wire.DeviceID) {
	b.mu.Lock()
	b.book.forget(device)
	var lines []*line
	if p := b.peers[device]; p != nil {
		lines = slices.Clone(p.lines)
	}
	b.mu.Unlock()
	for _, l := range lines {
		l.link.Close()
	}
}

// movedLocked tells those who wait for a change.
func (b *Board) movedLocked() {
	close(b.moved)
	b.moved = make(chan struct{})
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// notify calls Changed, one call for many changes.
func (b *Board) notify(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.changed:
			if b.opt.Changed != nil {
				b.opt.Changed()
			}
		}
	}
}

// tracked counts a stream as in use until it is closed.
type tracked struct {
	link.Stream
	done func()
}

func (t *tracked) Close() error {
	t.done()
	return t.Stream.Close()
}
