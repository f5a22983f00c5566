package relayed

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/secure"
	"roundtable/backend/relay/client/clienttest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// brief gives up handshakes early, where one that never ends is waited for.
func brief() limits {
	l := defaults()
	l.handshake = 2 * time.Second
	return l
}

// patient does not give one up because a machine is loaded.
func patient() limits {
	l := defaults()
	l.handshake = time.Minute
	return l
}

// two devices at a relay.
func two(t *testing.T, o clienttest.Options, l limits) (a, b *placed, r *clienttest.Relay) {
	t.Helper()
	r = clienttest.Start(t, o)
	return at(t, r.Address, key.NewSigningKey(), l), at(t, r.Address, key.NewSigningKey(), l), r
}

// linked dials until it works; the first circuits may be spoilt.
func linked(t *testing.T, a, b *placed) (here, there link.Link) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	here, err := a.Dial(ctx, b.addr, wire.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	there, err = b.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return here, there
}

// nobody fails when a link was taken.
func nobody(t *testing.T, nodes ...*placed) {
	t.Helper()
	for _, n := range nodes {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if l, err := n.Accept(ctx); err == nil {
			t.Errorf("a link to %v", l.Remote())
		}
		cancel()
	}
}

// A relay that connects the wrong two devices gives neither a link.
func TestMixedUpCircuits(t *testing.T) {
	var c atomic.Pointer[placed]
	a, b, r := two(t, clienttest.Options{Misdirect: func(wire.DeviceID) wire.DeviceID { return c.Load().self }}, patient())
	c.Store(at(t, r.Address, key.NewSigningKey(), patient()))
	if _, err := a.Dial(t.Context(), b.addr, wire.DeviceID{}); !errors.Is(err, link.ErrWrongDevice) {
		t.Errorf("another device answers: %v", err)
	}
	nobody(t, b, c.Load())
}

// Whoever calls under another name is not taken.
func TestCallerUnderAnotherName(t *testing.T) {
	a, b, r := two(t, clienttest.Options{Deaf: true}, patient())
	ticket, err := a.client.Session().Dial(t.Context(), b.self)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Tell(b.self, protocol.Message{Incoming: &protocol.Incoming{From: key.NewSigningKey().Public(), Secret: r.Other(ticket.Secret)}}); err != nil {
		t.Fatal(err)
	}
	conn, err := a.client.DialCircuit(t.Context(), ticket.Secret)
	if err != nil {
		t.Fatal(err)
	}
	proven, _, err := a.identity.Client(t.Context(), conn, b.self, secure.Limits{})
	if err == nil { // in TLS 1.3 the client learns of a refusal when it reads
		_, err = io.ReadFull(proven, make([]byte, 1))
	}
	if err == nil {
		t.Error("taken")
	}
	nobody(t, b)
}

// spoilt carries bytes and changes what comes from the dialler.
func spoilt(dialler, dialled net.Conn, change func(to net.Conn, part []byte) bool) {
	var once sync.WaitGroup
	once.Go(func() {
		_, _ = io.Copy(struct{ io.Writer }{dialler}, struct{ io.Reader }{dialled})
		_ = dialler.Close()
		_ = dialled.Close()
	})
	buf := make([]byte, 32<<10)
	for {
		n, err := dialler.Read(buf)
		if err != nil || !change(dialled, buf[:n]) {
			break
		}
	}
	_ = dialler.Close()
	_ = dialled.Close()
	once.Wait()
}

// What a relay does to the bytes before keys are proven ends the dial, in time.
func TestSpoiltHandshakes(t *testing.T) {
	for name, c := range map[string]struct {
		options clienttest.Options
		want    error
	}{
		"truncated": {clienttest.Options{Splice: func(x, y net.Conn) {
			spoilt(x, y, func(to net.Conn, part []byte) bool { to.Write(part[:len(part)/2]); return false })
		}}, link.ErrHandshake},
		"changed": {clienttest.Options{Splice: func(x, y net.Conn) {
			spoilt(x, y, func(to net.Conn, part []byte) bool {
				part[len(part)/2] ^= 1
				_, err := to.Write(part)
				return err == nil
			})
		}}, link.ErrHandshake},
		"garbage back": {clienttest.Options{Splice: func(x, y net.Conn) {
			x.Write(bytes.Repeat([]byte("garbage "), 1000))
			io.Copy(io.Discard, x)
			x.Close()
			y.Close()
		}}, link.ErrHandshake},
		"endless": {clienttest.Options{Splice: func(x, y net.Conn) {
			junk := append([]byte{22, 3, 3, 0x3f, 0xff}, make([]byte, 0x3fff)...)
			junk[5], junk[6], junk[7], junk[8] = 2, 0, 0xff, 0xff
			for {
				if _, err := x.Write(junk); err != nil {
					break
				}
			}
			y.Close()
		}}, link.ErrHandshake},
		"mirrored": {clienttest.Options{Splice: func(x, y net.Conn) {
			io.Copy(struct{ io.Writer }{x}, struct{ io.Reader }{x})
			x.Close()
			y.Close()
		}}, link.ErrHandshake},
		"swallowed": {clienttest.Options{Splice: func(x, y net.Conn) { io.Copy(io.Discard, x); y.Close() }}, context.DeadlineExceeded},
		"not told":  {clienttest.Options{Deaf: true}, context.DeadlineExceeded},
		"not answered": {clienttest.Options{Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
			return &protocol.Message{ID: m.ID, Failed: &protocol.Failed{Code: protocol.CodeForbidden}}
		}}, link.ErrRefused},
		"a ticket that is none": {clienttest.Options{Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
			return &protocol.Message{ID: m.ID, Ticket: &protocol.Ticket{Secret: [32]byte{1}}}
		}}, link.ErrHandshake},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := patient()
			if c.want == context.DeadlineExceeded {
				l = brief()
			}
			a, b, _ := two(t, c.options, l)
			if l, err := a.Dial(t.Context(), b.addr, wire.DeviceID{}); !errors.Is(err, c.want) {
				t.Errorf("%v, %v, want %v", l, err, c.want)
			}
			nobody(t, b)
		})
	}
}

