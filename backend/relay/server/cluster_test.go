package server

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// These look at one process and play the others: order, loss and lies.

// ear keeps what a process says.
type ear struct {
	told []memo
	sent map[bus.Process][]memo
}

func (e *ear) Join(context.Context, bus.Process, func([]byte)) (func(), error) {
	return func() {}, nil
}

func (e *ear) Tell(raw []byte) error {
	m, err := decodeMemo(raw)
	e.told = append(e.told, m)
	return err
}

func (e *ear) Send(to bus.Process, raw []byte) error {
	m, err := decodeMemo(raw)
	e.sent[to] = append(e.sent[to], m)
	return err
}

// asked counts and forgets what was asked of a process.
func (e *ear) asked(p bus.Process) (n int) {
	for _, m := range e.sent[p] {
		if m.Ask != nil {
			n++
		}
	}
	delete(e.sent, p)
	return n
}

func alone(t *testing.T) (*cluster, *ear, *clock.Fake) {
	t.Helper()
	e, c := &ear{sent: map[bus.Process][]memo{}}, clock.NewFake(time.Unix(1_800_000_000, 0))
	s, err := New(Options{Clock: c, Log: slog.New(slog.DiscardHandler), Bus: e})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.cluster, e, c
}

func (cl *cluster) hears(m memo) { cl.hear(wire.MustEncode(m)) }

var (
	theirs = engine.Tenant{7}
	li     = wire.DeviceID{1}
	wang   = wire.DeviceID{2}
)

func at(d wire.DeviceID, stamp uint64) placed { return placed{Device: d, Stamp: stamp} }

func here(all ...placed) []tenantMove { return []tenantMove{{Tenant: theirs, Here: all}} }

func gone(all ...wire.DeviceID) []tenantMove { return []tenantMove{{Tenant: theirs, Gone: all}} }

// level makes a peer that has told all it has.
func (cl *cluster) level(of ...tenantMove) bus.Process {
	p := bus.NewProcess()
	cl.hears(memo{From: p, Beat: &beat{}})
	cl.hears(memo{From: p, Roster: &roster{Pages: 1, Of: of}})
	return p
}

func (cl *cluster) wants(t *testing.T, d wire.DeviceID, p bus.Process) {
	t.Helper()
	if at, _ := cl.seatOf(theirs, d); at != p {
		t.Errorf("%s is at %s, want %s", d.Short(), at, p)
	}
}

func TestANewProcessIsAskedForItsDevices(t *testing.T) {
	cl, e, _ := alone(t)
	p := bus.NewProcess()
	cl.hears(memo{From: p, Beat: &beat{Seq: 4}})
	cl.hears(memo{From: p, Moves: &moves{Seq: 6, Of: gone(li)}})
	cl.hears(memo{From: p, Moves: &moves{Seq: 5, Of: here(at(li, 1))}}) // not the order of a bus, and no harm
	if n := e.asked(p); n != 1 {
		t.Errorf("asked %d times", n)
	}
	cl.hears(memo{From: p, Roster: &roster{Seq: 4, Pages: 2, Page: 1, Of: here(at(wang, 2))}})
	cl.wants(t, wang, bus.Process{}) // half a roster says nothing
	cl.hears(memo{From: p, Roster: &roster{Seq: 4, Pages: 2, Of: here(at(li, 1))}})
	cl.wants(t, wang, p)
	cl.wants(t, li, bus.Process{})
	cl.hears(memo{From: p, Beat: &beat{Seq: 6}})
	if n := e.asked(p); n != 0 {
		t.Errorf("asked %d times though all is known", n)
	}
}

func TestALostMessageIsNoticed(t *testing.T) {
	cl, e, _ := alone(t)
	p := cl.level(here(at(li, 1))...)
	e.asked(p)
	cl.hears(memo{From: p, Moves: &moves{Seq: 2, Of: gone(li)}}) // the first got lost
	cl.wants(t, li, p)
	if n := e.asked(p); n != 1 {
		t.Errorf("a gap: asked %d times", n)
	}
	for range 2 * askAgain {
		cl.hears(memo{From: p, Beat: &beat{Seq: 2}})
		cl.tick()
	}
	if n := e.asked(p); n != 2 {
		t.Errorf("no answer: asked %d times more", n)
	}
	cl.hears(memo{From: p, Roster: &roster{Seq: 2, Pages: 1, Of: here(at(wang, 1))}})
	cl.wants(t, li, bus.Process{})
	cl.wants(t, wang, p)
	cl.hears(memo{From: p, Beat: &beat{Seq: 3}})
	if n := e.asked(p); n != 1 {
		t.Errorf("a beat that is ahead: asked %d times", n)
	}
}

