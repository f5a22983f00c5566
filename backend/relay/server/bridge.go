package server

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/relay/bus"
	"roundtable/backend/wire"
)

const (
	// window is how much one direction of a bridge may have on its way: a bus
	// delivers in about a millisecond.
	window = 256 << 10
	// partCost is what a part counts beside its bytes, so that empty ones are bounded, too.
	partCost = 64
)

// errCut: the other process ended the bridge, or is gone, or parts got lost.
var errCut = errors.New("the bridge was cut")

// bridge is the end of a circuit whose socket (or whose circuit) is at another
// process. Its bytes travel over the bus: each direction in parts that are
// counted, within a window that the receiver moves on as its device takes them.
type bridge struct {
	of   *bridges
	id   bridgeID
	peer bus.Process
	gone chan struct{} // closed when it is cut
	open chan struct{} // closed when the ticket was good, for the process that showed it
	wake chan struct{} // something for await
	room chan struct{} // something for give

	mu sync.Mutex
	// Out: parts and cost given, and how much may be.
	seq, given, allowed uint64
	// In: parts that came, what waits, what was taken, and what the other was told.
	came, taken, told uint64
	queue             []*part
	waiting           uint64
	isOpen            bool
	down              bool  // cut: nothing goes or comes
	silent            bool  // we have said that nothing follows
	ended             error // what await gives after the queue: the other said that nothing follows
}

// bridges are those of a process.
type bridges struct {
	cl   *cluster
	held atomic.Int64 // bytes that wait in all queues
	mu   sync.Mutex
	each map[bridgeID]*bridge
}

// add makes a bridge; nil when there are too many, or one of that name.
func (bs *bridges) add(id bridgeID, peer bus.Process) *bridge {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if len(bs.each) >= bs.cl.s.limits.Bridges || bs.each[id] != nil {
		return nil
	}
	b := &bridge{of: bs, id: id, peer: peer, gone: make(chan struct{}), open: make(chan struct{}),
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1), allowed: window, told: window}
	bs.each[id] = b
	return b
}

// with finds the bridge that a process names.
func (bs *bridges) with(id bridgeID, peer bus.Process) *bridge {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if b := bs.each[id]; b != nil && b.peer == peer {
		return b
	}
	return nil
}

// lost cuts all bridges to a process that is gone.
func (bs *bridges) lost(peer bus.Process) {
	bs.mu.Lock()
	var all []*bridge
	for _, b := range bs.each {
		if b.peer == peer {
			all = append(all, b)
		}
	}
	bs.mu.Unlock()
	for _, b := range all {
		b.cut(false)
	}
}

func (bs *bridges) count() int {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	return len(bs.each)
}

func newBridgeID() bridgeID { return bridgeID(wire.Random(len(bridgeID{}))) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (b *bridge) await() error {
	for {
		b.mu.Lock()
		down, ready, ended := b.down, len(b.queue) > 0, b.ended
		b.mu.Unlock()
		switch {
		case down:
			return errCut
		case ready:
			return nil
		case ended != nil:
			return ended
		}
		select {
		case <-b.wake:
		case <-b.gone:
		}
	}
}

func (b *bridge) take(room []byte) (piece, error) {
	b.mu.Lock()
	if b.down || len(b.queue) == 0 {
		b.mu.Unlock()
		return piece{}, errCut
	}
	next := b.queue[0]
	b.queue[0] = nil
	if b.queue = b.queue[1:]; len(b.queue) == 0 {
		b.queue = nil
	}
	cost := uint64(len(next.Bytes) + partCost)
	b.waiting -= cost
	b.taken += cost
	upto := b.taken + window
	tell := upto-b.told >= window/2 && b.ended == nil
	if tell {
		b.told = upto
	}
	b.mu.Unlock()
	b.of.held.Add(-int64(cost))
	if tell && b.of.cl.send(b.peer, memo{Credit: &credit{ID: b.id, Upto: upto}}) != nil {
		b.cut(true) // it would wait for ever
		return piece{}, errCut
	}
	p := piece{first: next.First, last: next.Last, room: room[:headRoom+len(next.Bytes)]}
	copy(p.payload(), next.Bytes)
	return p, nil
}

func (b *bridge) give(p piece) error {
	cost := uint64(len(p.payload()) + partCost)
	var patient *time.Timer
	for {
		b.mu.Lock()
		if b.down || b.ended != nil || b.silent {
			defer b.mu.Unlock()
			if b.down {
				return errCut
			}
			return nil // the other side takes no more; what it has sent goes on
		}
		if b.given+cost <= b.allowed {
			b.given += cost
			b.seq++
			m := memo{Part: &part{ID: b.id, Seq: b.seq, First: p.first, Last: p.last, Bytes: p.payload()}}
			b.mu.Unlock()
			return b.of.cl.send(b.peer, m)
		}
		b.mu.Unlock()
		if patient == nil {
			patient = time.NewTimer(b.of.cl.s.limits.CircuitIdle)
			defer patient.Stop()
		}
		select {
		case <-b.room:
		case <-b.gone:
		case <-patient.C:
			return errCut
		}
	}
}

func (b *bridge) over(why error) {
	how := broken
	if errors.Is(why, errClosed) {
		how = closed
	}
	b.mu.Lock()
	tell := !b.down && !b.silent && b.ended == nil
	b.silent = true
	b.mu.Unlock()
	if tell {
		_ = b.of.cl.send(b.peer, memo{Shut: &shut{ID: b.id, How: how}}) // what it sends next is answered
	}
}

func (b *bridge) close() { b.cut(true) }

// cut ends a bridge; tell says whether the other process should hear of it.
func (b *bridge) cut(tell bool) {
	b.mu.Lock()
	if b.down {
		b.mu.Unlock()
		return
	}
	b.down = true
	tell = tell && !b.silent && b.ended == nil
	held := b.waiting
	b.queue, b.waiting = nil, 0
	close(b.gone)
	b.mu.Unlock()
	b.of.held.Add(-int64(held))
	b.of.mu.Lock()
	if b.of.each[b.id] == b {
		delete(b.of.each, b.id)
	}
	b.of.mu.Unlock()
	if tell {
		_ = b.of.cl.send(b.peer, memo{Shut: &shut{ID: b.id, How: cutOff}}) // what it sends next is answered
	}
}

// part takes what came. A gap or more than the window ends the bridge.
func (b *bridge) part(p *part) {
	cost := uint64(len(p.Bytes) + partCost)
	b.mu.Lock()
	if b.down || b.ended != nil {
		b.mu.Unlock()
		return
	}
	b.came++
	fits := b.of.held.Add(int64(cost)) <= b.of.cl.s.limits.BudgetBytes
	if p.Seq != b.came || b.waiting+cost > window || !fits {
		b.mu.Unlock()
		b.of.held.Add(-int64(cost))
		b.cut(true)
		return
	}
	b.waiting += cost
	b.queue = append(b.queue, p)
	b.mu.Unlock()
	poke(b.wake)
}

func (b *bridge) credit(c credit) {
	b.mu.Lock()
	if c.Upto > b.allowed && c.Upto <= b.given+window {
		b.allowed = c.Upto
	}
	b.mu.Unlock()
	poke(b.room)
}

func (b *bridge) opened() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.isOpen {
		b.isOpen = true
		close(b.open)
	}
}

func (b *bridge) shut(how ending) {
	if how == cutOff {
		b.cut(false)
		return
	}
	b.mu.Lock()
	if b.ended == nil {
		if b.ended = errCut; how == closed {
			b.ended = errClosed
		}
	}
	b.mu.Unlock()
	poke(b.wake)
	poke(b.room)
}
