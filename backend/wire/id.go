package wire

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// IDs are 32 bytes and comparable. In text they carry a prefix that says what
// they name, so that one is never taken for another: "dev_" and 52 characters
// of lower-case base32 (RFC 4648, no padding).
type (
	// DeviceID is a device's Ed25519 public key (RFC 8032). It is the key
	// itself, not its hash: a signature is checked with nothing else at hand.
	DeviceID [32]byte
	// PersonID is the hash of the certificate of a person's first device.
	PersonID [32]byte
	// SpaceID commits to what a space is and who made it; see package space.
	SpaceID [32]byte
	// EventID is the hash of an envelope's bytes, signature included.
	EventID [32]byte
	// InviteID is the public half of an invite's one-time key.
	InviteID [32]byte
	// CallID commits to who began a call, where and when; see package calls/room.
	CallID [32]byte
	// EpochID is the hash of an epoch key. The key of zeros does not exist:
	// the zero EpochID marks a body that is not sealed.
	EpochID [16]byte
)

const (
	prefixDevice = "dev_"
	prefixPerson = "per_"
	prefixSpace  = "spc_"
	prefixEvent  = "evt_"
	prefixInvite = "inv_"
	prefixCall   = "call_"
)

var (
	base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

	// ErrID is returned for text that is not an ID of the wanted kind.
	ErrID = errors.New("not an id of this kind")
)

func (id DeviceID) String() string { return prefixDevice + base32Lower.EncodeToString(id[:]) }
func (id PersonID) String() string { return prefixPerson + base32Lower.EncodeToString(id[:]) }
func (id SpaceID) String() string  { return prefixSpace + base32Lower.EncodeToString(id[:]) }
func (id EventID) String() string  { return prefixEvent + base32Lower.EncodeToString(id[:]) }
func (id InviteID) String() string { return prefixInvite + base32Lower.EncodeToString(id[:]) }
func (id CallID) String() string   { return prefixCall + base32Lower.EncodeToString(id[:]) }
func (id EpochID) String() string  { return hex.EncodeToString(id[:]) }

// IsZero reports whether the ID is unset.
func (id DeviceID) IsZero() bool { return id == DeviceID{} }
func (id PersonID) IsZero() bool { return id == PersonID{} }
func (id SpaceID) IsZero() bool  { return id == SpaceID{} }
func (id EventID) IsZero() bool  { return id == EventID{} }
func (id CallID) IsZero() bool   { return id == CallID{} }
func (id EpochID) IsZero() bool  { return id == EpochID{} }

// Short is a form for logs: enough to tell IDs apart, too little to be one.
func (id DeviceID) Short() string { return id.String()[:12] }

func parseID(text, prefix string) (out [32]byte, err error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok || len(rest) != base32Lower.EncodedLen(32) {
		return out, fmt.Errorf("parse id %q…: %w", prefix, ErrID)
	}
	raw, err := base32Lower.DecodeString(rest)
	if err != nil || len(raw) != 32 || base32Lower.EncodeToString(raw) != rest {
		return out, fmt.Errorf("parse id %q…: %w", prefix, ErrID)
	}
	return [32]byte(raw), nil
}

// ParseDeviceID reads the text form. Errors: ErrID.
func ParseDeviceID(text string) (DeviceID, error) {
	raw, err := parseID(text, prefixDevice)
	return DeviceID(raw), err
}

// ParsePersonID reads the text form. Errors: ErrID.
func ParsePersonID(text string) (PersonID, error) {
	raw, err := parseID(text, prefixPerson)
	return PersonID(raw), err
}

// ParseSpaceID reads the text form. Errors: ErrID.
func ParseSpaceID(text string) (SpaceID, error) {
	raw, err := parseID(text, prefixSpace)
	return SpaceID(raw), err
}

// ParseEventID reads the text form. Errors: ErrID.
func ParseEventID(text string) (EventID, error) {
	raw, err := parseID(text, prefixEvent)
	return EventID(raw), err
}

// ParseInviteID reads the text form. Errors: ErrID.
func ParseInviteID(text string) (InviteID, error) {
	raw, err := parseID(text, prefixInvite)
	return InviteID(raw), err
}

// ParseCallID reads the text form. Errors: ErrID.
func ParseCallID(text string) (CallID, error) {
	raw, err := parseID(text, prefixCall)
	return CallID(raw), err
}

// Random fills n bytes from the system's generator, which cannot fail on
// supported systems (crypto/rand.Read aborts the program instead).
func Random(n int) []byte {
	out := make([]byte, n)
	rand.Read(out)
	return out
}
