package seal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/seal"
)

// scan is a red ring on paper that is not white everywhere.
func scan(w, h int, back color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, back)
			away := math.Hypot(float64(x-w/2), float64(y-h/2)) / float64(min(w, h))
			if away < 0.4 && away > 0.34 || away < 0.1 {
				m.Set(x, y, color.RGBA{uint8(200 + x%30), uint8(30 + y%40), 46, 255})
			}
		}
	}
	return m
}

func encoded(t testing.TB, m image.Image, as string) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	if as == "png" {
		err = png.Encode(&out, m)
	} else {
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: 80})
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTrace(t *testing.T) {
	for name, data := range map[string][]byte{
		"white paper": encoded(t, scan(400, 400, color.White), "png"), "gray paper": encoded(t, scan(400, 500, color.Gray{215}), "jpeg"),
		"none": encoded(t, scan(400, 400, color.Transparent), "png"), "large": encoded(t, scan(3000, 2500, color.White), "jpeg"),
	} {
		d, err := seal.Trace(data, 0, 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w := 42 * 72 / 25.4; math.Abs(d.Width-w) > 0.01 || math.Abs(d.Height-w) > 2 {
			t.Errorf("%s: %f x %f", name, d.Width, d.Height)
		}
		// A ring, its hole, and what is in the middle.
		pieces := 0
		for _, s := range d.Shape {
			if s.Op == glyph.Move {
				pieces++
			}
		}
		if pieces != 3 || len(d.Shape) > 2000 {
			t.Errorf("%s: %d pieces of %d lines", name, pieces, len(d.Shape))
		}
		again, err := seal.Read(d.PDF(), d.Width, d.Height)
		if err != nil || !bytes.Equal(again.PDF(), d.PDF()) || !bytes.Equal(again.SVG(), d.SVG()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := seal.Trace(encoded(t, scan(400, 400, color.White), "png"), 10, 0); !errors.Is(err, seal.ErrPicture) {
		t.Error("all of it is lighter than 10 in 100:", err)
	}
}

func TestNoSealInThePicture(t *testing.T) {
	blank := image.NewGray(image.Rect(0, 0, 100, 100))
	noise := image.NewGray(image.Rect(0, 0, 1000, 1000))
	seed := uint32(1)
	for i := range noise.Pix {
		seed = seed*1664525 + 1013904223
		noise.Pix[i] = byte(seed >> 24)
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("not a picture"), "all black": encoded(t, blank, "png"), "noise": encoded(t, noise, "png"),
		"small": encoded(t, image.NewGray(image.Rect(0, 0, 4, 4)), "png"), "cut": encoded(t, scan(400, 400, color.White), "png")[:900],
		"bomb": bomb(60_000, 60_000), "gif": []byte("GIF89a\x10\x00\x10\x00\x00\x00\x00"),
	} {
		if _, err := seal.Trace(data, 0, 0); !errors.Is(err, seal.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bomb is a PNG that says it is very large.
func bomb(w, h uint32) []byte {
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	head = append(head, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestTexture(t *testing.T) {
	fonts := glyph.System()
	if _, err := fonts.Glyph('章'); err != nil {
		t.Skipf("no Chinese font here: %v", err)
	}
	for name, design := range designs() {
		d, err := design.Draw(fonts)
		if err != nil {
			t.Fatal(err)
		}
		one, two := d.Textured(), d.Textured()
		if !bytes.Equal(one.PDF(), two.PDF()) {
			t.Errorf("%s: another one each time", name)
		}
		if len(one.Shape) < len(d.Shape)+35 {
			t.Errorf("%s: %d segments, %d before", name, len(one.Shape), len(d.Shape))
		}
		for _, x := range []seal.Drawing{d, one} {
			if back, err := seal.Read(x.PDF(), x.Width, x.Height); err != nil || !bytes.Equal(back.PDF(), x.PDF()) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if dir := os.Getenv("SEALS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+"-texture.svg"), one.SVG(), 0o600); err != nil {
				t.Fatal(err)
			}
			_ = exec.Command("rsvg-convert", "-w", "400", "-o", filepath.Join(dir, name+".png"), filepath.Join(dir, name+"-texture.svg")).Run()
		}
	}
}

func TestOnlyWhatIsWrittenIsRead(t *testing.T) {
	d, err := seal.Trace(encoded(t, scan(64, 64, color.White), "png"), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	good := d.PDF()
	for name, c := range map[string]struct {
		content []byte
		w, h    float64
	}{
		"another colour": {bytes.Replace(good, []byte("0.784"), []byte("0.000"), 1), d.Width, d.Height},
		"text besides":   {bytes.Replace(good, []byte("f\nQ\n"), []byte("f\nBT ET\nQ\n"), 1), d.Width, d.Height},
		"a picture":      {append([]byte("q /Im0 Do Q\n"), good...), d.Width, d.Height},
		"other spaces":   {bytes.Replace(good, []byte(" m\n"), []byte("  m\n"), 1), d.Width, d.Height},
		"other numbers":  {bytes.Replace(good, []byte(" m\n"), []byte(".0 m\n"), 1), d.Width, d.Height},
		"no box":         {good, 0, 0}, "a huge box": {good, 9000, 9000}, "not a number": {good, math.NaN(), d.Height}, "a small box": {good, 10, 10}, "nothing": {nil, 100, 100},
	} {
		if _, err := seal.Read(c.content, c.w, c.h); !errors.Is(err, seal.ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	d, err := seal.Trace(encoded(f, scan(64, 64, color.White), "png"), 0, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(d.PDF(), d.Width, d.Height)
	f.Fuzz(func(t *testing.T, content []byte, w, h float64) {
		if d, err := seal.Read(content, w, h); err == nil && !bytes.Equal(d.PDF(), content) {
			t.Fatal("what is read is written otherwise")
		}
	})
}

func FuzzTrace(f *testing.F) {
	f.Add(encoded(f, scan(32, 32, color.White), "png"), 0)
	f.Add(encoded(f, scan(32, 32, color.White), "jpeg"), 50)
	f.Fuzz(func(t *testing.T, data []byte, level int) {
		if head, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && head.Width*head.Height > 1<<16 {
			t.Skip("slow")
		}
		if d, err := seal.Trace(data, level, 0); err == nil {
			if _, err := seal.Read(d.PDF(), d.Width, d.Height); err != nil {
				t.Fatal(err)
			}
		}
	})
}
