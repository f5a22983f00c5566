package flow

import (
	"roundtable/backend/clock"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

// Event is one event of a contract's space. Its author is proven, its body decoded (Decode).
type Event struct {
	ID     wire.EventID
	Kind   event.Kind
	Person wire.PersonID
	Device wire.DeviceID
	// Start of its feed, and its place in it.
	Start uint64
	Seq   uint64
	Stamp clock.Stamp
	Body  any
	// least is the latest stamp in its feed up to it: it was not written before that.
	least clock.Stamp
}

// Phase of a contract. That a deadline has passed is for who has a clock: State.Expired.
type Phase uint8

// The phases. Unknown: what began it is not here.
const (
	Unknown   Phase = 0
	Running   Phase = 1
	Completed Phase = 2
	Refused   Phase = 3
	Ended     Phase = 4
)

// Standing is how far a party has come.
type Standing uint8

// The standings.
const (
	// Later: its step has not come, or nothing is asked of it.
	Later Standing = iota + 1
	Waiting
	HasOpened
	// HasConsented: the signature is made when the document is there.
	HasConsented
	HasSigned
	HasApproved
	HasDeclined
	// Invited by a link, and nobody came yet.
	Invited
	// WaitsForSeal of another holder.
	WaitsForSeal
)

// PartyState is a party and what became of it.
type PartyState struct {
	Party
	// Person who has the part now, or who acted.
	Person   wire.PersonID
	Standing Standing
	// Consent of the person, or the one that the act rests on; nil without.
	Consent   *Consented
	ConsentID wire.EventID
	// At is the time of what Standing says.
	At     clock.Stamp
	Reason string
	// Ever are all who were the person of this party, the first one first.
	Ever []wire.PersonID
}

// Acted reports whether the party has done its part.
func (p PartyState) Acted() bool { return p.Standing == HasSigned || p.Standing == HasApproved }

// Version is the document after a link of the chain; the first is what was sent.
type Version struct {
	Event  wire.EventID
	Person wire.PersonID
	Device wire.DeviceID
	At     clock.Stamp
	// Act is nil in the first version.
	Act    *Acted
	SHA256 [32]byte
	Size   uint64
}

// Request for a seal.
type Request struct {
	ID    wire.EventID
	Asked *SealAsked
	By    wire.PersonID
	At    clock.Stamp
	// Applied, Refused: what became of it; neither: it waits.
	Applied, Refused bool
	Answer           string
}

// Open reports whether the holder still has to answer.
func (r Request) Open() bool { return !r.Applied && !r.Refused }

// Entry is a line of the timeline.
type Entry struct {
	// Kind: "sent", "opened", "consented", "withdrawn", "signed", "approved", "sealed", "declined", "reassigned", "voided",
	// "reminded", "deadline_set", "seal_asked", "seal_refused", "completed", "preserved", "conflict" (another chain would count, were this one
	// not the one that this device saw complete; Note is how the SHA-256 of its document begins).
	Kind   string
	ID     wire.EventID
	Person wire.PersonID
	Device wire.DeviceID
	At     clock.Stamp
	Party  uint8
	Note   string
	// To is the new person of a party.
	To wire.PersonID
	// Act is set for what changed the document, and for approvals.
	Act *Acted
	// Void: it came too late to count.
	Void bool
}

// State is what became of a contract.
type State struct {
	Phase  Phase
	Sent   *Sent
	Root   wire.EventID
	Sender wire.PersonID
	SentAt clock.Stamp
	// By is the device that sent it.
	By      wire.DeviceID
	Parties []PartyState
	// Versions of the document, the one that was sent first. Approvals make none.
	Versions []Version
	// Head is the last link of the chain: what the next one names.
	Head wire.EventID
	// Holder is the party that has the document; 0: Keeper has it, who passes it on, or it is complete.
	Holder uint8
	Keeper wire.PersonID
	// Pending are the parties that can act now, were the document with them.
	Pending   []uint8
	Completed clock.Stamp
	Preserved bool
	// Why it was ended.
	Reason string
	// Deadline in Unix ms, 0: none.
	Deadline int64
	Requests []Request
	Timeline []Entry
	// SealedFields are those with an impression, by whoever.
	SealedFields map[string]bool
	// Last is the latest stamp in the timeline.
	Last clock.Stamp
	// Conflict is the end of another chain, which would count were this one not pinned (Here.Pin); zero: none.
	Conflict wire.EventID
	// Pinned: the chain that was asked for by Here.Pin is the one that counts here.
	Pinned bool
	// Reminders counts all reminders, Reminded is the last of each party.
	Reminders int
	Reminded  map[uint8]clock.Stamp
}

// Expired reports whether the deadline of a contract that is not over has passed.
func (s *State) Expired(now int64) bool {
	return (s.Phase == Running || s.Phase == Refused) && s.Deadline > 0 && now > s.Deadline
}

// Live reports whether somebody can still act.
func (s *State) Live(now int64) bool { return s.Phase == Running && !s.Expired(now) }

// Party gives one by its number; nil when there is none.
func (s *State) Party(id uint8) *PartyState {
	if id == 0 || int(id) > len(s.Parties) {
		return nil
	}
	return &s.Parties[id-1]
}

// Latest is the document as it is now.
func (s *State) Latest() Version { return s.Versions[len(s.Versions)-1] }

// isPending reports whether a party can act now, were the document with it.
func (s *State) isPending(id uint8) bool {
	for _, p := range s.Pending {
		if p == id {
			return true
		}
	}
	return false
}

// Holds reports whether a person may extend the chain for a party.
func (s *State) Holds(person wire.PersonID, party uint8) bool {
	p := s.Party(party)
	if p == nil || p.Person != person || !s.isPending(party) {
		return false
	}
	return s.Holder == party || s.Holder == 0 && s.Keeper == person
}

// HolderPerson is who has the document in hand; zero when it is complete.
func (s *State) HolderPerson() wire.PersonID {
	if p := s.Party(s.Holder); p != nil {
		return p.Person
	}
	return s.Keeper
}
