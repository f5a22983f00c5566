package server

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// conn is one device's connection. Fields above mu never change after it has joined.
type conn struct {
	s      *Server
	sock   *socket
	device wire.DeviceID
	tenant *tenant
	host   string        // that it dialled, without the port
	door   [8]byte       // a digest of it, with the port
	stamp  uint64        // when it joined, by the cluster's stamps
	gone   chan struct{} // closed with the connection
	heard  atomic.Int64  // Unix ns of the last bytes

	mu      sync.Mutex
	visitor bool
	down    bool
	last    []byte // frames that are written before the socket is closed
	told    bool   // there were such
	pinged  bool
	writing bool // a writer has it, or it waits for one
	pumping bool
	queue   []item
	queued  int
	// inflight are requests that were read and not answered yet.
	inflight int
	inbox    []request
	wake     chan struct{}
	lanes    map[wire.SpaceID][]job
	subs     map[*topic]bool // true: is behind
	behind   []*topic
	watched  []watch
	changed  []*member
	hosts    []wire.DeviceID // whom a visitor may dial
	messages bucket
	bytes    bucket
	frames   bucket

	slot int // in the wheel, guarded by it
}

// request is a message on its way to being decoded, and what it holds of the budget.
type request struct {
	raw  []byte
	held int64
}

const (
	maxHello = 1024
	// maxVisitor bounds the messages of a device that is on no list yet: a first grant.
	maxVisitor = 2 << 20
)

func (s *Server) newConn(sock *socket) *conn {
	c := &conn{s: s, sock: sock, gone: make(chan struct{}), slot: -1}
	c.heard.Store(s.clock.Now().UnixNano())
	return c
}

// run is the connection's goroutine: it reads and never decodes, so that its
// stack stays small.
func (c *conn) run(host string) {
	defer c.s.running.Done()
	defer c.end()
	greeted := make(chan bool, 1)
	go func() {
		stop := context.AfterFunc(c.s.life, c.hangUp) // nobody else knows it yet
		defer stop()
		greeted <- c.greet(host)
	}()
	if !<-greeted {
		return
	}
	for {
		raw, held, err := c.read()
		if err != nil {
			c.refuse(err)
			c.s.budget.release(held)
			return
		}
		if !c.accept(request{raw: raw, held: held}) {
			c.s.budget.release(held)
			return
		}
	}
}

func (c *conn) read() (raw []byte, held int64, err error) {
	limit := protocol.MaxMessage
	if c.isVisitor() {
		limit = maxVisitor
	}
	raw, err = c.sock.message(reading{
		limit: limit,
		hold: func(bytes int) error {
			if !c.s.budget.acquire(int64(bytes), c.gone) {
				return errClosed
			}
			held = int64(bytes)
			return nil
		},
		control: c.control,
		within:  func(bytes int) time.Duration { return c.s.limits.Writing + time.Duration(bytes)*time.Second/(32<<10) },
	})
	if err == nil {
		c.heard.Store(c.s.clock.Now().UnixNano())
		c.s.meter.bytesIn.Add(len(raw))
		if !c.pay(1, len(raw)) {
			err = errClosed
		}
	}
	return raw, held, err
}

// control answers pings and notes pongs. Floods are paid for like messages.
func (c *conn) control(op byte, payload []byte) {
	c.heard.Store(c.s.clock.Now().UnixNano())
	c.pay(1, len(payload))
	if op == opPing {
		c.send(item{frame: framed(opPong, payload)}, soft)
	}
}

// pay waits until the device's rates allow what was read; false when the
// connection ended meanwhile.
func (c *conn) pay(messages, bytes int) bool {
	now, l := c.s.clock.Now(), c.s.limits
	c.mu.Lock()
	rate := l.MessagesPerSecond
	if c.visitor {
		rate = l.VisitorMessages
	}
	wait := max(c.messages.take(now, float64(messages), rate, 4*rate),
		c.bytes.take(now, float64(bytes), l.BytesPerSecond, 4*l.BytesPerSecond))
	c.mu.Unlock()
	if wait <= 0 {
		return true
	}
	c.s.meter.slowed.Inc()
	select {
	case <-c.s.clock.After(wait):
		return true
	case <-c.gone:
		return false
	}
}

// refuse says why a connection ends, as far as the device can know.
func (c *conn) refuse(err error) {
	switch {
	case errors.Is(err, errTooLarge):
		c.shut(c.encoded(0, protocol.Message{Failed: &protocol.Failed{Code: protocol.CodeTooLarge}}), closing(statusTooLarge))
	case errors.Is(err, errFraming):
		c.shut(closing(statusProtocol))
	}
}

