package app

import (
	"context"
	"sync"
	"testing"
	"time"
)

// Thousands come and go: pages are told at once of the first, and never more often than the rests between allow.
func TestComingsAreToldTogether(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l, told := newComings(), make(chan time.Time, 10_000)
	var work sync.WaitGroup
	begin := time.Now()
	work.Go(func() { l.follow(ctx, func() int { return 100 }, func() { told <- time.Now() }) })
	for range 5000 {
		l.changed()
	}
	<-told
	l.changed()
	last := (<-told).Sub(begin) // what came meanwhile is told, too
	stop()
	work.Wait()
	if rest := 100 * restForEach; last < rest {
		t.Errorf("told again after %v, within the rest of %v", last, rest)
	}
}
