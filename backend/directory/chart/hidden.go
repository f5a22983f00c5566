package chart

import (
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

// Field of a record that may be hidden. Appended, never reordered.
type Field uint8

const (
	Phones Field = 1
	Email  Field = 2
	Place  Field = 3
	Remark Field = 4 // the note
)

// Level says who sees a field. Appended, never reordered.
type Level uint8

const (
	Everybody Level = 0
	// Leads of a department that the person works in, or of one above it, and administrators.
	Leads Level = 1
	// Administrators alone.
	Administrators Level = 2
)

// Hidden says who sees fields of one record; fields that are not named stay.
type Hidden struct {
	Record ID     `cbor:"1,keyasint"`
	Veils  []Veil `cbor:"2,keyasint"`
}

// Veil is one field that not everybody sees. What everybody sees stands in the record itself and has an empty one.
type Veil struct {
	Field Field `cbor:"1,keyasint"`
	Level Level `cbor:"2,keyasint"`
	// Key seals this one text; who may read is said by under which keys it is handed on.
	Key    ID     `cbor:"3,keyasint"`
	Sealed []byte `cbor:"4,keyasint,omitempty"`
}

func (h Hidden) valid() bool {
	if h.Record.IsZero() || len(h.Veils) == 0 {
		return false
	}
	last := Field(0)
	for _, v := range h.Veils {
		switch {
		case v.Field <= last || v.Field >= MaxFields || v.Level > Administrators || len(v.Sealed) > MaxPrivate:
			return false
		case (v.Level == Everybody) != (v.Key.IsZero() && len(v.Sealed) == 0), v.Key.IsZero() != (len(v.Sealed) == 0):
			return false
		}
		last = v.Field
	}
	return true
}

// DecodeHidden reads the body of a directory.hidden_changed. Errors: wire's, errcode's.
func DecodeHidden(body []byte) (Change, error) {
	var c Change
	if err := wire.Decode(body, wire.MaxBody, &c); err != nil {
		return c, err
	}
	if len(c.Hidden) == 0 || len(c.Departments)+len(c.Records)+len(c.Delegates) > 0 {
		return c, errcode.InvalidArgument
	}
	return c, c.Check()
}

// Veiled gives the veil of a field, nil where everybody sees it.
func (e *Entry) Veiled(f Field) *Veil {
	if v := e.Hidden[f]; v != nil && v.Level != Everybody {
		return v
	}
	return nil
}

// hide takes one statement; as department. Administrators alone say who sees what.
func (c *Chart) hide(s *Said, h Hidden, wanted bool) (e Effect, told bool) {
	x := c.Entries[h.Record]
	if x == nil || !c.admin(s.Person) {
		return e, false
	}
	if wanted {
		before := *x
		e.EntryBefore = &before
	}
	for i := range h.Veils {
		x.Hidden[h.Veils[i].Field] = &h.Veils[i]
	}
	x.Changed = s.Stamp
	if !wanted {
		return e, false
	}
	after := *x
	e.EntryAfter = &after
	return e, true
}
