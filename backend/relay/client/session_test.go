package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/key"
	"roundtable/backend/relay/client/clienttest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// answering serves requests with a function.
func answering(t *testing.T, answer func(m protocol.Message) protocol.Message) *Session {
	t.Helper()
	r := clienttest.Start(t, clienttest.Options{Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
		out := answer(m)
		out.ID = m.ID
		return &out
	}})
	_, s := started(t, r.Address, nil)
	return s.session(t)
}

func TestRequests(t *testing.T) {
	ctx := t.Context()
	space, device, hash := wire.SpaceID{7}, wire.DeviceID{8}, key.Digest([]byte("chunk"))
	var last protocol.Message
	s := answering(t, func(m protocol.Message) protocol.Message {
		last = m
		switch {
		case m.Subscribe != nil:
			return protocol.Message{Position: &protocol.Position{End: []byte("e")}}
		case m.Read != nil:
			return protocol.Message{Page: &protocol.Page{Raws: [][]byte{{1}}, Next: []byte("n"), More: true}}
		case m.Publish != nil:
			return protocol.Message{Stored: &protocol.Stored{Heads: []protocol.Head{{Seq: 3}}}}
		case m.Has != nil:
			return protocol.Message{Flags: &protocol.Flags{Flags: []bool{true}}}
		case m.Get != nil:
			return protocol.Message{Chunk: &protocol.Chunk{Bytes: []byte("chunk")}}
		case m.Watch != nil:
			return protocol.Message{Presence: &protocol.Presence{Here: []wire.DeviceID{device}}}
		case m.Hosts != nil:
			return protocol.Message{HostList: &protocol.HostList{Devices: []wire.DeviceID{device}}}
		case m.Dial != nil:
			return protocol.Message{Ticket: &protocol.Ticket{Secret: hash}}
		case m.Turn != nil:
			return protocol.Message{Servers: &protocol.Servers{URLs: []string{"stun:x"}}}
		case m.Heads != nil && m.Heads.Sum == [16]byte{1}:
			return protocol.Message{HeadList: &protocol.HeadList{Same: true}}
		case m.Heads != nil:
			return protocol.Message{HeadList: &protocol.HeadList{Heads: []protocol.Head{{Seq: uint64(m.Heads.Page) + 1}}, More: m.Heads.Page < 2}}
		case m.Access != nil && m.Access.Sum == [16]byte{1}:
			return protocol.Message{AccessList: &protocol.AccessList{Version: 2, Same: true}}
		case m.Access != nil:
			return protocol.Message{AccessList: &protocol.AccessList{Version: 2, Entries: []protocol.Entry{{Device: wire.DeviceID{byte(m.Access.Page)}}}, More: m.Access.Page < 2}}
		case m.Spaces != nil:
			id := m.Spaces.After
			id[0]++
			return protocol.Message{SpaceList: &protocol.SpaceList{Spaces: []wire.SpaceID{id}, More: id[0] < 3}}
		}
		return protocol.Message{Done: &protocol.Done{}}
	})
	for what, f := range map[string]func() (any, error){
		"{[101]}":       func() (any, error) { return s.Subscribe(ctx, space) },
		"<nil>":         func() (any, error) { return nil, s.Unsubscribe(ctx, space) },
		"{[[1]] [110] ": func() (any, error) { return s.Read(ctx, protocol.Read{Space: space}) },
		"1 of 3": func() (any, error) {
			st, err := s.Publish(ctx, protocol.Publish{})
			return fmt.Sprintf("%d of %d", len(st.Heads), st.Heads[0].Seq), err
		},
		"[true]": func() (any, error) { return s.Has(ctx, space, [][32]byte{hash}) },
		"<nil> ": func() (any, error) { return nil, s.Put(ctx, space, hash, []byte("chunk")) },
		"chunk":  func() (any, error) { b, err := s.Get(ctx, space, hash); return string(b), err },
		"here 1": func() (any, error) {
			p, err := s.Watch(ctx, []wire.DeviceID{device})
			return fmt.Sprint("here ", len(p.Here)), err
		},
		"hosts 1": func() (any, error) { p, err := s.Hosts(ctx, space); return fmt.Sprint("hosts ", len(p)), err },
		"ticket true": func() (any, error) {
			p, err := s.Dial(ctx, device)
			return fmt.Sprint("ticket ", p.Secret == hash), err
		},
		"{[stun:x]": func() (any, error) { return s.Turn(ctx) },
		"true 0": func() (any, error) {
			same, h, err := s.Heads(ctx, space, [16]byte{1})
			return fmt.Sprint(same, len(h)), err
		},
		"false 3": func() (any, error) {
			same, h, err := s.Heads(ctx, space, [16]byte{})
			return fmt.Sprint(same, len(h)), err
		},
		"same true": func() (any, error) {
			l, err := s.Access(ctx, space, [16]byte{1})
			return fmt.Sprint("same ", l.Same), err
		},
		"3 entries": func() (any, error) {
			l, err := s.Access(ctx, space, [16]byte{})
			return fmt.Sprint(len(l.Entries), " entries"), err
		},
		"3 spaces": func() (any, error) { l, err := s.Spaces(ctx); return fmt.Sprint(len(l), " spaces"), err },
		"<nil>  ":  func() (any, error) { return nil, s.Grant(ctx, protocol.Signed{}) },
	} {
		got, err := f()
		if text := fmt.Sprint(got); err != nil || !strings.HasPrefix(text, strings.TrimRight(what, " ")) {
			t.Errorf("%q: %v, %v", what, got, err)
		}
	}
	if err := s.Frame(ctx, protocol.Frame{Space: space, Bytes: make([]byte, protocol.MaxFrame+1)}); !errors.Is(err, wire.ErrTooLarge) {
		t.Error(err)
	}
	if _, err := s.Publish(ctx, protocol.Publish{Raws: [][]byte{make([]byte, protocol.MaxMessage)}}); !errors.Is(err, wire.ErrTooLarge) {
		t.Error(err)
	}
	if _, err := s.Turn(ctx); err != nil || last.Turn == nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestFailedIsAnError(t *testing.T) {
	s := answering(t, func(protocol.Message) protocol.Message {
		return protocol.Message{Failed: &protocol.Failed{Code: protocol.CodeStale, RetryMS: 5}}
	})
	var f protocol.Failed
	if err := s.Grant(t.Context(), protocol.Signed{}); !errors.As(err, &f) || f.Code != protocol.CodeStale || f.RetryMS != 5 {
		t.Error(err)
	}
}

// A list that changes between two pages is read anew.
func TestAccessChangesMeanwhile(t *testing.T) {
	var asked atomic.Int64
	s := answering(t, func(m protocol.Message) protocol.Message {
		version := uint64(1)
		if asked.Add(1) > 1 {
			version = 2
		}
		return protocol.Message{AccessList: &protocol.AccessList{Version: version, Entries: []protocol.Entry{{}}, More: m.Access.Page == 0}}
	})
	l, err := s.Access(t.Context(), wire.SpaceID{}, [16]byte{})
	if err != nil || l.Version != 2 || len(l.Entries) != 2 || asked.Load() != 4 {
		t.Errorf("%+v, %v, asked %d times", l, err, asked.Load())
	}
}

// Large messages go in pieces and arrive whole, many at a time.
func TestManyAtOnce(t *testing.T) {
	s := answering(t, func(m protocol.Message) protocol.Message {
		if m.Put != nil && key.Digest(m.Put.Bytes) != m.Put.Hash {
			return protocol.Message{Failed: &protocol.Failed{Code: protocol.CodeMalformed}}
		}
		if m.Has != nil {
			return protocol.Message{Flags: &protocol.Flags{Flags: make([]bool, len(m.Has.Hashes))}}
		}
		return protocol.Message{Done: &protocol.Done{}}
	})
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			chunk := bytes.Repeat([]byte{byte(i), 1, 2, 3, 4}, 10_000*(i%20)+1)
			if err := s.Put(t.Context(), wire.SpaceID{}, key.Digest(chunk), chunk); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if flags, err := s.Has(t.Context(), wire.SpaceID{}, make([][32]byte, i)); err != nil || len(flags) != i {
				t.Error(len(flags), err)
			}
		})
	}
	wg.Wait()
}

