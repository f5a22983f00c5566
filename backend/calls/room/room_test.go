package room

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/backend/wire"
)

func TestComingAndGoing(t *testing.T) {
	h := newHall(t, "li", "wang", "chen")
	h.enters("li", "wang")
	h.want("chen", "li* wang")
	h.want("li", "li* wang")
	h.as("wang").room.Leave(h.now)
	h.passes(time.Second)
	h.want("chen", "li*")
	h.enters("chen")
	h.as("chen").off = true
	h.passes(GoneAfter - time.Second)
	h.want("li", "chen li*")
	h.passes(2 * time.Second)
	h.want("li", "li*")
}

func TestHostPassesOn(t *testing.T) {
	h := newHall(t, "li", "guest", "wang", "chen")
	h.enters("li", "guest", "wang", "chen")
	h.do("li", Deed{Admit: h.id("guest")})
	h.want("chen", "chen guest li* wang")
	h.as("li").off = true
	h.passes(GoneAfter + 3*time.Second)
	h.want("chen", "chen guest wang*") // the guest is longer in it, and no host
	h.do("wang", Deed{MuteAll: true})
	h.do("wang", Deed{Remove: h.id("guest")})
	h.do("wang", Deed{MakeCohost: h.id("chen")})
	h.want("chen", "chen+ wang*")
	// Who began it comes back: host, and what was decided meanwhile stands.
	h.as("li").off = false
	h.passes(4 * time.Second)
	h.want("chen", "chen li* wang")
	h.want("li", "chen li* wang")
	if v := h.view("guest"); v.Mine != Removed {
		t.Errorf("the guest is %d", v.Mine)
	}
	if v := h.view("li"); v.Policy.MuteAll == 0 {
		t.Error("what was muted is not any more")
	}
}

func TestCohostsStayWhenTheHostGoes(t *testing.T) {
	h := newHall(t, "li", "li2", "wang", "chen")
	h.enters("li", "wang", "chen")
	h.do("li", Deed{MakeCohost: h.id("chen")})
	h.as("li").room.Leave(h.now)
	h.passes(3 * time.Second)
	h.want("wang", "chen* wang")
	h.do("chen", Deed{MuteAll: true})
	h.enters("li2") // with another device: the same person
	h.passes(3 * time.Second)
	h.want("wang", "chen+ li2* wang")
	h.do("li2", Deed{UnmakeCohost: h.id("chen")})
	h.want("wang", "chen li2* wang")
	if h.view("wang").Policy.MuteAll == 0 {
		t.Error("what the co-host decided is lost")
	}
	// Nobody of them is left: wang, who was there before chen.
	h.as("li2").room.Leave(h.now)
	h.passes(3 * time.Second)
	h.want("chen", "chen wang*")
	h.enters("li")
	h.passes(3 * time.Second)
	h.want("chen", "chen li* wang+")
}

func TestLobbyLockRemove(t *testing.T) {
	h := newHall(t, "li", "wang", "guest", "chen", "zhao")
	h.enters("li", "wang", "guest")
	h.want("wang", "li* wang")
	if v := h.view("li"); len(v.Lobby) != 1 || v.Lobby[0].Device != h.id("guest") || h.view("guest").Mine != Waiting {
		t.Fatalf("the lobby is %v", v.Lobby)
	}
	if err := h.as("wang").room.Do(h.now, Deed{Admit: h.id("guest")}); !errors.Is(err, ErrForbidden) {
		t.Errorf("wang lets in: %v", err)
	}
	h.do("li", Deed{Deny: h.id("guest")})
	if h.view("guest").Mine != Denied {
		t.Error("not denied")
	}
	h.as("guest").room.Leave(h.now)
	h.passes(time.Second)
	h.enters("guest") // knocks again
	h.do("li", Deed{AdmitAll: true})
	h.want("wang", "guest li* wang")

	h.do("li", Deed{Rules: &Switches{Lobby: true, MayShare: true, MayUnmute: true}})
	h.enters("chen")
	h.want("wang", "guest li* wang")
	h.do("li", Deed{Admit: h.id("chen")})
	h.want("wang", "chen guest li* wang")
	h.do("li", Deed{Rules: &Switches{Locked: true, MayShare: true, MayUnmute: true}})
	h.enters("zhao")
	if h.view("zhao").Mine != Refused {
		t.Errorf("zhao is %d in a locked call", h.view("zhao").Mine)
	}
	h.as("wang").off = true // loses its network; the lock lets it back
	h.passes(10 * time.Second)
	h.want("chen", "chen guest li*")
	h.as("wang").off = false
	h.passes(3 * time.Second)
	h.want("chen", "chen guest li* wang")
	h.do("li", Deed{Remove: h.id("chen")})
	if h.view("chen").Mine != Removed {
		t.Error("chen is not removed")
	}
	if li := h.as("li").room; !li.Lingers(h.now, person("chen")) || li.Lingers(h.now, person("zhang")) {
		t.Error("who was removed and says that it is in is not told from who is not there")
	}
	h.as("chen").room.Leave(h.now)
	h.passes(time.Second)
	if h.as("li").room.Lingers(h.now, person("chen")) {
		t.Error("chen has said that it is out")
	}
	h.enters("chen")
	h.want("wang", "guest li* wang")
	h.do("li", Deed{End: true})
	if !h.view("wang").Ended {
		t.Error("goes on")
	}
}

