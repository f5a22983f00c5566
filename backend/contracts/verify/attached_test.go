package verify_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"strings"
	"testing"
	"time"

	"roundtable/backend/contracts/form"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

func TestAttachedIn(t *testing.T) {
	a := verify.Attached{Field: "f", Name: "营业执照 (SHA-256 旧).pdf", SHA256: sha256.Sum256([]byte("licence"))}
	if back, is := verify.AttachedIn("f", a.Value()); !is || back != a {
		t.Errorf("%q is read as %+v", a.Value(), back)
	}
	for _, other := range []string{"", "营业执照.pdf", "(SHA-256 )", "a (SHA-256 abcd)", strings.ToUpper(a.Value()), a.Value() + " ", " (SHA-256 " + strings.Repeat("0", 64) + ")"} {
		if a, is := verify.AttachedIn("f", other); is {
			t.Errorf("%q is read as %+v", other, a)
		}
	}
}

// A field that names a file is told of with the signature that is over it.
func TestAttachedFiles(t *testing.T) {
	d := newDesk(t)
	data, err := os.ReadFile("../pades/testdata/libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	step := func(do func(f *pdf.File, out *bytes.Buffer) error) {
		t.Helper()
		var out bytes.Buffer
		if err := do(open(t, data), &out); err != nil {
			t.Fatal(err)
		}
		data = out.Bytes()
	}
	step(func(f *pdf.File, out *bytes.Buffer) error {
		var all []form.Field
		for i, name := range []string{"one", "two"} {
			all = append(all, form.Field{Name: name, Kind: form.Text, Place: pades.Place{Page: 1, X: 60, Y: 60 + float64(40*i), Width: 150, Height: 28}})
		}
		_, err := form.Place(f, out, all)
		return err
	})
	one := verify.Attached{Field: "one", Name: "a.pdf", SHA256: sha256.Sum256([]byte("a")), By: 2}
	two := verify.Attached{Field: "two", Name: "b.pdf", SHA256: sha256.Sum256([]byte("b"))}
	fill := func(a verify.Attached) {
		t.Helper()
		step(func(f *pdf.File, out *bytes.Buffer) error {
			_, err := form.Fill(f, out, []form.Value{{Name: a.Field, Text: a.Value(), Shown: []form.Shown{{Text: a.Value(), Least: 11}, {Text: a.Name}}}}, glyph.System())
			return err
		})
	}
	data = d.signs(data, pades.Request{Field: "first", At: time.Now(), Certify: pades.FillForms})
	fill(one)
	data = d.signs(data, pades.Request{Field: "second", At: time.Now()})
	fill(two)
	got := d.checks(data).Attached
	if len(got) != 2 || got[0] != one || got[1] != two {
		t.Errorf("told of %+v", got)
	}
}
