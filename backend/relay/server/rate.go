package server

import (
	"sync"
	"time"
)

// bucket is a token bucket; its owner's lock guards it.
type bucket struct {
	tokens float64
	last   int64 // Unix ns; zero: full
}

// take takes n tokens and says how long to wait for the debt to be paid; 0: at once.
func (b *bucket) take(now time.Time, n, perSecond, burst float64) time.Duration {
	b.fill(now, perSecond, burst)
	b.tokens -= n
	if b.tokens >= 0 {
		return 0
	}
	return time.Duration(-b.tokens / perSecond * float64(time.Second))
}

// spare takes n tokens only when they are there.
func (b *bucket) spare(now time.Time, n, perSecond, burst float64) bool {
	b.fill(now, perSecond, burst)
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

func (b *bucket) fill(now time.Time, perSecond, burst float64) {
	at := now.UnixNano()
	if b.last == 0 {
		b.tokens = burst
	} else if at > b.last {
		b.tokens = min(burst, b.tokens+float64(at-b.last)/float64(time.Second)*perSecond)
	}
	b.last = max(at, b.last)
}

// entrance counts connections by address until they are proven.
type entrance struct {
	limits Limits
	mu     sync.Mutex
	all    int
	from   map[string]*caller
}

type caller struct {
	bucket   bucket
	unproven int
}

// maxCallers bounds the addresses that are remembered.
const maxCallers = 20_000

func newEntrance(limits Limits) *entrance {
	return &entrance{limits: limits, from: map[string]*caller{}}
}

// enter reports whether one more connection of an address is let in.
func (v *entrance) enter(address string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.from[address]
	if c == nil {
		if len(v.from) >= maxCallers {
			v.forget(now)
		}
		if len(v.from) >= maxCallers {
			return false
		}
		c = &caller{}
		v.from[address] = c
	}
	if v.all >= v.limits.Connections || c.unproven >= v.limits.UnprovenPerIP ||
		!c.bucket.spare(now, 1, v.limits.ConnectsPerIP, 8*v.limits.ConnectsPerIP) {
		return false
	}
	v.all++
	c.unproven++
	return true
}

// forget drops the addresses that are quiet: their buckets would be full again.
func (v *entrance) forget(now time.Time) {
	for address, c := range v.from {
		if c.unproven == 0 && now.UnixNano()-c.bucket.last > int64(10*time.Second) {
			delete(v.from, address)
		}
	}
}

func (v *entrance) proven(address string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.from[address]; c != nil {
		c.unproven--
	}
}

func (v *entrance) left() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.all--
}

// budget bounds the bytes that large messages hold. Waiters are served in turn.
type budget struct {
	mu      sync.Mutex
	free    int64
	most    int64
	waiting []*claim
}

type claim struct {
	bytes int64
	given chan struct{}
}

func newBudget(bytes int64) *budget { return &budget{free: bytes, most: bytes} }

// acquire waits until bytes are free; false when done came first.
func (b *budget) acquire(bytes int64, done <-chan struct{}) bool {
	bytes = min(bytes, b.most)
	b.mu.Lock()
	if len(b.waiting) == 0 && b.free >= bytes {
		b.free -= bytes
		b.mu.Unlock()
		return true
	}
	c := &claim{bytes: bytes, given: make(chan struct{})}
	b.waiting = append(b.waiting, c)
	b.mu.Unlock()
	select {
	case <-c.given:
		return true
	case <-done:
	}
	b.mu.Lock()
	for i, w := range b.waiting {
		if w == c {
			b.waiting = append(b.waiting[:i], b.waiting[i+1:]...)
			b.serve() // who stood behind a large claim may fit
			b.mu.Unlock()
			return false
		}
	}
	b.mu.Unlock()
	b.release(bytes) // it was given in the same moment
	return false
}

func (b *budget) release(bytes int64) {
	if bytes <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free += min(bytes, b.most)
	b.serve()
}

func (b *budget) serve() {
	for len(b.waiting) > 0 && b.free >= b.waiting[0].bytes {
		b.free -= b.waiting[0].bytes
		close(b.waiting[0].given)
		b.waiting = b.waiting[1:]
	}
}

func (b *budget) used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.most - b.free
}
