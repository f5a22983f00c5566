package glyph

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// ErrMissing says that no font here has a character; such an error is a *Missing.
var ErrMissing = errors.New("no font has this character")

// Missing is a character that no font here has.
type Missing struct{ Character rune }

func (m *Missing) Error() string {
	return fmt.Sprintf("%v: %q (U+%04X)", ErrMissing, m.Character, m.Character)
}

// Unwrap makes it an ErrMissing.
func (m *Missing) Unwrap() error { return ErrMissing }

// maxText bounds the characters of one text.
const maxText = 1000

// Fonts are those that text is drawn with, the preferred first. They are read when they are
// first needed, and are safe for several goroutines.
type Fonts struct {
	paths []string

	mu     sync.Mutex
	loaded int // of paths
	fonts  []*sfnt.Font
	buffer sfnt.Buffer
}

// From takes font files in this order. One that does not exist or cannot be read is passed over.
func From(paths ...string) *Fonts { return &Fonts{paths: paths} }

// next loads another file and says whether there was one.
func (f *Fonts) next() bool {
	for f.loaded < len(f.paths) {
		path := f.paths[f.loaded]
		f.loaded++
		if one, err := read(path); err == nil {
			f.fonts = append(f.fonts, one)
			return true
		}
	}
	return false
}

func read(path string) (*sfnt.Font, error) {
	// The file stays open: of tens of megabytes a few outlines are needed.
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	c, err := sfnt.ParseCollectionReaderAt(file)
	if err == nil {
		var one *sfnt.Font
		if one, err = c.Font(0); err == nil {
			return one, nil
		}
	}
	return nil, errors.Join(err, file.Close())
}

// find gives the first font that has a character.
func (f *Fonts) find(r rune) (*sfnt.Font, sfnt.GlyphIndex, error) {
	for i := 0; ; i++ {
		if i == len(f.fonts) && !f.next() {
			return nil, 0, &Missing{r}
		}
		if g, err := f.fonts[i].GlyphIndex(&f.buffer, r); err == nil && g != 0 {
			return f.fonts[i], g, nil
		}
	}
}

// Glyph is a character's outline from its origin on the baseline, for a size of 1 point.
type Glyph struct {
	Path  Path
	Width float64
}

// Glyph gives a character's outline. Errors: ErrMissing.
func (f *Fonts) Glyph(r rune) (Glyph, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	face, index, err := f.find(r)
	if err != nil {
		return Glyph{}, err
	}
	// In units of the font, so nothing is rounded.
	em := face.UnitsPerEm()
	ppem := fixed.I(int(em))
	segments, err := face.LoadGlyph(&f.buffer, index, ppem, nil)
	if err != nil {
		return Glyph{}, fmt.Errorf("outline of %q: %w", r, err)
	}
	unit := float64(em) * 64
	g := Glyph{Path: outline(segments, unit)}
	width, err := face.GlyphAdvance(&f.buffer, index, ppem, font.HintingNone)
	if err != nil {
		return Glyph{}, fmt.Errorf("width of %q: %w", r, err)
	}
	g.Width = float64(width) / unit
	return g, nil
}

func outline(segments sfnt.Segments, unit float64) (p Path) {
	at := func(q fixed.Point26_6) Point { return Point{float64(q.X) / unit, -float64(q.Y) / unit} }
	var now Point
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if len(p) > 0 {
				p = append(p, Segment{Op: Close})
			}
			now = at(s.Args[0])
			p = append(p, Segment{Move, [3]Point{now}})
		case sfnt.SegmentOpLineTo:
			now = at(s.Args[0])
			p = append(p, Segment{Line, [3]Point{now}})
		case sfnt.SegmentOpQuadTo:
			// A quadratic curve is a cubic one with its handle at two thirds.
			q, end := at(s.Args[0]), at(s.Args[1])
			p = append(p, Segment{Curve, [3]Point{
				{now.X + 2*(q.X-now.X)/3, now.Y + 2*(q.Y-now.Y)/3}, {end.X + 2*(q.X-end.X)/3, end.Y + 2*(q.Y-end.Y)/3}, end,
			}})
			now = end
		case sfnt.SegmentOpCubeTo:
			now = at(s.Args[2])
			p = append(p, Segment{Curve, [3]Point{at(s.Args[0]), at(s.Args[1]), now}})
		}
	}
	if len(p) > 0 {
		p = append(p, Segment{Op: Close})
	}
	return p
}

// Text gives a line of text from its origin on the baseline, and how wide it is, in points.
// Errors: ErrMissing.
func (f *Fonts) Text(s string, size float64) (p Path, width float64, err error) {
	for i, r := range []rune(s) {
		if i >= maxText {
			return nil, 0, fmt.Errorf("text of more than %d characters", maxText)
		}
		g, err := f.Glyph(r)
		if err != nil {
			return nil, 0, err
		}
		p = append(p, g.Path.By(Scale(size, size).Then(MoveBy(width, 0)))...)
		width += g.Width * size
	}
	return p, width, nil
}