// A handshake that was recorded proves nothing the second time.
func TestReplay(t *testing.T) {
	var mu sync.Mutex
	var record [][]byte
	replayed := make(chan struct{})
	var circuits atomic.Int64
	a, b, _ := two(t, clienttest.Options{Splice: func(x, y net.Conn) {
		if circuits.Add(1) == 1 {
			spoilt(x, y, func(to net.Conn, part []byte) bool {
				mu.Lock()
				record = append(record, bytes.Clone(part))
				mu.Unlock()
				_, err := to.Write(part)
				return err == nil
			})
			return
		}
		mu.Lock()
		parts := record
		mu.Unlock()
		for _, p := range parts {
			if _, err := y.Write(p); err != nil {
				break
			}
		}
		io.Copy(io.Discard, y)
		close(replayed)
		x.Close()
	}}, patient())
	here, _ := linked(t, a, b)
	here.Close()
	if l, err := a.Dial(t.Context(), b.addr, wire.DeviceID{}); err == nil {
		t.Error("a link to", l.Remote())
	}
	<-replayed
	nobody(t, b)
}

// A link over which a relay changes or cuts bytes ends; nothing wrong is read.
func TestSpoiltLinks(t *testing.T) {
	for name, change := range map[string]func(part []byte) (n int, on bool){
		"changed": func(part []byte) (int, bool) { part[len(part)-1] ^= 0x80; return len(part), true },
		"cut":     func(part []byte) (int, bool) { return len(part) / 2, false },
		"dropped": func(part []byte) (int, bool) { return 0, true },
	} {
		t.Run(name, func(t *testing.T) {
			var bad atomic.Bool
			a, b, _ := two(t, clienttest.Options{Splice: func(x, y net.Conn) {
				spoilt(x, y, func(to net.Conn, part []byte) bool {
					n, on := len(part), true
					if bad.CompareAndSwap(true, false) {
						n, on = change(part)
					}
					_, err := to.Write(part[:n])
					return err == nil && on
				})
			}}, patient())
			here, there := linked(t, a, b)
			x, err := here.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			x.Write([]byte("good"))
			y, err := there.Accept(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(y, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
			bad.Store(true)
			for range 3 {
				x.Write([]byte("changed on the way"))
			}
			if got, err := io.ReadAll(y); !errors.Is(err, link.ErrClosed) || len(got) > 0 {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
}

// Calls that come to nothing are few at a time, and few of one device.
func TestCallsAreBounded(t *testing.T) {
	l := brief()
	l.shaking, l.shakingOne, l.strangers = 6, 2, 3
	r := clienttest.Start(t, clienttest.Options{Splice: func(x, y net.Conn) { io.Copy(io.Discard, x) }})
	n := at(t, r.Address, key.NewSigningKey(), l)
	friend := wire.DeviceID{1}
	n.opt.Known = func(d wire.DeviceID) bool { return d[0] == friend[0] }
	most := func() (total, one, strange int) {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.total, n.shaking[friend], n.strange
	}
	for i := range 200 {
		n.Incoming(r.Address.ID(), protocol.Incoming{From: friend, Secret: [32]byte{byte(i)}})
		n.Incoming(r.Address.ID(), protocol.Incoming{From: wire.DeviceID{2, byte(i)}, Secret: [32]byte{byte(i), 2}})
		n.Incoming(r.Address.ID(), protocol.Incoming{From: wire.DeviceID{1, byte(i)}, Secret: [32]byte{byte(i), 3}})
		if total, one, strange := most(); total > 6 || one > 2 || strange > 3 {
			t.Fatalf("%d handshakes, %d of one device, %d of strangers", total, one, strange)
		}
	}
	n.Incoming([32]byte{9}, protocol.Incoming{From: friend}) // not our relay
	await(t, "all end", func() bool { total, one, strange := most(); return total+one+strange == 0 })
}

func TestLinksOfOneDeviceAreBounded(t *testing.T) {
	l := patient()
	l.inboundOne = 2
	a, b, r := two(t, clienttest.Options{}, l)
	first, _ := linked(t, a, b)
	linked(t, a, b)
	if _, err := a.Dial(t.Context(), b.addr, wire.DeviceID{}); !errors.Is(err, link.ErrRefused) {
		t.Errorf("a third link: %v", err)
	}
	first.Close()
	await(t, "room again", func() bool {
		again, err := a.Dial(t.Context(), b.addr, wire.DeviceID{})
		if err == nil {
			again.Close()
		}
		return err == nil
	})
	last, _ := linked(t, b, a)
	b.Remove(r.Address.ID())
	select {
	case <-last.Done():
	case <-time.After(2 * time.Minute):
		t.Error("a link outlives its relay")
	}
	if _, err := b.Dial(t.Context(), a.addr, wire.DeviceID{}); !errors.Is(err, link.ErrRefused) {
		t.Errorf("dialled over a relay that was removed: %v", err)
	}
}
