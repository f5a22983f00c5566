package pades

import (
	"fmt"
	"io"

	"roundtable/backend/contracts/pdf"
)

// maxFields bounds the fields of a form.
const maxFields = 20_000

// Form is the interactive form of a file (ISO 32000-2, 12.7) with what an update changes in it.
type Form struct {
	f       *pdf.File
	update  *pdf.Update
	root    pdf.Ref
	catalog pdf.Dict
	at      pdf.Object // of the form: a reference, or nothing while it is within the catalog
	dict    pdf.Dict
	fields  pdf.Array
	pages   []pdf.Page
}

func OpenForm(f *pdf.File) (*Form, error) {
	root, is := f.Trailer["Root"].(pdf.Ref)
	if !is {
		return nil, fmt.Errorf("%w: no catalog", pdf.ErrDamaged)
	}
	o := &Form{f: f, update: f.Update(), root: root}
	var err error
	if o.catalog, err = o.update.Dict(root); err != nil {
		return nil, err
	}
	o.at, is = o.catalog["AcroForm"].(pdf.Ref)
	if !is {
		o.at = nil
	}
	if o.dict, err = o.update.Dict(o.catalog["AcroForm"]); err != nil {
		return nil, err
	}
	if o.fields, err = f.Array(o.dict["Fields"]); err != nil {
		return nil, err
	}
	return o, nil
}

// save puts form and catalog into the update.
func (o *Form) save() {
	o.dict["SigFlags"] = pdf.Int(3) // there are signatures; only append
	if ref, is := o.dict["Fields"].(pdf.Ref); is {
		o.update.Set(ref, o.fields)
	} else {
		o.dict["Fields"] = o.fields
	}
	if ref, is := o.at.(pdf.Ref); is {
		o.update.Set(ref, o.dict)
	} else {
		o.catalog["AcroForm"] = o.dict
	}
	o.update.Set(o.root, o.catalog)
}

// write writes the file with its update, and gives how many bytes that are.
func (o *Form) write(out io.Writer) (int64, error) {
	tail, err := o.update.Bytes()
	if err != nil {
		return 0, err
	}
	return o.f.Size() + int64(len(tail)), copyWith(o.f, tail, out)
}

// page gives a page by its number, from 1.
func (o *Form) page(number int) (p pdf.Page, err error) {
	if o.pages == nil {
		if o.pages, err = o.f.Pages(); err != nil {
			return p, err
		}
	}
	if number < 1 || number > len(o.pages) {
		return p, ErrPlace
	}
	return o.pages[number-1], nil
}

// field is a field that was found: its own dictionary and that of its one widget.
type field struct {
	ref    pdf.Ref
	dict   pdf.Dict
	kind   pdf.Object // FT, its own or that of a field above
	widget pdf.Ref
}

// find looks for a field by its full name (ISO 32000-2, 12.7.4.2).
func (o *Form) find(name string) (found *field, err error) {
	left := maxFields
	err = o.walk(o.fields, "", nil, 0, &left, func(full string, fd field) bool {
		if full == name {
			found = &fd
		}
		return found == nil
	})
	return found, err
}

func (o *Form) walk(kids pdf.Array, above string, kind pdf.Object, depth int, left *int, visit func(string, field) bool) error {
	if depth > 32 {
		return pdf.ErrLimit
	}
	for _, kid := range kids {
		if *left--; *left < 0 {
			return pdf.ErrLimit
		}
		ref, is := kid.(pdf.Ref)
		if !is {
			continue
		}
		d, err := o.update.Dict(ref)
		if err != nil {
			return err
		}
		full, ft := above, kind
		if t, is := d["T"].(pdf.String); is {
			if full != "" {
				full += "."
			}
			full += pdf.Words(t)
		}
		if own := d["FT"]; own != nil {
			ft = own
		}
		below, err := o.f.Array(d["Kids"])
		if err != nil {
			return err
		}
		fd := field{ref: ref, dict: d, kind: ft, widget: ref}
		if len(below) > 0 {
			named, err := o.named(below)
			if err != nil {
				return err
			}
			if named {
				if err := o.walk(below, full, ft, depth+1, left, visit); err != nil {
					return err
				}
				continue
			}
			fd.widget, _ = below[0].(pdf.Ref)
		}
		if !visit(full, fd) {
			return nil
		}
	}
	return nil
}

