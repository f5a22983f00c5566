package look

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
)

// The bounds of what is drawn by hand.
const (
	maxPath    = 512 << 10 // bytes
	maxPoints  = 40_000
	maxStrokes = 1000
	maxSide    = 10_000
)

// pen is how wide the pen is, in parts of the height of what it draws on.
const pen = 0.022

// Drawn draws strokes, "M x y L x y …" with y downwards, in a box of width by height: only these two commands, absolute, each with its
// own letter. Strokes are smoothed and ends are round. Errors: ErrLook.
func Drawn(path string, width, height float64) (*pades.Look, error) {
	if !(width > 0 && width <= maxSide && height > 0 && height <= maxSide) {
		return nil, fmt.Errorf("%w: a box of %g by %g", ErrLook, width, height)
	}
	strokes, err := parse(path, width, height)
	if err != nil {
		return nil, err
	}
	var p glyph.Path
	length := 0.0
	for _, s := range strokes {
		s = thin(s, height/400)
		for i := 1; i < len(s); i++ {
			length += math.Hypot(s[i].X-s[i-1].X, s[i].Y-s[i-1].Y)
		}
		p = append(p, smooth(s)...)
	}
	if length < height/10 {
		return nil, fmt.Errorf("%w: hardly anything was drawn", ErrLook)
	}
	thick := pen * height
	b := p.Bounds()
	w, h := b[2]-b[0]+thick, b[3]-b[1]+thick
	content := fmt.Appendf(nil, "%s RG %.3f w 1 J 1 j\n", ink, thick)
	content = append(content, p.By(glyph.MoveBy(thick/2-b[0], thick/2-b[1])).PDF()...)
	return &pades.Look{Width: w, Height: h, Content: append(content, "S\n"...)}, nil
}

// parse reads strokes and turns them over: y goes up.
func parse(path string, width, height float64) (strokes [][]glyph.Point, err error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("%w: a path of %d bytes", ErrLook, len(path))
	}
	words := strings.Fields(path)
	if len(words)%3 != 0 || len(words)/3 > maxPoints {
		return nil, fmt.Errorf("%w: a path of %d words", ErrLook, len(words))
	}
	for i := 0; i < len(words); i += 3 {
		x, okX := coordinate(words[i+1], width)
		y, okY := coordinate(words[i+2], height)
		if !okX || !okY {
			return nil, fmt.Errorf("%w: point %d", ErrLook, i/3+1)
		}
		switch {
		case words[i] == "M" && len(strokes) < maxStrokes:
			strokes = append(strokes, nil)
		case words[i] != "L" || len(strokes) == 0:
			return nil, fmt.Errorf("%w: command %d", ErrLook, i/3+1)
		}
		last := &strokes[len(strokes)-1]
		*last = append(*last, glyph.Point{X: x, Y: height - y})
	}
	return strokes, nil
}

// coordinate reads a decimal number; a pen may leave the box by a little.
func coordinate(s string, most float64) (float64, bool) {
	if len(s) > 24 || strings.Trim(s, "-.0123456789") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < -most/4 || f > most*5/4 {
		return 0, false
	}
	return min(max(f, 0), most), true
}

// thin leaves out points that lie nearly on the one before.
func thin(s []glyph.Point, least float64) []glyph.Point {
	out := s[:1:1]
	for i, p := range s[1:] {
		q := out[len(out)-1]
		if math.Hypot(p.X-q.X, p.Y-q.Y) >= least || i == len(s)-2 && len(out) == 1 {
			out = append(out, p)
		}
	}
	return out
}

// smooth leads a curve through points (Catmull and Rom). One point alone is a dot.
func smooth(s []glyph.Point) glyph.Path {
	p := glyph.Path{{Op: glyph.Move, P: [3]glyph.Point{s[0]}}}
	if len(s) < 3 {
		return append(p, glyph.Segment{Op: glyph.Line, P: [3]glyph.Point{s[len(s)-1]}})
	}
	at := func(i int) glyph.Point { return s[min(max(i, 0), len(s)-1)] }
	for i := range len(s) - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		p = append(p, glyph.Segment{Op: glyph.Curve, P: [3]glyph.Point{
			{X: b.X + (c.X-a.X)/6, Y: b.Y + (c.Y-a.Y)/6}, {X: c.X - (d.X-b.X)/6, Y: c.Y - (d.Y-b.Y)/6}, c,
		}})
	}
	return p
}
