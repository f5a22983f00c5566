package protocol

import (
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// Message is one WebSocket message: an ID and exactly one other field. The
// comment of a field names who sends it and what answers it. Requests carry an
// ID that is not zero; the answer repeats it. Unasked messages have ID 0.
type Message struct {
	ID uint64 `cbor:"1,keyasint,omitempty"`

	Challenge *Challenge `cbor:"2,keyasint,omitempty"` // relay, first
	Hello     *Hello     `cbor:"3,keyasint,omitempty"` // device → Ready or Failed
	Ready     *Ready     `cbor:"4,keyasint,omitempty"`
	Failed    *Failed    `cbor:"5,keyasint,omitempty"` // answers any request
	Done      *Done      `cbor:"6,keyasint,omitempty"` // answers requests that ask for nothing
	Bye       *Bye       `cbor:"7,keyasint,omitempty"` // relay, unasked: it is about to stop

	Subscribe   *Subscribe   `cbor:"10,keyasint,omitempty"` // device → Position
	Unsubscribe *Unsubscribe `cbor:"11,keyasint,omitempty"` // device → Done
	Position    *Position    `cbor:"12,keyasint,omitempty"`
	Read        *Read        `cbor:"13,keyasint,omitempty"` // device → Page
	Page        *Page        `cbor:"14,keyasint,omitempty"`
	Publish     *Publish     `cbor:"15,keyasint,omitempty"` // device → Stored
	Stored      *Stored      `cbor:"16,keyasint,omitempty"`
	News        *News        `cbor:"17,keyasint,omitempty"` // relay, unasked
	Heads       *Heads       `cbor:"18,keyasint,omitempty"` // device → HeadList
	HeadList    *HeadList    `cbor:"19,keyasint,omitempty"`

	Access     *Access     `cbor:"20,keyasint,omitempty"` // device → AccessList
	AccessList *AccessList `cbor:"21,keyasint,omitempty"`
	Grant      *Signed     `cbor:"22,keyasint,omitempty"` // device → Done; Failed CodeStale: ask Access again
	Spaces     *Spaces     `cbor:"23,keyasint,omitempty"` // device → SpaceList
	SpaceList  *SpaceList  `cbor:"24,keyasint,omitempty"`
	Listed     *Listed     `cbor:"25,keyasint,omitempty"` // relay, unasked: put on or taken off a list

	Has   *Has   `cbor:"30,keyasint,omitempty"` // device → Flags
	Flags *Flags `cbor:"31,keyasint,omitempty"`
	Put   *Put   `cbor:"32,keyasint,omitempty"` // device → Done, after fsync
	Get   *Get   `cbor:"33,keyasint,omitempty"` // device → Chunk, or Failed CodeNotFound
	Chunk *Chunk `cbor:"34,keyasint,omitempty"`

	Frame    *Frame    `cbor:"40,keyasint,omitempty"` // both ways, unanswered
	Watch    *Watch    `cbor:"41,keyasint,omitempty"` // device → Presence
	Presence *Presence `cbor:"42,keyasint,omitempty"` // also relay, unasked: what changed
	Hosts    *Hosts    `cbor:"43,keyasint,omitempty"` // device → HostList
	HostList *HostList `cbor:"44,keyasint,omitempty"`
	Dial     *Dial     `cbor:"45,keyasint,omitempty"` // device → Ticket, or Failed CodeAway
	Ticket   *Ticket   `cbor:"46,keyasint,omitempty"`
	Incoming *Incoming `cbor:"47,keyasint,omitempty"` // relay, unasked
	Turn     *Turn     `cbor:"48,keyasint,omitempty"` // device → Servers
	Servers  *Servers  `cbor:"49,keyasint,omitempty"`
}

// Code says why a request failed. Appended, never renamed.
type Code string

const (
	CodeMalformed Code = "malformed" // the request makes no sense; the connection is closed
	CodeProof     Code = "proof"     // the device key was not proven; closed
	CodeToken     Code = "token"     // the token admits nobody (any more); closed
	CodeForbidden Code = "forbidden" // not on the space's list, or without the right
	CodeUnknown   Code = "unknown"   // the relay has no list of this space
	CodeGap       Code = "gap"       // a run begins behind the feed's next sequence; see Stored
	CodeForked    Code = "forked"    // a run contradicts what is held
	CodeSignature Code = "signature" // an envelope, chain or grant does not verify
	CodeStale     Code = "stale"     // a grant does not follow the last one
	CodeCursor    Code = "cursor"    // a cursor is not of this store: read from the start
	CodeQuota     Code = "quota"     // the organisation's space is used up
	CodeTooFast   Code = "too_fast"  // wait Failed.RetryMS and ask again
	CodeTooLarge  Code = "too_large" // beyond a limit of this package
	CodeNotFound  Code = "not_found" // no such chunk
	CodeAway      Code = "away"      // the device dialled is not connected
	CodeBusy      Code = "busy"      // the relay is full or draining; try again later, or another one
	CodeInternal  Code = "internal"  // the relay failed, its log knows why
)

// Challenge begins a connection.
type Challenge struct {
	Version uint8    `cbor:"1,keyasint"`
	Nonce   [32]byte `cbor:"2,keyasint"`
}

// Hello proves a device's key. Host is the "host:port" that the device dialled,
// which must be the one that the HTTP request names.
type Hello struct {
	Device    wire.DeviceID `cbor:"1,keyasint"`
	Host      string        `cbor:"2,keyasint"`
	Token     []byte        `cbor:"3,keyasint"`
	Signature []byte        `cbor:"4,keyasint"`
}

// HelloMessage is what Hello signs under key.ContextRelayHello.
func HelloMessage(nonce [32]byte, host string, token []byte) []byte {
	sum := key.Hash("roundtable relay hello v1", nonce[:], []byte(host), token)
	return sum[:]
}

// Ready ends the greeting. Store names what this relay (or cluster) keeps: after
// it changed, nothing that was said to be stored is known to be.
type Ready struct {
	Store   StoreID `cbor:"1,keyasint"`
	Name    string  `cbor:"2,keyasint,omitempty"`
	Visitor bool    `cbor:"3,keyasint,omitempty"` // on no list of this organisation
	NowMS   int64   `cbor:"4,keyasint"`           // the relay's clock, Unix ms
}

// StoreID is random and made with a store. As a holder of envelopes it stands
// where a device's ID would; it is nobody's key.
type StoreID [32]byte

// Failed answers a request that was not carried out.
type Failed struct {
	Code    Code   `cbor:"1,keyasint"`
	RetryMS uint32 `cbor:"2,keyasint,omitempty"`
}

// Error makes a Failed an error of the program.
func (f Failed) Error() string { return fmt.Sprintf("relay: %s", f.Code) }

// Done answers what asks for nothing.
type Done struct{}

// Bye: reconnect after about so long, here or at the next relay.
type Bye struct {
	WithinMS uint32 `cbor:"1,keyasint"`
}

// Cursor is a position in a space of a store: opaque, empty for the start.
type Cursor []byte

// Subscribe asks to be told of what is stored in a space from now on.
type Subscribe struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
}