func TestALateGoodbyeTakesNobodyAway(t *testing.T) {
	for name, order := range map[string][]string{"in order": {"old", "new", "bye"}, "goodbye first": {"old", "bye", "new"}, "new first": {"new", "old", "bye"}} {
		t.Run(name, func(t *testing.T) {
			cl, _, _ := alone(t)
			a, b := cl.level(), cl.level()
			seq := map[bus.Process]uint64{}
			say := func(p bus.Process, of []tenantMove) {
				seq[p]++
				cl.hears(memo{From: p, Moves: &moves{Seq: seq[p], Of: of}})
			}
			for _, what := range order {
				switch what {
				case "old":
					say(a, here(at(li, 100)))
				case "new":
					say(b, here(at(li, 101)))
				case "bye":
					say(a, gone(li))
				}
			}
			cl.wants(t, li, b)
			if cl.far != 1 {
				t.Errorf("%d claims", cl.far)
			}
			say(b, gone(li))
			cl.wants(t, li, bus.Process{})
			if cl.far != 0 || len(cl.seats) != 0 {
				t.Errorf("%d claims are left", cl.far)
			}
		})
	}
}

func TestASilentProcessIsGone(t *testing.T) {
	cl, _, _ := alone(t)
	dead, old := cl.level(here(at(li, 5), at(wang, 5))...), cl.level(here(at(wang, 3))...)
	cl.wants(t, wang, dead)
	b := cl.bridges.add(newBridgeID(), dead)
	for range silentBeats {
		cl.hears(memo{From: old, Beat: &beat{}})
		cl.tick()
	}
	cl.wants(t, li, dead)
	cl.hears(memo{From: old, Beat: &beat{}})
	cl.tick()
	cl.wants(t, li, bus.Process{})
	cl.wants(t, wang, old) // an older claim still stands
	if b.await() != errCut || cl.bridges.count() != 0 {
		t.Error("a bridge to the dead lives")
	}
	cl.hears(memo{From: old, Bye: &bye{}})
	cl.wants(t, wang, bus.Process{})
	if len(cl.peers) != 0 {
		t.Errorf("%d processes", len(cl.peers))
	}
}

// What a process tells of its own devices is enough for another to know them all.
func TestRostersAreWhole(t *testing.T) {
	cl, e, _ := alone(t)
	other, _, _ := alone(t)
	tn := &tenant{id: theirs, members: map[wire.DeviceID]*member{}}
	cl.s.byTenant[theirs] = tn
	const many = 2*maxMoves + 17
	for i := range many {
		c := &conn{s: cl.s, tenant: tn, device: wire.DeviceID(wire.Random(32)), stamp: uint64(i)}
		tn.members[c.device] = &member{device: c.device, conn: c}
		cl.s.mu.Lock()
		cl.note(theirs, c)
		cl.s.mu.Unlock()
	}
	cl.hears(memo{From: other.self, Ask: &ask{}})
	pages := e.sent[other.self]
	if len(pages) != 4 || pages[3].Ask == nil { // whoever asks is met
		t.Fatalf("%d messages", len(pages))
	}
	other.hears(memo{From: cl.self, Beat: &beat{}})
	for _, page := range slices.Backward(pages[:3]) {
		other.hears(page)
	}
	if other.far != many {
		t.Errorf("%d devices of the roster", other.far)
	}
	cl.say()
	for _, m := range e.told {
		other.hears(m)
	}
	if other.far != many || other.peers[cl.self].seq != 3 || !other.peers[cl.self].level {
		t.Errorf("%d devices after the moves", other.far)
	}
	cl.s.byTenant = map[engine.Tenant]*tenant{}
}

func TestStampsFollowTheWorld(t *testing.T) {
	cl, _, c := alone(t)
	first := cl.nextStamp()
	if cl.nextStamp() <= first {
		t.Error("two connections of the same moment are of the same age")
	}
	ahead := uint64(c.Now().Add(time.Minute).UnixNano())
	cl.level(here(at(li, ahead))...)
	if cl.nextStamp() <= ahead {
		t.Error("what comes later is older")
	}
	cl.level(here(at(wang, 1<<63))...)
	if got := cl.nextStamp(); got > uint64(c.Now().Add(2*time.Hour).UnixNano()) {
		t.Errorf("a clock of another age is believed: %d", got)
	}
}

