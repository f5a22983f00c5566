package clienttest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy is an HTTP proxy that lets CONNECT through for li with the password secret.
type Proxy struct {
	// Roots holds its certificate, when it speaks TLS.
	Roots *x509.CertPool

	scheme   string
	listener net.Listener
	connects atomic.Int64
}

// StartProxy serves until the test ends, over TLS when it is sealed.
func StartProxy(t testing.TB, isSealed bool) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, scheme: "http"}
	if isSealed {
		cert, leaf := certificate(t, time.Time{})
		p.scheme, p.Roots = "https", x509.NewCertPool()
		p.Roots.AddCert(leaf)
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 30 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// URL names the proxy with a person's credentials.
func (p *Proxy) URL(user, password string) *url.URL {
	return &url.URL{Scheme: p.scheme, Host: p.listener.Addr().String(), User: url.UserPassword(user, password)}
}

// Connects counts the connections that it let through.
func (p *Proxy) Connects() int { return int(p.connects.Load()) }

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("li:secret"))
	if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != want {
		w.Header().Set("Proxy-Authenticate", "Basic")
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	far, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = far.Close()
		return
	}
	p.connects.Add(1)
	_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(far, buffered)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
	_ = near.Close()
}
