package flow_test

import (
	"reflect"
	"testing"

	"roundtable/backend/contracts/flow"
	"roundtable/backend/wire"
)

func TestHideAndReveal(t *testing.T) {
	whole := every()[3].(*flow.Consented)
	raw, bare := whole.Hide()
	if len(bare.Values)+len(bare.Files) > 0 || len(whole.Values) == 0 || bare.Look != whole.Look {
		t.Errorf("%+v", bare)
	}
	bare.Filled = []byte("sealed")
	back, err := bare.Reveal(raw)
	if err != nil || !reflect.DeepEqual(back, whole) {
		t.Errorf("%v\n%+v\n%+v", err, back, whole)
	}
	// The length does not tell what was filled in.
	one, _ := (&flow.Consented{Party: 1}).Hide()
	two, _ := (&flow.Consented{Party: 1, Values: []flow.Value{{Field: "f1", Value: "110105194912310021"}}}).Hide()
	if len(one) != len(two) || len(raw)%1024 != 0 {
		t.Errorf("%d, %d and %d bytes", len(one), len(two), len(raw))
	}
	for _, bad := range []flow.Consented{
		{Party: 1, Values: []flow.Value{{Field: "b"}, {Field: "a"}}}, {Party: 1, Values: []flow.Value{{Field: "a", Value: "\x00"}}},
	} {
		raw, bare := bad.Hide()
		if _, err := bare.Reveal(raw); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// FuzzReveal: whoever has the access code may have sealed anything.
func FuzzReveal(f *testing.F) {
	raw, _ := every()[3].(*flow.Consented).Hide()
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := (&flow.Consented{Party: 1}).Reveal(raw)
		if err != nil {
			return
		}
		if _, ours, err := flow.Decode(flow.KindConsented, wire.MustEncode(c)); !ours || err != nil && len(wire.MustEncode(c)) <= flow.MaxConsent {
			t.Fatalf("%+v: %v", c, err)
		}
	})
}
