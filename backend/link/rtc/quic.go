package rtc

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/quic-go/quic-go"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
	"roundtable/backend/link/secure"
	"roundtable/backend/wire"
)

const (
	// packetSize fits every path: what is left of the least IPv6 packet, 1,280
	// bytes, behind the headers of IP, UDP and TURN.
	packetSize = 1200

	keepAlive   = 10 * time.Second
	idleTimeout = 30 * time.Second

	// A stream's window grows to maxWindow while it is read fast. The link's is
	// there from the start, so that a few streams that nobody reads do not stop
	// the others; memory is taken by what is unread only.
	firstWindow  = 512 << 10
	maxWindow    = 4 << 20
	linkWindow   = 32 << 20
	smallWindow  = mux.SmallWindow
	smallAllowed = 1 << 20
)

func config(known bool) *quic.Config {
	c := &quic.Config{
		Versions:                       []quic.Version{quic.Version1},
		HandshakeIdleTimeout:           5 * time.Second,
		MaxIdleTimeout:                 idleTimeout,
		KeepAlivePeriod:                keepAlive,
		InitialStreamReceiveWindow:     firstWindow,
		MaxStreamReceiveWindow:         maxWindow,
		InitialConnectionReceiveWindow: linkWindow,
		MaxConnectionReceiveWindow:     linkWindow,
		MaxIncomingStreams:             mux.MaxStreams,
		MaxIncomingUniStreams:          -1,
		InitialPacketSize:              packetSize,
		DisablePathMTUDiscovery:        true,
	}
	if !known {
		c.InitialStreamReceiveWindow, c.MaxStreamReceiveWindow = smallWindow, smallWindow
		c.InitialConnectionReceiveWindow, c.MaxConnectionReceiveWindow = smallAllowed, smallAllowed
	}
	return c
}

// shake is the handshake on a path: both keys are proven, and the listener has
// said that it takes the link. Errors: those of secure.Identity.Client.
func (n *Node) shake(ctx context.Context, t *quic.Transport, peer wire.DeviceID, dialled bool) (*quic.Conn, *quic.Stream, error) {
	var conn *quic.Conn
	var err error
	if dialled {
		conn, err = t.Dial(ctx, fixed(), n.identity.TLSConfig(peer), config(n.opt.Known(peer)))
	} else {
		conn, err = accept(ctx, t, n, peer)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, secure.Error(err)
	}
	control, err := greet(ctx, conn, peer, dialled)
	if err != nil {
		_ = conn.CloseWithError(codeBye, "")
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, nil, secure.Error(err)
	}
	return conn, control, nil
}

func accept(ctx context.Context, t *quic.Transport, n *Node, peer wire.DeviceID) (*quic.Conn, error) {
	listener, err := t.Listen(n.identity.TLSConfig(peer), config(n.opt.Known(peer)))
	if err != nil {
		return nil, fmt.Errorf("listen on the path: %w", err)
	}
	defer listener.Close() // one connection is all that this path is for
	return listener.Accept(ctx)
}

// greet opens the control stream: the dialler speaks first, so that the listener
// learns of the stream; then the listener answers.
func greet(ctx context.Context, conn *quic.Conn, peer wire.DeviceID, dialled bool) (s *quic.Stream, err error) {
	device, err := secure.Proven(conn.ConnectionState().TLS)
	switch {
	case err != nil:
		return nil, err
	case device != peer: // TLSConfig has seen to it already
		return nil, link.ErrWrongDevice
	}
	if dialled {
		s, err = conn.OpenStream()
	} else {
		s, err = conn.AcceptStream(ctx)
	}
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.SetReadDeadline(time.Unix(1, 0)) })
	var b [1]byte
	if dialled {
		if _, err = s.Write(b[:]); err != nil {
			return nil, err
		}
	}
	_, err = io.ReadFull(s, b[:])
	if !stop() && err == nil {
		err = ctx.Err() // the deadline is passed, or about to be
	}
	switch {
	case err != nil:
		return nil, err
	case dialled && b[0] != 1:
		return nil, link.ErrRefused
	case !dialled && b[0] != 0:
		return nil, link.ErrHandshake
	case !dialled:
		// From here on the dialler may have its link, and end the signalling: that
		// does not stop us any more.
		_, err = s.Write([]byte{1})
	}
	return s, err
}
