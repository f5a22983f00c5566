package pades_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
)

// A seal is cut over the pages, which are fanned out to the right: the first shows the left slice. Turned pages, too.
func TestStraddle(t *testing.T) {
	o := newOffice(t)
	for _, name := range []string{"libreoffice.pdf", "objstm.pdf", "rot90.pdf", "rot180.pdf", "rot270.pdf", "chromium.pdf"} {
		t.Run(name, func(t *testing.T) {
			// The left half of the seal is red, the right half blue.
			seal := pades.Look{Width: 80, Height: 60, Content: []byte("1 0 0 rg 0 0 40 60 re f 0 0 1 rg 40 0 40 60 re f")}
			var out bytes.Buffer
			if _, err := pades.Straddle(open(t, sample(t, name)), &out, seal, 100); err != nil {
				t.Fatal(err)
			}
			data := signed(t, out.Bytes(), o.person(t, "李", p256(t)), pades.Request{Field: "a", At: time.Now()})
			judge(t, data, 1)
			if _, err := pades.Straddle(open(t, data), &out, seal, 100); !errors.Is(err, pades.ErrSigned) {
				t.Errorf("a signed file: %v", err)
			}
			for page, want := range [][3]uint8{{255, 0, 0}, {0, 0, 255}} {
				picture := drawn(t, data, page+1)
				b := picture.Bounds()
				// 72 dots an inch: a dot is a point. The slice is 40 wide, from 100 to 160 below the upper edge.
				for _, at := range [][2]int{{b.Max.X - 3, 103}, {b.Max.X - 37, 157}} {
					if got := rgb(picture, at[0], at[1]); got != want {
						t.Errorf("page %d at %v: %v, not %v", page+1, at, got, want)
					}
				}
				if got := rgb(picture, b.Max.X-44, 130); got != [3]uint8{255, 255, 255} {
					t.Errorf("page %d beside the slice: %v", page+1, got)
				}
			}
		})
	}
}

func rgb(p image.Image, x, y int) [3]uint8 {
	r, g, b, _ := p.At(x, y).RGBA()
	return [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
}

// drawn is a page as MuPDF draws it.
func drawn(t *testing.T, data []byte, page int) image.Image {
	t.Helper()
	dir := t.TempDir()
	in, picture := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.png")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := tool(t, "mutool", "draw", "-q", "-r", "72", "-o", picture, in, string(rune('0'+page))); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What is drawn in a field stands upright on pages that are turned.
func TestUpright(t *testing.T) {
	o := newOffice(t)
	for _, name := range []string{"libreoffice.pdf", "rot90.pdf", "rot180.pdf", "rot270.pdf"} {
		look := &pades.Look{Width: 100, Height: 40, Content: []byte("1 0 0 rg 0 20 50 20 re f")} // the upper left quarter
		data := signed(t, sample(t, name), o.person(t, "李", p256(t)), pades.Request{
			Field: "a", Place: pades.Place{Page: 1, X: 60, Y: 300, Width: 100, Height: 40}, Look: look, At: time.Now(),
		})
		p := drawn(t, data, 1)
		red, white := [3]uint8{255, 0, 0}, [3]uint8{255, 255, 255}
		for at, want := range map[[2]int][3]uint8{{65, 305}: red, {105, 315}: red, {115, 305}: white, {65, 325}: white, {155, 335}: white} {
			if got := rgb(p, at[0], at[1]); got != want {
				t.Errorf("%s at %v: %v", name, at, got)
			}
		}
	}
}
