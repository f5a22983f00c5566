package chat

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil)
	return b.Bytes()
}

// FuzzPicture: no bytes make a picture that is not small and square, or stop the program.
func FuzzPicture(f *testing.F) {
	f.Add(pngOf(image.NewNRGBA(image.Rect(0, 0, 16, 16))))
	f.Add(jpegOf(image.NewGray(image.Rect(0, 0, 512, 512))))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xdb})
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, media, err := redraw(raw)
		if err != nil {
			return
		}
		c, kind, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || "image/"+kind != media || c.Width != c.Height || c.Width > 512 {
			t.Fatalf("%s of %dx%d: %v", media, c.Width, c.Height, err)
		}
	})
}
