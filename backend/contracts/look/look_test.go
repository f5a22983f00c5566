package look_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/look"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/seal"
)

// onPage draws a look as page 1 of a document of its size, by MuPDF, and gives the picture, 4 dots a point.
func onPage(t *testing.T, l *pades.Look) image.Image {
	t.Helper()
	if _, err := exec.LookPath("mutool"); err != nil {
		t.Skip("mutool is not installed")
	}
	data, err := os.ReadFile(filepath.Join("..", "pades", "testdata", "libreoffice.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	form, err := l.Form(u, 0)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := f.Pages()
	if err != nil {
		t.Fatal(err)
	}
	d, err := u.Dict(pages[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	d["MediaBox"] = pdf.Rect([4]float64{0, 0, l.Width, l.Height})
	d["Resources"] = pdf.Dict{"XObject": pdf.Dict{"L": form}}
	d["Contents"] = u.Add(&pdf.Stream{Dict: pdf.Dict{}, Data: []byte("/L Do")})
	delete(d, "Annots")
	delete(d, "CropBox")
	u.Set(pages[0].Ref, d)
	tail, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.png")
	if err := os.WriteFile(in, append(data, tail...), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), "mutool", "draw", "-q", "-r", "288", "-o", out, in, "1").CombinedOutput(); err != nil || strings.Contains(string(said), "error") {
		t.Fatalf("%v %s", err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("LOOK_KEEP"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "_")+".png"), b, 0o600)
	}
	p, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dark is the box of what is not white, in points from the lower left corner.
func dark(p image.Image) (box [4]float64) {
	r := image.Rectangle{}
	for y := p.Bounds().Min.Y; y < p.Bounds().Max.Y; y++ {
		for x := p.Bounds().Min.X; x < p.Bounds().Max.X; x++ {
			if g, _, _, _ := color.GrayModel.Convert(p.At(x, y)).RGBA(); g < 0xa000 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	h := float64(p.Bounds().Max.Y)
	return [4]float64{float64(r.Min.X) / 4, (h - float64(r.Max.Y)) / 4, float64(r.Max.X) / 4, (h - float64(r.Min.Y)) / 4}
}

func near(a, b [4]float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1.5 {
			return false
		}
	}
	return true
}

func TestDrawn(t *testing.T) {
	// A flat stroke, twice as wide as high, falling to the right; its box is four times as wide as high.
	l, err := look.Drawn("M 100 50 L 200 75 L 300 150 M 150 60 L 150 60", 400, 200)
	if err != nil {
		t.Fatal(err)
	}
	fitted := look.Fit(l, look.Box{Width: 160, Height: 40}, true)
	p := onPage(t, fitted)
	if got, want := dark(p), [4]float64{42, 0.5, 118, 39.5}; !near(got, want) {
		t.Errorf("drawn in %v, not %v", got, want)
	}
	if r, _, _, _ := p.At(44*4, 4*4).RGBA(); r < 0x8000 {
		t.Error("it is upside down")
	}
	for _, bad := range []string{"", "L 1 1", "M 1 1", "M 1", "M 1 1 L 1e3 4", "m 1 1 l 90 90", "M 1 1 L NaN 1", "M 1 1 L 9999 1", "M 1 1 Q 3 3 9 9", "M 1,1 L 80,80", strings.Repeat("M 1 1 L 99 99 ", 2000), strings.Repeat("L 1 1 ", 1<<17)} {
		if _, err := look.Drawn(bad, 100, 100); !errors.Is(err, look.ErrLook) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, err := look.Drawn("M 0 0 L 9 9", math.Inf(1), 9); !errors.Is(err, look.ErrLook) {
		t.Error("an endless box", err)
	}
}

func TestTyped(t *testing.T) {
	l, err := look.Typed("李𠮷䶮𬭎", glyph.System())
	if errors.Is(err, glyph.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	captioned, err := look.Caption(l, "李𠮷䶮𬭎 2026-11-28", glyph.System(), look.Box{Width: 120, Height: 40})
	if err != nil {
		t.Fatal(err)
	}
	if got := dark(onPage(t, captioned)); got[0] > 20 || got[1] > 3 || got[2] < 100 || got[3] < 37 {
		t.Errorf("drawn in %v", got)
	}
	for _, bad := range []string{"", " ", strings.Repeat("a", 61), "a\nb", "\xff"} {
		if _, err := look.Typed(bad, glyph.System()); !errors.Is(err, look.ErrLook) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSealKeepsItsSize(t *testing.T) {
	d := seal.Drawing{Width: 50, Height: 50, Shape: glyph.Circle(25, 25, 25, 25)}
	if got, want := dark(onPage(t, look.Fit(look.Seal(d), look.Box{Width: 120, Height: 120}, false))), [4]float64{35, 35, 85, 85}; !near(got, want) {
		t.Errorf("drawn in %v, not %v", got, want)
	}
	if got, want := dark(onPage(t, look.Fit(look.Seal(d), look.Box{Width: 120, Height: 30}, false))), [4]float64{45, 0, 75, 30}; !near(got, want) {
		t.Errorf("drawn in %v, not %v", got, want)
	}
}

// photo is ink on paper that lies in a shadow at one side.
func photo() *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, 1200, 600))
	for y := range 600 {
		for x := range 1200 {
			shade := uint8(235 - x/60)
			p.Set(x, y, color.RGBA{shade, shade, shade - 4, 255})
			if y > 250 && y < 290 && x > 300 && x < 900 {
				p.Set(x, y, color.RGBA{25, 30, 90, 255})
			}
		}
	}
	return p
}

// exif says that a camera lay on its side.
const exif = "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"

func TestPicture(t *testing.T) {
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, photo()), jpeg.Encode(&asJPEG, photo(), nil)); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"png": asPNG.Bytes(), "jpeg": asJPEG.Bytes()} {
		t.Run(name, func(t *testing.T) {
			l, err := look.Picture(data)
			if err != nil {
				t.Fatal(err)
			}
			// 600 by 40 pixels of ink are left of the paper.
			if by := l.Width / l.Height; by < 12 || by > 17 {
				t.Errorf("%g by %g", l.Width, l.Height)
			}
			p := onPage(t, look.Fit(l, look.Box{Width: 120, Height: 40}, true))
			if r, g, b, _ := p.At(240, 80).RGBA(); b < r || b < g || r > 0x5000 {
				t.Errorf("the ink is %x %x %x", r, g, b)
			}
			if r, _, _, _ := p.At(240, 20).RGBA(); r != 0xffff {
				t.Errorf("the paper is seen: %x", r)
			}
		})
	}
	// Held on its side, and in a light that comes from one side.
	shaded := photo()
	for y := range 600 {
		for x := range 1200 {
			c, dim := shaded.RGBAAt(x, y), func(v uint8) uint8 { return uint8(int(v) * (600 + x) / 1800) }
			shaded.SetRGBA(x, y, color.RGBA{dim(c.R), dim(c.G), dim(c.B), 255})
		}
	}
	var side bytes.Buffer
	if err := jpeg.Encode(&side, shaded, nil); err != nil {
		t.Fatal(err)
	}
	l, err := look.Picture(append([]byte("\xff\xd8"+exif), side.Bytes()[2:]...))
	if err != nil {
		t.Fatal(err)
	}
	if by := l.Height / l.Width; by < 11 || by > 18 {
		t.Errorf("on its side: %g by %g", l.Width, l.Height)
	}
	var blank bytes.Buffer
	if err := png.Encode(&blank, image.NewGray(image.Rect(0, 0, 50, 50))); err != nil {
		t.Fatal(err)
	}
	if _, err := look.Picture(blank.Bytes()); !errors.Is(err, look.ErrLook) {
		t.Error("a picture of one colour", err)
	}
	// A picture that says it is huge, and one that ends early.
	bomb := bytes.Clone(asPNG.Bytes())
	copy(bomb[16:], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff})
	for _, bad := range [][]byte{bomb, asJPEG.Bytes()[:3000], []byte("GIF89a"), nil} {
		if _, err := look.Picture(bad); !errors.Is(err, look.ErrLook) {
			t.Errorf("%.8q: %v", bad, err)
		}
	}
}

func FuzzDrawn(f *testing.F) {
	f.Add("M 1 2 L 30 40 L 50 20 M 9 9", 100.0, 50.0)
	f.Fuzz(func(t *testing.T, path string, w, h float64) {
		l, err := look.Drawn(path, w, h)
		if err != nil {
			return
		}
		if !(l.Width > 0 && l.Height > 0) || bytes.Contains(l.Content, []byte("NaN")) || bytes.Contains(l.Content, []byte("Inf")) {
			t.Fatalf("%g by %g: %s", l.Width, l.Height, l.Content)
		}
	})
}

func FuzzPicture(f *testing.F) {
	small := image.NewNRGBA(image.Rect(0, 0, 8, 6))
	small.Set(3, 3, color.NRGBA{0, 0, 0, 255})
	for y := range 4 {
		for x := range 4 {
			small.Set(x, y, color.NRGBA{9, 9, 9, 255})
		}
	}
	var b, c bytes.Buffer
	if err := errors.Join(png.Encode(&b, small), jpeg.Encode(&c, small, nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(c.Bytes())
	f.Add(append([]byte("\xff\xd8"+exif), c.Bytes()[2:]...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := look.Picture(data); err == nil && !(l.Width > 0 && l.Height > 0) {
			t.Fatalf("%g by %g", l.Width, l.Height)
		}
	})
}
