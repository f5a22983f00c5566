package calls_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/calls"
	"roundtable/backend/calls/room"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var tables = []string{
	`SELECT hex(call) AS call, space, person, stamp, video, planned FROM calls_started`,
	`SELECT space, hex(call) AS call, stamp FROM calls_ended`,
	`SELECT space, hex(call) AS call, person FROM calls_there`,
	`SELECT space, hex(call) AS call, person FROM calls_declined`,
	`SELECT hex(meeting) AS meeting, space, person, title, begin, end FROM calls_planned`,
	`SELECT space, hex(meeting) AS meeting, person FROM calls_cancelled`,
}

func start(device string, at int64) room.Start {
	return room.Start{Device: testspace.Device(device), At: at, Video: at%2 == 0}
}

func begun(s room.Start) any { return map[int]any{1: s} }
func over(c wire.CallID, there ...wire.PersonID) any {
	return map[int]any{1: c, 2: there}
}
func about(c wire.CallID) any                 { return map[int]any{1: c} }
func plan(title string, begin, end int64) any { return map[int]any{1: title, 2: begin, 3: end} }

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, calls.NewProjection(testspace.Person("li")))
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	w, g := testspace.Space("W"), testspace.Space("G")
	li, wang := testspace.Person("li"), testspace.Person("wang")
	one, two := start("li", 10), start("wang", 21)
	take("W li@1:1 10 calls.started", begun(one))
	take("W li@1:2 12 calls.started", begun(one))   // said twice
	take("W wang@1:1 11 calls.started", begun(one)) // not wang's
	take("G wang@1:1 11 calls.started", begun(two))
	// The end may come before the beginning, and from several who were the last.
	take("W wang@1:2 40 calls.ended", over(one.ID(w), li, wang))
	take("W li@1:3 30 calls.ended", over(one.ID(w), li))
	take("G wang@1:2 50 calls.ended", map[int]any{1: two.ID(g)})
	take("G li@3:1 22 calls.declined", about(two.ID(g)))
	take("G li@3:2 23 calls.declined", about(two.ID(g)))
	take("early W wang@1:9 90 calls.started", begun(start("wang", 90)))
	e, _ := b.Event("W wang@1:3 60 calls.planned", plan("周会", 1000, 2000))
	b.Takes(e, false)
	take("W li@1:4 61 calls.cancelled", map[int]any{1: e.ID})
	take("W wang@1:4 62 calls.cancelled", map[int]any{1: e.ID})
	for _, bad := range []any{
		begun(room.Start{Device: testspace.Device("li"), At: -1}), map[int]any{}, map[int]any{1: 1}, wire.Raw{}, wire.Raw{0xa1, 1, 0x61, 0xff},
		over(one.ID(w), make([]wire.PersonID, 101)...), map[int]any{1: one.ID(w), 9: 1}, plan("", 1, 2), plan(" x", 1, 2), plan("a\nb", 1, 2),
		plan("x", 2, 1), plan("x", 0, 1), plan("x", 1, 1<<53), plan("x", -5, 1),
	} {
		for _, kind := range []string{"started", "ended", "declined", "planned", "cancelled"} {
			take("W li@1:9 90 calls."+kind, bad)
		}
	}
	golden(t, "tables.txt", b.Rows(tables...))
}

// TestAnyOrder: the same events, in whatever order they come, give the same rows.
func TestAnyOrder(t *testing.T) {
	w := testspace.Space("W")
	one, two := start("li", 10), start("wang", 21)
	li, wang := testspace.Person("li"), testspace.Person("wang")
	events := []struct {
		line string
		body any
	}{
		{"W li@1:1 10 calls.started", begun(one)}, {"W li@1:2 12 calls.started", begun(one)}, {"W wang@1:1 22 calls.started", begun(two)},
		{"W wang@1:2 40 calls.ended", over(one.ID(w), li, wang)}, {"W li@1:3 30 calls.ended", over(one.ID(w), li)},
		{"W li@1:4 45 calls.declined", about(two.ID(w))}, {"W wang@1:3 46 calls.planned", plan("周会", 1000, 2000)},
		{"W li@1:5 47 calls.cancelled", map[int]any{1: wire.EventID{1}}},
	}
	want := ""
	for seed := range uint64(20) {
		b := testspace.NewBench(t, calls.NewProjection(li))
		order := rand.New(rand.NewPCG(seed, 2)).Perm(len(events))
		for _, i := range order {
			b.Takes(b.Event(events[i].line, events[i].body))
		}
		got := b.Rows(tables...)
		if want == "" {
			want = got
		}
		if diff := testspace.Differ(want, got); diff != "" {
			t.Fatalf("order %v: %s", order, diff)
		}
	}
}

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, calls.NewProjection(testspace.Person("li")))
	f.Add(wire.MustEncode(begun(start("wang", 10))))
	f.Add(wire.MustEncode(over(start("wang", 10).ID(testspace.Space("W")), testspace.Person("li"))))
	f.Add(wire.MustEncode(plan("周会", 1000, 2000)))
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []string{"started", "ended", "declined", "planned", "cancelled"} {
			b := b.For(t)
			e, _ := b.Event("W wang@1:1 5 calls."+kind, wire.Raw(body))
			b.Tries(e)
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := testspace.Differ(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}
