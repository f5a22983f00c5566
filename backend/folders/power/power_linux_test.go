package power

import (
	"bufio"
	"context"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// manager answers as NetworkManager does, on a bus of the test's own.
type manager struct{ metered atomic.Uint32 }

func (m *manager) Get(_, property string) (dbus.Variant, *dbus.Error) {
	if property != "Metered" {
		return dbus.Variant{}, dbus.MakeFailedError(context.Canceled)
	}
	return dbus.MakeVariant(m.metered.Load()), nil
}

func TestNetworkManagerIsAsked(t *testing.T) {
	daemon := exec.CommandContext(t.Context(), "dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Skipf("no bus to try it on: %v", err)
	}
	t.Cleanup(func() { _ = daemon.Process.Kill(); _ = daemon.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	ctx, end := context.WithTimeout(t.Context(), 5*time.Second)
	defer end()
	if got := metered(ctx); got != MeteredUnknown {
		t.Errorf("nobody there: %v", got)
	}
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	m := &manager{}
	if err := conn.Export(m, "/org/freedesktop/NetworkManager", "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.NetworkManager", 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value uint32
		want  Metered
	}{{1, IsMetered}, {4, NotMetered}, {0, MeteredUnknown}} {
		m.metered.Store(c.value)
		if got := metered(ctx); got != c.want {
			t.Errorf("%v: %v, want %v", c.value, got, c.want)
		}
	}
}
