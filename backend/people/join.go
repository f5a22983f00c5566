package people

import (
	"encoding/binary"
	"fmt"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

const (
	joinProtocol = "join/1"
	// stepTimeout bounds each step that a program answers; askTimeout what a person answers.
	stepTimeout = 15 * time.Second
	askTimeout  = 10 * time.Minute
	// refusedRest is how long a device that was refused has to wait.
	refusedRest = 30 * time.Second
	maxOffers   = 32
	maxJoin     = 64 << 10
)

// joinMessage is one frame of a join: exactly one field is set.
//
//	newcomer            member
//	hello ─────────────────▶
//	◀───────────────── offers
//
//	ask (commitment) ──────▶
//	◀───────────────── number
//	reveal (number) ───────▶     both show six digits
//	◀──────── welcome / sorry    when the member has decided
//
//	redeem (proof) ────────▶
//	◀──────── welcome / sorry
type joinMessage struct {
	Hello   *struct{} `cbor:"1,keyasint,omitempty"`
	Offers  *joinList `cbor:"2,keyasint,omitempty"`
	Ask     *ask      `cbor:"3,keyasint,omitempty"`
	Number  *number   `cbor:"4,keyasint,omitempty"`
	Reveal  *number   `cbor:"5,keyasint,omitempty"`
	Redeem  *redeem   `cbor:"6,keyasint,omitempty"`
	Welcome *welcome  `cbor:"7,keyasint,omitempty"`
	Sorry   *sorry    `cbor:"8,keyasint,omitempty"`
}

type joinList struct {
	Offers []offer `cbor:"1,keyasint,omitempty"`
}

// offer is a workspace that a member's device lets people ask for.
type offer struct {
	Workspace wire.SpaceID `cbor:"1,keyasint"`
	Name      string       `cbor:"2,keyasint"`
	Members   uint32       `cbor:"3,keyasint"`
	Person    string       `cbor:"4,keyasint"`
	Device    string       `cbor:"5,keyasint"`
}

type ask struct {
	Workspace  wire.SpaceID `cbor:"1,keyasint"`
	Commitment [32]byte     `cbor:"2,keyasint"`
	Party      space.Party  `cbor:"3,keyasint"`
	Name       string       `cbor:"4,keyasint"`
	Device     string       `cbor:"5,keyasint"`
}

type number struct {
	Number [32]byte `cbor:"1,keyasint"`
}

type redeem struct {
	Workspace wire.SpaceID  `cbor:"1,keyasint"`
	Invite    wire.InviteID `cbor:"2,keyasint"`
	Party     space.Party   `cbor:"3,keyasint"`
	Proof     []byte        `cbor:"4,keyasint"`
	Name      string        `cbor:"5,keyasint"`
}

type welcome struct {
	Workspace wire.SpaceID `cbor:"1,keyasint"`
	Box       []byte       `cbor:"2,keyasint"`
}

type sorry struct {
	Code string `cbor:"1,keyasint"`
}

// commit hides the newcomer's number and fixes it together with who asks for what.
func commit(n [32]byte, workspace wire.SpaceID, party space.Party) [32]byte {
	return key.Hash("roundtable sas commitment v1", n[:], workspace[:], wire.MustEncode(party))
}

// digits are what both people compare.
func digits(newcomer, member [32]byte, newDevice, memberDevice wire.DeviceID, workspace wire.SpaceID, party space.Party) string {
	sum := key.Hash("roundtable sas v1", newcomer[:], member[:], newDevice[:], memberDevice[:], workspace[:], wire.MustEncode(party))
	// 64 bits modulo a million: the bias is below 2^-44.
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum[:8])%1_000_000)
}

// sorryCodes are the reasons that may come over the wire; anything else is join_protocol.
var sorryCodes = map[errcode.Code]bool{
	errcode.JoinRefused: true, errcode.InviteExpired: true, errcode.InviteUsedUp: true, errcode.InviteUnknown: true,
	errcode.InviteRevoked: true, errcode.AlreadyMember: true, errcode.RequestLimit: true, errcode.Forbidden: true,
	errcode.NotFound: true, errcode.JoinTimeout: true, errcode.NotReady: true, errcode.DiskFull: true,
	errcode.CallOver: true, errcode.CallRemoved: true,
}

func (s sorry) code() errcode.Code {
	if c := errcode.Code(s.Code); sorryCodes[c] {
		return c
	}
	return errcode.JoinProtocol
}
