package flow

import (
	"roundtable/backend/blob"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

// Kinds of events, in the content lane of a contract's space.
const (
	KindSent        event.Kind = "contracts.sent"
	KindOpened      event.Kind = "contracts.opened"
	KindConsented   event.Kind = "contracts.consented"
	KindWithdrawn   event.Kind = "contracts.withdrawn"
	KindActed       event.Kind = "contracts.acted"
	KindPassed      event.Kind = "contracts.passed"
	KindDeclined    event.Kind = "contracts.declined"
	KindReassigned  event.Kind = "contracts.reassigned"
	KindVoided      event.Kind = "contracts.voided"
	KindReminded    event.Kind = "contracts.reminded"
	KindDeadlineSet event.Kind = "contracts.deadline_set"
	KindSealAsked   event.Kind = "contracts.seal_asked"
	KindSealRefused event.Kind = "contracts.seal_refused"
)

// Role of a party. Appended, never reordered.
type Role uint8

// The roles; Viewer sees the document from the beginning, Copy when it is complete.
const (
	Signer   Role = 1
	Approver Role = 2
	Viewer   Role = 3
	Copy     Role = 4
)

// Acts reports whether the contract waits for such a party.
func (r Role) Acts() bool { return r == Signer || r == Approver }

// FieldType is what is filled in. Appended, never reordered; as in the API.
type FieldType uint8

// The types of fields.
const (
	Signature  FieldType = 1
	Seal       FieldType = 2
	Initials   FieldType = 3
	Date       FieldType = 4
	Name       FieldType = 5
	Text       FieldType = 6
	Number     FieldType = 7
	Checkbox   FieldType = 8
	Choice     FieldType = 9
	Attachment FieldType = 10
)

// Party is a part in a contract, as it was sent.
type Party struct {
	// ID is its number, from 1, in the order of Sent.
	ID   uint8 `cbor:"1,keyasint"`
	Role Role  `cbor:"2,keyasint"`
	// Step from 1: parties of one step act in any order, steps one after the other.
	Step uint8 `cbor:"3,keyasint"`
	// Person is zero for somebody from outside who has not come yet.
	Person wire.PersonID `cbor:"4,keyasint"`
	Name   string        `cbor:"5,keyasint,omitempty"`
	// Label is what the document calls it, such as 甲方.
	Label        string `cbor:"6,keyasint,omitempty"`
	Organization string `cbor:"7,keyasint,omitempty"`
}

// Field is a place in the document that a party fills.
type Field struct {
	// ID is the name of the field in the PDF.
	ID    string    `cbor:"1,keyasint"`
	Type  FieldType `cbor:"2,keyasint"`
	Party uint8     `cbor:"3,keyasint"`
	Page  uint32    `cbor:"4,keyasint"`
	// Rect is left, top, width and height in thousandths of a point, from the upper left corner of the page as shown.
	Rect     [4]int32 `cbor:"5,keyasint"`
	Label    string   `cbor:"6,keyasint,omitempty"`
	Required bool     `cbor:"7,keyasint,omitempty"`
	Choices  []string `cbor:"8,keyasint,omitempty"`
	// MaxLength in characters, of Text; 0 is no bound but MaxValue.
	MaxLength uint32 `cbor:"9,keyasint,omitempty"`
	// Min and Max bound a Number; "" is no bound.
	Min string `cbor:"10,keyasint,omitempty"`
	Max string `cbor:"11,keyasint,omitempty"`
	// Format of a Text: "", "email", "phone", "id_card", "credit_code", "digits".
	Format string `cbor:"12,keyasint,omitempty"`
	// Seal that is expected; "" leaves it to the party.
	Seal string `cbor:"13,keyasint,omitempty"`
}

// Blob is how to fetch and read bytes that stand beside the events: a File, or
// with an access code the same sealed under the key that the code gives.
type Blob struct {
	File   *blob.File `cbor:"1,keyasint,omitempty"`
	Sealed []byte     `cbor:"2,keyasint,omitempty"`
}

// Document is what was sent: frozen, with empty fields.
type Document struct {
	Name   string   `cbor:"1,keyasint"`
	Pages  uint32   `cbor:"2,keyasint"`
	Size   uint64   `cbor:"3,keyasint"`
	SHA256 [32]byte `cbor:"4,keyasint"`
	Blob   Blob     `cbor:"5,keyasint"`
	// Salt makes, with the access code, the key of all sealed Blobs of the contract; none without a code.
	Salt []byte `cbor:"6,keyasint,omitempty"`
}

// Sent begins a contract. Only one of the space's creator counts: the first of a feed, and of several that on which most was built.
type Sent struct {
	Title    string   `cbor:"1,keyasint"`
	Message  string   `cbor:"2,keyasint,omitempty"`
	Parties  []Party  `cbor:"3,keyasint"`
	Fields   []Field  `cbor:"4,keyasint,omitempty"`
	Document Document `cbor:"5,keyasint"`
	// Deadline and Ends in Unix ms, 0: none. Ends is when the obligations in it end.
	Deadline   int64  `cbor:"6,keyasint,omitempty"`
	RemindDays uint16 `cbor:"7,keyasint,omitempty"`
	Language   string `cbor:"8,keyasint,omitempty"`
	Ends       int64  `cbor:"9,keyasint,omitempty"`
}

// Opened says that its author has seen the document.
type Opened struct{}

// Consented says that a party agrees to the frozen document with these values in its fields.
type Consented struct {
	Party uint8    `cbor:"1,keyasint"`
	Base  [32]byte `cbor:"2,keyasint"`
	// Values of the party's fields, by ID in order.
	Values []Value `cbor:"3,keyasint,omitempty"`
	// Version and Language of the statement that was agreed to.
	Version  string `cbor:"4,keyasint,omitempty"`
	Language string `cbor:"5,keyasint,omitempty"`
	// Look is the SHA-256 of what the signature will look like.
	Look [32]byte `cbor:"6,keyasint"`
	// Files that stand in fields of type Attachment.
	Files []File `cbor:"7,keyasint,omitempty"`
	// Filled is, with an access code, Values and Files (Hide) sealed under the key that the code gives; both are empty then. Contracts of before
	// say them openly.
	Filled []byte `cbor:"8,keyasint,omitempty"`
}

// File is what was attached in a field.
type File struct {
	Field  string   `cbor:"1,keyasint"`
	Name   string   `cbor:"2,keyasint"`
	Size   uint64   `cbor:"3,keyasint"`
	SHA256 [32]byte `cbor:"4,keyasint"`
	Blob   Blob     `cbor:"5,keyasint"`
}

// Value is what was filled into a field.
type Value struct {
	_     struct{} `cbor:",toarray"`
	Field string
	Value string
}

// Withdrawn takes a consent back whose signature is not made.
type Withdrawn struct {
	Party uint8 `cbor:"1,keyasint"`
}

// What was done. Appended, never reordered.
type What uint8

// The deeds: Preserved adds what a later check needs to a complete document.
const (
	Signed    What = 1
	Approved  What = 2
	Sealed    What = 3
	Preserved What = 4
)

// Acted extends the chain by a deed, and says which bytes go behind the file.
type Acted struct {
	Prev  wire.EventID `cbor:"1,keyasint"`
	Party uint8        `cbor:"2,keyasint,omitempty"`
	What  What         `cbor:"3,keyasint"`
	// Next is the party that gets the document; 0: the only one that can, or it stays with the author.
	Next uint8 `cbor:"4,keyasint,omitempty"`
	// Tail is what goes behind the file; nothing for Approved.
	Tail Blob `cbor:"5,keyasint"`
	// SHA256 and Size of the whole file afterwards.
	SHA256 [32]byte `cbor:"6,keyasint"`
	Size   uint64   `cbor:"7,keyasint"`
	// Level of PAdES, and the time that an authority stamped (Unix ms), 0 without.
	Level   string `cbor:"8,keyasint,omitempty"`
	Stamped int64  `cbor:"9,keyasint,omitempty"`
	// Fingerprint is the SHA-256 of the certificate; Issuer its issuer's name.
	Fingerprint []byte `cbor:"10,keyasint,omitempty"`
	Issuer      string `cbor:"11,keyasint,omitempty"`
	// Consent that a signature rests on.
	Consent wire.EventID `cbor:"12,keyasint"`
	// Seal and Field, and the request that it was asked for with, of Sealed.
	Seal    string       `cbor:"13,keyasint,omitempty"`
	Field   string       `cbor:"14,keyasint,omitempty"`
	Request wire.EventID `cbor:"15,keyasint"`
	// Seals that a signing party applied of itself, with Signed.
	Seals []Impression `cbor:"16,keyasint,omitempty"`
	// At is the author's clock (Unix ms), by which it is in time or not: a stamp that lies far ahead is another one on every device.
	At int64 `cbor:"17,keyasint"`
}

// Impression is a seal in a field.
type Impression struct {
	_     struct{} `cbor:",toarray"`
	Field string
	Seal  string
}

// Passed hands the document to another party of the same step, which has consented.
type Passed struct {
	Prev wire.EventID `cbor:"1,keyasint"`
	Next uint8        `cbor:"2,keyasint"`
}

// Declined says that a party does not sign.
type Declined struct {
	Party  uint8  `cbor:"1,keyasint"`
	Reason string `cbor:"2,keyasint,omitempty"`
}

// Reassigned gives a party another person.
type Reassigned struct {
	Party  uint8         `cbor:"1,keyasint"`
	From   wire.PersonID `cbor:"2,keyasint"`
	To     wire.PersonID `cbor:"3,keyasint"`
	Name   string        `cbor:"4,keyasint,omitempty"`
	Reason string        `cbor:"5,keyasint,omitempty"`
}

// Voided ends a contract.
type Voided struct {
	Reason string `cbor:"1,keyasint,omitempty"`
}

// Reminded asks a party to look.
type Reminded struct {
	Party uint8 `cbor:"1,keyasint"`
}

// DeadlineSet moves the deadline; 0: none.
type DeadlineSet struct {
	Deadline int64 `cbor:"1,keyasint,omitempty"`
}

// SealAsked asks the holder of a seal to apply it in a field of the author's party.
type SealAsked struct {
	Party  uint8         `cbor:"1,keyasint"`
	Field  string        `cbor:"2,keyasint"`
	Seal   string        `cbor:"3,keyasint"`
	Holder wire.PersonID `cbor:"4,keyasint"`
	Reason string        `cbor:"5,keyasint,omitempty"`
	// Name of the seal, as it was when it was asked for.
	Name string `cbor:"6,keyasint,omitempty"`
}

// SealRefused answers a request with no.
type SealRefused struct {
	Request wire.EventID `cbor:"1,keyasint"`
	Reason  string       `cbor:"2,keyasint,omitempty"`
}
