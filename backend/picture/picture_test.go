package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"roundtable/backend/errcode"
	"roundtable/backend/picture"
)

var limits = picture.Limits{Bytes: 12 << 10, Sent: 1 << 20, Smallest: 16, Largest: 160}

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

// noise is what packs worst.
func noise(side int) image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	return m
}

// claims is a PNG whose head says other sides than it has: what a bomb looks like.
func claims(side uint32) []byte {
	raw := pngOf(image.NewGray(image.Rect(0, 0, 16, 16)))
	binary.BigEndian.PutUint32(raw[16:], side)
	binary.BigEndian.PutUint32(raw[20:], side)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

// withPlace puts an EXIF segment behind the head of a JPEG, as cameras do.
func withPlace(raw []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), []byte("GPSLatitude 30.2741 N")...)
	head := []byte{0xff, 0xe1, 0, byte(len(segment) + 2)}
	return bytes.Join([][]byte{raw[:2], head, segment, raw[2:]}, nil)
}

func TestBadPicturesAreRefused(t *testing.T) {
	for name, raw := range map[string][]byte{
		"nothing": nil, "one byte": {0xff}, "a GIF": []byte("GIF89a\x10\x00\x10\x00"), "an SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`),
		"one pixel": pngOf(image.NewGray(image.Rect(0, 0, 1, 1))), "not square": jpegOf(image.NewGray(image.Rect(0, 0, 32, 16))),
		"too many pixels": pngOf(image.NewGray(image.Rect(0, 0, 161, 161))), "30,000 pixels": claims(30_000), "a bomb": claims(1 << 30),
		"cut off": jpegOf(noise(64))[:300],
	} {
		if out, media, err := limits.Redraw(raw); !errors.Is(err, errcode.PictureInvalid) || out != nil {
			t.Errorf("%s: %d bytes of %s, %v", name, len(out), media, err)
		}
		if out, err := limits.JPEG(raw); !errors.Is(err, errcode.PictureInvalid) || out != nil {
			t.Errorf("%s as JPEG: %d bytes, %v", name, len(out), err)
		}
	}
	long := append(pngOf(image.NewGray(image.Rect(0, 0, 16, 16))), make([]byte, limits.Sent)...)
	if _, err := limits.JPEG(long); !errors.Is(err, errcode.PictureTooLarge) {
		t.Errorf("a megabyte: %v", err)
	}
	if err := limits.Check(jpegOf(noise(160))); !errors.Is(err, errcode.PictureTooLarge) {
		t.Errorf("more bytes than are kept: %v", err)
	}
}

func TestNothingButPixelsGoesAlong(t *testing.T) {
	raw := withPlace(jpegOf(image.NewGray(image.Rect(0, 0, 64, 64))))
	if _, err := jpeg.Decode(bytes.NewReader(raw)); err != nil {
		t.Fatalf("the test's own picture: %v", err)
	}
	out, _, err := limits.Redraw(raw)
	packed, err2 := limits.JPEG(raw)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("GPS")) || bytes.Contains(packed, []byte("GPS")) {
		t.Error("where it was taken went along")
	}
}

func TestAJPEGFitsAndIsOnWhite(t *testing.T) {
	out, err := limits.JPEG(pngOf(noise(160)))
	if err != nil || len(out) > limits.Bytes || limits.Check(out) != nil {
		t.Errorf("noise: %d bytes, %v", len(out), err)
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	if out, err = limits.JPEG(pngOf(clear)); err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if got := color.GrayModel.Convert(m.At(8, 8)).(color.Gray).Y; got < 250 {
		t.Errorf("what shines through is %d, not white", got)
	}
}

// FuzzRedraw: no bytes make a picture that is not small and square, or stop the program.
func FuzzRedraw(f *testing.F) {
	f.Add(pngOf(image.NewNRGBA(image.Rect(0, 0, 16, 16))))
	f.Add(jpegOf(image.NewGray(image.Rect(0, 0, 160, 160))))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xdb})
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, media, err := limits.Redraw(raw)
		if err == nil {
			holds(t, out, media)
		}
		if out, err = limits.JPEG(raw); err == nil {
			holds(t, out, "image/jpeg")
		}
	})
}

func holds(t *testing.T, out []byte, media string) {
	t.Helper()
	c, kind, err := image.DecodeConfig(bytes.NewReader(out))
	if err != nil || "image/"+kind != media || c.Width != c.Height || c.Width > limits.Largest {
		t.Fatalf("%s of %dx%d: %v", media, c.Width, c.Height, err)
	}
}
