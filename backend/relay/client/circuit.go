package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/coder/websocket"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// DialCircuit opens one end of a circuit with a ticket, ours (Session.Dial) or
// the other end's (protocol.Incoming). What the other end writes arrives once it
// has come, too; nothing on the connection is trustworthy, the relay carries it.
// Deadlines close the connection when they pass, as those of TLS do.
func (c *Client) DialCircuit(ctx context.Context, secret [32]byte) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.limits.connect)
	defer cancel()
	ws, line, err := c.open(ctx, protocol.CircuitPath)
	if err != nil {
		return nil, fmt.Errorf("open circuit: %w", err)
	}
	raw, err := wire.Encode(protocol.Message{Ticket: &protocol.Ticket{Secret: secret}})
	if err != nil {
		_ = ws.CloseNow()
		return nil, err
	}
	if err := ws.Write(ctx, websocket.MessageBinary, raw); err != nil {
		_ = ws.CloseNow()
		return nil, fmt.Errorf("open circuit: %w", err)
	}
	return &circuit{
		Conn: websocket.NetConn(context.Background(), ws, websocket.MessageBinary), ws: ws,
		local: line.LocalAddr(), remote: relayAddr(c.opt.Address.Host()),
	}, nil
}

// circuit is a net.Conn over a WebSocket that closes at once.
type circuit struct {
	net.Conn
	ws     *websocket.Conn
	local  net.Addr
	remote net.Addr
}

func (c *circuit) LocalAddr() net.Addr  { return c.local }
func (c *circuit) RemoteAddr() net.Addr { return c.remote }

func (c *circuit) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, named(err)
}

func (c *circuit) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, named(err)
}

// named gives the usual name to a deadline that has passed.
func named(err error) error {
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("circuit: %w", os.ErrDeadlineExceeded)
	}
	return err
}

// Close does not wait for the relay to agree.
func (c *circuit) Close() error {
	_ = c.ws.CloseNow()
	_ = c.Conn.Close() // stops its timers
	return nil
}

// relayAddr is the relay's "host:port".
type relayAddr string

func (relayAddr) Network() string  { return "relay" }
func (a relayAddr) String() string { return string(a) }
