package office

import (
	"encoding/hex"

	"roundtable/backend/contracts/signers"
	"roundtable/backend/event"
	"roundtable/backend/wire"
)

// The kinds of the authority, in the workspace's space.
const (
	Founded   event.Kind = "office.founded"
	Asked     event.Kind = "office.asked"
	Issued    event.Kind = "office.issued"
	Refused   event.Kind = "office.refused"
	Listed    event.Kind = "office.listed"
	Handed    event.Kind = "office.handed"
	Taken     event.Kind = "office.taken"
	SealNamed event.Kind = "office.seal_named"
)

// The kinds of the register, in its space.
const (
	SealMade  event.Kind = "seals.made"
	SealRight event.Kind = "seals.right"
	SealEnded event.Kind = "seals.ended"
	SealUsed  event.Kind = "seals.used"
)

// Limits of what others say.
const (
	maxDER     = 16 << 10  // a certificate or a request
	maxList    = 900 << 10 // some 20,000 revoked certificates
	maxName    = 64        // characters, as in certificates
	maxEmail   = 120
	maxReason  = 300
	maxTitle   = 200
	maxDevices = wire.MaxCertificates
	maxCuts    = 64
	maxContent = 600 << 10
)

// Rights to a seal, as bits. Appended, never reordered.
type Rights uint8

// The rights.
const (
	Manage Rights = 1 << iota
	Use
	Audit
	allRights = Manage | Use | Audit
)

// SealKind is the form of a seal. Values are those of the door's SealKind.
type SealKind uint8

// The kinds.
const (
	Round SealKind = iota + 1
	Oval
	Rectangle
	Personal
	Image
)

func (k SealKind) known() bool { return k >= Round && k <= Image }

type founded struct {
	Root []byte `cbor:"1,keyasint"`
}

type asked struct {
	Request    []byte       `cbor:"1,keyasint"`
	Name       string       `cbor:"2,keyasint"`
	Department string       `cbor:"3,keyasint,omitempty"`
	Email      string       `cbor:"4,keyasint,omitempty"`
	Seal       wire.EventID `cbor:"5,keyasint"` // zero for a person's own
	Outlines   [32]byte     `cbor:"6,keyasint"`
	SealName   string       `cbor:"7,keyasint,omitempty"`
}

type issued struct {
	Request     wire.EventID `cbor:"1,keyasint"`
	Certificate []byte       `cbor:"2,keyasint"`
	// Verified is how the issuer verified the person.
	Verified string `cbor:"3,keyasint"`
}

type refused struct {
	Request wire.EventID `cbor:"1,keyasint"`
	Reason  string       `cbor:"2,keyasint"`
}

type listed struct {
	List []byte `cbor:"1,keyasint"`
}

type handed struct {
	To    wire.PersonID `cbor:"1,keyasint"`
	Root  [32]byte      `cbor:"2,keyasint"` // SHA-256 of the certificate
	Boxes []box         `cbor:"3,keyasint"`
}

// box is a root's key, wrapped for one device.
type box struct {
	Device wire.DeviceID `cbor:"1,keyasint"`
	Sealed []byte        `cbor:"2,keyasint"`
}

type taken struct {
	Root [32]byte `cbor:"1,keyasint"`
}

type sealNamed struct {
	Seal wire.EventID `cbor:"1,keyasint"`
	Name string       `cbor:"2,keyasint"`
	Kind SealKind     `cbor:"3,keyasint"`
}

type sealMade struct {
	Name string   `cbor:"1,keyasint"`
	Kind SealKind `cbor:"2,keyasint"`
	// Content draws it (seal.Drawing.PDF) in a box of Width by Height thousandths of a point.
	Content []byte `cbor:"3,keyasint"`
	Width   int64  `cbor:"4,keyasint"`
	Height  int64  `cbor:"5,keyasint"`
}