// Unsubscribe ends it.
type Unsubscribe struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
}

// Position is the end of a space; News continue from there.
type Position struct {
	End Cursor `cbor:"1,keyasint"`
}

// Read asks for what stands after a cursor.
type Read struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	After Cursor       `cbor:"2,keyasint,omitempty"`
	Limit uint32       `cbor:"3,keyasint,omitempty"` // envelopes, at most MaxPage; 0 is MaxPage
}

// Page is what was stored, in the order in which it was; of each feed in
// sequence. Next is the cursor after its last envelope; More says that others follow.
type Page struct {
	Raws [][]byte `cbor:"1,keyasint,omitempty"`
	Next Cursor   `cbor:"2,keyasint,omitempty"`
	More bool     `cbor:"3,keyasint,omitempty"`
}

// Publish gives envelopes of one space: runs of any feeds, each in sequence.
// What is stored already is skipped. All or nothing per feed.
type Publish struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Raws  [][]byte     `cbor:"2,keyasint"`
}

// Stored says how far the feeds of a Publish are on disk now. Refused names those
// that were not taken and why (CodeGap, CodeForked, CodeSignature).
type Stored struct {
	Heads   []Head    `cbor:"1,keyasint,omitempty"`
	Refused []Refusal `cbor:"2,keyasint,omitempty"`
}

// Refusal of one feed's run; Head is how far the relay has it.
type Refusal struct {
	_    struct{} `cbor:",toarray"`
	Head Head
	Code Code
}

