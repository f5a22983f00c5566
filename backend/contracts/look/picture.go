package look

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // kinds of pictures that are taken
	_ "image/png"
	"math"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

// The bounds of a picture.
const (
	maxPicture = 8 << 20    // bytes
	maxPixels  = 24_000_000 // before it is unpacked: 4 bytes each
	maxKept    = 900        // pixels of the longer side that are kept: 600 dots an inch at 1.5 inches
)

// Picture takes a signature from a PNG or JPEG. What is as light as the paper becomes transparent, and what is empty around
// it is cut off; a picture with transparent parts keeps its own. It is 120 points wide. Errors: ErrLook.
func Picture(data []byte) (*pades.Look, error) {
	if len(data) > maxPicture {
		return nil, fmt.Errorf("%w: a picture of %d bytes", ErrLook, len(data))
	}
	// The size is said at the beginning: what would unpack into more than a page of paper is not unpacked.
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || kind != "png" && kind != "jpeg" {
		return nil, fmt.Errorf("%w: no PNG or JPEG", ErrLook)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPixels || c.Height > maxPixels || c.Width*c.Height > maxPixels {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrLook, c.Width, c.Height)
	}
	source, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLook, err)
	}
	p := image.NewNRGBA(image.Rect(0, 0, source.Bounds().Dx(), source.Bounds().Dy()))
	draw.Draw(p, p.Bounds(), source, source.Bounds().Min, draw.Src)
	p = upright(smaller(p), turned(data))
	if !transparent(p) {
		lift(p)
	}
	box := inked(p)
	if box.Dx() < 3 || box.Dy() < 3 {
		return nil, fmt.Errorf("%w: an empty picture", ErrLook)
	}
	return embed(p, box)
}

// smaller halves a picture until its longer side is within bounds: four pixels become their mean.
func smaller(p *image.NRGBA) *image.NRGBA {
	for p.Rect.Dx() > maxKept || p.Rect.Dy() > maxKept {
		if p.Rect.Dx() < 2 || p.Rect.Dy() < 2 {
			return image.NewNRGBA(image.Rectangle{}) // a line of a pixel is no signature
		}
		half := image.NewNRGBA(image.Rect(0, 0, p.Rect.Dx()/2, p.Rect.Dy()/2))
		for y := range half.Rect.Dy() {
			for x := range half.Rect.Dx() {
				a, b := p.PixOffset(2*x, 2*y), p.PixOffset(2*x, 2*y+1)
				to := half.PixOffset(x, y)
				for i := range 4 {
					half.Pix[to+i] = uint8((int(p.Pix[a+i]) + int(p.Pix[a+4+i]) + int(p.Pix[b+i]) + int(p.Pix[b+4+i])) / 4)
				}
			}
		}
		p = half
	}
	return p
}

// transparent says whether a picture comes without its paper.
func transparent(p *image.NRGBA) bool {
	through := 0
	for i := 3; i < len(p.Pix); i += 4 {
		if p.Pix[i] < 128 {
			through++
		}
	}
	return through > len(p.Pix)/4/20
}

func lightness(r, g, b uint8) float64 {
	return (0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)) / 255
}

// lift takes the ink off the paper: the lighter a pixel against the paper, the more it lets through.
func lift(p *image.NRGBA) {
	paper := groundOf(p)
	// How dark the ink is against the paper, in parts of the paper's light.
	var counts [256]int
	dark := make([]uint8, 0, len(p.Pix)/4)
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			c := p.Pix[p.PixOffset(x, y):]
			d := 0.0
			if light := paper.at(x, y); light > 0.15 { // darker is no paper
				d = min(max(1-lightness(c[0], c[1], c[2])/light, 0), 1)
			}
			dark = append(dark, uint8(255*d))
			counts[dark[len(dark)-1]]++
		}
	}
	ink := max(share(&counts, len(dark)*199/200), 0.15)
	for i, d := range dark {
		// A quarter of the way is grain of the paper.
		a := min(max((float64(d)/255/ink-0.25)/0.5, 0), 1)
		p.Pix[4*i+3] = uint8(math.Round(255 * a))
	}
}

// share gives the lightness below which so many pixels are.
func share(counts *[256]int, many int) float64 {
	for l, n := range counts {
		if many -= n; many < 0 {
			return float64(l) / 255
		}
	}
	return 1
}

// inked is the part of a picture where something is to be seen.
func inked(p *image.NRGBA) (box image.Rectangle) {
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			if p.Pix[p.PixOffset(x, y)+3] > 40 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// embed makes an image object with a mask (ISO 32000-2, 8.9.5 and 11.6.5.2).
func embed(p *image.NRGBA, box image.Rectangle) (*pades.Look, error) {
	w, h := box.Dx(), box.Dy()
	colours, mask := make([]byte, 0, 3*w*h), make([]byte, 0, w*h)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := p.Pix[p.PixOffset(x, y):][:4]
			mask = append(mask, c[3])
			if c[3] == 0 {
				c = []byte{0, 0, 0, 0} // it packs better
			}
			colours = append(colours, c[:3]...)
		}
	}
	head := func(space pdf.Name) pdf.Dict {
		return pdf.Dict{
			"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image"), "Width": pdf.Int(w), "Height": pdf.Int(h),
			"ColorSpace": space, "BitsPerComponent": pdf.Int(8),
		}
	}
	soft, err := pdf.Flate(head("DeviceGray"), mask)
	if err != nil {
		return nil, err
	}
	d := head("DeviceRGB")
	d["SMask"] = soft
	picture, err := pdf.Flate(d, colours)
	if err != nil {
		return nil, err
	}
	wide := 120.0
	high := wide * float64(h) / float64(w)
	return &pades.Look{
		Width: wide, Height: high, Content: fmt.Appendf(nil, "q %.3f 0 0 %.3f 0 0 cm /Picture Do Q\n", wide, high),
		Resources: pdf.Dict{"XObject": pdf.Dict{"Picture": picture}},
	}, nil
}
