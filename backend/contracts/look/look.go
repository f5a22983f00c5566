package look

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/seal"
)

// ErrLook says that nothing can be drawn of what was given: not readable, empty, or beyond the bounds.
var ErrLook = errors.New("no look of a signature")

// ink is the colour of pens: nearly black, and blue enough to be told from print.
const ink = "0.04 0.07 0.24"

// Box is the size of a field as it is shown, in points.
type Box struct{ Width, Height float64 }

// maxTyped bounds the characters of a typed name.
const maxTyped = 60

// Typed writes a name as outlines, slanted a little. Errors: ErrLook, glyph.ErrMissing.
func Typed(name string, fonts *glyph.Fonts) (*pades.Look, error) {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxTyped {
		return nil, fmt.Errorf("%w: a name of %d bytes", ErrLook, len(name))
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return nil, fmt.Errorf("%w: a control character", ErrLook)
		}
	}
	const size, slant = 40, 0.14
	p, _, err := fonts.Text(name, size)
	if err != nil {
		return nil, err
	}
	p = p.By(glyph.Matrix{A: 1, C: slant, D: 1})
	return shape(p, ink)
}

// Seal is a seal in its own size.
func Seal(d seal.Drawing) *pades.Look {
	return &pades.Look{Width: d.Width, Height: d.Height, Content: d.PDF()}
}

// shape fills a path; the look is as large as it.
func shape(p glyph.Path, colour string) (*pades.Look, error) {
	b := p.Bounds()
	w, h := b[2]-b[0], b[3]-b[1]
	if !(w > 0 && h > 0) {
		return nil, fmt.Errorf("%w: empty", ErrLook)
	}
	content := append([]byte(colour+" rg\n"), p.By(glyph.MoveBy(-b[0], -b[1])).PDF()...)
	return &pades.Look{Width: w, Height: h, Content: append(content, "f\n"...)}, nil
}

// Fit puts a look into the middle of a box, in proportion. It is made smaller where it must be, and larger only
// if grow says so: a seal has its size. A box of no size gives an empty look.
func Fit(l *pades.Look, box Box, grow bool) *pades.Look {
	return fitAbove(l, box, 0, grow)
}

// fitAbove leaves a strip at the lower edge free.
func fitAbove(l *pades.Look, box Box, below float64, grow bool) *pades.Look {
	out := &pades.Look{Width: box.Width, Height: box.Height, Resources: l.Resources}
	const edge = 0.5
	w, h := box.Width-2*edge, box.Height-2*edge-below
	by := min(w/l.Width, h/l.Height)
	if !grow {
		by = min(by, 1)
	}
	if !(by > 0) || math.IsInf(by, 0) {
		out.Resources = nil
		return out
	}
	x, y := (box.Width-by*l.Width)/2, below+edge+(h-by*l.Height)/2
	var b bytes.Buffer
	fmt.Fprintf(&b, "q %.5f 0 0 %.5f %.3f %.3f cm\n", by, by, x, y)
	b.Write(l.Content)
	b.WriteString("\nQ\n")
	out.Content = b.Bytes()
	return out
}

// Caption puts a look above a line with small text, such as a name and a date. In a box too low for
// that there is no caption. Errors: glyph.ErrMissing.
func Caption(l *pades.Look, text string, fonts *glyph.Fonts, box Box) (*pades.Look, error) {
	const lowest = 26
	if box.Height < lowest || text == "" {
		return Fit(l, box, true), nil
	}
	size := min(8, box.Height*0.18)
	p, width, err := fonts.Text(text, size)
	if err != nil {
		return nil, err
	}
	by := min(1, (box.Width-2)/width)
	strip := size*by*1.15 + 1.5
	out := fitAbove(l, box, strip, true)
	var b bytes.Buffer
	b.Write(out.Content)
	fmt.Fprintf(&b, "0.55 G 0.4 w 1 %.3f m %.3f %.3f l S 0.25 g\n", strip, box.Width-1, strip)
	b.Write(p.By(glyph.Scale(by, by)).By(glyph.MoveBy((box.Width-by*width)/2, size*by*0.22)).PDF())
	b.WriteString("f\n")
	out.Content = b.Bytes()
	return out, nil
}
