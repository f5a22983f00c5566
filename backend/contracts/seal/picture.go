package seal

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the two kinds that are taken
	_ "image/png"
	"math"

	"roundtable/backend/contracts/glyph"
)

// ErrPicture says that no seal can be made of a picture: no PNG or JPEG, too large, all of one lightness, or too many details.
var ErrPicture = errors.New("no seal in the picture")

const (
	// MaxPicture bounds the file of a picture, in bytes.
	MaxPicture = 10 << 20
	// maxPixels bounds what a file may unfold to (20 megapixels, 80 MB), whatever it says.
	maxPixels = 20_000_000
	// longSide is how many points the longer side of a picture is traced with; 42 mm have 600 dots per inch with it.
	longSide = 1000
)

// Trace makes a seal of a picture: what is darker than the background becomes the shape, in the red of seals, and what is empty
// around it is cut off. background is from which lightness on (1 to 100) something is background; 0 finds it (Otsu, "A Threshold
// Selection Method from Gray-Level Histograms", 1979). millimetres is the width, 0 means 42.
// Errors: ErrPicture.
func Trace(data []byte, background int, millimetres float64) (Drawing, error) {
	if millimetres == 0 {
		millimetres = 42
	}
	if background < 0 || background > 100 || !(millimetres >= 8 && millimetres <= 80) {
		return Drawing{}, ErrDesign
	}
	if len(data) > MaxPicture {
		return Drawing{}, fmt.Errorf("%w: %d bytes", ErrPicture, len(data))
	}
	head, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || kind != "png" && kind != "jpeg" {
		return Drawing{}, fmt.Errorf("%w: no PNG or JPEG", ErrPicture)
	}
	if head.Width < 16 || head.Height < 16 || head.Width > maxPixels/head.Height {
		return Drawing{}, fmt.Errorf("%w: %d x %d", ErrPicture, head.Width, head.Height)
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return Drawing{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	gray := lightness(m)
	level := float64(background) * 255 / 100
	if background == 0 {
		var found bool
		if level, found = between(gray.light); !found {
			return Drawing{}, fmt.Errorf("%w: all of one lightness", ErrPicture)
		}
	}
	lines, ok := gray.outlines(level)
	if !ok {
		return Drawing{}, fmt.Errorf("%w: too many details", ErrPicture)
	}
	return placed(lines, millimetres*pointsMM)
}

// placed puts lines into a box of a width, y upwards. Errors: ErrPicture.
func placed(lines [][]glyph.Point, width float64) (Drawing, error) {
	box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, line := range lines {
		for _, p := range line {
			box = [4]float64{min(box[0], p.X), min(box[1], p.Y), max(box[2], p.X), max(box[3], p.Y)}
		}
	}
	w, h := box[2]-box[0], box[3]-box[1]
	if !(w >= 8 && h >= 8 && h <= 4*w && w <= 4*h) {
		return Drawing{}, fmt.Errorf("%w: nothing on it", ErrPicture)
	}
	scale := width / w
	d := Drawing{Width: width, Height: h * scale}
	for _, line := range lines {
		for i, p := range line {
			line[i] = glyph.Point{X: (p.X - box[0]) * scale, Y: (box[3] - p.Y) * scale}
		}
		d.Shape = append(d.Shape, glyph.Polygon(line...)...)
	}
	d = d.settled()
	if d.Height > maxSide || len(d.PDF()) > MaxContent {
		return Drawing{}, fmt.Errorf("%w: too many details", ErrPicture)
	}
	return d, nil
}

// sheetOf is a picture as lightness, from 0 to 255.
type sheetOf struct {
	w, h  int
	light []uint8
}

// lightness gives a picture on white, made smaller by averaging where it is larger than needed. Saturated red is dark in it, however
// bright: the lightest channel of paper is light, the darkest of ink is not.
func lightness(m image.Image) sheetOf {
	b := m.Bounds()
	step := max(1, int(math.Ceil(float64(max(b.Dx(), b.Dy()))/longSide)))
	s := sheetOf{w: (b.Dx() + step - 1) / step, h: (b.Dy() + step - 1) / step}
	s.light = make([]uint8, s.w*s.h)
	for y := range s.h {
		for x := range s.w {
			sum, n := 0, 0
			for py := b.Min.Y + y*step; py < min(b.Max.Y, b.Min.Y+(y+1)*step); py++ {
				for px := b.Min.X + x*step; px < min(b.Max.X, b.Min.X+(x+1)*step); px++ {
					r, g, bl, a := m.At(px, py).RGBA()
					paper := 0xffff - a // colours come multiplied by alpha
					sum += int(min(r, g, bl)+paper) >> 8
					n++
				}
			}
			s.light[y*s.w+x] = uint8(sum / n)
		}
	}
	return s
}

// between is the lightness from which on something is background, false if all of a picture is alike: where its dots part into two groups best (Otsu), moved a
// third of the way to the paper, since thin strokes are lighter than ink.
func between(light []uint8) (level float64, found bool) {
	var count [256]float64
	var sum float64
	for _, v := range light {
		count[v]++
		sum += float64(v)
	}
	var below, weight, best, paper float64
	for v := range 256 {
		weight += count[v]
		below += float64(v) * count[v]
		rest := float64(len(light)) - weight
		if weight == 0 || rest == 0 {
			continue
		}
		dark, bright := below/weight, (sum-below)/rest
		if apart := weight * rest * (dark - bright) * (dark - bright); apart > best {
			best, paper = apart, bright
			level = (dark + bright) / 2
		}
	}
	return level + (paper-level)/3, best > 0
}
