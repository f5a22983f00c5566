package rtc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/testnet/nat"
)

// behind places a device behind a NAT, with the internet's STUN and TURN server.
func behind(t *testing.T, o *office, s *nat.Site, server *nat.Server) placed {
	t.Helper()
	l := defaults()
	l.setUp = 60 * time.Second // a loaded machine is slow
	return at(t, o, Options{Net: s.Host(), limits: l, Servers: func(context.Context) (Servers, error) {
		return Servers{URLs: []string{server.STUN, server.TURN}, User: server.User, Password: server.Password}, nil
	}})
}

func TestThroughNAT(t *testing.T) {
	for _, c := range []struct {
		from, to nat.Kind
		path     string
	}{
		{nat.None, nat.None, "direct"},
		{nat.Cone, nat.Cone, "direct"},
		{nat.PortRestricted, nat.PortRestricted, "direct"},
		{nat.Cone, nat.Symmetric, "direct"},
		{nat.Symmetric, nat.Cone, "direct"},
		{nat.Symmetric, nat.None, "direct"},
		{nat.Symmetric, nat.PortRestricted, "turn"},
		{nat.Symmetric, nat.Symmetric, "turn"},
	} {
		t.Run(c.from.String()+" to "+c.to.String(), func(t *testing.T) {
			t.Parallel()
			n, o := nat.New(t), newOffice()
			server := n.Serve()
			a, b := behind(t, o, n.Site(c.from, nat.Shape{}), server), behind(t, o, n.Site(c.to, nat.Shape{}), server)
			start := time.Now()
			here, there := up(t, a, b)
			t.Logf("%s to %s within %v", here.route.Load().pair, here.RemoteAddr(), time.Since(start))
			for _, l := range []*Link{here, there} {
				if l.Path() != c.path || l.RemoteAddr() == "" {
					t.Errorf("path %s to %s, want %s", l.Path(), l.RemoteAddr(), c.path)
				}
			}
			if c.path == "direct" && time.Since(start) < TurnAfter && server.Allocations() != 0 {
				t.Errorf("%d allocations for a direct path", server.Allocations())
			}
			carry(t, here, there, 1<<20)
			here.Close()
			await(t, "the allocations given back", func() bool { return server.Allocations() == 0 })
		})
	}
}

// carry sends noise over a stream and compares.
func carry(t *testing.T, here, there *Link, size int) {
	t.Helper()
	x, y := talk(t, here, there)
	want := sha256.New()
	go func() {
		defer x.Close()
		part := make([]byte, 64<<10)
		random := rand.NewChaCha8([32]byte{1})
		for sent := 0; sent < size; sent += len(part) {
			_, _ = random.Read(part)
			want.Write(part)
			if _, err := x.Write(part); err != nil {
				return
			}
		}
	}()
	got := sha256.New()
	n, err := io.Copy(got, y)
	if err != nil || n != int64(size) || !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		t.Errorf("%d of %d bytes, %v", n, size, err)
	}
}

func TestBadLine(t *testing.T) {
	n, o := nat.New(t), newOffice()
	server := n.Serve()
	bad := nat.Shape{Loss: 0.05, Delay: 25 * time.Millisecond} // a round trip of 50 ms
	a, b := behind(t, o, n.Site(nat.Cone, bad), server), behind(t, o, n.Site(nat.Cone, bad), server)
	here, there := up(t, a, b)
	start := time.Now()
	carry(t, here, there, 1<<20)
	t.Logf("1 MiB in %v", time.Since(start))
	if d, err := here.Ping(t.Context()); err != nil || d < 50*time.Millisecond {
		t.Errorf("ping %v, %v", d, err)
	}
}

// Who wants its addresses kept from colleagues has packets go through TURN.
func TestTurnOnly(t *testing.T) {
	n, o := nat.New(t), newOffice()
	server := n.Serve()
	servers := func(context.Context) (Servers, error) {
		return Servers{URLs: []string{server.STUN, server.TURN}, User: server.User, Password: server.Password}, nil
	}
	l := defaults()
	l.setUp = 60 * time.Second
	shy := at(t, o, Options{Net: n.Site(nat.None, nat.Shape{}).Host(), limits: l, Servers: servers, TurnOnly: true})
	b := behind(t, o, n.Site(nat.None, nat.Shape{}), server)
	here, there := up(t, b, shy)
	if here.Path() != "turn" || there.Path() != "turn" || !strings.HasPrefix(here.RemoteAddr(), "198.51.100.1:") {
		t.Errorf("%s and %s to %s", here.Path(), there.Path(), here.RemoteAddr())
	}
	carry(t, here, there, 64<<10)
}

// A cut of a few seconds is survived; the streams go on.
func TestShortCut(t *testing.T) {
	n, o := nat.New(t), newOffice()
	server := n.Serve()
	site := n.Site(nat.Cone, nat.Shape{})
	here, there := up(t, behind(t, o, site, server), behind(t, o, n.Site(nat.Symmetric, nat.Shape{}), server))
	x, y := talk(t, here, there)
	if _, err := io.WriteString(x, "before "); err != nil {
		t.Fatal(err)
	}
	site.Cut(true)
	time.AfterFunc(3*time.Second, func() { site.Cut(false) })
	if _, err := io.WriteString(x, "after"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("before after"))
	if _, err := io.ReadFull(y, got); err != nil || string(got) != "before after" {
		t.Errorf("%q, %v", got, err)
	}
}

// A long one ends the link on both sides, and another one comes up afterwards.
func TestLongCut(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	n, o := nat.New(t), newOffice()
	server := n.Serve()
	site := n.Site(nat.Cone, nat.Shape{})
	a, b := behind(t, o, site, server), behind(t, o, n.Site(nat.Cone, nat.Shape{}), server)
	here, there := up(t, a, b)
	x, _ := talk(t, here, there)
	site.Cut(true)
	ended(t, here)
	ended(t, there)
	if _, err := x.Read(make([]byte, 1)); !errors.Is(err, link.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	site.Cut(false)
	here, there = up(t, a, b)
	carry(t, here, there, 64<<10)
}
