package certificate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pdf"
)

// letters makes fonts of the characters that are used. A font of type 3 has at most 255 here.
type letters struct {
	fonts *glyph.Fonts
	codes map[letter]code
	all   [][]letter // by font
}

type letter struct {
	r     rune
	heavy bool
}

type code struct {
	font, char int
	width      float64
	path       glyph.Path
}

const (
	perFont = 255
	unit    = 1000.0
	// weight is how much wider the strokes of heavy characters are, in thousandths of the size.
	weight = 22
)

func newLetters(fonts *glyph.Fonts) *letters { return &letters{fonts: fonts, codes: map[letter]code{}} }

// readable replaces what cannot be shown: a character that no font has is named by its number, never a box.
func (l *letters) readable(s string) (string, error) {
	var out strings.Builder
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs) {
			r = ' '
		}
		_, err := l.code(letter{r, false})
		switch {
		case errors.Is(err, glyph.ErrMissing):
			fmt.Fprintf(&out, "<U+%04X>", r)
		case err != nil:
			return "", err
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), nil
}

func (l *letters) code(one letter) (code, error) {
	if c, is := l.codes[one]; is {
		return c, nil
	}
	g, err := l.fonts.Glyph(one.r)
	if err != nil {
		return code{}, err
	}
	last := len(l.all) - 1
	if last < 0 || len(l.all[last]) >= perFont {
		l.all = append(l.all, nil)
		last++
	}
	l.all[last] = append(l.all[last], one)
	c := code{font: last, char: len(l.all[last]), width: g.Width, path: g.Path.By(glyph.Scale(unit, unit))}
	l.codes[one] = c
	return c, nil
}

// width of a text in points.
func (l *letters) width(s string, size float64, heavy bool) (w float64, err error) {
	for _, r := range s {
		c, err := l.code(letter{r, heavy})
		if err != nil {
			return 0, err
		}
		w += c.width * size
	}
	return w, nil
}

// show writes the operators for a line of text from its origin on.
func (l *letters) show(out *bytes.Buffer, s string, x, y, size float64, heavy bool) error {
	out.WriteString("BT\n")
	fmt.Fprintf(out, "1 0 0 1 %s %s Tm\n", num(x), num(y))
	font := -1
	var run []byte
	flush := func() error {
		if len(run) == 0 {
			return nil
		}
		text, err := pdf.Append(nil, pdf.String(run))
		run = run[:0]
		out.Write(text)
		out.WriteString(" Tj\n")
		return err
	}
	for _, r := range s {
		c, err := l.code(letter{r, heavy})
		if err != nil {
			return err
		}
		if c.font != font {
			if err := flush(); err != nil {
				return err
			}
			font = c.font
			fmt.Fprintf(out, "/F%d %s Tf\n", font, num(size))
		}
		run = append(run, byte(c.char))
	}
	if err := flush(); err != nil {
		return err
	}
	out.WriteString("ET\n")
	return nil
}

// write writes the fonts and gives them by name.
func (l *letters) write(f *file) pdf.Dict {
	out := pdf.Dict{}
	for i, list := range l.all {
		procs, widths, differences := pdf.Dict{}, pdf.Array{}, pdf.Array{pdf.Int(1)}
		box := [4]float64{0, 0, 1, 1}
		var unicodes bytes.Buffer
		for n, one := range list {
			c := l.codes[one]
			b := c.path.Bounds()
			if len(c.path) == 0 {
				b = [4]float64{}
			}
			for side := range 2 {
				box[side], box[side+2] = min(box[side], b[side]-weight), max(box[side+2], b[side+2]+weight)
			}
			name := pdf.Name(fmt.Sprintf("g%d", n+1))
			procs[name] = f.stream(pdf.Dict{}, proc(c, b, one.heavy))
			widths = append(widths, pdf.Number(c.width*unit))
			differences = append(differences, name)
			fmt.Fprintf(&unicodes, "<%02X> <%s>\n", n+1, utf16Hex(one.r))
		}
		out[pdf.Name(fmt.Sprintf("F%d", i))] = f.add(pdf.Dict{
			"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type3"), "Name": pdf.Name(fmt.Sprintf("F%d", i)), "FontBBox": pdf.Rect(box),
			"FontMatrix": pdf.Array{pdf.Number(1 / unit), pdf.Int(0), pdf.Int(0), pdf.Number(1 / unit), pdf.Int(0), pdf.Int(0)},
			"CharProcs":  procs, "Encoding": pdf.Dict{"Type": pdf.Name("Encoding"), "Differences": differences},
			"FirstChar": pdf.Int(1), "LastChar": pdf.Int(len(list)), "Widths": widths, "Resources": pdf.Dict{},
			"ToUnicode": f.stream(pdf.Dict{}, cmap(unicodes.Bytes(), len(list))),
		})
	}
	return out
}

// proc is what draws a character: its shape alone, in the colour of the text.
func proc(c code, box [4]float64, heavy bool) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s 0 %s %s %s %s d1\n", num(c.width*unit), num(box[0]-weight), num(box[1]-weight), num(box[2]+weight), num(box[3]+weight))
	paint := "f"
	if heavy {
		fmt.Fprintf(&out, "%d w 1 j\n", weight)
		paint = "B"
	}
	if out.Write(c.path.PDF()); len(c.path) > 0 {
		out.WriteString(paint + "\n")
	}
	return out.Bytes()
}

// cmap says which characters the codes stand for (ISO 32000-2, 9.10.3), at most 100 in a block.
func cmap(lines []byte, n int) []byte {
	var out bytes.Buffer
	out.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n")
	for all := bytes.SplitAfter(lines, []byte("\n")); n > 0; {
		k := min(n, 100)
		fmt.Fprintf(&out, "%d beginbfchar\n%sendbfchar\n", k, bytes.Join(all[:k], nil))
		all, n = all[k:], n-k
	}
	out.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return out.Bytes()
}

func utf16Hex(r rune) string {
	var out strings.Builder
	for _, u := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&out, "%04X", u)
	}
	return out.String()
}

func num(v float64) string {
	b, err := pdf.Append(nil, pdf.Number(v))
	if err != nil {
		return "0"
	}
	return string(b)
}
