package server

import (
	"fmt"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// What the processes of a cluster say to each other. These bytes come from a
// network: they are decoded strictly, and what stands in them is believed only as
// far as another process may know it. Fields are appended; a form that older
// processes cannot read needs a new number in the subjects of the bus.

const (
	// maxMoves bounds the devices of one moves or one roster.
	maxMoves = 1000
	// maxPages bounds the pages of a roster: half a million devices at one process.
	maxPages = 512
	// maxMemo bounds a memo: moves of as many organisations as devices, or a piece.
	maxMemo = bus.MaxMessage
)

// memo is one message: its sender and exactly one other field. The comment of a
// field names who gets it and what answers it.
type memo struct {
	From bus.Process `cbor:"1,keyasint"`

	Beat   *beat   `cbor:"2,keyasint,omitempty"` // all
	Bye    *bye    `cbor:"3,keyasint,omitempty"` // all
	Moves  *moves  `cbor:"4,keyasint,omitempty"` // all
	Ask    *ask    `cbor:"5,keyasint,omitempty"` // one → Roster
	Roster *roster `cbor:"6,keyasint,omitempty"`

	Frame *farFrame `cbor:"10,keyasint,omitempty"` // those with receivers
	Ring  *ring     `cbor:"11,keyasint,omitempty"` // where the device is → Rung
	Rung  *rung     `cbor:"12,keyasint,omitempty"`

	Open   *opening `cbor:"20,keyasint,omitempty"` // the process that gave the ticket → Opened or Shut
	Opened *opened  `cbor:"21,keyasint,omitempty"`
	Part   *part    `cbor:"22,keyasint,omitempty"` // the other end of the bridge, as the next two
	Credit *credit  `cbor:"23,keyasint,omitempty"`
	Shut   *shut    `cbor:"24,keyasint,omitempty"`
}

// beat says that a process lives, and how many moves it has told.
type beat struct {
	Seq uint64 `cbor:"1,keyasint"`
}

// bye says that it ends, and all its devices with it.
type bye struct{}

// moves are devices that came to a process or left it, as they stand when it is
// told. Seq counts them, from 1.
type moves struct {
	Seq uint64       `cbor:"1,keyasint"`
	Of  []tenantMove `cbor:"2,keyasint"`
}

type tenantMove struct {
	Tenant engine.Tenant   `cbor:"1,keyasint"`
	Here   []placed        `cbor:"2,keyasint,omitempty"`
	Gone   []wire.DeviceID `cbor:"3,keyasint,omitempty"`
}

// placed is a connected device: since when, by the cluster's stamps, and a digest
// of the name under which it dialled the relay.
type placed struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Stamp  uint64
	Door   [8]byte
}

// ask asks for all devices of a process.
type ask struct{}

// roster is one page of them, as they stood after the moves up to Seq.
type roster struct {
	Seq   uint64       `cbor:"1,keyasint"`
	Page  uint32       `cbor:"2,keyasint"`
	Pages uint32       `cbor:"3,keyasint"`
	Of    []tenantMove `cbor:"4,keyasint,omitempty"`
}

// farFrame is a frame for devices at another process, which looks at the list
// itself. Most is how many deliveries its sender has paid for there.
type farFrame struct {
	Tenant engine.Tenant  `cbor:"1,keyasint"`
	Frame  protocol.Frame `cbor:"2,keyasint"`
	Most   uint32         `cbor:"3,keyasint"`
}

// ring hands a device its ticket for a circuit.
type ring struct {
	ID     uint64        `cbor:"1,keyasint"`
	Tenant engine.Tenant `cbor:"2,keyasint"`
	From   wire.DeviceID `cbor:"3,keyasint"`
	To     wire.DeviceID `cbor:"4,keyasint"`
	Secret [32]byte      `cbor:"5,keyasint"`
}

// rung says whether the device was there.
type rung struct {
	ID   uint64 `cbor:"1,keyasint"`
	Here bool   `cbor:"2,keyasint,omitempty"`
}

// bridgeID names a bridge; it is random.
type bridgeID [16]byte

// opening shows a ticket that came to another process than the one that gave it.
type opening struct {
	ID     bridgeID `cbor:"1,keyasint"`
	Ticket [32]byte `cbor:"2,keyasint"` // its digest
}

// opened says that the ticket was good.
type opened struct {
	ID bridgeID `cbor:"1,keyasint"`
}

// part is a piece of a message of a circuit. Seq counts those of one direction, from 1.
type part struct {
	ID    bridgeID `cbor:"1,keyasint"`
	Seq   uint64   `cbor:"2,keyasint"`
	First bool     `cbor:"3,keyasint,omitempty"` // of its message
	Last  bool     `cbor:"4,keyasint,omitempty"`
	Bytes []byte   `cbor:"5,keyasint,omitempty"`
}

// credit says how much may be sent in all. It only grows, so one that got lost is
// made good by the next.
type credit struct {
	ID   bridgeID `cbor:"1,keyasint"`
	Upto uint64   `cbor:"2,keyasint"`
}

// shut ends a bridge.
type shut struct {
	ID  bridgeID `cbor:"1,keyasint"`
	How ending   `cbor:"2,keyasint,omitempty"`
}

// ending says what becomes of what is on its way.
type ending uint8

const (
	cutOff ending = iota // nothing of it is given to the device any more
	broken               // it is given, then the socket ends as the other has
	closed               // and the WebSocket is closed in good order
)

// decodeMemo reads a memo. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func decodeMemo(raw []byte) (m memo, err error) {
	if err := wire.Decode(raw, maxMemo, &m); err != nil {
		return m, fmt.Errorf("read memo: %w", err)
	}
	if !m.wellFormed() {
		return m, fmt.Errorf("read memo: shape: %w", wire.ErrMalformed)
	}
	return m, nil
}

func (m memo) wellFormed() bool {
	n := 0
	for _, there := range []bool{m.Beat != nil, m.Bye != nil, m.Moves != nil, m.Ask != nil, m.Roster != nil, m.Frame != nil, m.Ring != nil,
		m.Rung != nil, m.Open != nil, m.Opened != nil, m.Part != nil, m.Credit != nil, m.Shut != nil} {
		if there {
			n++
		}
	}
	if n != 1 || m.From == (bus.Process{}) {
		return false
	}
	switch {
	case m.Moves != nil:
		return m.Moves.Seq > 0 && fewMoves(m.Moves.Of)
	case m.Roster != nil:
		return m.Roster.Pages > 0 && m.Roster.Pages <= maxPages && m.Roster.Page < m.Roster.Pages && fewMoves(m.Roster.Of)
	case m.Frame != nil:
		f := m.Frame.Frame
		return len(f.Bytes) <= protocol.MaxFrame && !f.From.IsZero() && (f.Space != (wire.SpaceID{}) || !f.To.IsZero())
	case m.Part != nil:
		return m.Part.Seq > 0 && len(m.Part.Bytes) <= spliceBytes
	case m.Shut != nil:
		return m.Shut.How <= closed
	}
	return true
}

func fewMoves(of []tenantMove) bool {
	n := 0
	for _, t := range of {
		if len(t.Here)+len(t.Gone) == 0 {
			return false
		}
		n += len(t.Here) + len(t.Gone)
	}
	return n <= maxMoves
}
