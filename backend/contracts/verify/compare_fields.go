package verify

import (
	"slices"

	"roundtable/backend/contracts/pdf"
)

// compareFields compares forms field by field.
func (d *difference) compareFields() error {
	d.filled = map[string]bool{}
	d.number()
	old, now := byRef(d.before.fields), byRef(d.fields)
	for _, was := range d.before.fields {
		is, there := now[was.ref]
		if !there {
			d.say(Change{Kind: FieldRemoved, Subject: was.name, Matters: true})
			continue
		}
		if err := d.compareField(was, is); err != nil {
			return err
		}
	}
	for _, is := range d.fields {
		if _, was := old[is.ref]; was {
			continue
		}
		switch {
		case is.kind == "Sig" && is.value != nil:
			d.say(Change{Kind: SignatureAdded, Subject: is.name, Page: d.pageOf(is)})
		default:
			d.say(Change{Kind: FieldAdded, Subject: is.name, Page: d.pageOf(is), Matters: is.kind != "Sig"})
		}
	}
	return nil
}

func byRef(list []field) map[pdf.Ref]field {
	out := make(map[pdf.Ref]field, len(list))
	for _, f := range list {
		out[f.ref] = f
	}
	return out
}

// number notes on which page every annotation is.
func (d *difference) number() {
	d.on = map[pdf.Ref]int{}
	for i, p := range d.pages {
		list, err := d.new.Array(p.Dict["Annots"])
		if err != nil {
			continue // said where pages are compared
		}
		for _, o := range list {
			if ref, is := o.(pdf.Ref); is {
				d.on[ref] = i + 1
			}
		}
	}
}

func (d *difference) pageOf(f field) int {
	for _, w := range f.widgets {
		if n := d.on[w]; n > 0 {
			return n
		}
	}
	return 0
}

func (d *difference) compareField(was, is field) error {
	page := d.pageOf(is)
	before, after := shown(d.old, was.value), shown(d.new, is.value)
	signed := was.kind == "Sig" && was.value == nil && is.value != nil
	switch {
	case signed:
		d.filled[is.name] = true
		d.say(Change{Kind: SignatureAdded, Subject: is.name, Page: page, Matters: d.locked(is.name)})
	case was.kind == "Sig" && !same(was.value, is.value):
		d.say(Change{Kind: FieldChanged, Subject: is.name, Page: page, Matters: true})
	case before != after:
		kind, matters := FieldFilled, d.locked(is.name)
		if before != "" && before != "Off" {
			kind, matters = FieldChanged, true // what was there when somebody signed
		}
		d.filled[is.name] = true
		d.say(Change{Kind: kind, Subject: is.name, Page: page, Before: before, After: after, Matters: matters})
	}
	for i, w := range append([]pdf.Ref{is.ref}, is.widgets...) {
		a, err := d.old.Dict(w)
		if err != nil {
			return err
		}
		b, err := d.new.Dict(w)
		if err != nil {
			return err
		}
		for _, key := range differing(a, b) {
			if i > 0 && w == is.ref {
				break
			}
			d.compareKey(is, page, key, signed)
		}
	}
	return nil
}

// compareKey says what a changed key of a field or widget means.
func (d *difference) compareKey(f field, page int, key pdf.Name, signed bool) {
	switch key {
	case "V", "M", "StructParent":
		return
	case "AP", "AS", "MK", "DA":
		if !d.filled[f.name] {
			d.say(Change{Kind: LookChanged, Subject: f.name, Page: page, Matters: true})
		}
		return
	case "F":
		if signed {
			return // made visible and printed
		}
	}
	d.say(Change{Kind: FieldChanged, Subject: f.name, Page: page, Before: string(key), Matters: true})
}

// locks says which fields a signature closes (ISO 32000-2, 12.8.2.4).
func locks(f *pdf.File, signature pdf.Dict) func(string) bool {
	none := func(string) bool { return false }
	list, err := f.Array(signature["Reference"])
	if err != nil || len(list) > 16 {
		return none
	}
	for _, one := range list {
		d, err := f.Dict(one)
		if err != nil || d["TransformMethod"] != pdf.Name("FieldMDP") {
			continue
		}
		params, err := f.Dict(d["TransformParams"])
		if err != nil {
			continue
		}
		names, err := f.Array(params["Fields"])
		if err != nil {
			continue
		}
		in := func(name string) bool {
			return slices.ContainsFunc(names, func(o pdf.Object) bool { s, is := o.(pdf.String); return is && pdf.Words(s) == name })
		}
		switch params["Action"] {
		case pdf.Name("All"):
			return func(string) bool { return true }
		case pdf.Name("Include"):
			return in
		case pdf.Name("Exclude"):
			return func(name string) bool { return !in(name) }
		}
	}
	return none
}
