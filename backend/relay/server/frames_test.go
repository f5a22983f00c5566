package server_test

import (
	"encoding/binary"
	"errors"
	"io"

	"roundtable/backend/relay/protocol"
)

// masked is a binary message as a client sends it, with a mask of zeros.
func masked(payload []byte) []byte { return maskedAs(0x82, payload) }

func maskedAs(first byte, payload []byte) []byte {
	out := []byte{first}
	switch n := len(payload); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n <= 0xffff:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(n))
	}
	return append(append(out, 0, 0, 0, 0), payload...)
}

var errClose = errors.New("close frame")

// unframed reads the next binary message of a server.
func unframed(r io.Reader) ([]byte, error) {
	for {
		var h [10]byte
		if _, err := io.ReadFull(r, h[:2]); err != nil {
			return nil, err
		}
		n := uint64(h[1])
		if n == 126 {
			if _, err := io.ReadFull(r, h[2:4]); err != nil {
				return nil, err
			}
			n = uint64(binary.BigEndian.Uint16(h[2:]))
		} else if n == 127 {
			if _, err := io.ReadFull(r, h[2:10]); err != nil {
				return nil, err
			}
			n = binary.BigEndian.Uint64(h[2:])
		}
		if n > 2*protocol.MaxMessage {
			return nil, errors.New("too large")
		}
		payload := make([]byte, n)
		if _, err := io.ReadFull(r, payload); err != nil {
			return nil, err
		}
		switch h[0] & 0x0f {
		case 2:
			return payload, nil
		case 8:
			return nil, errClose
		}
	}
}
