package rtc

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/linktest"
	"roundtable/backend/wire"
)

// office is what signalling runs over: every device has a link to every other.
type office struct {
	mu    sync.Mutex
	desks map[wire.DeviceID]*desk
	count int // streams opened
}

func newOffice() *office { return &office{desks: map[wire.DeviceID]*desk{}} }

func (o *office) opened() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.count
}

// desk is one device's Board.
type desk struct {
	office *office
	id     wire.DeviceID
	handle func(context.Context, wire.DeviceID, link.Stream)
}

func (o *office) desk(id wire.DeviceID) *desk {
	d := &desk{office: o, id: id}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.desks[id] = d
	return d
}

func (d *desk) Handle(name string, h func(context.Context, wire.DeviceID, link.Stream)) {
	if name != "rtc/1" {
		panic(name)
	}
	d.handle = h
}

var errNoLink = errors.New("no link")

func (d *desk) OpenStream(ctx context.Context, device wire.DeviceID, _ string) (link.Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.office.mu.Lock()
	to := d.office.desks[device]
	d.office.count++
	d.office.mu.Unlock()
	if to == nil || to.handle == nil {
		return nil, errNoLink
	}
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		to.handle(context.WithoutCancel(ctx), d.id, there)
	}()
	return here, nil
}

// placed is a node that tells its address.
type placed struct{ *Node }

func (p placed) Addresses() []string { return []string{Addr(p.identity.Self())} }

// at places a device in an office.
func at(t testing.TB, o *office, opt Options) placed {
	t.Helper()
	if opt.Signer == nil {
		opt.Signer = key.NewSigningKey()
	}
	n, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	n.Bind(o.desk(n.identity.Self()))
	t.Cleanup(func() { n.Close() })
	return placed{n}
}

func TestRTC(t *testing.T) {
	linktest.Run(t, func(t *testing.T) (a, b link.Node) {
		o := newOffice()
		return at(t, o, Options{Loopback: true}), at(t, o, Options{Loopback: true})
	})
}

// up dials and gives both ends.
func up(t testing.TB, from, to placed) (here, there *Link) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	a, err := from.Dial(ctx, Addr(to.identity.Self()), wire.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := to.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return a.(*Link), b.(*Link)
}

// talk opens a stream and gives both ends.
func talk(t testing.TB, here, there *Link) (x, y link.Stream) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	x, err := here.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	y, err = there.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return x, y
}

func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("not seen: " + what)
}

func ended(t testing.TB, l *Link) {
	t.Helper()
	await(t, "the end of a link", func() bool {
		select {
		case <-l.Done():
			return true
		default:
			return false
		}
	})
}

// Closed streams whose end nobody reads do not use up the link.
func TestManyShortStreams(t *testing.T) {
	o := newOffice()
	here, there := up(t, at(t, o, Options{Loopback: true}), at(t, o, Options{Loopback: true}))
	go func() {
		for {
			s, err := there.Accept(context.Background())
			if err != nil {
				return
			}
			_, _ = wire.ReadFrame(s, 100) // and not to its end
			s.Close()
		}
	}()
	for range 2000 {
		var s link.Stream
		await(t, "room for a stream", func() (ok bool) {
			var err error
			s, err = here.Open(t.Context())
			if err != nil && !errors.Is(err, link.ErrTooManyStreams) {
				t.Fatal(err)
			}
			return err == nil
		})
		if err := wire.WriteFrame(s, []byte("up")); err != nil {
			t.Fatal(err)
		}
		if err := s.SetReadDeadline(time.Unix(1, 0)); err != nil { // a deadline long over changes nothing
			t.Fatal(err)
		}
		s.Close()
	}
}

// A stream that is closed while it is written to has no good end.
func TestCloseDuringWrite(t *testing.T) {
	o := newOffice()
	here, there := up(t, at(t, o, Options{Loopback: true}), at(t, o, Options{Loopback: true}))
	x, y := talk(t, here, there)
	wrote := make(chan error, 1)
	go func() {
		_, err := x.Write(make([]byte, 64<<20))
		wrote <- err
	}()
	if _, err := io.ReadFull(y, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	x.Close()
	if err := <-wrote; !errors.Is(err, link.ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if _, err := io.Copy(io.Discard, y); !errors.Is(err, link.ErrReset) {
		t.Errorf("read: %v", err)
	}
}
