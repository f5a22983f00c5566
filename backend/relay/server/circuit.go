package server

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// circuit is two WebSockets of two devices of one organisation, spliced. The
// relay carries what it cannot read.
type circuit struct {
	tenant  *tenant
	devices [2]wire.DeviceID
	tickets [2][32]byte // digests
	expires time.Time
	ready   chan struct{} // closed when both ends are there
	over    chan struct{}
	active  atomic.Int64 // Unix ns

	// Guarded by circuits.mu.
	ends  [2]*socket
	ended bool

	writing [2]sync.Mutex
}

// circuits are those that wait for their ends and those that live.
type circuits struct {
	s       *Server
	mu      sync.Mutex
	tickets map[[32]byte]*circuit
	live    map[*circuit]struct{} // waiting ones included
	of      map[place]int
}

// place is a device of an organisation.
type place struct {
	tenant *tenant
	device wire.DeviceID
}

const (
	visitorCircuits = 2
	maxTicket       = 128
	spliceBytes     = 32 << 10
)

func newCircuits(s *Server) *circuits {
	return &circuits{s: s, tickets: map[[32]byte]*circuit{}, live: map[*circuit]struct{}{}, of: map[place]int{}}
}

// dial makes two tickets: one for the answer, one for the device dialled.
func (c *conn) dial(d protocol.Dial) (*protocol.Ticket, error) {
	to := c.s.connected(c.tenant.id, d.To)
	c.mu.Lock()
	most, allowed := c.s.limits.Circuits, true
	if c.visitor {
		most, allowed = visitorCircuits, slices.Contains(c.hosts, d.To)
	}
	c.mu.Unlock()
	switch {
	case !allowed:
		return nil, forbidden()
	case to == nil || to == c || to.isVisitor():
		return nil, failed(protocol.CodeAway)
	}
	secrets := [2][32]byte{[32]byte(wire.Random(32)), [32]byte(wire.Random(32))}
	if !c.s.circuits.add(c.tenant, [2]wire.DeviceID{c.device, d.To}, secrets, most) {
		return nil, protocol.Failed{Code: protocol.CodeTooFast, RetryMS: uint32(protocol.TicketLife.Milliseconds())}
	}
	to.send(item{frame: to.encoded(0, protocol.Message{Incoming: &protocol.Incoming{From: c.device, Secret: secrets[1]}})}, answer)
	return &protocol.Ticket{Secret: secrets[0]}, nil
}

func (cs *circuits) add(t *tenant, devices [2]wire.DeviceID, secrets [2][32]byte, most int) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	// The one that is dialled has more room than a dialler, so that no single one can fill it.
	if cs.of[place{t, devices[0]}] >= most || cs.of[place{t, devices[1]}] >= 4*cs.s.limits.Circuits {
		return false
	}
	c := &circuit{tenant: t, devices: devices, ready: make(chan struct{}), over: make(chan struct{}),
		expires: cs.s.clock.Now().Add(protocol.TicketLife)}
	for i := range secrets {
		c.tickets[i] = key.Digest(secrets[i][:])
		cs.tickets[c.tickets[i]] = c
		cs.of[place{t, devices[i]}]++
	}
	cs.live[c] = struct{}{}
	return true
}

// take opens one end with its ticket, which works once.
func (cs *circuits) take(secret [32]byte, sock *socket) (c *circuit, end int, ok bool) {
	digest := key.Digest(secret[:])
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c = cs.tickets[digest]
	if c == nil || c.ended || cs.s.clock.Now().After(c.expires) {
		return nil, 0, false
	}
	delete(cs.tickets, digest)
	if c.tickets[1] == digest {
		end = 1
	}
	c.ends[end] = sock
	if c.ends[1-end] != nil {
		c.active.Store(cs.s.clock.Now().UnixNano())
		close(c.ready)
		cs.s.meter.circuits.Inc()
	}
	return c, end, true
}

// finish ends a circuit; it may be called more than once.
func (cs *circuits) finish(c *circuit) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	close(c.over)
	delete(cs.live, c)
	for i := range c.ends {
		delete(cs.tickets, c.tickets[i])
		p := place{c.tenant, c.devices[i]}
		if cs.of[p]--; cs.of[p] <= 0 {
			delete(cs.of, p)
		}
		if c.ends[i] != nil {
			_ = raw(c.ends[i].Conn).Close() // nobody is left to tell
		}
	}
}

// those finishes the circuits that a rule names.
func (cs *circuits) those(named func(*circuit) bool) {
	cs.mu.Lock()
	var out []*circuit
	for c := range cs.live {
		if named(c) {
			out = append(out, c)
		}
	}
	cs.mu.Unlock()
	for _, c := range out {
		cs.finish(c)
	}
}

