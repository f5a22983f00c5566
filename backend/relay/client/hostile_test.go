package client

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/key"
	"roundtable/backend/relay/client/clienttest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// journal keeps log lines.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Whoever answers nonsense instead of a greeting is left, with a reason.
func TestHostileGreeting(t *testing.T) {
	ctx := context.Background()
	challenge := protocol.Message{Challenge: &protocol.Challenge{Version: protocol.Version}}
	for name, c := range map[string]struct {
		connect func(*websocket.Conn)
		reason  string
	}{
		"garbage":   {func(ws *websocket.Conn) { ws.Write(ctx, websocket.MessageBinary, []byte("\xff\x00\x9f")) }, "malformed"},
		"text":      {func(ws *websocket.Conn) { ws.Write(ctx, websocket.MessageText, []byte("hello")) }, "text message"},
		"nothing":   {func(ws *websocket.Conn) { ws.Write(ctx, websocket.MessageBinary, []byte{0xa0}) }, "0 contents"},
		"closes":    {func(*websocket.Conn) {}, "read from relay"},
		"too large": {func(ws *websocket.Conn) { ws.Write(ctx, websocket.MessageBinary, make([]byte, protocol.MaxMessage+1)) }, "beyond"},
		"another version": {func(ws *websocket.Conn) {
			clienttest.Send(ctx, ws, protocol.Message{Challenge: &protocol.Challenge{Version: 9}})
		}, "version 9"},
		"ready at once": {func(ws *websocket.Conn) { clienttest.Send(ctx, ws, protocol.Message{ID: 1, Ready: &protocol.Ready{}}) }, "no challenge"},
		"two things": {func(ws *websocket.Conn) {
			clienttest.Send(ctx, ws, protocol.Message{Challenge: challenge.Challenge, Done: &protocol.Done{}})
		}, "2 contents"},
		"ready to another": {func(ws *websocket.Conn) {
			clienttest.Send(ctx, ws, challenge)
			clienttest.Receive(ctx, ws)
			clienttest.Send(ctx, ws, protocol.Message{ID: 7, Ready: &protocol.Ready{}})
		}, "no answer to hello"},
		"done instead": {func(ws *websocket.Conn) {
			clienttest.Send(ctx, ws, challenge)
			clienttest.Receive(ctx, ws)
			clienttest.Send(ctx, ws, protocol.Message{ID: helloID, Done: &protocol.Done{}})
		}, "no answer to hello"},
	} {
		t.Run(name, func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{Connect: func(ws *websocket.Conn, _ *http.Request) { c.connect(ws) }})
			var j journal
			cl, _ := started(t, r.Address, func(o *Options) { o.Log = j.logger() })
			until(t, "a reason in the log", func() bool { return strings.Contains(j.String(), c.reason) })
			if st := cl.State(); st.Phase == Connected {
				t.Errorf("%+v", st)
			}
		})
	}
}

// A relay that breaks the rules later is cut off, and the request says so.
func TestHostileAnswers(t *testing.T) {
	hash := key.Digest([]byte("chunk"))
	ask := func(s *Session) error { _, err := s.Subscribe(context.Background(), wire.SpaceID{1}); return err }
	done := &protocol.Done{}
	for name, c := range map[string]struct {
		ask    func(*Session) error
		answer protocol.Message // ID is set, unless it is said to be another
		id     func(uint64) uint64
	}{
		"of another kind": {ask, protocol.Message{Stored: &protocol.Stored{}}, nil},
		"to nobody":       {ask, protocol.Message{Done: done}, func(id uint64) uint64 { return id + 1000 }},
		"to hello, again": {ask, protocol.Message{Ready: &protocol.Ready{}}, func(uint64) uint64 { return helloID }},
		"unasked":         {ask, protocol.Message{Done: done}, func(uint64) uint64 { return 0 }},
		"a second greeting": {ask, protocol.Message{Challenge: &protocol.Challenge{Version: 1}},
			func(uint64) uint64 { return 0 }},
		"too many flags": {func(s *Session) error {
			_, err := s.Has(context.Background(), wire.SpaceID{}, [][32]byte{hash})
			return err
		}, protocol.Message{Flags: &protocol.Flags{Flags: []bool{true, true}}}, nil},
		"more, and nothing": {func(s *Session) error {
			_, err := s.Read(context.Background(), protocol.Read{})
			return err
		}, protocol.Message{Page: &protocol.Page{More: true}}, nil},
		"heads without end": {func(s *Session) error {
			_, _, err := s.Heads(context.Background(), wire.SpaceID{}, [16]byte{})
			return err
		}, protocol.Message{HeadList: &protocol.HeadList{Heads: []protocol.Head{{Seq: 1}}, More: true}}, nil},
		"a list without end": {func(s *Session) error {
			_, err := s.Access(context.Background(), wire.SpaceID{}, [16]byte{})
			return err
		}, protocol.Message{AccessList: &protocol.AccessList{Entries: []protocol.Entry{{}}, More: true}}, nil},
		"spaces again and again": {func(s *Session) error {
			_, err := s.Spaces(context.Background())
			return err
		}, protocol.Message{SpaceList: &protocol.SpaceList{Spaces: []wire.SpaceID{{1}}, More: true}}, nil},
		"a cursor beyond the limit": {ask, protocol.Message{Position: &protocol.Position{End: make([]byte, protocol.MaxCursor+1)}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
				out := c.answer
				out.ID = m.ID
				if c.id != nil {
					out.ID = c.id(m.ID)
				}
				return &out
			}})
			_, s := started(t, r.Address, nil)
			session := s.session(t)
			if err := c.ask(session); err == nil {
				t.Error("it was believed")
			}
			select {
			case <-session.Done():
			case <-time.After(2 * time.Minute):
				t.Fatal("the session goes on")
			}
			if !errors.Is(session.cause, ErrProtocol) {
				t.Errorf("cause: %v", session.cause)
			}
		})
	}
}

