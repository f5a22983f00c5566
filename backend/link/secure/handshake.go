package secure

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	defaultWithin = 10 * time.Second
	defaultBytes  = 64 << 10
)

// Limits are what the other side can make us spend before it has proven its key.
type Limits struct {
	Within time.Duration // 10 s when 0
	Bytes  int64         // that may arrive; 64 KiB when 0
}

// Client proves both keys on a connection that we dialled; want pins the device,
// zero takes any. It owns conn when it fails. Errors: link.ErrWrongDevice,
// link.ErrSelf, link.ErrHandshake, the context's.
func (i *Identity) Client(ctx context.Context, conn net.Conn, want wire.DeviceID, limits Limits) (*tls.Conn, wire.DeviceID, error) {
	return i.shake(ctx, conn, want, limits, tls.Client)
}

// Server proves both keys on a connection that came in, as Client does.
func (i *Identity) Server(ctx context.Context, conn net.Conn, want wire.DeviceID, limits Limits) (*tls.Conn, wire.DeviceID, error) {
	return i.shake(ctx, conn, want, limits, tls.Server)
}

func (i *Identity) shake(ctx context.Context, conn net.Conn, want wire.DeviceID, limits Limits,
	side func(net.Conn, *tls.Config) *tls.Conn) (*tls.Conn, wire.DeviceID, error) {
	if limits.Within <= 0 {
		limits.Within = defaultWithin
	}
	if limits.Bytes <= 0 {
		limits.Bytes = defaultBytes
	}
	bounded := &boundedConn{Conn: conn}
	bounded.left.Store(limits.Bytes)
	shaken := side(bounded, i.TLSConfig(want))
	ctx, cancel := context.WithTimeout(ctx, limits.Within)
	defer cancel()
	if err := shaken.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, wire.DeviceID{}, Error(err)
	}
	device, err := Proven(shaken.ConnectionState())
	if err != nil {
		conn.Close()
		return nil, wire.DeviceID{}, err
	}
	bounded.done.Store(true)
	return shaken, device, nil
}

// Answer is the listener's last word: the link is taken, or it takes no more.
func Answer(conn net.Conn, taken bool, within time.Duration) error {
	answer := []byte{0}
	if taken {
		answer[0] = 1
	}
	_ = conn.SetDeadline(time.Now().Add(within))
	if _, err := conn.Write(answer); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return conn.SetDeadline(time.Time{})
}

// Await is the dialler's wait for the Answer. It closes conn when it fails.
// Errors: link.ErrRefused, link.ErrHandshake, the context's.
func Await(ctx context.Context, conn net.Conn) error {
	var answer [1]byte
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	_, err := io.ReadFull(conn, answer[:])
	if !stop() {
		err = ctx.Err() // not the deadline that it set
	}
	switch {
	case err != nil:
		conn.Close()
		return Error(err)
	case answer[0] != 1:
		conn.Close()
		return link.ErrRefused
	}
	return nil
}

// Error keeps the reasons of package link and the context's, and calls every
// other failure of a handshake link.ErrHandshake.
func Error(err error) error {
	for _, ours := range []error{link.ErrWrongDevice, link.ErrSelf, link.ErrHandshake, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ours) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", link.ErrHandshake, err)
}

// boundedConn ends a handshake that takes too many bytes.
type boundedConn struct {
	net.Conn
	left atomic.Int64
	done atomic.Bool
}

var errTooLong = fmt.Errorf("%w: too many bytes", link.ErrHandshake)

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.done.Load() {
		return c.Conn.Read(p)
	}
	left := c.left.Load()
	if left <= 0 {
		return 0, errTooLong
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), left)])
	c.left.Add(-int64(n))
	return n, err
}
