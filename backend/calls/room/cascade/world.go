package cascade

import (
	"math/rand/v2"
	"time"
)

// Rates in kbit/s. Those of layers are what calls/media calls nominal, plus a tenth for headers
// and resends.
const (
	speakers = 3
	sound    = speakers * 48 * 11 / 10
	small    = 150 * 11 / 10
	half     = 500 * 11 / 10
	full     = 1800 * 11 / 10
	// trunk feeds a forwarder: each layer that somebody below it may want.
	trunk = sound + speakers*small + half + full

	// A forwarder plans with a part of what was measured; reserve is for children of others that died.
	plan, withReserve = 60, 80
	// processor bounds what one engine sends, whatever its network takes.
	processor = 150_000
	// Of the 64 legs of an engine one is the page's, one the parent's, one the standby's.
	maxChildren, maxIdle, maxLegs = 40, 20, 61
	// hubChildren leaves the hub legs for those on stage.
	hubChildren = 24
	maxDepth    = 12
	// worthwhile is how many trunks a home must be able to feed.
	worthwhile = 4
	// entries of an office: who gets the meeting over the internet and gives it to the others.
	entries, entriesFrom = 2, 9
)

// Layer is how much of the speakers a viewer gets.
type Layer int

// The layers: of who speaks; the other speakers' pictures are small.
const (
	None Layer = iota
	Sound
	Small
	Half
	Full
)

// rate of a layer on the leg to a viewer who forwards nothing.
func (l Layer) rate() int {
	switch l {
	case Sound:
		return sound
	case Small:
		return sound + speakers*small
	case Half:
		return sound + (speakers-1)*small + half
	case Full:
		return sound + (speakers-1)*small + full
	}
	return 0
}

// World is who watches.
type World struct {
	Name    string
	Viewers int
	Homes   int // percent; the others sit in offices
	Wired   int // percent of an office's devices that are on mains and wire
	Mains   int // percent of homes that may forward by power and by their NAT
	// Deaths without notice within For; who died is replaced.
	Deaths int
	For    time.Duration
}

// office is a LAN behind one line to the internet.
type office struct {
	up      int
	load    int           // what leaves it now
	held    map[*node]int // kept free, by the forwarder whose death it is for
	entries int
	members int
}

type node struct {
	id      int
	office  *office // nil: a home
	up      int     // measured
	may     bool    // forward
	access  time.Duration
	alive   bool
	parent  *node
	kids    []*node
	rate    int // on the leg from its parent
	layer   Layer
	depth   int
	load    int // what it sends
	peak    int // the most it ever sent
	standby *node
	failing *node // the parent that standby is for
	idle    int   // legs that it holds as a standby
	held    map[*node]int
	dark    bool
	lostAt  time.Duration
	// turned: it has its place from a repair, not by rank.
	turned bool
	said   int // control messages beside what goes on all the time
}

// newOffices gives offices of 20 to 400 with 100 Mbit/s each.
func newOffices(r *rand.Rand, people int) (out []*office) {
	for people > 0 {
		size := min(people, 20+int(380*r.Float64()*r.Float64()))
		out = append(out, &office{up: 100_000, members: size, held: map[*node]int{}})
		people -= size
	}
	return out
}

// populate gives everybody in the order in which they come. The first two are the hub and its
// standby: the best there are.
func populate(r *rand.Rand, w World) (all []*node, offices []*office) {
	homes := w.Viewers * w.Homes / 100
	offices = newOffices(r, w.Viewers-homes)
	for range homes {
		all = append(all, newHome(r, w))
	}
	for _, o := range offices {
		for range o.members {
			all = append(all, newSeat(r, w, o))
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	// The best scores of the call are hub and standby, as today; not behind the same line.
	for at := range 2 {
		best := -1
		for i := at; i < len(all); i++ {
			other := at == 0 || all[i].office == nil || all[i].office != all[0].office
			if other && all[i].may && (best < 0 || all[i].uplink() > all[best].uplink()) {
				best = i
			}
		}
		if best >= 0 {
			all[at], all[best] = all[best], all[at]
		}
	}
	for i, n := range all {
		n.id = i
	}
	return all, offices
}

func newHome(r *rand.Rand, w World) *node {
	up := 10_000 + r.IntN(30_001)
	may := r.IntN(100) < w.Mains && up*plan/100 >= worthwhile*trunk
	return &node{up: up, may: may, access: time.Duration(5+r.IntN(11)) * time.Millisecond, held: map[*node]int{}}
}

func newSeat(r *rand.Rand, w World, o *office) *node {
	return &node{office: o, up: processor, may: r.IntN(100) < w.Wired, access: 3 * time.Millisecond, held: map[*node]int{}}
}

// again is the device that comes in the place of one that died: as good, with nothing known of it.
func (n *node) again(id int) *node {
	return &node{id: id, office: n.office, up: n.up, may: n.may, access: n.access, held: map[*node]int{}}
}

// uplink is what a device can send to who is not in its office.
func (n *node) uplink() int {
	if n.office != nil {
		return min(n.up, n.office.up)
	}
	return n.up
}

// near says whether two share a LAN.
func near(a, b *node) bool { return a.office != nil && a.office == b.office }

// way is how long a packet takes from one to the other.
func way(a, b *node) time.Duration {
	if near(a, b) {
		return time.Millisecond
	}
	return a.access + b.access + 5*time.Millisecond
}
