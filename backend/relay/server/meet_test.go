package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/turn/v5"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

func TestFramesReachWhoIsListed(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	stranger := r.device()
	stranger.connect()
	isFrame := func(m protocol.Message) bool { return m.Frame != nil }
	for _, to := range []wire.DeviceID{{}, clerk.name()} {
		if err := boss.say(protocol.Message{Frame: &protocol.Frame{Space: space, To: to, Bytes: []byte("typing")}}); err != nil {
			t.Fatal(err)
		}
		if f := clerk.unasked(isFrame).Frame; f.From != boss.name() || string(f.Bytes) != "typing" {
			t.Errorf("%+v", f)
		}
	}
	// Of the same organisation, without a space: for devices that know each other only by ID.
	if err := clerk.say(protocol.Message{Frame: &protocol.Frame{To: boss.name(), Bytes: []byte("hello")}}); err != nil {
		t.Fatal(err)
	}
	boss.unasked(isFrame)
	for _, f := range []protocol.Frame{{Space: space, To: boss.name()}, {To: boss.name()}, {Space: space}} {
		if err := stranger.say(protocol.Message{Frame: &f}); err != nil {
			t.Fatal(err)
		}
	}
	if err := boss.say(protocol.Message{Frame: &protocol.Frame{Space: space, Bytes: make([]byte, protocol.MaxFrame+1)}}); err != nil {
		t.Fatal(err)
	}
	stranger.must(protocol.Message{Spaces: &protocol.Spaces{}})
	boss.must(protocol.Message{Spaces: &protocol.Spaces{}})
	clerk.must(protocol.Message{Spaces: &protocol.Spaces{}})
	if slices.ContainsFunc(boss.news, isFrame) || slices.ContainsFunc(clerk.news, isFrame) {
		t.Error("a frame of a stranger, or one that is too large, went through")
	}
}

func TestPresence(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, _ := r.office()
	nobody := wire.DeviceID{1}
	p := boss.must(protocol.Message{Watch: &protocol.Watch{Devices: []wire.DeviceID{clerk.name(), nobody, nobody}}}).Presence
	if len(p.Here) != 1 || len(p.Away) != 1 || p.Here[0] != clerk.name() {
		t.Errorf("%+v", p)
	}
	changes := func(m protocol.Message) bool { return m.Presence != nil }
	if err := clerk.ws.CloseNow(); err != nil {
		t.Fatal(err)
	}
	if p := boss.unasked(changes).Presence; len(p.Away) != 1 || p.Away[0] != clerk.name() {
		t.Errorf("%+v", p)
	}
	clerk.connect()
	if p := boss.unasked(changes).Presence; len(p.Here) != 1 {
		t.Errorf("%+v", p)
	}
	boss.fails(protocol.CodeTooLarge, protocol.Message{Watch: &protocol.Watch{Devices: make([]wire.DeviceID, protocol.MaxWatched+1)}})
	for range 3 {
		boss.must(protocol.Message{Watch: &protocol.Watch{Devices: []wire.DeviceID{clerk.name(), boss.name()}}})
		clerk.must(protocol.Message{Watch: &protocol.Watch{Devices: []wire.DeviceID{boss.name(), clerk.name(), nobody}}})
		boss.must(protocol.Message{Watch: &protocol.Watch{}})
	}
}

// end opens one end of a circuit.
func (r *rig) end(secret [32]byte) net.Conn {
	r.t.Helper()
	ws, err := r.dial(protocol.CircuitPath)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageBinary, wire.MustEncode(protocol.Message{Ticket: &protocol.Ticket{Secret: secret}})); err != nil {
		r.t.Fatal(err)
	}
	conn := websocket.NetConn(r.t.Context(), ws, websocket.MessageBinary)
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

func (r *rig) circuit(from, to *device) (net.Conn, net.Conn) {
	r.t.Helper()
	ticket := from.must(protocol.Message{Dial: &protocol.Dial{To: to.name()}}).Ticket
	incoming := to.unasked(func(m protocol.Message) bool { return m.Incoming != nil }).Incoming
	if incoming.From != from.name() {
		r.t.Errorf("%+v", incoming)
	}
	return r.end(ticket.Secret), r.end(incoming.Secret)
}

func TestACircuitCarriesBothWays(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	a, b := r.circuit(boss, clerk)
	sent := wire.Random(3 << 20)
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		failed := make(chan error, 1)
		go func() {
			_, err := way[0].Write(sent)
			failed <- err
		}()
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(way[1], got); err != nil || !bytes.Equal(got, sent) {
			t.Fatal(err)
		}
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Log(err)
	}
	if _, err := b.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the other end: %v", err)
	}
	// Taken off its only list, a device loses its circuits.
	a, b = r.circuit(clerk, boss)
	if _, err := a.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	boss.must(boss.grants(space, space, with(clerk, protocol.RightNone)))
	if _, err := b.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the cut: %v", err)
	}
}

