package relay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"roundtable/app/config"
	"roundtable/backend/durable"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
)

// Hosted is a relay inside a desktop.
type Hosted struct {
	// Folder in the profile. It keeps the store, the certificate and the token.
	Folder string
	// Listen is "host:port"; port 0 takes a free one.
	Listen string
	// PublicHost is how devices reach it, HOST or HOST:PORT; "": this machine's address.
	PublicHost string
	Log        *slog.Logger
}

// Running is a hosted relay.
type Running struct {
	r       *running
	tenant  engine.Tenant
	token   []byte
	pin     [32]byte
	options Hosted
}

const (
	officeFile  = "office.token"
	officeName  = "office"
	hostedDrain = 2 * time.Second
)

// Start runs a relay until Close. It has one organisation, the office, without
// a quota. Errors: errcode.ProfileInUse, errcode.DiskFull, *net.OpError of "listen".
func Start(ctx context.Context, h Hosted) (*Running, error) {
	if err := os.MkdirAll(h.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("host relay: %w", err)
	}
	own, err := ownCertificate(h.Folder)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return nil, fmt.Errorf("host relay: %w", err)
	}
	r, err := begin(ctx, store{engine: sqliteEngine, folder: h.Folder, log: h.Log}, h.Listen, own.config, server.Options{
		Version: config.Version(), Log: h.Log, MetricsElsewhere: true, // nobody watches a desktop
		Turn: &server.TurnOptions{Listen: net.JoinHostPort(host, "3478"), Host: bareHost(h.PublicHost), Relay: net.ParseIP(reachable(h.Listen)).To4()},
	})
	if err != nil {
		return nil, fmt.Errorf("host relay: %w", err)
	}
	out := &Running{r: r, pin: own.pin, options: h}
	if err := out.admit(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("host relay: %w", err), r.close())
	}
	return out, nil
}

// admit reads the office's token, or makes one. The file is written before the
// record, so that a token is never admitted that nobody knows.
func (r *Running) admit(ctx context.Context) error {
	path := filepath.Join(r.options.Folder, officeFile)
	token, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		token = server.NewToken()
		err = durable.Write(path, 0o600, token)
	}
	if err != nil {
		return err
	}
	if len(token) != server.TokenSize {
		return errors.New("the office's token is damaged")
	}
	r.token, r.tenant = token, server.TenantOf(token)
	_, err = server.GetTenant(ctx, r.r.engine, r.tenant)
	if errors.Is(err, engine.ErrNotFound) {
		err = server.SetTenant(ctx, r.r.engine, server.Tenant{ID: r.tenant, Name: officeName, Created: time.Now()})
	}
	return err
}

// Address is what devices need to reach the relay and be admitted.
func (r *Running) Address() protocol.Address {
	return protocol.Address{Version: 1, URL: publicURL(r.options.PublicHost, r.options.Listen, r.r.port()), Pin: r.pin, Token: r.token}
}

// Addresses are those at which the relay can be reached in its networks, HOST:PORT.
func (r *Running) Addresses() (out []string) {
	host, _, err := net.SplitHostPort(r.options.Listen)
	if ip := net.ParseIP(host); err == nil && host != "" && (ip == nil || !ip.IsUnspecified()) {
		return []string{net.JoinHostPort(host, strconv.Itoa(r.r.port()))}
	}
	for _, a := range addresses() {
		out = append(out, net.JoinHostPort(a, strconv.Itoa(r.r.port())))
	}
	return out
}

// Port at which it listens.
func (r *Running) Port() int { return r.r.port() }

// Devices that are connected.
func (r *Running) Devices() int { return r.r.server.Devices() }

// StoredBytes for the office; 0 while the store cannot say.
func (r *Running) StoredBytes(ctx context.Context) int64 {
	usage, err := r.r.engine.Usage(ctx, r.tenant)
	if err != nil {
		return 0
	}
	return usage.Bytes
}

// Close asks the devices to go elsewhere and ends the relay.
func (r *Running) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), hostedDrain)
	defer cancel()
	r.r.server.Drain(ctx)
	return r.r.close()
}

// bareHost is a host without a port.
func bareHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}