// greet proves the device. It has protocol.HelloWithin for it.
func (c *conn) greet(host string) bool {
	deadline := time.Now().Add(protocol.HelloWithin)
	if err := c.sock.SetDeadline(deadline); err != nil {
		return false
	}
	challenge := protocol.Challenge{Version: protocol.Version}
	rand.Read(challenge.Nonce[:])
	if _, err := c.sock.Write(c.encoded(0, protocol.Message{Challenge: &challenge})); err != nil {
		return false
	}
	raw, err := c.sock.message(reading{limit: maxHello, control: func(byte, []byte) {},
		hold:   func(int) error { return nil }, // maxHello is less than is asked for
		within: func(int) time.Duration { return time.Until(deadline) }})
	if err != nil {
		c.refuse(err)
		return false
	}
	var m protocol.Message
	if err := wire.DecodeLoose(raw, maxHello, &m); err != nil || m.Hello == nil || m.ID == 0 {
		return c.turnAway(m.ID, protocol.CodeMalformed)
	}
	ctx, cancel := context.WithDeadline(c.s.life, deadline)
	defer cancel()
	ready, code := c.prove(ctx, *m.Hello, challenge.Nonce, host)
	if code != "" {
		return c.turnAway(m.ID, code)
	}
	if err := c.sock.SetDeadline(time.Time{}); err != nil {
		return false
	}
	proven(c.sock.Conn)
	if !c.s.join(c, c.encoded(m.ID, protocol.Message{Ready: &ready})) {
		return c.turnAway(0, protocol.CodeBusy)
	}
	if ready.Visitor { // it may have been let in while it was not known to be here
		if listed, err := c.s.listedAnywhere(ctx, c.device, c.tenant.id); err == nil && listed {
			c.mu.Lock()
			c.visitor = false
			c.mu.Unlock()
		}
	}
	return true
}

func (c *conn) turnAway(id uint64, code protocol.Code) bool {
	c.s.meter.turnedAway(code)
	c.shut(c.encoded(id, protocol.Message{Failed: &protocol.Failed{Code: code}}), closing(statusPolicy))
	return false
}

// prove judges a Hello and fills in who is there.
func (c *conn) prove(ctx context.Context, h protocol.Hello, nonce [32]byte, host string) (ready protocol.Ready, code protocol.Code) {
	if h.Host != host || len(h.Token) != TokenSize || h.Device.IsZero() || key.Verify(h.Device, key.ContextRelayHello, protocol.HelloMessage(nonce, host, h.Token), h.Signature) != nil {
		return ready, protocol.CodeProof
	}
	t, err := c.s.tenants.admit(ctx, TenantOf(h.Token))
	if err != nil {
		return ready, c.s.codeOf(ctx, "admit", err)
	}
	listed, err := c.s.listedAnywhere(ctx, h.Device, t.id)
	if err != nil {
		return ready, c.s.codeOf(ctx, "look for lists", err)
	}
	c.device, c.tenant, c.host, c.door = h.Device, t, bare(host), doorOf(host)
	c.mu.Lock()
	c.visitor = !listed
	c.mu.Unlock()
	return protocol.Ready{Store: c.s.engine.Store(), Name: c.s.name, Visitor: !listed, NowMS: c.s.clock.Now().UnixMilli()}, ""
}

func (c *conn) isVisitor() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.visitor
}

// shut ends the connection; frames are written first. It does not wait.
func (c *conn) shut(last ...[]byte) {
	c.mu.Lock()
	if c.down {
		c.mu.Unlock()
		return
	}
	c.down = true
	close(c.gone)
	c.last, c.told = slices.Concat(last...), len(last) > 0
	if c.told {
		_ = c.sock.SetReadDeadline(time.Now().Add(lingering)) // a closed connection needs none
	}
	c.drop(func(item) bool { return false })
	c.behind, c.changed = nil, nil
	start := !c.writing && len(c.last) > 0
	c.writing = c.writing || start
	c.mu.Unlock()
	switch {
	case start:
		c.s.writers.want(c)
	case len(last) == 0:
		c.hangUp()
	}
}

// hangUp closes the TCP connection without the ceremony of TLS, which could block.
func (c *conn) hangUp() {
	_ = raw(c.sock.Conn).Close() // nobody is left to tell
}

// end is the last act of the reading goroutine.
func (c *conn) end() {
	c.mu.Lock()
	told := c.told
	c.mu.Unlock()
	if told {
		// Unread bytes would make the system reset the connection, and the device
		// would not learn why it was turned away.
		if c.sock.SetReadDeadline(time.Now().Add(lingering)) == nil {
			_, _ = io.CopyN(io.Discard, c.sock, lingeringBytes)
		}
	}
	c.shut()
	c.hangUp()
	c.s.leave(c)
	c.mu.Lock()
	inbox := c.inbox
	c.inbox = nil
	c.mu.Unlock()
	for _, r := range inbox {
		c.s.budget.release(r.held)
	}
}

const (
	lingering      = 2 * time.Second
	lingeringBytes = 1 << 20
)

func (c *conn) encoded(id uint64, m protocol.Message) []byte {
	m.ID = id
	return framed(opBinary, wire.MustEncode(m))
}
