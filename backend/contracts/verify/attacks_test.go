package verify_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

func ref(n uint32) pdf.Ref { return pdf.Ref{Num: n} }

// What is done to a file after it was signed is caught and named, although the signed bytes are untouched.
func TestChangesAreNamed(t *testing.T) {
	d := newDesk(t)
	data := d.signs(contract(), pades.Request{Field: "甲方", Place: pades.Place{Page: 2, X: 10, Y: 10, Width: 80, Height: 30}, Look: &pades.Look{Width: 9, Height: 9, Content: []byte("n")}})
	change := func(u *pdf.Update, n uint32, do func(pdf.Dict)) {
		o, err := u.Dict(ref(n))
		if err != nil {
			t.Fatal(err)
		}
		do(o)
		u.Set(ref(n), o)
	}
	text := func(s string) *pdf.Stream {
		return &pdf.Stream{Dict: pdf.Dict{}, Data: []byte("BT /F1 24 Tf 72 700 Td (" + s + ") Tj ET")}
	}
	for name, c := range map[string]struct {
		do   func(*pdf.File, *pdf.Update)
		want verify.Change
	}{
		"content swapped": {func(_ *pdf.File, u *pdf.Update) { u.Set(ref(5), text("The price is 900")) },
			verify.Change{Kind: verify.ContentChanged, Page: 1, Matters: true}},
		"page swapped": {func(_ *pdf.File, u *pdf.Update) {
			page := u.Add(pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "Contents": u.Add(text("Other"))})
			change(u, 2, func(p pdf.Dict) { p["Kids"] = pdf.Array{ref(3), page} })
		}, verify.Change{Kind: verify.PageReplaced, Page: 2, Matters: true}},
		"pages in another order": {func(_ *pdf.File, u *pdf.Update) {
			change(u, 2, func(p pdf.Dict) { p["Kids"] = pdf.Array{ref(4), ref(3)} })
		}, verify.Change{Kind: verify.PageReplaced, Page: 1, Matters: true}},
		"page added": {func(_ *pdf.File, u *pdf.Update) {
			page := u.Add(pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "Contents": u.Add(text("More"))})
			change(u, 2, func(p pdf.Dict) { p["Kids"], p["Count"] = pdf.Array{ref(3), ref(4), page}, pdf.Int(3) })
		}, verify.Change{Kind: verify.PageAdded, Page: 3, Matters: true}},
		"page removed": {func(_ *pdf.File, u *pdf.Update) {
			change(u, 2, func(p pdf.Dict) { p["Kids"], p["Count"] = pdf.Array{ref(4)}, pdf.Int(1) })
		}, verify.Change{Kind: verify.PageRemoved, Page: 1, Matters: true}},
		"overlay": {func(_ *pdf.File, u *pdf.Update) {
			u.Set(ref(8), pdf.Array{ref(9), ref(10), u.Add(pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("FreeText"), "Rect": pdf.Rect([4]float64{0, 0, 99, 99})})})
		}, verify.Change{Kind: verify.AnnotationAdded, Page: 1, Subject: "FreeText", Matters: true}},
		"shadow: a font replaced": {func(_ *pdf.File, u *pdf.Update) { change(u, 7, func(p pdf.Dict) { p["BaseFont"] = pdf.Name("Evil") }) },
			verify.Change{Kind: verify.ContentChanged, Page: 1, Matters: true}},
		"shadow: content that was prepared": {func(_ *pdf.File, u *pdf.Update) { u.Set(ref(12), text("000")) },
			verify.Change{Kind: verify.ContentChanged, Page: 1, Matters: true}},
		"shadow: another catalog": {func(f *pdf.File, u *pdf.Update) {
			c, _ := f.Catalog()
			f.Trailer["Root"] = u.Add(c)
		}, verify.Change{Kind: verify.CatalogReplaced, Matters: true}},
		"the box of a page": {func(_ *pdf.File, u *pdf.Update) {
			change(u, 2, func(p pdf.Dict) { p["MediaBox"] = pdf.Rect([4]float64{0, 0, 100, 100}) })
		}, verify.Change{Kind: verify.ContentChanged, Page: 1, Subject: "MediaBox", Matters: true}},
		"a sum changed": {func(_ *pdf.File, u *pdf.Update) { change(u, 10, func(p pdf.Dict) { p["V"] = pdf.Text("900") }) },
			verify.Change{Kind: verify.FieldChanged, Page: 1, Subject: "sum", Before: "100", After: "900", Matters: true}},
		"the look of a sum": {func(_ *pdf.File, u *pdf.Update) { u.Set(ref(11), text("900")) },
			verify.Change{Kind: verify.LookChanged, Page: 1, Subject: "sum", Matters: true}},
		"an empty field filled": {func(_ *pdf.File, u *pdf.Update) { change(u, 9, func(p pdf.Dict) { p["V"] = pdf.Text("上海") }) },
			verify.Change{Kind: verify.FieldFilled, Page: 1, Subject: "city", After: "上海"}},
		"a field taken away": {func(_ *pdf.File, u *pdf.Update) {
			change(u, 1, func(p pdf.Dict) {
				f, _ := u.Dict(p["AcroForm"])
				f["Fields"] = f["Fields"].(pdf.Array)[1:]
				p["AcroForm"] = f
			})
		}, verify.Change{Kind: verify.FieldRemoved, Subject: "city", Matters: true}},
		"scripts": {func(_ *pdf.File, u *pdf.Update) {
			change(u, 1, func(p pdf.Dict) { p["OpenAction"] = pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.Text("x")} })
		}, verify.Change{Kind: verify.DocumentChanged, Subject: "OpenAction", Matters: true}},
		"layers": {func(_ *pdf.File, u *pdf.Update) { change(u, 1, func(p pdf.Dict) { p["OCProperties"] = pdf.Dict{} }) },
			verify.Change{Kind: verify.DocumentChanged, Subject: "OCProperties", Matters: true}},
		"title": {func(f *pdf.File, u *pdf.Update) { f.Trailer["Info"] = u.Add(pdf.Dict{"Title": pdf.Text("x")}) },
			verify.Change{Kind: verify.InfoChanged, Subject: "Info"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := edits(t, data, c.do)
			s := d.checks(out).Signatures[0]
			if s.Integrity != verify.Intact || s.Whole || !slices.Contains(s.Changes, c.want) || s.Valid() == c.want.Matters {
				t.Errorf("%+v", s)
			}
			// Who signs over it afterwards does not make it good for the first.
			s = d.checks(d.signsAs(out, d.person("王"), pades.Request{Field: "乙方"})).Signatures[0]
			if !slices.Contains(s.Changes, c.want) || s.Valid() == c.want.Matters {
				t.Errorf("signed over: %+v", s)
			}
		})
	}
}

