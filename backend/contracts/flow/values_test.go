package flow_test

import (
	"testing"

	"roundtable/backend/contracts/flow"
)

func TestNumbersOfPeopleAndCompanies(t *testing.T) {
	for text, want := range map[string]bool{
		"11010519491231002X": true, "11010519491231002x": true, "440524188001010014": true,
		"110105194912310021": false, "11010519491331002X": false, "1101051949123100": false, "": false, "1101051949123100２X": false,
	} {
		if flow.IDCard(text) != want {
			t.Errorf("identity number %q: %v", text, !want)
		}
	}
	for text, want := range map[string]bool{
		"91350100M000100Y43": true, "91110108551385082Q": true, "91440300708461136T": true,
		"91350100M000100Y44": false, "91350100M000100I43": false, "91350100m000100y43": false, "": false,
	} {
		if flow.CreditCode(text) != want {
			t.Errorf("credit code %q: %v", text, !want)
		}
	}
}

func TestValues(t *testing.T) {
	f := func(kind flow.FieldType, change func(*flow.Field)) flow.Field {
		x := flow.Field{ID: "f", Type: kind, Party: 1, Page: 1}
		if change != nil {
			change(&x)
		}
		return x
	}
	required := func(x *flow.Field) { x.Required = true }
	for _, c := range []struct {
		field flow.Field
		value string
		want  flow.Fault
	}{
		{f(flow.Text, required), "", flow.Missing},
		{f(flow.Text, nil), "", flow.Fine},
		{f(flow.Text, func(x *flow.Field) { x.MaxLength = 2 }), "甲乙丙", flow.Invalid},
		{f(flow.Text, func(x *flow.Field) { x.Format = "email" }), "li@example.com", flow.Fine},
		{f(flow.Text, func(x *flow.Field) { x.Format = "email" }), "Li <li@example.com>", flow.Invalid},
		{f(flow.Text, func(x *flow.Field) { x.Format = "phone" }), "+86 138-0013-8000", flow.Fine},
		{f(flow.Text, func(x *flow.Field) { x.Format = "phone" }), "one", flow.Invalid},
		{f(flow.Text, func(x *flow.Field) { x.Format = "digits" }), "12a", flow.Invalid},
		{f(flow.Text, nil), "a\x00b", flow.Invalid},
		{f(flow.Number, nil), "-12.50", flow.Fine},
		{f(flow.Number, nil), "1e9999999", flow.Invalid},
		{f(flow.Number, nil), "1/3", flow.Invalid},
		{f(flow.Number, func(x *flow.Field) { x.Min, x.Max = "0", "0.3" }), "0.3", flow.Fine},
		{f(flow.Number, func(x *flow.Field) { x.Min, x.Max = "0", "0.3" }), "0.30001", flow.Invalid},
		{f(flow.Number, func(x *flow.Field) { x.Min = "1" }), "0", flow.Invalid},
		{f(flow.Date, nil), "2026-02-29", flow.Invalid},
		{f(flow.Date, nil), "2028-02-29", flow.Fine},
		{f(flow.Checkbox, required), "0", flow.Missing},
		{f(flow.Checkbox, required), "1", flow.Fine},
		{f(flow.Checkbox, nil), "yes", flow.Invalid},
		{f(flow.Choice, func(x *flow.Field) { x.Choices = []string{"甲", "乙"} }), "丙", flow.Invalid},
		{f(flow.Choice, func(x *flow.Field) { x.Choices = []string{"甲", "乙"} }), "乙", flow.Fine},
		{f(flow.Signature, required), "", flow.Fine},
	} {
		if got := c.field.Check(c.value); got != c.want {
			t.Errorf("%+v %q: %q, want %q", c.field, c.value, got, c.want)
		}
	}
}
