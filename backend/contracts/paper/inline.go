package paper

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// atom is a character or a place to sign.
type atom struct {
	r     rune
	bold  bool
	block *blockSize
}

// blockSize is a place to sign within a line.
type blockSize struct {
	kind          BlockKind
	party         int
	width, height float64
}

// The sizes of places to sign, in points: a seal of a company is 42 mm wide.
var sizes = map[BlockKind][2]float64{Sign: {140, 44}, Seal: {120, 120}, Date: {96, 22}, Initials: {56, 28}, Name: {110, 22}}

// blank is what stands where nothing was filled in.
const blank = "________"

// inline gives the characters of a node's children.
func (r *renderer) inline(n ast.Node, bold bool) (out []atom) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			out = append(out, r.text(unescaped(c.Segment.Value(r.source)), bold)...)
			if c.HardLineBreak() {
				out = append(out, atom{r: '\n'})
			} else if c.SoftLineBreak() {
				out = append(out, atom{r: softBreak, bold: bold})
			}
		case *ast.String:
			out = append(out, r.text(string(c.Value), bold)...)
		case *ast.CodeSpan:
			for s := c.FirstChild(); s != nil; s = s.NextSibling() {
				if t, is := s.(*ast.Text); is {
					out = append(out, r.text(string(t.Segment.Value(r.source)), bold)...)
				}
			}
		case *ast.Emphasis:
			out = append(out, r.inline(c, bold || c.Level > 1)...)
		case *ast.AutoLink:
			out = append(out, r.text(string(c.Label(r.source)), bold)...)
		case *ast.RawHTML:
			for i := range c.Segments.Len() {
				s := c.Segments.At(i)
				out = append(out, r.text(string(s.Value(r.source)), bold)...)
			}
		case *ast.Image: // pictures are not fetched
			out = append(out, r.inline(c, bold)...)
		default:
			out = append(out, r.inline(c, bold)...)
		}
	}
	return out
}

func unescaped(b []byte) string {
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(b))))
}

// softBreak stands for the end of a line in the source: nothing between Chinese characters, else a space.
const softBreak = '\u0085'

// text puts values and places to sign where marks stand.
func (r *renderer) text(s string, bold bool) (out []atom) {
	for _, c := range s {
		i := int(c) - firstMark
		switch {
		case i < 0:
			out = append(out, atom{r: plain(c), bold: bold})
		case i >= len(r.t.marks):
			out = append(out, atom{r: '\ufffd', bold: bold})
		case r.t.marks[i].kind != "":
			m := r.t.marks[i]
			size := sizes[m.kind]
			out = append(out, atom{r: c, block: &blockSize{m.kind, m.party, size[0], size[1]}})
		default:
			value := strings.TrimRight(r.values[r.t.marks[i].field], " \n")
			if value == "" {
				value = blank
			}
			for _, v := range value {
				out = append(out, atom{r: plain(v), bold: bold})
			}
		}
	}
	return out
}

// plain makes spaces of what would be no character of a line.
func plain(c rune) rune {
	switch {
	case c == '\n', c == softBreak:
		return c
	case c < ' ', c == 0x7f, c == '\u2028', c == '\u2029', c == '\ufeff':
		return ' '
	case c >= 0x80 && c < 0xa0, c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069:
		return ' '
	}
	return c
}

// joined ends soft breaks, and takes spaces at the ends.
func joined(in []atom) (out []atom) {
	for i, a := range in {
		if a.r != softBreak {
			out = append(out, a)
			continue
		}
		if i > 0 && i+1 < len(in) && (isWide(in[i-1].r) || isWide(in[i+1].r)) {
			continue
		}
		a.r = ' '
		out = append(out, a)
	}
	for len(out) > 0 && out[0].r == ' ' {
		out = out[1:]
	}
	for len(out) > 0 && (out[len(out)-1].r == ' ' || out[len(out)-1].r == '\n') {
		out = out[:len(out)-1]
	}
	return out
}

func isWide(r rune) bool { return r >= 0x2e80 && r < firstMark }