// The look of a signature that was made stays as it is.
func TestLookOfASignature(t *testing.T) {
	d := newDesk(t)
	place := pades.Place{Page: 2, X: 10, Y: 10, Width: 80, Height: 30}
	data := d.signs(contract(), pades.Request{Field: "甲方", Place: place, Look: &pades.Look{Width: 9, Height: 9, Content: []byte("n")}})
	out := edits(t, data, func(f *pdf.File, u *pdf.Update) {
		for n := range f.Objects() {
			if w, err := u.Dict(ref(n)); err == nil && w["FT"] == pdf.Name("Sig") {
				w["AP"] = pdf.Dict{"N": u.Add(&pdf.Stream{Dict: pdf.Dict{"Subtype": pdf.Name("Form")}, Data: []byte("x")})}
				u.Set(ref(n), w)
			}
		}
	})
	want := verify.Change{Kind: verify.LookChanged, Page: 2, Subject: "甲方", Matters: true}
	if s := d.checks(out).Signatures[0]; !slices.Contains(s.Changes, want) || s.Valid() {
		t.Errorf("%+v", s)
	}
}

func TestCertified(t *testing.T) {
	d := newDesk(t)
	fill := func(_ *pdf.File, u *pdf.Update) {
		p, _ := u.Dict(ref(9))
		p["V"] = pdf.Text("上海")
		u.Set(ref(9), p)
	}
	for level, valid := range map[pades.Changes]bool{pades.NoChanges: false, pades.FillForms: true, pades.FillAndComment: true} {
		data := d.signs(contract(), pades.Request{Field: "甲方", Certify: level})
		s := d.checks(edits(t, data, fill)).Signatures[0]
		if s.Valid() != valid || s.Allows != int(level) {
			t.Errorf("%d: %+v", level, s)
		}
	}
}

