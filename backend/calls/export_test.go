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
