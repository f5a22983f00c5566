package form

import (
	"bytes"
	"errors"
	"strings"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/lines"
)

// The measures of text in fields, in points; ascent and leading in parts of the size.
const (
	largest  = 12.0
	smallest = 4.0
	inset    = 2.0
	ascent   = 0.88 // of Chinese characters, which are as high as the size
	leading  = 1.3
)

// pen writes text as outlines.
type pen struct {
	fonts *glyph.Fonts
	known map[rune]glyph.Glyph // at size 1
}

// drawFirst writes the first text that fits; without any, the value itself.
func (p *pen) drawFirst(all []Shown, value string, wide, high float64, several bool) (out []byte, err error) {
	if len(all) == 0 {
		return p.draw(value, wide, high, several, 0)
	}
	for _, one := range all {
		if out, err = p.draw(one.Text, wide, high, true, one.Least); !errors.Is(err, ErrLong) {
			break
		}
	}
	return out, err
}

// draw writes a text into a box, as large as fits. One line is in the middle of its height; several begin at the top.
func (p *pen) draw(text string, wide, high float64, several bool, least float64) ([]byte, error) {
	runes := []rune(strings.TrimRight(text, "\n "))
	for _, r := range runes {
		if _, is := p.known[r]; is || r == '\n' {
			continue
		}
		g, err := p.fonts.Glyph(r)
		if err != nil {
			return nil, err
		}
		p.known[r] = g
	}
	for size := min(largest, max(smallest, (high-1)/1.15)); size >= max(smallest, least); size -= 0.5 {
		width := func(i int) float64 { return p.known[runes[i]].Width * size }
		cut := lines.Wrap(runes, width, wide-2*inset)
		tall := size * (leading*float64(len(cut)-1) + 1)
		if len(cut) > 1 && !several || tall > high || len(cut) == 1 && total(width, len(runes)) > wide-2*inset {
			continue
		}
		y := (high+tall)/2 - ascent*size
		if several && tall < high-2*inset {
			y = high - inset - ascent*size
		}
		return p.write(runes, cut, size, y), nil
	}
	return nil, ErrLong
}

func total(width func(int) float64, count int) (sum float64) {
	for i := range count {
		sum += width(i)
	}
	return sum
}

func (p *pen) write(runes []rune, cut [][2]int, size, y float64) []byte {
	var out bytes.Buffer
	out.WriteString("0 g\n")
	for _, line := range cut {
		x := inset
		for _, r := range runes[line[0]:line[1]] {
			g := p.known[r]
			out.Write(g.Path.By(glyph.Scale(size, size).Then(glyph.MoveBy(x, y))).PDF())
			x += g.Width * size
		}
		y -= leading * size
	}
	out.WriteString("f\n")
	return out.Bytes()
}
