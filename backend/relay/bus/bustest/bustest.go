// Package bustest holds the conformance suite of buses, and a bus in memory for
// tests of what stands on one.
package bustest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"time"

	"roundtable/backend/relay/bus"
	"roundtable/backend/wire"
)

// within bounds every wait; it is generous, because machines may be busy.
const within = 30 * time.Second

// Run tries a bus. open makes a network without processes and gives a way to get
// the bus of one more; what it opens it closes by itself.
func Run(t *testing.T, open func(t *testing.T) (another func() bus.Bus)) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, another func() bus.Bus)
	}{
		{"to all and to one", toAllAndToOne},
		{"in order", inOrder},
		{"too large", tooLarge},
		{"leaving", leaving},
		{"one at a time, and its own", oneAtATime},
		{"a slow listener holds up nobody", slowListener},
		{"two networks", func(t *testing.T, another func() bus.Bus) { apart(t, another, open(t)) }},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// process is one that has joined, and what it heard.
type process struct {
	bus.Bus
	self  bus.Process
	leave func()
	mu    sync.Mutex
	heard [][]byte
}

func joined(t *testing.T, b bus.Bus) *process {
	t.Helper()
	p := &process{Bus: b, self: bus.NewProcess()}
	leave, err := b.Join(t.Context(), p.self, func(m []byte) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.heard = append(p.heard, m)
	})
	if err != nil {
		t.Fatalf("join: %v", err)
	}
	p.leave = leave
	t.Cleanup(leave)
	return p
}

// meet waits until all hear each other: interest may take a moment to travel.
func meet(t *testing.T, all ...*process) {
	t.Helper()
	for _, from := range all {
		for _, to := range all {
			if from == to {
				continue
			}
			hello, whisper := append([]byte("hello"), from.self[:]...), append([]byte("whisper"), from.self[:]...)
			until(t, "they hear each other", func() bool {
				if err := errors.Join(from.Tell(hello), from.Send(to.self, whisper)); err != nil {
					t.Logf("not yet: %v", err)
				}
				<-time.After(2 * time.Millisecond)
				return to.count(hello) > 0 && to.count(whisper) > 0
			})
		}
	}
}

func (p *process) count(m []byte) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.heard {
		if bytes.Equal(h, m) {
			n++
		}
	}
	return n
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func toAllAndToOne(t *testing.T, another func() bus.Bus) {
	a, b, c := joined(t, another()), joined(t, another()), joined(t, another())
	meet(t, a, b, c)
	must(t, a.Tell([]byte("all")))
	must(t, a.Send(b.self, []byte("one")))
	must(t, a.Send(bus.NewProcess(), []byte("nobody")))
	until(t, "told", func() bool {
		return b.count([]byte("all")) == 1 && c.count([]byte("all")) == 1 && b.count([]byte("one")) == 1
	})
	must(t, a.Send(c.self, []byte("last")))
	until(t, "the last", func() bool { return c.count([]byte("last")) == 1 })
	if c.count([]byte("one"))+b.count([]byte("nobody"))+c.count([]byte("nobody"))+a.count([]byte("all"))+b.count([]byte("last")) > 0 {
		t.Error("a message came to others, or back")
	}
}

func inOrder(t *testing.T, another func() bus.Bus) {
	a, b := joined(t, another()), joined(t, another())
	meet(t, a, b)
	const many = 5000
	for i := range uint32(many) {
		must(t, a.Tell(binary.BigEndian.AppendUint32([]byte("t"), i)))
		must(t, a.Send(b.self, binary.BigEndian.AppendUint32([]byte("s"), i)))
	}
	next := map[byte]uint32{}
	until(t, "all have come", func() bool {
		return b.count(binary.BigEndian.AppendUint32([]byte("t"), many-1)) > 0 && b.count(binary.BigEndian.AppendUint32([]byte("s"), many-1)) > 0
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.heard {
		if len(m) != 5 {
			continue
		}
		if n := binary.BigEndian.Uint32(m[1:]); n != next[m[0]] {
			t.Fatalf("%c: %d instead of %d", m[0], n, next[m[0]])
		}
		next[m[0]]++
	}
}

func tooLarge(t *testing.T, another func() bus.Bus) {
	a, b := joined(t, another()), joined(t, another())
	meet(t, a, b)
	large := make([]byte, bus.MaxMessage+1)
	if err := a.Tell(large); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("tell: %v", err)
	}
	if err := a.Send(b.self, large); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("send: %v", err)
	}
	must(t, a.Send(b.self, large[1:]))
	until(t, "the largest", func() bool { return b.count(large[1:]) == 1 })
}

func leaving(t *testing.T, another func() bus.Bus) {
	a, b, c := joined(t, another()), joined(t, another()), joined(t, another())
	meet(t, a, b, c)
	b.leave()
	b.leave()
	must(t, a.Tell([]byte("after")))
	must(t, a.Send(b.self, []byte("after")))
	until(t, "the other hears on", func() bool { return c.count([]byte("after")) == 1 })
	if b.count([]byte("after")) > 0 {
		t.Error("heard after leaving")
	}
	d := joined(t, another())
	meet(t, a, c, d)
}

func oneAtATime(t *testing.T, another func() bus.Bus) {
	a, self := joined(t, another()), bus.NewProcess()
	var calls, n int // guarded by nothing: the race detector watches
	var mu sync.Mutex
	leave, err := another().Join(t.Context(), self, func(m []byte) {
		calls++
		for i := range m {
			m[i] = 'x' // it is the listener's
		}
		mu.Lock()
		n = calls
		mu.Unlock()
	})
	must(t, err)
	t.Cleanup(leave)
	message := []byte("shared")
	until(t, "many calls", func() bool {
		must(t, a.Tell(message))
		must(t, a.Send(self, message))
		mu.Lock()
		defer mu.Unlock()
		return n > 50
	})
	if string(message) != "shared" {
		t.Error("the sender's bytes were changed")
	}
}

func slowListener(t *testing.T, another func() bus.Bus) {
	a, c := joined(t, another()), joined(t, another())
	release, stuck := make(chan struct{}), make(chan struct{}, 1)
	slow := bus.NewProcess()
	leave, err := another().Join(t.Context(), slow, func([]byte) {
		select {
		case stuck <- struct{}{}:
		default:
		}
		<-release
	})
	must(t, err)
	defer leave()
	defer close(release)
	meet(t, a, c)
	until(t, "it is stuck", func() bool {
		must(t, a.Send(slow, []byte("x")))
		return len(stuck) > 0
	})
	large := make([]byte, 128<<10)
	for range 1600 { // 200 MiB, more than anybody keeps for a listener
		if err := a.Send(slow, large); err != nil && !errors.Is(err, bus.ErrBusy) {
			t.Fatal(err)
		}
	}
	until(t, "others go on", func() bool {
		if err := a.Send(c.self, []byte("on")); err != nil && !errors.Is(err, bus.ErrBusy) {
			t.Fatal(err)
		}
		return c.count([]byte("on")) > 0
	})
}

// apart: processes of other networks hear nothing.
func apart(t *testing.T, here, there func() bus.Bus) {
	a, b := joined(t, here()), joined(t, here())
	c, d := joined(t, there()), joined(t, there())
	meet(t, a, b)
	meet(t, c, d)
	must(t, a.Tell([]byte("ours")))
	must(t, a.Send(c.self, []byte("ours")))
	until(t, "ours", func() bool { return b.count([]byte("ours")) == 1 })
	if c.count([]byte("ours"))+d.count([]byte("ours")) > 0 {
		t.Error("heard in another network")
	}
}
