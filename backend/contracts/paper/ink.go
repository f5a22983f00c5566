package paper

import (
	"bytes"
	"fmt"
	"unicode/utf16"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pdf"
)

// ink keeps which characters a document uses, and writes the fonts for them.
type ink struct {
	font     *Font
	fallback *glyph.Fonts
	// used are the font's glyphs by their new numbers, meant the characters they stand for.
	used   []uint16
	meant  []rune
	number map[uint16]int
	// drawn are characters that the font has not, as outlines; 255 make a font.
	drawn []drawn
	place map[rune]int
}

type drawn struct {
	r rune
	g glyph.Glyph
}

func newInk(font *Font, fallback *glyph.Fonts) *ink {
	return &ink{font: font, fallback: fallback, used: []uint16{0}, meant: []rune{0}, number: map[uint16]int{}, place: map[rune]int{}}
}

// perFont is how many outlines make one font.
const perFont = 255

// letter is how a character is written: in which font, by which code.
type letter struct {
	font  int // 0 is the embedded one, others are those of outlines
	code  int
	width float64
}

// letter gives a character, and keeps that it is used. Errors: *glyph.Missing.
func (k *ink) letter(r rune) (letter, error) {
	if g := k.font.index(r); g != 0 {
		n, is := k.number[g]
		if !is {
			n = len(k.used)
			k.number[g] = n
			k.used, k.meant = append(k.used, g), append(k.meant, r)
		}
		return letter{0, n, k.font.width(g)}, nil
	}
	i, is := k.place[r]
	if !is {
		if k.fallback == nil {
			return letter{}, &glyph.Missing{Character: r}
		}
		g, err := k.fallback.Glyph(r)
		if err != nil {
			return letter{}, err
		}
		i = len(k.drawn)
		k.place[r] = i
		k.drawn = append(k.drawn, drawn{r, g})
	}
	return letter{1 + i/perFont, 1 + i%perFont, k.drawn[i].g.Width}, nil
}

// fonts writes all fonts and gives them by their names in pages.
func (k *ink) fonts(w *writer) (pdf.Dict, error) {
	out := pdf.Dict{}
	ref, err := k.embedded(w)
	if err != nil {
		return nil, err
	}
	out["F0"] = ref
	for from := 0; from < len(k.drawn); from += perFont {
		ref, err := outlines(w, k.drawn[from:min(from+perFont, len(k.drawn))])
		if err != nil {
			return nil, err
		}
		out[pdf.Name(fmt.Sprintf("F%d", 1+from/perFont))] = ref
	}
	return out, nil
}

// embedded writes the subset as a composite font (ISO 32000-2, 9.7).
func (k *ink) embedded(w *writer) (pdf.Ref, error) {
	data, err := k.font.subset(k.used)
	if err != nil {
		return pdf.Ref{}, err
	}
	file, err := pdf.Flate(pdf.Dict{"Length1": pdf.Int(len(data))}, data)
	if err != nil {
		return pdf.Ref{}, err
	}
	// Six letters say that it is a part (9.9.2); they follow from what is in it.
	sum := checksum(data)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + byte(sum%26)
		sum /= 26
	}
	name := pdf.Name(string(tag) + "+NotoSerifSC-Regular")
	per := func(v int16) pdf.Object { return pdf.Int(int(v) * 1000 / k.font.em) }
	at := func(table string, offset int) int16 {
		t := k.font.tables[table]
		return int16(uint16(t[offset])<<8 | uint16(t[offset+1]))
	}
	descriptor := w.add(pdf.Dict{
		"Type": pdf.Name("FontDescriptor"), "FontName": name, "Flags": pdf.Int(4), "ItalicAngle": pdf.Int(0), "StemV": pdf.Int(80),
		"FontBBox": pdf.Array{per(at("head", 36)), per(at("head", 38)), per(at("head", 40)), per(at("head", 42))},
		"Ascent":   per(at("hhea", 4)), "Descent": per(at("hhea", 6)), "CapHeight": pdf.Int(730), "FontFile2": w.add(file),
	})
	widths := pdf.Array{}
	var codes []code
	for i, g := range k.used {
		widths = append(widths, pdf.Int(int(k.font.width(g)*1000+0.5)))
		if i > 0 {
			codes = append(codes, code{i, k.meant[i]})
		}
	}
	unicode, err := toUnicode(codes, 2)
	if err != nil {
		return pdf.Ref{}, err
	}
	descendant := w.add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("CIDFontType2"), "BaseFont": name, "FontDescriptor": descriptor, "DW": pdf.Int(1000),
		"CIDSystemInfo": pdf.Dict{"Registry": pdf.String("Adobe"), "Ordering": pdf.String("Identity"), "Supplement": pdf.Int(0)},
		"W":             pdf.Array{pdf.Int(0), widths}, "CIDToGIDMap": pdf.Name("Identity"),
	})
	return w.add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type0"), "BaseFont": name, "Encoding": pdf.Name("Identity-H"),
		"DescendantFonts": pdf.Array{descendant}, "ToUnicode": w.add(unicode),
	}), nil
}

// outlines writes characters as a font whose letters are drawings (ISO 32000-2, 9.6.4).
func outlines(w *writer, list []drawn) (pdf.Ref, error) {
	procedures, widths, names := pdf.Dict{}, pdf.Array{}, pdf.Array{pdf.Int(1)}
	var codes []code
	for i, d := range list {
		p := d.g.Path.By(glyph.Scale(1000, 1000))
		b := p.Bounds()
		content := fmt.Appendf(nil, "%.1f 0 %.1f %.1f %.1f %.1f d1\n", d.g.Width*1000, b[0], b[1], b[2], b[3])
		s, err := pdf.Flate(pdf.Dict{}, append(append(content, p.PDF()...), "f\n"...))
		if err != nil {
			return pdf.Ref{}, err
		}
		name := pdf.Name(fmt.Sprintf("g%d", i+1))
		procedures[name] = w.add(s)
		names, widths = append(names, name), append(widths, pdf.Number(d.g.Width*1000))
		codes = append(codes, code{i + 1, d.r})
	}
	unicode, err := toUnicode(codes, 1)
	if err != nil {
		return pdf.Ref{}, err
	}
	return w.add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type3"), "FontBBox": pdf.Rect([4]float64{-200, -300, 1200, 1100}),
		"FontMatrix": pdf.Array{pdf.Real("0.001"), pdf.Int(0), pdf.Int(0), pdf.Real("0.001"), pdf.Int(0), pdf.Int(0)},
		"CharProcs":  procedures, "Encoding": pdf.Dict{"Type": pdf.Name("Encoding"), "Differences": names}, "Resources": pdf.Dict{},
		"FirstChar": pdf.Int(1), "LastChar": pdf.Int(len(list)), "Widths": widths, "ToUnicode": w.add(unicode),
	}), nil
}

type code struct {
	code int
	r    rune
}

// toUnicode says which characters codes stand for (ISO 32000-2, 9.10.3), so that text can be searched and copied.
func toUnicode(codes []code, size int) (*pdf.Stream, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"+
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n1 begincodespacerange\n<%0*X> <%0*X>\nendcodespacerange\n",
		2*size, 0, 2*size, 1<<(8*size)-1)
	for from := 0; from < len(codes); from += 100 {
		part := codes[from:min(from+100, len(codes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, c := range part {
			fmt.Fprintf(&b, "<%0*X> <", 2*size, c.code)
			for _, u := range utf16.Encode([]rune{c.r}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return pdf.Flate(pdf.Dict{}, b.Bytes())
}
