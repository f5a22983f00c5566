package chart

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"roundtable/backend/errcode"
	"roundtable/backend/name"
	"roundtable/backend/wire"
)

// Bounds of a chart. What goes beyond the last two has no effect.
const (
	// MaxObjects bounds the departments, records and delegates of one change.
	MaxObjects = 1000
	// MaxText bounds names, titles, numbers, phones, addresses and places, in characters.
	MaxText = wire.MaxProfileField
	// MaxNote bounds a note, in characters.
	MaxNote = 2000
	// MaxPosts, MaxPhones and MaxInvites bound what one record has several of.
	MaxPosts, MaxPhones, MaxInvites = 8, 8, 16
	// MaxPrivate bounds sealed fields, in bytes.
	MaxPrivate = 8 << 10
	// MaxFields bounds Field.
	MaxFields = 5
	// MaxDepth bounds the tree.
	MaxDepth = 32
	// MaxDepartments and MaxRecords bound a chart.
	MaxDepartments, MaxRecords = 20_000, 200_000
)

// ID names a department, a record or a batch: 16 random bytes.
type ID [16]byte

// NewID draws one.
func NewID() ID { return ID(wire.Random(16)) }

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero: no department, no record.
func (id ID) IsZero() bool { return id == ID{} }

// ParseID reads what String gives. Errors: errcode.InvalidArgument.
func ParseID(text string) (id ID, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) || strings.ToLower(text) != text {
		return id, errcode.InvalidArgument
	}
	return ID(raw), nil
}

// Why a change was made. Appended, never reordered.
type Why uint8

const (
	Edit   Why = 1
	Import Why = 2
	Undo   Why = 3
)

// Change is the body of directory.changed: statements that were made together.
type Change struct {
	// Batch is the same in all changes of one action.
	Batch       ID           `cbor:"1,keyasint"`
	Why         Why          `cbor:"2,keyasint"`
	Departments []Department `cbor:"3,keyasint,omitempty"`
	Records     []Record     `cbor:"4,keyasint,omitempty"`
	Delegates   []Delegate   `cbor:"5,keyasint,omitempty"`
	// Hidden has events of its own (directory.hidden_changed), which programs of before pass over.
	Hidden []Hidden `cbor:"6,keyasint,omitempty"`
}

// Department says something about one; what is nil stays.
type Department struct {
	ID    ID      `cbor:"1,keyasint"`
	Name  *string `cbor:"2,keyasint,omitempty"`
	Where *Where  `cbor:"3,keyasint,omitempty"`
	Gone  *bool   `cbor:"4,keyasint,omitempty"`
}

// Where a department stands: below Parent (zero: at the top), among its siblings by Order.
type Where struct {
	Parent ID    `cbor:"1,keyasint"`
	Order  int64 `cbor:"2,keyasint"`
}

// Record says something about one; a group that is nil stays.
type Record struct {
	ID      ID       `cbor:"1,keyasint"`
	Name    *Name    `cbor:"2,keyasint,omitempty"`
	Posts   *Posts   `cbor:"3,keyasint,omitempty"`
	Reach   *Reach   `cbor:"4,keyasint,omitempty"`
	Note    *string  `cbor:"5,keyasint,omitempty"`
	Left    *bool    `cbor:"6,keyasint,omitempty"`
	Bind    *Bind    `cbor:"7,keyasint,omitempty"`
	Private *Private `cbor:"8,keyasint,omitempty"`
}

// Name of a record and its employee number ("" when it has none).
type Name struct {
	Name   string `cbor:"1,keyasint"`
	Number string `cbor:"2,keyasint,omitempty"`
}

// Post is one position.
type Post struct {
	Department ID     `cbor:"1,keyasint"`
	Title      string `cbor:"2,keyasint,omitempty"`
	Lead       bool   `cbor:"3,keyasint,omitempty"`
}

// Posts are where somebody works; the first position is the main one.
type Posts struct {
	Posts []Post `cbor:"1,keyasint,omitempty"`
	// Manager is a record; zero for none.
	Manager ID     `cbor:"2,keyasint"`
	Place   string `cbor:"3,keyasint,omitempty"`
}

// Reach is how to reach somebody.
type Reach struct {
	Phones []string `cbor:"1,keyasint,omitempty"`
	Email  string   `cbor:"2,keyasint,omitempty"`
}

// Bind ties a record to a person of the workspace: to Person, or, where that is zero, to who came
// by one of the invites that were made for it.
type Bind struct {
	Person  wire.PersonID   `cbor:"1,keyasint"`
	Invites []wire.InviteID `cbor:"2,keyasint,omitempty"`
}

