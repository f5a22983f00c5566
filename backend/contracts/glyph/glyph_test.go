package glyph_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"roundtable/backend/contracts/glyph"
)

func TestRareNames(t *testing.T) {
	fonts := glyph.System()
	if _, err := fonts.Glyph('李'); err != nil {
		t.Skipf("no Chinese font here: %v", err)
	}
	for _, name := range []string{"李明", "𠮷野家", "䶮", "Zoë Müller", "欧阳·阿依古丽"} {
		p, width, err := fonts.Text(name, 12)
		if errors.Is(err, glyph.ErrMissing) && strings.ContainsAny(name, "𠮷䶮") {
			t.Logf("this machine's fonts do not have it: %v", err)
			continue
		}
		if err != nil || len(p) == 0 || width < 12 {
			t.Errorf("%s: %d %f %v", name, len(p), width, err)
		}
		if b := p.Bounds(); b[0] < -3 || b[2] > width+3 || b[3] > 16 || b[1] < -6 {
			t.Errorf("%s: %v", name, b)
		}
	}
	if _, _, err := fonts.Text("\U0010fffd", 12); !errors.Is(err, glyph.ErrMissing) {
		t.Errorf("a character of nobody: %v", err)
	}
}

func TestNoFonts(t *testing.T) {
	if _, err := glyph.From("/no/such/font.ttf").Glyph('a'); !errors.Is(err, glyph.ErrMissing) {
		t.Error(err)
	}
}

func TestPaths(t *testing.T) {
	p := glyph.Rect(0, 0, 2, 1)
	if got := string(p.PDF()); got != "0 0 m\n2 0 l\n2 1 l\n0 1 l\nh\n" {
		t.Errorf("%q", got)
	}
	if got := p.SVG(1); got != "M0 1L2 1L2 0L0 0Z" {
		t.Errorf("%q", got)
	}
	b := p.By(glyph.Turn(math.Pi / 2).Then(glyph.MoveBy(10, 0))).Bounds()
	for i, want := range []float64{9, 0, 10, 2} {
		if math.Abs(b[i]-want) > 1e-9 {
			t.Errorf("%v", b)
		}
	}
	if got := string(p.Reversed().PDF()); got != "0 1 m\n2 1 l\n2 0 l\n0 0 l\nh\n" {
		t.Errorf("%q", got)
	}
	if b := glyph.Circle(5, 5, 2, 3).Reversed().Bounds(); b != [4]float64{3, 2, 7, 8} {
		t.Errorf("%v", b)
	}
}
