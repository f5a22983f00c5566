package folders

import (
	"context"
	"time"
)

// counts are costly figures of a keeper.
type counts struct {
	at             time.Time
	took           time.Duration
	missing, bytes int64
	unsent         int64
	// old: something has happened since they were begun; again: whoever was given old
	// ones is told to ask again.
	old, again bool
}

// lasts is how long figures are good enough: a moment in which nothing can have been
// shown, or a tenth of the time.
func (c counts) lasts() time.Duration { return min(10*c.took, 2*time.Second) - time.Since(c.at) }

// counted gives the figures. When they are not the newest ones, the screen is told to
// ask again once they can be had.
func (k *keeper) counted(ctx context.Context, folder int64) (counts, error) {
	k.mu.Lock()
	c := k.counts
	if left := c.lasts(); left > 0 {
		if c.old && !c.again {
			k.counts.again = true
			time.AfterFunc(left, func() { k.f.Publish("folders", topic(k.space)) })
		}
		k.mu.Unlock()
		return c, nil
	}
	k.counts.old, k.counts.again = false, false
	k.mu.Unlock()
	begun := time.Now()
	var err error
	if c.missing, c.bytes, err = k.missing(ctx, folder); err != nil {
		return c, err
	}
	if c.unsent, err = k.unsent(ctx, folder); err != nil {
		return c, err
	}
	c.at, c.took = time.Now(), time.Since(begun)
	k.mu.Lock()
	c.old, c.again = k.counts.old, k.counts.again
	k.counts = c
	k.mu.Unlock()
	return c, nil
}

// recount notes that the figures are others now.
func (k *keeper) recount() {
	k.mu.Lock()
	k.counts.old = true
	k.mu.Unlock()
}
