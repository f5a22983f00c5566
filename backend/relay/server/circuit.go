package server

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// circuit is two WebSockets of two devices of one organisation, spliced. The
// relay carries what it cannot read.
//
// Of several processes the one where it was dialled gives its tickets, counts,
// judges and copies. Each ticket begins with that process's name: whichever
// process a device shows it to makes a bridge to there, and copies between the
// socket and the bridge (bridged).
type circuit struct {
	tenant  engine.Tenant
	devices [2]wire.DeviceID
	bridged bool
	tickets [2][32]byte // digests
	expires time.Time
	ready   chan struct{} // closed when both ends are there
	over    chan struct{}
	active  atomic.Int64 // Unix ns

	// Guarded by circuits.mu.
	ends  [2]end
	ended bool
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
	tenant engine.Tenant
	device wire.DeviceID
}

const (
	visitorCircuits = 2
	maxTicket       = 128
)

func newCircuits(s *Server) *circuits {
	return &circuits{s: s, tickets: map[[32]byte]*circuit{}, live: map[*circuit]struct{}{}, of: map[place]int{}}
}

// dial makes two tickets: one for the answer, one for the device dialled.
func (c *conn) dial(ctx context.Context, d protocol.Dial) (*protocol.Ticket, error) {
	c.mu.Lock()
	most, allowed := c.s.limits.Circuits, true
	if c.visitor {
		most, allowed = visitorCircuits, slices.Contains(c.hosts, d.To)
	}
	c.mu.Unlock()
	to, far := c.s.find(c.tenant.id, d.To)
	switch {
	case !allowed:
		return nil, forbidden()
	case to == nil && far == (bus.Process{}) || to == c || to != nil && to.isVisitor():
		return nil, failed(protocol.CodeAway)
	}
	secrets := [2][32]byte{c.s.cluster.secret(), c.s.cluster.secret()}
	made := c.s.circuits.add(c.tenant.id, [2]wire.DeviceID{c.device, d.To}, secrets, most)
	if made == nil {
		return nil, protocol.Failed{Code: protocol.CodeTooFast, RetryMS: uint32(protocol.TicketLife.Milliseconds())}
	}
	if to != nil {
		to.rings(c.device, secrets[1])
	} else if !c.s.cluster.ring(ctx, far, ring{Tenant: c.tenant.id, From: c.device, To: d.To, Secret: secrets[1]}) {
		c.s.circuits.finish(made)
		return nil, failed(protocol.CodeAway)
	}
	return &protocol.Ticket{Secret: secrets[0]}, nil
}

// rings hands the device its ticket.
func (c *conn) rings(from wire.DeviceID, secret [32]byte) {
	c.send(item{frame: c.encoded(0, protocol.Message{Incoming: &protocol.Incoming{From: from, Secret: secret}})}, answer)
}

// add counts a circuit at both devices; nil when one has enough. What is counted
// is what this process holds for them.
func (cs *circuits) add(t engine.Tenant, devices [2]wire.DeviceID, secrets [2][32]byte, most int) *circuit {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	// The one that is dialled has more room than a dialler, so that no single one can fill it.
	if cs.of[place{t, devices[0]}] >= most || cs.of[place{t, devices[1]}] >= 4*cs.s.limits.Circuits {
		return nil
	}
	c := &circuit{tenant: t, devices: devices, ready: make(chan struct{}), over: make(chan struct{}),
		expires: cs.s.clock.Now().Add(protocol.TicketLife)}
	for i := range secrets {
		c.tickets[i] = key.Digest(secrets[i][:])
		cs.tickets[c.tickets[i]] = c
		cs.of[place{t, devices[i]}]++
	}
	cs.live[c] = struct{}{}
	return c
}

// take opens one end with its ticket, which works once.
func (cs *circuits) take(ticket [32]byte, by end) (c *circuit, at int, ok bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c = cs.tickets[ticket]
	if c == nil || c.ended || cs.s.clock.Now().After(c.expires) {
		return nil, 0, false
	}
	delete(cs.tickets, ticket)
	if c.tickets[1] == ticket {
		at = 1
	}
	c.ends[at] = by
	if c.ends[1-at] != nil {
		c.touch(cs.s.clock.Now())
		close(c.ready)
		cs.s.meter.circuits.Inc()
	}
	return c, at, true
}

func (c *circuit) touch(now time.Time) { c.active.Store(now.UnixNano()) }

