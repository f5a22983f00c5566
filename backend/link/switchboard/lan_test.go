package switchboard_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/lan"
	"roundtable/backend/link/switchboard"
	"roundtable/backend/wire"
)

// run starts a board over real TCP on loopback.
func run(t *testing.T, signer key.Signer, addr string) (b *switchboard.Board, at string, stop func()) {
	t.Helper()
	var node *lan.Node
	eventually(t, "the port is free", func() (ok bool) {
		var err error
		node, err = lan.Listen(context.Background(), lan.Options{Signer: signer, Address: addr})
		return err == nil
	})
	b = switchboard.New(switchboard.Options{Self: signer.Public(), Nodes: []link.Node{node}, Interfaces: func() string { return "" }})
	b.Handle("echo", func(_ context.Context, _ wire.DeviceID, s link.Stream) { io.Copy(s, s) })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.Run(ctx) }()
	stop = func() { cancel(); <-done; node.Close() }
	t.Cleanup(stop)
	return b, node.Addresses()[0], stop
}

// The program of one of two devices restarts: the link is back soon, whichever of
// the two decides, and whoever knows the other's address.
func TestRestartOverTCP(t *testing.T) {
	checkLeaks(t)
	x, y := key.NewSigningKey(), key.NewSigningKey()
	stays, staysAt, _ := run(t, x, "127.0.0.1:0")
	other, otherAt, stop := run(t, y, "127.0.0.1:0")
	stays.AddKnown(y.Public(), otherAt)
	for round := range 4 {
		if round%2 == 1 {
			other.AddKnown(x.Public(), staysAt)
		}
		eventually(t, "linked", func() bool { return stays.Connected(y.Public()) && other.Connected(x.Public()) })
		eventually(t, "echo", func() bool { return echo(stays, y.Public()) && echo(other, x.Public()) })
		stop()
		eventually(t, "gone", func() bool { return !stays.Connected(y.Public()) })
		other, _, stop = run(t, y, otherAt)
	}
}

func echo(b *switchboard.Board, to wire.DeviceID) bool {
	s, err := b.OpenStream(context.Background(), to, "echo")
	if err != nil {
		return false
	}
	defer s.Close()
	s.SetDeadline(time.Now().Add(20 * time.Second))
	want := []byte("still you?")
	s.Write(want)
	got := make([]byte, len(want))
	_, err = io.ReadFull(s, got)
	return err == nil && bytes.Equal(got, want)
}
