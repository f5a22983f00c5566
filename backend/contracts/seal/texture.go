package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"

	"roundtable/backend/contracts/glyph"
)

const (
	// perSpeck is the area, in square points, for which one place is tried where the ink did not take; many fall beside it.
	perSpeck = 16
	// flat is how many lines a curve becomes when it is asked whether a point lies within.
	flat = 6
)

// Textured gives a drawing with small holes where ink did not take. They follow from the drawing alone, so the same seal has
// the same ones everywhere. That makes it look pressed, and protects nothing.
func (d Drawing) Textured() Drawing {
	sum := sha256.Sum256(d.PDF())
	rnd := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
	in := inside{edges: edges(d.Shape)}
	out := Drawing{Width: d.Width, Height: d.Height, Shape: append(glyph.Path(nil), d.Shape...)}
	for range int(d.Width * d.Height / perSpeck) {
		x, y, r := rnd.Float64()*d.Width, rnd.Float64()*d.Height, 0.08+rnd.Float64()*rnd.Float64()*0.4
		wound := in.wound(x, y)
		if wound != 1 && wound != -1 {
			continue
		}
		whole := true
		for i := range 8 {
			sin, cos := math.Sincos(float64(i) * math.Pi / 4)
			whole = whole && in.wound(x+cos*r*1.1, y+sin*r*1.1) == wound
		}
		if !whole {
			continue // a hole over an edge would be a speck beside it
		}
		hole := speck(rnd, x, y, r)
		if wound > 0 {
			hole = hole.Reversed()
		}
		out.Shape = append(out.Shape, hole...)
		in.edges = append(in.edges, edges(hole)...)
	}
	return out.settled()
}

// speck is a small shape that is not quite round, counterclockwise.
func speck(rnd *rand.Rand, x, y, r float64) glyph.Path {
	var points []glyph.Point
	for i := range 6 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 3)
		at := r * (0.6 + 0.4*rnd.Float64())
		points = append(points, glyph.Point{X: x + cos*at, Y: y + sin*at})
	}
	return glyph.Polygon(points...)
}

type edge struct{ a, b glyph.Point }

// inside tells how often an outline winds around a point.
type inside struct{ edges []edge }

func (in inside) wound(x, y float64) (n int) {
	for _, e := range in.edges {
		if (e.a.Y <= y) == (e.b.Y <= y) {
			continue
		}
		if at := e.a.X + (y-e.a.Y)/(e.b.Y-e.a.Y)*(e.b.X-e.a.X); at <= x {
			continue
		}
		if e.b.Y > e.a.Y {
			n++
		} else {
			n--
		}
	}
	return n
}

// edges are the lines of a shape, its curves broken.
func edges(p glyph.Path) (out []edge) {
	var start, at glyph.Point
	to := func(q glyph.Point) {
		out = append(out, edge{at, q})
		at = q
	}
	for _, s := range p {
		switch s.Op {
		case glyph.Move:
			start, at = s.P[0], s.P[0]
		case glyph.Line:
			to(s.P[0])
		case glyph.Curve:
			from := at
			for i := 1; i <= flat; i++ {
				t := float64(i) / flat
				u := 1 - t
				a, b, c, e := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
				to(glyph.Point{X: a*from.X + b*s.P[0].X + c*s.P[1].X + e*s.P[2].X, Y: a*from.Y + b*s.P[0].Y + c*s.P[1].Y + e*s.P[2].Y})
			}
		case glyph.Close:
			to(start)
		}
	}
	return out
}
