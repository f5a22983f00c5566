package server

import (
	"bytes"
	"net"
	"time"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// DecodeRequest is what a connection does with a message.
func DecodeRequest(raw []byte) (m protocol.Message, ok bool) {
	err := wire.DecodeLoose(raw, protocol.MaxMessage, &m)
	if err == nil {
		lane(m)
	}
	return m, err == nil && wellFormed(m)
}

// SplitRuns cuts raw into envelopes and puts them together by feed.
func SplitRuns(raw []byte) ([][][]byte, error) {
	var raws [][]byte
	for len(raw) > 200 {
		raws, raw = append(raws, raw[:200]), raw[200:]
	}
	return split(append(raws, raw))
}

// bytesConn is a connection on which bytes have come.
type bytesConn struct {
	net.Conn
	in *bytes.Reader
}

func (c bytesConn) Read(p []byte) (int, error)    { return c.in.Read(p) }
func (bytesConn) SetReadDeadline(time.Time) error { return nil }

// ReadMessages reads messages until the first error.
func ReadMessages(raw []byte, limit int) (out [][]byte) {
	s := &socket{Conn: bytesConn{in: bytes.NewReader(raw)}}
	for {
		m, err := s.message(reading{limit: limit, hold: func(int) error { return nil }, control: func(byte, []byte) {},
			within: func(int) time.Duration { return time.Second }})
		if err != nil {
			return out
		}
		out = append(out, m)
	}
}

// Public reports whether TURN may reach an address.
func Public(ip net.IP) bool { return public(ip) }
