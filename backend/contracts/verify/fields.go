package verify

import (
	"fmt"

	"roundtable/backend/contracts/pdf"
)

// maxFields bounds the fields of a form.
const maxFields = 20_000

// field is one leaf of a form's tree.
type field struct {
	name    string
	ref     pdf.Ref
	dict    pdf.Dict
	kind    pdf.Name   // FT
	value   pdf.Object // V, its own or from above
	widgets []pdf.Ref
}

// fields gives the leaves of a form, in order.
func fields(f *pdf.File) ([]field, error) {
	c, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := f.Dict(c["AcroForm"])
	if err != nil {
		return nil, err
	}
	roots, err := f.Array(form["Fields"])
	if err != nil {
		return nil, err
	}
	w := fieldWalk{f: f, seen: map[pdf.Ref]bool{}}
	err = w.all(roots, field{}, 0, &w.out)
	return w.out, err
}

type fieldWalk struct {
	f    *pdf.File
	seen map[pdf.Ref]bool
	out  []field
}

func (w *fieldWalk) all(kids pdf.Array, above field, depth int, out *[]field) error {
	if depth > 32 {
		return pdf.ErrLimit
	}
	for _, kid := range kids {
		ref, is := kid.(pdf.Ref)
		if !is || w.seen[ref] {
			continue
		}
		if w.seen[ref] = true; len(w.seen) > maxFields {
			return pdf.ErrLimit
		}
		d, err := w.f.Dict(ref)
		if err != nil {
			return err
		}
		one := field{name: above.name, ref: ref, dict: d, kind: above.kind, value: above.value}
		if t, err := w.f.Resolve(d["T"]); err == nil {
			if s, is := t.(pdf.String); is {
				if one.name != "" {
					one.name += "."
				}
				one.name += pdf.Words(s)
			}
		}
		if k, err := w.f.Resolve(d["FT"]); err == nil {
			if n, is := k.(pdf.Name); is {
				one.kind = n
			}
		}
		if v := d["V"]; v != nil {
			one.value = v
		}
		if err := w.leafOrBelow(one, depth, out); err != nil {
			return err
		}
	}
	return nil
}

// leafOrBelow goes on below a field that has named ones below it. Kids without a name are the widgets of one field.
func (w *fieldWalk) leafOrBelow(one field, depth int, out *[]field) error {
	kids, err := w.f.Array(one.dict["Kids"])
	if err != nil {
		return err
	}
	named := false
	for _, k := range kids {
		d, err := w.f.Dict(k)
		if err != nil {
			return err
		}
		named = named || d["T"] != nil
		if ref, is := k.(pdf.Ref); is {
			one.widgets = append(one.widgets, ref)
		}
	}
	if named {
		return w.all(kids, one, depth+1, out)
	}
	if len(kids) == 0 {
		one.widgets = []pdf.Ref{one.ref}
	}
	*out = append(*out, one)
	return nil
}

// shown puts a value into words.
func shown(f *pdf.File, o pdf.Object) string {
	v, err := f.Resolve(o)
	if err != nil {
		return "?"
	}
	switch v := v.(type) {
	case nil:
		return ""
	case pdf.String:
		return pdf.Words(v)
	case pdf.Name:
		return string(v)
	case pdf.Int, pdf.Real, bool:
		return fmt.Sprint(v)
	}
	out, err := pdf.Append(nil, v)
	if err != nil {
		return "?"
	}
	return string(out)
}
