package chat

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"roundtable/backend/errcode"
)

const (
	// maxPicture bounds a picture's bytes (64 KiB), maxPictureSent those of one that is given to be drawn anew.
	maxPicture     = 64 << 10
	maxPictureSent = 1 << 20
	// A picture is a square of so many pixels a side.
	minPictureSide = 16
	maxPictureSide = 512
	jpegQuality    = 88
)

var (
	pngMagic  = []byte("\x89PNG\r\n\x1a\n")
	jpegMagic = []byte{0xff, 0xd8, 0xff}
)

// checkPicture looks at a picture's size, kind and sides, without unpacking it.
// Errors: errcode.PictureTooLarge (max), errcode.PictureInvalid.
func checkPicture(raw []byte) error {
	if len(raw) > maxPicture {
		return errcode.Of(errcode.PictureTooLarge, "max", maxPicture)
	}
	_, err := sides(raw)
	return err
}

// sides reads kind and sides from the head of a picture. Kinds are told by their first
// bytes, never guessed: there is no way in for SVG.
func sides(raw []byte) (decode func([]byte) (image.Image, error), err error) {
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
	if c.Width != c.Height || c.Width < minPictureSide || c.Width > maxPictureSide {
		return nil, errcode.PictureInvalid
	}
	return decode, nil
}

// redraw unpacks a picture, whose sides are bounded, and packs its pixels again: as a
// PNG where it is small or lets something shine through, else as a JPEG.
func redraw(raw []byte) (out []byte, media string, err error) {
	if len(raw) > maxPictureSent {
		return nil, "", errcode.Of(errcode.PictureTooLarge, "max", maxPicture)
	}
	decode, err := sides(raw)
	if err != nil {
		return nil, "", err
	}
	decoded, err := decode(raw)
	if err != nil {
		return nil, "", errcode.With(errcode.PictureInvalid, err)
	}
	drawn := image.NewNRGBA(image.Rect(0, 0, decoded.Bounds().Dx(), decoded.Bounds().Dy()))
	draw.Draw(drawn, drawn.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		return nil, "", errcode.With(errcode.PictureInvalid, err)
	}
	if b.Len() <= maxPicture {
		return b.Bytes(), "image/png", nil
	}
	b.Reset()
	white := image.NewRGBA(drawn.Bounds())
	draw.Draw(white, white.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(white, white.Bounds(), drawn, image.Point{}, draw.Over)
	if err := jpeg.Encode(&b, white, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, "", errcode.With(errcode.PictureInvalid, err)
	}
	return b.Bytes(), "image/jpeg", nil
}
