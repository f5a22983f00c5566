package seal

import (
	"math"

	"roundtable/backend/contracts/glyph"
)

const (
	// smooth is how far an outline may leave what was found, in dots: a hundredth of a millimetre in a scan of 300 dots per inch.
	smooth = 0.12
	// dust is the area, in dots, of what is left out: dirt of a scan, and pinholes.
	dust = 2.5
	// maxPoints bounds an outline; twice as much would not fit into MaxContent.
	maxPoints = 60_000
)

// outlines follows where a sheet crosses a lightness, between its dots (marching squares, Lorensen and Cline, 1987, in two dimensions): ink, which
// is darker, lies to the left, so holes go the other way round than what is around them. It gives closed lines in dots, y downwards; ok is false for too many.
func (s sheetOf) outlines(level float64) (lines [][]glyph.Point, ok bool) {
	f := field{sheetOf: s, level: level}
	next := f.crossings()
	total := 0
	for start := range next {
		if next[start] < 0 {
			continue
		}
		var line []glyph.Point
		for at := int32(start); next[at] >= 0; {
			line = append(line, f.point(at))
			at, next[at] = next[at], -1
		}
		if math.Abs(area(line)) < dust {
			continue
		}
		line = simplified(line)
		if total += len(line); total > maxPoints {
			return nil, false
		}
		lines = append(lines, line)
	}
	return lines, true
}

// field is a sheet with paper around it, and the lightness at which ink ends.
type field struct {
	sheetOf
	level float64
}

func (f field) at(x, y int) float64 {
	if x < 0 || y < 0 || x >= f.w || y >= f.h {
		return 255
	}
	return float64(f.light[y*f.w+x])
}

// edge names the way from a dot to the one at its right, or below it. Both may lie one beside the sheet.
func (f field) edge(x, y int, down bool) int32 {
	n := int32((y+1)*(f.w+2)+x+1) * 2
	if down {
		n++
	}
	return n
}

// point is where an edge crosses the level.
func (f field) point(edge int32) glyph.Point {
	cell := int(edge / 2)
	x, y := cell%(f.w+2)-1, cell/(f.w+2)-1
	dx, dy := 1, 0
	if edge%2 == 1 {
		dx, dy = 0, 1
	}
	a, b := f.at(x, y), f.at(x+dx, y+dy)
	t := (f.level - a) / (b - a)
	return glyph.Point{X: float64(x) + t*float64(dx) + 0.5, Y: float64(y) + t*float64(dy) + 0.5}
}

// crossings gives, for each edge that crosses the level, the one after it; -1 for the others.
func (f field) crossings() []int32 {
	next := make([]int32, 2*(f.w+2)*(f.h+2))
	for i := range next {
		next[i] = -1
	}
	for y := -1; y < f.h; y++ {
		for x := -1; x < f.w; x++ {
			// The corners of a square, clockwise from the upper left, and the edge before each.
			v := [4]float64{f.at(x, y), f.at(x+1, y), f.at(x+1, y+1), f.at(x, y+1)}
			before := [4]int32{f.edge(x, y, true), f.edge(x, y, false), f.edge(x+1, y, true), f.edge(x, y+1, false)}
			var ink [4]bool
			for i := range v {
				ink[i] = v[i] < f.level
			}
			joined := ink[0] == ink[2] && ink[1] == ink[3] && ink[0] != ink[1] && v[0]+v[1]+v[2]+v[3] < 4*f.level
			for i := range v {
				if !ink[i] || ink[(i+3)%4] {
					continue
				}
				end := i // the last corner of this run of ink
				for ink[(end+1)%4] {
					end = (end + 1) % 4
				}
				if joined { // two runs across the middle are one: it ends before the other begins
					end = (end + 2) % 4
				}
				next[before[i]] = before[(end+1)%4]
			}
		}
	}
	return next
}

// area of a closed line; its sign tells which way round it goes.
func area(line []glyph.Point) (sum float64) {
	for i, p := range line {
		q := line[(i+1)%len(line)]
		sum += p.X*q.Y - q.X*p.Y
	}
	return sum / 2
}

// simplified drops points that hardly matter (Douglas and Peucker, 1973), by halves of the closed line.
func simplified(all []glyph.Point) []glyph.Point {
	if len(all) < 5 {
		return all
	}
	far := 0
	for i, p := range all {
		if distance(p, all[0]) > distance(all[far], all[0]) {
			far = i
		}
	}
	first := reduce(all[:far+1])
	second := reduce(append(append([]glyph.Point(nil), all[far:]...), all[0]))
	return append(first[:len(first)-1], second[:len(second)-1]...)
}

func distance(a, b glyph.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// reduce keeps the ends of a line and what lies further from it than smooth.
func reduce(line []glyph.Point) []glyph.Point {
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
	var out []glyph.Point
	for i, k := range keep {
		if k {
			out = append(out, line[i])
		}
	}
	return out
}

func fromLine(p, a, b glyph.Point) float64 {
	long := distance(a, b)
	if long == 0 {
		return distance(p, a)
	}
	return math.Abs((b.X-a.X)*(a.Y-p.Y)-(a.X-p.X)*(b.Y-a.Y)) / long
}
