package server

import (
	"crypto/tls"
	"net"
	"time"

	"roundtable/backend/relay/protocol"
)

// item is one frame that waits to be written. Frames are shared between the
// devices that get the same.
type item struct {
	frame []byte
	topic *topic // of news, so that they can be taken back
	held  int64  // of the budget
}

// manner says what happens to an item when a device does not read.
type manner int

const (
	answer manner = iota // is kept: the reader stops taking requests instead
	news                 // is dropped, and the device told that it is behind
	soft                 // is dropped
)

// send queues an item. It never waits.
func (c *conn) send(i item, m manner) bool {
	c.mu.Lock()
	fits := c.queued+len(i.frame) <= c.s.limits.QueueBytes
	switch {
	case c.down:
	case m == answer, m == soft && c.queued+len(i.frame) <= c.s.limits.QueueBytes/2:
		c.push(i)
	case m == news:
		behind, subscribed := c.subs[i.topic]
		if !subscribed || behind {
			break
		}
		if fits {
			c.push(i)
			break
		}
		c.s.meter.behind.Inc()
		c.subs[i.topic] = true
		c.behind = append(c.behind, i.topic)
	default:
		c.s.meter.dropped.Inc()
	}
	if m == answer && c.down {
		c.mu.Unlock()
		c.s.budget.release(i.held)
		return false
	}
	start := c.startWriting()
	c.mu.Unlock()
	if start {
		c.s.writers.want(c)
	}
	return true
}

func (c *conn) push(i item) {
	c.queue = append(c.queue, i)
	c.queued += len(i.frame)
}

// startWriting reports whether the caller has to ask for a writer.
func (c *conn) startWriting() bool {
	if c.writing || c.down || len(c.queue) == 0 && len(c.behind) == 0 && len(c.changed) == 0 {
		return false
	}
	c.writing = true
	return true
}

// drop keeps the items that keep says; mu is held.
func (c *conn) drop(keep func(item) bool) {
	kept := c.queue[:0]
	var held int64
	for _, i := range c.queue {
		if keep(i) {
			kept = append(kept, i)
			continue
		}
		c.queued -= len(i.frame)
		held += i.held
	}
	clear(c.queue[len(kept):])
	c.queue = kept
	c.s.budget.release(held)
}

const (
	batchItems = 64
	batchBytes = 64 << 10
)

// take gives what is to be written next; nothing ends the writer's work, and
// last says that the socket is to be closed.
func (c *conn) take() (batch []item, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		out := c.last
		if out == nil {
			return nil, true
		}
		c.last = c.last[:0:0]
		if len(out) == 0 {
			return nil, true
		}
		return []item{{frame: out}}, true
	}
	if len(c.queue) == 0 {
		c.fromNotes()
	}
	n, size := 0, 0
	for n < len(c.queue) && n < batchItems && (n == 0 || size+len(c.queue[n].frame) <= batchBytes) {
		size += len(c.queue[n].frame)
		n++
	}
	if n == 0 {
		c.queue, c.writing = nil, false
		return nil, false
	}
	batch = append(batch, c.queue[:n]...)
	clear(c.queue[:n])
	if c.queue = c.queue[n:]; len(c.queue) == 0 {
		c.queue = nil
	}
	return batch, false
}

// fromNotes turns what was only noted into messages, now that the device takes them.
func (c *conn) fromNotes() {
	for n := 0; len(c.behind) > 0 && n < batchItems; n++ {
		t := c.behind[0]
		if c.behind = c.behind[1:]; len(c.behind) == 0 {
			c.behind = nil
		}
		if _, subscribed := c.subs[t]; subscribed {
			c.subs[t] = false
			c.push(item{frame: c.encoded(0, protocol.Message{News: &protocol.News{Space: t.space, Behind: true}}), topic: t})
		}
	}
	if len(c.changed) > 0 {
		c.push(item{frame: c.encoded(0, protocol.Message{Presence: c.presence(c.changed)})})
		c.changed = nil
	}
}

// written gives back what a batch held.
func (c *conn) written(batch []item) {
	var size int
	var held int64
	for _, i := range batch {
		size += len(i.frame)
		held += i.held
	}
	c.s.budget.release(held)
	c.s.meter.bytesOut.Add(size)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.down {
		c.queued -= size
	}
	c.roused()
}

// roused wakes the reader when it waits for room; mu is held.
func (c *conn) roused() {
	if c.wake == nil {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// write puts a batch on the wire: small frames together, large ones in steps,
// each of which must be taken in time.
func (c *conn) write(batch []item) error {
	var size int
	for _, i := range batch {
		size += len(i.frame)
	}
	// All of it at no less than 8 KiB/s, each step within Writing.
	until := time.Now().Add(c.s.limits.Writing + time.Duration(size)*time.Second/(8<<10))
	buffer := c.s.buffers.Get().(*[]byte)
	defer c.s.buffers.Put(buffer)
	together := (*buffer)[:0]
	for _, i := range batch {
		if len(together)+len(i.frame) <= cap(together) {
			together = append(together, i.frame...)
			continue
		}
		if err := c.step(together, until); err != nil {
			return err
		}
		together = together[:0]
		if len(i.frame) <= cap(together) {
			together = append(together, i.frame...)
			continue
		}
		if err := c.step(i.frame, until); err != nil {
			return err
		}
	}
	return c.step(together, until)
}

func (c *conn) step(p []byte, until time.Time) error {
	for len(p) > 0 {
		n := min(len(p), batchBytes)
		deadline := time.Now().Add(c.s.limits.Writing)
		if deadline.After(until) {
			deadline = until
		}
		if err := c.sock.SetWriteDeadline(deadline); err != nil {
			return err
		}
		if _, err := c.sock.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// raw is the connection below TLS.
func raw(conn net.Conn) net.Conn {
	if t, ok := conn.(*tls.Conn); ok {
		return t.NetConn()
	}
	return conn
}
