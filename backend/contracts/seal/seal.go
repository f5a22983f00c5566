package seal

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"roundtable/backend/contracts/glyph"
)

// Shape is the form of a seal.
type Shape string

// The shapes.
const (
	Round    Shape = "round"
	Oval     Shape = "oval"
	Rect     Shape = "rect"
	Personal Shape = "personal" // square, the name in columns from the right
)

// Design is what a seal says and looks like.
type Design struct {
	Shape Shape
	// Ring is the text around: the company's full name. Personal seals have the name here.
	Ring string
	// Centre is under the star or in the middle, such as 合同专用章; Foot is at the lower edge, such as a number.
	Centre, Foot string
	// Star is in the middle of a round seal.
	Star bool
	// White draws a personal seal's name white on red (白文) instead of red on white (朱文).
	White bool
	// Millimetres is the width. 0 means what is usual: 42 round, 45 oval, 40 rectangular, 18 personal.
	Millimetres float64
}

// ErrDesign says that a seal cannot be drawn like this.
var ErrDesign = errors.New("no such seal")

// ErrLong says that there is more text than a seal holds; it is an ErrDesign.
var ErrLong = fmt.Errorf("%w: too much text", ErrDesign)

// What a seal may hold: more would not be readable.
const (
	maxRing   = 40
	maxCentre = 12
	maxFoot   = 20
	pointsMM  = 72 / 25.4
)

// Red is the colour of seals, cinnabar 朱 (#c8102e), in the RGB of screens.
var Red = [3]float64{0.784, 0.063, 0.180}

// Drawing is a seal as one filled shape in a box from the lower left corner, in points.
type Drawing struct {
	Width, Height float64
	Shape         glyph.Path
}

// Draw draws a seal. Errors: ErrDesign, glyph.ErrMissing.
func (d Design) Draw(fonts *glyph.Fonts) (Drawing, error) {
	if err := d.check(); err != nil {
		return Drawing{}, err
	}
	s := sheet{fonts: fonts, w: d.width()}
	var err error
	switch d.Shape {
	case Round:
		s.h = s.w
		err = s.round(d)
	case Oval:
		s.h = s.w * 2 / 3
		err = s.oval(d)
	case Rect:
		s.h = s.w / 2
		err = s.rect(d)
	case Personal:
		s.h = s.w
		err = s.personal(d)
	}
	return Drawing{Width: s.w, Height: s.h, Shape: s.p}.settled(), err
}

func (d Design) width() float64 {
	mm := d.Millimetres
	if mm == 0 {
		mm = map[Shape]float64{Round: 42, Oval: 45, Rect: 40, Personal: 18}[d.Shape]
	}
	return mm * pointsMM
}

func (d Design) check() error {
	n := utf8.RuneCountInString
	switch {
	case d.Shape != Round && d.Shape != Oval && d.Shape != Rect && d.Shape != Personal:
		return fmt.Errorf("%w: shape %q", ErrDesign, d.Shape)
	case strings.TrimSpace(d.Ring) == "":
		return fmt.Errorf("%w: no name", ErrDesign)
	case n(d.Ring) > maxRing, n(d.Centre) > maxCentre, n(d.Foot) > maxFoot, d.Shape == Personal && n(d.Ring) > 6:
		return ErrLong
	case d.Millimetres != 0 && (d.Millimetres < 8 || d.Millimetres > 80 || math.IsNaN(d.Millimetres)):
		return fmt.Errorf("%w: %f mm", ErrDesign, d.Millimetres)
	}
	return nil
}

// sheet is what is drawn on.
type sheet struct {
	fonts *glyph.Fonts
	w, h  float64
	p     glyph.Path
}

func (s *sheet) fill(p glyph.Path) { s.p = append(s.p, p...) }

// frame draws an edge: a shape with a hole in it.
func (s *sheet) frame(outer, inner glyph.Path) {
	s.fill(outer)
	s.fill(inner.Reversed())
}

func (s *sheet) round(d Design) error {
	c, edge := s.w/2, s.w*0.028
	s.frame(glyph.Circle(c, c, c, c), glyph.Circle(c, c, c-edge, c-edge))
	if d.Star {
		s.fill(star(c, c, s.w*0.14))
	}
	if err := s.around(d.Ring, c-edge-s.w*0.028, s.w*0.135); err != nil {
		return err
	}
	centre := c - s.w*0.045
	if d.Star {
		centre = c - s.w*0.27
	}
	if err := s.line(d.Centre, c, centre, s.w*0.09, s.w*0.42); err != nil {
		return err
	}
	return s.line(d.Foot, c, c-s.w*0.385, s.w*0.055, s.w*0.36)
}

func (s *sheet) oval(d Design) error {
	cx, cy, edge := s.w/2, s.h/2, s.w*0.026
	s.frame(glyph.Circle(cx, cy, cx, cy), glyph.Circle(cx, cy, cx-edge, cy-edge))
	// The ring is drawn on a circle and pressed flat, as the seal is.
	ring := sheet{fonts: s.fonts, w: s.w, h: s.w}
	if err := ring.around(d.Ring, cx-edge-s.w*0.03, s.w*0.13); err != nil {
		return err
	}
	s.fill(ring.p.By(glyph.Scale(1, s.h/s.w)))
	if err := s.line(d.Centre, cx, cy-s.h*0.07, s.h*0.15, s.w*0.5); err != nil {
		return err
	}
	return s.line(d.Foot, cx, cy-s.h*0.3, s.h*0.09, s.w*0.42)
}

