package calls

import (
	"roundtable/backend/calls/room"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Said is a beat as it is sent in a space, signed by whoever.
func Said(space wire.SpaceID, b room.Beat, by key.Signer) any {
	raw := wire.MustEncode(b)
	signature, err := by.Sign(key.ContextBeat, over(space, raw))
	if err != nil {
		panic(err)
	}
	return signed{Beat: raw, Signature: signature}
}

// Frame is one of a stream "call/1".
func Frame(call wire.CallID, space wire.SpaceID, message []byte) any {
	return signal{Call: call, Space: space, Message: message}
}

// SignalProtocol names the stream.
const SignalProtocol = signalProtocol

// Rooms counts the calls that are followed.
func (c *Calls) Rooms() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.rooms)
}

// StartOf gives how a call began.
func (c *Calls) StartOf(id wire.CallID) room.Start {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rooms[id].room.Start
}

// Hears takes bytes as the members' exchange gives them.
func (c *Calls) Hears(space wire.SpaceID, from wire.DeviceID, raw []byte) { c.heard(space, from, raw) }

// HearsGuest takes bytes as the exchange of a meeting with guests gives them.
func (c *Calls) HearsGuest(meeting wire.SpaceID, from wire.DeviceID, raw []byte) {
	c.heardByGuests(meeting, from, raw)
}

// TakesBeat is Hears behind the rates and the wrapping.
func (c *Calls) TakesBeat(space wire.SpaceID, from wire.DeviceID, beat, signature []byte) error {
	return c.take(space, from, signed{Beat: beat, Signature: signature}, wire.SpaceID{})
}

// TakesFrame takes bytes of a stream "call/1".
func (c *Calls) TakesFrame(from wire.DeviceID, raw []byte) error {
	var f signal
	if err := wire.DecodeLoose(raw, maxSignalFrame, &f); err != nil {
		return err
	}
	return c.signals.take(from, f)
}
