package paper

import (
	"bytes"
	"fmt"

	"roundtable/backend/contracts/lines"
)

// The measures of a page, in points: A4 with margins of an inch.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 72.0
	footer     = 40.0 // from the lower edge
	bodySize   = 11.0
)

// Block is a place to sign: from the upper left corner of its page, in points.
type Block struct {
	Kind  BlockKind
	Party int // in Parties
	Page  int // from 1
	X, Y  float64
	Width float64
	// Height is at most what the line has.
	Height float64
}

// sheets are the pages that text is set on.
type sheets struct {
	ink    *ink
	pages  []*bytes.Buffer
	y      float64 // how far down the current page is filled
	blocks []Block
	runes  int
}

// style is how a paragraph is set.
type style struct {
	size, leading float64 // leading in parts of the size
	left, right   float64 // from the margins
	centred       bool
	before, after float64
	keep          float64 // room that must be left behind it
}

func (s *sheets) page() *bytes.Buffer { return s.pages[len(s.pages)-1] }

// next begins a page.
func (s *sheets) next() error {
	if len(s.pages) >= maxPages {
		return &Error{0, "too many pages"}
	}
	s.pages = append(s.pages, &bytes.Buffer{})
	s.y = margin
	return nil
}

// room makes sure that there is so much of it on the page.
func (s *sheets) room(height float64) error {
	if s.y+height > pageHeight-margin && s.y > margin {
		return s.next()
	}
	return nil
}

// set is a paragraph cut into lines.
type set struct {
	atoms   []atom
	letters []letter
	lines   [][2]int
	heights []float64
	size    float64
	width   float64
}

func (s *set) total() (sum float64) {
	for _, h := range s.heights {
		sum += h
	}
	return sum
}

// cut measures a paragraph and cuts it into lines of a width. Errors: *glyph.Missing, *Error.
func (s *sheets) cut(atoms []atom, size, leading, width float64) (*set, error) {
	if s.runes += len(atoms); s.runes > maxRunes {
		return nil, &Error{0, "too much text"}
	}
	out := &set{atoms: atoms, size: size, width: width, letters: make([]letter, len(atoms))}
	text := make([]rune, len(atoms))
	for i, a := range atoms {
		text[i] = a.r
		if a.block != nil {
			if a.block.width > width { // narrow columns
				by := width / a.block.width
				a.block.width, a.block.height = width, a.block.height*by
			}
			continue
		}
		if a.r == '\n' {
			continue
		}
		var err error
		if out.letters[i], err = s.ink.letter(a.r); err != nil {
			return nil, err
		}
	}
	out.lines = lines.Wrap(text, out.widthOf, width)
	for _, l := range out.lines {
		height := size * leading
		for _, a := range atoms[l[0]:l[1]] {
			if a.block != nil {
				height = max(height, a.block.height+6)
			}
		}
		out.heights = append(out.heights, height)
	}
	return out, nil
}

func (s *set) widthOf(i int) float64 {
	if b := s.atoms[i].block; b != nil {
		return b.width
	}
	return s.letters[i].width * s.size
}

// paragraph sets text on pages, a new one where a line has no room.
func (s *sheets) paragraph(atoms []atom, st style) error {
	p, err := s.cut(atoms, st.size, st.leading, pageWidth-2*margin-st.left-st.right)
	if err != nil {
		return err
	}
	if s.y > margin {
		s.y += st.before
	}
	if err := s.room(p.heights[0] + st.keep); err != nil {
		return err
	}
	for i := range p.lines {
		if err := s.room(p.heights[i]); err != nil {
			return err
		}
		s.line(p, i, margin+st.left, s.y, st.centred)
		s.y += p.heights[i]
	}
	s.y += st.after
	return nil
}

// line writes the i-th line with its upper edge at y from the top.
func (s *sheets) line(p *set, i int, x, y float64, centred bool) {
	from, to := p.lines[i][0], p.lines[i][1]
	for to > from && p.atoms[to-1].r == ' ' && p.atoms[to-1].block == nil {
		to--
	}
	used := 0.0
	for j := from; j < to; j++ {
		used += p.widthOf(j)
	}
	gap := 0.0
	ended := p.lines[i][1] == len(p.atoms) || p.atoms[p.lines[i][1]].r == '\n'
	switch {
	case centred:
		x += (p.width - used) / 2
	case !ended && to-from > 1:
		// Lines are as wide as their column, if that does not tear them apart.
		if gap = (p.width - used) / float64(to-from-1); gap > p.size*0.2 {
			gap = 0
		}
	}
	// Text stands at the lower edge of a line with something tall in it.
	base := y + p.heights[i] - p.size*0.42
	w := pen{out: s.page(), size: p.size, base: pageHeight - base}
	for j := from; j < to; j++ {
		a := p.atoms[j]
		switch {
		case a.block != nil:
			w.end()
			bottom := y + p.heights[i] - 3
			s.blocks = append(s.blocks, Block{a.block.kind, a.block.party, len(s.pages), x, bottom - a.block.height, a.block.width, a.block.height})
		case a.r == ' ' || a.r == '\u3000' || a.r == '\u00a0':
			w.space(p.letters[j], x, gap)
		default:
			w.write(p.letters[j], a.bold, x, gap)
		}
		x += p.widthOf(j) + gap
	}
	w.end()
}

// pen writes letters of a line into the content of a page, those of one font and weight together.
type pen struct {
	out        *bytes.Buffer
	size, base float64
	open       bool
	font       int
	bold       bool
}

func (w *pen) write(l letter, bold bool, x, gap float64) {
	if w.open && (w.font != l.font || w.bold != bold) {
		w.end()
	}
	if !w.open {
		w.open, w.font, w.bold = true, l.font, bold
		weight := "0 Tr"
		if bold { // no second font is embedded for a few words: their outlines are drawn thicker
			weight = fmt.Sprintf("2 Tr %.3f w", w.size*0.028)
		}
		fmt.Fprintf(w.out, "BT /F%d %.2f Tf %s %.4f Tc 1 0 0 1 %.3f %.3f Tm <", l.font, w.size, weight, gap, x, w.base)
	}
	digits := 4
	if l.font > 0 {
		digits = 2
	}
	fmt.Fprintf(w.out, "%0*X", digits, l.code)
}

// space is a letter like others within a run, so that words stay words when they are copied; at the beginning it is only room.
func (w *pen) space(l letter, x, gap float64) {
	if w.open && w.font == l.font {
		w.write(l, w.bold, x, gap)
		return
	}
	w.end()
}

func (w *pen) end() {
	if w.open {
		w.out.WriteString("> Tj ET\n")
		w.open = false
	}
}

// rule draws a line over the text's width.
func (s *sheets) rule(x, y, width float64) {
	fmt.Fprintf(s.page(), "0.6 G 0.6 w %.2f %.2f m %.2f %.2f l S 0 G\n", x, pageHeight-y, x+width, pageHeight-y)
}

// footers writes the number at the lower edge of each page.
func (s *sheets) footers(format string) error {
	for i, page := range s.pages {
		var atoms []atom
		for _, r := range fmt.Sprintf(format, i+1, len(s.pages)) {
			atoms = append(atoms, atom{r: r})
		}
		p, err := s.cut(atoms, 9, 1.2, pageWidth-2*margin)
		if err != nil {
			return err
		}
		one := &sheets{ink: s.ink, pages: []*bytes.Buffer{page}}
		one.line(p, 0, margin, pageHeight-footer-9, true)
	}
	return nil
}
