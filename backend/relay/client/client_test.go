package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/relay/client/clienttest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// hurried are times for tests: long where a loaded machine must not matter.
func hurried() limits {
	l := defaults()
	l.first, l.longest, l.refused, l.refusedMax = 5*time.Millisecond, 50*time.Millisecond, 5*time.Millisecond, 50*time.Millisecond
	return l
}

// seen is what a client told of.
type seen struct {
	mu       sync.Mutex
	log      []string
	news     []protocol.News
	sessions chan *Session
}

func (s *seen) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, what)
}

func (s *seen) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.log...)
}

func (s *seen) events() Events {
	return Events{
		Up: func(session *Session) { s.note("up"); s.sessions <- session }, Down: func() { s.note("down") },
		News:     func(n protocol.News) { s.note("news"); s.mu.Lock(); s.news = append(s.news, n); s.mu.Unlock() },
		Listed:   func(protocol.Listed) { s.note("listed") },
		Frame:    func(protocol.Frame) { s.note("frame") },
		Presence: func(protocol.Presence) { s.note("presence") },
		Incoming: func(protocol.Incoming) { s.note("incoming") },
	}
}

// started runs a client until the test ends.
func started(t *testing.T, a protocol.Address, change func(*Options)) (*Client, *seen) {
	t.Helper()
	s := &seen{sessions: make(chan *Session, 1000)}
	o := Options{Signer: key.NewSigningKey(), Address: a, Events: s.events(), limits: hurried()}
	if change != nil {
		change(&o)
	}
	c := New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(2 * time.Minute):
			t.Error("Run does not end")
		}
	})
	return c, s
}

func (s *seen) session(t *testing.T) *Session {
	t.Helper()
	select {
	case session := <-s.sessions:
		return session
	case <-time.After(2 * time.Minute):
		t.Fatal("no session")
		return nil
	}
}

// until polls; a loaded machine is given time.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("never: " + what)
}

func TestConnects(t *testing.T) {
	for name, plain := range map[string]bool{"tls": false, "plain": true} {
		t.Run(name, func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{Plain: plain})
			c, s := started(t, r.Address, nil)
			session := s.session(t)
			until(t, "connected", func() bool { return c.State().Phase == Connected })
			st := c.State()
			if st.Store != (protocol.StoreID{1}) || st.Name != "test" || st.Code != "" || st.RoundTrip <= 0 || c.Session() != session {
				t.Errorf("%+v", st)
			}
			r.Drop()
			again := s.session(t)
			if again == session || !errors.Is(refuses(session), ErrNotConnected) {
				t.Error("a session that ended goes on")
			}
		})
	}
}

// refuses is what a session says to a request.
func refuses(s *Session) error {
	_, err := s.Turn(context.Background())
	return err
}

func TestCertificates(t *testing.T) {
	expired := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		notAfter time.Time
		change   func(*clienttest.Relay, *protocol.Address, *Options)
		want     errcode.Code
	}{
		"pinned":             {time.Time{}, func(*clienttest.Relay, *protocol.Address, *Options) {}, ""},
		"pinned and expired": {expired, func(*clienttest.Relay, *protocol.Address, *Options) {}, ""},
		"another pin":        {time.Time{}, func(_ *clienttest.Relay, a *protocol.Address, _ *Options) { a.Pin[5] ^= 1 }, errcode.RelayCertificate},
		"no authority":       {time.Time{}, func(_ *clienttest.Relay, a *protocol.Address, _ *Options) { a.Pin = [32]byte{} }, errcode.RelayCertificate},
		"an authority": {time.Time{}, func(r *clienttest.Relay, a *protocol.Address, o *Options) {
			a.Pin, o.RootCAs = [32]byte{}, r.Roots
		}, ""},
		"an authority and expired": {expired, func(r *clienttest.Relay, a *protocol.Address, o *Options) {
			a.Pin, o.RootCAs = [32]byte{}, r.Roots
		}, errcode.RelayCertificate},
	} {
		t.Run(name, func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{NotAfter: c.notAfter})
			cl, s := started(t, r.Address, func(o *Options) { c.change(r, &o.Address, o) })
			if c.want == "" {
				s.session(t)
				return
			}
			until(t, "refused", func() bool { return cl.State().Code == c.want })
			if st := cl.State(); st.Phase != Unreachable || r.Hellos() > 0 {
				t.Errorf("%+v, %d hellos", st, r.Hellos())
			}
		})
	}
}

