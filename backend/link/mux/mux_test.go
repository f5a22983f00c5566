package mux_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/yamux"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/wire"
)

// tcp is a connection on loopback.
func tcp(t testing.TB) (a, b net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	a, err = net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func started(t testing.TB, conn net.Conn, opt mux.Options) *mux.Link {
	t.Helper()
	opt.Remote = wire.DeviceID{1}
	l, err := mux.New(conn, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// line is a connection whose writes can vanish or take their time.
type line struct {
	net.Conn
	cut  atomic.Bool
	pace time.Duration // for each write
}

func (l *line) Write(p []byte) (int, error) {
	if l.cut.Load() {
		return len(p), nil
	}
	time.Sleep(l.pace)
	return l.Conn.Write(p)
}

func TestSilentLineIsDead(t *testing.T) {
	t.Parallel()              // it waits most of the time
	const every = time.Second // shorter, and a loaded machine is as silent as a dead line
	a, b := tcp(t)
	x, y := &line{Conn: a}, &line{Conn: b}
	here := started(t, x, mux.Options{Dialled: true, PingEvery: every})
	there := started(t, y, mux.Options{PingEvery: every})
	time.Sleep(5 * every) // idle is not dead
	s, err := here.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := there.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.cut.Store(true)
	y.cut.Store(true)
	start := time.Now()
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, link.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	<-there.Done()
	if d := time.Since(start); d > 30*every {
		t.Errorf("noticed after %v", d)
	}
}

// A line so slow that pings wait behind bulk for longer than the patience with
// a dead one is no dead one.
func TestSlowLineIsNotDead(t *testing.T) {
	t.Parallel() // it waits most of the time
	a, b := tcp(t)
	here := started(t, &line{Conn: a, pace: 400 * time.Millisecond}, mux.Options{Dialled: true, PingEvery: time.Second})
	there := started(t, b, mux.Options{PingEvery: time.Second})
	var writers []link.Stream
	for range 10 { // 10 pieces of 400 ms each before every ping
		s, err := here.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, err := there.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, r)
		writers = append(writers, s)
	}
	for _, s := range writers {
		go s.Write(make([]byte, 10<<20))
	}
	time.Sleep(6 * time.Second)
	select {
	case <-here.Done():
		t.Error("the slow line was given up")
	default:
	}
}

// A side that opens far more streams than agreed loses the link.
func TestStreamFlood(t *testing.T) {
	a, b := tcp(t)
	here := started(t, a, mux.Options{MaxStreams: 4})
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	rude, err := yamux.Client(b, config)
	if err != nil {
		t.Fatal(err)
	}
	defer rude.Close()
	accepted := make(chan int)
	go func() {
		n := 0
		for {
			if _, err := here.Accept(context.Background()); err != nil {
				accepted <- n
				return
			}
			n++
		}
	}()
	for range 50 {
		if _, err := rude.OpenStream(); err != nil {
			break
		}
	}
	select {
	case <-here.Done():
	case <-time.After(time.Minute):
		t.Fatal("the link stays")
	}
	if n := <-accepted; n > 4 {
		t.Errorf("%d streams were accepted", n)
	}
}

func TestOwnLimit(t *testing.T) {
	a, b := tcp(t)
	here := started(t, a, mux.Options{MaxStreams: 2, Dialled: true})
	started(t, b, mux.Options{})
	for range 2 {
		if _, err := here.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := here.Open(t.Context()); !errors.Is(err, link.ErrTooManyStreams) {
		t.Errorf("a third stream: %v", err)
	}
}

// Bytes that are not streams end the link and nothing else.
func TestGarbage(t *testing.T) {
	a, b := tcp(t)
	here := started(t, a, mux.Options{})
	b.Write(wire.Random(1 << 10))
	select {
	case <-here.Done():
	case <-time.After(time.Minute):
		t.Error("the link stays")
	}
}
