package lan

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/secure"
	"roundtable/backend/wire"
)

func victim(t *testing.T, l limits) *Node {
	t.Helper()
	n, err := Listen(t.Context(), Options{Signer: key.NewSigningKey(), Address: "127.0.0.1:0", limits: l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// noLink fails when the node took a link.
func noLink(t *testing.T, n *Node) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if l, err := n.Accept(ctx); err == nil {
		t.Errorf("a link to %v", l.Remote())
	}
}

// made is a certificate for public, signed by private.
func made(t *testing.T, public crypto.PublicKey, private, shown crypto.Signer) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: shown}
}

func ed(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// Everybody who does not prove a device key is turned away, with a reason.
func TestHandshakeRefused(t *testing.T) {
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	honest, other := ed(t), ed(t)
	good := made(t, honest.Public(), honest, honest)
	twice := tls.Certificate{Certificate: [][]byte{good.Certificate[0], good.Certificate[0]}, PrivateKey: honest}
	for name, change := range map[string]func(*tls.Config){
		"no certificate": func(c *tls.Config) { c.Certificates = nil },
		"an ECDSA key": func(c *tls.Config) {
			c.Certificates = []tls.Certificate{made(t, elliptical.Public(), elliptical, elliptical)}
		},
		"signed by another key": func(c *tls.Config) { c.Certificates = []tls.Certificate{made(t, honest.Public(), other, honest)} },
		"two certificates":      func(c *tls.Config) { c.Certificates = []tls.Certificate{twice} },
		"no protocol":           func(c *tls.Config) { c.NextProtos = nil },
		"another protocol":      func(c *tls.Config) { c.NextProtos = []string{"h2"} },
		"TLS 1.2":               func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
		"somebody else's certificate": func(c *tls.Config) { // shown, but the key is not held
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return &tls.Certificate{Certificate: good.Certificate, PrivateKey: other}, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := victim(t, limits{})
			c := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{secure.Protocol}, Certificates: []tls.Certificate{good}}
			change(c)
			conn, err := tls.Dial("tcp", n.Addresses()[0], c)
			if err == nil { // in TLS 1.3 the client learns of a refusal when it reads
				conn.SetDeadline(time.Now().Add(5 * time.Second))
				var answer [1]byte
				if _, err = io.ReadFull(conn, answer[:]); err == nil {
					t.Errorf("answered %d", answer[0])
				}
				conn.Close()
			}
			noLink(t, n)
		})
	}
	t.Run("a good one passes", func(t *testing.T) {
		n := victim(t, limits{})
		conn, err := tls.Dial("tcp", n.Addresses()[0], &tls.Config{InsecureSkipVerify: true, NextProtos: []string{secure.Protocol}, Certificates: []tls.Certificate{good}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		l, err := n.Accept(t.Context())
		if err != nil || l.Remote() != wire.DeviceID(honest.Public().(ed25519.PublicKey)) {
			t.Fatal(l, err)
		}
	})
}

// A listener that does not prove a key, or says no, gets no link out of a dial.
func TestDialRefused(t *testing.T) {
	honest := ed(t)
	good := made(t, honest.Public(), honest, honest)
	for name, c := range map[string]struct {
		serve func(net.Conn)
		want  error
	}{
		"not TLS": {func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n") }, link.ErrHandshake},
		"closes":  {func(net.Conn) {}, link.ErrHandshake},
		"endless": {func(c net.Conn) {
			junk := append([]byte{22, 3, 3, 0x3f, 0xff}, make([]byte, 0x3fff)...) // handshake records without end
			junk[5], junk[6], junk[7], junk[8] = 2, 0, 0xff, 0xff
			for {
				if _, err := c.Write(junk); err != nil {
					return
				}
			}
		}, link.ErrHandshake},
		"says no": {func(c net.Conn) {
			s := tls.Server(c, &tls.Config{NextProtos: []string{secure.Protocol}, Certificates: []tls.Certificate{good}, ClientAuth: tls.RequestClientCert})
			s.Write([]byte{0})
			s.Read(make([]byte, 1))
		}, link.ErrRefused},
		"says nothing": {func(c net.Conn) {
			s := tls.Server(c, &tls.Config{NextProtos: []string{secure.Protocol}, Certificates: []tls.Certificate{good}, ClientAuth: tls.RequestClientCert})
			s.Handshake()
			io.Copy(io.Discard, c)
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				if conn, err := listener.Accept(); err == nil {
					c.serve(conn)
					conn.Close()
				}
			}()
			waits, patience := c.want == context.DeadlineExceeded, time.Minute // a loaded machine is long at a handshake
			if waits {
				patience = 300 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err = victim(t, limits{time.Minute, 64, 16, 256}).Dial(ctx, listener.Addr().String(), wire.DeviceID{})
			if !errors.Is(err, c.want) && !(waits && ctx.Err() != nil && err != nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// silent dials without a word; ended gets one when the other side closes that connection.
func silent(t *testing.T, n *Node, ended chan<- error) {
	t.Helper()
	c, err := net.Dial("tcp", n.Addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		_, err := c.Read(make([]byte, 1))
		ended <- err
	}()
}

func ends(t *testing.T, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err == nil {
			t.Fatal("a silent connection is answered")
		}
	case <-time.After(time.Minute):
		t.Fatal("a silent connection stays open")
	}
}

// Connections that never finish their handshake are few.
func TestHalfOpenIsBounded(t *testing.T) {
	n := victim(t, limits{handshake: time.Hour, handshakes: 8, handshakesOne: 4, linksOne: 10})
	ended := make(chan error, 20)
	for range 20 {
		silent(t, n, ended)
	}
	for range 16 {
		ends(t, ended)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shaking != 4 || len(ended) > 0 {
		t.Errorf("%d wait for their handshake, and %d more were closed; 4 should wait", n.shaking, len(ended))
	}
}

// They are short-lived, too.
func TestHalfOpenEnds(t *testing.T) {
	n := victim(t, limits{handshake: 300 * time.Millisecond, handshakes: 8, handshakesOne: 4, linksOne: 10})
	ended := make(chan error, 4)
	for range 4 {
		silent(t, n, ended)
	}
	for range 4 {
		ends(t, ended)
	}
	honest, err := victim(t, limits{}), error(nil)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); { // a loaded machine may need more than its handshake's time
		if _, err = honest.Dial(t.Context(), n.Addresses()[0], n.identity.Self()); err == nil {
			return
		}
	}
	t.Errorf("afterwards an honest dial fails: %v", err)
}

func TestLinksOfOneAddressAreBounded(t *testing.T) {
	n := victim(t, limits{handshake: time.Minute, handshakes: 8, handshakesOne: 8, linksOne: 3})
	caller := victim(t, limits{})
	var links []link.Link
	for range 3 {
		l, err := caller.Dial(t.Context(), n.Addresses()[0], n.identity.Self())
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, l)
	}
	if _, err := caller.Dial(t.Context(), n.Addresses()[0], n.identity.Self()); !errors.Is(err, link.ErrRefused) {
		t.Errorf("a fourth link: %v", err)
	}
	links[0].Close()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := caller.Dial(t.Context(), n.Addresses()[0], n.identity.Self()); err == nil {
			return
		}
	}
	t.Error("no link although one was closed")
}

// The usual port is taken by the first; the second gets another one.
func TestPortFallback(t *testing.T) {
	x, err := Listen(t.Context(), Options{Signer: key.NewSigningKey()})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	y, err := Listen(t.Context(), Options{Signer: key.NewSigningKey()})
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	if x.Port() == y.Port() || len(x.Addresses()) == 0 || len(y.Addresses()) == 0 {
		t.Errorf("ports %d and %d, addresses %v", x.Port(), y.Port(), y.Addresses())
	}
}
