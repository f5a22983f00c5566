package memory_test

import (
	"testing"

	"roundtable/backend/link"
	"roundtable/backend/link/linktest"
	"roundtable/backend/link/memory"
	"roundtable/backend/wire"
)

func TestMemory(t *testing.T) {
	linktest.Run(t, func(t *testing.T) (a, b link.Node) {
		network := memory.NewNetwork(nil)
		x, err := network.Node(wire.DeviceID{1}, "li", nil)
		if err != nil {
			t.Fatal(err)
		}
		y, err := network.Node(wire.DeviceID{2}, "wang", nil)
		if err != nil {
			t.Fatal(err)
		}
		return x, y
	})
}
