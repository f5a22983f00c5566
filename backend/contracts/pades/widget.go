package pades

import (
	"io"
	"strings"

	"roundtable/backend/contracts/pdf"
)

// Widget is a field that is its own and only widget, as those that are placed here.
type Widget struct {
	Ref  pdf.Ref
	Dict pdf.Dict
	Kind pdf.Name // FT: Tx, Btn, Ch or Sig
}

// Widgets gives the fields by their full names.
func (o *Form) Widgets() (map[string]Widget, error) {
	out := map[string]Widget{}
	left := maxFields
	err := o.walk(o.fields, "", nil, 0, &left, func(name string, fd field) bool {
		if kind, is := fd.kind.(pdf.Name); is && fd.widget == fd.ref {
			out[name] = Widget{fd.ref, fd.dict, kind}
		}
		return true
	})
	return out, err
}

// Names gives every name that a new field cannot have: those of fields, and of what is above them.
func (o *Form) Names() (map[string]bool, error) {
	out := map[string]bool{}
	left := maxFields
	err := o.walk(o.fields, "", nil, 0, &left, func(name string, _ field) bool {
		for {
			out[name] = true
			i := strings.LastIndexByte(name, '.')
			if i < 0 {
				return true
			}
			name = name[:i]
		}
	})
	return out, err
}

// Put adds a field that is its own widget. d says what it is; where it is follows from the place.
func (o *Form) Put(d pdf.Dict, place Place) error {
	page, rect, flags, err := o.stand(place)
	if err != nil {
		return err
	}
	d["Type"], d["Subtype"] = pdf.Name("Annot"), pdf.Name("Widget")
	d["Rect"], d["P"], d["F"] = rect, page.Ref, flags
	_, err = o.enlist(d, page.Ref)
	return err
}

// enlist puts a field into the form and on its page.
func (o *Form) enlist(d pdf.Dict, page pdf.Ref) (pdf.Ref, error) {
	ref := o.update.Add(d)
	if err := o.annotate(page, ref); err != nil {
		return ref, err
	}
	o.fields = append(o.fields[:len(o.fields):len(o.fields)], ref)
	return ref, nil
}

// Font gives the form a font that readers have by themselves, under a name, unless it has one of that name.
func (o *Form) Font(name, base pdf.Name) error {
	resources, err := o.update.Dict(o.dict["DR"])
	if err != nil {
		return err
	}
	fonts, err := o.update.Dict(resources["Font"])
	if err != nil || fonts[name] != nil {
		return err
	}
	fonts[name] = o.update.Add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": base, "Encoding": pdf.Name("WinAnsiEncoding"),
	})
	resources["Font"] = fonts
	o.dict["DR"] = resources
	return nil
}

// Update is what is written behind the file.
func (o *Form) Update() *pdf.Update { return o.update }

// Turn gives by how much the page of a widget is turned clockwise when it is shown.
func (o *Form) Turn(widget pdf.Dict) (int, error) { return o.turn(widget) }

// MayChange refuses a file that a certifying signature closed. Errors: ErrCertified.
func (o *Form) MayChange() error { return o.mayChange() }

// Unsigned refuses a file with a signature. Errors: ErrSigned.
func (o *Form) Unsigned() error { return o.unsigned() }

// Drop takes a key of the form's own dictionary away.
func (o *Form) Drop(key pdf.Name) { delete(o.dict, key) }

// Save puts the form itself into the update, which is needed when fields were added.
func (o *Form) Save() { o.save() }

// Write writes the file with its update, and gives how many bytes that are.
func (o *Form) Write(out io.Writer) (int64, error) { return o.write(out) }
