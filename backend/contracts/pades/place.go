package pades

import (
	"errors"
	"math"

	"roundtable/backend/contracts/pdf"
)

// Place is where a field is on a page as it is shown: in points from the upper left corner of
// what is visible, after the page was turned.
type Place struct {
	Page                int // the first is 1; 0 is a field that is not shown
	X, Y, Width, Height float64
}

// ErrPlace says that a place is on no page.
var ErrPlace = errors.New("no such place in the document")

// Rect gives the rectangle in the page's own coordinates.
func (p Place) Rect(page pdf.Page) (pdf.Array, error) {
	l, b, r, t := page.Box[0], page.Box[1], page.Box[2], page.Box[3]
	wide, high := r-l, t-b
	if page.Rotate%180 != 0 {
		wide, high = high, wide
	}
	for _, n := range []float64{p.X, p.Y, p.Width, p.Height} {
		if math.IsNaN(n) || n < 0 {
			return nil, ErrPlace
		}
	}
	const slack = 0.5 // what a screen may round
	if p.Width <= 0 || p.Height <= 0 || p.X+p.Width > wide+slack || p.Y+p.Height > high+slack {
		return nil, ErrPlace
	}
	var box [4]float64
	switch page.Rotate {
	case 90:
		box = [4]float64{l + p.Y, b + p.X, l + p.Y + p.Height, b + p.X + p.Width}
	case 180:
		box = [4]float64{r - p.X - p.Width, b + p.Y, r - p.X, b + p.Y + p.Height}
	case 270:
		box = [4]float64{r - p.Y - p.Height, t - p.X - p.Width, r - p.Y, t - p.X}
	default:
		box = [4]float64{l + p.X, t - p.Y - p.Height, l + p.X + p.Width, t - p.Y}
	}
	return pdf.Rect(box), nil
}

// Look is what is drawn in a field: a content stream in a box of Width by Height points from
// the lower left, and what it needs. Streams within Resources become objects of their own.
type Look struct {
	Width, Height float64
	Content       []byte
	Resources     pdf.Dict

	pad [2]float64 // what is left free at each side and above and below
}

// Within leaves room around a look, so that it keeps its proportions in a field of this size: a
// reader stretches what it draws to the field.
func (l *Look) Within(wide, high float64) *Look {
	out := *l
	if wide > 0 && high > 0 && l.Width > 0 && l.Height > 0 {
		out.pad = [2]float64{max(0, l.Height*wide/high-l.Width) / 2, max(0, l.Width*high/wide-l.Height) / 2}
	}
	return &out
}

// Form makes the form XObject, upright on a page that is turned (ISO 32000-2, 12.5.5: the
// reader moves and scales it into the rectangle).
func (l *Look) Form(u *pdf.Update, rotate int) (pdf.Ref, error) {
	matrix := map[int]pdf.Array{
		90:  {pdf.Int(0), pdf.Int(1), pdf.Int(-1), pdf.Int(0), pdf.Int(0), pdf.Int(0)},
		180: {pdf.Int(-1), pdf.Int(0), pdf.Int(0), pdf.Int(-1), pdf.Int(0), pdf.Int(0)},
		270: {pdf.Int(0), pdf.Int(-1), pdf.Int(1), pdf.Int(0), pdf.Int(0), pdf.Int(0)},
	}[rotate]
	resources, err := lift(u, l.Resources, 0)
	if err != nil {
		return pdf.Ref{}, err
	}
	d := pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "FormType": pdf.Int(1),
		"BBox": pdf.Rect([4]float64{-l.pad[0], -l.pad[1], l.Width + l.pad[0], l.Height + l.pad[1]}), "Resources": resources,
	}
	if matrix != nil {
		d["Matrix"] = matrix
	}
	s, err := pdf.Flate(d, l.Content)
	if err != nil {
		return pdf.Ref{}, err
	}
	return u.Add(s), nil
}

// lift makes objects of the streams within a dictionary.
func lift(u *pdf.Update, d pdf.Dict, depth int) (pdf.Dict, error) {
	if depth > 8 {
		return nil, pdf.ErrLimit
	}
	out := pdf.Dict{}
	for k, v := range d {
		var err error
		switch v := v.(type) {
		case *pdf.Stream:
			inner, e := lift(u, v.Dict, depth+1)
			out[k], err = u.Add(&pdf.Stream{Dict: inner, Data: v.Data}), e
		case pdf.Dict:
			out[k], err = lift(u, v, depth+1)
		default:
			out[k] = v
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
