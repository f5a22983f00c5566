package lan

import (
	"context"
	"crypto/tls"
	"net"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/link/secure"
	"roundtable/backend/wire"
)

// prepare sets a new connection's options.
func prepare(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
		tune(tcp)
	}
}

func (n *Node) proofLimits() secure.Limits { return secure.Limits{Within: n.opt.limits.handshake} }

// start puts streams on a proven connection.
func (n *Node) start(proven *tls.Conn, device wire.DeviceID, dialled bool, ended func()) (*mux.Link, error) {
	opt := mux.Options{Remote: device, Via: via, RemoteAddr: proven.RemoteAddr().String(), Dialled: dialled, Log: n.opt.Log}
	if !n.opt.Known(device) && !dialled {
		opt.Window = mux.SmallWindow
	}
	l, err := mux.New(proven, opt)
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

// dialProof is the dialler's side of the handshake.
func (n *Node) dialProof(ctx context.Context, conn net.Conn, want wire.DeviceID) (*mux.Link, error) {
	prepare(conn)
	proven, device, err := n.identity.Client(ctx, conn, want, n.proofLimits())
	if err != nil {
		return nil, err
	}
	if err := secure.Await(ctx, proven); err != nil {
		return nil, err
	}
	return n.start(proven, device, true, func() {})
}