// A chunk that is not the one asked for is not handed on; the relay may have
// others that are good.
func TestForgedChunk(t *testing.T) {
	r := clienttest.Start(t, clienttest.Options{Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
		return &protocol.Message{ID: m.ID, Chunk: &protocol.Chunk{Bytes: []byte("another")}}
	}})
	_, s := started(t, r.Address, nil)
	session := s.session(t)
	if got, err := session.Get(t.Context(), wire.SpaceID{}, key.Digest([]byte("chunk"))); !errors.Is(err, ErrForged) || got != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := session.Get(t.Context(), wire.SpaceID{}, key.Digest([]byte("another"))); err != nil {
		t.Error(err)
	}
}

// An endless flood of news meets a consumer that is busy: reading stops, memory
// does not grow, nothing is lost or out of order.
func TestFlood(t *testing.T) {
	const size = 64 << 10
	sent := make(chan int, 1)
	var r *clienttest.Relay
	stop := make(chan struct{})
	r = clienttest.Start(t, clienttest.Options{Connect: func(ws *websocket.Conn, q *http.Request) {
		if _, ok := r.Greet(ws, q.Host); !ok {
			return
		}
		for i := 0; ; i++ {
			n := protocol.News{Raws: [][]byte{make([]byte, size)}, Next: []byte{byte(i), byte(i >> 8), byte(i >> 16)}}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			err := clienttest.Send(ctx, ws, protocol.Message{News: &n})
			cancel()
			if err != nil { // the pipe is full, or the test is over
				select {
				case sent <- i:
				default:
				}
				<-stop
				return
			}
		}
	}})
	hold := make(chan struct{})
	var got int
	_, s := started(t, r.Address, func(o *Options) {
		o.Events.News = func(n protocol.News) {
			<-hold
			if i := int(n.Next[0]) | int(n.Next[1])<<8 | int(n.Next[2])<<16; i != got {
				t.Errorf("news %d instead of %d", i, got)
			}
			got++
		}
	})
	session := s.session(t)
	var n int
	select {
	case n = <-sent:
	case <-time.After(2 * time.Minute):
		t.Fatal("the flood is swallowed without end")
	}
	if bytes := n * size; bytes > 64<<20 {
		t.Errorf("%d MiB were taken although nobody reads them", bytes>>20)
	}
	session.events.mu.Lock()
	waiting := session.events.bytes
	session.events.mu.Unlock()
	if waiting > maxEventBytes || !session.events.stalled() {
		t.Errorf("%d bytes wait", waiting)
	}
	close(stop)
	close(hold)
}

// Tiny messages cost more memory than bytes: they are bounded by number.
func TestFloodOfSmallThings(t *testing.T) {
	q, done := newQueue(), make(chan struct{})
	go func() {
		time.AfterFunc(100*time.Millisecond, func() { close(done) })
	}()
	many := protocol.Message{News: &protocol.News{Raws: make([][]byte, protocol.MaxPage)}}
	for q.push(done, many, protocol.MaxPage) {
	}
	if len(q.items) > maxEvents || q.bytes > maxEventBytes+perItem*protocol.MaxPage+protocol.MaxPage {
		t.Errorf("%d messages, %d bytes", len(q.items), q.bytes)
	}
}

