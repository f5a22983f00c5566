package media

import (
	"fmt"
	"testing"
	"time"

	"roundtable/backend/wire"
)

// Six people and a hub: each sends once and sees all; who shows small pictures gets small ones, and
// is given a larger one when they look closer. Then the hub dies, and the standby takes its place.
func TestHub(t *testing.T) {
	people := 6
	if underRace {
		people = 4 // twelve connections in one process are more than a busy machine has for the race detector
	}
	o := newOffice(t)
	var all []*window
	for i := range people {
		all = append(all, o.open(i+1))
	}
	plan := Plan{Hub: id(1), Standby: id(2)}
	starred(all, plan)
	watches(all, 180)
	awaitAll(t, all, "everybody over the hub")
	for _, w := range all[2:] {
		if n := len(w.e.Snapshot().Networks); n != 2 {
			t.Errorf("%d networks, want hub and standby", n)
		}
	}
	if n := all[people-1].e.Snapshot().Sending; len(n.Layers) != 1 || n.Layers[0] != "q" {
		t.Errorf("sending %+v, want the small layer only", n)
	}

	all[2].e.Want([]Want{{camera(people), 720}, {camera(2), 180}})
	await(t, "the large layer", func() bool { g, ok := all[2].sees(camera(people)); return ok && g.layer == full })
	g, _ := all[2].sees(camera(people))
	if g.breaks != 0 {
		t.Errorf("at the switch: %d breaks, %d lost", g.breaks, g.lost)
	}
	// A large one is shown only while no small one comes, as on a machine that stands still for a moment.
	await(t, "the small layer", func() bool { g, ok := all[1].sees(camera(people)); return ok && g.layer == small })

	time.Sleep(keyEvery) // a key frame was just asked for, and is not asked for twice in that time
	said := o.saidSoFar()
	died := time.Now()
	all[0].e.Close()
	all[0].close()
	rest := all[1:]
	for _, w := range rest {
		await(t, "that the hub is silent", func() bool { return w.e.Snapshot().HubSilent })
	}
	noticed := time.Since(died)
	for _, w := range rest {
		w.mu.Lock()
		for _, g := range w.got {
			g.resumed = time.Time{}
		}
		w.mu.Unlock()
	}
	turned := time.Now()
	starred(rest, Plan{Hub: id(2), Standby: id(3)})
	var worst time.Duration
	for i, w := range rest {
		for j := range rest {
			source := camera(j + 2)
			if i == j || w == all[2] && source != camera(people) && source != camera(2) {
				continue
			}
			await(t, fmt.Sprintf("pictures of %d at %d over the new hub", j+2, i+2), func() bool { g, ok := w.sees(source); return ok && g.last.After(turned.Add(50*time.Millisecond)) })
			g, _ := w.sees(source)
			worst = max(worst, g.resumed.Sub(turned))
			if g.breaks != 0 {
				t.Errorf("%d sees %d: %d breaks", i+2, j+2, g.breaks)
			}
		}
	}
	t.Logf("noticed after %v; all pictures %v after the turn; %d messages beside the connections", noticed.Round(time.Millisecond), worst.Round(time.Millisecond), o.saidSoFar()-said)
}

// starred has everybody follow a plan with a hub as the room makes it: the hub and the standby are
// linked with all, the others with those two.
func starred(windows []*window, p Plan) {
	for _, w := range windows {
		q := p
		for _, other := range windows {
			central := func(d wire.DeviceID) bool { return d == p.Hub || d == p.Standby }
			if other != w && (central(w.e.o.Self) || central(other.e.o.Self)) {
				q.Peers = append(q.Peers, other.e.o.Self)
			}
		}
		if q.Standby == w.e.o.Self {
			q.Standby = w.e.o.Self
		}
		w.e.Follow(q)
	}
}
