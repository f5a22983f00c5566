package server

import (
	"bytes"
	"net"
	"time"

	"roundtable/backend/relay/bus"
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

// Tick is one beat of a process of a cluster.
func Tick(s *Server) { s.cluster.tick() }

// Elsewhere counts the devices that a process knows to be at others, and Held the
// bytes that wait on its bridges; Bridges counts these.
func Elsewhere(s *Server) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cluster.far
}

func Held(s *Server) int64  { return s.cluster.bridges.held.Load() }
func Bridges(s *Server) int { return s.cluster.bridges.count() }

// Unshown counts tickets that nobody has shown yet.
func Unshown(s *Server) int {
	s.circuits.mu.Lock()
	defer s.circuits.mu.Unlock()
	return len(s.circuits.tickets)
}

// Self is a process's name on the bus.
func Self(s *Server) bus.Process { return s.cluster.self }

// Hears reports whether a process has been heard since the last beat but one.
func Hears(s *Server, p bus.Process) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cluster.peers[p] != nil && s.cluster.peers[p].silent <= 1
}

// Window is what a bridge may have on its way.
const Window = window
