package replication

import (
	"roundtable/backend/eventlog"
	"roundtable/backend/wire"
)

const (
	talkProtocol  = "repl/1"
	fetchProtocol = "fetch/1"
	// maxHeads bounds the entries of one heads message.
	maxHeads = 20_000
	// maxWants bounds the feeds of one fetch.
	maxWants = 256
	// smallSpace: up to so many feeds the heads are sent without comparing buckets.
	smallSpace = 64
)

// message is one frame of a talk: exactly one field is set.
type message struct {
	Spaces  []spaceDigest `cbor:"1,keyasint,omitempty"`
	Buckets *buckets      `cbor:"2,keyasint,omitempty"`
	Heads   *heads        `cbor:"3,keyasint,omitempty"`
	Push    *push         `cbor:"4,keyasint,omitempty"`
	Need    *need         `cbor:"5,keyasint,omitempty"`
	Give    *give         `cbor:"6,keyasint,omitempty"`
	Gone    *gone         `cbor:"7,keyasint,omitempty"`
}

type spaceDigest struct {
	_      struct{} `cbor:",toarray"`
	Space  wire.SpaceID
	Digest eventlog.Sum
}

type bucketSum struct {
	_      struct{} `cbor:",toarray"`
	Bucket uint8
	Sum    eventlog.Sum
}

type buckets struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Sums  []bucketSum  `cbor:"2,keyasint,omitempty"`
}

type heads struct {
	Space wire.SpaceID    `cbor:"1,keyasint"`
	Heads []eventlog.Head `cbor:"2,keyasint,omitempty"`
	// Answer asks for the receiver's heads of the same buckets in return.
	Answer bool `cbor:"3,keyasint,omitempty"`
}

type push struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Raws  [][]byte     `cbor:"2,keyasint"`
}

type need struct {
	Space  wire.SpaceID   `cbor:"1,keyasint"`
	Epochs []wire.EpochID `cbor:"2,keyasint"`
}

type give struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Box   []byte       `cbor:"2,keyasint"`
}

type gone struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
}

// want is a piece of a feed: From to To, both included.
type want struct {
	_      struct{} `cbor:",toarray"`
	Device wire.DeviceID
	Start  uint64
	Lane   uint8
	From   uint64
	To     uint64
}

// fetch opens a fetch stream.
type fetch struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	Wants []want       `cbor:"2,keyasint"`
}

// piece answers a fetch: a run of one wanted feed.
type piece struct {
	Raws [][]byte `cbor:"1,keyasint"`
}
