package verify_test

import (
	"slices"
	"testing"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
	"roundtable/backend/contracts/verify"
)

// A signature closes the fields that it names, and no others; also the one that says what may change at all.
func TestClosedFields(t *testing.T) {
	d := newDesk(t)
	fill := func(_ *pdf.File, u *pdf.Update) {
		p, _ := u.Dict(ref(9))
		p["V"] = pdf.Text("上海")
		u.Set(ref(9), p)
	}
	for _, certify := range []pades.Changes{pades.Uncertified, pades.FillForms} {
		for _, name := range []string{"city", "sum"} {
			data := d.signs(contract(), pades.Request{Field: "甲方", Certify: certify, Lock: []string{name}})
			if s := d.checks(data).Signatures[0]; !s.Valid() || s.Allows != int(certify) {
				t.Errorf("certify %d, closed %s: %+v", certify, name, s)
			}
			s := d.checks(edits(t, data, fill)).Signatures[0]
			filled := slices.ContainsFunc(s.Changes, func(c verify.Change) bool { return c.Kind == verify.FieldFilled && c.Matters })
			if want := name == "city"; filled != want || s.Valid() == want {
				t.Errorf("certify %d, closed %s: %+v", certify, name, s)
			}
		}
	}
}
