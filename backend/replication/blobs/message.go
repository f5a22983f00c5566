package blobs

import (
	"encoding/binary"
	"fmt"
	"io"

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
	// Sound asks that what Get asks for is hashed before it is given: it came wrong before.
	Sound bool `cbor:"4,keyasint,omitempty"`
}

// answer to Has: Flags, one for each hash; to Get: Piece, or neither when it is not here.
type answer struct {
	Flags []bool `cbor:"1,keyasint,omitempty"`
	Piece []byte `cbor:"2,keyasint,omitempty"`
}

// check reports whether a question makes sense.
func (q question) check() error {
	if (len(q.Has) > 0) == (q.Get != nil) || q.Sound && q.Get == nil {
		return wire.ErrMalformed
	}
	if len(q.Has) > maxHashes {
		return wire.ErrTooLarge
	}
	return nil
}

// A piece is by far the most of what goes over a stream, so its answer is written and
// read without being copied: the bytes are those of answer{Piece}, a frame with a map of
// one pair whose value is a string of bytes.
const (
	// room is what stands before a piece of any length: 4 of the frame, 7 of CBOR.
	room      = 4 + 7
	mapOfOne  = 0xa1
	keyPiece  = 0x02
	bytes8    = 0x58 // a length of one byte follows
	bytes16   = 0x59
	bytes32   = 0x5a
	shortest  = 0x40 // and the length itself, below 24
	shortMost = 24
)

// sendPiece writes the answer for a piece that lies in buf from room on.
func sendPiece(w io.Writer, buf []byte) error {
	size := len(buf) - room
	head := []byte{mapOfOne, keyPiece}
	switch {
	case size < shortMost:
		head = append(head, shortest|byte(size))
	case size < 1<<8:
		head = append(head, bytes8, byte(size))
	case size < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, bytes16), uint16(size))
	default:
		head = binary.BigEndian.AppendUint32(append(head, bytes32), uint32(size))
	}
	from := room - len(head) - 4
	binary.BigEndian.PutUint32(buf[from:], uint32(len(head)+size))
	copy(buf[from+4:], head)
	if _, err := w.Write(buf[from:]); err != nil {
		return fmt.Errorf("write piece: %w", err)
	}
	return nil
}

// receiveAnswer reads an answer into buf, which is at least of maxAnswer bytes; a piece
// in it lies in buf. Errors: those of wire.Receive.
func receiveAnswer(r io.Reader, buf []byte) (a answer, err error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return a, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxAnswer {
		return a, fmt.Errorf("read answer of %d bytes: %w", n, wire.ErrTooLarge)
	}
	body := buf[:n]
	if _, err := io.ReadFull(r, body); err != nil {
		return a, fmt.Errorf("read answer: %w", err)
	}
	return decodeAnswer(body)
}

// decodeAnswer reads an answer; its piece is a part of body. Errors: wire.ErrMalformed.
func decodeAnswer(body []byte) (a answer, err error) {
	if len(body) > 7 && body[0] == mapOfOne && body[1] == keyPiece && body[2] == bytes32 &&
		int64(binary.BigEndian.Uint32(body[3:])) == int64(len(body)-7) {
		a.Piece = body[7:]
		return a, nil
	}
	return a, wire.DecodeLoose(body, maxAnswer, &a)
}
