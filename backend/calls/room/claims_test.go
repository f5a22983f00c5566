package room

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roundtable/backend/wire"
)

// hubOf is who everybody follows.
func (h *hall) hubOf() Hub {
	h.t.Helper()
	hub := h.view(h.desks[0].name).Hub
	for _, d := range h.desks {
		if v := h.view(d.name); v.Hub.Hub != hub.Hub {
			h.t.Fatalf("%s follows %s, %s %s", h.desks[0].name, h.name(hub.Hub), d.name, h.name(v.Hub.Hub))
		}
	}
	return hub
}

// claims has a device say in its own beat that it is hub, to all or some.
func (h *hall) claims(name string, hub Hub, score uint16, to ...string) {
	d := h.as(name)
	b := d.room.Say(h.at(d))
	b.Hub, b.Score = &hub, score
	for _, other := range h.desks {
		if other != d && (len(to) == 0 || slices.Contains(to, other.name)) {
			_ = other.room.Hear(h.at(other), h.id(name), b)
		}
	}
}

var five = []string{"li", "wang", "chen", "zhao", "sun"}

// bystander is somebody who is neither hub nor standby.
func (h *hall) bystander(hub Hub) string {
	for _, d := range h.desks {
		if id := d.sign.Public(); d.name != "li" && id != hub.Hub && id != hub.Standby {
			return d.name
		}
	}
	return ""
}

// While there is a hub nobody else becomes one by saying so, whatever its score and its term.
func TestNobodyTakesTheHub(t *testing.T) {
	h := newHall(t, five...)
	h.enters(five...)
	h.passes(5 * time.Second)
	hub := h.hubOf()
	if hub.Hub.IsZero() || hub.Standby.IsZero() {
		t.Fatalf("no hub: %+v", hub)
	}
	mallory := h.bystander(hub)
	for range 20 {
		h.claims(mallory, Hub{Term: hub.Term + 7, Hub: h.id(mallory)}, 65535)
		h.passes(time.Second)
		for _, d := range h.desks {
			if v := h.view(d.name).Hub; d.name != mallory && v.Hub != hub.Hub {
				t.Fatalf("%s follows %s", d.name, h.name(v.Hub))
			}
		}
	}
	// Nor do those who come now, and hear both.
	h.as("li").room.Leave(h.now)
	h.passes(time.Second)
	h.as("li").room.Enter(h.now)
	for range 5 {
		h.claims(mallory, Hub{Term: hub.Term + 9, Hub: h.id(mallory)}, 65535)
		h.passes(time.Second)
	}
	if v := h.view("li").Hub; v.Hub != hub.Hub {
		t.Errorf("who comes back follows %s", h.name(v.Hub))
	}
}

// A low score is no claim, also where there is no hub yet.
func TestTheBestIsHub(t *testing.T) {
	h := newHall(t, five...)
	for i, n := range five {
		h.as(n).room.Measure(uint16(100+i), nil)
	}
	h.enters(five...)
	h.claims("wang", Hub{Term: 1, Hub: h.id("wang")}, 1)
	if v := h.view("li").Hub; v.Hub == h.id("wang") {
		t.Error("the worst is hub")
	}
	h.passes(5 * time.Second)
	if hub := h.hubOf(); hub.Hub != h.id("sun") || hub.Standby != h.id("zhao") {
		t.Errorf("hub %s, standby %s", h.name(hub.Hub), h.name(hub.Standby))
	}
}

// A hub that a host bars is none any more, at once, and never again.
func TestBarredHub(t *testing.T) {
	h := newHall(t, five...)
	for _, n := range five[1:] {
		h.as(n).room.Measure(100, nil) // li is neither
	}
	h.enters(five...)
	h.passes(5 * time.Second)
	before := h.hubOf()
	if err := h.as(h.name(before.Standby)).room.Do(h.now, Deed{Bar: before.Hub}); err == nil {
		t.Error("barred by one who is no host")
	}
	h.do("li", Deed{Bar: before.Hub})
	h.passes(time.Second)
	after := h.hubOf()
	if after.Hub != before.Standby {
		t.Errorf("hub %s, want the standby %s", h.name(after.Hub), h.name(before.Standby))
	}
	for range 10 {
		h.claims(h.name(before.Hub), Hub{Term: after.Term + 3, Hub: before.Hub}, 65535)
		h.passes(time.Second)
	}
	after = h.hubOf()
	if after.Hub == before.Hub || after.Standby == before.Hub {
		t.Errorf("hub %s, standby %s", h.name(after.Hub), h.name(after.Standby))
	}
}

