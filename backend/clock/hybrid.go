package clock

import (
	"sync"
	"time"

	"roundtable/backend/wire"
)

// Stamp is a hybrid logical time: 48 bits of Unix milliseconds and 16 bits of
// counter. Stamps of one device strictly increase, and a stamp made after
// another was seen is larger.
type Stamp uint64

// At makes the first stamp of a moment.
func At(t time.Time) Stamp { return Stamp(uint64(max(t.UnixMilli(), 0)) << 16) }

// Time is the wall-clock part.
func (s Stamp) Time() time.Time { return time.UnixMilli(s.UnixMilli()) }

// UnixMilli is the wall-clock part in milliseconds.
func (s Stamp) UnixMilli() int64 { return int64(s >> 16) }

// Hybrid makes stamps. Its methods may be called from several goroutines.
type Hybrid struct {
	clock Clock
	mu    sync.Mutex
	last  Stamp
}

// NewHybrid starts at the larger of the clock and the last stamp known.
func NewHybrid(c Clock, last Stamp) *Hybrid { return &Hybrid{clock: c, last: last} }

// Next gives a stamp larger than all given or seen before. The one exception:
// when our own clock ran far ahead and was set right, stamps go on from the right
// time, or every message of this device would be marked for as long as it ran ahead.
func (h *Hybrid) Next() Stamp {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ahead(h.last) {
		h.last = 0
	}
	h.last = max(h.last+1, At(h.clock.Now()))
	return h.last
}

// See takes note of a foreign stamp. One that lies further ahead of our clock
// than wire.MaxClockAhead is not followed, or a single wrong clock would drag
// every other one into the future.
func (h *Hybrid) See(s Stamp) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s > h.last && !h.ahead(s) {
		h.last = s
	}
}

// Ahead reports whether a stamp lies too far in the future to be true.
func (h *Hybrid) Ahead(s Stamp) bool { return h.ahead(s) }

func (h *Hybrid) ahead(s Stamp) bool {
	return s.UnixMilli() > h.clock.Now().Add(wire.MaxClockAhead).UnixMilli()
}
