package testspace

import (
	"sync/atomic"
	"time"

	"roundtable/backend/wire"
)

// Clock is the machine's clock, set apart.
type Clock struct {
	apart atomic.Int64
	wild  atomic.Bool
}

// Wild reports whether this clock was ever so far ahead that others clamp what it
// says. They put such events where these arrived, each in its own place.
func (c *Clock) Wild() bool { return c.wild.Load() }

// Now is the machine's time and what it is apart.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.apart.Load())) }

// After waits for real time.
func (c *Clock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Set puts the clock apart from the machine's.
func (c *Clock) Set(apart time.Duration) {
	c.apart.Store(int64(apart))
	if apart > wire.MaxClockAhead {
		c.wild.Store(true)
	}
}

// Move puts it further apart.
func (c *Clock) Move(by time.Duration) { c.apart.Add(int64(by)) }
