package switchboard_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/link"
	"roundtable/backend/link/memory"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/wire"
)

// dials counts the calls of one address by fake time.
type dials struct {
	link.Node
	clock *clock.Fake
	mu    sync.Mutex
	at    []time.Time
}

func (d *dials) Dial(ctx context.Context, addr string, want wire.DeviceID) (link.Link, error) {
	d.mu.Lock()
	d.at = append(d.at, d.clock.Now())
	d.mu.Unlock()
	return d.Node.Dial(ctx, addr, want)
}

func (d *dials) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.at)
}

// lonely is a desk on a fake clock that knows one address where nobody is.
func lonely(t *testing.T, interfaces func() string) (*desk, *dials) {
	o := newOffice(t)
	d := &dials{clock: clock.NewFake(time.Unix(1_800_000_000, 0))}
	li := o.desk("li", func(opt *switchboard.Options) {
		d.Node = opt.Nodes[0]
		opt.Nodes[0], opt.Clock, opt.Interfaces = d, d.clock, interfaces
	})
	d.at = nil
	li.AddKnown(wire.DeviceID{1}, "memory:nobody")
	return li, d
}

// pass lets fake time go by in steps, with moments in which things happen.
func pass(c *clock.Fake, d, step time.Duration) {
	for range d / step {
		c.Advance(step)
		time.Sleep(500 * time.Microsecond)
	}
}

// within lets fake time go by until something is so, and no more of it than d: what is due by then may
// still come late on a loaded machine, where fake time runs ahead of who lives in it.
func within(t *testing.T, c *clock.Fake, d, step time.Duration, what string, ok func() bool) {
	t.Helper()
	eventually(t, what, func() bool {
		if ok() {
			return true
		}
		if d > 0 {
			c.Advance(step)
			d -= step
		}
		return false
	})
}

func TestBackOff(t *testing.T) {
	li, d := lonely(t, func() string { return "" })
	pass(d.clock, 20*time.Second, 50*time.Millisecond)
	early := d.count()
	if early < 3 || early > 12 {
		t.Errorf("%d dials in the first 20 s", early)
	}
	pass(d.clock, 10*time.Minute, time.Second)
	if late := d.count() - early; late < 5 || late > 25 {
		t.Errorf("%d dials in 10 minutes more", late)
	}
	d.mu.Lock()
	for i := range d.at[1:] {
		if gap := d.at[i+1].Sub(d.at[i]); gap > 62*time.Second || i < 3 && gap > 4*time.Second {
			t.Errorf("gap %d is %v", i, gap)
		}
	}
	d.mu.Unlock()
	before := d.count()
	li.NetworkChanged()
	within(t, d.clock, 300*time.Millisecond, 50*time.Millisecond, "a network change dials at once", func() bool { return d.count() > before })
}

func TestSleepAndInterfaces(t *testing.T) {
	var text atomic.Value
	text.Store("eth0")
	_, d := lonely(t, func() string { return text.Load().(string) })
	pass(d.clock, 5*time.Minute, time.Second)
	before := d.count()
	d.clock.Advance(25 * time.Second) // the lid was closed
	within(t, d.clock, 3*time.Second, 50*time.Millisecond, "after sleep it is dialled", func() bool { return d.count() > before })
	pass(d.clock, 5*time.Minute, time.Second)
	before = d.count()
	text.Store("eth0 wlan0")
	within(t, d.clock, 3*time.Second, 100*time.Millisecond, "after a change of interfaces it is dialled", func() bool { return d.count() > before })
}

