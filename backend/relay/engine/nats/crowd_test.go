package nats

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
)

const (
	crowdGoal  = 30_000
	crowdWorks = 12 // devices of one process that connect at a time
	crowdFor   = 8 * time.Minute
	crowdIdle  = 20 * time.Second
)

// runCrowd connects devices, says how many stood, and keeps them until the parent
// is gone.
func runCrowd(args string) int {
	number, link, _ := strings.Cut(args, " ")
	want, err := strconv.Atoi(number)
	if err != nil {
		return 1
	}
	a, err := protocol.ParseLink(link)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	next := make(chan struct{}, want)
	for range want {
		next <- struct{}{}
	}
	close(next)
	var wg sync.WaitGroup
	for range crowdWorks {
		wg.Go(func() {
			for range next {
				up := make(chan *client.Session, 8)
				c := client.New(client.Options{Signer: key.NewSigningKey(), Address: a, Events: client.Events{Up: func(s *client.Session) { up <- s }}})
				go func() { _ = c.Run(context.Background()) }()
				<-up
			}
		})
	}
	wg.Wait()
	fmt.Println("up")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// crowdRelay is a process of roundtable-relay with half of the devices.
type crowdRelay struct {
	b       *testing.B
	cmd     *exec.Cmd
	metrics string
	address protocol.Address
}

// BenchmarkClusterCrowd has 30,000 idle devices, each a TLS socket with its own
// proven key, at two processes of roundtable-relay before one NATS server, and asks the
// relays how many there are: one process may not open so many files everywhere.
func BenchmarkClusterCrowd(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("reads /proc")
	}
	for b.Loop() {
		relays := crowdRelays(b)
		begun := time.Now()
		var crowds []*bufio.Reader
		for _, r := range relays {
			crowds = append(crowds, r.crowd(crowdGoal/len(relays)))
		}
		for _, c := range crowds {
			if line, err := c.ReadString('\n'); err != nil || line != "up\n" {
				b.Fatalf("a crowd stands not: %q %v", line, err)
			}
		}
		took := time.Since(begun)
		var connected, rss, cpu float64
		for deadline := time.Now().Add(time.Minute); ; <-time.After(100 * time.Millisecond) {
			connected = relays[0].metric("devices_connected") + relays[1].metric("devices_connected")
			if relays[0].metric("devices_elsewhere") == relays[1].metric("devices_connected") && relays[1].metric("devices_elsewhere") == relays[0].metric("devices_connected") {
				break // each knows where the other's are
			}
			if time.Now().After(deadline) {
				b.Fatal("the relays do not know each other's devices")
			}
		}
		<-time.After(5 * time.Second)
		for _, r := range relays {
			cpu -= r.metricAny("process_cpu_seconds_total")
		}
		<-time.After(crowdIdle)
		for _, r := range relays {
			cpu += r.metricAny("process_cpu_seconds_total")
			rss += r.metricAny("process_resident_memory_bytes")
		}
		b.ReportMetric(connected, "relay_cluster_devices_connected")
		b.ReportMetric(connected/took.Seconds(), "relay_cluster_connects_s")
		b.ReportMetric(rss/1e6, "relay_cluster_rss_mb")
		b.ReportMetric(100*cpu/crowdIdle.Seconds(), "relay_cluster_idle_cpu_percent")
	}
}

// crowdRelays builds the program and starts two.
func crowdRelays(b *testing.B) (all []*crowdRelay) {
	b.Helper()
	url, folder, token := serve(b), b.TempDir(), server.NewToken()
	e := openOn(b, url, engine.Options{})
	if err := server.SetTenant(b.Context(), e, server.Tenant{ID: server.TenantOf(token), Name: "crowd"}); err != nil {
		b.Fatal(err)
	}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(folder, "roundtable-relay")
	if out, err := exec.Command("go", "build", "-o", program, "roundtable/app/cmd/relay").CombinedOutput(); err != nil {
		b.Fatalf("build relay: %v\n%s", err, out)
	}
	cert, private := pair(b, folder)
	for i := range 2 {
		r := &crowdRelay{b: b, metrics: freeAddress(b)}
		at := freeAddress(b)
		r.address = protocol.Address{Version: 1, URL: "wss://" + at, Pin: pinOf(b, cert), Token: token}
		r.cmd = exec.Command(program, "serve", "--engine", url, "--cert", cert, "--key", private, "--pin-cert", "--public-host", at, "--listen", at,
			"--data", filepath.Join(folder, strconv.Itoa(i)), "--turn-listen", "off", "--metrics-listen", r.metrics, "--log-level", "warn")
		r.cmd.Stderr = os.Stderr
		if err := r.cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
		for deadline := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
			if _, err := r.text(); err == nil {
				break
			} else if time.Now().After(deadline) {
				b.Fatal(err)
			}
		}
		all = append(all, r)
	}
	return all
}

func pinOf(b *testing.B, file string) [32]byte {
	b.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		b.Fatal(err)
	}
	return sha256.Sum256(c.RawSubjectPublicKeyInfo)
}

// crowd starts a process with so many devices of this relay.
func (r *crowdRelay) crowd(devices int) *bufio.Reader {
	r.b.Helper()
	self, err := os.Executable()
	if err != nil {
		r.b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleCrowd+"="+strconv.Itoa(devices)+" "+r.address.Link())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		r.b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.b.Fatal(err)
	}
	late := time.AfterFunc(crowdFor, func() { _ = cmd.Process.Kill() })
	r.b.Cleanup(func() { late.Stop(); _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return bufio.NewReader(out)
}

func (r *crowdRelay) text() ([]byte, error) {
	res, err := http.Get("http://" + r.metrics + "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

func (r *crowdRelay) metric(name string) float64 { return r.metricAny("roundtable_relay_" + name) }

func (r *crowdRelay) metricAny(name string) float64 {
	r.b.Helper()
	text, err := r.text()
	if err != nil {
		r.b.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name+" ")); ok {
			v, err := strconv.ParseFloat(string(bytes.TrimSpace(rest)), 64)
			if err != nil {
				r.b.Fatal(err)
			}
			return v
		}
	}
	r.b.Fatalf("no metric %s", name)
	return 0
}
