package pades

import (
	"errors"
	"fmt"
	"io"

	"roundtable/backend/contracts/pdf"
)

// ErrSigned says that a file has a signature already: what its pages show may not change any more.
var ErrSigned = errors.New("the document is signed already")

// maxStraddled bounds the pages that one seal is cut over: a slice must be seen.
const maxStraddled = 60

// Straddle draws a seal over the right edges of all pages 骑缝章: each page shows its slice, and
// the pages laid on each other show the whole seal, so that none can be exchanged. It changes what the pages
// show, so it must come before the first signature. With more pages than a seal has slices it begins
// anew, as one does with thick contracts. from is where the seal's upper edge is, in points from the upper edge of a page.
// Errors: ErrSigned, ErrPlace, ErrCertified.
func Straddle(f *pdf.File, out io.Writer, seal Look, from float64) (int64, error) {
	o, err := OpenForm(f)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(o.mayChange(), o.unsigned()); err != nil {
		return 0, err
	}
	if _, err := o.page(1); err != nil {
		return 0, err
	}
	form, err := seal.Form(o.update, 0)
	if err != nil {
		return 0, err
	}
	for i, page := range o.pages {
		first := i / maxStraddled * maxStraddled
		count := min(maxStraddled, len(o.pages)-first)
		if count == 1 && first > 0 { // one page alone has nothing to be laid on: it joins the pages before
			first, count = first-1, 2
		}
		if err := o.slice(page, form, seal, from, i-first, count); err != nil {
			return 0, fmt.Errorf("page %d: %w", i+1, err)
		}
	}
	return o.write(out)
}

// unsigned refuses a file with a signature.
func (o *Form) unsigned() error {
	signed := false
	left := maxFields
	err := o.walk(o.fields, "", nil, 0, &left, func(_ string, fd field) bool {
		signed = fd.kind == pdf.Name("Sig") && fd.dict["V"] != nil
		return !signed
	})
	if err == nil && signed {
		err = ErrSigned
	}
	return err
}

// slice draws the seal so that only one of its slices lies on a page, at the right edge of what is shown.
func (o *Form) slice(page pdf.Page, seal pdf.Ref, look Look, from float64, number, count int) error {
	wide := look.Width / float64(count)
	l, b, r, t := page.Box[0], page.Box[1], page.Box[2], page.Box[3]
	shown := [2]float64{r - l, t - b}
	if page.Rotate%180 != 0 {
		shown[0], shown[1] = shown[1], shown[0]
	}
	if from < 0 || from+look.Height > shown[1] || wide > shown[0] {
		return ErrPlace
	}
	// From the page as it is shown, its lower left corner the origin, to the page's own coordinates.
	turn := map[int]string{
		0:   fmt.Sprintf("1 0 0 1 %.4f %.4f cm", l, b),
		90:  fmt.Sprintf("0 1 -1 0 %.4f %.4f cm", r, b),
		180: fmt.Sprintf("-1 0 0 -1 %.4f %.4f cm", r, t),
		270: fmt.Sprintf("0 -1 1 0 %.4f %.4f cm", l, t),
	}[page.Rotate]
	y := shown[1] - from - look.Height
	draw := fmt.Sprintf("Q\nq %s\n%.4f %.4f %.4f %.4f re W n\n1 0 0 1 %.4f %.4f cm /RoundtableSeal Do Q\n",
		turn, shown[0]-wide, y, wide, look.Height, shown[0]-wide*float64(number+1), y)
	return o.draws(page, seal, draw)
}

// draws puts content behind that of a page, which may leave any state: it is put between q and Q.
func (o *Form) draws(page pdf.Page, seal pdf.Ref, draw string) error {
	d, err := o.update.Dict(page.Ref)
	if err != nil {
		return err
	}
	resources, err := o.update.Dict(page.Dict["Resources"])
	if err != nil {
		return err
	}
	objects, err := o.update.Dict(resources["XObject"])
	if err != nil {
		return err
	}
	objects["RoundtableSeal"] = seal
	resources["XObject"] = objects
	d["Resources"] = resources
	var contents pdf.Array
	value, err := o.f.Resolve(page.Dict["Contents"])
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case pdf.Array:
		contents = v
	case *pdf.Stream:
		contents = pdf.Array{page.Dict["Contents"]}
	}
	begin := o.update.Add(&pdf.Stream{Dict: pdf.Dict{}, Data: []byte("q\n")})
	end := o.update.Add(&pdf.Stream{Dict: pdf.Dict{}, Data: []byte(draw)})
	d["Contents"] = append(append(pdf.Array{begin}, contents...), end)
	o.update.Set(page.Ref, d)
	return nil
}
