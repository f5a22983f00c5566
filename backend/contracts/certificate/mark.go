package certificate

import (
	"fmt"
	"math"

	"roundtable/backend/contracts/glyph"
)

// stamp draws the mark of a certificate around a point: a rosette, two rings, and what it is in the middle. It says
// nothing that the text does not; the signature is what counts.
func (s *sheet) stamp(text, number string, x, y float64) error {
	const radius, waves = 46.0, 36
	out := s.out()
	fmt.Fprintf(out, "q %s RG %s rg\n", blue, blue)
	// Two waves against each other, as on printed certificates.
	for turn := range 2 {
		var p glyph.Path
		for i := range 4 * waves {
			a := 2 * math.Pi * (float64(i)/(4*waves) + float64(turn)/(2*waves))
			r := radius + 3*math.Sin(float64(i)*math.Pi/2)
			at := glyph.Point{X: x + r*math.Cos(a), Y: y + r*math.Sin(a)}
			op := glyph.Line
			if i == 0 {
				op = glyph.Move
			}
			p = append(p, glyph.Segment{Op: op, P: [3]glyph.Point{at}})
		}
		p = append(p, glyph.Segment{Op: glyph.Close})
		out.WriteString("0.5 w 1 j\n")
		out.Write(p.PDF())
		out.WriteString("S\n")
	}
	out.WriteString("1.4 w\n")
	out.Write(glyph.Circle(x, y, radius-7, radius-7).PDF())
	out.WriteString("S\n")
	out.WriteString("0.4 w\n")
	out.Write(glyph.Circle(x, y, radius-10, radius-10).PDF())
	out.WriteString("S\nQ\n")
	size := 19.0
	if len([]rune(text)) > 4 {
		size = 11
	}
	for _, line := range []struct {
		text string
		y    float64
		st   style
	}{{text, y - size*0.2, style{size: size, heavy: true, colour: blue}}, {number, y - 18, style{size: 4.6, colour: blue}}} {
		w, err := s.width(line.text, line.st.size, line.st.heavy)
		if err != nil {
			return err
		}
		s.put(line.text, x-w/2, line.y, line.st)
	}
	return nil
}
