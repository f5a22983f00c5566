package seal

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the two kinds that are taken
	_ "image/png"
	"math"
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
	level := uint8(255 * background / 100)
	if background == 0 {
		if level = otsu(gray.light); level == 0 {
			return Drawing{}, fmt.Errorf("%w: all of one lightness", ErrPicture)
		}
	}
	ink := gray.darker(level)
	if ink = ink.cropped(); ink.w < 8 || ink.h < 8 || ink.h > 4*ink.w || ink.w > 4*ink.h {
		return Drawing{}, fmt.Errorf("%w: nothing on it", ErrPicture)
	}
	scale := millimetres * pointsMM / float64(ink.w)
	d := Drawing{Width: float64(ink.w) * scale, Height: float64(ink.h) * scale, Shape: ink.outlines(scale)}.settled()
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

// otsu is the lightness that parts a picture into two groups best: from it on, it is background. 0 if there are no two.
func otsu(light []uint8) uint8 {
	var count [256]float64
	var sum float64
	for _, v := range light {
		count[v]++
		sum += float64(v)
	}
	var below, weight, best float64
	first, last := 0, 0
	for v := range 256 {
		weight += count[v]
		below += float64(v) * count[v]
		rest := float64(len(light)) - weight
		if weight == 0 || rest == 0 {
			continue
		}
		gap := below/weight - (sum-below)/rest
		switch between := weight * rest * gap * gap; {
		case between > best:
			best, first, last = between, v+1, v+1
		case between == best && best > 0:
			last = v + 1 // nothing lies between the groups: the middle is the fairest
		}
	}
	return uint8(min(255, (first+last)/2))
}

// mask is which dots are ink.
type mask struct {
	w, h int
	ink  []bool
}

func (m mask) at(x, y int) bool { return x >= 0 && y >= 0 && x < m.w && y < m.h && m.ink[y*m.w+x] }

func (s sheetOf) darker(level uint8) mask {
	out := mask{w: s.w, h: s.h, ink: make([]bool, len(s.light))}
	for i, v := range s.light {
		out.ink[i] = v < level
	}
	return out.cleaned()
}

// cleaned drops single dots, which are dust of a scan.
func (m mask) cleaned() mask {
	out := mask{w: m.w, h: m.h, ink: make([]bool, len(m.ink))}
	for y := range m.h {
		for x := range m.w {
			out.ink[y*m.w+x] = m.at(x, y) && (m.at(x-1, y) || m.at(x+1, y) || m.at(x, y-1) || m.at(x, y+1))
		}
	}
	return out
}

func (m mask) cropped() mask {
	x0, y0, x1, y1 := m.w, m.h, 0, 0
	for y := range m.h {
		for x := range m.w {
			if m.ink[y*m.w+x] {
				x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
			}
		}
	}
	if x1 <= x0 {
		return mask{}
	}
	out := mask{w: x1 - x0, h: y1 - y0}
	for y := y0; y < y1; y++ {
		out.ink = append(out.ink, m.ink[y*m.w+x0:y*m.w+x1]...)
	}
	return out
}
