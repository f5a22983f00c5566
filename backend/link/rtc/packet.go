package rtc

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// socketBuffer is what each socket asks the system for: at 1 Gbit/s the default
// of most systems is full in 2 ms. The system may give less.
const socketBuffer = 4 << 20

// quiet keeps pion's lines, which name addresses and no peer, out of the log.
func quiet() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
}

// roomy is the system's network with large buffers.
type roomy struct{ transport.Net }

// system is made anew for every set-up: it lists the interfaces once.
func system() (transport.Net, error) {
	n, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	return roomy{n}, nil
}

func (r roomy) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	c, err := r.Net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	_, _ = c.SetReadBuffer(socketBuffer), c.SetWriteBuffer(socketBuffer) // less is slower, no more
	return c, nil
}

func (r roomy) ListenPacket(network, at string) (net.PacketConn, error) {
	c, err := r.Net.ListenPacket(network, at)
	if err != nil {
		return nil, err
	}
	if b, ok := c.(interface {
		SetReadBuffer(bytes int) error
		SetWriteBuffer(bytes int) error
	}); ok {
		_, _ = b.SetReadBuffer(socketBuffer), b.SetWriteBuffer(socketBuffer)
	}
	return c, nil
}

// packets is the path that ICE chose, as QUIC wants it. QUIC sees one address
// whatever path is in use: what moves below it is none of its business.
type packets struct{ path *ice.Conn }

func fixed() *net.UDPAddr { return &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443} }

func (p packets) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, err := p.path.Read(b)
		if errors.Is(err, io.ErrShortBuffer) {
			continue // no packet of QUIC is that long; anybody on the path can send one
		}
		return n, fixed(), err
	}
}

// WriteTo never fails: a path that does not carry now may carry again, and
// QUIC repeats what was lost. ICE decides when a path is dead.
func (p packets) WriteTo(b []byte, _ net.Addr) (int, error) {
	_, _ = p.path.Write(b)
	return len(b), nil
}

func (p packets) SetReadDeadline(t time.Time) error { return p.path.SetReadDeadline(t) }

// SetDeadline and SetWriteDeadline do nothing for writes: they do not block.
func (p packets) SetDeadline(t time.Time) error    { return p.path.SetReadDeadline(t) }
func (p packets) SetWriteDeadline(time.Time) error { return nil }
func (p packets) LocalAddr() net.Addr              { return fixed() }

// Close leaves the path to whoever made it.
func (p packets) Close() error { return nil }

// SetReadBuffer and SetWriteBuffer are asked for by QUIC; roomy has done it.
func (p packets) SetReadBuffer(int) error  { return nil }
func (p packets) SetWriteBuffer(int) error { return nil }
