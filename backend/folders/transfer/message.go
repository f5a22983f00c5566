package transfer

import (
	"encoding/binary"
	"errors"
	"fmt"

	"roundtable/backend/blob/chunk"
	"roundtable/backend/wire"
)

// ErrWrong is returned for bytes that are not what they are said to be.
var ErrWrong = errors.New("bytes are not those of the chunk")

// Protocol names the streams.
const Protocol = "folder/1"

const (
	// MaxAsk bounds the chunks of one question, MaxAskBytes their bytes together (a
	// single chunk is never larger).
	MaxAsk      = 512
	MaxAskBytes = 1 << 20
	// maxHeads bounds the feeds of one Held.
	maxHeads = 64
	// maxHead bounds the bytes of a question, and of the head of an answer.
	maxHead = 64 << 10
)

// Head says how far a feed of the other side is held with all its content.
type Head struct {
	_     struct{} `cbor:",toarray"`
	Start uint64
	Seq   uint64
}

// question has one of Get and Held.
type question struct {
	Space wire.SpaceID `cbor:"1,keyasint"`
	// Get are names of chunks and nodes, one after the other, each with its size: as
	// in a list of package chunk.
	Get []byte `cbor:"2,keyasint,omitempty"`
	// Held: of the feeds of whoever reads this.
	Held []Head `cbor:"3,keyasint,omitempty"`
	// Packed allows an answer that is compressed.
	Packed bool `cbor:"4,keyasint,omitempty"`
	// Check: an answer before had bytes that were others than was asked for, so whoever
	// answers looks again at what it takes for what.
	Check bool `cbor:"5,keyasint,omitempty"`
}

// answer is the head of an answer; the bytes follow it on the stream, so that no
// chunk is copied into a message and out of it again.
type answer struct {
	// Sizes of what was asked for, in order: 0 for what is not there.
	Sizes []uint32 `cbor:"1,keyasint,omitempty"`
	// Packed is the length of the bytes that follow when they are compressed; else
	// they are as long as Sizes say.
	Packed uint32 `cbor:"2,keyasint,omitempty"`
}

// placeSize is the length of one chunk in a list: its name and its size.
const placeSize = 36

// AppendChunk writes a chunk to a list.
func AppendChunk(list []byte, c chunk.Chunk) []byte {
	return binary.BigEndian.AppendUint32(append(list, c.ID[:]...), c.Size)
}

// ParseChunks reads a list. Errors: wire.ErrMalformed.
func ParseChunks(list []byte) ([]chunk.Chunk, error) {
	if len(list)%placeSize != 0 {
		return nil, fmt.Errorf("list of %d bytes: %w", len(list), wire.ErrMalformed)
	}
	out := make([]chunk.Chunk, 0, len(list)/placeSize)
	for ; len(list) > 0; list = list[placeSize:] {
		out = append(out, chunk.Chunk{ID: chunk.ID(list[:32]), Size: binary.BigEndian.Uint32(list[32:])})
	}
	return out, nil
}

// wants reads what a question asks for. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func (q question) wants() ([]chunk.Chunk, error) {
	out, err := ParseChunks(q.Get)
	if err != nil || len(out) > MaxAsk || len(q.Held) > maxHeads || (len(out) > 0) == (len(q.Held) > 0) {
		return nil, fmt.Errorf("question: shape: %w", wire.ErrMalformed)
	}
	total := uint64(0)
	for _, c := range out {
		total += uint64(c.Size)
	}
	if total > MaxAskBytes {
		return nil, fmt.Errorf("question for %d bytes: %w", total, wire.ErrTooLarge)
	}
	return out, nil
}

// follows checks an answer to a question for chunks, and tells how many bytes come
// behind it and how many they are when they are unpacked.
// Errors: wire.ErrMalformed, wire.ErrTooLarge.
func (a answer) follows(asked []chunk.Chunk) (raw, plain int, err error) {
	if len(a.Sizes) != len(asked) {
		return 0, 0, fmt.Errorf("answer of %d chunks to %d: %w", len(a.Sizes), len(asked), wire.ErrMalformed)
	}
	for i, n := range a.Sizes {
		if n != 0 && n != asked[i].Size {
			return 0, 0, fmt.Errorf("answer: sizes: %w", wire.ErrMalformed)
		}
		plain += int(n) // each is at most what was asked for
	}
	if a.Packed == 0 {
		return plain, plain, nil
	}
	if int64(a.Packed) >= int64(plain) {
		return 0, 0, fmt.Errorf("answer: packed: %w", wire.ErrMalformed)
	}
	return int(a.Packed), plain, nil
}

// open gives each chunk its part of the bytes behind an answer; nil for those that
// are not there. Errors: ErrWrong, wire.ErrMalformed.
func (a answer) open(asked []chunk.Chunk, raw []byte) ([][]byte, error) {
	_, n, err := a.follows(asked)
	plain := raw
	if err == nil && a.Packed > 0 {
		plain, err = Unpack(raw, n)
	}
	if err == nil && len(plain) != n {
		err = fmt.Errorf("answer: length: %w", wire.ErrMalformed)
	}
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(asked))
	for i, n := range a.Sizes {
		if n == 0 {
			continue
		}
		out[i], plain = plain[:n:n], plain[n:]
		if chunk.Sum(out[i]) != asked[i].ID {
			return nil, ErrWrong
		}
	}
	return out, nil
}
