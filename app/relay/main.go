package relay

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"roundtable/app/config"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
)

// Main runs roundtable-relay and gives its exit code.
func Main(arguments []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := config.ParseRelay("roundtable-relay", arguments, stdout)
	if err == nil && !c.Help {
		err = command(ctx, c, stdout, slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: c.LogLevel})))
	}
	if err == nil {
		return config.ExitOK
	}
	_, exit := config.Sentence(config.English, err) // its sentences are about desktops
	fmt.Fprintf(stderr, "roundtable-relay: %v\n", err)
	return exit
}

func command(ctx context.Context, c config.Relay, stdout io.Writer, log *slog.Logger) error {
	switch c.Command {
	case config.RelayServe:
		return serve(ctx, c, stdout, log)
	case config.RelayVersion:
		_, err := fmt.Fprintln(stdout, config.Version())
		return err
	case config.RelayMove:
		return moveAll(ctx, c, stdout, log)
	}
	return manage(ctx, c, stdout, log)
}

func storeOf(c config.Relay, log *slog.Logger) store {
	return store{engine: c.Engine, folder: c.Data, replicas: c.Replicas, log: log}
}

// serve runs a relay until it is asked to stop.
func serve(ctx context.Context, c config.Relay, stdout io.Writer, log *slog.Logger) (err error) {
	debug.SetGCPercent(gcPercent)
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make relay folder: %w", err)
	}
	cert, err := certificateFor(c)
	if err != nil {
		return err
	}
	o := server.Options{Name: c.Name, Version: config.Version(), Log: log, Hosts: hosts(c), MetricsElsewhere: c.MetricsListen != "", Turn: turnOf(c)}
	r, err := begin(ctx, storeOf(c, log), c.Listen, cert.config, o)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "listen" {
			err = fmt.Errorf("%w: %w", config.ErrListen, err)
		}
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		c.Listen = net.JoinHostPort(host, strconv.Itoa(r.port())) // port 0 took a free one: links name it
	}
	if err := besides(ctx, c, cert, r, log); err != nil {
		return err
	}
	tenants, err := server.ListTenants(ctx, r.engine)
	if err != nil {
		return err
	}
	if len(tenants) == 0 {
		if err := admit(ctx, c, r.engine, "default", stdout); err != nil {
			return err
		}
	}
	log.Info("ready", "listen", r.listener.Addr().String(), "turn", r.server.Turn(), "organisations", max(1, len(tenants)), "pid", os.Getpid())
	<-ctx.Done()
	drain, cancel := context.WithTimeout(context.Background(), c.Drain)
	defer cancel()
	r.server.Drain(drain)
	return nil
}

// gcPercent trades a little processor time for memory, which is what devices cost here.
const gcPercent = 50

// besides starts what is served beside devices: the operator, metrics, ACME's challenge.
func besides(ctx context.Context, c config.Relay, cert shown, r *running, log *slog.Logger) error {
	if c.Engine == sqliteEngine {
		if err := control(ctx, c, r.engine, log); err != nil {
			return err
		}
	}
	if c.MetricsListen != "" {
		l, err := net.Listen("tcp", c.MetricsListen)
		if err != nil {
			return fmt.Errorf("%w: %w", config.ErrListen, err)
		}
		plain(ctx, l, r.server.Metrics(), log)
	}
	if cert.acme != nil && c.ACMEListen != "" {
		return answerAuthority(ctx, cert.acme, c.ACMEListen, log)
	}
	return nil
}

// hosts are the names that devices may have dialled: any, unless the relay knows its own.
func hosts(c config.Relay) []string {
	public := bareHost(publicHost(c))
	if public == "" {
		return nil
	}
	return append([]string{public, "localhost", "127.0.0.1", "::1"}, addresses()...)
}

func publicHost(c config.Relay) string {
	if c.PublicHost == "" {
		return c.ACME
	}
	return c.PublicHost
}

func turnOf(c config.Relay) *server.TurnOptions {
	if c.TurnListen == "off" {
		return nil
	}
	return &server.TurnOptions{Listen: c.TurnListen, Host: bareHost(publicHost(c)), Relay: net.ParseIP(c.TurnRelay).To4(), AllowPrivate: c.TurnAllowPrivate}
}

// admit makes an organisation and prints its link, the only place where its token is.
func admit(ctx context.Context, c config.Relay, records engine.Records, name string, stdout io.Writer) error {
	cert, err := certificateFor(c)
	if err != nil {
		return err
	}
	_, p, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("read --listen: %w", err)
	}
	port, err := strconv.Atoi(p)
	if err != nil {
		return fmt.Errorf("read --listen: %w", err)
	}
	address := protocol.Address{Version: 1, URL: publicURL(publicHost(c), c.Listen, port), Pin: cert.pin, Name: c.Name}
	token := server.NewToken()
	if address.Token = token; address.Check() != nil {
		return fmt.Errorf("admit: %w: %s", protocol.ErrLink, address.URL)
	}
	t := server.Tenant{ID: server.TenantOf(token), Name: name, MaxBytes: int64(c.MaxGB) << 30, MaxAge: time.Duration(c.MaxDays) * 24 * time.Hour, Created: time.Now()}
	if err := server.SetTenant(ctx, records, t); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The relay link of %s, for %s. It is a secret and shown only now:\n%s\n", name, address.URL, address.Link())
	return err
}

func list(ctx context.Context, e engine.Engine, stdout io.Writer) error {
	tenants, err := server.ListTenants(ctx, e)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		usage, err := e.Usage(ctx, t.ID)
		if err != nil {
			return fmt.Errorf("read usage: %w", err)
		}
		state := "admitted"
		if t.Suspended {
			state = "suspended"
		}
		if _, err := fmt.Fprintf(stdout, "%s\t%s\t%s\t%d bytes\t%d envelopes\t%d chunks\tmost %d bytes, %s\tsince %s\n", hex.EncodeToString(t.ID[:]), t.Name, state,
			usage.Bytes, usage.Envelopes, usage.Chunks, t.MaxBytes, t.MaxAge, t.Created.UTC().Format(time.DateOnly)); err != nil {
			return err
		}
	}
	return nil
}

func suspend(ctx context.Context, c config.Relay, records engine.Records) error {
	raw, err := hex.DecodeString(c.Tenant)
	if err != nil || len(raw) != len(engine.Tenant{}) {
		return fmt.Errorf("%w: not an organisation's ID", config.ErrUsage)
	}
	return server.SuspendTenant(ctx, records, engine.Tenant(raw), !c.Resume)
}
