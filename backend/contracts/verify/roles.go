package verify

import (
	"fmt"
	"slices"

	"roundtable/backend/contracts/pdf"
)

// role is what an object of a file is for.
type role struct {
	what    what
	page    int    // from 1
	subject string // a field's name, an annotation's kind, a key of the catalog
	field   int    // of a field or its look: its place in the list of fields, from 1
}

type what uint8

const (
	nothing what = iota
	isCatalog
	isPages   // a node of the page tree
	isPage    // a page's own dictionary
	isContent // what a page shows
	isAnnots  // a list of annotations
	isAnnotation
	isField // or its widget
	isLook  // of a field or annotation
	isForm
	isInfo
	isEvidence
	isDocument // something below a key of the catalog
)

// maxWalked bounds the objects that are looked at for one version of a file.
const maxWalked = 2 << 20

// roles finds out what every object is for, also of those that are referred to and not
// there: a later version could put something in their place.
type roles struct {
	f      *pdf.File
	of     map[uint32]role
	pages  []pdf.Page
	fields []field
	left   int
}

func newRoles(f *pdf.File) (*roles, error) {
	r := &roles{f: f, of: map[uint32]role{}, left: maxWalked}
	var err error
	if r.pages, err = f.Pages(); err != nil {
		return nil, err
	}
	if r.fields, err = fields(f); err != nil {
		return nil, err
	}
	catalog, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	r.claim(f.Trailer["Root"], role{what: isCatalog})
	if err := r.tree(catalog["Pages"], 0); err != nil {
		return nil, err
	}
	for i, p := range r.pages {
		r.of[p.Ref.Num] = role{what: isPage, page: i + 1}
	}
	r.form(catalog)
	for _, walk := range []func() error{r.annotations, r.contents, r.looks, func() error { return r.rest(catalog) }} {
		if err := walk(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// claim notes what an object is for, if it is nothing yet, and says whether it did.
func (r *roles) claim(o pdf.Object, as role) bool {
	ref, is := o.(pdf.Ref)
	if !is || r.of[ref.Num].what != nothing {
		return false
	}
	r.of[ref.Num] = as
	return true
}

func (r *roles) tree(o pdf.Object, depth int) error {
	if depth > 64 {
		return pdf.ErrLimit
	}
	if !r.claim(o, role{what: isPages}) {
		return nil
	}
	d, err := r.f.Dict(o)
	if err != nil {
		return err
	}
	kids, err := r.f.Array(d["Kids"])
	if err != nil {
		return err
	}
	r.claim(d["Kids"], role{what: isPages})
	for _, k := range kids {
		if kid, err := r.f.Dict(k); err == nil && kid["Kids"] != nil && kid["Type"] != pdf.Name("Page") {
			if err := r.tree(k, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *roles) form(catalog pdf.Dict) {
	r.claim(catalog["AcroForm"], role{what: isForm})
	if form, err := r.f.Dict(catalog["AcroForm"]); err == nil {
		r.claim(form["Fields"], role{what: isForm})
	}
	for i, one := range r.fields {
		as := role{what: isField, subject: one.name, field: i + 1}
		r.claim(one.ref, as)
		for _, w := range one.widgets {
			r.claim(w, as)
		}
	}
}

func (r *roles) annotations() error {
	for i, p := range r.pages {
		r.claim(p.Dict["Annots"], role{what: isAnnots, page: i + 1})
		list, err := r.f.Array(p.Dict["Annots"])
		if err != nil {
			return err
		}
		for _, a := range list {
			d, err := r.f.Dict(a)
			if err != nil {
				return err
			}
			as := role{what: isAnnotation, page: i + 1, subject: kindOf(d)}
			if ref, is := a.(pdf.Ref); is && r.of[ref.Num].what == isField {
				as = r.of[ref.Num]
				as.page = i + 1
				r.of[ref.Num] = as
				continue // its look follows
			}
			if !r.claim(a, as) {
				continue
			}
			as.what = isLook
			if err := r.below(d, as, "P", "Parent", "Popup", "IRT"); err != nil {
				return err
			}
		}
	}
	return nil
}

func kindOf(annotation pdf.Dict) string {
	n, _ := annotation["Subtype"].(pdf.Name)
	return string(n)
}

// contents claims what pages show: everything below them but their annotations.
func (r *roles) contents() error {
	for i, p := range r.pages {
		if err := r.below(p.Dict, role{what: isContent, page: i + 1}, "Annots", "Parent"); err != nil {
			return err
		}
	}
	return nil
}

func (r *roles) looks() error {
	for i, one := range r.fields {
		for _, w := range append([]pdf.Ref{one.ref}, one.widgets...) {
			d, err := r.f.Dict(w)
			if err != nil {
				return err
			}
			as := r.of[w.Num]
			as.what, as.field, as.subject = isLook, i+1, one.name
			if err := r.below(d, as, "P", "Parent", "Kids", "V"); err != nil {
				return err
			}
			// A signature's dictionary; or a value that is kept in a stream.
			as.what = isField
			if err := r.below(pdf.Dict{"V": d["V"]}, as); err != nil {
				return err
			}
		}
	}
	return nil
}

// rest claims what hangs on the catalog and nowhere else.
func (r *roles) rest(catalog pdf.Dict) error {
	for key, v := range catalog {
		as := role{what: isDocument, subject: string(key)}
		switch key {
		case "Pages":
			continue
		case "AcroForm":
			as.what, as.subject = isLook, "AcroForm"
		case "DSS":
			as.what = isEvidence
		case "Metadata":
			as.what = isInfo
		}
		if err := r.below(pdf.Dict{key: v}, as); err != nil {
			return err
		}
	}
	return r.below(pdf.Dict{"Info": r.f.Trailer["Info"]}, role{what: isInfo})
}

// below claims everything that a value leads to, except below some keys. It keeps its own stack:
// outlines are lists of thousands, each leading to the next.
func (r *roles) below(o pdf.Object, as role, except ...pdf.Name) error {
	type item struct {
		o      pdf.Object
		except []pdf.Name
	}
	for stack := []item{{o, except}}; len(stack) > 0; {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r.left--; r.left < 0 {
			return pdf.ErrLimit
		}
		switch v := top.o.(type) {
		case pdf.Ref:
			// A form's own dictionary is claimed, and what is below it is not.
			k := r.of[v.Num]
			if !r.claim(v, as) && (k.what != isForm || as.subject != "AcroForm" || k.page < 0) {
				continue
			}
			if k.what == isForm {
				k.page = -1 // was here
				r.of[v.Num] = k
			}
			next, err := r.f.Get(v)
			if err != nil {
				return fmt.Errorf("object %d: %w", v.Num, err)
			}
			stack = append(stack, item{next, []pdf.Name{"Parent", "P"}})
		case *pdf.Stream:
			stack = append(stack, item{v.Dict, top.except})
		case pdf.Array:
			for _, e := range v {
				stack = append(stack, item{e, top.except})
			}
		case pdf.Dict:
			for k, e := range v {
				if !slices.Contains(top.except, k) {
					stack = append(stack, item{e, top.except})
				}
			}
		}
	}
	return nil
}
