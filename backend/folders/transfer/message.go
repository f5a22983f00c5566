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
	// maxQuestion bounds the bytes of a question, maxAnswer those of an answer.
	maxQuestion = 64 << 10
	maxAnswer   = MaxAskBytes + 64<<10
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
}

// answer to Get: what was asked for, in order, an empty one for what is not there.
type answer struct {
	Chunks [][]byte `cbor:"1,keyasint,omitempty"`
	// Zstd is Chunks one after the other, compressed, and Sizes their lengths.
	Zstd  []byte   `cbor:"2,keyasint,omitempty"`
	Sizes []uint32 `cbor:"3,keyasint,omitempty"`
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

// chunks reads an answer to a question for so many chunks; nil for those that the
// other side does not have. Errors: wire.ErrMalformed, wire.ErrTooLarge.
func (a answer) chunks(asked []chunk.Chunk, unpack func(packed []byte, most int) ([]byte, error)) ([][]byte, error) {
	out := a.Chunks
	if a.Zstd != nil {
		plain, err := unpack(a.Zstd, MaxAskBytes)
		if err != nil {
			return nil, err
		}
		out = nil
		for _, n := range a.Sizes {
			if uint64(n) > uint64(len(plain)) {
				return nil, fmt.Errorf("answer: sizes: %w", wire.ErrMalformed)
			}
			out, plain = append(out, plain[:n]), plain[n:]
		}
	}
	if len(out) != len(asked) {
		return nil, fmt.Errorf("answer of %d chunks to %d: %w", len(out), len(asked), wire.ErrMalformed)
	}
	for i, c := range out {
		if len(c) == 0 {
			out[i] = nil
		} else if len(c) != int(asked[i].Size) || chunk.Sum(c) != asked[i].ID {
			return nil, ErrWrong
		}
	}
	return out, nil
}
