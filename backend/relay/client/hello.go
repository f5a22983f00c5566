package client

import (
	"context"
	"fmt"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// helloID is the ID of the first request; the others follow.
const helloID = 1

// connect dials and proves the device key.
func (c *Client) connect(ctx context.Context) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.limits.connect)
	defer cancel()
	ws, conn, err := c.open(ctx, protocol.Path)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(protocol.MaxMessage)
	ready, trip, err := c.greet(ctx, ws)
	if err != nil {
		_ = ws.CloseNow()
		return nil, fmt.Errorf("greet relay: %w", err)
	}
	return newSession(c, ws, conn, ready, trip), nil
}

// greet is the proof. The host is in it, so that this relay cannot show it to another.
func (c *Client) greet(ctx context.Context, ws *websocket.Conn) (ready protocol.Ready, trip time.Duration, err error) {
	var in inbox
	m, err := in.next(ctx, ws)
	switch {
	case err != nil:
		return ready, 0, err
	case m.Failed != nil: // full, or draining
		return ready, 0, *m.Failed
	case m.Challenge == nil || m.ID != 0:
		return ready, 0, fmt.Errorf("%w: no challenge", ErrProtocol)
	case m.Challenge.Version != protocol.Version:
		return ready, 0, fmt.Errorf("%w: version %d", ErrProtocol, m.Challenge.Version)
	}
	address := c.opt.Address
	signature, err := c.opt.Signer.Sign(helloContext, protocol.HelloMessage(m.Challenge.Nonce, address.Host(), address.Token))
	if err != nil {
		return ready, 0, fmt.Errorf("sign hello: %w", err)
	}
	raw, err := wire.Encode(protocol.Message{ID: helloID, Hello: &protocol.Hello{
		Device: c.opt.Signer.Public(), Host: address.Host(), Token: address.Token, Signature: signature,
	}})
	if err != nil {
		return ready, 0, err
	}
	sent := time.Now()
	if err := ws.Write(ctx, websocket.MessageBinary, raw); err != nil {
		return ready, 0, fmt.Errorf("send hello: %w", err)
	}
	m, err = in.next(ctx, ws)
	switch {
	case err != nil:
		return ready, 0, err
	case m.Failed != nil:
		return ready, 0, *m.Failed
	case m.Ready == nil || m.ID != helloID:
		return ready, 0, fmt.Errorf("%w: no answer to hello", ErrProtocol)
	}
	return *m.Ready, time.Since(sent), nil
}
