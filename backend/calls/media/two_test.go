package media

import (
	"runtime"
	"testing"
	"time"

	"roundtable/backend/wire"
)

// Two people: each hears and sees the other, with pictures that begin with a key frame, and both
// read the same digits.
func TestTwo(t *testing.T) {
	o := newOffice(t)
	a, b := o.open(1), o.open(2)
	start := time.Now()
	a.e.Follow(Plan{Peers: []wire.DeviceID{id(2)}})
	b.e.Follow(Plan{Peers: []wire.DeviceID{id(1), id(2)}})
	a.e.Want([]Want{{camera(2), 720}})
	b.e.Want([]Want{{camera(1), 720}})
	for _, c := range []struct {
		w  *window
		of int
	}{{a, 2}, {b, 1}} {
		await(t, "sound", func() bool { g, ok := c.w.sees(mic(c.of)); return ok && g.packets > 5 })
		await(t, "picture", func() bool { g, ok := c.w.sees(camera(c.of)); return ok && g.packets > 20 })
		g, _ := c.w.sees(camera(c.of))
		t.Logf("first frame %v after the plan; %d lost, %d breaks, layer %d", g.first.Sub(start).Round(time.Millisecond), g.lost, g.breaks, g.layer)
		if !g.key || g.breaks != 0 {
			t.Errorf("picture: key %v, lost %d, breaks %d", g.key, g.lost, g.breaks)
		}
	}
	await(t, "the same digits", func() bool {
		x, y := a.e.Snapshot().Digits[id(2)], b.e.Snapshot().Digits[id(1)]
		return x == y && len(x) == 6
	})
	await(t, "a round trip", func() bool { n := a.e.Snapshot().Networks[id(2)]; return n.Connected && n.RoundTrip > 0 })
	await(t, "times of the clock", func() bool { g, _ := a.sees(camera(2)); return g.reports > 0 })
}

// Whoever follows late, or says the first thing while the other does not listen yet, is found.
func TestLate(t *testing.T) {
	o := newOffice(t)
	a, b := o.open(1), o.open(2)
	a.e.Follow(Plan{Peers: []wire.DeviceID{id(2)}})
	time.Sleep(300 * time.Millisecond)
	b.e.Follow(Plan{Peers: []wire.DeviceID{id(1)}})
	await(t, "sound", func() bool { g, ok := b.sees(mic(1)); return ok && g.packets > 5 })
	a.e.Follow(Plan{})
	await(t, "the end of the source", func() bool { return !hasMid(b.e.Snapshot().Slots, mic(1)) })
	a.e.Follow(Plan{Peers: []wire.DeviceID{id(2)}})
	await(t, "sound again", func() bool { _, ok := b.sees(mic(1)); return ok && hasMid(a.e.Snapshot().Slots, mic(2)) })
}

// What one wants of the other is said again: the word of it may be lost, or come behind a newer one.
func TestAWordThatIsLost(t *testing.T) {
	o := newOffice(t)
	a, b := o.open(1), o.open(2)
	a.e.Follow(Plan{Peers: []wire.DeviceID{id(2)}})
	b.e.Follow(Plan{Peers: []wire.DeviceID{id(1)}})
	a.e.Want([]Want{{camera(2), 720}})
	await(t, "a picture", func() bool { g, ok := a.sees(camera(2)); return ok && g.packets > 5 })
	b.e.mu.Lock()
	l := b.e.legs[id(1)]
	l.wants, l.haves = nil, nil
	b.e.mu.Unlock()
	since := time.Now()
	await(t, "the picture again", func() bool { g, _ := a.sees(camera(2)); return g.last.After(since.Add(time.Second)) }, a.e, b.e)
	await(t, "what the other has", func() bool {
		b.e.mu.Lock()
		defer b.e.mu.Unlock()
		return len(l.haves) > 0
	})
}

// Nothing goes on after Close.
func TestNothingIsLeft(t *testing.T) {
	o := newOffice(t)
	before := runtime.NumGoroutine()
	a, b := o.open(1), o.open(2)
	a.e.Follow(Plan{Peers: []wire.DeviceID{id(2)}})
	b.e.Follow(Plan{Peers: []wire.DeviceID{id(1)}})
	await(t, "sound", func() bool { g, ok := b.sees(mic(1)); return ok && g.packets > 5 })
	a.e.Close()
	a.e.Close()
	b.e.Close()
	a.close()
	b.close()
	await(t, "the goroutines' end", func() bool { return runtime.NumGoroutine() <= before+4 })
	if _, _, err := a.e.Page(t.Context(), "v=0", nil, false); err == nil {
		t.Error("a closed engine answers")
	}
}
