package room

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"roundtable/backend/key"
	"roundtable/backend/wire"
)

const (
	// Every is how often a beat is said, GoneAfter how long silence is forgiven.
	Every     = 2 * time.Second
	GoneAfter = 8 * time.Second
	// MaxIn bounds the devices in a call, MaxPeers those that are remembered.
	MaxIn    = 64
	MaxPeers = 512
	// MaxBeat bounds a beat's bytes: it fits an ephemeral message with its signature.
	MaxBeat = 12 << 10

	maxLost    = 16
	maxCohosts = 16
	maxPeople  = 88 // admitted, removed
	maxDenied  = 16
	maxOrders  = 48
	maxMade    = 32
	maxBarred  = 16
	maxEmoji   = 32
)

// ErrBeat is returned for a beat that no device that follows the rules says.
var ErrBeat = errors.New("beat is refused")

// Start is what makes a call one. The call's ID is its hash, so that nobody else can
// claim to have begun it.
type Start struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Nonce  [16]byte
	At     int64 // Unix ms
	Video  bool
	// Planned meeting that it was begun for; zero for none.
	Planned wire.EventID
}

// ID of the call in a space.
func (s Start) ID(space wire.SpaceID) wire.CallID {
	return wire.CallID(key.Hash("roundtable call v1", space[:], wire.MustEncode(s)))
}

// Phase of a device towards a call.
type Phase uint8

// The phases, as on the wire.
const (
	// In: it is in the call, or wants to be.
	In Phase = iota + 1
	// Gone: it has left.
	Gone
	// Declined: it rang there, and the person does not come.
	Declined
)

// Shows is what a device shows of itself.
type Shows uint8

// The bits, as on the wire.
const (
	Microphone Shows = 1 << iota
	Camera
	Screen
	ScreenSound
	Hand
	Recording
	allShows = Recording<<1 - 1
)

// Beat is what a device says of itself in a call.
type Beat struct {
	Start Start `cbor:"1,keyasint"`
	// Sent is Unix ms of its clock, larger in every beat.
	Sent  int64 `cbor:"2,keyasint"`
	Phase Phase `cbor:"3,keyasint"`
	// Joined is when it came in, by its clock; it stays the same until it leaves.
	Joined int64 `cbor:"4,keyasint,omitempty"`
	Shows  Shows `cbor:"5,keyasint,omitempty"`
	HandAt int64 `cbor:"6,keyasint,omitempty"` // Unix ms
	// The policy's counter when it last switched these on: later orders switch them off.
	MicSince    uint32          `cbor:"7,keyasint,omitempty"`
	ScreenSince uint32          `cbor:"8,keyasint,omitempty"`
	HandSince   uint32          `cbor:"9,keyasint,omitempty"`
	Score       uint16          `cbor:"10,keyasint,omitempty"`
	Hub         *Hub            `cbor:"11,keyasint,omitempty"`
	Lost        []wire.DeviceID `cbor:"12,keyasint,omitempty"` // whom it cannot reach
	// Policy is said by hosts and co-hosts.
	Policy   *Policy   `cbor:"13,keyasint,omitempty"`
	Reaction *Reaction `cbor:"16,keyasint,omitempty"`
	// Follows is the policy that counts for it.
	Follows *Follows `cbor:"15,keyasint,omitempty"`
}

// Hub is who forwards, as a device sees it; a device that names itself claims it.
type Hub struct {
	_       struct{} `cbor:",toarray"`
	Term    uint32
	Hub     wire.DeviceID // zero: a mesh
	Standby wire.DeviceID
}

// Reaction is an emoji over a tile.
type Reaction struct {
	_     struct{} `cbor:",toarray"`
	Emoji string
	At    int64
}

// Policy is what hosts decided. Counter grows with each change.
type Policy struct {
	// Founder of this line of policies: the device that began the call, or a successor.
	Founder wire.DeviceID `cbor:"1,keyasint"`
	// Since is when a successor came in; 0 for the starter.
	Since    int64           `cbor:"2,keyasint,omitempty"`
	Counter  uint32          `cbor:"3,keyasint"`
	Author   wire.DeviceID   `cbor:"4,keyasint"`
	Rules    Rules           `cbor:"5,keyasint,omitempty"`
	Grant    *Grant          `cbor:"6,keyasint,omitempty"`
	Admitted []wire.PersonID `cbor:"7,keyasint,omitempty"`
	Removed  []wire.PersonID `cbor:"8,keyasint,omitempty"`
	Denied   []Attempt       `cbor:"9,keyasint,omitempty"`
	Orders   []Order         `cbor:"10,keyasint,omitempty"`
	// MuteAll and NoUnmute: everybody but hosts, by counter; 0: never, or not now.
	MuteAll  uint32 `cbor:"11,keyasint,omitempty"`
	NoUnmute uint32 `cbor:"12,keyasint,omitempty"`
	// Ended: the call is over for all.
	Ended bool `cbor:"13,keyasint,omitempty"`
	// Made names the last deeds that are in it, so that whoever did one sees whether it was lost
	// against another host's of the same moment.
	Made []uint64 `cbor:"14,keyasint,omitempty"`
	// Barred devices are never hub.
	Barred []wire.DeviceID `cbor:"15,keyasint,omitempty"`
	// Guests is the space by which people who are no members of the conversation come in; nil: nobody does.
	Guests *wire.SpaceID `cbor:"16,keyasint,omitempty"`
}

