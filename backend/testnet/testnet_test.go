package testnet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/linktest"
	"roundtable/backend/testnet"
	"roundtable/backend/wire"
)

// A slow network keeps every promise of a fast one.
func TestSlowNetwork(t *testing.T) {
	linktest.Run(t, func(t *testing.T) (a, b link.Node) {
		n := testnet.New(1)
		n.Latency(time.Millisecond, time.Millisecond)
		return pair(t, n)
	})
}

func pair(t *testing.T, n *testnet.Net) (a, b link.Node) {
	t.Helper()
	x, err := n.Node(wire.DeviceID{1}, "li", nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := n.Node(wire.DeviceID{2}, "wang", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(); y.Close() })
	return x, y
}

func TestLatency(t *testing.T) {
	n := testnet.New(1)
	n.Latency(20*time.Millisecond, 0)
	a, b := pair(t, n)
	l, err := a.Dial(t.Context(), "memory:wang", wire.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, err := l.(link.Pinger).Ping(t.Context()); err != nil || d < 40*time.Millisecond {
		t.Errorf("ping %v, %v", d, err)
	}
}

func TestPartitionAndHeal(t *testing.T) {
	n := testnet.New(1)
	a, _ := pair(t, n)
	dial := func() (link.Link, error) { return a.Dial(t.Context(), "memory:wang", wire.DeviceID{}) }
	l, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	n.Partition([]string{"li"}) // wang is with the rest
	<-l.Done()
	if _, err := dial(); !errors.Is(err, link.ErrRefused) {
		t.Errorf("dial across: %v", err)
	}
	n.Partition([]string{"li", "wang"})
	if _, err := dial(); err != nil {
		t.Errorf("dial within a group: %v", err)
	}
	n.Heal()
	if l, err = dial(); err != nil {
		t.Errorf("dial after healing: %v", err)
	}
	n.CloseAll()
	<-l.Done()
}

func TestStall(t *testing.T) {
	n := testnet.New(1)
	a, b := pair(t, n)
	l, err := a.Dial(t.Context(), "memory:wang", wire.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	far, err := b.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n.Stall("wang")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := l.(link.Pinger).Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ping: %v", err)
	}
	select {
	case <-l.Done():
		t.Error("a stalled link ended by itself at once")
	case <-far.Done():
		t.Error("a stalled link ended by itself at once")
	default:
	}
}

// The same seed drops the same links.
func TestSeed(t *testing.T) {
	run := func() (kept string) {
		n := testnet.New(7)
		a, _ := pair(t, n)
		var links []link.Link
		for range 20 {
			l, err := a.Dial(t.Context(), "memory:wang", wire.DeviceID{})
			if err != nil {
				t.Fatal(err)
			}
			links = append(links, l)
		}
		n.DropLinks(0.5)
		for _, l := range links {
			select {
			case <-l.Done():
				kept += "-"
			default:
				kept += "x"
			}
		}
		return kept
	}
	first, second := run(), run()
	if first != second || !strings.Contains(first, "-") || !strings.Contains(first, "x") {
		t.Errorf("%s and %s", first, second)
	}
}
