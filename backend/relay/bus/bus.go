// Package bus is how the processes of a relay cluster talk among themselves: one
// small interface, one conformance suite (bustest), one implementation (nats.Bus
// in engine/nats). What is stored never travels here; that is the engine's.
//
// What the processes say is the server's (server/memo.go). It is trusted no
// further than anything else that comes from a network.
package bus

import (
	"context"
	"encoding/hex"
	"errors"

	"roundtable/backend/wire"
)

// MaxMessage bounds one message, in bytes.
const MaxMessage = 256 << 10

// ErrBusy: the bus takes nothing now: it is not connected, its queue is full, or
// it is closed.
var ErrBusy = errors.New("the bus takes nothing now")

// Process names one process of a cluster, from its start to its end.
type Process [8]byte

// NewProcess makes a name.
func NewProcess() Process { return Process(wire.Random(len(Process{}))) }

func (p Process) String() string { return hex.EncodeToString(p[:]) }

// Bus carries short messages between the processes of one cluster, now or never.
//
// A message may be lost, also without an error, and never comes changed or twice.
// Those of one process to all arrive in their order, as do those of one process to
// another; between the two there is no order. Whoever needs more counts for
// himself. Sending never waits for the network or for a slow listener.
type Bus interface {
	// Join begins listening, once for each bus. heard is called by one goroutine at a
	// time and owns what it is given; it must not block. What is sent just after Join
	// may be missed yet. After leave has returned heard is called no more; leave may
	// be called twice, and not from heard.
	Join(ctx context.Context, self Process, heard func(message []byte)) (leave func(), err error)
	// Send gives a message to one other process; nobody says whether it is there.
	// Errors: ErrBusy, wire.ErrTooLarge.
	Send(to Process, message []byte) error
	// Tell gives a message to all other processes. Errors: ErrBusy, wire.ErrTooLarge.
	Tell(message []byte) error
}
