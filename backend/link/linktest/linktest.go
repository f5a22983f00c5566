package linktest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// Run tries a way. pair makes two nodes that reach each other, of two devices;
// the suite closes them.
func Run(t *testing.T, pair func(t *testing.T) (a, b link.Node)) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"identity is proven on both sides", identity},
		{"another device is refused", wrongDevice},
		{"nobody answers at a closed node", closedNode},
		{"addresses of other ways are told apart", otherAddress},
		{"streams keep order and bytes", order},
		{"both sides open streams", bothOpen},
		{"half close", halfClose},
		{"a lost link is no end of stream", lostLink},
		{"close reaches the other side", closePropagates},
		{"contexts end waiting", contexts},
		{"back-pressure", backPressure},
		{"many streams at once", manyStreams},
		{"a slow stream does not stop another", noHeadOfLine},
		{"deadlines", deadlines},
		{"big transfer", bigTransfer},
		{"ping", ping},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := pair(t)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			w := &world{a: a, b: b, ctx: ctx}
			defer cancel()
			defer b.Close()
			defer a.Close()
			c.run(t, w)
		})
	}
}

// world is two nodes and a time in which everything must be over.
type world struct {
	a, b link.Node
	ctx  context.Context
}

// link dials from a to b and gives both ends.
func (w *world) link(t *testing.T) (here, there link.Link) {
	t.Helper()
	return w.dial(t, w.a, w.b)
}

func (w *world) dial(t *testing.T, from, to link.Node) (here, there link.Link) {
	t.Helper()
	here, err := from.Dial(w.ctx, to.Addresses()[0], wire.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	there, err = to.Accept(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return here, there
}

// stream opens one from here and gives both ends.
func (w *world) stream(t *testing.T, here, there link.Link) (x, y link.Stream) {
	t.Helper()
	x, err := here.Open(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	y, err = there.Accept(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return x, y
}

func identity(t *testing.T, w *world) {
	here, there := w.link(t)
	back, forth := w.dial(t, w.b, w.a)
	a, b := there.Remote(), here.Remote()
	if a == b || a.IsZero() || b.IsZero() {
		t.Fatalf("devices %v and %v", a, b)
	}
	if back.Remote() != a || forth.Remote() != b {
		t.Errorf("dialled the other way they are %v and %v", back.Remote(), forth.Remote())
	}
	if here.Via() != w.a.Via() || there.Via() != w.b.Via() || here.RemoteAddr() == "" {
		t.Errorf("via %q, %q, address %q", here.Via(), there.Via(), here.RemoteAddr())
	}
	pinned, err := w.a.Dial(w.ctx, w.b.Addresses()[0], b)
	if err != nil {
		t.Fatal("pinned to the right device:", err)
	}
	pinned.Close()
	if _, err := w.a.Dial(w.ctx, w.a.Addresses()[0], wire.DeviceID{}); !errors.Is(err, link.ErrSelf) {
		t.Errorf("dialled ourselves: %v", err)
	}
}

func wrongDevice(t *testing.T, w *world) {
	for _, want := range []wire.DeviceID{{1, 2, 3}, {31: 1}} {
		l, err := w.a.Dial(w.ctx, w.b.Addresses()[0], want)
		if !errors.Is(err, link.ErrWrongDevice) {
			t.Fatalf("wanted %v: %v, %v", want, l, err)
		}
	}
	ctx, cancel := context.WithTimeout(w.ctx, 50*time.Millisecond)
	defer cancel()
	if l, err := w.b.Accept(ctx); err == nil {
		t.Errorf("the refused dial left a link to %v", l.Remote())
	}
	w.link(t) // and a right one still works
}

func closedNode(t *testing.T, w *world) {
	addr := w.b.Addresses()[0]
	here, _ := w.link(t)
	waiting := make(chan error, 1)
	go func() {
		_, err := w.b.Accept(w.ctx)
		waiting <- err
	}()
	time.Sleep(5 * time.Millisecond)
	w.b.Close()
	if err := <-waiting; !errors.Is(err, link.ErrClosed) {
		t.Errorf("accept on a closed node: %v", err)
	}
	select {
	case <-here.Done():
	case <-w.ctx.Done():
		t.Error("a closed node's link lives on")
	}
	if _, err := w.a.Dial(w.ctx, addr, wire.DeviceID{}); !errors.Is(err, link.ErrRefused) {
		t.Errorf("dialled a closed node: %v", err)
	}
	if _, err := w.b.Dial(w.ctx, w.a.Addresses()[0], wire.DeviceID{}); !errors.Is(err, link.ErrClosed) {
		t.Errorf("dialled from a closed node: %v", err)
	}
	w.b.Close() // twice does no harm
}

func otherAddress(t *testing.T, w *world) {
	for _, addr := range []string{"", "https://x", "nothing:of:the:kind/at all", "\x00"} {
		if _, err := w.a.Dial(w.ctx, addr, wire.DeviceID{}); !errors.Is(err, link.ErrAddress) {
			t.Errorf("address %q: %q", addr, fmt.Sprint(err))
		}
	}
}

func closePropagates(t *testing.T, w *world) {
	for _, farEnd := range []bool{false, true} {
		here, there := w.link(t)
		x, y := w.stream(t, here, there)
		if farEnd {
			there.Close()
		} else {
			here.Close()
		}
		for _, l := range []link.Link{here, there} {
			select {
			case <-l.Done():
			case <-w.ctx.Done():
				t.Fatal("the other side did not learn of the end")
			}
			if _, err := l.Open(w.ctx); !errors.Is(err, link.ErrClosed) {
				t.Errorf("open on a closed link: %v", err)
			}
			if _, err := l.Accept(w.ctx); !errors.Is(err, link.ErrClosed) {
				t.Errorf("accept on a closed link: %v", err)
			}
			l.Close()
		}
		for _, s := range []link.Stream{x, y} {
			if _, err := s.Read(make([]byte, 1)); !errors.Is(err, link.ErrClosed) {
				t.Errorf("read on a closed link: %v", err)
			}
			if _, err := s.Write([]byte("x")); !errors.Is(err, link.ErrClosed) {
				t.Errorf("write on a closed link: %v", err)
			}
			s.Close()
		}
	}
}

func contexts(t *testing.T, w *world) {
	here, there := w.link(t)
	for name, wait := range map[string]func(context.Context) error{
		"node accept": func(ctx context.Context) error { _, err := w.a.Accept(ctx); return err },
		"link accept": func(ctx context.Context) error { _, err := there.Accept(ctx); return err },
	} {
		ctx, cancel := context.WithTimeout(w.ctx, 10*time.Millisecond)
		if err := wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	ended, cancel := context.WithCancel(w.ctx)
	cancel()
	if _, err := here.Open(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if _, err := w.a.Dial(ended, w.b.Addresses()[0], wire.DeviceID{}); !errors.Is(err, context.Canceled) {
		t.Errorf("dial: %v", err)
	}
	x, y := w.stream(t, here, there) // and the link still works
	x.Close()
	y.Close()
}

func ping(t *testing.T, w *world) {
	here, there := w.link(t)
	p, ok := here.(link.Pinger)
	if !ok {
		t.Skip("this way has no ping")
	}
	if d, err := p.Ping(w.ctx); err != nil || d <= 0 {
		t.Errorf("ping: %v, %v", d, err)
	}
	there.Close()
	<-here.Done()
	if _, err := p.Ping(w.ctx); !errors.Is(err, link.ErrClosed) {
		t.Errorf("ping on a closed link: %v", err)
	}
}
