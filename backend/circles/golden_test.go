package circles_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/circles"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, circles.NewProjection())
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	take("W gu@1:1 10 circles.origin_stated", map[int]string{1: "临江家具"})
	take("W li@1:1 11 circles.origin_stated", map[int]string{1: "青禾建筑"})
	take("W gu@1:2 14 circles.origin_stated", map[int]string{1: "临江"})
	take("W gu@2:1 13 circles.origin_stated", map[int]string{1: "早些的"}) // comes later, was said earlier
	take("V gu@1:1 10 circles.origin_stated", map[int]string{1: "别处"})
	take("early W li@1:9 99 circles.origin_stated", map[int]string{1: "不算"})
	for _, bad := range []any{
		map[int]string{1: ""}, map[int]string{1: "x\x00"}, map[int]string{1: strings.Repeat("长", wire.MaxName+1)}, map[int]string{1: " 空格"},
		map[int]string{1: "a", 2: "unknown"}, map[int]string{2: "no name"}, wire.Raw{0xff}, wire.Raw{}, 7,
	} {
		take("W li@1:3 50 circles.origin_stated", bad)
	}
	take("W li@1:5 60 circles.unknown_kind", 1)
	got := b.Rows(`SELECT space, person, stamp, device, seq, name FROM circles_origin ORDER BY 1, 2`)
	path := filepath.Join("testdata", "tables.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := testspace.Differ(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// The bytes of the event are for ever.
func TestBytes(t *testing.T) {
	if got := string(wire.MustEncode(map[int]string{1: "临江家具"})); got != "\xa1\x01\x6c临江家具" {
		t.Errorf("%x", got)
	}
}

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, circles.NewProjection())
	f.Add(wire.MustEncode(map[int]string{1: "临江家具"}))
	f.Add([]byte{0xa1, 0x01, 0x61, 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := b.For(t)
		e, _ := b.Event("W li@1:1 5 circles.origin_stated", wire.Raw(body))
		b.Tries(e)
	})
}
