package server

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// Server is a relay. Made by New, it is given its engine by Start, since an
// engine is opened with the server's Callbacks.
type Server struct {
	name, version    string
	hosts            []string
	metricsElsewhere bool
	clock            clock.Clock
	log              *slog.Logger
	limits           Limits
	started          time.Time
	life             context.Context // ends with Close
	end              context.CancelFunc
	running          sync.WaitGroup // connections, requests, and what goes round

	engine   engine.Engine
	turn     *turnServer
	turnOf   *TurnOptions
	meter    *meter
	entrance *entrance
	budget   *budget
	writers  *writers
	working  chan struct{} // a slot for each request that is worked on
	buffers  sync.Pool     // *[]byte, for writing small frames together
	splices  sync.Pool     // *[]byte, for circuits
	tenants  *tenants
	rolls    *rolls
	circuits *circuits
	cluster  *cluster
	wheel    *wheel
	grants   noted
	health   health

	mu       sync.RWMutex
	draining bool
	topics   map[wire.SpaceID]*topic
	byTenant map[engine.Tenant]*tenant
	devices  int
	watches  int
	dirty    []*conn // with presence to tell
	telling  bool
}

// recordBytes is the most that one record of TLS carries.
const recordBytes = 16 << 10

// New makes a relay that keeps nothing yet.
func New(o Options) (*Server, error) {
	if o.Clock == nil || o.Log == nil {
		return nil, errors.New("new relay: a clock and a log are needed")
	}
	if len([]rune(o.Name)) > wire.MaxName {
		return nil, fmt.Errorf("new relay: name: %w", wire.ErrTooLarge)
	}
	s := &Server{
		name: o.Name, version: o.Version, hosts: o.Hosts, metricsElsewhere: o.MetricsElsewhere, clock: o.Clock, log: o.Log, turnOf: o.Turn,
		limits: o.Limits.withDefaults(protocol.IdleAfter), started: o.Clock.Now(),
		topics: map[wire.SpaceID]*topic{}, byTenant: map[engine.Tenant]*tenant{},
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.entrance, s.budget = newEntrance(s.limits), newBudget(s.limits.BudgetBytes)
	s.writers = newWriters(256)
	s.working = make(chan struct{}, s.limits.Working)
	s.buffers.New = func() any {
		b := make([]byte, 0, recordBytes)
		return &b
	}
	s.splices.New = func() any {
		b := make([]byte, roomBytes)
		return &b
	}
	s.tenants = &tenants{s: s, each: map[engine.Tenant]*tenant{}}
	s.rolls, s.circuits, s.wheel = newRolls(s), newCircuits(s), newWheel(s)
	s.cluster = newCluster(s, o.Bus)
	s.meter = newMeter(s)
	return s, nil
}

// Callbacks are what the engine is opened with.
func (s *Server) Callbacks() engine.Options {
	return engine.Options{News: s.news, Granted: s.granted}
}

// Start gives the relay its engine, which stays the caller's to close, after
// Close. It is called once, before anything is served.
func (s *Server) Start(ctx context.Context, e engine.Engine) error {
	s.engine = e
	if s.turnOf != nil {
		t, err := startTurn(ctx, s, *s.turnOf)
		if err != nil {
			s.log.Warn("STUN and TURN are off", "error", err)
		}
		s.turn = t
	}
	if err := s.cluster.start(ctx); err != nil {
		return err
	}
	s.running.Add(2)
	go s.every(s.limits.Idle/wheelSpokes, s.wheel.turn)
	go s.every(s.limits.Refresh, s.refresh())
	return nil
}

// every calls something again and again until the relay is closed.
func (s *Server) every(d time.Duration, do func()) {
	defer s.running.Done()
	tick := time.NewTicker(max(d, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// sweepEvery is how often what is too old is removed.
const sweepEvery = time.Hour

func (s *Server) refresh() func() {
	var swept time.Time
	return func() {
		s.tenants.refresh(s.life)
		s.circuits.expire()
		s.turn.lookAgain(s.life)
		if s.clock.Now().Sub(swept) >= sweepEvery {
			swept = s.clock.Now()
			s.tenants.sweep(s.life)
		}
	}
}

// Devices counts the connected devices.
func (s *Server) Devices() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.devices
}

// Turn says where STUN and TURN are answered; "" when they are off.
func (s *Server) Turn() string { return s.turn.address() }

// Drain lets nobody in any more, asks every device to go elsewhere within its
// share of the time that ctx leaves, and returns when all have gone or ctx ends.
func (s *Server) Drain(ctx context.Context) {
	s.mu.Lock()
	s.draining = true
	all := s.all()
	s.mu.Unlock()
	within := 5 * time.Second
	if until, ok := ctx.Deadline(); ok {
		within = max(time.Until(until)*3/4, 100*time.Millisecond)
	}
	for _, c := range all {
		var n [4]byte
		rand.Read(n[:])
		ms := uint32(uint64(binary.BigEndian.Uint32(n[:])) * uint64(within.Milliseconds()) >> 32)
		c.send(item{frame: c.encoded(0, protocol.Message{Bye: &protocol.Bye{WithinMS: ms}})}, answer)
	}
	s.log.Info("draining", "devices", len(all))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for s.Devices() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close ends every connection and waits for what is under way.
func (s *Server) Close() {
	s.mu.Lock()
	s.draining = true
	all := s.all()
	s.mu.Unlock()
	for _, c := range all {
		c.shut(closing(statusGoingAway))
	}
	s.end()
	s.circuits.closeAll()
	s.turn.close()
	s.running.Wait()
	s.cluster.close()
}

// all lists the connections; mu is held.
func (s *Server) all() (out []*conn) {
	for _, t := range s.byTenant {
		for _, m := range t.members {
			if m.conn != nil {
				out = append(out, m.conn)
			}
		}
	}
	return out
}

// begin counts a connection's goroutine, unless the relay stops.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.running.Add(1)
	return true
}

// cutTenant ends all connections of an organisation.
func (s *Server) cutTenant(t *tenant) {
	s.mu.Lock()
	var all []*conn
	for _, m := range t.members {
		if m.conn != nil {
			all = append(all, m.conn)
		}
	}
	s.mu.Unlock()
	for _, c := range all {
		c.turnAway(0, protocol.CodeToken)
	}
	s.circuits.cutTenant(t.id)
}

// inhabited reports whether an organisation has anything here.
func (s *Server) inhabited(t *tenant) bool {
	s.mu.RLock()
	members := len(t.members)
	s.mu.RUnlock()
	return members > 0 || s.circuits.hasTenant(t.id)
}