// News of a space: stored since the last News or the Position. Behind, with no
// envelopes, says that some were not pushed: Read on from the cursor held.
type News struct {
	Space  wire.SpaceID `cbor:"1,keyasint"`
	Raws   [][]byte     `cbor:"2,keyasint,omitempty"`
	Next   Cursor       `cbor:"3,keyasint,omitempty"`
	Behind bool         `cbor:"4,keyasint,omitempty"`
}

// Head is the end of one feed at the relay.
type Head struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Lane   uint8
	Seq    uint64
}

// Feed names the feed.
func (h Head) Feed() envelope.Feed {
	return envelope.Feed{Device: h.Device, Start: h.Start, Lane: envelope.Lane(h.Lane)}
}

// HeadOf makes an entry.
func HeadOf(f envelope.Feed, seq uint64) Head {
	return Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq}
}

// Heads asks how far a space's feeds are stored. When Sum equals the relay's
// (envelope.FrontierSum over all feeds), the answer is Same and lists nothing.
// Page counts from 0.
type Heads struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Sum   envelope.Sum `cbor:"2,keyasint,omitempty"`
	Page  uint32       `cbor:"3,keyasint,omitempty"`
}

// HeadList answers Heads.
type HeadList struct {
	Same  bool   `cbor:"1,keyasint,omitempty"`
	Heads []Head `cbor:"2,keyasint,omitempty"`
	More  bool   `cbor:"3,keyasint,omitempty"`
}

// Has asks which chunks of a space are stored.
type Has struct {
	Space  wire.SpaceID `cbor:"1,keyasint"`
	Hashes [][32]byte   `cbor:"2,keyasint"`
}

// Flags answers Has, hash by hash.
type Flags struct {
	Flags []bool `cbor:"1,keyasint"`
}

// Put stores one sealed chunk; Hash is key.Digest of Bytes.
type Put struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Hash  [32]byte     `cbor:"2,keyasint"`
	Bytes []byte       `cbor:"3,keyasint"`
}

// Get asks for one.
type Get struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Hash  [32]byte     `cbor:"2,keyasint"`
}

// Chunk is one.
type Chunk struct {
	Bytes []byte `cbor:"1,keyasint"`
}

// Frame is delivered now or never. To is a device, or zero for every connected
// device on the space's list. From is set by the relay.
type Frame struct {
	Space wire.SpaceID  `cbor:"1,keyasint"`
	To    wire.DeviceID `cbor:"2,keyasint,omitempty"`
	From  wire.DeviceID `cbor:"3,keyasint,omitempty"`
	Bytes []byte        `cbor:"4,keyasint"`
}

// Watch replaces the devices whose presence is followed. They must be of the
// same organisation; others are always away.
type Watch struct {
	Devices []wire.DeviceID `cbor:"1,keyasint,omitempty"`
}

// Presence names devices that are connected to the relay, or no more.
type Presence struct {
	Here []wire.DeviceID `cbor:"1,keyasint,omitempty"`
	Away []wire.DeviceID `cbor:"2,keyasint,omitempty"`
}

// Hosts asks for connected devices of a workspace that may let people in.
type Hosts struct {
	Workspace wire.SpaceID `cbor:"1,keyasint"`
}

// HostList answers Hosts.
type HostList struct {
	Devices []wire.DeviceID `cbor:"1,keyasint,omitempty"`
}

// Dial asks for a circuit to a connected device of the same organisation.
type Dial struct {
	To wire.DeviceID `cbor:"1,keyasint"`
}

// Ticket opens one end of a circuit: a Message with it is the first of a WebSocket
// at CircuitPath. It works once and within TicketLife.
type Ticket struct {
	Secret [32]byte `cbor:"1,keyasint"`
}

// Incoming is the other end's ticket.
type Incoming struct {
	From   wire.DeviceID `cbor:"1,keyasint"`
	Secret [32]byte      `cbor:"2,keyasint"`
}

// Turn asks for STUN and TURN servers.
type Turn struct{}

// Servers are ICE servers with credentials that end at ExpiresMS (Unix ms).
type Servers struct {
	URLs      []string `cbor:"1,keyasint,omitempty"` // "stun:host:port", "turn:host:port?transport=udp"
	User      string   `cbor:"2,keyasint,omitempty"`
	Password  string   `cbor:"3,keyasint,omitempty"`
	ExpiresMS int64    `cbor:"4,keyasint,omitempty"`
}