// expire ends tickets that nobody used and circuits on which nothing moves.
func (cs *circuits) expire() {
	now := cs.s.clock.Now()
	cs.those(func(c *circuit) bool {
		if c.ends[0] == nil || c.ends[1] == nil {
			return now.After(c.expires)
		}
		return now.UnixNano()-c.active.Load() > int64(cs.s.limits.CircuitIdle)
	})
}

// cut ends the circuits of a device.
func (cs *circuits) cut(t *tenant, d wire.DeviceID) {
	cs.those(func(c *circuit) bool { return c.tenant == t && (c.devices[0] == d || c.devices[1] == d) })
}

func (cs *circuits) closeAll() { cs.those(func(*circuit) bool { return true }) }

func (cs *circuits) count() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.live)
}

// serve is the goroutine of one end.
func (cs *circuits) serve(sock *socket) {
	defer cs.s.running.Done()
	defer func() { _ = raw(sock.Conn).Close() }() // finish may have done so
	if sock.SetReadDeadline(time.Now().Add(protocol.TicketLife)) != nil {
		return
	}
	raw, err := sock.message(reading{limit: maxTicket, control: func(byte, []byte) {},
		hold: func(int) error { return nil }, within: func(int) time.Duration { return protocol.TicketLife }})
	if err != nil {
		return
	}
	secret, ok := ticketIn(raw)
	if !ok {
		return
	}
	c, end, ok := cs.take(secret, sock)
	if !ok {
		cs.s.meter.turnedAway(protocol.CodeForbidden)
		return
	}
	defer cs.finish(c)
	proven(sock.Conn)
	wait := time.NewTimer(c.expires.Sub(cs.s.clock.Now()))
	defer wait.Stop()
	select {
	case <-c.ready:
	case <-c.over:
		return
	case <-wait.C:
		return
	}
	if sock.SetReadDeadline(time.Time{}) == nil {
		cs.copy(c, end)
	}
}

// ticketIn reads the first message of a circuit: a Ticket, alone or in a Message.
func ticketIn(raw []byte) (secret [32]byte, ok bool) {
	var t protocol.Ticket
	if wire.DecodeLoose(raw, maxTicket, &t) == nil {
		return t.Secret, true
	}
	var m protocol.Message
	if wire.DecodeLoose(raw, maxTicket, &m) == nil && m.Ticket != nil {
		return m.Ticket.Secret, true
	}
	return secret, false
}

// copy carries frames from one end to the other until either ends. It reads on
// only when what it read has been taken: that is the back-pressure.
func (cs *circuits) copy(c *circuit, from int) {
	in := c.ends[from]
	var rate bucket
	for {
		f, err := in.next()
		if err != nil {
			return
		}
		switch {
		case f.op == opClose:
			_ = cs.put(c, 1-from, closing(1000)) // the circuit ends either way
			return
		case f.control():
			payload := make([]byte, f.length)
			if in.fill(f, payload, 0) != nil || f.op == opPing && cs.put(c, from, framed(opPong, payload)) != nil {
				return
			}
			c.active.Store(cs.s.clock.Now().UnixNano())
			continue
		case f.op == opText:
			return
		}
		if cs.carry(c, from, f, &rate) != nil {
			return
		}
	}
}

// carry passes one frame on, in pieces of at most spliceBytes; message
// boundaries stay where they are.
func (cs *circuits) carry(c *circuit, from int, f frame, rate *bucket) error {
	pooled := cs.s.splices.Get().(*[]byte)
	defer cs.s.splices.Put(pooled)
	op := f.op
	for offset := int64(0); offset < f.length || offset == 0 && f.length == 0; {
		n := min(f.length-offset, spliceBytes)
		final := f.final && offset+n == f.length
		out := head((*pooled)[:0], op, final, int(n))
		at := len(out)
		out = out[:at+int(n)]
		if err := c.ends[from].fill(f, out[at:], int(offset&3)); err != nil {
			return err
		}
		if err := cs.put(c, 1-from, out); err != nil {
			return err
		}
		cs.s.meter.circuitBytes.Add(int(n))
		if most := cs.s.limits.CircuitBytes; most > 0 {
			select {
			case <-cs.s.clock.After(rate.take(cs.s.clock.Now(), float64(n), most, 2*most)):
			case <-c.over:
				return errClosed
			}
		}
		op = opContinuation
		if offset += n; f.length == 0 {
			break
		}
	}
	return nil
}

// put writes a frame to an end. Both directions write: one its data, the other its pongs.
func (cs *circuits) put(c *circuit, to int, bytes []byte) error {
	c.writing[to].Lock()
	defer c.writing[to].Unlock()
	err := c.ends[to].SetWriteDeadline(time.Now().Add(cs.s.limits.CircuitIdle))
	if err == nil {
		_, err = c.ends[to].Write(bytes)
	}
	c.active.Store(cs.s.clock.Now().UnixNano())
	return err
}