// Strangers get few links; the ones without use make room, and all end when idle.
func TestStrangers(t *testing.T) {
	o := newOffice(t)
	fake := clock.NewFake(time.Unix(1_800_000_000, 0))
	friend := o.desk("friend")
	li := o.desk("li", func(opt *switchboard.Options) {
		opt.Clock = fake
		opt.Known = func(d wire.DeviceID) bool { return d == friend.id }
	})
	if _, err := friend.Dial(context.Background(), li.addr, li.id); err != nil {
		t.Fatal(err)
	}
	call := func(i int) (link.Link, error) {
		n := o.node(fmt.Sprintf("stranger-%d", i))
		return n.Dial(context.Background(), li.addr, li.id)
	}
	var links []link.Link
	for i := range 40 {
		l, err := call(i)
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, l)
	}
	open := func() (n int) {
		for _, l := range links {
			select {
			case <-l.Done():
			default:
				n++
			}
		}
		return n
	}
	eventually(t, "at most 32", func() bool { return open() == 32 })
	fake.Advance(5 * time.Second) // the rate allows some more
	newest, err := call(100)
	if err != nil {
		t.Fatal(err)
	}
	links = append(links, newest)
	eventually(t, "an unused one made room", func() bool { return open() == 32 })
	select {
	case <-newest.Done():
		t.Error("the newest was closed")
	default:
	}
	within(t, fake, time.Hour, time.Second, "all idle ones gone", func() bool { return open() == 0 })
	li.sees(friend)
}

// node is a device without a board: it does as it likes.
func (o *office) node(name string) *memory.Node {
	o.t.Helper()
	var id wire.DeviceID
	copy(id[:], name)
	n, err := o.net.Node(id, name, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { n.Close() })
	return n
}

// A peer that misbehaves on its streams harms itself only.
func TestRudePeer(t *testing.T) {
	o := newOffice(t)
	li := o.desk("li", func(opt *switchboard.Options) {
		opt.Known = func(wire.DeviceID) bool { return false }
	})
	rude := o.node("zz-rude") // the junior: li decides
	l, err := rude.Dial(t.Context(), li.addr, li.id)
	if err != nil {
		t.Fatal(err)
	}
	up, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if name, err := wire.ReadFrame(up, 64); err != nil || string(name) != "up" {
		t.Fatalf("%q, %v", name, err)
	}
	closed := func(s link.Stream) bool {
		s.SetReadDeadline(time.Now().Add(time.Minute))
		_, err := s.Read(make([]byte, 1))
		return err == io.EOF || err == link.ErrClosed
	}
	open := func() link.Stream {
		s, err := l.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, first := range map[string][]byte{
		"too long a name": append([]byte{0, 0, 0, 65}, make([]byte, 65)...),
		"a huge frame":    {0xff, 0xff, 0xff, 0xff},
		"unknown":         {0, 0, 0, 1, 'x'},
	} {
		s := open()
		s.Write(first)
		if !closed(s) {
			t.Errorf("%s: the stream stays open", name)
		}
		s.Close()
	}
	var held []link.Stream // silent ones take the eight places
	for range 8 {
		held = append(held, open())
	}
	ninth := open()
	if !closed(ninth) {
		t.Error("a ninth stream of a stranger is served")
	}
	for _, s := range append(held, ninth) {
		s.Close()
	}
	eventually(t, "places are free again", func() bool {
		s := open()
		defer s.Close()
		wire.WriteFrame(s, []byte("echo"))
		s.Write([]byte("!"))
		s.SetReadDeadline(time.Now().Add(time.Second))
		_, err := s.Read(make([]byte, 1))
		return err == nil
	})
	s := open()
	wire.WriteFrame(s, []byte("up")) // not for the junior to say
	select {
	case <-l.Done():
	case <-time.After(time.Minute):
		t.Error("the junior decided")
	}
}

// A senior that never says which link it takes is not waited for.
func TestSilentSenior(t *testing.T) {
	o := newOffice(t)
	fake := clock.NewFake(time.Unix(1_800_000_000, 0))
	li := o.desk("li", func(opt *switchboard.Options) { opt.Clock = fake })
	senior := o.node("aa-silent")
	l, err := senior.Dial(t.Context(), li.addr, li.id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wire.WriteFrame(s, []byte("echo"))
	s.Write([]byte("!"))
	s.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := s.Read(make([]byte, 1)); n > 0 {
		t.Errorf("a stream is answered on a link that is not taken: %v", err)
	}
	if li.Connected(l.Remote()) || len(li.Links()) != 0 {
		t.Error("the link is shown")
	}
	within(t, fake, time.Minute, time.Second, "the link ends", func() bool {
		select {
		case <-l.Done():
			return true
		default:
			return false
		}
	})
}
