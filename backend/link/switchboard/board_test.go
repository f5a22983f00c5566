package switchboard_test

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/testnet"
	"roundtable/backend/wire"
)

// desk is one device in a story.
type desk struct {
	*switchboard.Board
	t    *testing.T
	id   wire.DeviceID
	addr string
	ups  atomic.Int32
	stop func()
}

// office is devices on one network.
type office struct {
	t   *testing.T
	net *testnet.Net
}

func newOffice(t *testing.T) *office {
	checkLeaks(t)
	return &office{t, testnet.New(uint64(time.Now().UnixNano()))}
}

// checkLeaks fails a test that leaves goroutines behind.
func checkLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 100 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
	})
}

// desk starts a device whose ID is its name, up to an @.
func (o *office) desk(name string, change ...func(*switchboard.Options)) *desk {
	o.t.Helper()
	d := &desk{t: o.t, addr: "memory:" + name}
	id, _, _ := strings.Cut(name, "@")
	copy(d.id[:], id)
	node, err := o.net.Node(d.id, name, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	opt := switchboard.Options{Self: d.id, Nodes: []link.Node{node}, Interfaces: func() string { return "" }}
	for _, f := range change {
		f(&opt)
	}
	d.Board = switchboard.New(opt)
	d.Handle("echo", func(_ context.Context, _ wire.DeviceID, s link.Stream) { io.Copy(s, s) })
	d.OnUp(func(ctx context.Context, _ wire.DeviceID) { d.ups.Add(1); <-ctx.Done() })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	d.stop = func() { cancel(); node.Close(); <-done }
	o.t.Cleanup(d.stop)
	eventually(o.t, "runs", func() bool { _, err := d.Dial(ctx, "x", wire.DeviceID{}); return err != switchboard.ErrNotRunning })
	return d
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func (d *desk) sees(others ...*desk) {
	d.t.Helper()
	eventually(d.t, "linked", func() bool {
		for _, o := range others {
			if !d.Connected(o.id) {
				return false
			}
		}
		return true
	})
}

func (d *desk) echoes(to *desk, text string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := d.OpenStream(ctx, to.id, "echo")
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	s.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(s, text); err != nil {
		d.t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(s, got); err != nil || !bytes.Equal(got, []byte(text)) {
		d.t.Fatalf("echo %q: %q, %v", text, got, err)
	}
}

func TestDialAndTalk(t *testing.T) {
	o := newOffice(t)
	li, wang := o.desk("li"), o.desk("wang")
	got, err := li.Dial(context.Background(), wang.addr, wire.DeviceID{})
	if err != nil || got != wang.id {
		t.Fatal(got, err)
	}
	wang.sees(li)
	li.echoes(wang, "早上好")
	wang.echoes(li, "good morning")
	if li.Initiator(wang.id) == wang.Initiator(li.id) {
		t.Error("both or neither are the initiator")
	}
	if _, err := li.OpenStream(context.Background(), wire.DeviceID{9}, "echo"); err == nil {
		t.Error("a stream to nobody")
	}
	s, err := li.OpenStream(context.Background(), wang.id, "no such protocol")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("an unknown protocol was answered")
	}
	s.Close()
	if st := li.Links(); len(st) != 1 || st[0].Via != "memory" || !strings.Contains(st[0].Addr, "wang") {
		t.Errorf("states %v", st)
	}
}

// Both dial at once, many times: each side ends with one link, told of once.
func TestSimultaneousDialling(t *testing.T) {
	o := newOffice(t)
	o.net.Latency(time.Millisecond, 3*time.Millisecond)
	for _, names := range [][2]string{{"a1", "b1"}, {"d2", "c2"}, {"e3", "f3"}, {"h4", "g4"}} {
		x, y := o.desk(names[0]), o.desk(names[1])
		x.AddKnown(y.id, y.addr)
		y.AddKnown(x.id, x.addr)
		x.Suggest(y.addr, wire.DeviceID{})
		y.Suggest(x.addr, wire.DeviceID{})
		x.sees(y)
		y.sees(x)
		for range 5 {
			x.echoes(y, "still here")
			y.echoes(x, "me too")
		}
		if x.ups.Load() != 1 || y.ups.Load() != 1 {
			t.Errorf("seed %d: links came up %d and %d times", o.net.Seed(), x.ups.Load(), y.ups.Load())
		}
	}
}
