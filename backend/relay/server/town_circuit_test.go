package server_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// Wherever the two tickets are shown: at the processes of the devices, at each
// other's, at one, at one that has nothing to do with them.
func TestCircuitsBetweenProcesses(t *testing.T) {
	w := newTown(t, 3, nil)
	all, _ := w.office(2)
	for _, at := range [][2]int{{0, 1}, {1, 0}, {0, 0}, {1, 1}, {2, 2}, {2, 1}} {
		a, b := w.circuit(all[0], all[1], at[0], at[1])
		bothWays(t, a, b, 2<<20)
		// What was written before the end comes, then the end.
		last := wire.Random(100_000)
		if _, err := a.Write(last); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Log(err)
		}
		got, err := io.ReadAll(b)
		if errors.Is(err, os.ErrDeadlineExceeded) || !bytes.Equal(got, last) {
			t.Errorf("at %v: %d of %d bytes before the end: %v", at, len(got), len(last), err)
		}
		for i, r := range w.at {
			until(t, "no bridge is left", func() bool { return server.Bridges(r.s) == 0 && server.Held(r.s) == 0 })
			if t.Failed() {
				t.Fatalf("process %d", i)
			}
		}
	}
}

// A device that does not read stops the one that writes: nothing piles up between.
func TestASlowReaderStopsTheWriterAcrossProcesses(t *testing.T) {
	w := newTown(t, 3, nil)
	all, _ := w.office(2)
	a, b := w.circuit(all[0], all[1], 0, 2)
	sent := wire.Random(48 << 20) // more than sockets and windows hold
	var written atomic.Int64
	failed := make(chan error, 1)
	go func() {
		for at := 0; at < len(sent); {
			n, err := a.Write(sent[at:min(at+64<<10, len(sent))])
			written.Add(int64(n))
			if at += n; err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	stands := func() bool {
		was := written.Load()
		<-time.After(200 * time.Millisecond)
		return was > 0 && written.Load() == was
	}
	until(t, "the writer stands", stands)
	if n := written.Load(); n == int64(len(sent)) {
		t.Fatal("all was taken, though nobody reads")
	}
	for _, r := range w.at {
		if held := server.Held(r.s); held > server.Window {
			t.Errorf("%d bytes wait on one bridge", held)
		}
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(b, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("after reading on: %v", err)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
}

func TestTicketsAcrossProcesses(t *testing.T) {
	w := newTown(t, 2, nil)
	all, _ := w.office(2)
	boss, clerk := all[0], all[1]
	boss.fails(protocol.CodeAway, protocol.Message{Dial: &protocol.Dial{To: wire.DeviceID{1}}})
	ticket := boss.must(protocol.Message{Dial: &protocol.Dial{To: clerk.name()}}).Ticket
	w.at[1].end(ticket.Secret)
	until(t, "it was taken", func() bool { return server.Bridges(w.at[0].s) == 1 })
	forged := [32]byte{1}
	self := server.Self(w.at[0].s)
	copy(forged[:], self[:])
	for _, secret := range [][32]byte{ticket.Secret, forged} {
		ends(t, w.at[1].end(secret))
	}
	if n := server.Bridges(w.at[0].s); n != 1 {
		t.Errorf("%d bridges", n)
	}
	// A visitor is not dialled, and who is dialled at a process that has fallen silent is away.
	stranger := w.at[1].device()
	stranger.connect()
	w.know(3)
	boss.fails(protocol.CodeAway, protocol.Message{Dial: &protocol.Dial{To: stranger.name()}})
	w.cut(1)
	boss.fails(protocol.CodeAway, protocol.Message{Dial: &protocol.Dial{To: clerk.name()}})
}

// What a bus loses of a circuit ends it: a link notices, and dials again.
func TestALostPieceEndsTheCircuit(t *testing.T) {
	w := newTown(t, 2, nil)
	all, _ := w.office(2)
	a, b := w.circuit(all[0], all[1], 0, 1)
	bothWays(t, a, b, 1000)
	var lost atomic.Int64
	w.hub.Lose(func(bus.Process, bus.Process) bool { lost.Add(1); return true })
	if _, err := a.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	until(t, "it is lost", func() bool { return lost.Load() > 0 })
	w.heal()
	if _, err := a.Write([]byte("found")); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(b)
	if errors.Is(err, os.ErrDeadlineExceeded) || len(got) > 0 {
		t.Errorf("%q: %v", got, err)
	}
	ends(t, a)
}

func TestIdleCircuitsEndAcrossProcesses(t *testing.T) {
	w := newTown(t, 2, func(o *server.Options) {
		o.Limits.CircuitIdle, o.Limits.Refresh = 2*time.Second, 50*time.Millisecond
	})
	all, _ := w.office(2)
	a, b := w.circuit(all[0], all[1], 0, 1)
	bothWays(t, a, b, 1000)
	ends(t, a)
	ends(t, b)
	for _, r := range w.at {
		until(t, "no bridge is left", func() bool { return server.Bridges(r.s) == 0 })
	}
}

func TestTheRateHoldsAcrossProcesses(t *testing.T) {
	w := newTown(t, 2, func(o *server.Options) { o.Limits.CircuitBytes = 1 << 20 })
	all, _ := w.office(2)
	a, b := w.circuit(all[1], all[0], 1, 0) // the other way round, so that both ways are bridged ones
	begun := time.Now()
	bothWays(t, a, b, 3<<20) // two seconds' worth at once
	if took := time.Since(begun); took < 800*time.Millisecond {
		t.Errorf("3 MiB at 1 MiB/s after %v", took)
	}
}

// Whoever is taken off the last list is cut at once, whichever process holds what.
func TestARemovalCutsAcrossProcesses(t *testing.T) {
	w := newTown(t, 3, nil)
	all, space := w.office(3)
	boss, clerk, third := all[0], all[1], all[2]
	clerk.must(protocol.Message{Subscribe: &protocol.Subscribe{Space: space}})
	clerk.sees(t, boss, third)
	dialled, _ := w.circuit(boss, clerk, 0, 1)
	own, _ := w.circuit(clerk, third, 1, 2)
	// One that was dialled at a process where the device is no more.
	clerk.r = w.at[2]
	clerk.connect()
	until(t, "it has moved", func() bool { return w.at[1].s.Devices() == 0 })
	w.know(3)
	kept, other := w.circuit(boss, third, 0, 2)
	boss.must(boss.grants(space, space, with(clerk, protocol.RightNone)))
	if l := clerk.unasked(isListed).Listed; l.Rights != protocol.RightNone {
		t.Errorf("%+v", l)
	}
	ends(t, dialled)
	ends(t, own)
	bothWays(t, kept, other, 1000)
	// Who is out is told before its other lists were looked at: a moment later it may watch nobody.
	until(t, "who is out watches nobody", func() bool {
		f := clerk.ask(protocol.Message{Watch: &protocol.Watch{}}).Failed
		return f != nil && f.Code == protocol.CodeForbidden
	})
	until(t, "nobody rings who is out", func() bool {
		return boss.ask(protocol.Message{Dial: &protocol.Dial{To: clerk.name()}}).Failed != nil
	})
	if err := boss.say(protocol.Message{Frame: &protocol.Frame{Space: space, Bytes: []byte("among us")}}); err != nil {
		t.Fatal(err)
	}
	third.unasked(isFrame)
	boss.publishes(space, "among us")
	clerk.must(protocol.Message{Spaces: &protocol.Spaces{}})
	for _, m := range clerk.news {
		if m.Frame != nil || m.News != nil || m.Presence != nil {
			t.Errorf("told after the removal: %+v", m)
		}
	}
}
