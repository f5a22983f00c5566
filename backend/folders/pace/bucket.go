package pace

import (
	"context"
	"slices"
	"sync"
	"time"

	"roundtable/backend/clock"
)

const (
	// perBurst is how many times a second a bucket could be emptied.
	perBurst = 10
	// slice is the most that one who waits gets before the next has a turn.
	slice = 16 << 10
	// maxStep bounds Step.
	maxStep = 64 << 10
	// nap is the least that a bucket sleeps: clocks of some systems tick no faster,
	// and what fills in meanwhile is not lost.
	nap = 2 * time.Millisecond
)

// bucket is one class. Nobody runs it: of those who wait, one is the keeper, sleeps
// until there is something to deal out, and hands the keys on when it leaves.
type bucket struct {
	clock clock.Clock

	mu      sync.Mutex
	rate    int64 // bytes a second; 0: no bound
	content float64
	filled  time.Time // when content was true
	queue   []*waiter // the next one to get a slice comes first
	keeper  *waiter
}

// waiter is one call of wait.
type waiter struct {
	left, got int
	wake      chan struct{} // holds one: look again
}

func (w *waiter) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (b *bucket) bound(rate int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	b.rate = max(rate, 0)
	b.content = min(b.content, b.burst())
	b.deal()
	if b.keeper != nil {
		b.keeper.rouse() // it sleeps for the old bound
	}
}

func (b *bucket) step() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 {
		return maxStep
	}
	return min(maxStep, int(b.burst()))
}

// burst is what the bucket holds.
func (b *bucket) burst() float64 { return max(1, float64(b.rate/perBurst)) }

// fill counts what has come since the last time. Time in which the computer slept
// fills one bucket, not many.
func (b *bucket) fill() {
	now := b.clock.Now()
	if b.rate > 0 && now.After(b.filled) {
		b.content = min(b.burst(), b.content+now.Sub(b.filled).Seconds()*float64(b.rate))
	}
	b.filled = now
}

// portion is what comes next for whoever is first in the queue.
func (b *bucket) portion(w *waiter) int { return min(w.left, slice, int(b.burst())) }

// deal hands out what there is, a slice to each in turn.
func (b *bucket) deal() {
	for len(b.queue) > 0 {
		w := b.queue[0]
		n := b.portion(w)
		if b.rate == 0 {
			n = w.left
		} else if b.content < float64(n) {
			return
		} else {
			b.content -= float64(n)
		}
		w.left, w.got = w.left-n, w.got+n
		b.queue = append(b.queue[:0], b.queue[1:]...)
		if w.left > 0 {
			b.queue = append(b.queue, w)
		} else {
			w.rouse()
		}
	}
}

func (b *bucket) wait(ctx context.Context, n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 || n <= 0 {
		return nil
	}
	w := &waiter{left: n, wake: make(chan struct{}, 1)}
	b.queue = append(b.queue, w)
	defer b.leave(w)
	for {
		b.fill()
		b.deal()
		if w.left == 0 {
			return nil
		}
		var morning <-chan time.Time
		if b.keeper == nil {
			b.keeper = w
		}
		if b.keeper == w {
			missing := float64(b.portion(b.queue[0])) - b.content
			morning = b.clock.After(max(nap, time.Duration(missing/float64(b.rate)*float64(time.Second))+1))
		}
		b.mu.Unlock()
		select {
		case <-w.wake:
		case <-morning:
		case <-ctx.Done():
			b.mu.Lock()
			if w.left == 0 {
				return nil // it was served meanwhile
			}
			return ctx.Err()
		}
		b.mu.Lock()
	}
}

// leave takes a waiter out, gives back what it got in vain, and finds the next keeper.
func (b *bucket) leave(w *waiter) {
	if w.left > 0 {
		b.queue = slices.DeleteFunc(b.queue, func(other *waiter) bool { return other == w })
		b.content = min(b.burst(), b.content+float64(w.got))
		b.deal()
	}
	if b.keeper == w {
		b.keeper = nil
	}
	if b.keeper == nil && len(b.queue) > 0 {
		b.queue[0].rouse()
	}
}
