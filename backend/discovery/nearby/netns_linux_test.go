package nearby

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link/lan"
	"roundtable/backend/wire"
)

const (
	helperKey  = "ROUNDTABLE_NEARBY_TEST_HELPER"
	beaconKey  = "ROUNDTABLE_NEARBY_TEST_BEACON_PORT"
	maxWaiting = time.Minute // a question by DNS-SD that is lost is asked again after browseEvery
)

func TestMain(m *testing.M) {
	if os.Getenv(helperKey) != "" {
		if err := help(); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// help is one host: it announces itself, links with whoever shares its workspace
// and says what happens, until its standard input ends.
func help() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	signer := key.NewSigningKey()
	node, err := lan.Listen(ctx, lan.Options{Signer: signer, Log: log})
	if err != nil {
		return err
	}
	defer node.Close()
	go func() {
		for {
			l, err := node.Accept(ctx)
			if err != nil {
				return
			}
			fmt.Println("accepted", l.Remote())
		}
	}()
	found := make(chan Sighting, 100)
	port, _ := strconv.Atoi(os.Getenv(beaconKey))
	s := Open(Options{
		Port: node.Port(), Log: log, beaconPort: port,
		Secrets:    func() map[wire.SpaceID][32]byte { return secretOf },
		Found:      func(s Sighting) { found <- s },
		Interfaces: func(i net.Interface) bool { return !Loopback(i) },
	})
	go s.Run(ctx)
	go func() {
		dialled := map[string]bool{}
		for s := range found {
			for _, addr := range s.Addrs {
				if len(s.Spaces) != 1 || dialled[addr] {
					continue
				}
				dialled[addr] = true
				fmt.Println("found", addr)
				l, err := node.Dial(ctx, addr, wire.DeviceID{})
				if err != nil {
					fmt.Println("no link", addr, err)
					continue
				}
				fmt.Println("linked", l.Remote(), addr)
			}
		}
	}()
	fmt.Println("device", signer.Public())
	io.Copy(io.Discard, os.Stdin)
	return nil
}

// host is a helper process in a namespace of its own.
type host struct {
	t     *testing.T
	name  string
	id    string
	lines chan string
	seen  []string
}

// wires makes a bridge in a namespace and two namespaces plugged into it.
// Nothing of it touches the machine's own network.
func wires(t *testing.T) (a, b string) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need iproute2")
	}
	tag := fmt.Sprintf("rt%x", wire.Random(3))
	bridge := tag + "br"
	for _, ns := range []string{bridge, tag + "a", tag + "b"} {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("network namespaces cannot be made here: %s", out)
		}
		t.Cleanup(func() { exec.Command("ip", "netns", "del", ns).Run() })
	}
	in(t, bridge, "link add br0 type bridge")
	in(t, bridge, "link set br0 up")
	for i, ns := range []string{tag + "a", tag + "b"} {
		in(t, bridge, fmt.Sprintf("link add p%d type veth peer name eth0 netns %s", i, ns))
		in(t, bridge, fmt.Sprintf("link set p%d master br0 up", i))
		in(t, ns, "link set lo up")
		in(t, ns, fmt.Sprintf("addr add 10.77.0.%d/24 dev eth0", i+1))
	}
	return tag + "a", tag + "b"
}

func in(t *testing.T, ns, command string) {
	t.Helper()
	args := append([]string{"-n", ns}, strings.Fields(command)...)
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %s", command, out)
	}
}

func newHost(t *testing.T, ns string, beaconPort int) *host {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("ip", "netns", "exec", ns, self)
	c.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10", helperKey+"=1", fmt.Sprintf("%s=%d", beaconKey, beaconPort))
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, name: ns, lines: make(chan string, 1000)}
	go func() {
		defer close(h.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			h.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		in.Close()
		timer := time.AfterFunc(5*time.Second, func() { c.Process.Kill() })
		defer timer.Stop()
		for range h.lines {
		}
		if err := c.Wait(); err != nil {
			t.Errorf("%s: %v", ns, err)
		}
		if t.Failed() {
			t.Logf("%s said:\n%s\nand logged:\n%s", ns, strings.Join(h.seen, "\n"), log.String())
		}
	})
	h.id = strings.TrimPrefix(h.says("device "), "device ")
	return h
}

// says waits for a line that starts like this.
func (h *host) says(start string) string {
	h.t.Helper()
	for _, l := range h.seen {
		if strings.HasPrefix(l, start) {
			return l
		}
	}
	limit := time.After(maxWaiting)
	for {
		select {
		case l, ok := <-h.lines:
			if !ok {
				h.t.Fatalf("%s ended without saying %q", h.name, start)
			}
			h.seen = append(h.seen, l)
			if strings.HasPrefix(l, start) {
				return l
			}
		case <-limit:
			h.t.Fatalf("%s never said %q", h.name, start)
		}
	}
}

// hosts that find each other have a link each way, to the right device.
func meet(t *testing.T, li, wang *host) {
	t.Helper()
	began := time.Now()
	li.says("linked " + wang.id)
	wang.says("linked " + li.id)
	li.says("accepted " + wang.id)
	wang.says("accepted " + li.id)
	t.Logf("both linked after %v", time.Since(began).Round(time.Millisecond))
}

func TestTwoHosts(t *testing.T) {
	t.Parallel()
	a, b := wires(t)
	in(t, a, "link set eth0 up")
	in(t, b, "link set eth0 up")
	li := newHost(t, a, 0)
	wang := newHost(t, b, 0)
	meet(t, li, wang)
}

// A host whose network comes up only after it has started is found as well.
func TestNetworkComesUpLate(t *testing.T) {
	t.Parallel()
	a, b := wires(t)
	in(t, a, "link set eth0 up")
	li := newHost(t, a, 0)
	wang := newHost(t, b, 0)
	time.Sleep(1500 * time.Millisecond)
	in(t, b, "link set eth0 up")
	meet(t, li, wang)
}

// Without IPv4 there are link-local addresses and the multicast group.
func TestLinkLocalOnly(t *testing.T) {
	t.Parallel()
	a, b := wires(t)
	for _, ns := range []string{a, b} {
		in(t, ns, "addr flush dev eth0")
		in(t, ns, "link set eth0 up")
	}
	li := newHost(t, a, 0)
	wang := newHost(t, b, 0)
	meet(t, li, wang)
	if l := li.says("found "); !strings.Contains(l, "fe80::") {
		t.Errorf("found at %q", l)
	}
}

// With beacons on ports of their own the two can only meet by DNS-SD.
func TestDNSSD(t *testing.T) {
	t.Parallel()
	a, b := wires(t)
	in(t, a, "link set eth0 up")
	in(t, b, "link set eth0 up")
	li := newHost(t, a, 47901)
	wang := newHost(t, b, 47902)
	meet(t, li, wang)
}

// Loopback interfaces of some systems know multicast but no broadcast.
func TestLoopbackMulticast(t *testing.T) {
	t.Parallel()
	if os.Getenv(inNamespace) == "" {
		a, _ := wires(t)
		in(t, a, "link set lo multicast on")
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command("ip", "netns", "exec", a, self, "-test.run=^TestLoopbackMulticast$", "-test.v")
		c.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10", inNamespace+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	li, _ := start(t, Options{Port: 1001})
	wang, _ := start(t, Options{Port: 1002})
	eventually(t, "found by multicast", func() bool { return len(li.Seen()) == 1 && len(wang.Seen()) == 1 })
}

const inNamespace = "ROUNDTABLE_NEARBY_TEST_IN_NAMESPACE"
