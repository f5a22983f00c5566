package server_test

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// line is a WebSocket without a library: it can break every rule.
func (r *rig) line() net.Conn {
	r.t.Helper()
	conn, err := tls.Dial("tcp", r.host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		r.t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /v1 HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
		r.host, base64.StdEncoding.EncodeToString(wire.Random(16)))
	var answer []byte
	for !bytes.HasSuffix(answer, []byte("\r\n\r\n")) {
		one := make([]byte, 1)
		if _, err := io.ReadFull(conn, one); err != nil {
			r.t.Fatalf("%q: %v", answer, err)
		}
		answer = append(answer, one...)
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") {
		r.t.Fatalf("%q", answer)
	}
	return conn
}

// closes waits until the relay has ended a connection.
func closes(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("still open")
	}
}

func TestGarbageEndsTheConnection(t *testing.T) {
	r := newRig(t, nil)
	hello := wire.MustEncode(protocol.Message{ID: 1, Hello: &protocol.Hello{Device: key.NewSigningKey().Public(), Host: r.host, Token: r.token, Signature: make([]byte, 64)}})
	for name, sent := range map[string][]byte{
		"no frame":         []byte("GET / HTTP/1.1\r\n\r\n"),
		"no mask":          {0x82, 3, 'a', 'b', 'c', 'd', 'e'},
		"extension":        maskedAs(0xc2, []byte("x")),
		"text":             maskedAs(0x81, []byte("x")),
		"continuation":     maskedAs(0x80, []byte("x")),
		"unknown kind":     maskedAs(0x83, []byte("x")),
		"long ping":        maskedAs(0x89, make([]byte, 126)),
		"broken ping":      maskedAs(0x09, nil),
		"negative length":  {0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		"huge length":      {0x82, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		"not CBOR":         masked([]byte("hello")),
		"empty":            masked(nil),
		"too large":        masked(make([]byte, 5000)),
		"no proof":         masked(hello),
		"a request":        masked(wire.MustEncode(protocol.Message{ID: 1, Spaces: &protocol.Spaces{}})),
		"close":            maskedAs(0x88, nil),
		"endless fragment": bytes.Repeat(maskedAs(0x02, make([]byte, 600)), 3),
	} {
		t.Run(name, func(t *testing.T) {
			conn := r.line()
			if _, err := conn.Write(sent); err != nil {
				t.Log(err)
			}
			closes(t, conn)
		})
	}
	if n := r.s.Devices(); n != 0 {
		t.Errorf("%d devices", n)
	}
}

func TestGarbageFromAProvenDevice(t *testing.T) {
	r := newRig(t, nil)
	for name, m := range map[string]any{
		"nothing":      protocol.Message{ID: 7},
		"two":          protocol.Message{ID: 7, Spaces: &protocol.Spaces{}, Turn: &protocol.Turn{}},
		"no id":        protocol.Message{Spaces: &protocol.Spaces{}},
		"an answer":    protocol.Message{ID: 7, Done: &protocol.Done{}},
		"hello again":  protocol.Message{ID: 7, Hello: &protocol.Hello{}},
		"a frame's id": protocol.Message{ID: 7, Frame: &protocol.Frame{}},
		"a number":     42,
	} {
		t.Run(name, func(t *testing.T) {
			d := r.device()
			d.connect()
			if err := d.ws.Write(d.ctx, 2, wire.MustEncode(m)); err != nil {
				t.Fatal(err)
			}
			if m, err := d.hear(); err == nil && (m.Failed == nil || m.Failed.Code != protocol.CodeMalformed) {
				t.Errorf("%+v", m)
			}
			d.ended()
		})
	}
}

func TestAReplayedHello(t *testing.T) {
	r := newRig(t, nil)
	d := r.device()
	d.open()
	nonce := d.next().Challenge.Nonce
	d.hello(nonce, r.host, r.token)
	again := r.device()
	again.key = d.key
	again.open()
	if second := again.next().Challenge.Nonce; second == nonce {
		t.Fatal("the same challenge twice")
	}
	if m := again.hello(nonce, r.host, r.token); m.Failed == nil || m.Failed.Code != protocol.CodeProof {
		t.Errorf("%+v", m)
	}
}

func TestTheNewerConnectionOfADeviceHolds(t *testing.T) {
	r := newRig(t, nil)
	_, clerk, space := r.office()
	second := r.device()
	second.key = clerk.key
	second.connect()
	clerk.ended()
	second.must(protocol.Message{Read: &protocol.Read{Space: space}})
	if n := r.s.Devices(); n != 2 {
		t.Errorf("%d devices", n)
	}
}

// Whoever says nothing is asked, and then closed.
func TestTheSilentAreClosed(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Limits.Idle = 300 * time.Millisecond })
	boss, _, space := r.office() // the clerk does not even read, so it answers no ping
	until := time.Now().Add(patience)
	for r.s.Devices() != 1 && time.Now().Before(until) {
		boss.must(protocol.Message{Heads: &protocol.Heads{Space: space}})
	}
	if n := r.s.Devices(); n != 1 {
		t.Errorf("%d devices", n)
	}
}

