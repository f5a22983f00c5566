package portrait

import (
	"roundtable/backend/event"
	"roundtable/backend/picture"
)

// Set gives its author a picture, or takes it away.
const Set event.Kind = "portrait.set"

// limits bound a picture of a person.
var limits = picture.Limits{Bytes: 12 << 10, Sent: 1 << 20, Smallest: 16, Largest: 160}

type set struct {
	// Picture is a PNG or JPEG within limits, empty for none.
	Picture []byte `cbor:"1,keyasint,omitempty"`
}

func (s set) valid() bool { return len(s.Picture) == 0 || limits.Check(s.Picture) == nil }