func (s *sheet) rect(d Design) error {
	edge := s.w * 0.022
	s.frame(glyph.Rect(0, 0, s.w, s.h), glyph.Rect(edge, edge, s.w-2*edge, s.h-2*edge))
	rows := []string{d.Ring}
	for _, row := range []string{d.Centre, d.Foot} {
		if row != "" {
			rows = append(rows, row)
		}
	}
	step := (s.h - 4*edge) / float64(len(rows))
	for i, row := range rows {
		size := min(step*0.72, s.h*0.3)
		base := s.h - 2*edge - step*(float64(i)+0.5) - size*0.36
		if err := s.line(row, s.w/2, base, size, s.w-6*edge); err != nil {
			return err
		}
	}
	return nil
}

// personal fills a square with the name in columns, from the right and from above.
func (s *sheet) personal(d Design) error {
	edge := s.w * 0.045
	all := glyph.Rect(0, 0, s.w, s.h)
	if !d.White {
		s.frame(all, glyph.Rect(edge, edge, s.w-2*edge, s.h-2*edge))
	} else {
		s.fill(all)
	}
	name := []rune(d.Ring)
	columns := 1
	if len(name) > 1 {
		columns = 2
	}
	rows := (len(name) + columns - 1) / columns
	inner := s.w - 3*edge
	wide := inner / float64(columns)
	for i, r := range name {
		column, row := i/rows, i%rows
		in := min(rows, len(name)-column*rows) // characters of this column: a short one fills its height
		tall := inner / float64(in)
		x := s.w - 1.5*edge - wide*float64(column+1)
		y := s.h - 1.5*edge - tall*float64(row+1)
		if err := s.stretched(r, x, y, wide, tall, d.White); err != nil {
			return err
		}
	}
	return nil
}

// stretched puts a character into a box and fills it.
func (s *sheet) stretched(r rune, x, y, w, h float64, hole bool) error {
	g, err := s.fonts.Glyph(r)
	if err != nil {
		return err
	}
	b := g.Path.Bounds()
	if b[2] <= b[0] || b[3] <= b[1] {
		return nil
	}
	const margin = 0.08
	p := g.Path.By(glyph.MoveBy(-b[0], -b[1]).Then(glyph.Scale(w*(1-2*margin)/(b[2]-b[0]), h*(1-2*margin)/(b[3]-b[1]))).
		Then(glyph.MoveBy(x+w*margin, y+h*margin)))
	if hole {
		p = p.Reversed()
	}
	s.fill(p)
	return nil
}

// around sets text on a circle around the middle, its outer edge at a radius, from the lower left over the top.
func (s *sheet) around(text string, radius, size float64) error {
	runes := []rune(text)
	// The longer the name, the more of the circle it takes, and the narrower its characters get.
	span := min(1.42*math.Pi, float64(len(runes))*size*1.25/(radius-size*0.5))
	step := span / float64(max(1, len(runes)-1))
	if len(runes) == 1 {
		span = 0
	}
	wide := min(size*0.95, step*(radius-size*0.8)*0.92)
	if len(runes) == 1 {
		wide = size * 0.95
	}
	for i, r := range runes {
		g, err := s.fonts.Glyph(r)
		if err != nil {
			return err
		}
		if g.Width == 0 {
			continue
		}
		angle := span/2 - step*float64(i)                               // from the top, counterclockwise
		m := glyph.MoveBy(-g.Width/2, 0).Then(glyph.Scale(wide, size)). // narrow letters stay narrow
										Then(glyph.MoveBy(0, radius-size*0.86)).Then(glyph.Turn(angle)).Then(glyph.MoveBy(s.w/2, s.h/2))
		s.fill(g.Path.By(m))
	}
	return nil
}

// line sets text around a point of the baseline, pressed together if it is wider than the room.
func (s *sheet) line(text string, x, y, size, room float64) error {
	if text == "" {
		return nil
	}
	p, width, err := s.fonts.Text(text, size)
	if err != nil {
		return err
	}
	press := min(1, room/width)
	s.fill(p.By(glyph.Scale(press, 1).Then(glyph.MoveBy(x-width*press/2, y))))
	return nil
}

// star has five points, one of them up.
func star(x, y, r float64) glyph.Path {
	var points []glyph.Point
	for i := range 10 {
		at := r
		if i%2 == 1 {
			at = r * 0.381966 // so that opposite edges are on one line
		}
		sin, cos := math.Sincos(math.Pi/2 + float64(i)*math.Pi/5)
		points = append(points, glyph.Point{X: x + at*cos, Y: y + at*sin})
	}
	return glyph.Polygon(points...)
}

// settled has its points where PDF writes them, so that who reads the PDF has the same drawing.
func (d Drawing) settled() Drawing {
	for i := range d.Shape {
		for j := range d.Shape[i].P {
			q := &d.Shape[i].P[j]
			q.X, q.Y = math.Round(q.X*1000)/1000, math.Round(q.Y*1000)/1000
		}
	}
	return d
}

// PDF is the content of a form object in the drawing's box.
func (d Drawing) PDF() []byte {
	return append(append([]byte(opening()), d.Shape.PDF()...), closing...)
}

// SVG is the drawing as a picture.
func (d Drawing) SVG() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.2f %.2f"><path fill="#%02x%02x%02x" d="%s"/></svg>`,
		d.Width, d.Height, int(math.Round(Red[0]*255)), int(math.Round(Red[1]*255)), int(math.Round(Red[2]*255)), d.Shape.SVG(d.Height))
	return out.Bytes()
}