// A device that does not read costs no more than its queue, is told that it is
// behind when it reads again, and misses nothing.
func TestASlowReaderFallsBehind(t *testing.T) {
	r := newRig(t, func(o *server.Options) {
		o.Limits.QueueBytes = 64 << 10
		o.Limits.Writing, o.Limits.Idle = time.Hour, time.Hour // a loaded machine is long at filling it
	})
	boss, clerk, space := r.office()
	start := clerk.must(protocol.Message{Subscribe: &protocol.Subscribe{Space: space}}).Position
	// Sockets hold some MiB before the relay notices.
	const each, many = 48 << 10, 600
	body := strings.Repeat("x", each)
	for range many {
		boss.publishes(space, body)
	}
	behind, got, cursor := false, 0, start.End
	for !behind {
		m := clerk.next()
		if m.News == nil {
			continue
		}
		got += len(m.News.Raws)
		if behind = m.News.Behind; !behind {
			cursor = m.News.Next
		}
	}
	for more := true; more; {
		page := clerk.must(protocol.Message{Read: &protocol.Read{Space: space, After: cursor}}).Page
		got += len(page.Raws)
		cursor, more = page.Next, page.More
	}
	if got < many {
		t.Errorf("%d of %d", got, many)
	}
}

// A device that asks for much and reads nothing is closed, and holds only what
// the budget allows until then.
func TestAskingWithoutReading(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Limits.BudgetBytes = 16 << 20; o.Limits.Writing = time.Second })
	boss, clerk, space := r.office()
	body := strings.Repeat("x", 500<<10)
	for range 8 {
		boss.publishes(space, body)
	}
	started := heap()
	for i := range 64 {
		if err := clerk.say(protocol.Message{ID: uint64(100 + i), Read: &protocol.Read{Space: space}}); err != nil {
			break
		}
	}
	until := time.Now().Add(patience)
	most := uint64(0)
	for r.s.Devices() > 1 && time.Now().Before(until) {
		most = max(most, heap())
		boss.must(protocol.Message{Spaces: &protocol.Spaces{}})
	}
	if r.s.Devices() > 1 {
		t.Error("still connected")
	}
	if most > started+96<<20 {
		t.Errorf("held %d MiB", (most-started)>>20)
	}
	if p := boss.must(protocol.Message{Read: &protocol.Read{Space: space}}).Page; len(p.Raws) == 0 {
		t.Error("the budget was not given back")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestFloodsAreSlowedDown(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Limits.MessagesPerSecond = 50 })
	boss, _, _ := r.office()
	started := time.Now()
	for i := range 300 { // 200 at once, the others at 50 a second
		if err := boss.say(protocol.Message{ID: uint64(1000 + i), Spaces: &protocol.Spaces{}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 300 {
		boss.unasked(func(m protocol.Message) bool { return m.ID >= 1000 })
	}
	if took := time.Since(started); took < time.Second {
		t.Errorf("300 requests in %v", took)
	}
}

func TestStrangersAreCountedByAddress(t *testing.T) {
	r := newRig(t, func(o *server.Options) { o.Limits.UnprovenPerIP = 3 })
	for range 3 {
		r.line()
	}
	if conn, err := tls.Dial("tcp", r.host, &tls.Config{InsecureSkipVerify: true}); err == nil {
		_ = conn.Close()
		t.Error("a fourth one was let in")
	}
}

func TestVisitorsMayKnockAndNoMore(t *testing.T) {
	r := newRig(t, nil)
	boss, clerk, space := r.office()
	visitor := r.device()
	visitor.connect()
	visitor.fails(protocol.CodeForbidden, protocol.Message{Dial: &protocol.Dial{To: boss.name()}})
	hosts := visitor.must(protocol.Message{Hosts: &protocol.Hosts{Workspace: space}}).HostList
	if len(hosts.Devices) != 1 || hosts.Devices[0] != boss.name() {
		t.Fatalf("%+v", hosts)
	}
	visitor.must(protocol.Message{Dial: &protocol.Dial{To: boss.name()}})
	visitor.must(protocol.Message{Dial: &protocol.Dial{To: boss.name()}})
	visitor.fails(protocol.CodeTooFast, protocol.Message{Dial: &protocol.Dial{To: boss.name()}})
	visitor.fails(protocol.CodeForbidden, protocol.Message{Dial: &protocol.Dial{To: clerk.name()}})
	visitor.fails(protocol.CodeForbidden, protocol.Message{Put: &protocol.Put{Space: space, Hash: key.Digest([]byte("x")), Bytes: []byte("x")}})
	visitor.fails(protocol.CodeForbidden, protocol.Message{Turn: &protocol.Turn{}})
}

// FuzzRequest: whatever a device sends, the decoder answers or refuses, and what
// it takes for one request is one.
func FuzzRequest(f *testing.F) {
	f.Add(wire.MustEncode(protocol.Message{ID: 1, Read: &protocol.Read{Space: wire.SpaceID{1}, Limit: 3}}))
	f.Add(wire.MustEncode(protocol.Message{Frame: &protocol.Frame{Bytes: []byte("x")}}))
	f.Add(wire.MustEncode(protocol.Message{ID: 1, Publish: &protocol.Publish{Raws: [][]byte{make([]byte, 200)}}}))
	f.Add([]byte{0xa1, 0x01, 0x02})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, ok := server.DecodeRequest(raw)
		if ok && (m.ID == 0) != (m.Frame != nil) {
			t.Errorf("%+v", m)
		}
		_, _ = server.SplitRuns(raw)
	})
}

// FuzzSocket: no bytes make the reader of frames allocate more than was sent, or panic.
func FuzzSocket(f *testing.F) {
	f.Add(masked([]byte("hello")))
	f.Add(append(maskedAs(0x02, []byte("a")), maskedAs(0x80, []byte("b"))...))
	f.Add(append(maskedAs(0x89, []byte("ping")), masked(make([]byte, 70_000))...))
	f.Add([]byte{0x82, 0xff, 0, 0, 0, 0, 0, 0x3f, 0xff, 0xff, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, m := range server.ReadMessages(raw, 1<<20) {
			if len(m) > len(raw) {
				t.Errorf("%d bytes of %d", len(m), len(raw))
			}
		}
	})
}
