package mux

import (
	"net"
	"sync/atomic"
	"time"
)

// counted is the connection under yamux. It notes when bytes last arrived, and
// joins the header of a data frame with its body, which yamux writes apart: one
// TLS record and one packet for a short message instead of two.
type counted struct {
	net.Conn
	heard atomic.Int64 // Unix nanoseconds of the last read
	moved atomic.Int64 // and of the last bulk write that the line took

	// yamux writes from one goroutine only.
	header []byte
	joined []byte
}

// A yamux header is 12 bytes: version, type, flags (2), stream (4), length (4).
const (
	headerSize = 12
	typeData   = 0
	// bulk is a write that tells something: a dead line takes pings for long,
	// but only as much bulk as fits its buffers.
	bulk = 4 << 10
)

// silent is how long the line has shown no life.
func (c *counted) silent() time.Duration {
	return time.Since(time.Unix(0, max(c.heard.Load(), c.moved.Load())))
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	if len(c.header) == 0 && len(p) == headerSize && p[1] == typeData && (p[8]|p[9]|p[10]|p[11]) != 0 {
		c.header = append(c.header, p...) // its body is the next write
		return len(p), nil
	}
	if len(c.header) == 0 {
		return c.Conn.Write(p)
	}
	c.joined = append(append(c.joined[:0], c.header...), p...)
	c.header = c.header[:0]
	if _, err := c.Conn.Write(c.joined); err != nil {
		return 0, err
	}
	if len(p) >= bulk {
		c.moved.Store(time.Now().UnixNano())
	}
	return len(p), nil
}
