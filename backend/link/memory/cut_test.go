package memory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"roundtable/backend/link"
	"roundtable/backend/link/memory"
	"roundtable/backend/wire"
)

// cutsWhileDialled lets a test do something between the question and the connection.
type cutsWhileDialled struct{ between func() }

func (c *cutsWhileDialled) Reachable(_, _ string) bool {
	c.between()
	return true
}
func (*cutsWhileDialled) Delay(_, _ string) time.Duration { return 0 }

// A cut ends what is being dialled at that moment, too: a link that came of it would be
// the one that a partition had forgotten.
func TestCutEndsDials(t *testing.T) {
	faults := &cutsWhileDialled{between: func() {}}
	n := memory.NewNetwork(faults)
	a, err := n.Node(wire.DeviceID{1}, "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Node(wire.DeviceID{2}, "b", nil); err != nil {
		t.Fatal(err)
	}
	faults.between = func() { n.Cut(func(from, to string) bool { return from == "a" && to == "b" }) }
	if _, err := a.Dial(context.Background(), "memory:b", wire.DeviceID{2}); !errors.Is(err, link.ErrRefused) {
		t.Errorf("connected through a cut: %v", err)
	}
	faults.between = func() { n.Cut(func(_, _ string) bool { return false }) }
	l, err := a.Dial(context.Background(), "memory:b", wire.DeviceID{2})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
