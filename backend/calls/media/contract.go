package media

import (
	"errors"
	"time"

	"roundtable/backend/wire"
)

// ErrSDP is returned for a session description that does not read, is too large, or is not what is
// expected here.
var ErrSDP = errors.New("session description is refused")

// Kind of a source.
type Kind uint8

// The kinds, as on the wire.
const (
	Microphone Kind = iota + 1
	Camera
	Screen
	ScreenSound
)

// Sound reports whether a kind is heard, not seen.
func (k Kind) Sound() bool { return k == Microphone || k == ScreenSound }

// Source is one thing that one device sends.
type Source struct {
	Device wire.DeviceID
	Kind   Kind
}

// Slot is a receiver of the page and what it carries.
type Slot struct {
	Mid string
	Source
}

// Plan is whom the engine links with and what it forwards.
type Plan struct {
	// Peers are the devices to link with, Hub and Standby among them.
	Peers []wire.DeviceID
	// Hub forwards for all; zero in a mesh. Self: this engine gives everybody's sources to everybody.
	Hub wire.DeviceID
	// Standby, when not zero, is linked with and given nothing, until it is Hub.
	Standby wire.DeviceID
	// Silenced sources are dropped wherever they come from (a host has muted or removed them).
	Silenced []Source
}

// Want is what the page shows of a source, in pixels of its height; 0 is nothing.
type Want struct {
	Source
	Height int
}

// Sending is what the page may send: nobody looks at what is not named. CameraBPS is for all layers
// of the camera together: the page gives the lower ones at most 150 kb/s (q) and 500 kb/s (h), and
// the highest one what is left, as maxBitrate, and sends no layer that is not in Layers.
type Sending struct {
	CameraBPS, ScreenBPS int
	Layers               []string // of "q", "h", "f"
}

// Network is how the way to a device is.
type Network struct {
	Connected bool
	Relayed   bool // over TURN
	RoundTrip time.Duration
	Loss      float64 // 0 to 1, of what we sent and of what we got the worse
	BPS       int     // estimate of what may be sent there
	Starved   bool    // what is wanted there does not fit the estimate
	Silent    time.Duration
}

// Snapshot is everything that others show of the engine.
type Snapshot struct {
	Slots                []Slot
	OfferSerial          int64
	WantAudio, WantVideo int
	Sending              Sending
	Networks             map[wire.DeviceID]Network
	Voices               map[wire.DeviceID]bool // microphones that there are; true: something is heard there
	Speaker              wire.DeviceID          // who speaks now or spoke last
	PageConnected        bool
	Digits               map[wire.DeviceID]string // six digits of both fingerprints, the same at both ends
	HubSilent            bool                     // nothing heard of Plan.Hub for 600 ms, while the standby answers
	// UplinkBPS is the best estimate of what this device can send in all.
	UplinkBPS int
}
