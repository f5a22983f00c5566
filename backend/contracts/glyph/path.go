package glyph

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Op is what a segment does.
type Op byte

// The operations: a new piece, a line, a cubic curve, and back to where the piece began.
const (
	Move  Op = 'M'
	Line  Op = 'L'
	Curve Op = 'C'
	Close Op = 'Z'
)

// Point is a place, x to the right and y upwards, in points.
type Point struct{ X, Y float64 }

// Segment is a part of a path: three points for a curve, one for a move or a line, none for a close.
type Segment struct {
	Op Op
	P  [3]Point
}

// Path is a shape. It is filled by the rule of nonzero winding.
type Path []Segment

// Matrix maps x to A·x+C·y+E and y to B·x+D·y+F.
type Matrix struct{ A, B, C, D, E, F float64 }

// Move, Turn (counterclockwise, in radians) and Scale make matrices.
func MoveBy(x, y float64) Matrix { return Matrix{1, 0, 0, 1, x, y} }

// Turn turns counterclockwise, by radians.
func Turn(by float64) Matrix {
	s, c := math.Sincos(by)
	return Matrix{c, s, -s, c, 0, 0}
}

// Scale stretches.
func Scale(x, y float64) Matrix { return Matrix{x, 0, 0, y, 0, 0} }

// Then is first m, then n.
func (m Matrix) Then(n Matrix) Matrix {
	return Matrix{
		n.A*m.A + n.C*m.B, n.B*m.A + n.D*m.B, n.A*m.C + n.C*m.D, n.B*m.C + n.D*m.D,
		n.A*m.E + n.C*m.F + n.E, n.B*m.E + n.D*m.F + n.F,
	}
}

func (m Matrix) point(p Point) Point {
	return Point{m.A*p.X + m.C*p.Y + m.E, m.B*p.X + m.D*p.Y + m.F}
}

// By gives the path moved, turned and stretched.
func (p Path) By(m Matrix) Path {
	out := make(Path, len(p))
	for i, s := range p {
		out[i].Op = s.Op
		for j := range s.P[:s.points()] {
			out[i].P[j] = m.point(s.P[j])
		}
	}
	return out
}

func (s Segment) points() int {
	switch s.Op {
	case Curve:
		return 3
	case Close:
		return 0
	}
	return 1
}

// Bounds are left, bottom, right and top of all points, which hold the shape.
func (p Path) Bounds() (box [4]float64) {
	first := true
	for _, s := range p {
		for _, q := range s.P[:s.points()] {
			if first {
				box, first = [4]float64{q.X, q.Y, q.X, q.Y}, false
			}
			box = [4]float64{min(box[0], q.X), min(box[1], q.Y), max(box[2], q.X), max(box[3], q.Y)}
		}
	}
	return box
}

// PDF writes the path for a content stream, without painting it.
func (p Path) PDF() []byte {
	var out bytes.Buffer
	for _, s := range p {
		for _, q := range s.P[:s.points()] {
			fmt.Fprintf(&out, "%s %s ", number(q.X), number(q.Y))
		}
		out.WriteString(map[Op]string{Move: "m\n", Line: "l\n", Curve: "c\n", Close: "h\n"}[s.Op])
	}
	return out.Bytes()
}

// SVG writes the path for an SVG whose height is given: there y goes down.
func (p Path) SVG(height float64) string {
	var out strings.Builder
	for _, s := range p {
		out.WriteByte(byte(s.Op))
		for i, q := range s.P[:s.points()] {
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(number(q.X) + " " + number(height-q.Y))
		}
	}
	return out.String()
}

// number is exact to a thousandth of a point.
func number(f float64) string {
	s := strconv.FormatFloat(math.Round(f*1000)/1000, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// Circle is a circle around a point, from four curves (the error is below 0.03 %).
func Circle(x, y, rx, ry float64) Path {
	const k = 0.5522847498
	at := func(dx, dy float64) Point { return Point{x + dx*rx, y + dy*ry} }
	return Path{
		{Move, [3]Point{at(1, 0)}},
		{Curve, [3]Point{at(1, k), at(k, 1), at(0, 1)}},
		{Curve, [3]Point{at(-k, 1), at(-1, k), at(-1, 0)}},
		{Curve, [3]Point{at(-1, -k), at(-k, -1), at(0, -1)}},
		{Curve, [3]Point{at(k, -1), at(1, -k), at(1, 0)}},
		{Op: Close},
	}
}

// Polygon joins points.
func Polygon(points ...Point) (p Path) {
	for i, q := range points {
		op := Line
		if i == 0 {
			op = Move
		}
		p = append(p, Segment{op, [3]Point{q}})
	}
	return append(p, Segment{Op: Close})
}

// Rect is a rectangle from its lower left corner.
func Rect(x, y, w, h float64) Path {
	return Polygon(Point{x, y}, Point{x + w, y}, Point{x + w, y + h}, Point{x, y + h})
}

// Reversed goes the other way round, so that it is a hole in what is around it.
func (p Path) Reversed() (out Path) {
	for start := 0; start < len(p); {
		end := start + 1
		for end < len(p) && p[end].Op != Move {
			end++
		}
		out = append(out, reversed(p[start:end])...)
		start = end
	}
	return out
}

// reversed turns one piece around.
func reversed(piece Path) Path {
	var points []Point // where each segment ends
	var body Path
	for _, s := range piece {
		if s.Op != Close {
			body = append(body, s)
			points = append(points, s.P[s.points()-1])
		}
	}
	last := len(body) - 1
	out := Path{{Move, [3]Point{points[last]}}}
	for i := last; i > 0; i-- {
		s := Segment{body[i].Op, [3]Point{points[i-1]}}
		if s.Op == Curve {
			s.P = [3]Point{body[i].P[1], body[i].P[0], points[i-1]}
		}
		out = append(out, s)
	}
	return append(out, Segment{Op: Close})
}
