package seal

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"roundtable/backend/contracts/glyph"
)

// ErrContent says that bytes are not what Drawing.PDF writes.
var ErrContent = errors.New("no drawing of a seal")

const (
	// MaxContent bounds what draws a seal, in bytes: it travels in one event. A round one has some 60 KB.
	MaxContent = 600 << 10
	// Bounds of a drawing, in points: 8 to 80 mm, and what is narrow.
	minSide = 2 * pointsMM
	maxSide = 80.5 * pointsMM
	// overhang is how far a point of an outline may lie beyond the box: control points of curves do.
	overhang = 20 * pointsMM
)

// Read reads what Drawing.PDF wrote, for a box of this size. Only those very bytes are taken: what is shown on the screen is
// made from what is in the document. Errors: ErrContent.
func Read(content []byte, width, height float64) (Drawing, error) {
	d := Drawing{Width: width, Height: height}
	if len(content) > MaxContent || !(width >= minSide && width <= maxSide && height >= minSide && height <= maxSide) {
		return Drawing{}, fmt.Errorf("%w: too large or too small", ErrContent)
	}
	body, opens := bytes.CutPrefix(content, []byte(opening()))
	body, closes := bytes.CutSuffix(body, []byte(closing))
	if !opens || !closes {
		return Drawing{}, fmt.Errorf("%w: another beginning or end", ErrContent)
	}
	for line := range bytes.Lines(body) {
		s, ok := segment(bytes.TrimSuffix(line, []byte("\n")))
		if !ok || len(d.Shape) == 0 && s.Op != glyph.Move {
			return Drawing{}, fmt.Errorf("%w: %.20q", ErrContent, line)
		}
		d.Shape = append(d.Shape, s)
	}
	b := d.Shape.Bounds()
	if len(d.Shape) == 0 || b[0] < -overhang || b[1] < -overhang || b[2] > width+overhang || b[3] > height+overhang {
		return Drawing{}, fmt.Errorf("%w: beyond its box", ErrContent)
	}
	if !bytes.Equal(d.PDF(), content) {
		return Drawing{}, fmt.Errorf("%w: not as it is written here", ErrContent)
	}
	return d, nil
}

func opening() string { return fmt.Sprintf("q %.3f %.3f %.3f rg\n", Red[0], Red[1], Red[2]) }

const closing = "f\nQ\n"

// segment reads a line such as "1 2.5 m".
func segment(line []byte) (s glyph.Segment, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) == 0 {
		return s, false
	}
	points := 0
	switch string(fields[len(fields)-1]) {
	case "m":
		s.Op, points = glyph.Move, 1
	case "l":
		s.Op, points = glyph.Line, 1
	case "c":
		s.Op, points = glyph.Curve, 3
	case "h":
		s.Op = glyph.Close
	default:
		return s, false
	}
	if len(fields) != 2*points+1 {
		return s, false
	}
	for i := range points {
		x, err := strconv.ParseFloat(string(fields[2*i]), 64)
		y, err2 := strconv.ParseFloat(string(fields[2*i+1]), 64)
		if err != nil || err2 != nil || math.Abs(x) > 1e4 || math.Abs(y) > 1e4 || math.IsNaN(x+y) {
			return s, false
		}
		s.P[i] = glyph.Point{X: x, Y: y}
	}
	return s, true
}
