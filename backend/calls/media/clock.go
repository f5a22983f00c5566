package media

import (
	"sync"
	"time"
)

// clockOffset turns times of a device's clock into those of ours. All streams of a device use one,
// so that they stay in step; and it is our clock that is told on, so that round trips which
// receivers' reports are reckoned from make sense.
type clockOffset struct {
	mu     sync.Mutex
	known  bool
	offset int64 // to add, in 1/65536 s
}

const ntpEpoch = 2208988800 // seconds from 1900 to 1970

func ntpOf(t time.Time) uint64 {
	return uint64(t.Unix()+ntpEpoch)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// local gives the time of our clock at which something was taken that is said now. The offset is
// the least that was seen, as what arrives late was on its way longer; it is given up when it is
// far off, as a clock was set.
func (c *clockOffset) local(theirs uint64, now time.Time) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := int64(ntpOf(now)>>16) - int64(theirs>>16)
	if drift := seen - c.offset; !c.known || drift < 0 || drift > 65536/2 {
		c.known, c.offset = true, seen
	}
	return theirs + uint64(c.offset)<<16
}
