package chat

import (
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

const (
	// MessagePosted is a text message.
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