func TestBridgesAreBounded(t *testing.T) {
	cl, e, _ := alone(t)
	p := bus.NewProcess()
	full := bytes.Repeat([]byte("x"), spliceBytes)
	add := func() *bridge {
		b := cl.bridges.add(newBridgeID(), p)
		if b == nil {
			t.Fatal("no bridge")
		}
		return b
	}
	says := func(b *bridge, seq uint64, bytes []byte) {
		cl.hears(memo{From: p, Part: &part{ID: b.id, Seq: seq, First: true, Last: true, Bytes: bytes}})
	}
	for name, lie := range map[string]func(b *bridge){
		"a gap": func(b *bridge) { says(b, 2, full) },
		"twice": func(b *bridge) { says(b, 1, full); says(b, 1, full) },
		"beyond its window": func(b *bridge) {
			for i := range uint64(window/spliceBytes + 1) {
				says(b, i+1, full)
			}
		},
		"endless empty ones": func(b *bridge) {
			for i := range uint64(window/partCost + 1) {
				says(b, i+1, nil)
			}
		},
	} {
		b := add()
		if lie(b); b.await() != errCut {
			t.Errorf("%s: goes on", name)
		}
		if last := e.sent[p][len(e.sent[p])-1]; last.Shut == nil {
			t.Errorf("%s: %+v", name, last)
		}
	}
	b := add()
	cl.hears(memo{From: bus.NewProcess(), Part: &part{ID: b.id, Seq: 1, Bytes: full}})
	cl.hears(memo{From: bus.NewProcess(), Shut: &shut{ID: b.id}})
	cl.hears(memo{From: p, Credit: &credit{ID: b.id, Upto: 1 << 40}})
	if len(b.queue) != 0 || b.down || b.allowed != window {
		t.Error("a stranger speaks on a bridge, or credit is taken that nobody could give")
	}
	says(b, 1, full)
	cl.hears(memo{From: p, Shut: &shut{ID: b.id, How: closed}})
	says(b, 2, full) // after its end
	got, err := b.take(make([]byte, roomBytes))
	if err != nil || !bytes.Equal(got.payload(), full) || b.await() != errClosed {
		t.Errorf("what came before the end: %v", err)
	}
	b.close()
	if held := cl.bridges.held.Load(); held != 0 || cl.bridges.count() != 0 {
		t.Errorf("%d bytes held by %d bridges", held, cl.bridges.count())
	}
}

func FuzzMemo(f *testing.F) {
	p := bus.NewProcess()
	for _, m := range []memo{
		{Beat: &beat{Seq: 3}}, {Bye: &bye{}}, {Ask: &ask{}}, {Moves: &moves{Seq: 1, Of: here(at(li, 9))}}, {Moves: &moves{Seq: 2, Of: gone(li)}},
		{Roster: &roster{Seq: 1, Pages: 2, Page: 1, Of: here(at(li, 9))}}, {Frame: &farFrame{Frame: protocol.Frame{To: li, From: wang, Bytes: []byte("x")}, Most: 1}},
		{Ring: &ring{ID: 1, From: li, To: wang}}, {Rung: &rung{ID: 1, Here: true}}, {Open: &opening{}}, {Opened: &opened{}},
		{Part: &part{Seq: 1, Bytes: []byte("x")}}, {Credit: &credit{Upto: 9}}, {Shut: &shut{How: closed}},
	} {
		m.From = p
		raw := wire.MustEncode(m)
		if _, err := decodeMemo(raw); err != nil {
			f.Fatalf("%+v: %v", m, err)
		}
		f.Add(raw)
	}
	f.Add(wire.MustEncode(memo{From: p}))
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := decodeMemo(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(wire.MustEncode(m), raw) {
			t.Errorf("%x is accepted and is not what is written", raw)
		}
		if m.Ring == nil && m.Frame == nil && m.Open == nil { // those ask the server
			cl, _, _ := alone(t)
			cl.hear(raw)
			cl.hear(raw)
			cl.tick()
		}
	})
}

func TestShapelessMemosAreRefused(t *testing.T) {
	p := bus.NewProcess()
	many := make([]wire.DeviceID, maxMoves+1)
	for name, m := range map[string]memo{
		"nobody's":       {Beat: &beat{}},
		"empty":          {From: p},
		"two":            {From: p, Beat: &beat{}, Ask: &ask{}},
		"many moves":     {From: p, Moves: &moves{Seq: 1, Of: gone(many...)}},
		"no number":      {From: p, Moves: &moves{Of: gone(li)}},
		"empty tenants":  {From: p, Moves: &moves{Seq: 1, Of: []tenantMove{{}}}},
		"page of none":   {From: p, Roster: &roster{}},
		"page beyond":    {From: p, Roster: &roster{Pages: 1, Page: 1}},
		"many pages":     {From: p, Roster: &roster{Pages: maxPages + 1}},
		"large frame":    {From: p, Frame: &farFrame{Frame: protocol.Frame{From: li, To: li, Bytes: make([]byte, protocol.MaxFrame+1)}}},
		"frame of none":  {From: p, Frame: &farFrame{Frame: protocol.Frame{To: li}}},
		"frame to none":  {From: p, Frame: &farFrame{Frame: protocol.Frame{From: li}}},
		"large part":     {From: p, Part: &part{Seq: 1, Bytes: make([]byte, spliceBytes+1)}},
		"unknown ending": {From: p, Shut: &shut{How: 9}},
	} {
		if _, err := decodeMemo(wire.MustEncode(m)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
