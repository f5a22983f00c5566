// Command draw makes the app's icons from the mark: a round table from above
// with six seats and no head. `make icons` runs it; its results are committed.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// The mark in a square of 36: a disc and six seats, 60 degrees apart.
const (
	view      = 36.0
	tableR    = 8.0
	seatR     = 2.6
	seatsAt   = 13.5
	inset     = 3.4  // of the tile behind it, so that icons have air around them
	cornerR   = 0.22 // of the tile's side
	markScale = 0.90 // of the tile
)

var (
	paper   = color.NRGBA{0xf5, 0xf4, 0xf0, 0xff}
	ink     = color.NRGBA{0x1d, 0x23, 0x20, 0xff}
	celadon = color.NRGBA{0x1c, 0x78, 0x6a, 0xff}
)

type disc struct {
	x, y, r float64
	fill    color.NRGBA
}

func mark() []disc {
	discs := []disc{{view / 2, view / 2, tableR, celadon}}
	for i := range 6 {
		angle := float64(i) * math.Pi / 3
		discs = append(discs, disc{view/2 + seatsAt*math.Sin(angle), view/2 - seatsAt*math.Cos(angle), seatR, ink})
	}
	return discs
}

// svg is the bare mark, for pages and packagers.
func svg() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g">`, view, view)
	for _, d := range mark() {
		fmt.Fprintf(&b, `<circle cx="%.4g" cy="%.4g" r="%g" fill="#%02x%02x%02x"/>`, d.x, d.y, d.r, d.fill.R, d.fill.G, d.fill.B)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// draw paints the mark on a tile of paper, with 6×6 samples per pixel: enough
// that edges look smooth at 16 pixels.
func draw(size int) *image.NRGBA {
	const samples = 6
	out := image.NewNRGBA(image.Rect(0, 0, size, size))
	discs := mark()
	for py := range size {
		for px := range size {
			var r, g, b, a float64
			for s := range samples * samples {
				x := (float64(px) + (float64(s%samples)+0.5)/samples) * view / float64(size)
				y := (float64(py) + (float64(s/samples)+0.5)/samples) * view / float64(size)
				if c, ok := at(discs, x, y, size); ok {
					r, g, b, a = r+float64(c.R), g+float64(c.G), b+float64(c.B), a+1
				}
			}
			if a > 0 {
				alpha := a / (samples * samples)
				out.SetNRGBA(px, py, color.NRGBA{uint8(r/a + 0.5), uint8(g/a + 0.5), uint8(b/a + 0.5), uint8(alpha*255 + 0.5)})
			}
		}
	}
	return out
}

// at gives the colour at a point of the square. Small icons get a smaller margin.
func at(discs []disc, x, y float64, size int) (color.NRGBA, bool) {
	margin := inset
	if size <= 32 {
		margin = 0.6
	}
	side := view - 2*margin
	if !inTile(x-margin, y-margin, side) {
		return color.NRGBA{}, false
	}
	scale := side * markScale / view
	mx, my := (x-view/2)/scale+view/2, (y-view/2)/scale+view/2
	for _, d := range discs {
		if math.Hypot(mx-d.x, my-d.y) <= d.r {
			return d.fill, true
		}
	}
	return paper, true
}

func inTile(x, y, side float64) bool {
	if x < 0 || y < 0 || x > side || y > side {
		return false
	}
	r := side * cornerR
	dx := math.Max(math.Max(r-x, x-(side-r)), 0)
	dy := math.Max(math.Max(r-y, y-(side-r)), 0)
	return math.Hypot(dx, dy) <= r
}

func encode(size int) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, draw(size)); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

// ico is Windows' container: a directory, then the pictures as PNG.
func ico(sizes ...int) []byte {
	var head, body bytes.Buffer
	put := func(v any) { _ = binary.Write(&head, binary.LittleEndian, v) } // into memory: cannot fail
	put([]uint16{0, 1, uint16(len(sizes))})
	offset := 6 + 16*len(sizes)
	for _, size := range sizes {
		data := encode(size)
		put([]uint8{uint8(size), uint8(size), 0, 0}) // 256 is written as 0
		put([]uint16{1, 32})
		put([]uint32{uint32(len(data)), uint32(offset + body.Len())})
		body.Write(data)
	}
	return append(head.Bytes(), body.Bytes()...)
}

// icns is macOS's container: kind, length, picture.
func icns() []byte {
	var body bytes.Buffer
	for _, e := range []struct {
		kind string
		size int
	}{{"ic11", 32}, {"ic12", 64}, {"ic07", 128}, {"ic13", 256}, {"ic08", 256}, {"ic14", 512}, {"ic09", 512}, {"ic10", 1024}} {
		data := encode(e.size)
		body.WriteString(e.kind)
		_ = binary.Write(&body, binary.BigEndian, uint32(8+len(data)))
		body.Write(data)
	}
	head := []byte("icns\x00\x00\x00\x00")
	binary.BigEndian.PutUint32(head[4:], uint32(8+body.Len()))
	return append(head, body.Bytes()...)
}

func main() {
	log.SetFlags(0)
	for path, data := range map[string][]byte{
		"build/icons/mark.svg":     svg(),
		"build/icons/icon-256.png": encode(256),
		"build/appicon.png":        encode(1024),
		"build/windows/icon.ico":   ico(16, 24, 32, 48, 64, 128, 256),
		"build/darwin/icon.icns":   icns(),
	} {
		if err := os.WriteFile(filepath.FromSlash(path), data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