// Private is sealed under the vault key that Key names.
type Private struct {
	Key    ID     `cbor:"1,keyasint"`
	Sealed []byte `cbor:"2,keyasint,omitempty"`
}

// Delegate lets a person administer a department, or ends that.
type Delegate struct {
	Department ID            `cbor:"1,keyasint"`
	Person     wire.PersonID `cbor:"2,keyasint"`
	On         bool          `cbor:"3,keyasint"`
}

// Decode reads the body of a directory.changed. Errors: wire's, errcode's.
func Decode(body []byte) (Change, error) {
	var c Change
	if err := wire.Decode(body, wire.MaxBody, &c); err != nil {
		return c, err
	}
	if len(c.Hidden) > 0 {
		return c, errcode.InvalidArgument
	}
	return c, c.Check()
}

// Check holds a change to the bounds; the same rules for what is typed here and for what arrives.
// Errors: those of package name, errcode.FieldTooLong, errcode.InvalidArgument.
func (c Change) Check() error {
	if c.Batch.IsZero() || c.Why < Edit || c.Why > Undo || len(c.Departments)+len(c.Records)+len(c.Delegates)+len(c.Hidden) > MaxObjects {
		return errcode.InvalidArgument
	}
	for _, h := range c.Hidden {
		if !h.valid() {
			return errcode.InvalidArgument
		}
	}
	for _, d := range c.Departments {
		if d.ID.IsZero() || d.Where != nil && d.Where.Parent == d.ID {
			return errcode.InvalidArgument
		}
		if d.Name != nil {
			if err := clean(*d.Name, false); err != nil {
				return err
			}
		}
	}
	for _, r := range c.Records {
		if err := r.check(); err != nil {
			return err
		}
	}
	for _, d := range c.Delegates {
		if d.Department.IsZero() || d.Person.IsZero() {
			return errcode.InvalidArgument
		}
	}
	return nil
}

func (r Record) check() error {
	if r.ID.IsZero() || r.Private != nil && len(r.Private.Sealed) > MaxPrivate {
		return errcode.InvalidArgument
	}
	var optional []string
	if r.Name != nil {
		if err := clean(r.Name.Name, false); err != nil {
			return err
		}
		optional = append(optional, r.Name.Number)
	}
	if p := r.Posts; p != nil {
		if len(p.Posts) > MaxPosts || p.Manager == r.ID {
			return errcode.InvalidArgument
		}
		optional = append(optional, p.Place)
		seen := map[ID]bool{}
		for _, post := range p.Posts {
			if post.Department.IsZero() || seen[post.Department] {
				return errcode.InvalidArgument
			}
			seen[post.Department] = true
			optional = append(optional, post.Title)
		}
	}
	if r.Reach != nil {
		if len(r.Reach.Phones) > MaxPhones {
			return errcode.InvalidArgument
		}
		for _, p := range r.Reach.Phones {
			if err := clean(p, false); err != nil {
				return err
			}
		}
		optional = append(optional, r.Reach.Email)
	}
	for _, text := range optional {
		if err := clean(text, true); err != nil {
			return err
		}
	}
	if r.Bind != nil && (len(r.Bind.Invites) > MaxInvites || !r.Bind.Person.IsZero() && len(r.Bind.Invites) > 0) {
		return errcode.InvalidArgument
	}
	return checkNote(r.Note)
}

// clean holds one line of text to the rules of names.
func clean(text string, empty bool) error {
	if text == "" && empty {
		return nil
	}
	again, err := name.Check(text, MaxText)
	if err == nil && again != text {
		err = fmt.Errorf("text is not in its clean form: %w", errcode.NameInvalid)
	}
	return err
}

func checkNote(note *string) error {
	if note == nil || *note == "" {
		return nil
	}
	if utf8.RuneCountInString(*note) > MaxNote {
		return errcode.Of(errcode.FieldTooLong, "max", MaxNote)
	}
	for line := range strings.SplitSeq(*note, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if _, err := name.Check(line, MaxNote); err != nil {
			return err
		}
	}
	return nil
}

// Clean gives the clean form of an optional line of text.
// Errors: errcode.FieldTooLong, errcode.NameInvalid.
func Clean(text string) (string, error) {
	out, err := name.Check(text, MaxText)
	switch code, _ := errcode.From(err); {
	case err == nil:
		return out, nil
	case code == errcode.NameEmpty:
		return "", nil
	case code == errcode.NameTooLong:
		return "", errcode.Of(errcode.FieldTooLong, "max", MaxText)
	}
	return "", err
}
