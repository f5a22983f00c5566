package room

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var rounds = flag.Int("rounds", 40, "how many tumults all have to agree after")

// TestAllAgree: some devices, random deeds, beats that are lost, late and out of order, devices
// that crash, networks that are cut. When it is over, whoever still hears the others sees the same call.
func TestAllAgree(t *testing.T) {
	for seed := range *rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { tumult(t, uint64(seed)) })
	}
}

var everybody = []string{"li", "wang", "li2", "chen", "guest", "zhao", "sun", "zhou", "wu", "zheng", "guest2"}

func tumult(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	h := newHall(t, everybody[:2+rnd.IntN(len(everybody)-1)]...)
	half := map[*desk]int{}
	loss := rnd.Float64() * 0.4
	quiet := false
	h.cut = func(from, to *desk) bool { return half[from] != half[to] || !quiet && rnd.Float64() < loss }
	h.wait = func() time.Duration {
		if quiet {
			return 0
		}
		return time.Duration(rnd.IntN(1500)) * time.Millisecond
	}
	for _, d := range h.desks {
		d.skew = time.Duration(rnd.IntN(120_000)-60_000) * time.Millisecond
	}
	h.as("li").skew = 0
	h.enters("li")
	for range 60 {
		h.passes(time.Duration(rnd.IntN(2500)) * time.Millisecond)
		d := h.desks[rnd.IntN(len(h.desks))]
		switch rnd.IntN(12) {
		case 0:
			d.off = true
		case 1, 2:
			d.off = false
		case 3:
			for _, d := range h.desks {
				half[d] = rnd.IntN(2)
			}
		case 4:
			clear(half)
		default:
			h.deed(d, rnd)
		}
	}
	clear(half)
	quiet = true
	for _, d := range h.desks {
		if rnd.IntN(2) == 0 {
			d.off = false
		}
	}
	h.passes(30 * time.Second)
	h.agree(seed)
}

// deed is something that a device does at random.
func (h *hall) deed(d *desk, rnd *rand.Rand) {
	if d.off {
		return
	}
	now := h.at(d)
	to := h.desks[rnd.IntN(len(h.desks))].sign.Public()
	some := func() bool { return rnd.IntN(3) > 0 }
	switch rnd.IntN(14) {
	case 0:
		d.room.Leave(now)
	case 1, 2, 3, 4:
		d.room.Enter(now)
	case 5:
		_ = d.room.Set(now, Shows(rnd.IntN(int(allShows)+1)))
	case 6:
		d.room.Measure(uint16(rnd.IntN(50)), nil)
	case 7:
		_ = d.room.Do(now, Deed{Rules: &Switches{rnd.IntN(6) == 0, rnd.IntN(5) == 0, some(), some(), some(), some()}})
	case 8:
		_ = d.room.Do(now, Deed{MuteAll: true})
	case 9:
		_ = d.room.Do(now, Deed{AdmitAll: true})
	case 10:
		_ = d.room.Do(now, Deed{MakeCohost: to})
	case 11:
		_ = d.room.Do(now, Deed{UnmakeCohost: to})
	case 12:
		_ = d.room.Do(now, []Deed{{Mute: to}, {Stop: to}, {Lower: to}, {Deny: to}}[rnd.IntN(4)])
	case 13:
		if rnd.IntN(4) == 0 {
			_ = d.room.Do(now, Deed{Remove: to})
		}
	}
}

// agree compares what the devices see. Whoever is in it compares everything; who
// only looks on may know of hosts that left since, not of others.
func (h *hall) agree(seed uint64) {
	h.t.Helper()
	var first *desk
	for _, d := range h.desks {
		if d.off || h.view(d.name).Mine != Inside {
			continue
		}
		if first == nil {
			first = d
			continue
		}
		if a, b := h.picture(first), h.picture(d); a != b {
			h.t.Errorf("seed %d: %s sees\n%s%s sees\n%s", seed, first.name, a, d.name, b)
		}
	}
	if first == nil {
		return
	}
	v := h.view(first.name)
	if n := len(v.In); n >= hubFrom && v.Hub.Hub.IsZero() || n <= hubTo && !v.Hub.Hub.IsZero() {
		h.t.Errorf("seed %d: %d devices and the hub %s", seed, n, h.name(v.Hub.Hub))
	}
	member := slices.ContainsFunc(v.In, func(s Seen) bool { return !s.Member.External })
	if hosts := slices.ContainsFunc(v.In, func(s Seen) bool { return s.Role == Host }); member && !hosts {
		h.t.Errorf("seed %d: nobody is host\n%s", seed, h.picture(first))
	}
}
