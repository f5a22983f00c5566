package memory

import (
	"io"
	"net"
	"sync"
	"time"

	"roundtable/backend/link"
)

// capacity is what one direction holds before Write blocks, like a socket's buffer.
const capacity = 256 << 10

// half is one direction of a connection: bytes that arrive after a delay, in order.
type half struct {
	mu     sync.Mutex
	change *sync.Cond
	chunks []chunk
	size   int
	closed bool
}

type chunk struct {
	data []byte
	at   time.Time
}

func newHalf() *half {
	h := &half{}
	h.change = sync.NewCond(&h.mu)
	return h
}

func (h *half) write(p []byte, delay time.Duration) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.size >= capacity && !h.closed {
		h.change.Wait()
	}
	if h.closed {
		return 0, link.ErrClosed
	}
	at := time.Now().Add(delay)
	if n := len(h.chunks); n > 0 && at.Before(h.chunks[n-1].at) {
		at = h.chunks[n-1].at
	}
	h.chunks = append(h.chunks, chunk{append([]byte(nil), p...), at})
	h.size += len(p)
	if delay > 0 {
		time.AfterFunc(time.Until(at), h.change.Broadcast)
	}
	h.change.Broadcast()
	return len(p), nil
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		if len(h.chunks) > 0 && !time.Now().Before(h.chunks[0].at) {
			break
		}
		if h.closed {
			return 0, io.EOF // what was under way is lost, as on a real line
		}
		h.change.Wait()
	}
	c := &h.chunks[0]
	n := copy(p, c.data)
	c.data = c.data[n:]
	if len(c.data) == 0 {
		h.chunks[0] = chunk{}
		h.chunks = h.chunks[1:]
	}
	h.size -= n
	h.change.Broadcast()
	return n, nil
}

func (h *half) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.change.Broadcast()
}

// conn is one end. Closing it closes both directions for both ends. It needs no
// deadlines: nothing in it waits on anything but the other end.
type conn struct {
	in, out *half
	delay   func() time.Duration
}

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p, c.delay()) }
func (c *conn) Close() error {
	c.in.close()
	c.out.close()
	return nil
}

func (c *conn) LocalAddr() net.Addr              { return address{} }
func (c *conn) RemoteAddr() net.Addr             { return address{} }
func (c *conn) SetDeadline(time.Time) error      { return nil }
func (c *conn) SetReadDeadline(time.Time) error  { return nil }
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

type address struct{}

func (address) Network() string { return via }
func (address) String() string  { return via }
