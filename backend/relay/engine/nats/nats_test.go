package nats

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
)

// serve starts a single server with a store of its own.
func serve(t testing.TB) (url string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, ServerName: "one", NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, MaxPayload: 8 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("server does not start")
	}
	return s.ClientURL()
}

func openOn(t testing.TB, url string, o engine.Options) *Engine {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	e, err := Open(ctx, Options{Options: o, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, o engine.Options) enginetest.Fixture {
		url := serve(t)
		again := func(t *testing.T, o engine.Options) engine.Engine { return openOn(t, url, o) }
		return enginetest.Fixture{Engine: openOn(t, url, o), Reopen: again, Another: again}
	})
}
