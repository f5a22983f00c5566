package bustest

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"roundtable/backend/relay/bus"
	"roundtable/backend/wire"
)

// queued bounds the bytes that wait for one listener.
const queued = 16 << 20

// Hub is a bus in memory, with as many processes as are asked for. It loses
// messages when a listener is slow, as any bus, and when a test says so.
type Hub struct {
	mu    sync.Mutex
	lines map[bus.Process]*Line
	lose  func(from, to bus.Process) bool
}

// NewHub is a network without processes.
func NewHub() *Hub { return &Hub{lines: map[bus.Process]*Line{}} }

// Lose says which messages get lost from now on; nil: none.
func (h *Hub) Lose(lose func(from, to bus.Process) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lose = lose
}

// Line gives one more process its bus.
func (h *Hub) Line() *Line { return &Line{hub: h, gone: make(chan struct{})} }

// Line is one process's bus.
type Line struct {
	hub  *Hub
	self bus.Process
	gone chan struct{}
	once sync.Once

	mu    sync.Mutex
	queue [][]byte
	bytes int
	wake  chan struct{}
}

// Self is the process that has joined here.
func (l *Line) Self() bus.Process { return l.self }

// Join is of bus.Bus.
func (l *Line) Join(_ context.Context, self bus.Process, heard func([]byte)) (leave func(), err error) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	if l.hub.lines[self] != nil || l.wake != nil {
		return nil, fmt.Errorf("join bus: joined already: %w", bus.ErrBusy)
	}
	l.self, l.wake = self, make(chan struct{}, 1)
	l.hub.lines[self] = l
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.listen(heard)
	}()
	return func() {
		l.once.Do(func() {
			l.hub.mu.Lock()
			delete(l.hub.lines, self)
			l.hub.mu.Unlock()
			close(l.gone)
		})
		<-done
	}, nil
}

func (l *Line) listen(heard func([]byte)) {
	for {
		l.mu.Lock()
		batch := l.queue
		l.queue = nil
		l.mu.Unlock()
		for _, m := range batch {
			select {
			case <-l.gone:
				return
			default:
			}
			heard(m)
			l.mu.Lock()
			l.bytes -= len(m)
			l.mu.Unlock()
		}
		select {
		case <-l.gone:
			return
		case <-l.wake:
		}
	}
}

func (l *Line) take(m []byte) {
	l.mu.Lock()
	if l.bytes+len(m) <= queued {
		l.bytes += len(m)
		l.queue = append(l.queue, bytes.Clone(m))
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Send is of bus.Bus.
func (l *Line) Send(to bus.Process, message []byte) error {
	return l.give(message, func(p bus.Process) bool { return p == to })
}

// Tell is of bus.Bus.
func (l *Line) Tell(message []byte) error {
	return l.give(message, func(bus.Process) bool { return true })
}

func (l *Line) give(message []byte, wanted func(bus.Process) bool) error {
	if len(message) > bus.MaxMessage {
		return wire.ErrTooLarge
	}
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	if l.hub.lines[l.self] != l {
		return bus.ErrBusy
	}
	for p, other := range l.hub.lines {
		if other != l && wanted(p) && (l.hub.lose == nil || !l.hub.lose(l.self, p)) {
			other.take(message)
		}
	}
	return nil
}
