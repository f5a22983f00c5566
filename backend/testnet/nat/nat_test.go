package nat_test

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"roundtable/backend/testnet/nat"
)

// end is a socket behind a NAT and what STUN says of it.
type end struct {
	net.PacketConn
	public net.Addr
}

func newEnd(t *testing.T, s *nat.Site) *end {
	t.Helper()
	conn, err := s.Host().ListenPacket("udp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	server, err := net.ResolveUDPAddr("udp4", "198.51.100.1:3478")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.WriteTo(stun.MustBuild(stun.TransactionID, stun.BindingRequest).Raw, server); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	buf := make([]byte, 1500)
	size, _, err := conn.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	answer := &stun.Message{Raw: buf[:size]}
	var public stun.XORMappedAddress
	if err := errors.Join(answer.Decode(), public.GetFrom(answer)); err != nil {
		t.Fatal(err)
	}
	return &end{conn, &net.UDPAddr{IP: public.IP, Port: public.Port}}
}

// knock sends to whatever is known of the other end and answers what comes,
// until a packet came back or time is over.
func knock(a, b *end, within time.Duration) bool {
	heard := make(chan *end, 2)
	stop := time.Now().Add(within)
	run := func(e, other *end) {
		to := other.public
		buf := make([]byte, 100)
		for time.Now().Before(stop) {
			_, _ = e.WriteTo([]byte("knock"), to)
			_ = e.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			if n, from, err := e.ReadFrom(buf); err == nil && n == 5 {
				to = from // where it really comes from
				_, _ = e.WriteTo([]byte("knock"), to)
				heard <- e
				return
			}
		}
		heard <- nil
	}
	go run(a, b)
	go run(b, a)
	first, second := <-heard, <-heard
	return first != nil && second != nil
}

func TestWhatReachesWhat(t *testing.T) {
	kinds := []nat.Kind{nat.None, nat.Cone, nat.PortRestricted, nat.Symmetric}
	n := nat.New(t)
	n.Serve()
	for i, x := range kinds {
		for _, y := range kinds[i:] {
			t.Run(fmt.Sprintf("%v and %v", x, y), func(t *testing.T) {
				a, b := newEnd(t, n.Site(x, nat.Shape{})), newEnd(t, n.Site(y, nat.Shape{}))
				want := y != nat.Symmetric || x == nat.None || x == nat.Cone
				within := 30 * time.Second
				if !want {
					within = 300 * time.Millisecond
				}
				if got := knock(a, b, within); got != want {
					t.Errorf("reached: %v, want %v", got, want)
				}
			})
		}
	}
}

// comes is how long a packet that has to come is waited for, and never how long one that must not.
const (
	comes = 30 * time.Second
	never = 500 * time.Millisecond
)

// lines are two hosts without NAT, b behind a shape. receive gives the bytes of a packet, 0 when none came in time.
func lines(t *testing.T, shape nat.Shape) (send func(bytes int), receive func(time.Duration) int, site *nat.Site) {
	t.Helper()
	n := nat.New(t)
	from, to := n.Site(nat.None, nat.Shape{}), n.Site(nat.None, shape)
	a, err := from.Host().ListenPacket("udp4", "0.0.0.0:5000")
	if err != nil {
		t.Fatal(err)
	}
	b, err := to.Host().ListenPacket("udp4", "0.0.0.0:5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	at, err := net.ResolveUDPAddr("udp4", to.Public()+":5000")
	if err != nil {
		t.Fatal(err)
	}
	send = func(bytes int) {
		if _, err := a.WriteTo(make([]byte, bytes), at); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 2000)
	return send, func(within time.Duration) int {
		_ = b.SetReadDeadline(time.Now().Add(within))
		n, _, err := b.ReadFrom(buf)
		if err != nil {
			return 0
		}
		return n
	}, to
}

func TestLossAndCut(t *testing.T) {
	send, receive, site := lines(t, nat.Shape{Loss: 0.5})
	for range 400 {
		send(100)
	}
	got, size := 0, 0
	for end := time.Now().Add(comes); size != 50; size = receive(10 * time.Millisecond) {
		switch {
		case size == 100:
			got++
		case time.Now().After(end):
			t.Fatal("nothing comes")
		default:
			send(50) // behind all of them; it may be lost as well
		}
	}
	if got < 140 || got > 260 {
		t.Errorf("%d of 400 came at a loss of one half", got)
	}
	site.Loss(0)
	send(200)
	for size != 200 {
		if size = receive(comes); size == 0 {
			t.Fatal("lost at a loss of zero")
		}
	}
	site.Cut(true)
	send(100)
	if receive(never) != 0 {
		t.Error("came over a cut line")
	}
	site.Cut(false)
	send(100)
	if receive(comes) == 0 {
		t.Error("nothing after the cut")
	}
}

func TestDelayAndRate(t *testing.T) {
	send, receive, _ := lines(t, nat.Shape{Delay: 50 * time.Millisecond})
	start := time.Now()
	send(100)
	if receive(comes) == 0 || time.Since(start) < 50*time.Millisecond {
		t.Errorf("came after %v", time.Since(start))
	}
	send, receive, _ = lines(t, nat.Shape{Rate: 800_000}) // 100 KB/s, 16 KiB at once
	start = time.Now()
	for range 50 {
		send(1000)
	}
	for range 50 {
		if receive(comes) == 0 {
			t.Fatal("lost though it fits the queue")
		}
	}
	if d := time.Since(start); d < 250*time.Millisecond {
		t.Errorf("50 KB at 100 KB/s took %v", d)
	}
}
