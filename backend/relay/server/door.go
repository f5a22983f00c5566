package server

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"roundtable/backend/relay/protocol"
)

// Handler serves devices at protocol.Path, circuits at protocol.CircuitPath,
// and /healthz, /metrics and a status page for people.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(protocol.Path, s.serveDevice)
	mux.HandleFunc(protocol.CircuitPath, s.serveCircuit)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	if !s.metricsElsewhere {
		mux.Handle("GET /metrics", s.Metrics())
	}
	mux.HandleFunc("GET /{$}", s.serveStatus)
	return mux
}

// serveDevice hands the connection to a goroutine of its own, so that nothing of
// HTTP stays in memory.
func (s *Server) serveDevice(w http.ResponseWriter, r *http.Request) {
	if sock := s.welcome(w, r); sock != nil {
		go s.newConn(sock).run(strings.Clone(r.Host))
	}
}

func (s *Server) serveCircuit(w http.ResponseWriter, r *http.Request) {
	if sock := s.welcome(w, r); sock != nil {
		go s.circuits.serve(sock)
	}
}

// welcome upgrades a request and counts it as running; nil: it was refused.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request) *socket {
	if !s.calledAs(r.Host) {
		http.Error(w, "this relay has another name", http.StatusMisdirectedRequest)
		return nil
	}
	if !s.begin() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "this relay is about to stop", http.StatusServiceUnavailable)
		return nil
	}
	sock, err := upgrade(w, r)
	if err != nil {
		s.running.Done()
		return nil
	}
	return sock
}

func (s *Server) calledAs(host string) bool {
	if len(s.hosts) == 0 {
		return true
	}
	for _, known := range s.hosts {
		if strings.EqualFold(known, host) || strings.EqualFold(known, bare(host)) {
			return true
		}
	}
	return false
}

// bare is a host without its port.
func bare(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// health is asked for by anybody, and asking writes: so its answer is kept for a moment.
type health struct {
	mu    sync.Mutex
	asked time.Time
	err   error
}

const healthFor = 2 * time.Second

func (h *health) of(ctx context.Context, s *Server) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := s.clock.Now(); now.Sub(h.asked) > healthFor {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.Asking)
		defer cancel()
		if h.asked, h.err = now, s.engine.Healthy(ctx); h.err != nil {
			s.log.Warn("not healthy", "error", h.err)
		}
	}
	return h.err
}

func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	draining := s.draining
	s.mu.RUnlock()
	err := s.health.of(r.Context(), s)
	if draining || err != nil {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // who asks notices
}

const statusPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%[1]s</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}dt{color:#666}dd{margin:0 0 .8rem}</style>
<h1>%[1]s</h1>
<p>A Roundtable relay: it keeps sealed messages for devices that are away, and cannot read them.</p>
<p lang="zh">圆桌中继：替离线设备保管密封的消息，自己读不懂其中的内容。</p>
<dl>
<dt>Version · <span lang="zh">版本</span><dd>%[2]s
<dt>Up since · <span lang="zh">启动于</span><dd>%[3]s
<dt>Devices connected · <span lang="zh">已连接设备</span><dd>%[4]d
<dt>STUN/TURN<dd>%[5]s
</dl>
`

func (s *Server) serveStatus(w http.ResponseWriter, _ *http.Request) {
	turn := "off · 未开启"
	if s.turn != nil {
		turn = "on · 已开启"
	}
	name := s.name
	if name == "" {
		name = "Roundtable relay 圆桌中继"
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintf(w, statusPage, html.EscapeString(name), html.EscapeString(s.version),
		s.started.UTC().Format(time.RFC3339), s.Devices(), turn) // who asks notices
}
