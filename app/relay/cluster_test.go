package relay

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"roundtable/backend/key"
	"roundtable/backend/relay/client"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/relay/server"
	"roundtable/backend/wire"
)

// Two relays with --engine nats://… are one to their devices, without any other setting.
func TestRelaysOverOneClusterMeet(t *testing.T) {
	nats, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, ServerName: "one", NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, MaxPayload: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	nats.Start()
	t.Cleanup(func() { nats.Shutdown(); nats.WaitForShutdown() })
	if !nats.ReadyForConnections(patience) {
		t.Fatal("server does not start")
	}
	token := server.NewToken()
	var sessions []*client.Session
	var names []wire.DeviceID
	rung := make(chan protocol.Incoming, 1)
	for range 2 {
		folder := filepath.Join(t.TempDir(), "relay")
		log := slog.New(slog.DiscardHandler)
		r, err := begin(t.Context(), store{engine: nats.ClientURL(), folder: folder, log: log}, "127.0.0.1:0", nil, server.Options{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.close(); err != nil {
				t.Error(err)
			}
		})
		if err := server.SetTenant(t.Context(), r.engine, server.Tenant{ID: server.TenantOf(token), Name: "远山"}); err != nil {
			t.Fatal(err)
		}
		k, up := key.NewSigningKey(), make(chan *client.Session, 1)
		c := client.New(client.Options{Signer: k, Address: protocol.Address{Version: 1, URL: "ws://" + r.listener.Addr().String(), Token: token},
			Events: client.Events{Up: func(s *client.Session) { up <- s }, Incoming: func(m protocol.Incoming) { rung <- m }}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = c.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
		sessions, names = append(sessions, <-up), append(names, k.Public())
		space := wire.SpaceID(wire.Random(32)) // each has a workspace of its own: to be no visitor
		grant, err := protocol.Grant{Space: space, Workspace: space, Version: 1, By: k.Public(), Set: []protocol.Entry{{Device: k.Public(), Rights: protocol.RightUse | protocol.RightManage}}}.Sign(k)
		if err != nil {
			t.Fatal(err)
		}
		if err := sessions[len(sessions)-1].Grant(t.Context(), grant); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(patience); ; <-time.After(10 * time.Millisecond) {
		_, err := sessions[0].Dial(t.Context(), names[1])
		if err == nil {
			break
		}
		if f := (protocol.Failed{}); !errors.As(err, &f) || f.Code != protocol.CodeAway || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if m := <-rung; m.From != names[0] {
		t.Errorf("%+v", m)
	}
}
