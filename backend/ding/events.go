package ding

import (
	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

const (
	// Sent puts a message before people.
	Sent event.Kind = "ding.sent"
	// Reminded puts it before some of them again.
	Reminded event.Kind = "ding.reminded"
	// CalledOff ends that.
	CalledOff event.Kind = "ding.called_off"
	// Seen says that it was on its author's screen.
	Seen event.Kind = "ding.seen"
	// Confirmed says that its author took note.
	Confirmed event.Kind = "ding.confirmed"
	// RulesSet says who may and how often, in a workspace.
	RulesSet event.Kind = "ding.rules_set"

	// MaxPeople bounds those whom one round names.
	MaxPeople = 1000
	// nonceSize is how long a round's nonce is.
	nonceSize = 16
	// mostRules bounds the numbers of the rules.
	mostRules = 100
)

// Ref names an event of the same space on every device: by its author's device, the
// start of its content feed, and its sequence there.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Seq    uint64
}

func (r Ref) valid() bool {
	return !r.Device.IsZero() && r.Start < 1<<62 && r.Seq >= 1 && r.Seq < 1<<62
}

// Feed that the event stands in.
func (r Ref) Feed() envelope.Feed {
	return envelope.Feed{Device: r.Device, Start: r.Start, Lane: envelope.Content}
}

type sent struct {
	Message Ref             `cbor:"1,keyasint"`
	All     bool            `cbor:"2,keyasint,omitempty"`
	People  []wire.PersonID `cbor:"3,keyasint,omitempty"`
	Nonce   []byte          `cbor:"4,keyasint"`
}

func (s sent) valid() bool {
	return s.Message.valid() && s.All == (len(s.People) == 0) && len(s.People) <= MaxPeople && len(s.Nonce) == nonceSize
}

type reminded struct {
	Ding   Ref             `cbor:"1,keyasint"`
	All    bool            `cbor:"2,keyasint,omitempty"`
	People []wire.PersonID `cbor:"3,keyasint,omitempty"`
	Nonce  []byte          `cbor:"4,keyasint"`
}

func (r reminded) valid() bool {
	return r.Ding.valid() && r.All == (len(r.People) == 0) && len(r.People) <= MaxPeople && len(r.Nonce) == nonceSize
}

// about is the body of what is said of a notice without more.
type about struct {
	Ding Ref `cbor:"1,keyasint"`
}

// Who may write notices.
type Who uint64

const (
	// Everybody may.
	Everybody Who = 1
	// Leads may: who manages the workspace or the conversation, or leads a department.
	Leads Who = 2
)

type rulesSet struct {
	Who    Who    `cbor:"1,keyasint"`
	PerDay uint64 `cbor:"2,keyasint"`
	PerTen uint64 `cbor:"3,keyasint"`
}

func (r rulesSet) valid() bool {
	in := func(n uint64) bool { return n >= 1 && n <= mostRules }
	return (r.Who == Everybody || r.Who == Leads) && in(r.PerDay) && in(r.PerTen)
}
