package media

import (
	"testing"
	"time"

	"roundtable/backend/wire"
)

// gathers links some devices, all with all.
func gathers(windows []*window, p Plan) {
	p.Peers = nil
	for _, w := range windows {
		p.Peers = append(p.Peers, w.e.o.Self)
	}
	for _, w := range windows {
		w.e.Follow(p)
	}
}

// watches has everybody look at everybody's camera.
func watches(windows []*window, height int) {
	for _, w := range windows {
		var wants []Want
		for _, other := range windows {
			if other != w {
				wants = append(wants, Want{Source{other.e.o.Self, Camera}, height})
			}
		}
		w.e.Want(wants)
	}
}

func awaitAll(t testing.TB, windows []*window, what string) {
	t.Helper()
	for i, w := range windows {
		for _, other := range windows {
			if other == w {
				continue
			}
			for _, kind := range []Kind{Microphone, Camera} {
				source := Source{other.e.o.Self, kind}
				since := time.Now()
				await(t, what, func() bool { w.follow(); g, ok := w.sees(source); return ok && g.last.After(since) }, w.e, other.e)
				// Where the system loses packets, the first may be among them.
				if g, _ := w.sees(source); kind == Camera && (g.breaks != 0 || !g.key && g.lost == 0) {
					t.Errorf("%s: %d sees %v: key %v, %d breaks, %d lost", what, i+1, source.Kind, g.key, g.breaks, g.lost)
				}
			}
		}
	}
}

// Four people in a mesh: all see all; one shares a screen and stops; one loads the page anew.
func TestMesh(t *testing.T) {
	o := newOffice(t)
	var all []*window
	for i := range 4 {
		all = append(all, o.open(i+1))
	}
	gathers(all, Plan{})
	watches(all, 180)
	awaitAll(t, all, "everybody")

	all[0].sends(Screen)
	all[0].offer(false)
	all[2].e.Want([]Want{{camera(1), 180}, {screen(1), 1080}})
	await(t, "the screen", func() bool { all[2].follow(); g, ok := all[2].sees(screen(1)); return ok && g.key })
	_ = all[0].senders["3"].Stop()
	all[0].e.mu.Lock()
	for mid, kind := range all[0].e.page.kinds {
		if kind == Screen {
			delete(all[0].e.page.kinds, mid) // as an offer without it does
		}
	}
	all[0].e.mu.Unlock()
	await(t, "the screen's end", func() bool { return !hasMid(all[2].e.Snapshot().Slots, screen(1)) })

	all[1].close()
	again := newWindow(t, all[1].e, 4, 4)
	t.Cleanup(again.close)
	again.sends(Microphone)
	again.sends(Camera, "q", "h", "f")
	again.offer(true)
	all[1] = again
	watches(all, 180)
	since := time.Now()
	for i, w := range all {
		await(t, "the one who is back", func() bool { g, ok := w.sees(camera(2)); return i == 1 || ok && g.last.After(since) })
	}
	await(t, "what the one who is back sees", func() bool { _, ok := again.sees(camera(4)); return ok })

	// Somebody goes, and is told of.
	gathers(all[:3], Plan{})
	await(t, "the end of the fourth", func() bool { return !hasMid(all[0].e.Snapshot().Slots, mic(4)) })
	all[0].e.Follow(Plan{Peers: []wire.DeviceID{id(2), id(3)}, Silenced: []Source{mic(2)}})
	await(t, "silence", func() bool { s := all[0].e.Snapshot().Slots; return !hasMid(s, mic(2)) && hasMid(s, mic(3)) })
}
