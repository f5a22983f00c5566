package nats

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/bus/bustest"
)

func openBus(t testing.TB, url string) *Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	b, err := OpenBus(ctx, BusOptions{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// plain starts a server without JetStream: a bus needs none.
func plain(t testing.TB, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, ServerName: "plain", NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("server does not start")
	}
	return s
}

func TestBus(t *testing.T) {
	bustest.Run(t, func(t *testing.T) func() bus.Bus {
		url := plain(t, server.RANDOM_PORT).ClientURL()
		return func() bus.Bus { return openBus(t, url) }
	})
}

// A bus whose server is away takes nothing, never waits, and goes on afterwards.
func TestBusComesBack(t *testing.T) {
	s := plain(t, server.RANDOM_PORT)
	url, port := s.ClientURL(), s.Addr().String()
	a, b := openBus(t, url), openBus(t, url)
	self, heard := bus.NewProcess(), make(chan string, 1000)
	leave, err := b.Join(t.Context(), self, func(m []byte) {
		select {
		case heard <- string(m):
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	come := func(what string) {
		t.Helper()
		deadline := time.After(60 * time.Second)
		for {
			_ = a.Send(self, []byte(what)) // ErrBusy while the server is away
			select {
			case m := <-heard:
				if m == what {
					return
				}
			case <-deadline:
				t.Fatalf("%q does not come", what)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	come("before")
	s.Shutdown()
	s.WaitForShutdown()
	begun := time.Now()
	for a.Tell([]byte("lost")) == nil {
		if time.Since(begun) > 30*time.Second {
			t.Fatal("it takes messages that nobody carries")
		}
		<-time.After(time.Millisecond)
	}
	begun = time.Now()
	for range 100 {
		_ = a.Tell([]byte("lost"))
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("a bus without its server made the caller wait for %v", took)
	}
	plain(t, portOf(t, port))
	come("after")
}

func portOf(t testing.TB, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
