package seal

import (
	"math"

	"roundtable/backend/contracts/glyph"
)

// smooth is how far an outline may leave the corners of the dots, in dots: less than one, so that no part is lost.
const smooth = 0.75

type dot struct{ x, y int }

// outlines follows the edges of a mask: ink lies to the left, so holes go the other way round than what is around them. The shape
// comes in points, y upwards, one dot being scale of them.
func (m mask) outlines(scale float64) (out glyph.Path) {
	next := m.boundary()
	for y := range m.h + 1 {
		for x := range m.w + 1 {
			for len(next[dot{x, y}]) > 0 {
				corners := follow(next, dot{x, y})
				var points []glyph.Point
				for _, c := range simplified(corners) {
					points = append(points, glyph.Point{X: float64(c.x) * scale, Y: float64(m.h-c.y) * scale})
				}
				if len(points) >= 3 {
					out = append(out, glyph.Polygon(points...)...)
				}
			}
		}
	}
	return out
}

// boundary are the edges between ink and not, by where they begin: at most two at a corner, where two dots touch.
func (m mask) boundary() map[dot][]dot {
	next := map[dot][]dot{}
	add := func(a, b dot) { next[a] = append(next[a], b) }
	for y := range m.h {
		for x := range m.w {
			if !m.at(x, y) {
				continue
			}
			if !m.at(x, y+1) {
				add(dot{x, y + 1}, dot{x + 1, y + 1})
			}
			if !m.at(x+1, y) {
				add(dot{x + 1, y + 1}, dot{x + 1, y})
			}
			if !m.at(x, y-1) {
				add(dot{x + 1, y}, dot{x, y})
			}
			if !m.at(x-1, y) {
				add(dot{x, y}, dot{x, y + 1})
			}
		}
	}
	return next
}

// follow takes one closed line of edges out of the rest, and gives its corners.
func follow(next map[dot][]dot, start dot) (corners []dot) {
	at, came := start, dot{}
	for {
		choices := next[at]
		if len(choices) == 0 {
			return corners // closed
		}
		take := 0
		if len(choices) == 2 && came != (dot{}) && turn(came, sub(choices[1], at)) > turn(came, sub(choices[0], at)) {
			take = 1 // where two dots touch at a corner, they stay apart
		}
		to := choices[take]
		if next[at] = append(choices[:take:take], choices[take+1:]...); len(next[at]) == 0 {
			delete(next, at)
		}
		if way := sub(to, at); way != came {
			corners = append(corners, at)
			came = way
		}
		if at = to; at == start && len(corners) > 1 {
			return corners
		}
	}
}

func sub(a, b dot) dot { return dot{a.x - b.x, a.y - b.y} }

// turn is positive for a turn to the left of y downwards, towards the ink.
func turn(a, b dot) int { return a.y*b.x - a.x*b.y }

// simplified drops corners that hardly matter (Douglas and Peucker, 1973), by halves of the closed line.
func simplified(all []dot) []dot {
	if len(all) < 5 {
		return all
	}
	far := 0
	for i, c := range all {
		if distance(c, all[0]) > distance(all[far], all[0]) {
			far = i
		}
	}
	first := reduce(all[:far+1])
	second := reduce(append(append([]dot(nil), all[far:]...), all[0]))
	return append(first[:len(first)-1], second[:len(second)-1]...)
}

func distance(a, b dot) float64 { return math.Hypot(float64(a.x-b.x), float64(a.y-b.y)) }

// reduce keeps the ends of a line and what lies further from it than smooth.
func reduce(line []dot) []dot {
	keep := make([]bool, len(line))
	keep[0], keep[len(line)-1] = true, true
	type part struct{ from, to int }
	for open := []part{{0, len(line) - 1}}; len(open) > 0; {
		p := open[len(open)-1]
		open = open[:len(open)-1]
		worst, at := smooth, -1
		for i := p.from + 1; i < p.to; i++ {
			if away := fromLine(line[i], line[p.from], line[p.to]); away > worst {
				worst, at = away, i
			}
		}
		if at >= 0 {
			keep[at] = true
			open = append(open, part{p.from, at}, part{at, p.to})
		}
	}
	var out []dot
	for i, k := range keep {
		if k {
			out = append(out, line[i])
		}
	}
	return out
}

func fromLine(p, a, b dot) float64 {
	long := distance(a, b)
	if long == 0 {
		return distance(p, a)
	}
	return math.Abs(float64((b.x-a.x)*(a.y-p.y)-(a.x-p.x)*(b.y-a.y))) / long
}
