package api

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// TopicAll stands for every topic: ask for everything again. A subscriber
	// gets it in place of more than maxTopics topics.
	TopicAll = "*"

	maxTopics = 1024
	// pause is the least time between two deliveries to one subscriber: the
	// first change of a burst arrives at once, the rest of it together.
	pause = 20 * time.Millisecond
)

// Changes tells screens which topics changed. It carries no content: who is
// told asks again, so a merged or repeated topic does no harm.
// Its methods may be called from several goroutines.
type Changes struct {
	mu          sync.Mutex
	subscribers map[*subscriber]struct{}
}

// subscriber holds the topics that were published and not yet received.
type subscriber struct {
	pending map[string]struct{} // guarded by Changes.mu
	wake    chan struct{}       // one token: there is something pending
}

// NewChanges makes a broker without subscribers.
func NewChanges() *Changes { return &Changes{subscribers: map[*subscriber]struct{}{}} }

// Publish says that topics changed. It never blocks.
func (c *Changes) Publish(topics ...string) {
	if len(topics) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.subscribers {
		s.add(topics)
	}
}

func (s *subscriber) add(topics []string) {
	for _, t := range topics {
		if _, all := s.pending[TopicAll]; all {
			break
		}
		s.pending[t] = struct{}{}
		if len(s.pending) > maxTopics {
			s.pending = map[string]struct{}{TopicAll: {}}
		}
	}
	select {
	case s.wake <- struct{}{}:
	default: // a token is there already
	}
}

// Subscribe gives sets of changed topics, sorted, until ctx ends; then the
// channel is closed. What a slow subscriber misses waits for it, merged.
func (c *Changes) Subscribe(ctx context.Context) <-chan []string {
	s := &subscriber{pending: map[string]struct{}{}, wake: make(chan struct{}, 1)}
	out := make(chan []string)
	c.mu.Lock()
	c.subscribers[s] = struct{}{}
	c.mu.Unlock()
	go c.deliver(ctx, s, out)
	return out
}

func (c *Changes) deliver(ctx context.Context, s *subscriber, out chan<- []string) {
	defer close(out)
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subscribers, s)
	}()
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
		select {
		case <-ctx.Done():
			return
		case out <- c.take(s):
		}
		rest.Reset(pause)
	}
}

// take empties the pending set. Topics published while the receiver keeps us
// waiting go into the next set: their token is in wake.
func (c *Changes) take(s *subscriber) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	topics := slices.Sorted(maps.Keys(s.pending))
	clear(s.pending)
	return topics
}
