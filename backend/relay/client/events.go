package client

import (
	"sync"

	"roundtable/backend/relay/protocol"
)

// Events are called in order from one goroutine at a time, for all sessions of a
// client: Up, then what the relay tells, then Down. Each may be nil. While one
// runs, others wait in a bounded queue; once that is full, nothing more is read
// from the relay, answers neither: a callback must not wait for a request.
// Up alone may, nothing has been queued then.
type Events struct {
	Up       func(*Session)
	Down     func()
	News     func(protocol.News)
	Listed   func(protocol.Listed)
	Frame    func(protocol.Frame)
	Presence func(protocol.Presence)
	Incoming func(protocol.Incoming)
}

func (e *Events) up(s *Session) {
	if e.Up != nil {
		e.Up(s)
	}
}

func (e *Events) down() {
	if e.Down != nil {
		e.Down()
	}
}

func (e *Events) give(m protocol.Message) {
	switch {
	case m.News != nil && e.News != nil:
		e.News(*m.News)
	case m.Listed != nil && e.Listed != nil:
		e.Listed(*m.Listed)
	case m.Frame != nil && e.Frame != nil:
		e.Frame(*m.Frame)
	case m.Presence != nil && e.Presence != nil:
		e.Presence(*m.Presence)
	case m.Incoming != nil && e.Incoming != nil:
		e.Incoming(*m.Incoming)
	}
}

const (
	maxEvents     = 1024
	maxEventBytes = 8 << 20
	// perItem is what a message or an envelope costs beside its bytes.
	perItem = 64
)

// queue holds what one reader puts in until one consumer takes it out.
type queue struct {
	added, taken chan struct{}

	mu    sync.Mutex
	items []queued
	bytes int
	full  bool
}

type queued struct {
	m    protocol.Message
	cost int
}

func newQueue() *queue {
	return &queue{added: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
}

// push waits for room; false when done is closed first.
func (q *queue) push(done <-chan struct{}, m protocol.Message, size int) bool {
	cost := size + perItem
	if m.News != nil {
		cost += perItem * len(m.News.Raws)
	}
	for {
		if q.add(m, cost) {
			return true
		}
		select {
		case <-q.taken:
		case <-done:
			return false
		}
	}
}

func (q *queue) add(m protocol.Message, cost int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.full = len(q.items) >= maxEvents || len(q.items) > 0 && q.bytes+cost > maxEventBytes
	if q.full {
		return false
	}
	q.items = append(q.items, queued{m, cost})
	q.bytes += cost
	signal(q.added)
	return true
}

// pop waits for a message; false when done is closed: what is left means nothing then.
func (q *queue) pop(done <-chan struct{}) (protocol.Message, bool) {
	for {
		select {
		case <-done:
			return protocol.Message{}, false
		default:
		}
		if m, ok := q.take(); ok {
			return m, true
		}
		select {
		case <-q.added:
		case <-done:
			return protocol.Message{}, false
		}
	}
}

func (q *queue) take() (protocol.Message, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return protocol.Message{}, false
	}
	first := q.items[0]
	q.items[0] = queued{}
	q.items = q.items[1:]
	q.bytes -= first.cost
	signal(q.taken)
	return first.m, true
}

// stalled says that the consumer, not the relay, is why nothing is read.
func (q *queue) stalled() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.full
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
