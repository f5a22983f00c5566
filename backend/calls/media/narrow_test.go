package media

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// narrow is the system's network behind a line: what is sent waits for its turn, is delayed, and
// now and then lost. One line for all sockets, as at home.
type narrow struct {
	transport.Net
	bps   float64
	delay time.Duration
	queue time.Duration // what waits longer is dropped

	mu     sync.Mutex
	random *rand.Rand
	loss   float64
	free   time.Time // when the line is
	cut    bool
	due    chan parcel
	done   chan struct{}
}

type parcel struct {
	at   time.Time
	data []byte
	to   net.Addr
	by   transport.UDPConn
}

func newNarrow(bps float64, delay time.Duration, loss float64) *narrow {
	system, err := stdnet.NewNet()
	if err != nil {
		panic(err)
	}
	n := &narrow{Net: system, bps: bps, delay: delay, loss: loss, queue: 300 * time.Millisecond, random: rand.New(rand.NewPCG(7, 7)),
		due: make(chan parcel, 10000), done: make(chan struct{})}
	go n.deliver()
	return n
}

func (n *narrow) close() { close(n.done) }

// deliver sends what is due, in order.
func (n *narrow) deliver() {
	for {
		select {
		case <-n.done:
			return
		case p := <-n.due:
			if wait := time.Until(p.at); wait > 0 {
				time.Sleep(wait)
			}
			_, _ = p.by.WriteTo(p.data, p.to)
		}
	}
}

func (n *narrow) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	c, err := n.Net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	return &narrowConn{c, n}, nil
}

type narrowConn struct {
	transport.UDPConn
	n *narrow
}

func (c *narrowConn) WriteTo(data []byte, to net.Addr) (int, error) {
	n := c.n
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if n.free.Before(now) {
		n.free = now
	}
	if n.cut || n.random.Float64() < n.loss || n.free.Sub(now) > n.queue {
		return len(data), nil
	}
	n.free = n.free.Add(time.Duration(float64(len(data)+28) * 8 / n.bps * float64(time.Second)))
	select {
	case n.due <- parcel{n.free.Add(n.delay), append([]byte(nil), data...), to, c.UDPConn}:
	default:
	}
	return len(data), nil
}

func (c *narrowConn) Write(data []byte) (int, error) { return c.WriteTo(data, c.RemoteAddr()) }
