package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"roundtable/app/config"
	"roundtable/backend/errcode"
	"roundtable/backend/relay/protocol"
)

const patience = 2 * time.Minute

// healthy asks a relay as its link says: with the pin, and nothing else.
func healthy(t *testing.T, a protocol.Address) error {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo) != a.Pin {
				return errors.New("another pin")
			}
			return nil
		}}}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+a.Host()+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err == nil {
		err = res.Body.Close()
	}
	if err == nil && res.StatusCode != http.StatusOK {
		err = errors.New(res.Status)
	}
	return err
}

func TestADesktopHostsARelay(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "relay")
	h := Hosted{Folder: folder, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)}
	r, err := Start(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Address()
	if err := first.Check(); err != nil || r.Devices() != 0 || r.Port() == 0 || len(r.Addresses()) != 1 {
		t.Errorf("%v %d", err, r.Devices())
	}
	if err := healthy(t, first); err != nil {
		t.Error(err)
	}
	if _, err := Start(t.Context(), h); !errors.Is(err, errcode.ProfileInUse) {
		t.Errorf("twice: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for _, name := range []string{ownFile, officeFile} {
			if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name, info, err)
			}
		}
	}
	// The same relay afterwards: the same certificate and token, at a port of its own again.
	again, err := Start(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	second := again.Address()
	if second.Pin != first.Pin || !bytes.Equal(second.Token, first.Token) {
		t.Error("another relay after a restart")
	}
	if err := healthy(t, second); err != nil {
		t.Error(err)
	}
	taken := h
	taken.Folder, taken.Listen = t.TempDir(), again.Address().Host()
	var op *net.OpError
	if _, err := Start(t.Context(), taken); !errors.As(err, &op) || op.Op != "listen" {
		t.Errorf("a port that is taken: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// program is one run of roundtable-relay serve.
func program(t *testing.T, c config.Relay) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var out bytes.Buffer
	go func() { ended <- serve(ctx, c, &out, slog.New(slog.DiscardHandler)) }()
	until := time.Now().Add(patience)
	for {
		if _, err := os.Stat(filepath.Join(c.Data, controlFile)); err == nil {
			break
		}
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(until) {
			t.Fatal("it does not come up")
		}
	}
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestAnOperatorRunsARelay(t *testing.T) {
	folder, err := os.MkdirTemp("", "relay") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := config.Relay{Command: config.RelayServe, Data: folder, Engine: sqliteEngine, Listen: listen, TurnListen: "off", Drain: time.Second}
	stop := program(t, c)
	run := func(c config.Relay) string {
		t.Helper()
		var out bytes.Buffer
		if err := command(t.Context(), c, &out, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, serving := range []bool{true, false} {
		if !serving {
			stop()
		}
		c.Command, c.Name = config.RelayAdmit, "远山"
		text := run(c)
		a, err := protocol.ParseLink(text[strings.Index(text, protocol.LinkPrefix):])
		if err != nil || a.Host() != listen {
			t.Errorf("%+v %v", a.URL, err)
		}
		if err := healthy(t, a); (err == nil) != serving {
			t.Errorf("serving %v: %v", serving, err)
		}
	}
	c.Command = config.RelayList
	text := run(c)
	if strings.Count(text, "远山\tadmitted") != 2 || !strings.Contains(text, "default\tadmitted") {
		t.Error(text)
	}
	c.Command, c.Tenant = config.RelaySuspend, strings.Fields(text)[0]
	run(c)
	to := filepath.Join(t.TempDir(), "new")
	run(config.Relay{Command: config.RelayMove, From: folder, To: to, Data: folder})
	if moved := run(config.Relay{Command: config.RelayList, Data: to, Engine: sqliteEngine}); strings.Count(moved, "suspended") != 1 || strings.Count(moved, "\n") != 3 {
		t.Error(moved)
	}
}

func TestPublicURLs(t *testing.T) {
	for _, c := range []struct {
		public, listen string
		port           int
		want           string
	}{
		{"relay.example", ":47820", 47820, "wss://relay.example:47820"},
		{"relay.example", ":443", 443, "wss://relay.example"},
		{"relay.example:443", ":47820", 47820, "wss://relay.example"},
		{"relay.example:8443", ":47820", 47820, "wss://relay.example:8443"},
		{"192.0.2.7", ":47820", 47820, "wss://192.0.2.7:47820"},
		{"2001:db8::1", ":443", 443, "wss://[2001:db8::1]"},
		{"", "192.0.2.7:1", 1, "wss://192.0.2.7:1"},
	} {
		if got := publicURL(c.public, c.listen, c.port); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
