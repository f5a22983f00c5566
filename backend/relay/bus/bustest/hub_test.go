package bustest_test

import (
	"testing"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/bus/bustest"
)

func TestHub(t *testing.T) {
	bustest.Run(t, func(*testing.T) func() bus.Bus {
		h := bustest.NewHub()
		return func() bus.Bus { return h.Line() }
	})
}