// What the relay says at the door becomes a reason for people.
func TestRefusals(t *testing.T) {
	for code, want := range map[protocol.Code]struct {
		phase Phase
		code  errcode.Code
	}{
		protocol.CodeToken:   {Refused, errcode.RelayToken},
		protocol.CodeBusy:    {Refused, errcode.RelayBusy},
		protocol.CodeTooFast: {Refused, errcode.RelayBusy},
		protocol.CodeQuota:   {Refused, errcode.RelayFull},
		protocol.CodeProof:   {Refused, errcode.RelayUnreachable},
	} {
		t.Run(string(code), func(t *testing.T) {
			r := clienttest.Start(t, clienttest.Options{Admit: func(protocol.Hello) *protocol.Failed { return &protocol.Failed{Code: code} }})
			c, _ := started(t, r.Address, nil)
			until(t, "a reason", func() bool { return c.State().Phase == want.phase && c.State().Code == want.code })
			until(t, "it goes on trying", func() bool { return r.Hellos() > 2 })
		})
	}
	t.Run("nobody", func(t *testing.T) {
		a := clienttest.Start(t, clienttest.Options{}).Address
		a.URL = "wss://127.0.0.1:1"
		c, _ := started(t, a, nil)
		until(t, "a reason", func() bool { return c.State().Phase == Unreachable && c.State().Code == errcode.RelayUnreachable })
		until(t, "the next try is told", func() bool { return !c.State().NextTry.IsZero() })
	})
	t.Run("an address that is none", func(t *testing.T) {
		c, _ := started(t, protocol.Address{Version: 1, URL: "http://x"}, nil)
		until(t, "a reason", func() bool { return c.State().Phase == Unreachable })
	})
}

func TestProxy(t *testing.T) {
	r := clienttest.Start(t, clienttest.Options{})
	proxy := clienttest.StartProxy(t, false)
	through := func(u *url.URL) func(*http.Request) (*url.URL, error) {
		return func(q *http.Request) (*url.URL, error) {
			if q.URL.Scheme != "https" {
				t.Errorf("asked for a proxy for %s", q.URL.Scheme)
			}
			return u, nil
		}
	}
	t.Run("connects", func(t *testing.T) {
		c, s := started(t, r.Address, func(o *Options) { o.Proxy = through(proxy.URL("li", "secret")) })
		s.session(t)
		if n := proxy.Connects(); n != 1 {
			t.Errorf("%d connections through the proxy", n)
		}
		if st := c.State(); st.Phase != Connected {
			t.Errorf("%+v", st)
		}
	})
	t.Run("over TLS", func(t *testing.T) { // the relay's pin is not the proxy's
		sealed := clienttest.StartProxy(t, true)
		_, s := started(t, r.Address, func(o *Options) { o.Proxy, o.RootCAs = through(sealed.URL("li", "secret")), sealed.Roots })
		s.session(t)
		if n := sealed.Connects(); n != 1 {
			t.Errorf("%d connections through the proxy", n)
		}
		c, _ := started(t, r.Address, func(o *Options) { o.Proxy = through(sealed.URL("li", "secret")) })
		until(t, "a proxy that nobody vouches for", func() bool { return c.State().Code == errcode.RelayProxy })
	})
	for name, u := range map[string]*url.URL{
		"wrong password": proxy.URL("li", "wrong"),
		"no proxy there": {Scheme: "http", Host: "127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := started(t, r.Address, func(o *Options) { o.Proxy = through(u) })
			until(t, "a reason", func() bool { return c.State().Code == errcode.RelayProxy })
		})
	}
	t.Run("cannot be told", func(t *testing.T) {
		c, _ := started(t, r.Address, func(o *Options) {
			o.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("no script") }
		})
		until(t, "a reason", func() bool { return c.State().Code == errcode.RelayProxy })
	})
	t.Run("not asked on loopback", func(t *testing.T) {
		plain := clienttest.Start(t, clienttest.Options{Plain: true})
		_, s := started(t, plain.Address, func(o *Options) { o.Proxy = through(nil) })
		s.session(t)
	})
}

func TestEventsInOrder(t *testing.T) {
	r := clienttest.Start(t, clienttest.Options{})
	c, s := started(t, r.Address, nil)
	s.session(t)
	self := c.opt.Signer.Public()
	until(t, "connected", func() bool { return r.Connected(self) })
	for _, m := range []protocol.Message{
		{News: &protocol.News{Space: wire.SpaceID{1}, Raws: [][]byte{[]byte("a")}}},
		{Listed: &protocol.Listed{Space: wire.SpaceID{1}, Rights: protocol.RightUse}},
		{Frame: &protocol.Frame{Bytes: []byte("x")}},
		{Presence: &protocol.Presence{Here: []wire.DeviceID{{1}}}},
		{Incoming: &protocol.Incoming{From: wire.DeviceID{1}}},
	} {
		if err := r.Tell(self, m); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all told", func() bool { return len(s.all()) == 6 })
	r.Drop()
	until(t, "up again", func() bool { return len(s.all()) == 8 })
	want := []string{"up", "news", "listed", "frame", "presence", "incoming", "down", "up"}
	for i, got := range s.all() {
		if got != want[i] {
			t.Fatalf("%v, want %v", s.all(), want)
		}
	}
}