// finish ends a circuit; it may be called more than once.
func (cs *circuits) finish(c *circuit) {
	cs.mu.Lock()
	if c.ended {
		cs.mu.Unlock()
		return
	}
	c.ended = true
	close(c.over)
	delete(cs.live, c)
	for i := range c.ends {
		if c.bridged {
			break
		}
		delete(cs.tickets, c.tickets[i])
		p := place{c.tenant, c.devices[i]}
		if cs.of[p]--; cs.of[p] <= 0 {
			delete(cs.of, p)
		}
	}
	ends := c.ends
	cs.mu.Unlock()
	for _, e := range ends {
		if e != nil {
			e.close()
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
func (cs *circuits) cut(t engine.Tenant, d wire.DeviceID) {
	cs.those(func(c *circuit) bool {
		return !c.bridged && c.tenant == t && (c.devices[0] == d || c.devices[1] == d)
	})
}

// cutTenant ends those of an organisation.
func (cs *circuits) cutTenant(t engine.Tenant) {
	cs.those(func(c *circuit) bool { return !c.bridged && c.tenant == t })
}

// has reports whether a device has circuits here, wherever it is connected.
func (cs *circuits) has(t engine.Tenant, d wire.DeviceID) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.of[place{t, d}] > 0
}

// hasTenant reports whether an organisation has any.
func (cs *circuits) hasTenant(t engine.Tenant) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for p := range cs.of {
		if p.tenant == t {
			return true
		}
	}
	return false
}

func (cs *circuits) closeAll() { cs.those(func(*circuit) bool { return true }) }

func (cs *circuits) count() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.live)
}

// serve is the goroutine of one socket.
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
	l := &line{sock: sock, patient: cs.s.limits.CircuitIdle}
	if from := cs.s.cluster.giverOf(secret); from != cs.s.cluster.self {
		cs.bridge(l, key.Digest(secret[:]), from)
		return
	}
	c, at, ok := cs.take(key.Digest(secret[:]), l)
	if !ok {
		cs.s.meter.turnedAway(protocol.CodeForbidden)
		return
	}
	l.touched = func() { c.touch(cs.s.clock.Now()) }
	proven(sock.Conn)
	cs.attend(c, at, func() bool { return sock.SetReadDeadline(time.Time{}) == nil })
}

// attend waits for the other end and copies from this one.
func (cs *circuits) attend(c *circuit, at int, begin func() bool) {
	defer cs.finish(c)
	wait := time.NewTimer(c.expires.Sub(cs.s.clock.Now()))
	defer wait.Stop()
	select {
	case <-c.ready:
	case <-c.over:
		return
	case <-wait.C:
		return
	}
	if begin() {
		cs.copy(c, at)
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

// copy carries pieces from one end to the other until either ends. It reads on
// only when what it read has been taken: that is the back-pressure.
func (cs *circuits) copy(c *circuit, from int) {
	in, out := c.ends[from], c.ends[1-from]
	var rate bucket
	for {
		err := in.await()
		n := 0
		if err == nil {
			n, err = cs.carry(in, out)
		}
		if err != nil {
			out.over(err)
			return
		}
		now, most := cs.s.clock.Now(), cs.s.limits.CircuitBytes
		c.touch(now)
		if c.bridged {
			continue // counted where the circuit is
		}
		cs.s.meter.circuitBytes.Add(n)
		if most > 0 {
			select {
			case <-cs.s.clock.After(rate.take(now, float64(n), most, 2*most)):
			case <-c.over:
				return
			}
		}
	}
}

// carry passes one piece on.
func (cs *circuits) carry(in, out end) (int, error) {
	room := cs.s.splices.Get().(*[]byte)
	defer cs.s.splices.Put(room)
	p, err := in.take(*room)
	if err != nil {
		return 0, err
	}
	return len(p.payload()), out.give(p)
}

// bridge joins a socket with the process that gave its ticket.
func (cs *circuits) bridge(l *line, ticket [32]byte, to bus.Process) {
	b := cs.s.cluster.bridges.add(newBridgeID(), to)
	if b == nil {
		cs.s.meter.turnedAway(protocol.CodeBusy)
		return
	}
	defer b.close()
	if cs.s.cluster.send(to, memo{Open: &opening{ID: b.id, Ticket: ticket}}) != nil {
		return
	}
	wait := time.NewTimer(protocol.TicketLife)
	defer wait.Stop()
	select {
	case <-b.open:
	case <-b.gone:
		cs.s.meter.turnedAway(protocol.CodeForbidden)
		return
	case <-wait.C:
		return
	case <-cs.s.life.Done():
		return
	}
	c := &circuit{bridged: true, ready: make(chan struct{}), over: make(chan struct{}), ends: [2]end{l, b}}
	l.touched = func() { c.touch(cs.s.clock.Now()) }
	l.touched()
	proven(l.sock.Conn)
	cs.mu.Lock()
	cs.live[c] = struct{}{}
	cs.mu.Unlock()
	defer cs.finish(c)
	if cs.s.life.Err() != nil || l.sock.SetReadDeadline(time.Time{}) != nil {
		return
	}
	cs.s.running.Add(1)
	go func() {
		defer cs.s.running.Done()
		defer cs.finish(c)
		cs.copy(c, 1)
	}()
	cs.copy(c, 0)
}