// Tokens and tickets appear in no log line and no error.
func TestSecretsStayInside(t *testing.T) {
	var j journal
	failing := true
	var mu sync.Mutex
	r := clienttest.Start(t, clienttest.Options{
		Admit: func(protocol.Hello) *protocol.Failed {
			mu.Lock()
			defer mu.Unlock()
			if failing {
				failing = false
				return &protocol.Failed{Code: protocol.CodeToken}
			}
			return nil
		},
		Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
			return &protocol.Message{ID: m.ID, Failed: &protocol.Failed{Code: protocol.CodeAway}}
		},
	})
	c, s := started(t, r.Address, func(o *Options) { o.Log = j.logger() })
	session := s.session(t)
	_, err := session.Dial(t.Context(), wire.DeviceID{1})
	secret := [32]byte{0xaa, 0xbb, 0xcc, 0xdd}
	bad := New(Options{Signer: key.NewSigningKey(), Address: protocol.Address{Version: 1, URL: "wss://127.0.0.1:1", Token: r.Address.Token}})
	_, err2 := bad.DialCircuit(t.Context(), secret)
	conn, err3 := c.DialCircuit(t.Context(), secret)
	if err3 == nil {
		_, err3 = conn.Read(make([]byte, 1))
		conn.Close()
	}
	r.Drop()
	s.session(t)
	for _, text := range []string{j.String(), err.Error(), err2.Error(), err3.Error()} {
		for _, leak := range []string{string(r.Address.Token), wire.DeviceID(r.Address.Token).String()[4:20], "aabbccdd", "170 187 204"} {
			if strings.Contains(text, leak) {
				t.Errorf("a secret in %q", text)
			}
		}
	}
}

// A client that is stopped leaves nothing behind.
func TestNoGoroutinesLeft(t *testing.T) {
	r := clienttest.Start(t, clienttest.Options{})
	before := runtime.NumGoroutine()
	for range 20 {
		s := &seen{sessions: make(chan *Session, 10)}
		c := New(Options{Signer: key.NewSigningKey(), Address: r.Address, Events: s.events()})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { _ = c.Run(ctx); close(done) }()
		s.session(t)
		cancel()
		<-done
	}
	until(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before+10 })
}

func FuzzMessage(f *testing.F) {
	for _, m := range []protocol.Message{
		{Challenge: &protocol.Challenge{Version: 1}}, {ID: 2, Ready: &protocol.Ready{Name: "x"}}, {ID: 2, Failed: &protocol.Failed{Code: "busy"}},
		{News: &protocol.News{Raws: [][]byte{{1}}, Next: []byte{2}}}, {ID: 2, Page: &protocol.Page{Raws: [][]byte{{}, {}}, More: true}},
		{ID: 2, AccessList: &protocol.AccessList{Entries: []protocol.Entry{{Rights: 1}}}}, {ID: 3, Done: &protocol.Done{}},
		{ID: 2, Stored: &protocol.Stored{Refused: []protocol.Refusal{{Code: "gap"}}}}, {Bye: &protocol.Bye{WithinMS: 4_000_000_000}},
		{Incoming: &protocol.Incoming{}}, {Presence: &protocol.Presence{Here: []wire.DeviceID{{1}}}}, {ID: 2, Servers: &protocol.Servers{URLs: []string{"stun:x"}}},
	} {
		f.Add(wire.MustEncode(m))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parse(raw)
		if err != nil {
			if !errors.Is(err, ErrProtocol) {
				t.Errorf("%v", err)
			}
			return
		}
		if contents(&m) != 1 || beyond(&m) != "" {
			t.Error("taken although it breaks the rules")
		}
		// What is taken changes nothing but what waits for it.
		s := &Session{c: New(Options{Signer: key.NewSigningKey()}), events: newQueue(), done: make(chan struct{}),
			waiting: map[uint64]*request{}, givenUp: map[uint64]bool{}}
		close(s.done)
		r := &request{id: 2, sent: true, answer: make(chan protocol.Message, 1)}
		s.waiting[2] = r
		if m.ID != 0 {
			if err := s.answered(m); (err == nil) != (m.ID == 2) || len(r.answer) == 1 != (m.ID == 2) {
				t.Errorf("an answer to %d: %v", m.ID, err)
			}
		} else if m.Bye == nil {
			_ = s.unasked(m, len(raw))
		}
	})
}