// What makes a signature no signature.
func TestBroken(t *testing.T) {
	d := newDesk(t)
	good := d.signs(contract(), pades.Request{Field: "甲方", At: time.Now()})
	r := regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\]`).FindSubmatch(good)
	at := func(i int) int { n, _ := strconv.Atoi(string(r[i])); return n }
	from, to, rest := at(1), at(2), at(3)
	ranged := func(data []byte, a, b, c int) []byte {
		old := r[0]
		now := fmt.Appendf(nil, "/ByteRange [0 %d %d %d]", a, b, c)
		for len(now) < len(old) {
			now = append(now, ' ')
		}
		return bytes.Replace(data, old, now[:len(old)], 1)
	}
	flip := func(i int) []byte { out := bytes.Clone(good); out[i] ^= 1; return out }
	for name, c := range map[string]struct {
		data []byte
		want []verify.Why
	}{
		"flipped byte":             {flip(bytes.Index(good, []byte("price"))), []verify.Why{verify.BytesChanged}},
		"flipped byte behind":      {flip(to + 30), []verify.Why{verify.BytesChanged}},
		"flipped bit of the value": {flip(from + 700), []verify.Why{verify.ValueBroken, verify.Malformed, verify.BytesChanged, verify.NoCertificate, verify.CertificateNot, verify.UnknownAlgorithm, verify.HoleFilled}},
		"shorter range":            {ranged(good, from, to, rest-20), []verify.Why{verify.RangeShort, verify.BytesChanged}},
		"hole begins early":        {ranged(good, from-10, to, rest), []verify.Why{verify.HoleFilled}},
		"hole ends late":           {ranged(good, from, to+10, rest-10), []verify.Why{verify.HoleFilled}},
		"begins later":             {bytes.Replace(good, []byte("/ByteRange [0 "), []byte("/ByteRange [9 "), 1), []verify.Why{verify.RangeOdd}},
		"beyond the end":           {ranged(good, from, to, rest+1), []verify.Why{verify.RangeOdd}},
		"cut off":                  {append(bytes.Clone(good[:to]), "\n%%EOF"...), []verify.Why{verify.RangeOdd}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := verify.File(bytes.NewReader(c.data), int64(len(c.data)), d.trust)
			if err != nil {
				return // not even a file
			}
			for _, s := range report.Signatures {
				if s.Integrity == verify.Intact || s.Valid() || !slices.Contains(c.want, s.Why) {
					t.Errorf("%s %s: %+v", s.Integrity, s.Why, s)
				}
			}
		})
	}
}

// A signature that was put into another field, or into a file around it, is not one of that file.
func TestWrapped(t *testing.T) {
	d := newDesk(t)
	good := d.signs(contract(), pades.Request{Field: "甲方"})
	moved := edits(t, good, func(f *pdf.File, u *pdf.Update) {
		c, _ := u.Dict(ref(1))
		form, _ := u.Dict(c["AcroForm"])
		var value pdf.Object
		for n := range f.Objects() {
			if w, err := u.Dict(ref(n)); err == nil && w["FT"] == pdf.Name("Sig") {
				value = w["V"]
			}
		}
		field := u.Add(pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.Text("董事长"), "V": value})
		form["Fields"] = append(form["Fields"].(pdf.Array), field)
		c["AcroForm"] = form
		u.Set(ref(1), c)
	})
	for _, s := range d.checks(moved).Signatures {
		if s.Field == "董事长" && (s.Why != verify.Wrapped || s.Valid()) {
			t.Errorf("%+v", s)
		}
	}
}

func TestNoPDF(t *testing.T) {
	for _, data := range []string{"", "hello", "%PDF-1.7\n", "%PDF-1.7\n" + string(make([]byte, 5000))} {
		if _, err := verify.File(bytes.NewReader([]byte(data)), int64(len(data)), verify.Trust{}); err == nil {
			t.Errorf("%.10q is taken", data)
		}
	}
	_, err := verify.File(bytes.NewReader([]byte("hello")), 5, verify.Trust{})
	if !errors.Is(err, pdf.ErrNotPDF) {
		t.Error(err)
	}
}
