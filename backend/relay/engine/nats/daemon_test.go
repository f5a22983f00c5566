package nats

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	cryptorand "crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"roundtable/backend/relay/protocol"
)

// daemon is a relay process, started again when it ends, as a service manager does.
type daemon struct {
	t       *testing.T
	name    string
	program string
	args    []string
	log     string
	mu      sync.Mutex
	cmd     *exec.Cmd
	wanted  bool
	fell    int // ended by itself
}

func (d *daemon) start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = true
	d.run()
}

// run starts the process; the lock is held.
func (d *daemon) run() {
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Errorf("open log: %v", err)
		return
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(d.program, d.args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		d.t.Errorf("start %s: %v", d.name, err)
		return
	}
	d.cmd = cmd
	go func() {
		_ = cmd.Wait()
		<-time.After(200 * time.Millisecond)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.wanted && d.cmd == cmd {
			d.fell++
			d.run()
		}
	}()
}

// kill is kill -9.
func (d *daemon) kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = false
	if d.cmd != nil {
		_ = d.cmd.Process.Kill()
	}
	d.cmd = nil
}

// build makes the relays and starts them.
func (w *town) build() (addresses []protocol.Address) {
	t := w.t
	folder := t.TempDir()
	program := filepath.Join(folder, "roundtable-relay.exe") // the ending is for Windows, others do not mind
	if out, err := exec.Command("go", "build", "-o", program, "roundtable/app/cmd/relay").CombinedOutput(); err != nil {
		t.Fatalf("build relay: %v\n%s", err, out)
	}
	cert, private := pair(t, folder)
	for i := range 2 {
		at := freeAddress(t)
		d := &daemon{t: t, name: fmt.Sprintf("relay %d", i), program: program, log: filepath.Join(folder, fmt.Sprintf("relay%d.log", i))}
		d.args = []string{"serve", "--engine", w.c.url, "--replicas", "3", "--cert", cert, "--key", private, "--pin-cert", "--public-host", at,
			"--listen", at, "--data", filepath.Join(folder, fmt.Sprintf("data%d", i)), "--turn-listen", "off", "--log-level", "warn"}
		w.relays = append(w.relays, d)
		addresses = append(addresses, protocol.Address{URL: "wss://" + at})
	}
	t.Cleanup(func() {
		for _, d := range w.relays {
			d.kill()
			if text, err := os.ReadFile(d.log); err == nil && t.Failed() {
				t.Logf("%s:\n%s", d.name, text[max(0, len(text)-8<<10):])
			}
		}
	})
	link := w.admit(program, w.relays[0].args[1:16], filepath.Join(folder, "operator"))
	for i := range addresses {
		url := addresses[i].URL
		addresses[i] = link
		addresses[i].URL = url
		w.relays[i].start()
	}
	return addresses
}

// admit asks until the cluster stands.
func (w *town) admit(program string, flags []string, data string) protocol.Address {
	args := []string{"admit", "--name", "office"}
	for i, f := range flags {
		if i > 0 && flags[i-1] == "--data" {
			f = data
		}
		args = append(args, f)
	}
	for deadline := time.Now().Add(standstill); ; pause(w.t.Context(), time.Second) {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
		out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
		cancel()
		if err == nil {
			_, rest, _ := bytes.Cut(out, []byte(protocol.LinkPrefix))
			rest, _, _ = bytes.Cut(rest, []byte("\n")) // its log may follow
			a, err := protocol.ParseLink(protocol.LinkPrefix + string(rest))
			if err != nil {
				w.t.Fatal(err)
			}
			return a
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("admit: %v\n%s", err, out)
		}
	}
}

// pair is a certificate for this machine that nobody vouches for.
func pair(t testing.TB, folder string) (cert, private string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), cryptorand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(cryptorand.Reader, template, template, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, private = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, private: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, private
}
