package server

import (
	"sync"
	"time"
)

// writers lends goroutines to connections that have something to write. At most
// most of them are busy at a time, so that news for thirty thousand devices do
// not cost thirty thousand stacks; one that is stuck with a slow device stops
// counting, so that slow devices hold up nobody else.
type writers struct {
	most    int
	mu      sync.Mutex
	waiting []*conn
	active  map[*writer]struct{}
	slow    int
	watched bool
}

// writer is one writer's present work.
type writer struct {
	since time.Time // of the write that goes on
	slow  bool
}

const stuckAfter = 100 * time.Millisecond

func newWriters(most int) *writers { return &writers{most: most, active: map[*writer]struct{}{}} }

// want gives a connection a writer, soon.
func (w *writers) want(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = append(w.waiting, c)
	w.start()
}

func (w *writers) start() {
	if len(w.waiting) == 0 {
		return
	}
	if len(w.active)-w.slow < w.most {
		j := &writer{since: time.Now()}
		w.active[j] = struct{}{}
		go w.work(j)
		return
	}
	if !w.watched {
		w.watched = true
		go w.watch()
	}
}

// watch looks for stuck writers as long as somebody waits.
func (w *writers) watch() {
	tick := time.NewTicker(stuckAfter / 2)
	defer tick.Stop()
	for range tick.C {
		w.mu.Lock()
		for j := range w.active {
			if !j.slow && time.Since(j.since) > stuckAfter {
				j.slow = true
				w.slow++
				w.start()
			}
		}
		if len(w.waiting) == 0 {
			w.watched = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

func (w *writers) work(j *writer) {
	for {
		w.mu.Lock()
		if len(w.waiting) == 0 || j.slow && len(w.active)-w.slow >= w.most {
			if j.slow {
				w.slow--
			}
			delete(w.active, j)
			w.mu.Unlock()
			return
		}
		if j.slow {
			j.slow = false
			w.slow--
		}
		c := w.waiting[0]
		w.waiting[0] = nil
		if w.waiting = w.waiting[1:]; len(w.waiting) == 0 {
			w.waiting = nil
		}
		j.since = time.Now()
		w.mu.Unlock()
		if c.flush() {
			w.mu.Lock()
			w.waiting = append(w.waiting, c)
			w.mu.Unlock()
		}
	}
}

// flush writes one batch and reports whether the connection wants to go on.
func (c *conn) flush() bool {
	batch, last := c.take()
	if len(batch) > 0 {
		err := c.write(batch)
		if !last {
			c.written(batch)
		}
		if err != nil {
			c.shut()
			last = true
		}
	}
	if last {
		c.mu.Lock()
		c.writing = true // for good
		c.mu.Unlock()
		c.finish(len(batch) > 0)
		return false
	}
	return len(batch) > 0
}

// finish closes a connection after its last frame; the reader lingers a moment.
func (c *conn) finish(told bool) {
	if half, ok := raw(c.sock.Conn).(interface{ CloseWrite() error }); ok && told && half.CloseWrite() == nil {
		return
	}
	c.hangUp()
}
