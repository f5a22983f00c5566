package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/nats"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/server"
)

// sqliteEngine is the name of the engine that lives in the data folder.
const sqliteEngine = "sqlite"

// store says which engine to open.
type store struct {
	engine, folder string
	replicas       int
	log            *slog.Logger
}

func (s store) open(ctx context.Context, o engine.Options) (engine.Engine, error) {
	if s.engine == sqliteEngine {
		e, err := sqlite.Open(ctx, s.folder, o)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	e, err := nats.Open(ctx, nats.Options{Options: o, URL: s.engine, Replicas: s.replicas, Log: s.log})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// join connects to the other processes before the same store; nil: the store is ours alone.
func (s store) join(ctx context.Context) (*nats.Bus, error) {
	if s.engine == sqliteEngine {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return nats.OpenBus(ctx, nats.BusOptions{URL: s.engine, Log: s.log})
}

// running is a relay with its engine, which serves.
type running struct {
	server   *server.Server
	engine   engine.Engine
	bus      *nats.Bus
	listener net.Listener
	lock     io.Closer
	served   chan error
}

// begin opens a relay and serves it. close ends it.
func begin(ctx context.Context, at store, listen string, tlsConfig *tls.Config, o server.Options) (_ *running, err error) {
	if err := os.MkdirAll(at.folder, 0o700); err != nil {
		return nil, fmt.Errorf("make relay folder: %w", err)
	}
	r := &running{served: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.undo())
		}
	}()
	if r.lock, err = lock(at.folder); err != nil {
		r.lock = nil
		return nil, err
	}
	if r.listener, err = net.Listen("tcp", listen); err != nil {
		return nil, err
	}
	if r.bus, err = at.join(ctx); err != nil {
		return nil, err
	}
	if o.Clock = (clock.System{}); r.bus != nil {
		o.Bus = r.bus
	}
	if r.server, err = server.New(o); err != nil {
		return nil, err
	}
	if r.engine, err = at.open(ctx, r.server.Callbacks()); err != nil {
		r.engine, r.server = nil, nil
		return nil, err
	}
	if err = r.server.Start(ctx, r.engine); err != nil {
		return nil, err
	}
	go func() { r.served <- r.server.Serve(r.listener, tlsConfig) }()
	return r, nil
}

// undo closes what is there, in reverse.
func (r *running) undo() (err error) {
	if r.server != nil {
		r.server.Close()
	}
	if r.listener != nil {
		if e := r.listener.Close(); e != nil && !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	if r.engine != nil {
		err = errors.Join(err, r.engine.Close())
	}
	if r.bus != nil {
		err = errors.Join(err, r.bus.Close())
	}
	if r.lock != nil {
		err = errors.Join(err, r.lock.Close())
	}
	return err
}

func (r *running) close() error {
	err := r.undo()
	return errors.Join(err, <-r.served)
}

func (r *running) port() int {
	if tcp, ok := r.listener.Addr().(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// publicURL is how devices are told to reach a relay.
func publicURL(public, listen string, port int) string {
	if _, _, err := net.SplitHostPort(public); err == nil {
		return "wss://" + strings.TrimSuffix(public, ":443")
	}
	if public == "" {
		public = reachable(listen)
	}
	public = strings.Trim(public, "[]")
	if port == 443 {
		if strings.Contains(public, ":") {
			public = "[" + public + "]"
		}
		return "wss://" + public
	}
	return "wss://" + net.JoinHostPort(public, strconv.Itoa(port))
}

// reachable guesses this machine's address: the one listened at, else the first
// of its interfaces that others can reach.
func reachable(listen string) string {
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" {
		if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
			return host
		}
	}
	if all := addresses(); len(all) > 0 {
		return all[0]
	}
	return "127.0.0.1"
}

// addresses of this machine that others can reach, IPv4 before IPv6.
func addresses() (out []string) {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var six []string
	for _, a := range found {
		n, ok := a.(*net.IPNet)
		if !ok || !n.IP.IsGlobalUnicast() {
			continue
		}
		if v4 := n.IP.To4(); v4 != nil {
			out = append(out, v4.String())
		} else {
			six = append(six, n.IP.String())
		}
	}
	return append(out, six...)
}
