package space

import (
	"fmt"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Kind of a space. Appended, never reordered.
type Kind uint8

const (
	Workspace Kind = 1
	Group     Kind = 2
	Direct    Kind = 3
	Folder    Kind = 4
	Meeting   Kind = 5
	// Contract: a contract of people of one workspace. Between: one with people from outside, in no workspace.
	Contract Kind = 6
	Between  Kind = 7
	// Register: the seals of a workspace, for those who have a right to one.
	Register Kind = 8
	// Circle: a conversation of people of several workspaces, in none of them.
	Circle Kind = 9
)

// Standalone: it lies in no workspace. Its devices are colleagues by it alone, it names its own
// relays, and people say in it what they are called.
func (k Kind) Standalone() bool { return k == Workspace || k == Meeting || k == Between || k == Circle }

// Conversation: people write messages in it, and call each other.
func (k Kind) Conversation() bool {
	return k == Workspace || k == Group || k == Direct || k == Meeting || k == Circle
}

// Role in a space; a larger one may do more.
type Role uint8

const (
	Guest  Role = 1
	Member Role = 2
	Admin  Role = 3
	Owner  Role = 4
)

// LastField is the highest field of Op that this program knows. An operation of
// a newer version has a higher one; what it means nobody here can say.
const LastField = 10

// Op is the body of a control event: its parents and exactly one operation.
type Op struct {
	Parents []wire.EventID `cbor:"1,keyasint,omitempty"`
	Create  *Create        `cbor:"2,keyasint,omitempty"`
	Add     *Add           `cbor:"3,keyasint,omitempty"`
	Invite  *Invite        `cbor:"4,keyasint,omitempty"`
	Revoke  *Revoke        `cbor:"5,keyasint,omitempty"`
	Redeem  *Redeem        `cbor:"6,keyasint,omitempty"`
	SetRole *SetRole       `cbor:"7,keyasint,omitempty"`
	Remove  *Remove        `cbor:"8,keyasint,omitempty"`
	Rotate  *Rotate        `cbor:"9,keyasint,omitempty"`
	History *History       `cbor:"10,keyasint,omitempty"`
}

// Party is a person with the certificates of its devices.
type Party struct {
	Person       wire.PersonID          `cbor:"1,keyasint"`
	Certificates []identity.Certificate `cbor:"2,keyasint"`
}

// Create begins a space. A direct space may be begun by both of its people at
// once; the two creations are the same space.
type Create struct {
	Kind  Kind     `cbor:"1,keyasint"`
	Nonce [16]byte `cbor:"2,keyasint"`
	// Workspace that the space belongs to; zero for one that stands alone.
	Workspace wire.SpaceID `cbor:"3,keyasint"`
	// Parties: the creator; for a direct space both people.
	Parties []Party      `cbor:"4,keyasint"`
	Epoch   wire.EpochID `cbor:"5,keyasint"`
}

// Add lets a person in on the author's authority.
type Add struct {
	Party Party `cbor:"1,keyasint"`
	Role  Role  `cbor:"2,keyasint"`
	// Since is the earliest feed start that counts: zero at first, and at a
	// re-admission larger than that of any feed from before the removal.
	Since uint64 `cbor:"3,keyasint"`
}

// Invite announces a one-time key; whoever proves to hold it may be let in.
type Invite struct {
	ID      wire.InviteID `cbor:"1,keyasint"`
	Role    Role          `cbor:"2,keyasint"`
	Expires int64         `cbor:"3,keyasint"` // Unix ms
	Uses    uint32        `cbor:"4,keyasint"`
}

// Revoke ends an invite.
type Revoke struct {
	ID wire.InviteID `cbor:"1,keyasint"`
}

// Redeem lets in a person who proved to hold an invite's key.
type Redeem struct {
	Invite wire.InviteID `cbor:"1,keyasint"`
	Party  Party         `cbor:"2,keyasint"`
	Since  uint64        `cbor:"3,keyasint"`
	// Proof is the invite key's signature over RedeemMessage.
	Proof []byte `cbor:"4,keyasint"`
}

// SetRole changes the role of a person who is in the space.
type SetRole struct {
	Person wire.PersonID `cbor:"1,keyasint"`
	Role   Role          `cbor:"2,keyasint"`
}

// Remove ends a membership; a person may remove itself.
type Remove struct {
	Person wire.PersonID `cbor:"1,keyasint"`
	// Cuts: the last sequence that counts, feed by feed. A feed without a cut counts for nothing.
	Cuts []Cut `cbor:"2,keyasint,omitempty"`
}

// Cut is the end of one feed.
type Cut struct {
	Device wire.DeviceID `cbor:"1,keyasint"`
	Start  uint64        `cbor:"2,keyasint"`
	Lane   uint8         `cbor:"3,keyasint"`
	Seq    uint64        `cbor:"4,keyasint"`
}

// Feed names the feed that is cut.
func (c Cut) Feed() envelope.Feed {
	return envelope.Feed{Device: c.Device, Start: c.Start, Lane: envelope.Lane(c.Lane)}
}

// Rotate begins a new epoch: from here on bodies are sealed with another key.
type Rotate struct {
	Epoch wire.EpochID `cbor:"1,keyasint"`
	// Without names members who get no key of this epoch, by person ID: in a
	// group, those who are gone from its workspace and whom nobody here may remove.
	Without []wire.PersonID `cbor:"2,keyasint,omitempty"`
}

// Control is one control event as the machine sees it. Its author is proven,
// its operation not yet judged.
type Control struct {
	ID    wire.EventID
	Feed  envelope.Feed
	Seq   uint64
	Stamp clock.Stamp
	Op    Op
	// Sealed names the epoch whose key the event is sealed with; that of a new epoch is sealed with its own.
	Sealed wire.EpochID
}

// NewID is the ID of the space that a creation by this device begins.
func (c Create) NewID(author wire.DeviceID) wire.SpaceID {
	if c.Kind == Direct {
		if len(c.Parties) != 2 {
			return wire.SpaceID{}
		}
		return DirectID(c.Workspace, c.Parties[0].Person, c.Parties[1].Person)
	}
	return wire.SpaceID(key.Hash("roundtable space v1", []byte{byte(c.Kind)}, author[:], c.Nonce[:], c.Workspace[:]))
}

// DirectID is the ID of the direct space of two people in a workspace.
func DirectID(workspace wire.SpaceID, a, b wire.PersonID) wire.SpaceID {
	if string(a[:]) > string(b[:]) {
		a, b = b, a
	}
	return wire.SpaceID(key.Hash("roundtable direct v1", workspace[:], a[:], b[:]))
}

// RedeemMessage is what an invite's key signs for the person that it lets in.
func RedeemMessage(space wire.SpaceID, party Party) []byte {
	sum := key.Hash("roundtable redeem v1", space[:], wire.MustEncode(party))
	return sum[:]
}

// check looks at what holds whatever the state: shape, limits, certificates,
// signatures. It is costly and done once per event.
func (c Control) check(id wire.SpaceID) error {
	op := c.Op
	n := 0
	for _, set := range []bool{op.Create != nil, op.Add != nil, op.Invite != nil, op.Revoke != nil,
		op.Redeem != nil, op.SetRole != nil, op.Remove != nil, op.Rotate != nil, op.History != nil} {
		if set {
			n++
		}
	}
	switch {
	case n != 1 || len(op.Parents) > wire.MaxParents:
		return fmt.Errorf("control event: shape: %w", ErrControl)
	case (op.Create != nil) != (len(op.Parents) == 0):
		return fmt.Errorf("control event: parents: %w", ErrControl)
	case op.Create != nil:
		return op.Create.check(id, c.Feed.Device)
	case op.Add != nil:
		return op.Add.Party.check()
	case op.Redeem != nil:
		if err := op.Redeem.Party.check(); err != nil {
			return err
		}
		return key.Verify(op.Redeem.Invite, key.ContextRedeem, RedeemMessage(id, op.Redeem.Party), op.Redeem.Proof)
	}
	return nil
}

func (c Create) check(id wire.SpaceID, author wire.DeviceID) error {
	want := 1
	if c.Kind == Direct {
		want = 2
	}
	if c.Kind < Workspace || c.Kind > Circle || len(c.Parties) != want || c.Epoch.IsZero() ||
		c.Kind.Standalone() != c.Workspace.IsZero() || c.NewID(author) != id {
		return fmt.Errorf("create: %w", ErrControl)
	}
	byAuthor := false
	for _, p := range c.Parties {
		if err := p.check(); err != nil {
			return err
		}
		byAuthor = byAuthor || p.has(author)
	}
	if !byAuthor || (want == 2 && c.Parties[0].Person == c.Parties[1].Person) {
		return fmt.Errorf("create: parties: %w", ErrControl)
	}
	return nil
}

func (p Party) check() error {
	person, err := identity.Person(p.Certificates)
	if err != nil {
		return err
	}
	if person != p.Person {
		return fmt.Errorf("party: %w", ErrControl)
	}
	return nil
}

func (p Party) has(device wire.DeviceID) bool {
	for _, c := range p.Certificates {
		if c.Device == device {
			return true
		}
	}
	return false
}

// parties lists the people whose certificates an operation brings.
func (op Op) parties() []Party {
	switch {
	case op.Create != nil:
		return op.Create.Parties
	case op.Add != nil:
		return []Party{op.Add.Party}
	case op.Redeem != nil:
		return []Party{op.Redeem.Party}
	}
	return nil
}
