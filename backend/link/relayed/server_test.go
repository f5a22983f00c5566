package relayed

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"testing"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/linktest"
	"roundtable/backend/relay/engine/sqlite"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// office is a real relay and its address.
type office struct {
	*server.Server
	address protocol.Address
}

func relay(t *testing.T) office {
	t.Helper()
	s, err := server.New(server.Options{Name: "office", Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := sqlite.Open(t.Context(), t.TempDir(), s.Callbacks())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	token, err := server.CreateTenant(t.Context(), e, server.Tenant{Name: "office", Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = s.Serve(l, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}})
		close(done)
	}()
	t.Cleanup(func() {
		s.Close()
		l.Close()
		<-done
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return office{s, protocol.Address{
		Version: 1, URL: "wss://" + l.Addr().String(), Pin: sha256.Sum256(leaf.RawSubjectPublicKeyInfo), Token: token,
	}}
}

// admits lists devices, so that they are no visitors any more.
func (o office) admits(t *testing.T, by *placed, signer key.Signer, others ...*placed) wire.SpaceID {
	t.Helper()
	space := wire.SpaceID(wire.Random(32))
	all := protocol.RightUse | protocol.RightAdd | protocol.RightManage
	g := protocol.Grant{Space: space, Workspace: space, Version: 1, By: signer.Public(), Set: []protocol.Entry{{Device: signer.Public(), Rights: all}}}
	for _, p := range others {
		g.Set = append(g.Set, protocol.Entry{Device: p.self, Rights: all})
	}
	signed, err := g.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := by.client.Session().Grant(t.Context(), signed); err != nil {
		t.Fatal(err)
	}
	return space
}

// left waits after Close until the relay has noticed.
type left struct {
	*placed
	relay office
}

func (l left) Close() error {
	before := l.relay.Devices()
	connected := l.client.Session() != nil
	err := l.placed.Close()
	if connected {
		for end := time.Now().Add(2 * time.Minute); l.relay.Devices() >= before && time.Now().Before(end); time.Sleep(time.Millisecond) {
		}
	}
	return err
}

// The same suite through the relay that ships.
func TestThroughTheRelay(t *testing.T) {
	linktest.Run(t, func(t *testing.T) (a, b link.Node) {
		o := relay(t)
		first := key.NewSigningKey()
		x, y := at(t, o.address, first, limits{}), at(t, o.address, key.NewSigningKey(), limits{})
		o.admits(t, x, first, y)
		return left{placed: x, relay: o}, left{placed: y, relay: o}
	})
}

// A newcomer dials whom the relay names as a host, and nobody else.
func TestNewcomer(t *testing.T) {
	o := relay(t)
	first := key.NewSigningKey()
	host, other := at(t, o.address, first, limits{}), at(t, o.address, key.NewSigningKey(), limits{})
	workspace := o.admits(t, host, first, other)
	guest := at(t, o.address, key.NewSigningKey(), limits{})
	if !guest.client.Session().Ready().Visitor {
		t.Fatal("not a visitor")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := guest.Dial(ctx, host.addr, wire.DeviceID{}); !errors.Is(err, link.ErrRefused) {
		t.Errorf("dialled before it asked: %v", err)
	}
	hosts, err := guest.client.Session().Hosts(ctx, workspace)
	if err != nil || len(hosts) != 2 {
		t.Fatal(hosts, err)
	}
	for _, device := range hosts {
		l, err := guest.Dial(ctx, Addr(o.address.ID(), device), device)
		if err != nil || l.Remote() != device || l.RemoteAddr() != "127.0.0.1" {
			t.Fatal(l, err)
		}
	}
}
