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
	counting   bool // somebody does: others are given what there is
}

// lasts is how long figures are good enough: a moment in which nothing can have been
// shown, a tenth of the time, or a quarter of it where counting takes seconds.
func (c counts) lasts() time.Duration {
	return min(10*c.took, max(2*time.Second, 3*c.took)) - time.Since(c.at)
}

// counted gives the figures. When they are not the newest ones, the screen is told to
// ask again once they can be had.
func (k *keeper) counted(ctx context.Context, folder int64) (counts, error) {
	k.mu.Lock()
	c := k.counts
	if left := c.lasts(); left > 0 || c.counting && !c.at.IsZero() {
		if c.old && !c.again && left > 0 {
			k.counts.again = true
			time.AfterFunc(left, func() { k.f.Publish("folders", topic(k.space)) })
		}
		k.mu.Unlock()
		return c, nil
	}
	k.counts.old, k.counts.again, k.counts.counting = false, false, true
	k.mu.Unlock()
	begun := time.Now()
	err := c.count(ctx, k, folder)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.counts.counting = false
	if err != nil {
		return c, err
	}
	c.at, c.took, c.counting = time.Now(), time.Since(begun), false
	c.old, c.again = k.counts.old, k.counts.again
	k.counts = c
	return c, nil
}

func (c *counts) count(ctx context.Context, k *keeper, folder int64) (err error) {
	if c.missing, c.bytes, err = k.missing(ctx, folder); err != nil {
		return err
	}
	c.unsent, err = k.unsent(ctx, folder)
	return err
}

// recount notes that the figures are others now.
func (k *keeper) recount() {
	k.mu.Lock()
	k.counts.old = true
	k.mu.Unlock()
}
