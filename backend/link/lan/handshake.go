package lan

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/wire"
)

// handshakeBytes is what may arrive before both keys are proven.
const handshakeBytes = 64 << 10

// shake proves both keys within time and size limits. It owns conn when it fails.
func (n *Node) shake(ctx context.Context, conn net.Conn, want wire.DeviceID,
	side func(net.Conn, *tls.Config) *tls.Conn) (*tls.Conn, wire.DeviceID, error) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
		tune(tcp)
	}
	bounded := &boundedConn{Conn: conn}
	bounded.left.Store(handshakeBytes)
	secure := side(bounded, config(n.cert, n.self, want))
	ctx, cancel := context.WithTimeout(ctx, n.opt.limits.handshake)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, wire.DeviceID{}, handshakeError(err)
	}
	device, err := proven(secure.ConnectionState())
	if err != nil {
		conn.Close()
		return nil, wire.DeviceID{}, err
	}
	bounded.done.Store(true)
	return secure, device, nil
}

// start puts streams on a proven connection.
func (n *Node) start(secure *tls.Conn, device wire.DeviceID, dialled bool, ended func()) (*mux.Link, error) {
	_ = secure.SetDeadline(time.Time{})
	opt := mux.Options{Remote: device, Via: via, RemoteAddr: secure.RemoteAddr().String(), Dialled: dialled, Log: n.opt.Log}
	if !n.opt.Known(device) && !dialled {
		opt.Window = mux.SmallWindow
	}
	l, err := mux.New(secure, opt)
	if err != nil {
		ended()
		return nil, err
	}
	n.mu.Lock()
	stopped := n.ctx.Err() != nil
	if !stopped {
		n.links[l] = struct{}{}
		n.wg.Go(func() {
			<-l.Done()
			n.mu.Lock()
			delete(n.links, l)
			n.mu.Unlock()
			ended()
		})
	}
	n.mu.Unlock()
	if stopped {
		ended()
		l.Close()
		return nil, link.ErrClosed
	}
	return l, nil
}

// handshakeError keeps our reasons and calls every other one ErrHandshake.
func handshakeError(err error) error {
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