type sealRight struct {
	Seal   wire.EventID  `cbor:"1,keyasint"`
	Person wire.PersonID `cbor:"2,keyasint"`
	Rights Rights        `cbor:"3,keyasint"`
	// Cuts are the ends of the person's feeds when the right to manage is taken away.
	Cuts []cut `cbor:"4,keyasint,omitempty"`
}

type cut struct {
	Device wire.DeviceID `cbor:"1,keyasint"`
	Start  uint64        `cbor:"2,keyasint"`
	Seq    uint64        `cbor:"3,keyasint"`
}

type sealEnded struct {
	Seal   wire.EventID `cbor:"1,keyasint"`
	State  string       `cbor:"2,keyasint"` // Lost or Revoked
	Reason string       `cbor:"3,keyasint,omitempty"`
}

// How a seal ends.
const (
	Lost    = "lost"
	Revoked = "revoked"
)

type sealUsed struct {
	Seal     wire.EventID  `cbor:"1,keyasint"`
	Contract wire.SpaceID  `cbor:"2,keyasint"`
	Title    string        `cbor:"3,keyasint"`
	Document [32]byte      `cbor:"4,keyasint"`
	Asked    wire.PersonID `cbor:"5,keyasint"`
	Reason   string        `cbor:"6,keyasint,omitempty"`
}

// sound tells whether a body may be kept. It is no judgement: that is made when it is read.
func sound(kind event.Kind, body wire.Raw) bool {
	switch kind {
	case Founded:
		return read(body, func(b *founded) bool { return some(b.Root, maxDER) })
	case Asked:
		return read(body, func(b *asked) bool {
			return some(b.Request, maxDER) && named(b.Name) && within(b.Department, maxName) && within(b.Email, maxEmail) &&
				(b.SealName == "" || named(b.SealName)) && b.Seal.IsZero() == (b.SealName == "")
		})
	case Issued:
		return read(body, func(b *issued) bool { return some(b.Certificate, maxDER) && within(b.Verified, maxReason) })
	case Refused:
		return read(body, func(b *refused) bool { return within(b.Reason, maxReason) })
	case Listed:
		return read(body, func(b *listed) bool { return some(b.List, maxList) })
	case Handed:
		return read(body, func(b *handed) bool {
			for _, x := range b.Boxes {
				if !some(x.Sealed, maxDER) {
					return false
				}
			}
			return len(b.Boxes) > 0 && len(b.Boxes) <= maxDevices
		})
	case Taken:
		return read(body, func(*taken) bool { return true })
	case SealNamed:
		return read(body, func(b *sealNamed) bool { return named(b.Name) && b.Kind.known() })
	}
	return soundSeal(kind, body)
}

func soundSeal(kind event.Kind, body wire.Raw) bool {
	switch kind {
	case SealMade:
		return read(body, func(b *sealMade) bool {
			return named(b.Name) && b.Kind.known() && some(b.Content, maxContent) && b.Width > 0 && b.Width < 1e6 && b.Height > 0 && b.Height < 1e6
		})
	case SealRight:
		return read(body, func(b *sealRight) bool { return b.Rights <= allRights && len(b.Cuts) <= maxCuts })
	case SealEnded:
		return read(body, func(b *sealEnded) bool { return (b.State == Lost || b.State == Revoked) && within(b.Reason, maxReason) })
	case SealUsed:
		return read(body, func(b *sealUsed) bool { return within(b.Title, maxTitle) && within(b.Reason, maxReason) })
	}
	return false
}

// read decodes a body strictly and asks a question of it.
func read[T any](body wire.Raw, ok func(*T) bool) bool {
	var b T
	return wire.Decode(body, wire.MaxBody, &b) == nil && ok(&b)
}

func some(b []byte, most int) bool { return len(b) > 0 && len(b) <= most }

// sealHex is the ID of a seal as package signers has it.
func sealHex(id wire.EventID) string { return signers.SealText(id[:]) }

// sealID is the reverse. Errors: wire.ErrID.
func sealID(text string) (id wire.EventID, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) {
		return id, wire.ErrID
	}
	return wire.EventID(raw), nil
}
