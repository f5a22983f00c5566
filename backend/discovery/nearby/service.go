package nearby

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/wire"
)

// Port is the UDP port of the beacon.
const Port = 47800

// Problems that Problems reports; the screen has a sentence for each.
const (
	NoNetwork        = "no_network"        // no interface is up, loopback aside (unless that was chosen)
	BroadcastBlocked = "broadcast_blocked" // the system refused every datagram of the last round
	PortInUse        = "port_in_use"       // nothing can be heard: another program has the port for itself
)

// Options say what is announced and who hears of finds.
type Options struct {
	// Port is the TCP port on which links listen.
	Port int
	// Secrets gives the discovery secret of each of our workspaces. nil: none.
	Secrets func() map[wire.SpaceID][32]byte
	// Joinable says whether somebody may ask here to join. nil: no.
	Joinable func() bool
	// Found is told of an instance when it is new, when anything about it
	// changed and every few seconds while it is heard. Called in turn, never
	// after Run has returned; it should be quick.
	Found func(Sighting)
	// Lost is told when an instance was not heard for long. May be nil.
	Lost func(Sighting)
	// Interval between beacons; 2 s when 0.
	Interval time.Duration
	// Interfaces chooses among the interfaces that are up; all when nil. Where
	// links listen on 127.0.0.1 alone, give Loopback.
	Interfaces func(net.Interface) bool
	// DisableMulticast leaves IPv4 broadcast and loopback only.
	DisableMulticast bool
	Clock            clock.Clock  // the system's when nil
	Log              *slog.Logger // may be nil

	// beaconPort is another port for tests that must not meet each other.
	beaconPort int
}

// Loopback is for Options.Interfaces: this machine only.
func Loopback(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 }

// Sighting is one running instance as it was last heard.
type Sighting struct {
	Instance [16]byte
	Addrs    []string       // "ip:port" to dial, best first: loopback, IPv4, IPv6
	Spaces   []wire.SpaceID // workspaces that we share
	Joinable bool
	At       time.Time
}

// Service announces and listens while Run runs.
type Service struct {
	opt      Options
	instance [16]byte
	chosen   bool // Options.Interfaces was given
	table    table
	heard    chan datagram
	browsed  chan browsed
	kick     chan struct{}

	mu       sync.Mutex
	problems []string
}

// datagram is one that arrived.
type datagram struct {
	data []byte
	from *net.UDPAddr
}

// Open makes a service; nothing is sent before Run.
func Open(opt Options) *Service {
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Secrets == nil {
		opt.Secrets = func() map[wire.SpaceID][32]byte { return nil }
	}
	if opt.Joinable == nil {
		opt.Joinable = func() bool { return false }
	}
	if opt.Found == nil {
		opt.Found = func(Sighting) {}
	}
	if opt.Lost == nil {
		opt.Lost = func(Sighting) {}
	}
	if opt.Interval <= 0 {
		opt.Interval = 2 * time.Second
	}
	chosen := opt.Interfaces != nil
	if !chosen {
		opt.Interfaces = func(net.Interface) bool { return true }
	}
	if opt.beaconPort == 0 {
		opt.beaconPort = Port
	}
	return &Service{
		opt: opt, instance: [16]byte(wire.Random(16)), chosen: chosen, table: newTable(),
		heard: make(chan datagram, 256), browsed: make(chan browsed, 64), kick: make(chan struct{}, 1),
	}
}

// Instance is what others see us as in this run.
func (s *Service) Instance() [16]byte { return s.instance }

// Seen are the instances heard lately, those that share a workspace first.
func (s *Service) Seen() []Sighting { return s.table.all() }

// Problems are what keeps discovery from working, in no case reason to stop:
// addresses typed by hand and invites work all the same.
func (s *Service) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Announce sends a beacon at once: a workspace was made, or joining was allowed.
func (s *Service) Announce() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// early are the pauses after the first beacons and after a change of the network.
var early = []time.Duration{250 * time.Millisecond, 600 * time.Millisecond}

// Run announces and listens until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	air := newAir(ctx, &wg, s)
	defer air.close()
	sd := &dnssd{service: s}
	defer sd.close()

	var burst []time.Duration
	next := s.opt.Clock.After(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case d := <-s.heard:
			s.hear(d, air)
			continue
		case f := <-s.browsed:
			s.resolved(f, air)
			continue
		case <-s.kick:
		case <-next:
			pause := s.opt.Interval*9/10 + time.Duration(rand.Int64N(int64(s.opt.Interval/5)+1))
			if len(burst) > 0 {
				pause, burst = min(burst[0], pause), burst[1:]
			}
			next = s.opt.Clock.After(pause)
		}
		changed, problems := air.refresh(s.opt.Interfaces)
		if changed {
			next, burst = s.opt.Clock.After(early[0]), early[1:]
		}
		if air.send(s.beacon(false, maxTags)) {
			problems = append(problems, BroadcastBlocked)
		}
		if !s.opt.DisableMulticast {
			sd.refresh(ctx, air.interfaces(), changed)
		}
		s.note(problems)
		for _, gone := range s.table.expire(s.opt.Clock.Now()) {
			s.opt.Lost(gone)
		}
	}
}

// lifetime is how long an instance is believed in: three missed beacons and a
// little, 10 s by default.
func (s *Service) lifetime() time.Duration { return 5 * s.opt.Interval }

// beacon is what we are now.
func (s *Service) beacon(answer bool, tags int) []byte {
	b := beacon{Version: version, Instance: s.instance, Port: uint16(s.opt.Port), Joinable: s.opt.Joinable(), Answer: answer}
	b.seal(s.opt.Secrets(), tags)
	return b.encode()
}

// hear takes one datagram in.
func (s *Service) hear(d datagram, air *air) {
	now := s.opt.Clock.Now()
	from, ok := air.neighbour(d.from)
	if !ok || !s.table.admit(from.Addr(), now) {
		return
	}
	b, err := decode(d.data)
	if err != nil {
		s.opt.Log.Debug("beacon refused", "addr", from.Addr(), "error", err)
		return
	}
	if b.Instance == s.instance {
		return
	}
	if s.sighted(b, addrOf(from.Addr(), b.Port), now, s.lifetime()) && !b.Answer && s.table.mayAnswer(now) {
		air.answer(s.beacon(true, maxTags), from)
	}
}

// sighted notes a beacon of an instance at an address and says whether the
// instance is new.
func (s *Service) sighted(b *beacon, addr string, now time.Time, lifetime time.Duration) (isNew bool) {
	sighting, isNew, tell := s.table.note(b, addr, b.spaces(s.opt.Secrets()), now, lifetime)
	if isNew {
		s.opt.Log.Debug("instance found", "addr", addr, "spaces", len(sighting.Spaces))
	}
	if tell {
		s.opt.Found(sighting)
	}
	return isNew
}

// note keeps the problems and logs a change.
func (s *Service) note(problems []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.problems, problems) {
		s.opt.Log.Info("nearby problems", "problems", problems)
	}
	s.problems = problems
}
