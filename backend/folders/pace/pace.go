package pace

import (
	"context"

	"roundtable/backend/clock"
)

// Class is what a bound is for.
type Class uint8

const (
	// Internet is every way that leaves the local network, or may leave it.
	Internet Class = iota
	// LAN is what stays on it.
	LAN
	classes
)

// String is for logs.
func (c Class) String() string {
	if c == LAN {
		return "lan"
	}
	return "internet"
}

// ClassOf is the class of a link by its Via. A way that it does not know may cost
// money: it is the internet's.
func ClassOf(via string) Class {
	switch via {
	case "lan", "memory":
		return LAN
	}
	return Internet
}

// Pace is one direction. All methods may be called at any time from any goroutine.
type Pace struct {
	buckets [classes]*bucket
}

// New begins without bounds.
func New(c clock.Clock) *Pace {
	p := &Pace{}
	for i := range p.buckets {
		p.buckets[i] = &bucket{clock: c}
	}
	return p
}

// Bound sets how many bytes a second a class may take; 0 is as many as there are.
// Whoever waits is served by the new bound at once.
func (p *Pace) Bound(class Class, perSecond int64) { p.buckets[class].bound(perSecond) }

// Wait returns when n more bytes may go. A large n waits long and then goes at
// once: Step says how much to ask for.
// Errors: the context's, and then nothing counts as gone.
func (p *Pace) Wait(ctx context.Context, class Class, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.buckets[class].wait(ctx, n)
}

// Step is how many bytes of a larger whole to ask for at once, so that the bound
// holds within each second: at most a tenth of it, at most 64 KiB.
func (p *Pace) Step(class Class) int { return p.buckets[class].step() }
