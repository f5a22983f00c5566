package portrait_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/portrait"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

func picture(side int, shade uint8) []byte {
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{Y: shade}.Y
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

// Events in, tables out.
func TestGolden(t *testing.T) {
	b := testspace.NewBench(t, portrait.Projection{})
	take := func(line string, body any) { b.Takes(b.Event(line, body)) }
	take("W li@1:1 10 portrait.set", map[int][]byte{1: picture(160, 40)})
	take("W wang@1:1 12 portrait.set", map[int][]byte{1: picture(16, 80)})
	take("W wang@1:3 14 portrait.set", map[int][]byte{})                    // taken away
	take("W wang@2:1 13 portrait.set", map[int][]byte{1: picture(16, 120)}) // said before that, heard later
	take("V li@5:1 10 portrait.set", map[int][]byte{1: picture(32, 40)})
	take("early W li@1:9 99 portrait.set", map[int][]byte{1: picture(16, 1)})
	for _, bad := range []any{
		map[int][]byte{1: picture(161, 40)}, map[int][]byte{1: []byte("<svg/>")}, map[int][]byte{1: make([]byte, 13<<10)}, map[int]string{1: "text"},
		map[int]any{1: picture(16, 40), 2: "unknown"}, wire.Raw{0xff}, wire.Raw{}, 7,
	} {
		take("W li@1:3 50 portrait.set", bad)
	}
	take("W li@1:5 60 portrait.unknown_kind", 1)
	path := filepath.Join("testdata", "tables.txt")
	got := b.Rows(`SELECT space, person, stamp, device, seq, mark, length(picture) AS picture FROM portrait_set ORDER BY 1, 2`)
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

// FuzzBodies: no body stops the projection.
func FuzzBodies(f *testing.F) {
	b := testspace.NewBench(f, portrait.Projection{})
	f.Add(wire.MustEncode(map[int][]byte{1: picture(16, 3)}))
	f.Add(wire.MustEncode(map[int][]byte{}))
	f.Add([]byte{0xa1, 0x01, 0x41, 0xff})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := b.For(t)
		e, _ := b.Event("W li@1:1 5 portrait.set", wire.Raw(body))
		b.Tries(e)
	})
}
