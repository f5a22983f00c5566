package chat

import (
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

const (
	// MessagePosted is a message: text, attachments, or both.
	MessagePosted event.Kind = "chat.message_posted"
	// MessageEdited replaces the text of a message of the same author.
	MessageEdited event.Kind = "chat.message_edited"
	// MessageRecalled takes a message back.
	MessageRecalled event.Kind = "chat.message_recalled"
	// ReactionSet says with which emoji its author reacts to a message: all of them.
	ReactionSet event.Kind = "chat.reaction_set"
	// MessagePinned puts a message to the top of a conversation, or takes it from there.
	MessagePinned event.Kind = "chat.message_pinned"
	// RecallSpanSet says how long after it was written a message may be recalled, in a workspace.
	RecallSpanSet event.Kind = "chat.recall_span_set"
	// ReadMarked says up to where its author has read.
	ReadMarked event.Kind = "chat.read_marked"
	// GroupNamed names a group.
	GroupNamed event.Kind = "chat.group_named"

	// maxMarks bounds the feeds of one read mark; more go into several.
	maxMarks = 2000
	typing   = "chat.typing"
	// typingThread is said of a thread.
	typingThread = "chat.typing_thread"
)

type messagePosted struct {
	Text string `cbor:"1,keyasint"`
	// Attachments came later: programs before them skip a message that has some,
	// and show it once they are newer.
	Attachments []attachment `cbor:"2,keyasint,omitempty"`
	// Note came with meetings, and programs before it skip notes likewise.
	Note *note `cbor:"3,keyasint,omitempty"`
	// Reply, Mentions and Forwarded came with the depth of messages.
	Reply     *ref       `cbor:"4,keyasint,omitempty"`
	Mentions  []mention  `cbor:"5,keyasint,omitempty"`
	Forwarded *forwarded `cbor:"6,keyasint,omitempty"`
	// Thread and Record came with threads.
	Thread *threaded `cbor:"7,keyasint,omitempty"`
	Record *record   `cbor:"8,keyasint,omitempty"`
}

type messageEdited struct {
	Message  ref       `cbor:"1,keyasint"`
	Text     string    `cbor:"2,keyasint"`
	Mentions []mention `cbor:"3,keyasint,omitempty"`
}

type messageRecalled struct {
	Message ref `cbor:"1,keyasint"`
}

// reactionSet holds all of a person's reactions to a message, so that the last
// event says everything and nothing has to be counted.
type reactionSet struct {
	Message ref      `cbor:"1,keyasint"`
	Emoji   []string `cbor:"2,keyasint,omitempty"`
}

type messagePinned struct {
	Message ref  `cbor:"1,keyasint"`
	On      bool `cbor:"2,keyasint,omitempty"`
}

type recallSpanSet struct {
	Seconds uint64 `cbor:"1,keyasint"`
}

// ref names a message of the same conversation on every device: by its author's
// device, the start of its content feed, and its sequence there.
type ref struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
}

func (r ref) valid() bool {
	return !r.Device.IsZero() && r.Start < 1<<62 && r.Seq >= 1 && r.Seq < 1<<62
}

// in gives the short number of the feed in a space.
func (r ref) in(id wire.SpaceID) int64 {
	return feedNumber(id, envelope.Feed{Device: r.Device, Start: r.Start, Lane: envelope.Content})
}

// ref of a message that is here.
func (m message) ref() ref { return ref{Device: m.device, Start: m.start, Seq: uint64(m.Seq)} }

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