// named says whether kids are fields of their own and not only widgets of the one above.
func (o *Form) named(kids pdf.Array) (bool, error) {
	d, err := o.update.Dict(kids[0])
	return d["T"] != nil, err
}

// sign puts a signature's value into a field, which it makes if there is none of that name.
func (o *Form) sign(r Request, value pdf.Ref) error {
	fd, err := o.find(r.Field)
	if err != nil {
		return err
	}
	if fd == nil {
		if fd, err = o.add(r.Field, r.Place); err != nil {
			return err
		}
	}
	if fd.kind != pdf.Name("Sig") || fd.dict["V"] != nil {
		return fmt.Errorf("%w: %s", ErrFieldTaken, r.Field)
	}
	fd.dict["V"] = value
	o.update.Set(fd.ref, fd.dict)
	if r.Look != nil {
		if err := o.draw(fd, r.Look); err != nil {
			return err
		}
	}
	o.save()
	return nil
}

// draw gives a field's widget its appearance.
func (o *Form) draw(fd *field, look *Look) error {
	w, err := o.update.Dict(fd.widget)
	if err != nil {
		return err
	}
	rotate, err := o.turn(w)
	if err != nil {
		return err
	}
	box, _ := o.f.Box(w["Rect"])
	wide, high := box[2]-box[0], box[3]-box[1]
	if rotate%180 != 0 {
		wide, high = high, wide
	}
	ap, err := look.Within(wide, high).Form(o.update, rotate)
	if err != nil {
		return err
	}
	w["AP"] = pdf.Dict{"N": ap}
	w["F"] = pdf.Int(4 | 128) // printed, and not to be moved
	o.update.Set(fd.widget, w)
	return nil
}

// turn gives by how much the page of a widget is turned.
func (o *Form) turn(widget pdf.Dict) (int, error) {
	if _, err := o.page(1); err != nil {
		return 0, err
	}
	for _, p := range o.pages {
		if widget["P"] == p.Ref {
			return p.Rotate, nil
		}
	}
	return 0, nil
}

// add makes a signature field, which is its own widget.
func (o *Form) add(name string, place Place) (*field, error) {
	page, rect, flags, err := o.stand(place)
	if err != nil {
		return nil, err
	}
	d := pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.Text(name),
		"F": flags, "Rect": rect, "P": page.Ref,
	}
	ref, err := o.enlist(d, page.Ref)
	return &field{ref: ref, dict: d, kind: pdf.Name("Sig"), widget: ref}, err
}

// stand gives the page, rectangle and flags of a widget. One that is not shown is on the first page.
func (o *Form) stand(place Place) (page pdf.Page, rect pdf.Array, flags pdf.Int, err error) {
	if page, err = o.page(max(place.Page, 1)); err != nil || place.Page == 0 {
		return page, pdf.Rect([4]float64{}), 2 | 128, err
	}
	rect, err = place.Rect(page)
	return page, rect, 4 | 128, err // printed, and not to be moved
}

// annotate puts a widget on its page.
func (o *Form) annotate(page, widget pdf.Ref) error {
	d, err := o.update.Dict(page)
	if err != nil {
		return err
	}
	at, is := d["Annots"].(pdf.Ref)
	list, err := o.annotations(d["Annots"])
	if err != nil {
		return err
	}
	list = append(list[:len(list):len(list)], widget)
	if is {
		o.update.Set(at, list)
		return nil
	}
	d["Annots"] = list
	o.update.Set(page, d)
	return nil
}

func (o *Form) annotations(list pdf.Object) (pdf.Array, error) {
	if ref, is := list.(pdf.Ref); is {
		now, err := o.update.Get(ref)
		if err != nil {
			return nil, err
		}
		list = now
	}
	return o.f.Array(list)
}
