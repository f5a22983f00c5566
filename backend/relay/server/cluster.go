package server

import (
	"context"
	"fmt"
	"sync"
	"time"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

// cluster is this process among those of a cluster, and what it knows of the
// others. A process alone has one, too, without a bus and without peers.
//
// Each process tells its devices' coming and going to all others, gathered for a
// moment and numbered, and a beat with the number reached. Whoever sees a gap, or
// meets a process for the first time, asks that one for all its devices. A process
// that is silent for some beats is gone, and its devices with it. So each knows
// where each device is, and asks nobody.
type cluster struct {
	s       *Server
	self    bus.Process
	bus     bus.Bus // nil: alone
	leave   func()
	bridges *bridges
	rings   rings

	out  sync.Mutex // held from counting moves to telling them, so that they go out in order
	over bool       // nothing is told any more

	// Guarded by Server.mu.
	peers  map[bus.Process]*peer
	seats  map[engine.Tenant]map[wire.DeviceID]seat
	far    int // claims, of all peers
	unsaid map[place]struct{}
	saying bool
	seq    uint64 // of the last moves
	stamp  uint64 // the latest one given or seen
}

const (
	// sayAfter gathers what changes, since devices come and go in crowds.
	sayAfter = 100 * time.Millisecond
	// silentBeats is how many beats of ours a process may be silent. Ours, not
	// seconds: a process that was held up itself does not blame the others.
	silentBeats = 4
	// askAgain is after how many beats a roster that did not come is asked for again.
	askAgain = 2
	// maxPeers bounds the processes that are listened to.
	maxPeers = 256
)

func newCluster(s *Server, b bus.Bus) *cluster {
	cl := &cluster{s: s, self: bus.NewProcess(), bus: b, leave: func() {},
		peers: map[bus.Process]*peer{}, seats: map[engine.Tenant]map[wire.DeviceID]seat{}}
	cl.bridges = &bridges{cl: cl, each: map[bridgeID]*bridge{}}
	return cl
}

// start joins the others.
func (cl *cluster) start(ctx context.Context) (err error) {
	if cl.bus == nil {
		return nil
	}
	if cl.leave, err = cl.bus.Join(ctx, cl.self, cl.hear); err != nil {
		cl.leave = func() {}
		return fmt.Errorf("join cluster: %w", err)
	}
	cl.tick()
	cl.s.running.Add(1)
	go cl.s.every(cl.s.limits.Beat, cl.tick)
	return nil
}

// close says goodbye, once nothing of this process goes on.
func (cl *cluster) close() {
	if cl.bus == nil {
		return
	}
	cl.out.Lock()
	if !cl.over {
		cl.over = true
		cl.tell(memo{Bye: &bye{}})
	}
	cl.out.Unlock()
	cl.leave()
}

// tell tells all others. What gets lost is noticed by them.
func (cl *cluster) tell(m memo) {
	m.From = cl.self
	if err := cl.bus.Tell(wire.MustEncode(m)); err != nil {
		cl.s.meter.busLost.Inc()
	}
}

// send tells one. It does not wait. Errors: bus.ErrBusy.
func (cl *cluster) send(to bus.Process, m memo) error {
	m.From = cl.self
	err := cl.bus.Send(to, wire.MustEncode(m))
	if err != nil {
		cl.s.meter.busLost.Inc()
	}
	return err
}

// tick is one beat: it says that we live, and looks who else does.
func (cl *cluster) tick() {
	cl.out.Lock()
	if cl.over {
		cl.out.Unlock()
		return
	}
	cl.s.mu.RLock()
	seq := cl.seq
	cl.s.mu.RUnlock()
	cl.tell(memo{Beat: &beat{Seq: seq}})
	cl.out.Unlock()
	var dead, lacking []bus.Process
	cl.s.mu.Lock()
	for id, p := range cl.peers {
		if p.silent++; p.silent > silentBeats {
			dead = append(dead, id)
		} else if !p.level {
			if p.asked++; p.asked >= askAgain {
				p.asked = 0
				lacking = append(lacking, id)
			}
		}
	}
	for _, id := range dead {
		cl.drop(id)
	}
	cl.s.mu.Unlock()
	for _, id := range dead {
		cl.s.log.Warn("a relay process is gone", "process", id.String())
		cl.bridges.lost(id)
	}
	for _, id := range lacking {
		cl.ask(id)
	}
}

func (cl *cluster) ask(p bus.Process) {
	_ = cl.send(p, memo{Ask: &ask{}}) // a beat later again
}

// hear is given what other processes say. It never waits.
func (cl *cluster) hear(raw []byte) {
	m, err := decodeMemo(raw)
	if err != nil {
		cl.s.meter.busRefused.Inc()
		cl.s.log.Debug("a message on the bus was refused", "error", err)
		return
	}
	if m.From == cl.self {
		return
	}
	switch {
	case m.Beat != nil:
		cl.heardBeat(m.From, m.Beat.Seq)
	case m.Moves != nil:
		cl.heardMoves(m.From, m.Moves)
	case m.Bye != nil:
		cl.s.mu.Lock()
		cl.drop(m.From)
		cl.s.mu.Unlock()
		cl.bridges.lost(m.From)
	case m.Ask != nil:
		cl.answer(m.From)
	case m.Roster != nil:
		cl.heardRoster(m.From, m.Roster)
	case m.Frame != nil:
		cl.heardFrame(m.From, *m.Frame)
	case m.Ring != nil:
		cl.heardRing(m.From, *m.Ring)
	case m.Rung != nil:
		cl.rings.answered(m.From, *m.Rung)
	default:
		cl.heardBridge(m)
	}
}

// heardBridge passes on what concerns circuits.
func (cl *cluster) heardBridge(m memo) {
	switch {
	case m.Open != nil:
		cl.heardOpen(m.From, *m.Open)
	case m.Opened != nil:
		if b := cl.bridges.with(m.Opened.ID, m.From); b != nil {
			b.opened()
		}
	case m.Part != nil:
		if b := cl.bridges.with(m.Part.ID, m.From); b != nil {
			b.part(m.Part)
		} else {
			_ = cl.send(m.From, memo{Shut: &shut{ID: m.Part.ID, How: broken}}) // what it sends next is answered
		}
	case m.Credit != nil:
		if b := cl.bridges.with(m.Credit.ID, m.From); b != nil {
			b.credit(*m.Credit)
		}
	case m.Shut != nil:
		if b := cl.bridges.with(m.Shut.ID, m.From); b != nil {
			b.shut(m.Shut.How)
		}
	}
}

// heardOpen looks at a ticket that was shown to another process.
func (cl *cluster) heardOpen(from bus.Process, o opening) {
	circuits := cl.s.circuits
	if !cl.s.begin() {
		_ = cl.send(from, memo{Shut: &shut{ID: o.ID}}) // it gives up by itself
		return
	}
	b := cl.bridges.add(o.ID, from)
	if b == nil {
		cl.s.running.Done()
		_ = cl.send(from, memo{Shut: &shut{ID: o.ID}}) // as above
		return
	}
	c, at, ok := circuits.take(o.Ticket, b)
	if !ok {
		cl.s.running.Done()
		b.close()
		return
	}
	go func() {
		defer cl.s.running.Done()
		circuits.attend(c, at, func() bool { return true })
	}()
	if cl.send(from, memo{Opened: &opened{ID: o.ID}}) != nil {
		circuits.finish(c)
	}
}

// secret makes a ticket's secret: it names this process, for whichever process it is shown to.
func (cl *cluster) secret() (out [32]byte) {
	copy(out[:], cl.self[:])
	copy(out[len(cl.self):], wire.Random(len(out)-len(cl.self)))
	return out
}

// giverOf is the process that gave a ticket, as far as it is known; else this one.
func (cl *cluster) giverOf(secret [32]byte) bus.Process {
	id := bus.Process(secret[:len(bus.Process{})])
	cl.s.mu.RLock()
	defer cl.s.mu.RUnlock()
	if cl.peers[id] == nil {
		return cl.self
	}
	return id
}
