package clienttest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// Options of a relay; the zero value is an honest one over TLS.
type Options struct {
	// Plain serves without TLS.
	Plain bool
	// NotAfter of its certificate; an hour from now when zero.
	NotAfter time.Time
	// Connect replaces everything that is done on a connection at protocol.Path.
	Connect func(ws *websocket.Conn, r *http.Request)
	// Admit judges a Hello; nil code admits.
	Admit func(h protocol.Hello) *protocol.Failed
	// Answer answers a request; nil: nothing is answered by it, the relay itself may know.
	Answer func(from wire.DeviceID, m protocol.Message) *protocol.Message
	// Splice replaces what is done with the two ends of a circuit; it owns both.
	Splice func(dialler, dialled net.Conn)
	// Deaf relays tell nobody of a Dial.
	Deaf bool
	// Misdirect names the device that is told of a Dial instead.
	Misdirect func(to wire.DeviceID) wire.DeviceID
}

// Relay is one.
type Relay struct {
	Address protocol.Address
	// Roots holds its certificate.
	Roots *x509.CertPool

	opt      Options
	t        testing.TB
	listener net.Listener
	server   *http.Server
	ctx      context.Context
	wg       sync.WaitGroup

	mu      sync.Mutex
	devices map[wire.DeviceID]*websocket.Conn
	tickets map[[32]byte]*pair
	dials   int
	hellos  int
}

// pair is a circuit that waits for its ends.
type pair struct {
	tickets [2][32]byte
	ends    [2]net.Conn
	done    chan struct{}
}

// Start serves until the test ends.
func Start(t testing.TB, o Options) *Relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{opt: o, t: t, devices: map[wire.DeviceID]*websocket.Conn{}, tickets: map[[32]byte]*pair{}, Roots: x509.NewCertPool()}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithCancel(context.Background())
	r.Address = protocol.Address{Version: 1, Token: key.NewSigningKey().Seed(), Name: "test"}
	if o.Plain {
		r.Address.URL = "ws://" + l.Addr().String()
	} else {
		r.Address.URL = "wss://" + l.Addr().String()
		cert, leaf := certificate(t, o.NotAfter)
		r.Roots.AddCert(leaf)
		r.Address.Pin = sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13})
	}
	r.listener = l
	mux := http.NewServeMux()
	mux.HandleFunc(protocol.Path, r.device)
	mux.HandleFunc(protocol.CircuitPath, r.circuit)
	quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	r.server = &http.Server{Handler: mux, ReadHeaderTimeout: 30 * time.Second, ErrorLog: quiet}
	r.wg.Go(func() { _ = r.server.Serve(l) })
	t.Cleanup(func() {
		cancel()
		_ = r.server.Close()
		r.Drop()
		r.wg.Wait()
	})
	return r
}

func certificate(t testing.TB, notAfter time.Time) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	if notAfter.IsZero() {
		notAfter = time.Now().Add(time.Hour)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, NotBefore: notAfter.Add(-2 * time.Hour), NotAfter: notAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, leaf
}

// Dials counts the requests for circuits.
func (r *Relay) Dials() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dials
}

// Hellos counts the greetings, good or bad.
func (r *Relay) Hellos() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hellos
}

// Connected reports whether a device is.
func (r *Relay) Connected(d wire.DeviceID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.devices[d] != nil
}

// Drop cuts all devices off.
func (r *Relay) Drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ws := range r.devices {
		_ = ws.CloseNow()
	}
}

// Tell sends a device something unasked.
func (r *Relay) Tell(d wire.DeviceID, m protocol.Message) error {
	r.mu.Lock()
	ws := r.devices[d]
	r.mu.Unlock()
	if ws == nil {
		return net.ErrClosed
	}
	return Send(r.ctx, ws, m)
}

// Send writes a message.
func Send(ctx context.Context, ws *websocket.Conn, m protocol.Message) error {
	return ws.Write(ctx, websocket.MessageBinary, wire.MustEncode(m))
}

// Receive reads one.
func Receive(ctx context.Context, ws *websocket.Conn) (m protocol.Message, err error) {
	_, raw, err := ws.Read(ctx)
	if err != nil {
		return m, err
	}
	return m, wire.Decode(raw, protocol.MaxMessage, &m)
}

func (r *Relay) accept(w http.ResponseWriter, req *http.Request) *websocket.Conn {
	ws, err := websocket.Accept(w, req, nil)
	if err != nil {
		return nil
	}
	ws.SetReadLimit(protocol.MaxMessage)
	return ws
}

// device serves protocol.Path.
func (r *Relay) device(w http.ResponseWriter, req *http.Request) {
	ws := r.accept(w, req)
	if ws == nil {
		return
	}
	defer ws.CloseNow()
	if r.opt.Connect != nil {
		r.opt.Connect(ws, req)
		return
	}
	device, ok := r.Greet(ws, req.Host)
	if !ok {
		return
	}
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.devices[device] == ws {
			delete(r.devices, device)
		}
	}()
	for {
		m, err := Receive(r.ctx, ws)
		if err != nil {
			return
		}
		if reply := r.answer(device, m); reply != nil {
			if err := Send(r.ctx, ws, *reply); err != nil {
				return
			}
		}
	}
}

// Greet has a device prove its key; Drop and Tell know it before it knows.
func (r *Relay) Greet(ws *websocket.Conn, host string) (device wire.DeviceID, ok bool) {
	c := protocol.Challenge{Version: protocol.Version, Nonce: [32]byte(wire.Random(32))}
	if Send(r.ctx, ws, protocol.Message{Challenge: &c}) != nil {
		return device, false
	}
	m, err := Receive(r.ctx, ws)
	if err != nil || m.Hello == nil {
		return device, false
	}
	r.mu.Lock()
	r.hellos++
	r.mu.Unlock()
	h := *m.Hello
	var failed *protocol.Failed
	switch {
	case key.Verify(h.Device, key.ContextRelayHello, protocol.HelloMessage(c.Nonce, host, h.Token), h.Signature) != nil:
		failed = &protocol.Failed{Code: protocol.CodeProof}
	case string(h.Token) != string(r.Address.Token):
		failed = &protocol.Failed{Code: protocol.CodeToken}
	case r.opt.Admit != nil:
		failed = r.opt.Admit(h)
	}
	if failed != nil {
		_ = Send(r.ctx, ws, protocol.Message{ID: m.ID, Failed: failed})
		_ = ws.Close(websocket.StatusPolicyViolation, "")
		return device, false
	}
	r.mu.Lock()
	r.devices[h.Device] = ws
	r.mu.Unlock()
	ready := protocol.Ready{Store: protocol.StoreID{1}, Name: "test", NowMS: time.Now().UnixMilli()}
	return h.Device, Send(r.ctx, ws, protocol.Message{ID: m.ID, Ready: &ready}) == nil
}

func (r *Relay) answer(from wire.DeviceID, m protocol.Message) *protocol.Message {
	if r.opt.Answer != nil {
		if reply := r.opt.Answer(from, m); reply != nil {
			return reply
		}
	}
	if m.Dial == nil {
		return nil
	}
	return r.dial(from, m)
}
