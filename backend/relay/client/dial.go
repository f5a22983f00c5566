package client

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	dialWithin   = 15 * time.Second
	maxHeaders   = 16 << 10
	keepAlive    = 20 * time.Second
	bulkProgress = 4 << 10
)

// counted notes when a connection last showed life.
type counted struct {
	net.Conn
	heard atomic.Int64 // Unix nanoseconds of the last read
	moved atomic.Int64 // and of the last larger write that the line took
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if n >= bulkProgress { // smaller ones fit into buffers of a dead line for long
		c.moved.Store(time.Now().UnixNano())
	}
	return n, err
}

// aliveSince reports a sign of life after a moment.
func (c *counted) aliveSince(t time.Time) bool {
	return max(c.heard.Load(), c.moved.Load()) >= t.UnixNano()
}

// open makes a WebSocket to a path of the relay.
func (c *Client) open(ctx context.Context, path string) (*websocket.Conn, *counted, error) {
	raw := make(chan *counted, 1)
	transport, err := c.transport(raw)
	if err != nil {
		return nil, nil, err
	}
	ws, resp, err := websocket.Dial(ctx, c.opt.Address.URL+path, &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		CompressionMode: websocket.CompressionDisabled,
	})
	var conn *counted
	select {
	case conn = <-raw:
	default:
	}
	switch {
	case err == nil:
		return ws, conn, nil
	case ctx.Err() != nil:
		return nil, nil, fmt.Errorf("dial relay: %w", ctx.Err())
	case resp != nil && resp.StatusCode != http.StatusSwitchingProtocols:
		return nil, nil, fmt.Errorf("dial relay: %w", errStatus(resp.StatusCode))
	}
	return nil, nil, fmt.Errorf("dial relay: %w", proxied(err))
}

// proxied marks an error of the way to a proxy.
func proxied(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return fmt.Errorf("%w: %w", errProxy, err)
	}
	return err
}

// transport is for one connection, which it puts into raw.
func (c *Client) transport(raw chan<- *counted) (*http.Transport, error) {
	address := c.opt.Address
	if err := address.Check(); err != nil {
		return nil, err
	}
	way := &way{c: c, raw: raw, dialer: net.Dialer{Timeout: dialWithin, KeepAlive: keepAlive}}
	t := &http.Transport{
		DialContext:            way.dial,
		TLSClientConfig:        c.tlsConfig(),
		TLSHandshakeTimeout:    dialWithin,
		ResponseHeaderTimeout:  dialWithin,
		MaxResponseHeaderBytes: maxHeaders,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 carries WebSockets
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%w: HTTP status %d", errProxy, res.StatusCode)
			}
			return nil
		},
	}
	if strings.HasPrefix(address.URL, "wss:") && c.opt.Proxy != nil {
		t.Proxy = way.proxy
	}
	return t, nil
}

// way is how one connection goes; its methods are called one after the other.
type way struct {
	c      *Client
	raw    chan<- *counted
	dialer net.Dialer
	sealed string // the "host:port" of a proxy that speaks TLS itself
}

// proxy picks the proxy. One that speaks TLS is shown to http.Transport as one
// that does not, and dial speaks it: the relay's pin is not for the proxy.
func (w *way) proxy(r *http.Request) (*url.URL, error) {
	u, err := w.c.opt.Proxy(r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: it is not told which", errProxy) // what was told may hold a password
	case u == nil || u.Scheme != "https":
		return u, nil
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	w.sealed = net.JoinHostPort(u.Hostname(), port)
	return &url.URL{Scheme: "http", Host: w.sealed, User: u.User}, nil
}

func (w *way) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := w.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tune(tcp)
	}
	line := &counted{Conn: conn}
	line.heard.Store(time.Now().UnixNano())
	select {
	case w.raw <- line:
	default: // a second try of the transport: the first one failed
	}
	if addr != w.sealed {
		return line, nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	sealed := tls.Client(line, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: w.c.opt.RootCAs})
	if err := sealed.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return sealed, nil
}

// tlsConfig checks the relay's certificate: by its pin where there is one, and
// then by nothing else, since a relay that made its own has no authority and
// may have forgotten its dates.
func (c *Client) tlsConfig() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: c.opt.RootCAs}
	pin := c.opt.Address.Pin
	if pin == [32]byte{} {
		return config
	}
	config.InsecureSkipVerify = true //nolint:gosec // VerifyConnection holds the pin against it
	config.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errPin
		}
		sum := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
		if subtle.ConstantTimeCompare(sum[:], pin[:]) != 1 {
			return errPin
		}
		return nil
	}
	return config
}
