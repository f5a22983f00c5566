package picture

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"roundtable/backend/errcode"
)

// Limits of one sort of pictures.
type Limits struct {
	// Bytes bounds a picture as it is kept, Sent one that is given to be drawn anew.
	Bytes, Sent int
	// Smallest and Largest bound its sides, in pixels. It is square.
	Smallest, Largest int
}

const quality = 88

var (
	pngMagic  = []byte("\x89PNG\r\n\x1a\n")
	jpegMagic = []byte{0xff, 0xd8, 0xff}
)

// Check looks at a picture's size, kind and sides, without unpacking it.
// Errors: errcode.PictureTooLarge (max), errcode.PictureInvalid.
func (l Limits) Check(raw []byte) error {
	if len(raw) > l.Bytes {
		return l.tooLarge()
	}
	_, err := l.decoder(raw)
	return err
}

func (l Limits) tooLarge() error { return errcode.Of(errcode.PictureTooLarge, "max", l.Bytes) }

// decoder reads kind and sides from the head of a picture. Kinds are told by their
// first bytes, never guessed.
func (l Limits) decoder(raw []byte) (decode func([]byte) (image.Image, error), err error) {
	var c image.Config
	switch {
	case bytes.HasPrefix(raw, pngMagic):
		c, err = png.DecodeConfig(bytes.NewReader(raw))
		decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	case bytes.HasPrefix(raw, jpegMagic):
		c, err = jpeg.DecodeConfig(bytes.NewReader(raw))
		decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	default:
		return nil, errcode.PictureInvalid
	}
	if err != nil {
		return nil, errcode.With(errcode.PictureInvalid, err)
	}
	if c.Width != c.Height || c.Width < l.Smallest || c.Width > l.Largest {
		return nil, errcode.PictureInvalid
	}
	return decode, nil
}

// pixels unpacks a picture, whose sides are bounded.
func (l Limits) pixels(raw []byte) (*image.NRGBA, error) {
	if len(raw) > l.Sent {
		return nil, l.tooLarge()
	}
	decode, err := l.decoder(raw)
	if err != nil {
		return nil, err
	}
	decoded, err := decode(raw)
	if err != nil {
		return nil, errcode.With(errcode.PictureInvalid, err)
	}
	drawn := image.NewNRGBA(image.Rect(0, 0, decoded.Bounds().Dx(), decoded.Bounds().Dy()))
	draw.Draw(drawn, drawn.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	return drawn, nil
}

// Redraw unpacks a picture and packs its pixels again: as a PNG where that is small
// enough, else as a JPEG on white.
// Errors: errcode.PictureTooLarge (max), errcode.PictureInvalid.
func (l Limits) Redraw(raw []byte) (out []byte, media string, err error) {
	drawn, err := l.pixels(raw)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		return nil, "", errcode.With(errcode.PictureInvalid, err)
	}
	if b.Len() <= l.Bytes {
		return b.Bytes(), "image/png", nil
	}
	out, err = pack(drawn, quality)
	return out, "image/jpeg", err
}

// JPEG unpacks a picture and packs its pixels as a JPEG on white, as good as its
// bytes allow. Errors: errcode.PictureTooLarge (max), errcode.PictureInvalid.
func (l Limits) JPEG(raw []byte) ([]byte, error) {
	drawn, err := l.pixels(raw)
	if err != nil {
		return nil, err
	}
	for q := quality; q >= 40; q -= 12 {
		out, err := pack(drawn, q)
		if err != nil || len(out) <= l.Bytes {
			return out, err
		}
	}
	return nil, l.tooLarge()
}

func pack(drawn *image.NRGBA, quality int) ([]byte, error) {
	white := image.NewRGBA(drawn.Bounds())
	draw.Draw(white, white.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(white, white.Bounds(), drawn, image.Point{}, draw.Over)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, white, &jpeg.Options{Quality: quality}); err != nil {
		return nil, errcode.With(errcode.PictureInvalid, err)
	}
	return b.Bytes(), nil
}
