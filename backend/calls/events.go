package calls

import (
	"errors"

	"roundtable/backend/calls/room"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

const (
	// CallStarted says that its author's device began a call.
	CallStarted event.Kind = "calls.started"
	// CallEnded says that a call is over, and who was in it.
	CallEnded event.Kind = "calls.ended"
	// CallDeclined says that its author does not come to a call.
	CallDeclined event.Kind = "calls.declined"
	// MeetingPlanned announces a meeting.
	MeetingPlanned event.Kind = "calls.planned"
	// MeetingCancelled takes that back.
	MeetingCancelled event.Kind = "calls.cancelled"
	// MeetingOpened stands in the space of a meeting with guests and says of which meeting it is.
	MeetingOpened event.Kind = "calls.opened"

	// beatKind is the kind of ephemeral messages.
	beatKind = "call"
	// guestKind is the kind of beats in the space of a meeting with guests.
	guestKind = "call.guest"
	// maxThere bounds who is named as having been in a call.
	maxThere = 100
	// maxPlanned bounds how far ahead and how long a meeting is, in milliseconds.
	maxAhead  = 3 * 366 * 24 * 3600 * 1000
	maxLength = 7 * 24 * 3600 * 1000
)

type callStarted struct {
	Start room.Start `cbor:"1,keyasint"`
}

type callEnded struct {
	Call  wire.CallID     `cbor:"1,keyasint"`
	There []wire.PersonID `cbor:"2,keyasint,omitempty"`
}

type callDeclined struct {
	Call wire.CallID `cbor:"1,keyasint"`
}

type meetingPlanned struct {
	Title string `cbor:"1,keyasint"`
	Begin int64  `cbor:"2,keyasint"` // Unix ms
	End   int64  `cbor:"3,keyasint"`
}

type meetingCancelled struct {
	Meeting wire.EventID `cbor:"1,keyasint"`
}

// meetingOpened names one of the two: the call that went on, or what is planned.
type meetingOpened struct {
	Conversation wire.SpaceID `cbor:"1,keyasint"`
	Call         wire.CallID  `cbor:"2,keyasint"`
	Planned      wire.EventID `cbor:"3,keyasint"`
}

// guestBeat is a beat for those who are no members of the conversation.
type guestBeat struct {
	_            struct{} `cbor:",toarray"`
	Conversation wire.SpaceID
	Beat         []byte
	Signature    []byte
}

// signed is a beat on its way.
type signed struct {
	_         struct{} `cbor:",toarray"`
	Beat      []byte
	Signature []byte
}

var errUnsigned = errors.New("beat is not signed by its device")

// over is what a beat's signature is over: a beat of one space says nothing in another.
func over(space wire.SpaceID, beat []byte) []byte { return append(space[:], beat...) }
