package nats

import (
	"encoding/binary"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// A piece is one message of a stream: some envelopes of one feed, in sequence.
//
//	offset  size  field
//	     0     1  version, 1
//	     1    16  tenant who pays
//	    17     4  size of an envelope, big-endian
//	    21     n  the envelope
//	              … and so on with the next size
const (
	pieceVersion = 1
	pieceHeader  = 1 + 16
	// pieceBytes bounds the envelopes of one piece, unless it is a single one.
	pieceBytes = protocol.MaxPublishBytes
)

var errStored = errors.New("what is stored makes no sense")

func encodePiece(tenant engine.Tenant, run engine.Run) []byte {
	size := pieceHeader
	for _, e := range run {
		size += 4 + len(e.Raw)
	}
	out := append(make([]byte, 0, size), pieceVersion)
	out = append(out, tenant[:]...)
	for _, e := range run {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(e.Raw))), e.Raw...)
	}
	return out
}

// decodePiece gives the tenant and the envelopes' bytes, which point into data.
func decodePiece(data []byte) (tenant engine.Tenant, raws [][]byte, err error) {
	if len(data) < pieceHeader+4 || data[0] != pieceVersion {
		return tenant, nil, fmt.Errorf("decode piece: %w", errStored)
	}
	tenant = engine.Tenant(data[1:pieceHeader])
	for rest := data[pieceHeader:]; len(rest) > 0; {
		if len(rest) < 4 || len(raws) == wire.MaxRun {
			return tenant, nil, fmt.Errorf("decode piece: %w", errStored)
		}
		size := binary.BigEndian.Uint32(rest)
		rest = rest[4:]
		if size < envelope.Overhead || uint64(size) > uint64(len(rest)) || size > wire.MaxEnvelope {
			return tenant, nil, fmt.Errorf("decode piece: %w", errStored)
		}
		raws = append(raws, rest[:size:size])
		rest = rest[size:]
	}
	return tenant, raws, nil
}

// cut gives how many envelopes from the beginning of a run go into one piece.
func cut(run engine.Run) int {
	size := 0
	for i, e := range run {
		size += len(e.Raw)
		if i > 0 && (size > pieceBytes || i == wire.MaxRun) {
			return i
		}
	}
	return len(run)
}

// head is how far a feed is stored. stream is the sequence of its last piece in
// the stream, 0 when there is none (any more).
type head struct {
	seq    uint64
	id     wire.EventID
	stream uint64
}

// pieceHead reads the head that a piece leaves, and the feed.
func pieceHead(data []byte, stream uint64) (envelope.Feed, head, error) {
	_, raws, err := decodePiece(data)
	if err != nil {
		return envelope.Feed{}, head{}, err
	}
	last, err := envelope.Decode(raws[len(raws)-1])
	if err != nil {
		return envelope.Feed{}, head{}, fmt.Errorf("%w: %w", errStored, err)
	}
	return last.Feed, head{seq: last.Seq, id: last.ID, stream: stream}, nil
}

// headSize: version, device, start, lane, sequence, ID of the last envelope.
const headSize = 1 + 32 + 8 + 1 + 8 + 32

func encodeHead(f envelope.Feed, h head) []byte {
	out := append(make([]byte, 0, headSize), pieceVersion)
	out = append(out, f.Device[:]...)
	out = binary.BigEndian.AppendUint64(out, f.Start)
	out = append(out, byte(f.Lane))
	out = binary.BigEndian.AppendUint64(out, h.seq)
	return append(out, h.id[:]...)
}

func decodeHead(data []byte) (envelope.Feed, head, error) {
	if len(data) != headSize || data[0] != pieceVersion {
		return envelope.Feed{}, head{}, fmt.Errorf("decode head: %w", errStored)
	}
	f := envelope.Feed{
		Device: wire.DeviceID(data[1:33]),
		Start:  binary.BigEndian.Uint64(data[33:]),
		Lane:   envelope.Lane(data[41]),
	}
	return f, head{seq: binary.BigEndian.Uint64(data[42:]), id: wire.EventID(data[50:])}, nil
}

// A cursor is eight bytes of the store's name, the sequence of a piece in the
// stream, and how many of its envelopes were given; wholePiece says all.
const (
	cursorSize = 8 + 8 + 2
	wholePiece = 0xffff
)

type position struct {
	stream uint64
	given  uint16
}

func (e *Engine) cursor(p position) protocol.Cursor {
	out := append(make(protocol.Cursor, 0, cursorSize), e.store[:8]...)
	out = binary.BigEndian.AppendUint64(out, p.stream)
	return binary.BigEndian.AppendUint16(out, p.given)
}

// position reads a cursor. Errors: engine.ErrCursor.
func (e *Engine) position(c protocol.Cursor) (position, error) {
	if len(c) == 0 {
		return position{given: wholePiece}, nil
	}
	if len(c) != cursorSize || string(c[:8]) != string(e.store[:8]) {
		return position{}, engine.ErrCursor
	}
	return position{stream: binary.BigEndian.Uint64(c[8:]), given: binary.BigEndian.Uint16(c[16:])}, nil
}

// next is the sequence in the stream from which to read on.
func (p position) next() uint64 {
	if p.given == wholePiece {
		return p.stream + 1
	}
	return max(p.stream, 1)
}
