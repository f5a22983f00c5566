package pades

import (
	"fmt"

	"roundtable/backend/contracts/pdf"
)

// mayChange refuses a file that a certifying signature closed (ISO 32000-2, 12.8.2.2).
func (o *Form) mayChange() error {
	perms, err := o.update.Dict(o.catalog["Perms"])
	if err != nil {
		return err
	}
	sig, err := o.update.Dict(perms["DocMDP"])
	if err != nil || len(sig) == 0 {
		return err
	}
	refs, err := o.f.Array(sig["Reference"])
	if err != nil {
		return err
	}
	for _, ref := range refs {
		d, err := o.update.Dict(ref)
		if err != nil {
			return err
		}
		params, err := o.update.Dict(d["TransformParams"])
		if err != nil {
			return err
		}
		level, some := params["P"].(pdf.Int)
		if !some {
			level = pdf.Int(FillForms)
		}
		if d["TransformMethod"] == pdf.Name("DocMDP") && Changes(level) == NoChanges {
			return ErrCertified
		}
	}
	return nil
}

// certify makes a signature the certifying one. It must be the first.
func (o *Form) certify(level Changes, value pdf.Ref, signature pdf.Dict) error {
	if level < NoChanges || level > FillAndComment {
		return fmt.Errorf("%w: level %d", ErrCertified, level)
	}
	signed := false
	left := maxFields
	if err := o.walk(o.fields, "", nil, 0, &left, func(_ string, fd field) bool {
		signed = fd.kind == pdf.Name("Sig") && fd.dict["V"] != nil && fd.dict["V"] != value
		return !signed
	}); err != nil {
		return err
	}
	if signed || o.catalog["Perms"] != nil {
		return fmt.Errorf("%w: it is not the first signature", ErrCertified)
	}
	signature["Reference"] = pdf.Array{pdf.Dict{
		"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("DocMDP"),
		"TransformParams": pdf.Dict{"Type": pdf.Name("TransformParams"), "P": pdf.Int(level), "V": pdf.Name("1.2")},
	}}
	o.catalog["Perms"] = pdf.Dict{"DocMDP": value}
	o.update.Set(o.root, o.catalog)
	return nil
}

// lock has a signature close fields. The field itself gets no dictionary for it: it was placed, and signed by others, before.
func (o *Form) lock(names []string, signature pdf.Dict) {
	if len(names) == 0 {
		return
	}
	fields := make(pdf.Array, 0, len(names))
	for _, n := range names {
		fields = append(fields, pdf.Text(n))
	}
	refs, _ := signature["Reference"].(pdf.Array)
	signature["Reference"] = append(refs, pdf.Dict{
		"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("FieldMDP"), "Data": o.root,
		"TransformParams": pdf.Dict{"Type": pdf.Name("TransformParams"), "Action": pdf.Name("Include"), "Fields": fields, "V": pdf.Name("1.2")},
	})
}
