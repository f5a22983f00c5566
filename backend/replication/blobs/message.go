package blobs

import (
	"roundtable/backend/blob"
	"roundtable/backend/wire"
)

const (
	protocol = "blob/1"
	// maxHashes bounds one question.
	maxHashes = 4096
	// maxQuestion and maxAnswer bound the frames, in bytes.
	maxQuestion = 160 << 10
	maxAnswer   = blob.MaxSealed + 64
)

// question has Has or Get.
type question struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	// Has asks which of these are here.
	Has []blob.Hash `cbor:"2,keyasint,omitempty"`
	// Get asks for one.
	Get *blob.Hash `cbor:"3,keyasint,omitempty"`
}

// answer to Has: Flags, one for each hash; to Get: Piece, or neither when it is not here.
type answer struct {
	Flags []bool `cbor:"1,keyasint,omitempty"`
	Piece []byte `cbor:"2,keyasint,omitempty"`
}

// check reports whether a question makes sense.
func (q question) check() error {
	if (len(q.Has) > 0) == (q.Get != nil) {
		return wire.ErrMalformed
	}
	if len(q.Has) > maxHashes {
		return wire.ErrTooLarge
	}
	return nil
}
