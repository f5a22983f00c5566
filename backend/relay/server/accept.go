package server

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// greeting is the GUID of RFC 6455.
const greeting = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// upgrade turns a request into a socket. What it answers when it refuses has
// been written. Nothing of the request is kept.
func upgrade(w http.ResponseWriter, r *http.Request) (*socket, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	raw, err := base64.StdEncoding.DecodeString(key)
	switch {
	case r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1) || !has(r, "Connection", "upgrade") || !has(r, "Upgrade", "websocket"):
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "a WebSocket is spoken here", http.StatusUpgradeRequired)
		return nil, errFraming
	case r.Header.Get("Sec-WebSocket-Version") != "13" || err != nil || len(raw) != 16:
		w.Header().Set("Sec-WebSocket-Version", "13")
		http.Error(w, "not RFC 6455", http.StatusBadRequest)
		return nil, errFraming
	case r.Header.Get("Origin") != "":
		http.Error(w, "no page talks to a relay", http.StatusForbidden)
		return nil, errFraming
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "no connection", http.StatusInternalServerError)
		return nil, errors.New("upgrade: the connection cannot be taken over")
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		return nil, fmt.Errorf("upgrade: %w", err)
	}
	sum := sha1.Sum([]byte(key + greeting))
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"
	err = conn.SetDeadline(time.Now().Add(helloWrite))
	if buffered.Reader.Buffered() > 0 {
		err = errFraming // it spoke before it was answered
	}
	if err == nil {
		_, err = conn.Write([]byte(answer))
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("upgrade: %w", err), conn.Close())
	}
	return &socket{Conn: conn}, nil
}

const helloWrite = 10 * time.Second

func has(r *http.Request, name, token string) bool {
	for _, line := range r.Header.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// Serve answers on a listener until the server is closed or the listener is.
// Without a TLS configuration it speaks in the clear, for loopback and tests.
func (s *Server) Serve(l net.Listener, config *tls.Config) error {
	guarded := net.Listener(&doorway{Listener: l, s: s})
	if config != nil {
		config = config.Clone()
		// WebSockets are HTTP/1.1; tickets would only make the greeting longer.
		config.NextProtos = append([]string{"http/1.1"}, without(config.NextProtos, "h2", "http/1.1")...)
		config.SessionTicketsDisabled = true
		config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
		guarded = tls.NewListener(guarded, config)
	}
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	stop := context.AfterFunc(s.life, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(guarded); !errors.Is(err, http.ErrServerClosed) && s.life.Err() == nil {
		return fmt.Errorf("serve relay: %w", err)
	}
	return nil
}

func without(list []string, out ...string) (kept []string) {
next:
	for _, v := range list {
		for _, o := range out {
			if v == o {
				continue next
			}
		}
		kept = append(kept, v)
	}
	return kept
}

// doorway refuses connections before they cost a handshake.
type doorway struct {
	net.Listener
	s *Server
}

func (d *doorway) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := addressOf(conn)
		if !d.s.entrance.enter(address, d.s.clock.Now()) {
			d.s.meter.refused.Inc()
			_ = conn.Close() // nobody was promised anything
			continue
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetKeepAlive(false) // the wheel pings
		}
		return &guest{Conn: conn, entrance: d.s.entrance, address: address}, nil
	}
}

// guest is a connection that counts against its address until its device has
// proven a key, and against the whole until it is closed.
type guest struct {
	net.Conn
	entrance *entrance
	address  string
	mu       sync.Mutex
	proven   bool
	closed   bool
}

func (g *guest) prove() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.proven {
		g.proven = true
		g.entrance.proven(g.address)
		g.address = ""
	}
}

// Close may be called twice.
func (g *guest) Close() error {
	g.prove()
	g.mu.Lock()
	first := !g.closed
	g.closed = true
	g.mu.Unlock()
	if first {
		g.entrance.left()
	}
	return g.Conn.Close()
}

// proven finds the guest below TLS.
func proven(conn net.Conn) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if g, ok := conn.(*guest); ok {
		g.prove()
	}
}

// addressOf is what connections are counted by: an IPv4 address, or the /64 of an IPv6 one.
func addressOf(conn net.Conn) string {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	if v4 := tcp.IP.To4(); v4 != nil {
		return string(v4)
	}
	if len(tcp.IP) == net.IPv6len {
		return string(tcp.IP[:8])
	}
	return ""
}