// Follows names a policy. The grant in it is the latest that was heard of: who gets in touch with a
// co-host that is none any more has the proof with it.
type Follows struct {
	Founder wire.DeviceID `cbor:"1,keyasint"`
	Counter uint32        `cbor:"2,keyasint"`
	Grant   *Grant        `cbor:"3,keyasint,omitempty"`
}

// Rules are the switches of a policy.
type Rules uint8

// The bits, as on the wire.
const (
	Locked Rules = 1 << iota
	Lobby
	MuteOnEntry
	NoShare
	// AnyInvites: not only hosts make links for guests.
	AnyInvites
	allRules = AnyInvites<<1 - 1
)

// Grant names the co-hosts, signed by a device of the founder's person.
type Grant struct {
	_         struct{} `cbor:",toarray"`
	Number    uint32
	By        wire.DeviceID
	People    []wire.PersonID
	Signature []byte
}

// Attempt is one coming of a device: who was denied once may knock again.
type Attempt struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Joined int64
}

// What an order switches off.
const (
	OrderMute uint8 = iota + 1
	OrderStop
	OrderLower
)

// Order to one device.
type Order struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	What   uint8
	At     uint32 // counter
}

// message is what a grant's signature is over.
func (g Grant) message(call wire.CallID, founder wire.DeviceID) []byte {
	return wire.MustEncode([]any{call[:], founder[:], g.Number, g.People})
}

// Decode reads a beat strictly. Errors: wire.ErrTooLarge, wire.ErrMalformed, ErrBeat.
func Decode(raw []byte) (Beat, error) {
	var b Beat
	if err := wire.Decode(raw, MaxBeat, &b); err != nil {
		return b, err
	}
	return b, b.check()
}

// check refuses what is beyond its limits, before anything is made of it.
func (b *Beat) check() error {
	ms := func(at int64) bool { return at >= 0 && at < math.MaxInt64/2 }
	switch {
	case !ms(b.Start.At) || !ms(b.Sent) || !ms(b.Joined) || !ms(b.HandAt) || b.Sent == 0:
		return fmt.Errorf("time: %w", ErrBeat)
	case b.Phase < In || b.Phase > Declined || b.Shows > allShows:
		return fmt.Errorf("phase: %w", ErrBeat)
	case b.Phase == In && (b.Joined == 0 || b.Joined > b.Sent):
		return fmt.Errorf("joined: %w", ErrBeat)
	case b.Phase != In && (b.Shows != 0 || b.Hub != nil):
		return fmt.Errorf("gone and showing: %w", ErrBeat)
	case len(b.Lost) > maxLost:
		return fmt.Errorf("lost: %w", ErrBeat)
	case b.Reaction != nil && (!ValidEmoji(b.Reaction.Emoji) || !ms(b.Reaction.At)):
		return fmt.Errorf("reaction: %w", ErrBeat)
	case b.Follows != nil && (b.Follows.Counter > math.MaxInt32 || !b.Follows.Grant.valid()):
		return fmt.Errorf("follows: %w", ErrBeat)
	case b.Policy != nil:
		return b.Policy.check()
	}
	return nil
}

func (g *Grant) valid() bool {
	return g == nil || len(g.People) <= maxCohosts && len(g.Signature) == 64 && g.Number > 0 && g.Number <= math.MaxInt32
}

// ValidEmoji reports whether a text may be a reaction: short, and nothing that moves lines.
func ValidEmoji(text string) bool {
	if text == "" || len(text) > maxEmoji || !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return false // letters, controls, and what turns text round
		}
	}
	return true
}

func (p *Policy) check() error {
	bad := p.Counter == 0 || p.Counter > math.MaxInt32 || p.Rules > allRules || p.Since < 0 || p.Since >= math.MaxInt64/2 ||
		len(p.Admitted) > maxPeople || len(p.Removed) > maxPeople || len(p.Denied) > maxDenied || len(p.Orders) > maxOrders ||
		len(p.Made) > maxMade || len(p.Barred) > maxBarred || p.MuteAll > p.Counter || p.NoUnmute > p.Counter
	for _, o := range p.Orders {
		bad = bad || o.What < OrderMute || o.What > OrderLower || o.At > p.Counter
	}
	if bad || !p.Grant.valid() {
		return fmt.Errorf("policy: %w", ErrBeat)
	}
	return nil
}