func TestTicketsWorkOnceAndAreFew(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Limits.Circuits = 4 })
	boss, clerk, _ := r.office()
	boss.fails(protocol.CodeAway, protocol.Message{Dial: &protocol.Dial{To: wire.DeviceID{1}}})
	ticket := boss.must(protocol.Message{Dial: &protocol.Dial{To: clerk.name()}}).Ticket
	r.end(ticket.Secret)
	until(t, "the first use is seen", func() bool { return server.Unshown(r.s) == 1 })
	for _, secret := range [][32]byte{ticket.Secret, {1}} {
		if _, err := r.end(secret).Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
	}
	// The second use did not disturb the first; the limit counts tickets that nobody used, too.
	for range 3 {
		boss.must(protocol.Message{Dial: &protocol.Dial{To: clerk.name()}})
	}
	boss.fails(protocol.CodeTooFast, protocol.Message{Dial: &protocol.Dial{To: clerk.name()}})
}

func turning(private bool) func(*server.Options) {
	return func(o *server.Options) {
		o.Turn = &server.TurnOptions{Listen: "127.0.0.1:0", Relay: net.IPv4(127, 0, 0, 1), AllowPrivate: private, Allocations: 1}
	}
}

// turnClient is a device's TURN client with the relay's credentials.
func (d *device) turnClient(t *testing.T, password string) *turn.Client {
	t.Helper()
	s := d.must(protocol.Message{Turn: &protocol.Turn{}}).Servers
	if len(s.URLs) != 2 || !strings.HasPrefix(s.URLs[0], "stun:127.0.0.1:") || !strings.HasSuffix(s.URLs[1], "?transport=udp") || s.ExpiresMS <= time.Now().UnixMilli() {
		t.Fatalf("%+v", s.URLs)
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.TrimPrefix(s.URLs[0], "stun:")
	c, err := turn.NewClient(&turn.ClientConfig{STUNServerAddr: at, TURNServerAddr: at, Conn: conn, Username: s.User, Password: s.Password + password, Realm: "roundtable"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		_ = conn.Close()
	})
	return c
}

func TestTurnCarriesDatagrams(t *testing.T) {
	r := newRig(t, turning(true))
	boss, _, _ := r.office()
	c := boss.turnClient(t, "")
	if at, err := c.SendBindingRequest(); err != nil || at == nil {
		t.Errorf("STUN: %v", err)
	}
	relayed, err := c.Allocate()
	if err != nil {
		t.Fatal(err)
	}
	peer, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	_ = peer.SetReadDeadline(time.Now().Add(patience))
	if _, err := relayed.WriteTo([]byte("hello"), peer.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, from, err := peer.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "hello" || from.String() != relayed.LocalAddr().String() {
		t.Errorf("%q %v %v", buf[:n], from, err)
	}
	if _, err := boss.turnClient(t, "").Allocate(); err == nil {
		t.Error("a second allocation, where one is allowed")
	}
	if _, err := boss.turnClient(t, "x").Allocate(); err == nil {
		t.Error("a wrong password")
	}
}

func TestTurnRefusesPrivatePeers(t *testing.T) {
	r := newRig(t, turning(false))
	boss, _, _ := r.office()
	relayed, err := boss.turnClient(t, "").Allocate()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := relayed.WriteTo([]byte("hello"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}); err == nil {
		t.Error("it reached into the machine")
	}
	for ip, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1": true, "10.1.2.3": false, "192.168.0.1": false, "172.16.0.1": false, "127.0.0.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "100.64.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "fe80::1": false, "fd00::1": false, "ff02::1": false,
		"::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "::": false, "198.18.0.1": false,
	} {
		if server.Public(net.ParseIP(ip)) != want {
			t.Errorf("%s: want %v", ip, want)
		}
	}
}

func TestWithoutItsPortTurnIsOff(t *testing.T) {
	taken, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	r := newRig(t, func(o *server.Options) { o.Turn = &server.TurnOptions{Listen: taken.LocalAddr().String()} })
	boss, _, _ := r.office()
	if s := boss.must(protocol.Message{Turn: &protocol.Turn{}}).Servers; len(s.URLs) != 0 || !strings.Contains(r.log.String(), "STUN and TURN are off") {
		t.Errorf("%+v", s)
	}
}
