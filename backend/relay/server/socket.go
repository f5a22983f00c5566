package server

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// The server's side of a WebSocket (RFC 6455) without extensions. It has no
// buffers: crypto/tls keeps the record that was read, and frames are written
// whole. One goroutine reads; writes are serialised by who calls.

const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	maxControl = 125
	// firstRead is what a message may make the relay allocate before its bytes come.
	firstRead = 16 << 10
)

var (
	errFraming  = errors.New("not a websocket frame")
	errTooLarge = errors.New("message beyond the limit")
	errClosed   = errors.New("closed by the device")
)

type socket struct {
	net.Conn
	header [14]byte
}

// frame is the head of one frame.
type frame struct {
	final  bool
	op     byte
	length int64
	mask   [4]byte
}

func (f frame) control() bool { return f.op >= opClose }

// next reads the head of a frame. Errors: errFraming, and those of the connection.
func (s *socket) next() (f frame, err error) {
	// A masked frame has at least six bytes before its payload.
	if _, err := io.ReadFull(s.Conn, s.header[:6]); err != nil {
		return f, err
	}
	f.final, f.op = s.header[0]&0x80 != 0, s.header[0]&0x0f
	if s.header[0]&0x70 != 0 || s.header[1]&0x80 == 0 {
		return f, errFraming // an extension nobody agreed on, or no mask
	}
	more := 0
	switch n := s.header[1] & 0x7f; n {
	case 126:
		more = 2
	case 127:
		more = 8
	default:
		f.length = int64(n)
	}
	if more > 0 {
		if _, err := io.ReadFull(s.Conn, s.header[6:6+more]); err != nil {
			return f, err
		}
		if more == 2 {
			f.length = int64(binary.BigEndian.Uint16(s.header[2:]))
		} else if f.length = int64(binary.BigEndian.Uint64(s.header[2:])); f.length < 0 {
			return f, errFraming
		}
	}
	copy(f.mask[:], s.header[2+more:6+more])
	switch {
	case f.control() && (!f.final || f.length > maxControl || f.op > opPong):
		return f, errFraming
	case !f.control() && f.op > opBinary:
		return f, errFraming
	}
	return f, nil
}

// fill reads len(p) bytes of a frame's payload, beginning offset bytes into it.
func (s *socket) fill(f frame, p []byte, offset int) error {
	if _, err := io.ReadFull(s.Conn, p); err != nil {
		return err
	}
	unmask(p, f.mask, offset)
	return nil
}

func unmask(p []byte, mask [4]byte, offset int) {
	if offset &= 3; offset != 0 {
		mask = [4]byte{mask[offset], mask[(offset+1)&3], mask[(offset+2)&3], mask[(offset+3)&3]}
	}
	word := binary.LittleEndian.Uint32(mask[:])
	long := uint64(word)<<32 | uint64(word)
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^long)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= mask[i&3]
	}
}

// reading is what a message costs while it comes in.
type reading struct {
	limit int
	// hold is asked before more than firstRead bytes are allocated, for all of them; it may wait.
	hold func(bytes int) error
	// control is told of pings and pongs.
	control func(op byte, payload []byte)
	// within bounds the time for the rest of a message of so many bytes.
	within func(bytes int) time.Duration
}

// message reads the next binary message. Memory follows what has come, not what
// was announced. Errors: errTooLarge, errFraming, errClosed, and those of the connection.
func (s *socket) message(r reading) ([]byte, error) {
	var out []byte
	begun, held := false, false
	for {
		f, err := s.next()
		if err != nil {
			return nil, err
		}
		if f.control() {
			if err := s.controlFrame(f, r); err != nil {
				return nil, err
			}
			continue
		}
		if begun != (f.op == opContinuation) || f.op == opText {
			return nil, errFraming
		}
		if f.length > int64(r.limit-len(out)) {
			return nil, errTooLarge
		}
		begun = true
		total := len(out) + int(f.length)
		if !held && (total > firstRead || !f.final) {
			// From here on the message has to arrive in reasonable time.
			held = true
			if err := r.hold(max(total, firstRead)); err != nil {
				return nil, err
			}
			if err := s.SetReadDeadline(time.Now().Add(r.within(r.limit))); err != nil {
				return nil, err
			}
		}
		if out, err = s.grow(out, f, r); err != nil {
			return nil, err
		}
		if f.final {
			if held {
				err = s.SetReadDeadline(time.Time{})
			}
			return out, err
		}
	}
}

// grow appends a frame's payload, doubling as bytes arrive.
func (s *socket) grow(out []byte, f frame, r reading) ([]byte, error) {
	for offset := 0; offset < int(f.length); {
		n := min(int(f.length)-offset, max(firstRead, len(out)))
		from := len(out)
		if cap(out)-from < n {
			size := from + n
			if f.final && from+int(f.length)-offset <= 2*size {
				size = from + int(f.length) - offset // the last growth is exact
			}
			bigger := make([]byte, from, size)
			copy(bigger, out)
			out = bigger
		}
		out = out[:from+n]
		if err := s.fill(f, out[from:], offset); err != nil {
			return nil, err
		}
		offset += n
	}
	return out, nil
}

func (s *socket) controlFrame(f frame, r reading) error {
	if f.op == opClose {
		return errClosed
	}
	var buf []byte
	if f.length > 0 {
		buf = make([]byte, f.length)
	}
	if err := s.fill(f, buf, 0); err != nil {
		return fmt.Errorf("read control frame: %w", err)
	}
	r.control(f.op, buf)
	return nil
}

// head writes the head of an unmasked frame.
func head(out []byte, op byte, final bool, length int) []byte {
	if final {
		op |= 0x80
	}
	switch {
	case length < 126:
		return append(out, op, byte(length))
	case length <= 0xffff:
		return binary.BigEndian.AppendUint16(append(out, op, 126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(out, op, 127), uint64(length))
}

// framed is payload as one frame, ready to be written to any number of devices.
func framed(op byte, payload []byte) []byte {
	out := make([]byte, 0, len(payload)+10)
	return append(head(out, op, true, len(payload)), payload...)
}

// closing is the close frame of a status.
func closing(status uint16) []byte {
	return framed(opClose, binary.BigEndian.AppendUint16(nil, status))
}

const (
	statusGoingAway = 1001
	statusProtocol  = 1002
	statusPolicy    = 1008
	statusTooLarge  = 1009
)
