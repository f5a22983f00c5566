package form

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

// Kind is what a field holds.
type Kind string

// The kinds.
const (
	Signature Kind = "signature" // signatures and seals; filled by package pades
	Initials  Kind = "initials"  // a name whose look is drawn
	Text      Kind = "text"
	Checkbox  Kind = "checkbox"
	Choice    Kind = "choice"
)

// Field is one to be placed.
type Field struct {
	// Name is unique in the document and has no dots. It stays what the field is called.
	Name string
	Kind Kind
	// Place on page 0 is for a Signature that is not shown.
	Place pades.Place
	// Tooltip is what readers say of the field.
	Tooltip string
	// MaxLength is the most characters of a text; 0 is no bound but that of what fits.
	MaxLength int
	// Choices are those of a Choice.
	Choices []string
}

var (
	// ErrName says that a name cannot be used, or that the document has a field of that name.
	ErrName = errors.New("no name for a new field")
	// ErrField says that a field cannot be like this.
	ErrField = errors.New("no such field")
)

// The bounds of what is placed.
const (
	maxFields  = 2000
	maxName    = 128
	maxTooltip = 300
	maxChoices = 200
	maxChoice  = 200
)

// Names gives the names that fields of a document have, which new ones cannot have.
func Names(f *pdf.File) (map[string]bool, error) {
	o, err := pades.OpenForm(f)
	if err != nil {
		return nil, err
	}
	return o.Names()
}

// Place writes a copy of a document with fields, and gives its size. A document that was signed already
// takes signature fields only: anything else would be a change to those who signed.
// Errors: ErrName, ErrField, pades.ErrPlace, pades.ErrCertified, pades.ErrSigned.
func Place(f *pdf.File, out io.Writer, fields []Field) (int64, error) {
	o, err := pades.OpenForm(f)
	if err != nil {
		return 0, err
	}
	if err := o.MayChange(); err != nil {
		return 0, err
	}
	taken, err := o.Names()
	if err != nil {
		return 0, err
	}
	if len(fields) > maxFields {
		return 0, fmt.Errorf("%w: more than %d", ErrField, maxFields)
	}
	signed := o.Unsigned()
	for _, one := range fields {
		if one.Kind != Signature && signed != nil {
			return 0, signed
		}
		if one.Name == "" || len(one.Name) > maxName || strings.ContainsAny(one.Name, ".\x00") || taken[one.Name] {
			return 0, fmt.Errorf("%w: %q", ErrName, one.Name)
		}
		taken[one.Name] = true
		if err := place(o, one); err != nil {
			return 0, fmt.Errorf("field %s: %w", one.Name, err)
		}
	}
	if signed == nil {
		if err := o.Font("Helv", "Helvetica"); err != nil {
			return 0, err
		}
		o.Drop("NeedAppearances")
		o.Drop("XFA") // a second form of the same document, which readers show instead
	}
	o.Save()
	return o.Write(out)
}

// The flags of fields (ISO 32000-2, tables 227, 229, 231 and 233).
const (
	readOnly  = 1
	multiline = 1 << 12
	combo     = 1 << 17
)

// tall is the height from which a text may have several lines, in points.
const tall = 34

func place(o *pades.Form, one Field) error {
	d := pdf.Dict{"T": pdf.Text(one.Name)}
	if one.Tooltip != "" {
		d["TU"] = pdf.Text(clip(one.Tooltip, maxTooltip))
	}
	switch one.Kind {
	case Signature:
		d["FT"] = pdf.Name("Sig")
	case Text, Initials:
		flags := readOnly
		if one.Kind == Text && one.Place.Height >= tall {
			flags |= multiline
		}
		d["FT"], d["Ff"], d["DA"] = pdf.Name("Tx"), pdf.Int(flags), pdf.String("/Helv 0 Tf 0 g")
		if one.MaxLength > 0 {
			d["MaxLen"] = pdf.Int(one.MaxLength)
		}
	case Choice:
		choices := pdf.Array{}
		for _, c := range one.Choices {
			if c == "" || len(c) > maxChoice {
				return fmt.Errorf("%w: a choice of %d bytes", ErrField, len(c))
			}
			choices = append(choices, pdf.Text(c))
		}
		if len(choices) == 0 || len(choices) > maxChoices {
			return fmt.Errorf("%w: %d choices", ErrField, len(choices))
		}
		d["FT"], d["Ff"], d["DA"], d["Opt"] = pdf.Name("Ch"), pdf.Int(readOnly|combo), pdf.String("/Helv 0 Tf 0 g"), choices
	case Checkbox:
		d["FT"], d["Ff"], d["V"], d["AS"] = pdf.Name("Btn"), pdf.Int(readOnly), pdf.Name("Off"), pdf.Name("Off")
	default:
		return fmt.Errorf("%w: kind %q", ErrField, one.Kind)
	}
	if one.Place.Page == 0 && one.Kind != Signature {
		return pades.ErrPlace
	}
	if err := o.Put(d, one.Place); err != nil {
		return err
	}
	if one.Kind == Signature {
		return nil
	}
	return dress(o, d, one)
}

// dress gives a new field its look: nothing, or both states of a box.
func dress(o *pades.Form, d pdf.Dict, one Field) error {
	turn, err := o.Turn(d)
	if err != nil {
		return err
	}
	w, h := one.Place.Width, one.Place.Height
	empty := pades.Look{Width: w, Height: h}
	if one.Kind != Checkbox {
		ref, err := empty.Form(o.Update(), turn)
		d["AP"] = pdf.Dict{"N": ref}
		return err
	}
	off := pades.Look{Width: w, Height: h, Content: box(w, h, false)}
	on := pades.Look{Width: w, Height: h, Content: box(w, h, true)}
	offRef, err := off.Form(o.Update(), turn)
	if err != nil {
		return err
	}
	onRef, err := on.Form(o.Update(), turn)
	d["AP"] = pdf.Dict{"N": pdf.Dict{"Off": offRef, "Yes": onRef}}
	return err
}

// box draws a checkbox in the middle of its field, square.
func box(w, h float64, checked bool) []byte {
	side := min(w, h) - 2
	x, y := (w-side)/2, (h-side)/2
	out := fmt.Appendf(nil, "0.3 G 0.8 w %.3f %.3f %.3f %.3f re S\n", x, y, side, side)
	if checked {
		out = fmt.Appendf(out, "0 G %.3f w 1 J 1 j %.3f %.3f m %.3f %.3f l %.3f %.3f l S\n", side/8,
			x+side*.2, y+side*.52, x+side*.42, y+side*.26, x+side*.8, y+side*.78)
	}
	return out
}

// clip shortens a text to so many characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
