package nearby

import (
	"bytes"
	"net/netip"
	"slices"
	"sync"
	"time"

	"roundtable/backend/wire"
)

const (
	maxInstances = 1024
	maxAddrs     = 8
	maxSources   = 4096
	perSource    = 40 // datagrams a second
	answers      = 20 // a second, all together
	tellEvery    = 5 * time.Second
)

// table is the instances heard and the sources they come from.
type table struct {
	mu        sync.Mutex
	instances map[[16]byte]*entry
	sources   map[netip.Addr]*bucket
	answers   bucket
}

type entry struct {
	Sighting
	addrs map[string]time.Time // until when each is believed in
	until time.Time            // the instance
	told  time.Time
}

func newTable() table {
	return table{instances: map[[16]byte]*entry{}, sources: map[netip.Addr]*bucket{}, answers: bucket{rate: answers}}
}

// bucket is a token bucket that holds one second's worth.
type bucket struct {
	rate, tokens float64
	at           time.Time
}

func (b *bucket) take(now time.Time) bool {
	if b.at.IsZero() {
		b.tokens = b.rate
	} else if d := now.Sub(b.at).Seconds(); d > 0 {
		b.tokens = min(b.rate, b.tokens+d*b.rate)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// admit limits what one source may send.
func (t *table) admit(from netip.Addr, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.sources[from]
	if b == nil {
		if len(t.sources) >= maxSources {
			clear(t.sources) // a flood of made-up sources; the limits start afresh
		}
		b = &bucket{rate: perSource}
		t.sources[from] = b
	}
	return b.take(now)
}

// mayAnswer limits answers, so that nobody is flooded in another one's name.
func (t *table) mayAnswer(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answers.take(now)
}

// note takes a beacon in, to be believed for a lifetime. tell says whether Found
// should hear of it.
func (t *table) note(b *beacon, addr string, spaces []wire.SpaceID, now time.Time, lifetime time.Duration) (s Sighting, isNew, tell bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.instances[b.Instance]
	if e == nil {
		if !t.makeRoom(len(spaces) > 0) {
			return Sighting{}, false, false
		}
		e = &entry{Sighting: Sighting{Instance: b.Instance}, addrs: map[string]time.Time{}}
		t.instances[b.Instance] = e
		isNew = true
	}
	until := now.Add(lifetime)
	believed, known := e.addrs[addr]
	if known || len(e.addrs) < maxAddrs {
		e.addrs[addr] = later(believed, until)
	}
	e.until = later(e.until, until)
	tell = isNew || !known || e.Joinable != b.Joinable || !slices.Equal(e.Spaces, spaces) || now.Sub(e.told) >= tellEvery
	e.Joinable, e.Spaces, e.At = b.Joinable, spaces, now
	if tell {
		e.told = now
	}
	return e.view(), isNew, tell
}

// makeRoom drops the instance longest not heard of that shares nothing with us;
// an instance that does may drop any.
func (t *table) makeRoom(sharing bool) bool {
	if len(t.instances) < maxInstances {
		return true
	}
	var oldest *entry
	for _, e := range t.instances {
		if (sharing || len(e.Spaces) == 0) && (oldest == nil || e.At.Before(oldest.At)) {
			oldest = e
		}
	}
	if oldest == nil {
		return false
	}
	delete(t.instances, oldest.Instance)
	return true
}

// expire forgets instances and addresses whose time is over.
func (t *table) expire(now time.Time) (gone []Sighting) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, e := range t.instances {
		if !now.Before(e.until) {
			gone = append(gone, e.view())
			delete(t.instances, id)
			continue
		}
		for addr, until := range e.addrs {
			if !now.Before(until) {
				delete(e.addrs, addr)
			}
		}
	}
	for from, b := range t.sources {
		if now.Sub(b.at) > time.Minute {
			delete(t.sources, from)
		}
	}
	return gone
}

func later(x, y time.Time) time.Time {
	if x.After(y) {
		return x
	}
	return y
}

// all gives what is there now.
func (t *table) all() []Sighting {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Sighting, 0, len(t.instances))
	for _, e := range t.instances {
		out = append(out, e.view())
	}
	slices.SortFunc(out, func(x, y Sighting) int {
		if c := len(y.Spaces) - len(x.Spaces); c != 0 {
			return c
		}
		return bytes.Compare(x.Instance[:], y.Instance[:])
	})
	return out
}

// view is a copy with the addresses in the order in which to dial them.
func (e *entry) view() Sighting {
	s := e.Sighting
	s.Spaces = slices.Clone(s.Spaces)
	for addr := range e.addrs {
		s.Addrs = append(s.Addrs, addr)
	}
	slices.SortFunc(s.Addrs, func(x, y string) int {
		a, b := netip.MustParseAddrPort(x), netip.MustParseAddrPort(y) // made by addrOf
		if c := order(a.Addr()) - order(b.Addr()); c != 0 {
			return c
		}
		return a.Compare(b)
	})
	return s
}

func order(ip netip.Addr) int {
	switch {
	case ip.IsLoopback():
		return 0
	case ip.Is4():
		return 1
	}
	return 2
}

// addrOf is an address to dial.
func addrOf(ip netip.Addr, port uint16) string { return netip.AddrPortFrom(ip.Unmap(), port).String() }