// Who stops waiting harms nobody, whether the answer comes late or never.
func TestGivenUp(t *testing.T) {
	answer := make(chan struct{})
	s := answering(t, func(m protocol.Message) protocol.Message {
		if m.Turn != nil {
			return protocol.Message{Servers: &protocol.Servers{}}
		}
		<-answer
		return protocol.Message{Done: &protocol.Done{}}
	})
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := s.Unsubscribe(ctx, wire.SpaceID{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		cancel()
	}
	close(answer)
	if _, err := s.Turn(t.Context()); err != nil {
		t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.givenUp)+len(s.waiting) > 0 {
		t.Errorf("%d given up, %d waiting", len(s.givenUp), len(s.waiting))
	}
}

// forwarder is a line that can go dead without a word.
type forwarder struct {
	net.Listener
	dead atomic.Bool
}

func forward(t *testing.T, to string) *forwarder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &forwarder{Listener: l}
	t.Cleanup(func() { l.Close() })
	carry := func(to, from net.Conn) {
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			if err != nil {
				to.Close()
				return
			}
			if !f.dead.Load() {
				to.Write(buf[:n])
			}
		}
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			t.Cleanup(func() { near.Close(); far.Close() })
			go carry(near, far)
			go carry(far, near)
		}
	}()
	return f
}

