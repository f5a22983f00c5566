package testnet

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"roundtable/backend/link/memory"
	"roundtable/backend/wire"
)

// never is longer than any test.
const never = 24 * time.Hour

// Net is a memory network and its faults. Nodes are called by name.
type Net struct {
	seed    uint64
	network *memory.Network

	mu      sync.Mutex
	random  *rand.Rand
	base    time.Duration
	jitter  time.Duration
	groups  map[string]int
	split   bool
	refused float64
	stalled map[string]bool
}

// New makes a network without faults.
func New(seed uint64) *Net {
	n := &Net{seed: seed, random: rand.New(rand.NewPCG(seed, 0x726f756e647461))}
	n.network = memory.NewNetwork(n)
	return n
}

// Seed is what New was given, for the message of a failing test.
func (n *Net) Seed() uint64 { return n.seed }

// Node adds a device; its address is "memory:<name>". Its links tell log, which may be nil.
func (n *Net) Node(id wire.DeviceID, name string, log *slog.Logger) (*memory.Node, error) {
	return n.network.Node(id, name, log)
}

// Latency makes every byte take base and a random part of jitter, each way.
func (n *Net) Latency(base, jitter time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.base, n.jitter = base, jitter
}

// RefuseDials makes dials fail with a probability.
func (n *Net) RefuseDials(probability float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused = probability
}

// DropLinks closes each link with a probability.
func (n *Net) DropLinks(probability float64) {
	n.network.Cut(func(_, _ string) bool { return n.chance(probability) })
}

// CloseAll closes every link; dials go on working.
func (n *Net) CloseAll() { n.network.Cut(func(_, _ string) bool { return true }) }

// Partition cuts the network into groups: links between them close, dials
// between them fail. Nodes in no group form one of their own, all together.
func (n *Net) Partition(groups ...[]string) {
	n.mu.Lock()
	n.split, n.groups = true, map[string]int{}
	for i, names := range groups {
		for _, name := range names {
			n.groups[name] = i + 1
		}
	}
	n.mu.Unlock()
	n.network.Cut(func(from, to string) bool { return !n.together(from, to) })
}

// Stall makes what these nodes write from now on vanish without a word, as when
// a cable is pulled: links stay open and hear nothing. No names end it for links
// made later; a link on which something vanished never recovers.
func (n *Net) Stall(names ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stalled = map[string]bool{}
	for _, name := range names {
		n.stalled[name] = true
	}
}

// Heal ends a partition.
func (n *Net) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.split, n.groups = false, nil
}

// Reachable is for memory.Network.
func (n *Net) Reachable(from, to string) bool {
	n.mu.Lock()
	probability := n.refused
	n.mu.Unlock()
	return n.together(from, to) && !n.chance(probability)
}

// Delay is for memory.Network.
func (n *Net) Delay(from, _ string) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stalled[from] {
		return never
	}
	if n.jitter <= 0 {
		return n.base
	}
	return n.base + time.Duration(n.random.Int64N(int64(n.jitter)))
}

func (n *Net) together(from, to string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.split || n.groups[from] == n.groups[to]
}

func (n *Net) chance(probability float64) bool {
	if probability <= 0 {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.random.Float64() < probability
}