func TestMuting(t *testing.T) {
	h := newHall(t, "li", "wang", "chen")
	h.enters("li", "wang", "chen")
	set := func(name string, shows Shows) error { return h.as(name).room.Set(h.now, shows) }
	shows := func(name, of string) (s Shows) {
		for _, x := range h.view(name).In {
			if x.Device == h.id(of) {
				s = x.Shows
			}
		}
		return s
	}
	for _, n := range []string{"li", "wang", "chen"} {
		if err := set(n, Microphone|Camera|Hand); err != nil {
			t.Fatal(err)
		}
	}
	h.passes(time.Second)
	h.do("li", Deed{Mute: h.id("wang")})
	if shows("chen", "wang") != Camera|Hand || shows("wang", "wang") != Camera|Hand {
		t.Error("wang is heard")
	}
	if err := set("wang", Microphone|Camera|Hand); err != nil {
		t.Errorf("wang unmutes: %v", err)
	}
	h.passes(time.Second)
	if shows("chen", "wang") != Microphone|Camera|Hand {
		t.Error("wang is not heard again")
	}
	h.do("li", Deed{Lower: h.id("wang")})
	h.do("li", Deed{MuteAll: true})
	h.do("li", Deed{Rules: &Switches{}})
	if shows("wang", "chen") != Camera|Hand || shows("chen", "wang") != Camera || shows("chen", "li") != Microphone|Camera|Hand {
		t.Errorf("chen %b wang %b li %b", shows("wang", "chen"), shows("chen", "wang"), shows("chen", "li"))
	}
	if err := set("wang", Microphone|Camera); !errors.Is(err, ErrMuted) {
		t.Errorf("unmutes though nobody may: %v", err)
	}
	if err := set("wang", Camera|Screen); !errors.Is(err, ErrForbidden) {
		t.Errorf("shares though nobody may: %v", err)
	}
	// Who does it nevertheless is silenced by everybody's engine.
	wang := h.as("wang").room
	wang.me.shows, wang.me.mic, wang.me.screen, wang.dirty = Microphone|Screen, wang.counter(), wang.counter(), true
	h.carry(h.as("wang"), wang.Say(h.now.Add(time.Second)))
	h.now = h.now.Add(time.Second)
	want := []Source{{h.id("wang"), Microphone}, {h.id("wang"), Screen}, {h.id("wang"), ScreenSound}}
	got := slices.DeleteFunc(h.view("chen").Silenced, func(s Source) bool { return s.Device != h.id("wang") })
	if !slices.Equal(got, want) {
		t.Errorf("silenced %v, want %v", got, want)
	}
}