func TestDeadLineIsNoticed(t *testing.T) {
	for name, poked := range map[string]bool{"by pings": false, "when the network changed": true} {
		t.Run(name, func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{})
			f := forward(t, strings.TrimPrefix(r.Address.URL, "wss://"))
			address := r.Address
			address.URL = "wss://" + f.Addr().String()
			c, s := started(t, address, func(o *Options) {
				if !poked {
					o.limits.ping = 100 * time.Millisecond
				}
				o.limits.pong = 3 * time.Second
			})
			session := s.session(t)
			until(t, "a round trip", func() bool { return c.State().RoundTrip > 0 })
			if poked {
				c.NetworkChanged() // alive: nothing happens
			}
			select {
			case <-session.Done():
				t.Fatal("a line that lives is given up:", session.cause)
			case <-time.After(400 * time.Millisecond):
			}
			f.dead.Store(true)
			if poked {
				c.NetworkChanged()
			}
			select {
			case <-session.Done():
			case <-time.After(2 * time.Minute):
				t.Fatal("not noticed")
			}
			if !errors.Is(session.cause, errSilent) {
				t.Error(session.cause)
			}
			f.dead.Store(false)
			s.session(t)
		})
	}
}

// The pauses grow to a minute, are told, and are cut short on request.
func TestPauses(t *testing.T) {
	var code atomic.Value
	code.Store(protocol.Failed{Code: protocol.CodeBusy})
	r := clienttest.Start(t, clienttest.Options{Admit: func(protocol.Hello) *protocol.Failed {
		f := code.Load().(protocol.Failed)
		if f.Code == "" {
			return nil
		}
		return &f
	}})
	fake := clock.NewFake(time.Unix(1_800_000_000, 0))
	c, s := started(t, r.Address, func(o *Options) { o.Clock, o.limits = fake, defaults() })
	wait := func() time.Duration {
		until(t, "a pause", func() bool { return !c.State().NextTry.IsZero() })
		return c.State().NextTry.Sub(fake.Now())
	}
	next := func(d time.Duration) {
		n := r.Hellos()
		for end := time.Now().Add(2 * time.Minute); r.Hellos() == n && time.Now().Before(end); {
			fake.Advance(d) // again, when it was not waiting yet
			time.Sleep(time.Millisecond)
			d = 0
			if st := c.State(); !st.NextTry.IsZero() {
				d = max(st.NextTry.Sub(fake.Now()), 0)
			}
		}
	}
	for i := range 12 {
		want := min(250*time.Millisecond<<i, time.Minute)
		got := wait()
		if got < want/2 || got > want {
			t.Errorf("pause %d is %v, want %v to %v", i, got, want/2, want)
		}
		next(got)
	}
	wait()
	code.Store(protocol.Failed{Code: protocol.CodeBusy, RetryMS: 120_000})
	c.Retry()
	until(t, "the relay's own wish", func() bool { return c.State().NextTry.Sub(fake.Now()) >= 2*time.Minute })
	code.Store(protocol.Failed{})
	c.NetworkChanged()
	s.session(t)
}

