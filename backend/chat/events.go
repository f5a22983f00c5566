package chat

import (
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

const (
	// MessagePosted is a message: text, attachments, or both.
	MessagePosted event.Kind = "chat.message_posted"
	// ReadMarked says up to where its author has read.
	ReadMarked event.Kind = "chat.read_marked"
	// GroupNamed names a group.
	GroupNamed event.Kind = "chat.group_named"

	// maxMarks bounds the feeds of one read mark; more go into several.
	maxMarks = 2000
	typing   = "chat.typing"
)

type messagePosted struct {
	Text string `cbor:"1,keyasint"`
	// Attachments came later: programs before them skip a message that has some,
	// and show it once they are newer.
	Attachments []attachment `cbor:"2,keyasint,omitempty"`
	// Note came with meetings, and programs before it skip notes likewise.
	Note *note `cbor:"3,keyasint,omitempty"`
}

// mark is the content feed of a device, read up to a sequence.
type mark struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
}

type readMarked struct {
	Marks []mark `cbor:"1,keyasint"`
}

type groupNamed struct {
	Name string `cbor:"1,keyasint"`
}
