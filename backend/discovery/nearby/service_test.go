package nearby

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/wire"
)

var secretOf = map[wire.SpaceID][32]byte{{1}: {10}}

// freePort gives tests a beacon port of their own.
func freePort(t *testing.T) int {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// start runs a service on loopback only.
func start(t *testing.T, opt Options) (s *Service, stop func()) {
	t.Helper()
	opt.Interfaces, opt.DisableMulticast = Loopback, true
	s = Open(opt)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return s, stop
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// Three instances on one machine find each other at once, long before the next
// round of beacons; members see the workspace, the stranger does not.
func TestSameMachine(t *testing.T) {
	before := runtime.NumGoroutine()
	port := freePort(t)
	secrets := func() map[wire.SpaceID][32]byte { return secretOf }
	li, stopLi := start(t, Options{Port: 1001, Interval: time.Hour, Secrets: secrets, beaconPort: port})
	wang, stopWang := start(t, Options{Port: 1002, Interval: time.Hour, Secrets: secrets, Joinable: func() bool { return true }, beaconPort: port})
	stranger, stopStranger := start(t, Options{Port: 1003, Interval: time.Hour, beaconPort: port})
	sees := func(s, other *Service, addr string, spaces int, joinable bool) bool {
		return slices.ContainsFunc(s.Seen(), func(x Sighting) bool {
			return x.Instance == other.Instance() && slices.Equal(x.Addrs, []string{addr}) && len(x.Spaces) == spaces && x.Joinable == joinable
		})
	}
	eventually(t, "all see all", func() bool {
		return sees(li, wang, "127.0.0.1:1002", 1, true) && sees(wang, li, "127.0.0.1:1001", 1, false) &&
			sees(stranger, li, "127.0.0.1:1001", 0, false) && sees(stranger, wang, "127.0.0.1:1002", 0, true) &&
			sees(li, stranger, "127.0.0.1:1003", 0, false)
	})
	if got := li.Seen(); len(got) != 2 || got[0].Instance != wang.Instance() {
		t.Errorf("the shared workspace is not first: %v", got)
	}
	if p := li.Problems(); len(p) != 0 {
		t.Errorf("problems %v", p)
	}
	stopLi()
	stopWang()
	stopStranger()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("goroutines left:\n%s", buf[:runtime.Stack(buf, true)])
}

func TestGoneInstanceIsForgotten(t *testing.T) {
	const interval = 300 * time.Millisecond
	port := freePort(t)
	// A loaded machine may lose who is still there, and find it again; each time it is told.
	var known atomic.Bool
	li, _ := start(t, Options{Port: 1001, Interval: interval, beaconPort: port,
		Found: func(Sighting) { known.Store(true) },
		Lost: func(Sighting) {
			if !known.Swap(false) {
				t.Error("told that somebody is gone who was not there")
			}
		}})
	_, stop := start(t, Options{Port: 1002, Interval: interval, beaconPort: port})
	eventually(t, "found", func() bool { return len(li.Seen()) == 1 && known.Load() })
	stop()
	eventually(t, "forgotten", func() bool { return len(li.Seen()) == 0 && !known.Load() })
}

func TestPortInUse(t *testing.T) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{}) // without sharing
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, _ := start(t, Options{Port: 1001, Interval: 20 * time.Millisecond, beaconPort: c.LocalAddr().(*net.UDPAddr).Port})
	eventually(t, "said so", func() bool { return slices.Contains(s.Problems(), PortInUse) })
	c.Close()
	eventually(t, "recovered", func() bool { return !slices.Contains(s.Problems(), PortInUse) })
}

func TestGarbageIsIgnored(t *testing.T) {
	port := freePort(t)
	s, _ := start(t, Options{Port: 1001, beaconPort: port})
	c, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 2000 { // far beyond the rate limit
		c.Write(wire.Random(i))
	}
	time.Sleep(1100 * time.Millisecond)
	last := time.Time{}
	eventually(t, "a good beacon after the flood", func() bool {
		if time.Since(last) > 300*time.Millisecond { // the flood may still fill the system's buffer
			last = time.Now()
			c.Write(example().encode())
		}
		return len(s.Seen()) == 1
	})
}

func TestTableIsBounded(t *testing.T) {
	tb := newTable()
	now := time.Unix(1_800_000_000, 0)
	b := example()
	member := [16]byte{255}
	b.Instance = member
	tb.note(b, "10.0.0.1:1", []wire.SpaceID{{1}}, now, time.Hour)
	for i := range 3 * maxInstances {
		b.Instance = [16]byte{1, byte(i), byte(i >> 8)}
		tb.note(b, "10.0.0.2:1", nil, now.Add(time.Duration(i)), time.Hour)
	}
	for i := range 3 * maxAddrs {
		b.Instance = member
		tb.note(b, fmt.Sprintf("10.0.0.3:%d", i+1), []wire.SpaceID{{1}}, now, time.Hour)
	}
	all := tb.all()
	if len(all) != maxInstances || all[0].Instance != member || len(all[0].Addrs) != maxAddrs {
		t.Errorf("%d instances, first %v", len(all), all[0])
	}
	for i := range 2 * maxSources {
		tb.admit(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), now)
	}
	if len(tb.sources) > maxSources {
		t.Errorf("%d sources", len(tb.sources))
	}
	allowed := 0
	for range 1000 {
		if tb.admit(netip.AddrFrom4([4]byte{10, 9, 9, 9}), now) {
			allowed++
		}
	}
	if allowed != perSource {
		t.Errorf("%d datagrams of one source in one moment", allowed)
	}
	if gone := tb.expire(now.Add(2 * time.Hour)); len(gone) != maxInstances || len(tb.all()) != 0 || len(tb.sources) != 0 {
		t.Errorf("%d gone, %d left", len(gone), len(tb.all()))
	}
}

func TestDestination(t *testing.T) {
	up := net.FlagUp
	eth := net.Interface{Name: "eth0", Flags: up | net.FlagBroadcast | net.FlagMulticast}
	tunnel := net.Interface{Name: "tun0", Flags: up | net.FlagPointToPoint | net.FlagMulticast}
	lo := net.Interface{Name: "lo", Flags: up | net.FlagLoopback}
	lo0 := net.Interface{Name: "lo0", Flags: up | net.FlagLoopback | net.FlagMulticast}
	for _, c := range []struct {
		iface  net.Interface
		prefix string
		want   string
	}{
		{eth, "10.1.2.3/24", "10.1.2.255"},
		{eth, "10.1.2.3/22", "10.1.3.255"},
		{eth, "10.1.2.3/8", "10.255.255.255"},
		{eth, "10.1.2.3/31", "255.255.255.255"},
		{eth, "fe80::1/64", "ff12::f1a7:7ab1%eth0"},
		{eth, "2001:db8::1/64", ""},
		{tunnel, "10.8.0.2/24", ""},
		{lo, "127.0.0.1/8", "127.255.255.255"},
		{lo0, "127.0.0.1/8", "239.255.71.80"},
		{lo, "::1/128", ""},
		{lo, "10.1.1.1/32", ""},
	} {
		got := ""
		if d, ok := destination(c.iface, netip.MustParsePrefix(c.prefix), true); ok {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%s on %s: %q, want %q", c.prefix, c.iface.Name, got, c.want)
		}
	}
}
