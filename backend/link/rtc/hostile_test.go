package rtc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// victim is a node with short times.
func victim(t *testing.T, o *office, change func(*Options)) placed {
	t.Helper()
	opt := Options{Loopback: true, limits: limits{setUp: 2 * time.Second, inbound: 4, ofOne: 2, burst: 100, every: time.Second, turnAfter: time.Hour}}
	if change != nil {
		change(&opt)
	}
	return at(t, o, opt)
}

// patient gives a node time for set-ups that do not end by themselves: a loaded machine needs it.
func patient(opt *Options) { opt.limits.setUp = time.Minute }

func noLink(t *testing.T, n placed) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if l, err := n.Accept(ctx); err == nil {
		t.Errorf("a link to %v", l.Remote())
	}
}

// greeting is a hello as a device would say it.
func greeting() *hello {
	return &hello{Ufrag: "abcd", Password: strings.Repeat("p", 22)}
}

// Whatever a caller says, the set-up is over in time and leaves nothing behind.
func TestHostileCaller(t *testing.T) {
	frame := func(m any) []byte {
		var b bytes.Buffer
		if err := wire.Send(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	flood := frame(message{Hello: greeting()})
	for i := range 10 * maxCandidates {
		flood = append(flood, frame(message{Candidate: fmt.Sprintf("1 1 udp 1 127.0.0.1 %d typ host", 1000+i)})...)
	}
	for name, said := range map[string][]byte{
		"nothing":                {},
		"garbage":                wire.Random(500),
		"too long a frame":       {0xff, 0xff, 0xff, 0xff},
		"a frame beyond ours":    append([]byte{0, 0, 0x20, 0}, make([]byte, 0x2000)...),
		"no hello":               frame(message{Candidate: "x"}),
		"short credentials":      frame(message{Hello: &hello{Ufrag: "a", Password: "b"}}),
		"odd credentials":        frame(message{Hello: &hello{Ufrag: "ab\r\n", Password: strings.Repeat("é", 30)}}),
		"many addresses":         frame(message{Hello: &hello{Ufrag: "abcd", Password: strings.Repeat("p", 22), Addresses: make([]string, 100)}}),
		"two fields":             frame(message{Hello: greeting(), Refused: true}),
		"garbage after hello":    append(frame(message{Hello: greeting()}), wire.Random(500)...),
		"hello and silence":      frame(message{Hello: greeting()}),
		"hello twice":            append(frame(message{Hello: greeting()}), frame(message{Hello: greeting()})...),
		"a flood of candidates":  flood,
		"candidates that are no": append(frame(message{Hello: greeting()}), frame(message{Candidate: "1 1 udp 1 evil.example 80 typ host"})...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice()
			n := victim(t, o, nil)
			s, err := o.desk(wire.DeviceID{9}).OpenStream(t.Context(), n.identity.Self(), "rtc/1")
			if err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, s)
			_ = s.SetWriteDeadline(time.Now().Add(30 * time.Second))
			_, _ = s.Write(said) // may be cut off
			await(t, "the end of the set-up", func() bool {
				_, err := s.Write([]byte{0})
				n.mu.Lock()
				defer n.mu.Unlock()
				return err != nil && n.callers.total == 0 && len(n.callers.of) == 0
			})
			noLink(t, n)
		})
	}
}

// Only so many set-ups of one device, and of all, go on at a time and over time.
func TestCallersAreLimited(t *testing.T) {
	l := limits{inbound: 4, ofOne: 2, burst: 3, every: 10 * time.Second}
	now := time.Unix(1_700_000_000, 0)
	c := newCallers(l)
	a, b, d := wire.DeviceID{1}, wire.DeviceID{2}, wire.DeviceID{3}
	got := ""
	try := func(who wire.DeviceID) {
		got += map[bool]string{true: "y", false: "n"}[c.enter(who, now)]
	}
	for _, who := range []wire.DeviceID{a, a, a, b, b, d} { // two of one, four of all
		try(who)
	}
	c.leave(a)
	c.leave(a)
	for range 3 { // the third of three at once, no fourth
		try(a)
		if strings.HasSuffix(got, "y") {
			c.leave(a)
		}
	}
	now = now.Add(10 * time.Second)
	try(a) // and one more after a while
	if got != "yynyyn"+"ynn"+"y" {
		t.Error(got)
	}
}

