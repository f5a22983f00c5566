package rtc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/quic-go/quic-go"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	codeBye  quic.ApplicationErrorCode = 0
	codeLost quic.ApplicationErrorCode = 1 // ICE has no path any more
	codeBad  quic.ApplicationErrorCode = 2 // the other side breaks the rules
	codeGone quic.StreamErrorCode      = 1 // nobody reads, or writes, any more

	// linger is how long a closed link answers late packets with its end.
	linger = time.Second
	// controlWithin bounds a write on the control stream.
	controlWithin = 5 * time.Second
	maxPings      = 16
)

// A frame of the control stream: kind, then eight bytes that come back.
const (
	pingSize = 9
	kindPing = 1
	kindPong = 2
)

// route is the candidate pair in use.
type route struct {
	addr     string
	ip       netip.Addr
	straight bool   // to an address of the other machine itself
	turn     bool   // through a TURN server, on either side
	pair     string // kinds of candidates, for logs
}

func routeOf(local, remote ice.Candidate) *route {
	ip, _ := netip.ParseAddr(remote.Address()) // a name, which we do not use, would give none
	return &route{
		addr:     net.JoinHostPort(remote.Address(), strconv.Itoa(remote.Port())),
		ip:       ip.Unmap(),
		straight: remote.Type() == ice.CandidateTypeHost,
		turn:     local.Type() == ice.CandidateTypeRelay || remote.Type() == ice.CandidateTypeRelay,
		pair:     local.Type().String() + "-" + remote.Type().String(),
	}
}

// Link is a link.Link and link.Pinger.
type Link struct {
	remote  wire.DeviceID
	conn    *quic.Conn
	control *quic.Stream
	route   *atomic.Pointer[route]
	done    chan struct{}

	writes sync.Mutex // of control
	mu     sync.Mutex
	next   uint64
	pings  map[uint64]chan struct{}
}

func newLink(remote wire.DeviceID, conn *quic.Conn, control *quic.Stream, r *atomic.Pointer[route]) *Link {
	control.SetPriority(0, false)
	l := &Link{remote: remote, conn: conn, control: control, route: r, done: make(chan struct{}), pings: map[uint64]chan struct{}{}}
	go l.listen()
	return l
}

func (l *Link) Remote() wire.DeviceID { return l.remote }
func (l *Link) Via() string           { return via }
func (l *Link) Done() <-chan struct{} { return l.done }

// RemoteAddr is where packets go now: the other side's address as we see it, or
// that of its allocation at a TURN server.
func (l *Link) RemoteAddr() string { return l.route.Load().addr }

// Path is "direct", or "turn" when packets go through a TURN server.
func (l *Link) Path() string {
	if l.route.Load().turn {
		return "turn"
	}
	return "direct"
}

// Close ends the link.
func (l *Link) Close() error {
	_ = l.conn.CloseWithError(codeBye, "")
	<-l.done
	return nil
}

// fail ends the link with a side that breaks the rules.
func (l *Link) fail(err error) { _ = l.conn.CloseWithError(codeBad, err.Error()) }

// Open starts a stream.
func (l *Link) Open(ctx context.Context) (link.Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := l.conn.OpenStream()
	if err != nil {
		var full *quic.StreamLimitReachedError
		if errors.As(err, &full) {
			return nil, link.ErrTooManyStreams
		}
		return nil, fmt.Errorf("open stream: %w", l.explain(err))
	}
	if _, err := s.Write([]byte{0}); err != nil { // a byte always fits: this does not wait
		return nil, fmt.Errorf("open stream: %w", l.explain(err))
	}
	return &stream{Stream: s, link: l}, nil
}

// Accept waits for a stream of the other side.
func (l *Link) Accept(ctx context.Context) (link.Stream, error) {
	s, err := l.conn.AcceptStream(ctx)
	if err != nil {
		if ctx.Err() != nil && l.conn.Context().Err() == nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("accept stream: %w", l.explain(err))
	}
	return &stream{Stream: s, link: l, opening: true}, nil
}

// Ping asks for a sign of life.
func (l *Link) Ping(ctx context.Context) (time.Duration, error) {
	back := make(chan struct{})
	l.mu.Lock()
	if len(l.pings) >= maxPings {
		l.mu.Unlock()
		return 0, errors.New("ping: too many at a time")
	}
	l.next++
	id := l.next
	l.pings[id] = back
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.pings, id)
		l.mu.Unlock()
	}()
	start := time.Now()
	if err := l.tell(kindPing, id); err != nil {
		return 0, fmt.Errorf("ping: %w", l.explain(err))
	}
	select {
	case <-back:
		return max(time.Since(start), 1), nil
	case <-l.done:
		return 0, fmt.Errorf("ping: %w", link.ErrClosed)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (l *Link) tell(kind byte, id uint64) error {
	var frame [pingSize]byte
	frame[0] = kind
	binary.BigEndian.PutUint64(frame[1:], id)
	l.writes.Lock()
	defer l.writes.Unlock()
	_ = l.control.SetWriteDeadline(time.Now().Add(controlWithin))
	if _, err := l.control.Write(frame[:]); err != nil {
		// Half a frame may be on its way, and who does not read nine bytes does
		// not answer either.
		_ = l.conn.CloseWithError(codeBad, "control stream is stuck")
		return err
	}
	return nil
}

var errControl = errors.New("control stream broke the rules")

// listen answers pings and takes answers until the link ends.
func (l *Link) listen() {
	var frame [pingSize]byte
	for {
		if _, err := io.ReadFull(l.control, frame[:]); err != nil {
			l.fail(errControl) // it ends with the link only; after the link's end this does nothing
			return
		}
		id := binary.BigEndian.Uint64(frame[1:])
		switch frame[0] {
		case kindPing:
			if l.tell(kindPong, id) != nil {
				return
			}
		case kindPong:
			l.mu.Lock()
			if back := l.pings[id]; back != nil {
				close(back)
				delete(l.pings, id)
			}
			l.mu.Unlock()
		default:
			l.fail(errControl)
			return
		}
	}
}
