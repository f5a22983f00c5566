package verify

import (
	"io"
	"slices"

	"roundtable/backend/contracts/pdf"
)

func section(r io.ReaderAt, end int64) io.ReaderAt { return io.NewSectionReader(r, 0, end) }

// comparePages compares which pages there are, and each with what it inherits.
func (d *difference) comparePages() error {
	was, is := refs(d.before.pages), refs(d.pages)
	for i, ref := range was {
		if slices.Contains(is, ref) {
			continue
		}
		if len(was) == len(is) && !slices.Contains(was, is[i]) {
			d.say(Change{Kind: PageReplaced, Page: i + 1, Matters: true})
			continue
		}
		d.say(Change{Kind: PageRemoved, Page: i + 1, Matters: true})
	}
	var kept []pdf.Ref
	for i, ref := range is {
		if slices.Contains(was, ref) {
			kept = append(kept, ref)
		} else if len(was) != len(is) || slices.Contains(is, was[i]) {
			d.say(Change{Kind: PageAdded, Page: i + 1, Matters: true})
		}
	}
	order := slices.DeleteFunc(slices.Clone(was), func(r pdf.Ref) bool { return !slices.Contains(kept, r) })
	for i := range min(len(order), len(kept)) {
		if order[i] != kept[i] {
			d.say(Change{Kind: PageReplaced, Page: i + 1, Matters: true})
		}
	}
	d.later = map[pdf.Ref]bool{}
	old := byRef(d.before.fields)
	for _, f := range d.fields {
		if _, was := old[f.ref]; f.kind == "Sig" && !was {
			for _, w := range append(f.widgets, f.ref) {
				d.later[w] = true
			}
		}
	}
	for i, p := range d.pages {
		if j := slices.Index(was, p.Ref); j >= 0 {
			if err := d.comparePage(i+1, d.before.pages[j], p); err != nil {
				return err
			}
		}
	}
	return nil
}

func refs(pages []pdf.Page) (out []pdf.Ref) {
	for _, p := range pages {
		out = append(out, p.Ref)
	}
	return out
}

func (d *difference) comparePage(number int, was, is pdf.Page) error {
	for _, k := range differing(was.Dict, is.Dict) {
		switch k {
		case "Annots", "Parent", "Tabs", "StructParents", "LastModified", "PieceInfo":
		default:
			d.say(Change{Kind: ContentChanged, Page: number, Subject: string(k), Matters: true})
		}
	}
	a, err := d.old.Array(was.Dict["Annots"])
	if err != nil {
		return err
	}
	b, err := d.new.Array(is.Dict["Annots"])
	if err != nil {
		return err
	}
	inA, inB := encoded(a), encoded(b)
	for _, one := range a {
		if !inB[key(one)] {
			k, err := d.old.Dict(one)
			if err != nil {
				return err
			}
			d.say(Change{Kind: AnnotationRemoved, Page: number, Subject: kindOf(k), Matters: true})
		}
	}
	for _, one := range b {
		if inA[key(one)] {
			continue
		}
		k, err := d.new.Dict(one)
		if err != nil {
			return err
		}
		ref, isRef := one.(pdf.Ref)
		if isRef && d.later[ref] {
			continue // a new field for a signature
		}
		if kindOf(k) == "Widget" && isRef && d.widgets()[ref] {
			continue // said with its field
		}
		d.say(Change{Kind: AnnotationAdded, Page: number, Subject: kindOf(k), Matters: true})
	}
	return nil
}

// key is a value's bytes, to find it among others.
func key(o pdf.Object) string {
	b, err := pdf.Append(nil, o)
	if err != nil {
		return ""
	}
	return string(b)
}

func encoded(list pdf.Array) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, o := range list {
		out[key(o)] = true
	}
	return out
}

// widgets are those of all fields now.
func (d *difference) widgets() map[pdf.Ref]bool {
	if d.shown == nil {
		d.shown = map[pdf.Ref]bool{}
		for _, f := range d.fields {
			for _, w := range f.widgets {
				d.shown[w] = true
			}
		}
	}
	return d.shown
}
