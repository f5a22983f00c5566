package watch

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestGathering(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	var g gathering
	g.add(event{path: "once"}, at(0))
	g.collect(at(49))
	if len(g.ready.Paths) > 0 {
		t.Errorf("ready after 49 ms: %v", g.ready)
	}
	g.collect(at(50))
	if !slices.Equal(g.ready.Paths, []string{"once"}) {
		t.Errorf("not ready after 50 ms: %v", g.ready)
	}

	g = gathering{}
	for ms := 0; ms < 500; ms += 20 {
		g.add(event{path: "busy"}, at(ms))
		g.collect(at(ms))
		if len(g.ready.Paths) > 0 {
			t.Fatalf("ready after %d ms, while events keep coming", ms)
		}
	}
	if due, _ := g.next(); !due.Equal(at(500)) {
		t.Errorf("due after %v", due.Sub(begin))
	}
	g.collect(at(500))
	if len(g.ready.Paths) != 1 {
		t.Error("not ready after 500 ms")
	}

	// A path that changes again while it waits to be fetched is told once.
	g.add(event{path: "busy"}, at(600))
	g.collect(at(700))
	if len(g.ready.Paths) != 1 {
		t.Errorf("%v", g.ready.Paths)
	}
}

func TestBothNamesOfAMoveAreToldTogether(t *testing.T) {
	begin := time.Unix(1000, 0)
	var g gathering
	g.add(event{path: "from"}, begin)
	g.add(event{path: "to"}, begin.Add(3*time.Millisecond))
	g.collect(begin.Add(quiet))
	if !slices.Equal(g.ready.Paths, []string{"from", "to"}) || len(g.waiting) > 0 {
		t.Errorf("%v, and %v waits", g.ready.Paths, g.waiting)
	}
}

// Whatever goes on at one of them: a program writes on into what it has just renamed.
func TestNamesOfAMoveWaitForEachOther(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	var g gathering
	g.add(event{path: "from"}, at(0))
	g.add(event{path: "to", from: []string{"from"}}, at(40))
	g.add(event{path: "to"}, at(70))
	g.add(event{path: "to"}, at(100))
	if g.collect(at(149)); len(g.ready.Paths) > 0 {
		t.Errorf("%v is told alone", g.ready.Paths)
	}
	if g.collect(at(150)); !slices.Equal(g.ready.Paths, []string{"from", "to"}) {
		t.Errorf("%v", g.ready.Paths)
	}
	if _, some := g.next(); some {
		t.Errorf("%v waits", g.waiting)
	}
}

func TestTooManyPathsAreAll(t *testing.T) {
	now := time.Unix(1000, 0)
	var g gathering
	for i := range most {
		g.add(event{path: fmt.Sprint(i)}, now)
	}
	if !g.all.first.IsZero() {
		t.Fatal("all too early")
	}
	g.add(event{path: "one more"}, now)
	if len(g.waiting) > 0 {
		t.Error("paths are kept beside all")
	}
	g.collect(now.Add(quiet))
	if !g.ready.All || len(g.ready.Paths) > 0 {
		t.Errorf("%+v", g.ready)
	}
	// What comes after All was made ready is not covered by it: it waits on its own.
	g.add(event{path: "later"}, now.Add(quiet))
	g.collect(now.Add(3 * quiet))
	if !g.ready.All {
		t.Error("All was taken back")
	}
}
