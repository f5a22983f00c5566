package form

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/contracts/pdf"
)

// Value is what somebody fills in.
type Value struct {
	Name string
	// Text is that of a text, a choice, or whose initials they are.
	Text string
	// Shown is what is drawn instead of Text: the first of them that fits, in several lines if need be, and not smaller than it may be.
	Shown []Shown
	// Checked is for a checkbox.
	Checked bool
	// Look is what initials look like, in a box of the field's size.
	Look *pades.Look
}

// Shown is a text as it may be drawn, at no size below Least (points; 0 is no bound of its own).
type Shown struct {
	Text  string
	Least float64
}

var (
	// ErrAbsent says that the document has no such field to fill.
	ErrAbsent = errors.New("no such field in the document")
	// ErrFilled says that a field has its value already: changing it would change what others signed.
	ErrFilled = errors.New("the field is filled already")
	// ErrValue says that a field cannot have this value.
	ErrValue = errors.New("not a value for this field")
	// ErrLong says that a text does not fit into its field at a size that can be read.
	ErrLong = errors.New("the text does not fit")
)

// maxText bounds the characters of one value.
const maxText = 4000

// Fill writes a copy of a document with values in fields that were placed before, and gives its size. A value of nothing
// (no text but spaces, not checked) leaves its field as it is. Errors: ErrAbsent, ErrFilled, ErrValue, ErrLong, glyph.ErrMissing (it names the character),
// pades.ErrCertified.
func Fill(f *pdf.File, out io.Writer, values []Value, fonts *glyph.Fonts) (int64, error) {
	o, err := pades.OpenForm(f)
	if err != nil {
		return 0, err
	}
	if err := o.MayChange(); err != nil {
		return 0, err
	}
	fields, err := o.Widgets()
	if err != nil {
		return 0, err
	}
	p := pen{fonts: fonts, known: map[rune]glyph.Glyph{}}
	filled := 0
	for _, v := range values {
		w, is := fields[v.Name]
		if !is {
			return 0, fmt.Errorf("%w: %s", ErrAbsent, v.Name)
		}
		if strings.TrimSpace(v.Text) == "" && !v.Checked {
			continue
		}
		if err := fill(o, w, v, &p); err != nil {
			return 0, fmt.Errorf("field %s: %w", v.Name, err)
		}
		filled++
	}
	if filled == 0 {
		return io.Copy(out, f.Reader())
	}
	return o.Write(out)
}

func fill(o *pades.Form, w pades.Widget, v Value, p *pen) error {
	d := w.Dict
	if now := d["V"]; now != nil && now != pdf.Name("Off") {
		return ErrFilled
	}
	switch w.Kind {
	case "Btn":
		states, err := o.Update().Dict(d["AP"])
		if err != nil {
			return err
		}
		if states, err = o.Update().Dict(states["N"]); err != nil {
			return err
		}
		if states["Yes"] == nil || v.Text != "" {
			return ErrValue
		}
		d["V"], d["AS"] = pdf.Name("Yes"), pdf.Name("Yes")
		o.Update().Set(w.Ref, d)
		return nil
	case "Tx", "Ch":
		return write(o, w, v, p)
	}
	return ErrValue
}

// write fills a field with text.
func write(o *pades.Form, w pades.Widget, v Value, p *pen) error {
	d := w.Dict
	flags, _ := d["Ff"].(pdf.Int)
	several := w.Kind == "Tx" && flags&multiline != 0
	if err := acceptable(o, w, v, several); err != nil {
		return err
	}
	wide, high, turn, err := size(o, d)
	if err != nil {
		return err
	}
	look := v.Look
	if look == nil {
		content, err := p.drawFirst(v.Shown, v.Text, wide, high, several)
		if err != nil {
			return err
		}
		look = &pades.Look{Width: wide, Height: high, Content: content}
	}
	ref, err := look.Within(wide, high).Form(o.Update(), turn)
	if err != nil {
		return err
	}
	d["V"], d["AP"] = pdf.Text(v.Text), pdf.Dict{"N": ref}
	o.Update().Set(w.Ref, d)
	return nil
}

// acceptable looks whether a text is one for a field.
func acceptable(o *pades.Form, w pades.Widget, v Value, several bool) error {
	count := utf8.RuneCountInString(v.Text)
	if !utf8.ValidString(v.Text) || count > maxText || v.Checked {
		return ErrValue
	}
	if strings.ContainsFunc(v.Text, func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || !several) }) {
		return fmt.Errorf("%w: a control character", ErrValue)
	}
	if most, is := w.Dict["MaxLen"].(pdf.Int); is && int64(count) > int64(most) {
		return fmt.Errorf("%w: more than %d characters", ErrValue, most)
	}
	if w.Kind != "Ch" {
		return nil
	}
	choices, _ := w.Dict["Opt"].(pdf.Array)
	if !slices.ContainsFunc(choices, func(c pdf.Object) bool { s, is := c.(pdf.String); return is && pdf.Words(s) == v.Text }) {
		return fmt.Errorf("%w: none of its choices", ErrValue)
	}
	return nil
}

// size is that of a field as its page is shown.
func size(o *pades.Form, d pdf.Dict) (wide, high float64, turn int, err error) {
	rect, _ := d["Rect"].(pdf.Array)
	var box [4]float64
	if len(rect) != 4 {
		return 0, 0, 0, fmt.Errorf("%w: a field without a place", pdf.ErrDamaged)
	}
	for i := range box {
		box[i], _ = pdf.Float(rect[i])
	}
	if turn, err = o.Turn(d); err != nil {
		return 0, 0, 0, err
	}
	wide, high = box[2]-box[0], box[3]-box[1]
	if turn%180 != 0 {
		wide, high = high, wide
	}
	return wide, high, turn, nil
}