// Strangers are told no; so is a junior that dials while we do.
func TestRefusals(t *testing.T) {
	o := newOffice()
	n := victim(t, o, func(opt *Options) { patient(opt); opt.Known = func(wire.DeviceID) bool { return false } })
	if _, err := victim(t, o, patient).Dial(t.Context(), Addr(n.identity.Self()), wire.DeviceID{}); !errors.Is(err, link.ErrRefused) {
		t.Errorf("a stranger: %v", err)
	}
	n = victim(t, o, nil)
	junior, senior := wire.DeviceID(bytes.Repeat([]byte{0xff}, 32)), wire.DeviceID{}
	n.mu.Lock()
	n.dialing[junior], n.dialing[senior] = 1, 1
	n.mu.Unlock()
	if n.admit(junior) || !n.admit(senior) {
		t.Error("the wrong one of two dials goes on")
	}
}

// A device with another key than the one that was called gets no link, though
// it has the path.
func TestWrongKeyOnThePath(t *testing.T) {
	o := newOffice()
	a, b, evil := victim(t, o, patient), victim(t, o, patient), victim(t, o, patient)
	o.mu.Lock()
	o.desks[b.identity.Self()] = o.desks[evil.identity.Self()] // whoever signals for b is evil
	o.mu.Unlock()
	if l, err := a.Dial(t.Context(), Addr(b.identity.Self()), wire.DeviceID{}); !errors.Is(err, link.ErrWrongDevice) {
		t.Errorf("%v, %v", l, err)
	}
	noLink(t, evil)
}

