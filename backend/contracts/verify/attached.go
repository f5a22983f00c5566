package verify

import (
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"

	"roundtable/backend/contracts/pdf"
)

// maxAttached bounds the attached files that are told of.
const maxAttached = 200

// Attached is a file that stands beside a document and that a field of it names, by its name and its hash: a signature over the field is one
// over the file. Files are not put into the document itself: of what is added after a first signature, readers accept values of fields only.
type Attached struct {
	Field, Name string
	SHA256      [32]byte
	// By is the number of the first signature that is over it, from 1 in the order of the report; 0: none is.
	By int
}

// The form of a field's value that names a file.
const (
	attachedOpen  = " (SHA-256 "
	attachedClose = ")"
)

// Value is what stands in the field.
func (a Attached) Value() string {
	return a.Name + attachedOpen + hex.EncodeToString(a.SHA256[:]) + attachedClose
}

// AttachedIn reads the value of a field.
func AttachedIn(field, value string) (a Attached, is bool) {
	rest, is := strings.CutSuffix(value, attachedClose)
	if !is {
		return a, false
	}
	at := strings.LastIndex(rest, attachedOpen)
	if at <= 0 {
		return a, false
	}
	sum := rest[at+len(attachedOpen):]
	raw, err := hex.DecodeString(sum)
	if err != nil || len(raw) != len(a.SHA256) || strings.ToLower(sum) != sum {
		return a, false
	}
	return Attached{Field: field, Name: rest[:at], SHA256: [32]byte(raw)}, true
}

// attached are the files that fields name, with the first good signature whose version of the file says the same.
func (c *checker) attached(all []field) (out []Attached, err error) {
	for _, one := range all {
		if one.kind != "Tx" {
			continue
		}
		if a, is := AttachedIn(one.name, shown(c.f, one.value)); is {
			if len(out) >= maxAttached {
				return nil, pdf.ErrLimit
			}
			out = append(out, a)
		}
	}
	for i, s := range c.found {
		if s.Integrity != Intact || s.Document || !slices.ContainsFunc(out, func(a Attached) bool { return a.By == 0 }) {
			continue
		}
		values, err := Filled(io.NewSectionReader(c.r, 0, s.End), s.End)
		if err != nil {
			if errors.Is(err, pdf.ErrLimit) {
				return nil, err
			}
			continue // what its version says cannot be told
		}
		for k := range out {
			if a := &out[k]; a.By == 0 && values[a.Field] == a.Value() {
				a.By = i + 1
			}
		}
	}
	return out, nil
}