// After a goodbye a device stays until its moment, and comes back then.
func TestBye(t *testing.T) {
	for name, dropped := range map[string]bool{"the relay stays": false, "the relay goes": true} {
		t.Run(name, func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{Answer: func(_ wire.DeviceID, m protocol.Message) *protocol.Message {
				return &protocol.Message{ID: m.ID, Servers: &protocol.Servers{}}
			}})
			fake := clock.NewFake(time.Unix(1_800_000_000, 0))
			c, s := started(t, r.Address, func(o *Options) { o.Clock = fake })
			session := s.session(t)
			self := c.opt.Signer.Public()
			until(t, "connected", func() bool { return r.Connected(self) })
			for range 2 {
				if err := r.Tell(self, protocol.Message{Bye: &protocol.Bye{WithinMS: 600_000}}); err != nil {
					t.Fatal(err)
				}
			}
			until(t, "the goodbye", func() bool { _, ok := session.leaveAt(); return ok })
			if _, err := session.Turn(t.Context()); err != nil {
				t.Error("it stays until its moment:", err)
			}
			if dropped {
				r.Drop()
				until(t, "it waits", func() bool { return !c.State().NextTry.IsZero() })
			}
			if hellos := r.Hellos(); hellos != 1 {
				t.Errorf("%d greetings before its moment", hellos)
			}
			until(t, "it comes back", func() bool { fake.Advance(10 * time.Minute); return r.Hellos() == 2 })
			s.session(t)
		})
	}
}

// A circuit carries bytes both ways and closes at once; a ticket works once.
func TestCircuit(t *testing.T) {
	r := clienttest.Start(t, clienttest.Options{})
	incoming := make(chan protocol.Incoming, 1)
	b, bs := started(t, r.Address, func(o *Options) { o.Events.Incoming = func(in protocol.Incoming) { incoming <- in } })
	a, as := started(t, r.Address, nil)
	session := as.session(t)
	bs.session(t)
	until(t, "connected", func() bool { return r.Connected(b.opt.Signer.Public()) })
	ticket, err := session.Dial(t.Context(), b.opt.Signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	in := <-incoming
	if in.From != a.opt.Signer.Public() {
		t.Errorf("from %v", in.From)
	}
	x, err := a.DialCircuit(t.Context(), ticket.Secret)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	big := bytes.Repeat([]byte("0123456789"), 50_000)
	go x.Write(big) // before the other end is there
	y, err := b.DialCircuit(t.Context(), in.Secret)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(big))
	if _, err := io.ReadFull(y, got); err != nil || !bytes.Equal(got, big) {
		t.Fatal(err)
	}
	if x.RemoteAddr().String() != r.Address.Host() || x.LocalAddr() == nil {
		t.Errorf("%v", x.RemoteAddr())
	}
	begun := time.Now()
	y.Close()
	if _, err := x.Read(make([]byte, 1)); err == nil || time.Since(begun) > 4*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	again, err := a.DialCircuit(t.Context(), ticket.Secret)
	if err == nil {
		_, err = again.Read(make([]byte, 1))
		again.Close()
	}
	if err == nil {
		t.Error("a ticket works twice")
	}
}
