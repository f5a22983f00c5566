package pdf

import "fmt"

// Page is a leaf of the page tree with what it inherits (ISO 32000-2, 7.7.3).
type Page struct {
	Ref  Ref
	Dict Dict
	// Box is the part that is shown, in points: left, bottom, right, top.
	Box [4]float64
	// Rotate is by how much it is turned clockwise when shown: 0, 90, 180 or 270.
	Rotate int
}

// Pages gives every page in order.
func (f *File) Pages() ([]Page, error) {
	c, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	w := pageWalk{f: f, seen: map[Ref]bool{}}
	if err := w.node(c["Pages"], Dict{}, 0); err != nil {
		return nil, err
	}
	return w.pages, nil
}

type pageWalk struct {
	f     *File
	seen  map[Ref]bool
	pages []Page
}

// inheritable are what a page takes from the nodes above it.
func inheritable() []Name { return []Name{"Resources", "MediaBox", "CropBox", "Rotate"} }

func (w *pageWalk) node(o Object, above Dict, depth int) error {
	ref, is := o.(Ref)
	if !is {
		return fmt.Errorf("%w: a page that is no object", ErrDamaged)
	}
	if depth > maxDepth || len(w.pages) >= maxPages {
		return ErrLimit
	}
	if w.seen[ref] {
		return fmt.Errorf("%w: pages in a circle", ErrDamaged)
	}
	w.seen[ref] = true
	d, err := w.f.Dict(ref)
	if err != nil {
		return err
	}
	known := above.Clone()
	for _, k := range inheritable() {
		if v := d[k]; v != nil {
			known[k] = v
		}
	}
	if d["Kids"] == nil || d["Type"] == Name("Page") {
		if len(d) == 0 {
			return fmt.Errorf("%w: a page is missing", ErrDamaged)
		}
		page, err := w.f.page(ref, d, known)
		w.pages = append(w.pages, page)
		return err
	}
	kids, err := w.f.Array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := w.node(kid, known, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) page(ref Ref, d, known Dict) (Page, error) {
	p := Page{Ref: ref, Dict: d.Clone()}
	for k, v := range known {
		p.Dict[k] = v
	}
	box, ok := f.Box(known["CropBox"])
	if !ok {
		if box, ok = f.Box(known["MediaBox"]); !ok {
			box = [4]float64{0, 0, 612, 792} // what readers take when there is none
		}
	}
	p.Box = box
	if turn, ok := f.Int(known["Rotate"]); ok {
		p.Rotate = int((turn%360 + 360) % 360 / 90 * 90)
	}
	return p, nil
}

// Box reads a rectangle, its corners in order.
func (f *File) Box(o Object) (box [4]float64, ok bool) {
	a, err := f.Array(o)
	if err != nil || len(a) != 4 {
		return box, false
	}
	for i := range box {
		v, err := f.Resolve(a[i])
		n, is := Float(v)
		if err != nil || !is {
			return box, false
		}
		box[i] = n
	}
	if box[0] > box[2] {
		box[0], box[2] = box[2], box[0]
	}
	if box[1] > box[3] {
		box[1], box[3] = box[3], box[1]
	}
	return box, box[0] < box[2] && box[1] < box[3]
}
