package server_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/key"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// asRelay makes the test binary a relay: what it uses is measured from outside.
const asRelay = "ROUNDTABLE_TEST_AS_RELAY"

func TestMain(m *testing.M) {
	if folder := os.Getenv(asRelay); folder != "" {
		if err := beRelay(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beRelay serves until its input ends. A line of input has it collect garbage,
// as it would by itself in a quiet minute, and dump its memory where a path is given.
func beRelay(folder string) error {
	debug.SetGCPercent(50)
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return err
	}
	ctx := context.Background()
	s, err := server.New(server.Options{Clock: clock.System{}, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Limits: server.Limits{ConnectsPerIP: 20_000, UnprovenPerIP: 20_000}})
	if err != nil {
		return err
	}
	e, err := sqlite.Open(ctx, folder, s.Callbacks())
	if err != nil {
		return err
	}
	token, err := server.CreateTenant(ctx, e, server.Tenant{})
	if err != nil {
		return err
	}
	if err := s.Start(ctx, e); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = s.Serve(l, &tls.Config{Certificates: []tls.Certificate{certificate(&testing.B{})}}) }()
	fmt.Println(l.Addr(), hex.EncodeToString(token))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		runtime.GC()
		debug.FreeOSMemory()
		if path := in.Text(); path != "" {
			f, err := os.Create(path)
			if err != nil {
				return err
			}
			debug.WriteHeapDump(f.Fd())
			if err := f.Close(); err != nil {
				return err
			}
		}
		fmt.Println("collected", s.Devices(), runtime.NumGoroutine())
	}
	return nil
}

// light is a device that costs the measuring process little.
type light struct {
	key  key.SigningKey
	conn net.Conn
}

func (l *light) send(m protocol.Message) error {
	raw := wire.MustEncode(m)
	_, err := l.conn.Write(masked(raw))
	return err
}

func (l *light) receive() (m protocol.Message, err error) {
	raw, err := unframed(l.conn)
	if err == nil {
		err = wire.Decode(raw, protocol.MaxMessage, &m)
	}
	return m, err
}

func (l *light) connect(host string, token []byte) error {
	conn, err := tls.Dial("tcp", host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	l.conn = conn
	if _, err := fmt.Fprintf(conn, "GET /v1 HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
		host, base64.StdEncoding.EncodeToString(wire.Random(16))); err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, 16)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("upgrade: %w", err)
	}
	l.conn = buffered{conn, in}
	c, err := l.receive()
	if err != nil {
		return err
	}
	signature, err := l.key.Sign(key.ContextRelayHello, protocol.HelloMessage(c.Challenge.Nonce, host, token))
	if err != nil {
		return err
	}
	if err := l.send(protocol.Message{ID: 1, Hello: &protocol.Hello{Device: l.key.Public(), Host: host, Token: token, Signature: signature}}); err != nil {
		return err
	}
	if m, err := l.receive(); err != nil || m.Ready == nil {
		return fmt.Errorf("greeting: %+v %w", m.Failed, err)
	}
	return nil
}

func (l *light) ask(m protocol.Message) error {
	m.ID = 2
	if err := l.send(m); err != nil {
		return err
	}
	for {
		got, err := l.receive()
		if err != nil {
			return err
		}
		if got.Failed != nil {
			return *got.Failed
		}
		if got.ID == 2 {
			return nil
		}
	}
}

type buffered struct {
	net.Conn
	in *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.in.Read(p) }

// BenchmarkIdleDevices connects devices over TLS, each subscribed to its
// workspace, and reports what each costs the relay:
//
//	go test ./backend/relay/server -run '^$' -bench IdleDevices -benchtime 1x
func BenchmarkIdleDevices(b *testing.B) {
	n := 5000
	if text := os.Getenv("ROUNDTABLE_TEST_DEVICES"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	for range b.N {
		measureIdle(b, n)
	}
}

// relayProcess starts a relay of its own; collect has it collect garbage and
// dump its memory to a path.
func relayProcess(t testing.TB, folder string) (pid int, host string, token []byte, collect func(path string) string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asRelay+"="+folder)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = child.Wait()
	})
	said := bufio.NewScanner(out)
	said.Scan()
	host, hexed, _ := strings.Cut(said.Text(), " ")
	if token, err = hex.DecodeString(hexed); err != nil {
		t.Fatal(err)
	}
	return child.Process.Pid, host, token, func(path string) string {
		_, _ = in.Write([]byte(path + "\n"))
		said.Scan()
		return said.Text()
	}
}

func measureIdle(b *testing.B, n int) {
	pid, host, token, collect := relayProcess(b, b.TempDir())
	collect("")
	before := rss(b, pid)
	space := wire.SpaceID(wire.Random(32))
	devices := make([]*light, n)
	set := make([]protocol.Entry, 0, n)
	for i := range devices {
		devices[i] = &light{key: key.NewSigningKey()}
		set = append(set, protocol.Entry{Device: devices[i].key.Public(), Rights: all})
	}
	signed, err := protocol.Grant{Space: space, Workspace: space, Version: 1, By: devices[0].key.Public(), Set: set[:min(n, protocol.MaxEntries)]}.Sign(devices[0].key)
	if err != nil {
		b.Fatal(err)
	}
	if err := devices[0].connect(host, token); err != nil {
		b.Fatal(err)
	}
	if err := devices[0].ask(protocol.Message{Grant: &signed}); err != nil {
		b.Fatal(err)
	}
	started := time.Now()
	var wait sync.WaitGroup
	turn := make(chan struct{}, 32)
	for i := range devices {
		wait.Add(1)
		turn <- struct{}{}
		go func() {
			defer func() { <-turn; wait.Done() }()
			if i > 0 {
				if err := devices[i].connect(host, token); err != nil {
					b.Error(err)
					return
				}
			}
			if err := devices[i].ask(protocol.Message{Subscribe: &protocol.Subscribe{Space: space}}); err != nil {
				b.Error(err)
			}
		}()
	}
	wait.Wait()
	took := time.Since(started)
	peak := rss(b, pid)
	b.Log(collect(""))
	after := rss(b, pid)
	b.ReportMetric(float64(after-before)/float64(n), "KB/device")
	b.ReportMetric(float64(peak-before)/float64(n), "peak-KB/device")
	b.ReportMetric(float64(before)/1024, "idle-MB")
	b.ReportMetric(float64(n)/took.Seconds(), "connects/s")
	for _, d := range devices {
		if d.conn != nil {
			_ = d.conn.Close()
		}
	}
}

// rss is the resident memory of a process in KiB.
func rss(b *testing.B, pid int) int {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return n
}
