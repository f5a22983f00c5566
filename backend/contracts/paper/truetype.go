package paper

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// maxFont bounds a font file.
const maxFont = 64 << 20

// Font is a TrueType font, of which documents get what they use. It is for one goroutine at a time.
type Font struct {
	tables map[string][]byte
	sfnt   *sfnt.Font
	buffer sfnt.Buffer
	glyphs int
	long   bool // offsets of glyphs have four bytes
	em     int
	known  map[rune]uint16
}

// OpenFont reads a font file. The bytes must not change as long as the font is used. Errors: ErrFont.
func OpenFont(data []byte) (*Font, error) {
	if len(data) < 12 || len(data) > maxFont || binary.BigEndian.Uint32(data) != 0x00010000 {
		return nil, ErrFont
	}
	f := &Font{tables: map[string][]byte{}, known: map[rune]uint16{}}
	count := int(binary.BigEndian.Uint16(data[4:]))
	if len(data) < 12+16*count {
		return nil, ErrFont
	}
	for i := range count {
		row := data[12+16*i:]
		from, size := int64(binary.BigEndian.Uint32(row[8:])), int64(binary.BigEndian.Uint32(row[12:]))
		if from+size > int64(len(data)) {
			return nil, ErrFont
		}
		f.tables[string(row[:4])] = data[from : from+size]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "loca": 4, "glyf": 0, "hmtx": 4} {
		if t, is := f.tables[name]; !is || len(t) < least {
			return nil, fmt.Errorf("%w: table %s", ErrFont, name)
		}
	}
	var err error
	if f.sfnt, err = sfnt.Parse(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFont, err)
	}
	f.em = int(f.sfnt.UnitsPerEm())
	f.glyphs = int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
	f.long = binary.BigEndian.Uint16(f.tables["head"][50:]) != 0
	step := 2
	if f.long {
		step = 4
	}
	if f.em == 0 || f.glyphs == 0 || len(f.tables["loca"]) < step*(f.glyphs+1) {
		return nil, ErrFont
	}
	return f, nil
}

// index gives the glyph of a character, 0 for none.
func (f *Font) index(r rune) uint16 {
	if g, is := f.known[r]; is {
		return g
	}
	g, err := f.sfnt.GlyphIndex(&f.buffer, r)
	if err != nil || int(g) >= f.glyphs {
		g = 0
	}
	f.known[r] = uint16(g)
	return uint16(g)
}

// width of a glyph in parts of the size.
func (f *Font) width(g uint16) float64 {
	w, err := f.sfnt.GlyphAdvance(&f.buffer, sfnt.GlyphIndex(g), fixed.I(f.em), font.HintingNone)
	if err != nil {
		return 1
	}
	return float64(w) / 64 / float64(f.em)
}

// glyph gives the description of a glyph's outline; nothing for an empty one.
func (f *Font) glyph(g uint16) ([]byte, error) {
	loca, all := f.tables["loca"], f.tables["glyf"]
	at := func(i int) int {
		if f.long {
			return int(binary.BigEndian.Uint32(loca[4*i:]))
		}
		return 2 * int(binary.BigEndian.Uint16(loca[2*i:]))
	}
	if int(g) >= f.glyphs {
		return nil, fmt.Errorf("%w: glyph %d", ErrFont, g)
	}
	from, to := at(int(g)), at(int(g)+1)
	if from > to || to > len(all) {
		return nil, fmt.Errorf("%w: glyph %d", ErrFont, g)
	}
	return all[from:to], nil
}

// The flags of a glyph that is made of others (OpenType, glyf table).
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	more          = 1 << 5
	twoScales     = 1 << 6
	matrix        = 1 << 7
)

// parts gives where in a description the numbers of other glyphs stand.
func parts(d []byte) (out []int, err error) {
	if len(d) < 10 || int16(binary.BigEndian.Uint16(d)) >= 0 {
		return nil, nil
	}
	for at := 10; ; {
		if at+4 > len(d) || len(out) > 256 {
			return nil, ErrFont
		}
		flags := binary.BigEndian.Uint16(d[at:])
		out = append(out, at+2)
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&oneScale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return out, nil
		}
	}
}

// subset gives a font with these glyphs only, numbered in this order; the first should be 0. Glyphs that they are made of follow.
func (f *Font) subset(glyphs []uint16) ([]byte, error) {
	list := append([]uint16(nil), glyphs...)
	number := map[uint16]uint16{}
	for i, g := range list {
		number[g] = uint16(i)
	}
	var outlines, loca, widths bytes.Buffer
	for i := 0; i < len(list); i++ {
		d, err := f.glyph(list[i])
		if err != nil {
			return nil, err
		}
		d = bytes.Clone(d)
		places, err := parts(d)
		if err != nil {
			return nil, err
		}
		for _, at := range places {
			part := binary.BigEndian.Uint16(d[at:])
			n, is := number[part]
			if !is {
				if len(list) >= 0xffff {
					return nil, ErrFont
				}
				n = uint16(len(list))
				number[part], list = n, append(list, part)
			}
			binary.BigEndian.PutUint16(d[at:], n)
		}
		_ = binary.Write(&loca, binary.BigEndian, uint32(outlines.Len()))
		outlines.Write(d)
		for outlines.Len()%4 != 0 {
			outlines.WriteByte(0)
		}
		_ = binary.Write(&widths, binary.BigEndian, uint16(f.width(list[i])*float64(f.em)+0.5))
		widths.Write([]byte{0, 0})
		if len(d) >= 10 { // the left side is where the outline begins
			copy(widths.Bytes()[widths.Len()-2:], d[2:4])
		}
	}
	_ = binary.Write(&loca, binary.BigEndian, uint32(outlines.Len()))
	head, hhea, maxp := bytes.Clone(f.tables["head"]), bytes.Clone(f.tables["hhea"]), bytes.Clone(f.tables["maxp"])
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(list)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(list)))
	tables := map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "loca": loca.Bytes(), "glyf": outlines.Bytes(), "hmtx": widths.Bytes()}
	for _, name := range []string{"cvt ", "fpgm", "prep"} { // what outlines are fitted to dots with
		if t := f.tables[name]; len(t) > 0 {
			tables[name] = t
		}
	}
	return assemble(tables), nil
}

// assemble puts tables into a file.
func assemble(tables map[string][]byte) []byte {
	var names []string
	for n := range tables {
		names = append(names, n)
	}
	sort.Strings(names)
	search := 1
	exponent := 0
	for search*2 <= len(names) {
		search, exponent = search*2, exponent+1
	}
	var out bytes.Buffer
	for _, v := range []uint16{1, 0, uint16(len(names)), uint16(search * 16), uint16(exponent), uint16(len(names)*16 - search*16)} {
		_ = binary.Write(&out, binary.BigEndian, v)
	}
	at := 12 + 16*len(names)
	headAt := 0
	for _, n := range names {
		out.WriteString(n)
		for _, v := range []uint32{checksum(tables[n]), uint32(at), uint32(len(tables[n]))} {
			_ = binary.Write(&out, binary.BigEndian, v)
		}
		if n == "head" {
			headAt = at
		}
		at += (len(tables[n]) + 3) / 4 * 4
	}
	for _, n := range names {
		out.Write(tables[n])
		for out.Len()%4 != 0 {
			out.WriteByte(0)
		}
	}
	data := out.Bytes()
	binary.BigEndian.PutUint32(data[headAt+8:], 0xB1B0AFBA-checksum(data))
	return data
}

func checksum(d []byte) (sum uint32) {
	for i := 0; i < len(d); i += 4 {
		var word [4]byte
		copy(word[:], d[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
