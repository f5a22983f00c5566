package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"roundtable/app/config"
	"roundtable/backend/errcode"
	"roundtable/backend/relay/engine"
)

// One process at a time has a folder's store open. While that is a relay, the
// other commands ask it, through a socket in the folder, which only the relay's
// own user can reach.
const (
	controlFile = "control.sock"
	maxControl  = 64 << 10
)

// controlRequest is a command; what is printed for it is the answer.
type controlRequest struct {
	Command                  config.RelayCommand
	Name, Tenant, PublicHost string
	MaxGB, MaxDays           int
	Resume                   bool
}

// administer carries out a command that reads or writes records.
func administer(ctx context.Context, c config.Relay, e engine.Engine, out io.Writer) error {
	switch c.Command {
	case config.RelayAdmit:
		return admit(ctx, c, e, c.Name, out)
	case config.RelayList:
		return list(ctx, e, out)
	case config.RelaySuspend:
		return suspend(ctx, c, e)
	}
	return fmt.Errorf("%w: %q", config.ErrUsage, c.Command)
}

// control answers the operator until ctx ends. served is what the relay was
// started with: links are made for that.
func control(ctx context.Context, served config.Relay, e engine.Engine, log *slog.Logger) error {
	path := filepath.Join(served.Data, controlFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("open control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return fmt.Errorf("open control socket: %w", err)
	}
	plain(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q controlRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControl)).Decode(&q); err != nil {
			http.Error(w, "not a request", http.StatusBadRequest)
			return
		}
		c := served
		c.Command, c.Name, c.Tenant, c.MaxGB, c.MaxDays, c.Resume = q.Command, q.Name, q.Tenant, q.MaxGB, q.MaxDays, q.Resume
		if q.PublicHost != "" {
			c.PublicHost = q.PublicHost
		}
		var out bytes.Buffer
		if err := administer(r.Context(), c, e, &out); err != nil {
			log.Warn("the operator's command failed", "command", q.Command, "error", err)
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		_, _ = w.Write(out.Bytes()) // who asks notices
	}), log)
	return nil
}

// asked has a running relay carry out a command.
func asked(ctx context.Context, c config.Relay, stdout io.Writer) error {
	path := filepath.Join(c.Data, controlFile)
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}}}
	raw, err := json.Marshal(controlRequest{Command: c.Command, Name: c.Name, Tenant: c.Tenant, MaxGB: c.MaxGB, MaxDays: c.MaxDays,
		Resume: c.Resume, PublicHost: c.PublicHost})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://relay/", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the running relay: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("ask the running relay: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the running relay: %s", bytes.TrimSpace(answer))
	}
	_, err = stdout.Write(answer)
	return err
}

// manage is admit, list and suspend, whether a relay runs or not.
func manage(ctx context.Context, c config.Relay, stdout io.Writer, log *slog.Logger) (err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make relay folder: %w", err)
	}
	if c.Engine == sqliteEngine {
		l, err := lock(c.Data)
		if errors.Is(err, errcode.ProfileInUse) {
			return asked(ctx, c, stdout)
		}
		if err != nil {
			return err
		}
		defer l.Close() // it goes with the process
	}
	e, err := storeOf(c, log).open(ctx, engine.Options{})
	if err != nil {
		return err
	}
	return errors.Join(administer(ctx, c, e, stdout), e.Close())
}
