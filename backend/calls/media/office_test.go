package media

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5"

	"roundtable/backend/wire"
)

// office has engines in one process; what they say to each other goes in order.
type office struct {
	t       testing.TB
	mu      sync.Mutex
	engines map[wire.DeviceID]*Engine
	queues  map[[2]wire.DeviceID]chan []byte
	cut     map[wire.DeviceID]bool
	said    int
	hears   [2]int // Options.heardByAll and heardMost
	stop    chan struct{}
	wg      sync.WaitGroup
}

func newOffice(t testing.TB) *office {
	o := &office{t: t, engines: map[wire.DeviceID]*Engine{}, queues: map[[2]wire.DeviceID]chan []byte{}, cut: map[wire.DeviceID]bool{}, stop: make(chan struct{})}
	t.Cleanup(func() { close(o.stop); o.wg.Wait() })
	return o
}

func id(n int) wire.DeviceID { return wire.DeviceID{byte(n), 7} }

// engineAt opens the engine of a device, behind a line when there is one.
func (o *office) engineAt(n int, line transport.Net) *Engine {
	o.t.Helper()
	self := id(n)
	e, err := New(Options{Self: self, Loopback: true, Slog: o.log(n), Net: line, steady: line == nil, heardByAll: o.hears[0], heardMost: o.hears[1], Send: func(_ context.Context, to wire.DeviceID, m []byte) error {
		return o.send(self, to, m)
	}})
	if err != nil {
		o.t.Fatal(err)
	}
	o.enter(e)
	return e
}

// log is what an engine notes down, when somebody looks for a mistake.
func (o *office) log(n int) *slog.Logger {
	if os.Getenv("CALL_DEBUG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("self", n)
}

// enter has the others reach an engine, until the test ends.
func (o *office) enter(e *Engine) {
	o.mu.Lock()
	o.engines[e.o.Self] = e
	o.mu.Unlock()
	o.t.Cleanup(e.Close)
}

func (o *office) send(from, to wire.DeviceID, m []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cut[from] || o.cut[to] || o.engines[to] == nil {
		return errors.New("out of reach")
	}
	o.said++
	ends := [2]wire.DeviceID{from, to}
	q := o.queues[ends]
	if q == nil {
		q = make(chan []byte, 1000)
		o.queues[ends] = q
		o.wg.Go(func() {
			for {
				select {
				case <-o.stop:
					return
				case m := <-q:
					o.mu.Lock()
					e := o.engines[to]
					o.mu.Unlock()
					e.Signal(from, m)
				}
			}
		})
	}
	q <- m
	return nil
}

func (o *office) saidSoFar() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said
}

// open gives a device with a page that sends a microphone and a camera.
func (o *office) open(n int) *window {
	o.t.Helper()
	return o.openAt(n, nil)
}

func (o *office) openAt(n int, line transport.Net) *window {
	o.t.Helper()
	return o.seat(o.engineAt(n, line))
}

// seat opens the page of an engine, which sends a microphone and a camera.
func (o *office) seat(e *Engine) *window {
	o.t.Helper()
	w := newWindow(o.t, e, 4, 4)
	o.t.Cleanup(w.close)
	w.sends(Microphone)
	w.sends(Camera, "q", "h", "f")
	w.offer(false)
	return w
}

// lookEvery is how often await looks.
const lookEvery = 5 * time.Millisecond

// await waits for something; engines are dumped when it does not come.
func await(t testing.TB, what string, ok func() bool, looked ...*Engine) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(lookEvery) {
		if ok() {
			return
		}
	}
	for _, e := range looked {
		t.Log(dump(e))
	}
	t.Fatal("not seen: " + what)
}

func mic(n int) Source    { return Source{id(n), Microphone} }
func camera(n int) Source { return Source{id(n), Camera} }
func screen(n int) Source { return Source{id(n), Screen} }