// Where no path is found, the switchboard may ask again at once: it costs nothing.
func TestNoStorm(t *testing.T) {
	o := newOffice()
	a := victim(t, o, func(opt *Options) { opt.limits.setUp = 100 * time.Millisecond })
	b := victim(t, o, nil)
	o.desks[b.identity.Self()].handle = func(_ context.Context, _ wire.DeviceID, s link.Stream) { _, _ = io.Copy(io.Discard, s) }
	addr := Addr(b.identity.Self())
	if _, err := a.Dial(t.Context(), addr, wire.DeviceID{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := a.Dial(t.Context(), addr, wire.DeviceID{}); !errors.Is(err, link.ErrRefused) {
			t.Fatal(err)
		}
	}
	if n := o.opened(); n != 1 {
		t.Errorf("asked the other side %d times", n)
	}
	a.NetworkChanged()
	if _, err := a.Dial(t.Context(), addr, wire.DeviceID{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("on another network: %v", err)
	}
	tries, now := tried{}, time.Unix(0, 0)
	var waits []time.Duration
	for range 9 {
		tries.failed(wire.DeviceID{}, now)
		waits = append(waits, tries.wait(wire.DeviceID{}, now)/time.Second)
	}
	if fmt.Sprint(waits) != "[5ns 10ns 20ns 40ns 80ns 160ns 320ns 600ns 600ns]" {
		t.Error(waits)
	}
}

// Set-ups that fail give back their sockets and goroutines.
func TestNothingIsLeft(t *testing.T) {
	o := newOffice()
	a := victim(t, o, func(opt *Options) { opt.limits.setUp = 50 * time.Millisecond })
	b := victim(t, o, func(opt *Options) { opt.limits.setUp = 50 * time.Millisecond; opt.TurnOnly = true }) // has no candidates
	try := func() {
		a.NetworkChanged()
		if _, err := a.Dial(t.Context(), Addr(b.identity.Self()), wire.DeviceID{}); err == nil {
			t.Fatal("a link without a path")
		}
	}
	try()
	before := runtime.NumGoroutine()
	for range 20 {
		try()
	}
	await(t, "the goroutines' end", func() bool { return runtime.NumGoroutine() <= before+5 })
}

// What a node says it takes by TCP is suggested to the other side, on both.
func TestAddressesAreSuggested(t *testing.T) {
	o := newOffice()
	type told struct {
		addr   string
		device wire.DeviceID
	}
	heard := make(chan told, 10)
	make := func(addrs ...string) placed {
		return victim(t, o, func(opt *Options) {
			patient(opt)
			opt.Addresses = func() []string { return addrs }
			opt.Suggest = func(addr string, device wire.DeviceID) { heard <- told{addr, device} }
		})
	}
	a := make("127.0.0.1:1", "169.254.1.1:2", "host:3", "[fe80::1%eth0]:4", "224.0.0.1:5")
	b := make("127.0.0.1:6")
	here, _ := up(t, a, b)
	here.Close()
	got := map[told]bool{<-heard: true, <-heard: true}
	if !got[told{"127.0.0.1:1", a.identity.Self()}] || !got[told{"127.0.0.1:6", b.identity.Self()}] || len(heard) != 0 {
		t.Error(got, len(heard))
	}
}

// Private addresses of another network are not worth a dial.
func TestWorthDialling(t *testing.T) {
	h := hello{Addresses: []string{"10.0.0.7:1", "192.168.1.7:2", "203.0.113.7:3", "127.0.0.1:4"}}
	for want, r := range map[string]*route{
		"[10.0.0.7:1 192.168.1.7:2 203.0.113.7:3]": nil,
		"[203.0.113.7:3]":                          {ip: netip.MustParseAddr("198.51.100.1")},
		"[10.0.0.7:1 203.0.113.7:3]":               {ip: netip.MustParseAddr("10.0.0.7")},
	} {
		if got := fmt.Sprint(h.worth(r, false)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := len(h.worth(&route{straight: true}, true)); got != 4 {
		t.Errorf("%d of a machine that is reached straight", got)
	}
}

func TestServersSorted(t *testing.T) {
	stuns, turns := Servers{URLs: []string{"stun:a:1", "turn:a:1?transport=udp", "turn:b:2", "turns:c:3", "turn:d:4?transport=tcp", "http://e", "", "stun:[::1]:5"}}.sort()
	if got := fmt.Sprint(stuns, turns); got != "[stun:a:1 stun:b:2 stun:[::1]:5] [turn:a:1?transport=udp turn:b:2?transport=udp]" {
		t.Error(got)
	}
}

func TestAddress(t *testing.T) {
	id := key.NewSigningKey().Public()
	if got, err := parse(Addr(id)); got != id || err != nil {
		t.Error(got, err)
	}
	for _, bad := range []string{"", "rtc:", "rtc:x", "dev_x", id.String(), "RTC:" + id.String(), Addr(wire.DeviceID{}), Addr(id) + "x"} {
		if _, err := parse(bad); !errors.Is(err, link.ErrAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Foreign datagrams on the path do not end the link.
func TestForeignPackets(t *testing.T) {
	o := newOffice()
	here, there := up(t, victim(t, o, nil), victim(t, o, nil))
	to, err := net.ResolveUDPAddr("udp", here.RemoteAddr())
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.DialUDP("udp", nil, to)
	if err != nil {
		t.Skip(err)
	}
	defer c.Close()
	for _, size := range []int{0, 1, 20, 1200, 1500, 9000} {
		for range 50 {
			_, _ = c.Write(wire.Random(size))
		}
	}
	carry(t, here, there, 1<<20)
}

func FuzzMessage(f *testing.F) {
	for _, m := range []message{{Hello: greeting()}, {Candidate: "1 1 udp 2130706431 192.0.2.7 4321 typ host"}, {Refused: true}} {
		var b bytes.Buffer
		if err := wire.Send(&b, m); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := receive(bytes.NewReader(data))
		if err != nil {
			return
		}
		if m.Hello != nil {
			if len(m.Hello.worth(nil, false)) > maxAddresses {
				t.Error("too many addresses")
			}
			return
		}
		if len(m.Candidate) > maxCandidate {
			t.Error("too long a candidate")
		}
		_ = candidate(m.Candidate, true)
	})
}

func FuzzCandidate(f *testing.F) {
	for _, s := range []string{
		"1 1 udp 2130706431 192.0.2.7 4321 typ host", "1 1 udp 1 2001:db8::1 1 typ srflx raddr 0.0.0.0 rport 0",
		"1 1 tcp 1 192.0.2.7 9 typ host tcptype active", "1 1 udp 1 x.local 1 typ host", "1 1 udp 1 fe80::1%eth0 1 typ host",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c := candidate(text, false); c != nil {
			ip := net.ParseIP(c.Address())
			if ip == nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
				t.Errorf("%q gives %v", text, c)
			}
		}
	})
}
