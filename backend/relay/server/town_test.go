package server_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/bus/bustest"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// town is several relay processes over one store, under one name, as behind a
// balancer. They beat when a test says so.
type town struct {
	t   *testing.T
	hub *bustest.Hub
	at  []*rig
}

func newTown(t *testing.T, processes int, change func(*server.Options)) *town {
	t.Helper()
	w := &town{t: t, hub: bustest.NewHub()}
	var callbacks []engine.Options
	for range processes {
		r := &rig{t: t, log: &lines{}, name: "relay.test:443"}
		o := server.Options{Name: "远山", Version: "test", Clock: clock.System{}, Bus: w.hub.Line(), Limits: server.Limits{Beat: time.Hour},
			Log: slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
		if change != nil {
			change(&o)
		}
		var err error
		if r.s, err = server.New(o); err != nil {
			t.Fatal(err)
		}
		callbacks = append(callbacks, r.s.Callbacks())
		w.at = append(w.at, r)
	}
	e, err := sqlite.Open(t.Context(), t.TempDir(), engine.Options{
		News: func(space wire.SpaceID, items []engine.Item) {
			for _, c := range callbacks {
				c.News(space, items)
			}
		},
		Granted: func(space wire.SpaceID, version uint64) {
			for _, c := range callbacks {
				c.Granted(space, version)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	token, err := server.CreateTenant(t.Context(), e, server.Tenant{Name: "远山"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.at {
		r.e, r.token = e, token
		r.serve()
	}
	return w
}

// office is a workspace whose devices are at processes 0, 1, 2, and so on in turn.
func (w *town) office(devices int) (all []*device, space wire.SpaceID) {
	w.t.Helper()
	space = wire.SpaceID(wire.Random(32))
	rights := protocol.RightUse | protocol.RightAdd | protocol.RightManage
	var set []protocol.Entry
	for i := range devices {
		d := w.at[i%len(w.at)].device()
		all, set = append(all, d), append(set, with(d, rights))
		rights = protocol.RightUse
	}
	all[0].connect()
	all[0].must(all[0].grants(space, space, set...))
	for _, d := range all[1:] {
		d.connect()
	}
	w.know(len(all))
	return all, space
}

// know waits until every process knows of so many devices.
func (w *town) know(devices int) {
	w.t.Helper()
	for i, r := range w.at {
		until(w.t, "process "+string(rune('0'+i))+" knows all devices", func() bool { return r.s.Devices()+server.Elsewhere(r.s) == devices })
	}
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); <-time.After(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about: %s", what)
		}
	}
}

// cut keeps a process from the others, both ways, until heal.
func (w *town) cut(i int) {
	apart := server.Self(w.at[i].s)
	w.hub.Lose(func(from, to bus.Process) bool { return from == apart || to == apart })
}

func (w *town) heal() { w.hub.Lose(nil) }

// beats has processes beat, all of them or some.
func (w *town) beats(some ...int) {
	for i, r := range w.at {
		if len(some) == 0 || slices.Contains(some, i) {
			server.Tick(r.s)
		}
	}
}

func (d *device) sees(t *testing.T, others ...*device) (here []bool) {
	t.Helper()
	w := protocol.Watch{}
	for _, o := range others {
		w.Devices = append(w.Devices, o.name())
	}
	p := d.must(protocol.Message{Watch: &w}).Presence
	for _, o := range others {
		here = append(here, slices.Contains(p.Here, o.name()))
	}
	return here
}

func isPresence(m protocol.Message) bool { return m.Presence != nil }
func isFrame(m protocol.Message) bool    { return m.Frame != nil }

func TestFramesBetweenProcesses(t *testing.T) {
	w := newTown(t, 3, nil)
	all, space := w.office(4) // the first and the last at one process
	boss, others := all[0], all[1:]
	stranger := w.at[1].device()
	stranger.connect()
	w.know(5)
	send := func(d *device, f protocol.Frame) {
		t.Helper()
		if err := d.say(protocol.Message{Frame: &f}); err != nil {
			t.Fatal(err)
		}
	}
	send(boss, protocol.Frame{Space: space, Bytes: []byte("to all")})
	for _, d := range others {
		if f := d.unasked(isFrame).Frame; f.From != boss.name() || string(f.Bytes) != "to all" || f.Space != space {
			t.Errorf("%+v", f)
		}
	}
	for _, d := range others {
		send(d, protocol.Frame{Space: space, To: boss.name(), Bytes: []byte("to one")})
		send(d, protocol.Frame{To: boss.name(), Bytes: []byte("without a space")})
		for _, want := range []string{"to one", "without a space"} {
			if f := boss.unasked(isFrame).Frame; string(f.Bytes) != want || f.From != d.name() {
				t.Errorf("%q of %s", f.Bytes, f.From.Short())
			}
		}
	}
	// Neither to nor from a stranger, and once to everybody.
	for _, f := range []protocol.Frame{{Space: space}, {Space: space, To: stranger.name()}, {To: stranger.name()}} {
		f.Bytes = []byte("last")
		send(boss, f)
		f.To = boss.name()
		send(stranger, f)
	}
	for _, d := range others {
		if f := d.unasked(isFrame).Frame; string(f.Bytes) != "last" {
			t.Errorf("%q", f.Bytes)
		}
	}
	for _, d := range append(all, stranger) {
		d.must(protocol.Message{Spaces: &protocol.Spaces{}})
		if slices.ContainsFunc(d.news, isFrame) {
			t.Errorf("one frame too many: %+v", d.news)
		}
	}
}

func TestPresenceBetweenProcesses(t *testing.T) {
	w := newTown(t, 2, nil)
	all, space := w.office(2)
	boss, clerk := all[0], all[1]
	if here := boss.sees(t, clerk); !here[0] {
		t.Error("a colleague at the other process is away")
	}
	if err := clerk.ws.CloseNow(); err != nil {
		t.Fatal(err)
	}
	if p := boss.unasked(isPresence).Presence; len(p.Away) != 1 || p.Away[0] != clerk.name() {
		t.Errorf("%+v", p)
	}
	clerk.connect()
	if p := boss.unasked(isPresence).Presence; len(p.Here) != 1 || p.Here[0] != clerk.name() {
		t.Errorf("%+v", p)
	}
	// Let people in who come to another process.
	stranger := w.at[1].device()
	stranger.connect()
	hosts := stranger.must(protocol.Message{Hosts: &protocol.Hosts{Workspace: space}}).HostList
	if len(hosts.Devices) != 1 || hosts.Devices[0] != boss.name() {
		t.Fatalf("%+v", hosts)
	}
	a, b := w.circuit(stranger, boss, 1, 0)
	bothWays(t, a, b, 1000)
	// A process that ends says so.
	w.at[1].s.Close()
	if p := boss.unasked(isPresence).Presence; len(p.Away) != 1 || p.Away[0] != clerk.name() {
		t.Errorf("%+v", p)
	}
	w.know2(t, 0, 1)
}

// know2 waits until one process knows of so many devices.
func (w *town) know2(t *testing.T, i, devices int) {
	t.Helper()
	s := w.at[i].s
	until(t, "the devices that are left", func() bool { return s.Devices()+server.Elsewhere(s) == devices })
}

// A device comes to another process while the old one has not noticed yet.
func TestADeviceMovesBetweenProcesses(t *testing.T) {
	w := newTown(t, 3, nil)
	all, space := w.office(3)
	boss, clerk, third := all[0], all[1], all[2]
	for _, d := range []*device{boss, third} {
		d.sees(t, clerk)
	}
	old := clerk.ws
	clerk.r = w.at[2]
	clerk.connect()
	until(t, "the older connection is closed", func() bool { return w.at[1].s.Devices() == 0 })
	for n := 0; ; n++ { // what was said to it before may still be on its way
		if _, _, err := old.Read(clerk.ctx); err != nil {
			break
		} else if n == 100 {
			t.Fatal("the older connection lives")
		}
	}
	w.know(3)
	// The same, when the old process hears of it late and its goodbye comes last.
	w.cut(2)
	clerk.r = w.at[1]
	clerk.connect()
	w.know2(t, 0, 3+1) // at two, as far as is known
	w.heal()
	w.beats()
	until(t, "the older connection is closed", func() bool { return w.at[2].s.Devices() == 1 })
	w.know(3)
	for _, d := range []*device{boss, third} {
		d.must(protocol.Message{Spaces: &protocol.Spaces{}})
		if slices.ContainsFunc(d.news, isPresence) {
			t.Errorf("somebody was reported absent: %+v", d.news)
		}
		if !d.sees(t, clerk)[0] {
			t.Error("somebody is taken for absent")
		}
	}
	if err := boss.say(protocol.Message{Frame: &protocol.Frame{Space: space, To: clerk.name(), Bytes: []byte("there?")}}); err != nil {
		t.Fatal(err)
	}
	clerk.unasked(isFrame)
}

// A device that was given two names for one cluster has a connection at each, and
// is told everything once.
func TestADeviceUnderTwoNames(t *testing.T) {
	w := newTown(t, 2, nil)
	all, space := w.office(2)
	boss, clerk := all[0], all[1]
	first := *clerk
	clerk.r, clerk.news = &rig{t: t, s: w.at[0].s, e: w.at[0].e, host: w.at[0].host, token: w.at[0].token, name: "other.test:443"}, nil
	clerk.connect()
	w.know(3)
	if err := boss.say(protocol.Message{Frame: &protocol.Frame{Space: space, Bytes: []byte("once")}}); err != nil {
		t.Fatal(err)
	}
	clerk.unasked(isFrame)
	// What follows on the other process's way to it would come after.
	if err := boss.say(protocol.Message{Frame: &protocol.Frame{To: clerk.name(), Bytes: []byte("last")}}); err != nil {
		t.Fatal(err)
	}
	clerk.unasked(isFrame)
	first.must(protocol.Message{Spaces: &protocol.Spaces{}}) // it lives
	if slices.ContainsFunc(first.news, isFrame) {
		t.Error("told twice")
	}
	if err := clerk.ws.CloseNow(); err != nil {
		t.Fatal(err)
	}
	w.know(2)
	if !boss.sees(t, &first)[0] {
		t.Error("one of two connections ended, and the device is taken for absent")
	}
	if err := boss.say(protocol.Message{Frame: &protocol.Frame{Space: space, Bytes: []byte("again")}}); err != nil {
		t.Fatal(err)
	}
	first.unasked(isFrame)
}

func TestAProcessDies(t *testing.T) {
	w := newTown(t, 3, nil)
	all, _ := w.office(3)
	boss, clerk, third := all[0], all[1], all[2]
	a, b := w.circuit(boss, clerk, 0, 1)
	bothWays(t, a, b, 100_000)
	boss.sees(t, clerk, third)
	w.cut(1)
	for range 6 {
		w.beats(0, 2)
		until(t, "the living hear each other", func() bool {
			return server.Hears(w.at[0].s, server.Self(w.at[2].s)) && server.Hears(w.at[2].s, server.Self(w.at[0].s))
		})
	}
	if p := boss.unasked(isPresence).Presence; len(p.Here) != 0 || !slices.Equal(p.Away, []wire.DeviceID{clerk.name()}) {
		t.Errorf("%+v", p)
	}
	ends(t, a)
	boss.fails(protocol.CodeAway, protocol.Message{Dial: &protocol.Dial{To: clerk.name()}})
	// It was not dead, only cut off.
	w.heal()
	w.beats()
	if p := boss.unasked(isPresence).Presence; len(p.Away) != 0 || !slices.Equal(p.Here, []wire.DeviceID{clerk.name()}) {
		t.Errorf("%+v", p)
	}
	w.know(3)
	_ = b.Close()
	c, d := w.circuit(clerk, boss, 1, 0)
	bothWays(t, c, d, 100_000)
}

// circuit has a device dial another, and each show its ticket at some process.
func (w *town) circuit(from, to *device, fromAt, toAt int) (net.Conn, net.Conn) {
	w.t.Helper()
	ticket := from.must(protocol.Message{Dial: &protocol.Dial{To: to.name()}}).Ticket
	incoming := to.unasked(func(m protocol.Message) bool { return m.Incoming != nil }).Incoming
	if incoming.From != from.name() {
		w.t.Errorf("%+v", incoming)
	}
	return w.at[fromAt].end(ticket.Secret), w.at[toAt].end(incoming.Secret)
}

// bothWays sends so many bytes each way at the same time.
func bothWays(t *testing.T, a, b net.Conn, size int) {
	t.Helper()
	type one struct {
		from, to net.Conn
		sent     []byte
		failed   chan error
	}
	ways := []one{{a, b, wire.Random(size), make(chan error, 2)}, {b, a, wire.Random(size), make(chan error, 2)}}
	for _, w := range ways {
		go func() {
			_, err := w.from.Write(w.sent)
			w.failed <- err
		}()
		go func() {
			got := make([]byte, size)
			_, err := io.ReadFull(w.to, got)
			if err == nil && !bytes.Equal(got, w.sent) {
				err = errors.New("other bytes")
			}
			w.failed <- err
		}()
	}
	for _, w := range ways {
		for range 2 {
			if err := <-w.failed; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// ends waits until a connection is over.
func ends(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("still open")
	}
}

// Two processes that make the secret of TURN at the same first start end with one.
func TestOneSecretForTurn(t *testing.T) {
	w := newTown(t, 2, func(o *server.Options) {
		turning(true)(o)
		o.Limits.Refresh = 20 * time.Millisecond
	})
	all, _ := w.office(2)
	secret := wire.Random(32)
	if err := w.at[0].e.SetRecord(t.Context(), "secret", "turn", secret); err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		until(t, "the credentials of the stored secret", func() bool {
			s := d.must(protocol.Message{Turn: &protocol.Turn{}}).Servers
			mac := hmac.New(sha1.New, secret)
			mac.Write([]byte(s.User))
			return s.Password == base64.StdEncoding.EncodeToString(mac.Sum(nil))
		})
	}
}

// A frame reaches no more devices than its sender pays for, wherever they are.
func TestFramesAreBoundedBetweenProcesses(t *testing.T) {
	w := newTown(t, 2, func(o *server.Options) { o.Limits.FrameFanout = 3 })
	all, space := w.office(9)
	if err := all[0].say(protocol.Message{Frame: &protocol.Frame{Space: space, Bytes: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	for _, d := range all[1:] { // each device's own comes after it
		if err := all[0].say(protocol.Message{Frame: &protocol.Frame{To: d.name(), Bytes: []byte("last")}}); err != nil {
			t.Fatal(err)
		}
	}
	got := 0
	for _, d := range all[1:] {
		d.unasked(func(m protocol.Message) bool { return isFrame(m) && string(m.Frame.Bytes) == "last" })
		for _, m := range d.news {
			if isFrame(m) {
				got++
			}
		}
	}
	if got != 3 {
		t.Errorf("%d deliveries, 3 are allowed", got)
	}
}
