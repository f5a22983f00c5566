package verify

import (
	"slices"

	"roundtable/backend/contracts/pdf"
)

// compare finds what was added and changed after a signature.
func (c *checker) compare(s *found) {
	if s.Whole || s.End == 0 || s.Integrity == Broken && s.Why != BytesChanged && s.Why != ValueBroken {
		return
	}
	d, err := c.difference(s)
	if err != nil {
		s.Changes = []Change{{Kind: Unreadable, Matters: true}}
		return
	}
	for i := range d {
		// Who certified that nothing may change gets no change but evidence for later.
		switch d[i].Kind {
		case EvidenceAdded, InfoChanged:
		case SignatureAdded:
			d[i].Matters = d[i].Matters || s.Allows == 1 && !c.isStamp(d[i].Subject)
		case AnnotationAdded, AnnotationChanged, AnnotationRemoved:
			d[i].Matters = s.Allows != 3
		default:
			d[i].Matters = d[i].Matters || s.Allows == 1
		}
	}
	slices.SortStableFunc(d, func(a, b Change) int {
		switch {
		case a.Matters == b.Matters:
			return a.Page - b.Page
		case a.Matters:
			return -1
		}
		return 1
	})
	s.Changes = d
}

func (c *checker) isStamp(name string) bool {
	return slices.ContainsFunc(c.found, func(s *found) bool { return s.Field == name && s.Document })
}

// difference compares a signature's version of the file with the file.
func (c *checker) difference(s *found) ([]Change, error) {
	old, err := pdf.Open(section(c.r, s.End), s.End)
	if err != nil {
		return nil, err
	}
	before, err := newRoles(old)
	if err != nil {
		return nil, err
	}
	nums, err := c.f.Changed(old)
	if err != nil {
		return nil, err
	}
	pages, err := c.f.Pages()
	if err != nil {
		return nil, err
	}
	now, err := fields(c.f)
	if err != nil {
		return nil, err
	}
	d := &difference{old: old, new: c.f, before: before, pages: pages, fields: now, locked: locks(c.f, s.value)}
	for _, step := range []func() error{d.roots, d.comparePages, d.compareFields} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for _, num := range nums {
		d.object(num)
	}
	return d.out, nil
}

// difference is between two versions of a file.
type difference struct {
	old, new *pdf.File
	before   *roles
	pages    []pdf.Page // now
	fields   []field    // now
	locked   func(name string) bool
	out      []Change
	// filled are fields that got a value, whose look follows.
	filled map[string]bool
	// later are the widgets of new signature fields.
	later map[pdf.Ref]bool
	// shown are the widgets of all fields, on the pages they are on.
	shown map[pdf.Ref]bool
	on    map[pdf.Ref]int
}

// say adds a change once.
func (d *difference) say(c Change) {
	if !slices.Contains(d.out, c) {
		d.out = append(d.out, c)
	}
}

// harmless are keys of the catalog that change nothing that is read.
func harmless() []pdf.Name {
	return []pdf.Name{"Version", "Extensions", "StructTreeRoot", "MarkInfo", "Lang", "PageLabels", "PageMode", "PageLayout", "PieceInfo", "Outlines"}
}

// roots compares the catalogs.
func (d *difference) roots() error {
	if d.old.Trailer["Root"] != d.new.Trailer["Root"] {
		d.say(Change{Kind: CatalogReplaced, Matters: true})
	}
	a, err := d.old.Catalog()
	if err != nil {
		return err
	}
	b, err := d.new.Catalog()
	if err != nil {
		return err
	}
	for _, key := range differing(a, b) {
		switch key {
		case "Pages", "AcroForm": // compared below
		case "DSS":
			d.say(Change{Kind: EvidenceAdded})
		case "Metadata":
			d.say(Change{Kind: InfoChanged, Subject: string(key)})
		default:
			d.say(Change{Kind: DocumentChanged, Subject: string(key), Matters: !slices.Contains(harmless(), key)})
		}
	}
	if !same(d.old.Trailer["Info"], d.new.Trailer["Info"]) {
		d.say(Change{Kind: InfoChanged, Subject: "Info"})
	}
	x, err := d.old.Dict(a["AcroForm"])
	if err != nil {
		return err
	}
	y, err := d.new.Dict(b["AcroForm"])
	if err != nil {
		return err
	}
	for _, key := range differing(x, y) {
		if key != "Fields" && key != "SigFlags" {
			d.say(Change{Kind: DocumentChanged, Subject: "AcroForm." + string(key), Matters: len(x) > 0})
		}
	}
	return nil
}

// differing gives the keys whose values differ.
func differing(a, b pdf.Dict) (out []pdf.Name) {
	for k, v := range a {
		if !same(v, b[k]) {
			out = append(out, k)
		}
	}
	for k := range b {
		if a[k] == nil {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// object says what it means that an object differs.
func (d *difference) object(num uint32) {
	as := d.before.of[num]
	switch as.what {
	case isContent:
		d.say(Change{Kind: ContentChanged, Page: as.page, Matters: true})
	case isAnnotation:
		if !d.removed(num, as.page) {
			d.say(Change{Kind: AnnotationChanged, Page: as.page, Subject: as.subject, Matters: true})
		}
	case isLook:
		if as.field == 0 && as.page > 0 {
			d.say(Change{Kind: AnnotationChanged, Page: as.page, Subject: as.subject, Matters: true})
		} else if !d.filled[as.subject] {
			d.say(Change{Kind: LookChanged, Page: as.page, Subject: as.subject, Matters: true})
		}
	case isInfo:
		d.say(Change{Kind: InfoChanged})
	case isEvidence:
		d.say(Change{Kind: EvidenceAdded})
	case isDocument:
		d.say(Change{Kind: DocumentChanged, Subject: as.subject, Matters: !slices.Contains(harmless(), pdf.Name(as.subject))})
	case nothing, isCatalog, isPages, isPage, isAnnots, isField, isForm:
		// compared by what they say, not as objects
	}
}

// removed says whether an annotation is no more on its page, which is said already.
func (d *difference) removed(num uint32, page int) bool {
	return slices.ContainsFunc(d.out, func(c Change) bool { return c.Kind == AnnotationRemoved && c.Page == page }) &&
		int64(num) < int64(d.new.Objects()) && func() bool { o, err := d.new.Get(pdf.Ref{Num: num}); return err == nil && o == nil }()
}
