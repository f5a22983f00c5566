package server_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

const patience = 2 * time.Minute

// rig is a relay over a real engine, behind TLS, on loopback.
type rig struct {
	t      testing.TB
	s      *server.Server
	e      engine.Engine
	folder string
	host   string
	name   string // that devices dial; "": host
	log    *lines
	token  []byte
}

// lines is a log that a test can read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newRig(t testing.TB, change func(*server.Options)) *rig {
	t.Helper()
	r := &rig{t: t, folder: t.TempDir(), log: &lines{}}
	o := server.Options{Name: "远山", Version: "test", Clock: clock.System{},
		Log: slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&o)
	}
	var err error
	if r.s, err = server.New(o); err != nil {
		t.Fatal(err)
	}
	if r.e, err = sqlite.Open(t.Context(), r.folder, r.s.Callbacks()); err != nil {
		t.Fatal(err)
	}
	if r.token, err = server.CreateTenant(t.Context(), r.e, server.Tenant{Name: "远山"}); err != nil {
		t.Fatal(err)
	}
	r.serve()
	t.Cleanup(func() {
		r.s.Close()
		if err := r.e.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// serve starts the server on its engine; whoever calls closes the server.
func (r *rig) serve() {
	t := r.t
	t.Helper()
	if err := r.s.Start(t.Context(), r.e); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.host = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- r.s.Serve(l, &tls.Config{Certificates: []tls.Certificate{certificate(t)}}) }()
	t.Cleanup(func() {
		r.s.Close()
		_ = l.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func certificate(t testing.TB) tls.Certificate {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

// device is a raw client: it says what a test wants, also what no honest one would.
type device struct {
	t    testing.TB
	r    *rig
	key  key.SigningKey
	ws   *websocket.Conn
	id   uint64
	ctx  context.Context
	news []protocol.Message // unasked, in order
	feed map[wire.SpaceID]envelope.Header
	head map[wire.SpaceID][32]byte
}

func (r *rig) device() *device {
	return &device{t: r.t, r: r, key: key.NewSigningKey(), ctx: r.t.Context(),
		feed: map[wire.SpaceID]envelope.Header{}, head: map[wire.SpaceID][32]byte{}}
}

func (d *device) name() wire.DeviceID { return d.key.Public() }

func (r *rig) dial(path string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "wss://"+r.host+path, &websocket.DialOptions{Host: r.name, HTTPClient: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(protocol.MaxMessage)
	r.t.Cleanup(func() { _ = ws.CloseNow() })
	return ws, nil
}

// connect proves the device with the rig's token and gives the relay's answer.
func (d *device) connect() protocol.Message {
	d.t.Helper()
	if d.r.name != "" {
		return d.connectAs(d.r.name, d.r.token)
	}
	return d.connectAs(d.r.host, d.r.token)
}

func (d *device) connectAs(host string, token []byte) protocol.Message {
	d.t.Helper()
	d.open()
	c := d.next()
	if c.Challenge == nil {
		d.t.Fatalf("no challenge: %+v", c)
	}
	return d.hello(c.Challenge.Nonce, host, token)
}

func (d *device) open() {
	d.t.Helper()
	ws, err := d.r.dial(protocol.Path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.ws = ws
}

func (d *device) hello(nonce [32]byte, host string, token []byte) protocol.Message {
	d.t.Helper()
	signature, err := d.key.Sign(key.ContextRelayHello, protocol.HelloMessage(nonce, host, token))
	if err != nil {
		d.t.Fatal(err)
	}
	return d.ask(protocol.Message{Hello: &protocol.Hello{Device: d.name(), Host: host, Token: token, Signature: signature}})
}

func (d *device) say(m protocol.Message) error {
	ctx, cancel := context.WithTimeout(d.ctx, patience)
	defer cancel()
	return d.ws.Write(ctx, websocket.MessageBinary, wire.MustEncode(m))
}

func (d *device) hear() (m protocol.Message, err error) {
	ctx, cancel := context.WithTimeout(d.ctx, patience)
	defer cancel()
	_, raw, err := d.ws.Read(ctx)
	if err == nil {
		err = wire.Decode(raw, protocol.MaxMessage, &m)
	}
	return m, err
}

func (d *device) next() protocol.Message {
	d.t.Helper()
	m, err := d.hear()
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// ask sends a request and waits for its answer; what comes unasked is kept.
func (d *device) ask(m protocol.Message) protocol.Message {
	d.t.Helper()
	d.id++
	m.ID = d.id
	if err := d.say(m); err != nil {
		d.t.Fatal(err)
	}
	for {
		got := d.next()
		if got.ID == m.ID {
			return got
		}
		d.news = append(d.news, got)
	}
}

// unasked waits for something that the relay says by itself.
func (d *device) unasked(wanted func(protocol.Message) bool) protocol.Message {
	d.t.Helper()
	for {
		for i, m := range d.news {
			if wanted(m) {
				d.news = append(d.news[:i:i], d.news[i+1:]...)
				return m
			}
		}
		d.news = append(d.news, d.next())
	}
}

func (d *device) must(m protocol.Message) protocol.Message {
	d.t.Helper()
	got := d.ask(m)
	if got.Failed != nil {
		d.t.Fatalf("%+v: %s", m, got.Failed.Code)
	}
	return got
}

func (d *device) fails(code protocol.Code, m protocol.Message) {
	d.t.Helper()
	if got := d.ask(m); got.Failed == nil || got.Failed.Code != code {
		d.t.Errorf("want %s: %+v", code, got)
	}
}

// ended waits until the relay has closed the connection.
func (d *device) ended() {
	d.t.Helper()
	for {
		if _, err := d.hear(); err != nil {
			if d.ctx.Err() != nil || context.Cause(d.ctx) != nil {
				d.t.Fatal("still open")
			}
			return
		}
	}
}

// grants signs a change of a list after the last one that the device knows.
func (d *device) grants(space, workspace wire.SpaceID, set ...protocol.Entry) protocol.Message {
	d.t.Helper()
	list := d.must(protocol.Message{Access: &protocol.Access{Space: space}}).AccessList
	signed, err := protocol.Grant{Space: space, Workspace: workspace, Version: list.Version + 1, Prev: list.Head, By: d.name(), Set: set}.Sign(d.key)
	if err != nil {
		d.t.Fatal(err)
	}
	return protocol.Message{Grant: &signed}
}

func with(d *device, rights protocol.Rights) protocol.Entry {
	return protocol.Entry{Device: d.name(), Rights: rights}
}

const all = protocol.RightUse | protocol.RightAdd | protocol.RightManage

// writes makes the next envelopes of the device's feed in a space.
func (d *device) writes(space wire.SpaceID, bodies ...string) (raws [][]byte) {
	d.t.Helper()
	h := d.feed[space]
	h.Space, h.Feed = space, envelope.Feed{Device: d.name(), Start: 1, Lane: envelope.Content}
	for _, body := range bodies {
		h.Seq++
		e, err := envelope.Seal(h, []byte(body), d.key)
		if err != nil {
			d.t.Fatal(err)
		}
		h.Prev = e.ID
		raws = append(raws, e.Raw)
	}
	d.feed[space] = h
	return raws
}

func (d *device) publishes(space wire.SpaceID, bodies ...string) *protocol.Stored {
	d.t.Helper()
	return d.must(protocol.Message{Publish: &protocol.Publish{Space: space, Raws: d.writes(space, bodies...)}}).Stored
}

func isNews(m protocol.Message) bool   { return m.News != nil && !m.News.Behind }
func isListed(m protocol.Message) bool { return m.Listed != nil }

// office is a workspace with two devices, the first of which made it.
func (r *rig) office() (boss, clerk *device, space wire.SpaceID) {
	r.t.Helper()
	boss, clerk, space = r.device(), r.device(), wire.SpaceID(wire.Random(32))
	boss.connect()
	boss.must(boss.grants(space, space, with(boss, all), with(clerk, protocol.RightUse)))
	clerk.connect()
	return boss, clerk, space
}