// Of two hosts who decide at the same moment neither loses what it decided, whatever gets lost.
func TestDecisionsOfTheSameMoment(t *testing.T) {
	for seed := range 60 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 9))
			h := newHall(t, "li", "wang", "chen", "zhao")
			loss := rnd.Float64() * 0.4
			quiet := true
			h.cut = func(_, _ *desk) bool { return !quiet && rnd.Float64() < loss }
			h.enters("li", "wang", "chen", "zhao")
			h.do("li", Deed{MakeCohost: h.id("wang")})
			h.do("li", Deed{MakeCohost: h.id("chen")})
			for _, n := range []string{"li", "wang", "chen", "zhao"} {
				_ = h.as(n).room.Set(h.now, Microphone|Screen|Hand)
			}
			h.passes(3 * time.Second)
			quiet = false
			deeds := []Deed{{Mute: h.id("zhao")}, {Stop: h.id("zhao")}, {Lower: h.id("zhao")}, {Mute: h.id("li")}, {Bar: h.id("zhao")},
				{Rules: &Switches{Locked: true, MayUnmute: true, MayShare: true, MuteOnEntry: true}},
				{Rules: &Switches{MayUnmute: true, MuteOnEntry: true}}}
			rnd.Shuffle(len(deeds), func(i, j int) { deeds[i], deeds[j] = deeds[j], deeds[i] })
			did := deeds[:3]
			for i, n := range []string{"li", "wang", "chen"} {
				if err := h.as(n).room.Do(h.now, did[i]); err != nil {
					t.Fatal(err)
				}
			}
			h.passes(6 * time.Second)
			quiet = true
			h.passes(6 * time.Second)
			for _, n := range []string{"li", "wang", "chen", "zhao"} {
				p := h.view(n).Policy
				for _, d := range did {
					if !holds(p, d) {
						t.Errorf("%s sees %+v without %+v", n, p, d)
					}
				}
			}
		})
	}
}

// holds reports whether a deed is in a policy.
func holds(p Policy, d Deed) bool {
	ordered := func(device wire.DeviceID, what uint8) bool {
		return device.IsZero() || slices.ContainsFunc(p.Orders, func(o Order) bool { return o.Device == device && o.What == what })
	}
	if d.Rules != nil {
		return (!d.Rules.Locked || p.Rules&Locked != 0) && (d.Rules.MayShare || p.Rules&NoShare != 0)
	}
	return ordered(d.Mute, OrderMute) && ordered(d.Stop, OrderStop) && ordered(d.Lower, OrderLower) && (d.Bar.IsZero() || slices.Contains(p.Barred, d.Bar))
}

// The end for all stands, though another host decides something at the same moment.
func TestTheEndStands(t *testing.T) {
	h := newHall(t, "li", "wang", "chen")
	h.enters("li", "wang", "chen")
	h.do("li", Deed{MakeCohost: h.id("wang")})
	for range 3 {
		if err := h.as("wang").room.Do(h.now, Deed{MuteAll: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.as("li").room.Do(h.now, Deed{End: true}); err != nil {
		t.Fatal(err)
	}
	h.as("li").room.Leave(h.now)
	h.passes(3 * time.Second)
	for _, n := range []string{"wang", "chen"} {
		if !h.view(n).Ended {
			t.Errorf("%s does not see the end", n)
		}
	}
}

// A guest's computer never forwards for all, whatever it says of itself.
func TestGuestsAreNeverHub(t *testing.T) {
	names := []string{"li", "wang", "guest1", "guest2", "guest3"}
	h := newHall(t, names...)
	h.enters(names...)
	h.do("li", Deed{AdmitAll: true})
	h.passes(5 * time.Second)
	hub := h.hubOf()
	if hub.Hub.IsZero() {
		t.Fatal("no hub")
	}
	for _, name := range names[2:] {
		h.claims(name, Hub{Term: hub.Term + 7, Hub: h.id(name)}, 1400)
		h.passes(time.Second)
		if now := h.hubOf(); now.Hub == h.id(name) || now.Standby == h.id(name) {
			t.Errorf("%s is hub, or its standby: %+v", name, now)
		}
	}
}