func TestMutedOnEntry(t *testing.T) {
	names := []string{"li", "a", "b", "c", "d", "e", "f", "g"}
	h := newHall(t, names...)
	h.enters(names[:6]...)
	h.do("li", Deed{Rules: &Switches{MuteOnEntry: true, MayUnmute: true, MayShare: true}})
	h.enters("f")
	must(t, h.as("f").room.Set(h.now, Microphone|Camera))
	if got := h.view("f").Shows; got != Camera {
		t.Errorf("the seventh comes in with %b", got)
	}
	h.passes(entering)
	must(t, h.as("f").room.Set(h.now, Microphone|Camera))
	if got := h.view("f").Shows; got != Microphone|Camera {
		t.Errorf("unmutes itself: %b", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestHubComesAndGoes(t *testing.T) {
	names := []string{"li", "a", "b", "c", "d", "e"}
	h := newHall(t, names...)
	for i, n := range names {
		h.as(n).room.Measure(uint16(10*i), nil)
	}
	hub := func(want, standby string) {
		t.Helper()
		for _, n := range names {
			v := h.view(n)
			if v.Mine == Inside && !h.as(n).off && (h.name(v.Hub.Hub) != want || h.name(v.Hub.Standby) != standby) {
				t.Errorf("%s follows %s and %s, want %s and %s", n, h.name(v.Hub.Hub), h.name(v.Hub.Standby), want, standby)
			}
		}
	}
	h.enters(names[:4]...)
	hub("–", "–")
	h.as("li").room.Measure(1, []wire.DeviceID{h.id("d")}) // does not reach d, who would be best
	h.enters("d")
	h.passes(3 * time.Second)
	hub("c", "b")
	h.enters("e") // better, but the hub lives
	h.passes(3 * time.Second)
	hub("c", "b")
	if got := h.view("a").Peers; len(got) != 2 {
		t.Errorf("a links with %d", len(got))
	}
	if got := h.view("b").Peers; len(got) != 5 {
		t.Errorf("the standby links with %d", len(got))
	}
	// The hub dies: engines say so long before beats do.
	h.as("c").off = true
	h.passes(600 * time.Millisecond)
	h.as("a").room.HubSilent(h.now, h.id("c"))
	if v := h.view("a"); v.Hub.Hub != h.id("b") {
		t.Error("a does not turn to the standby at once")
	}
	h.passes(300 * time.Millisecond)
	hub("b", "e")
	// It comes back and finds another one of a later term.
	h.passes(10 * time.Second)
	h.as("c").off = false
	h.passes(3 * time.Second)
	hub("b", "e")
	for _, n := range []string{"d", "e"} {
		h.as(n).room.Leave(h.now)
	}
	h.passes(2 * time.Second)
	if h.name(h.view("a").Hub.Hub) != "b" {
		t.Error("no hub at four")
	}
	h.as("c").room.Leave(h.now)
	h.passes(2 * time.Second)
	hub("–", "–")
}

func TestFull(t *testing.T) {
	names := []string{"li"}
	for i := range MaxIn + 1 {
		names = append(names, fmt.Sprint("x", i, "y"))
	}
	h := newHall(t, names...)
	for _, n := range names[:MaxIn+1] { // the last of them does not know yet that it is full
		h.as(n).room.Enter(h.now)
		h.now = h.now.Add(time.Millisecond)
	}
	h.passes(3 * time.Second)
	late := names[MaxIn]
	if v := h.view("li"); len(v.In) != MaxIn || h.view(late).Mine != Full {
		t.Errorf("%d are in, the last one is %d", len(v.In), h.view(late).Mine)
	}
	if got := h.as(names[MaxIn+1]).room.Would(h.now); got != Full {
		t.Errorf("who asks before would be %d", got)
	}
}

// The beat that says that it is over is lost, and so is the first of those that follow.
func TestTheEndArrives(t *testing.T) {
	h := newHall(t, "li", "wang", "chen")
	h.enters("li", "wang", "chen")
	lost := 4 // two beats to two
	h.cut = func(from, _ *desk) bool {
		if from.name == "li" && lost > 0 {
			lost--
			return true
		}
		return false
	}
	must(t, h.as("li").room.Do(h.now, Deed{End: true}))
	h.carry(h.as("li"), h.as("li").room.Say(h.now))
	h.as("li").room.Leave(h.now)
	h.passes(time.Second)
	for _, n := range []string{"wang", "chen"} {
		if lost > 0 || !h.view(n).Ended {
			t.Errorf("it goes on for %s", n)
		}
	}
}

// An engine that hears somebody keeps it in, though no beat comes through.
func TestTheCallOutlivesTheLink(t *testing.T) {
	h := newHall(t, "li", "wang")
	h.enters("li", "wang")
	h.cut = func(*desk, *desk) bool { return true }
	for range 20 {
		h.passes(time.Second)
		h.as("li").room.Alive(h.now, h.id("wang"))
	}
	h.want("li", "li* wang")
	h.passes(GoneAfter + time.Second)
	h.want("li", "li*")
	h.as("li").room.Alive(h.now, h.id("wang")) // too late: it was gone
	h.want("li", "li*")
}

func TestPairsHaveNoHosts(t *testing.T) {
	h := newHall(t, "li", "guest")
	h.pair = true
	for _, d := range h.desks {
		h.open(d)
	}
	h.enters("li", "guest")
	if got := h.sees("li"); !strings.Contains(got, "guest") {
		t.Errorf("li sees %q", got)
	}
}

func TestReactionsAreFew(t *testing.T) {
	h := newHall(t, "li", "wang")
	h.enters("li", "wang")
	must(t, h.as("li").room.React(h.now, "👍🏽"))
	if err := h.as("li").room.React(h.now, "👍"); !errors.Is(err, ErrOften) {
		t.Error(err)
	}
	if err := h.as("wang").room.React(h.now, "<b>"); !errors.Is(err, ErrBeat) {
		t.Error(err)
	}
	h.passes(time.Second)
	if got := h.view("wang").Reactions; len(got) != 1 || got[0].Emoji != "👍🏽" {
		t.Errorf("%v", got)
	}
	h.passes(shownFor)
	if len(h.view("wang").Reactions) > 0 {
		t.Error("for ever")
	}
}
