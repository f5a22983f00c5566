package certificate

import (
	"bytes"
	"fmt"
	"strings"

	"roundtable/backend/contracts/lines"
)

// A4 in points, and what is printed on.
const (
	paperWidth, paperHeight = 595.28, 841.89
	left, right             = 64.0, paperWidth - 64
	top, bottom             = paperHeight - 72, 78.0
)

// Colours of ink, in the RGB of screens: text, what is beside it, lines, and the blue of the mark. It is not the red of
// seals: nobody is to take the mark for one.
const (
	ink   = "0.10 0.11 0.13"
	quiet = "0.38 0.40 0.44"
	rule  = "0.80 0.82 0.85"
	shade = "0.955 0.962 0.972"
	blue  = "0.11 0.27 0.47"
)

// sheet lays text out from the top of a page to its bottom and goes on with the next.
type sheet struct {
	*letters
	pages []*bytes.Buffer
	y     float64
	err   error
}

func newSheet(l *letters) *sheet {
	s := &sheet{letters: l}
	s.next()
	return s
}

func (s *sheet) next() {
	s.pages = append(s.pages, &bytes.Buffer{})
	s.y = top
}

func (s *sheet) out() *bytes.Buffer { return s.pages[len(s.pages)-1] }

// room goes to the next page unless there is so much of it left.
func (s *sheet) room(high float64) {
	if s.y-high < bottom && s.y < top {
		s.next()
	}
}

func (s *sheet) gap(high float64) { s.y -= high }

// style is how text looks.
type style struct {
	size, lead float64
	heavy      bool
	colour     string
}

var (
	body  = style{size: 10, lead: 16.5, colour: ink}
	small = style{size: 8.5, lead: 13, colour: ink}
	aside = style{size: 8.5, lead: 13, colour: quiet}
	label = style{size: 9, lead: 15, colour: quiet}
	head  = style{size: 12.5, lead: 22, heavy: true, colour: blue}
)

// wrap cuts a text into lines.
func (s *sheet) wrap(text string, st style, wide float64) (out []string) {
	if text == "" {
		return []string{""}
	}
	text, err := s.readable(text)
	if err != nil {
		s.fail(err)
		return nil
	}
	runes := []rune(text)
	for _, cut := range lines.Wrap(runes, func(i int) float64 {
		w, err := s.width(string(runes[i]), st.size, st.heavy)
		s.fail(err)
		return w
	}, wide) {
		out = append(out, strings.TrimRight(string(runes[cut[0]:cut[1]]), " "))
	}
	return out
}

func (s *sheet) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// put writes one line at a place of this page.
func (s *sheet) put(text string, x, y float64, st style) {
	fmt.Fprintf(s.out(), "%s rg %s RG\n", st.colour, st.colour)
	s.fail(s.show(s.out(), text, x, y, st.size, st.heavy))
}

// centred writes a line in the middle.
func (s *sheet) centred(text string, y float64, st style) {
	text, err := s.readable(text)
	s.fail(err)
	w, err := s.width(text, st.size, st.heavy)
	s.fail(err)
	s.put(text, (paperWidth-w)/2, y, st)
}

// text writes a paragraph.
func (s *sheet) text(text string, st style, indent float64) {
	for _, line := range s.wrap(text, st, right-left-indent) {
		s.room(st.lead)
		s.y -= st.lead
		s.put(line, left+indent, s.y, st)
	}
}

// heading begins a part.
func (s *sheet) heading(text string) {
	if s.room(90); s.y < top {
		s.gap(16)
	}
	s.y -= head.lead
	fmt.Fprintf(s.out(), "%s rg %s %s 3 12 re f\n", blue, num(left), num(s.y-1))
	s.put(text, left+11, s.y, head)
	s.gap(7)
}

// cell is a piece of a row; column and style.
type cell struct {
	text string
	wide float64
	st   style
}

// row writes cells beside each other, with a line below; a row is not cut unless it is higher than a page.
func (s *sheet) row(shaded bool, cells ...cell) {
	const pad = 6
	var all [][]string
	high := 0.0
	for _, c := range cells {
		var l []string
		for _, part := range strings.Split(c.text, "\n") {
			l = append(l, s.wrap(part, c.st, c.wide-2*pad)...)
		}
		all = append(all, l)
		high = max(high, float64(len(l))*c.st.lead)
	}
	high += 2 * pad
	s.room(high)
	if shaded {
		fmt.Fprintf(s.out(), "%s rg %s %s %s %s re f\n", shade, num(left), num(s.y-high), num(right-left), num(high))
	}
	x := left
	for i, c := range cells {
		y := s.y - pad - c.st.size
		for _, line := range all[i] {
			if y < bottom-40 {
				break // higher than a page: no text here is
			}
			s.put(line, x+pad, y, c.st)
			y -= c.st.lead
		}
		x += c.wide
	}
	s.y -= high
	fmt.Fprintf(s.out(), "%s RG 0.5 w %s %s m %s %s l S\n", rule, num(left), num(s.y), num(right), num(s.y))
}

// pair is a row of a name and what it is.
func (s *sheet) pair(name, value string) {
	s.row(false, cell{name, 112, label}, cell{value, right - left - 112, style{size: 9.5, lead: 15, colour: ink}})
}
