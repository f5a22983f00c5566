package chat

import (
	"context"
	"errors"
	"sync"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/store"
)

// scheduling is what the work on scheduled messages shares.
type scheduling struct {
	mu      sync.Mutex // held while one is made, changed or sent
	changed chan struct{}
}

// look wakes the work. It does not block.
func (s *scheduling) look() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// runScheduled sends what is due, by the wall clock: it looks again and again, so a
// clock that is set and a computer that sleeps only make it late, and late is judged.
func (c *Chat) runScheduled(ctx context.Context) {
	for {
		wait := c.sendDue(ctx)
		select {
		case <-ctx.Done():
			return
		case <-c.scheduling.changed:
		case <-c.Clock.After(wait):
		}
	}
}

// sendDue sends what is due and gives how long there is nothing to do.
func (c *Chat) sendDue(ctx context.Context) time.Duration {
	now := c.Clock.Now().UnixMilli()
	due, err := c.scheduledRows(ctx, `WHERE state = ? AND due <= ? ORDER BY due, id`, schedWaiting, now)
	if err != nil {
		if ctx.Err() == nil {
			c.Slog.Warn("look for scheduled messages", "err", err)
		}
		return lookEvery
	}
	for _, s := range due {
		if ctx.Err() != nil {
			return lookEvery
		}
		c.sendOneDue(ctx, s, time.Duration(now-s.due)*time.Millisecond)
	}
	var next int64
	if err := c.DB.Read().QueryRowContext(ctx, `SELECT coalesce(min(due), 0) FROM chatlocal_scheduled WHERE state = ? AND due > ?`, schedWaiting, now).Scan(&next); err != nil || next == 0 {
		return lookEvery
	}
	return min(lookEvery, max(time.Duration(next-c.Clock.Now().UnixMilli())*time.Millisecond, 0)+time.Millisecond)
}

func (c *Chat) sendOneDue(ctx context.Context, s scheduled, behind time.Duration) {
	late, ask := behind > onTime, false
	if late {
		switch choice := c.scheduledLate(); choice {
		case "ask":
			ask = true
		case "send":
		default:
			ask = behind > lateLife
		}
	}
	var err error
	if ask {
		err = c.markScheduled(ctx, s.id, schedAsking, "")
	} else {
		_, _, err = c.sendScheduled(ctx, s.id, late)
	}
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, errcode.NotFound) && c.isGone(ctx, s.id):
		return
	case errors.Is(err, errcode.DiskFull):
		c.Slog.Warn("scheduled message waits for room on the disk", "err", err)
		return // looked at again
	}
	c.Slog.Warn("scheduled message is not sent", "err", err)
	code, _ := errcode.From(err)
	if err := c.markScheduled(ctx, s.id, schedFailed, string(code)); err != nil && ctx.Err() == nil {
		c.Slog.Warn("note that a scheduled message failed", "err", err)
	}
}

// isGone reports whether there is nothing left to send: its author was quicker.
func (c *Chat) isGone(ctx context.Context, id string) bool {
	s, err := c.scheduledOne(ctx, id)
	return errors.Is(err, errcode.NotFound) || err == nil && !s.sendable()
}

func (c *Chat) scheduledLate() string {
	if c.ScheduledLate == nil {
		return ""
	}
	return c.ScheduledLate()
}

func (c *Chat) markScheduled(ctx context.Context, id string, state int, code string) error {
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE chatlocal_scheduled SET state = ?, error = ? WHERE id = ? AND state = ?`, state, code, id, schedWaiting)
		return err
	})
	c.Publish("scheduled")
	return err
}
