package main

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// meter is the system's network, with the media counted that arrives: sound and pictures without
// headers, and without what engines send to learn how much a way carries.
type meter struct {
	transport.Net
	bytes atomic.Int64
}

func newMeter() (*meter, error) {
	system, err := stdnet.NewNet()
	return &meter{Net: system}, err
}

func (m *meter) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	c, err := m.Net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	return &meterConn{c, m}, nil
}

type meterConn struct {
	transport.UDPConn
	m *meter
}

const (
	sealBytes = 16  // of AES-GCM, at the end of each packet
	soundMost = 300 // bytes: what is larger and called sound is a probe
)

func (c *meterConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.UDPConn.ReadFrom(b)
	if n < 12 || b[0]>>6 != 2 {
		return n, from, err
	}
	var h rtp.Header
	kind := b[1] & 0x7f
	if kind != 96 && (kind != 111 || n > soundMost) {
		return n, from, err
	}
	if length, broken := h.Unmarshal(b[:n]); broken == nil {
		c.m.bytes.Add(int64(max(n-length-sealBytes, 0)))
	}
	return n, from, err
}

// lossy is the system's network behind a line that delays and loses what is sent.
type lossy struct {
	transport.Net
	delay time.Duration
	loss  float64

	mu     sync.Mutex
	random *rand.Rand
	due    chan parcel
	done   chan struct{}
}

type parcel struct {
	at   time.Time
	data []byte
	to   net.Addr
	by   transport.UDPConn
}

func newLossy(delay time.Duration, loss float64) (*lossy, error) {
	system, err := stdnet.NewNet()
	if err != nil {
		return nil, err
	}
	l := &lossy{Net: system, delay: delay, loss: loss, random: rand.New(rand.NewPCG(7, 7)), // the same loss each time
		due: make(chan parcel, 10000), done: make(chan struct{})}
	go l.deliver()
	return l, nil
}

// deliver sends what is due, in order.
func (l *lossy) deliver() {
	for {
		select {
		case <-l.done:
			return
		case p := <-l.due:
			time.Sleep(time.Until(p.at))
			_, _ = p.by.WriteTo(p.data, p.to)
		}
	}
}

func (l *lossy) close() { close(l.done) }

func (l *lossy) ListenUDP(network string, at *net.UDPAddr) (transport.UDPConn, error) {
	c, err := l.Net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	return &lossyConn{c, l}, nil
}

type lossyConn struct {
	transport.UDPConn
	l *lossy
}

func (c *lossyConn) WriteTo(data []byte, to net.Addr) (int, error) {
	l := c.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.random.Float64() >= l.loss {
		select {
		case l.due <- parcel{time.Now().Add(l.delay), append([]byte(nil), data...), to, c.UDPConn}:
		default:
		}
	}
	return len(data), nil
}

func (c *lossyConn) Write(data []byte) (int, error) { return c.WriteTo(data, c.RemoteAddr()) }
