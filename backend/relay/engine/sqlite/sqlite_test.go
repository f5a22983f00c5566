package sqlite

import (
	"testing"

	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
)

func open(t testing.TB, folder string, o engine.Options) *Engine {
	t.Helper()
	e, err := Open(t.Context(), folder, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, o engine.Options) enginetest.Fixture {
		folder := t.TempDir()
		return enginetest.Fixture{
			Engine: open(t, folder, o),
			Reopen: func(t *testing.T, o engine.Options) engine.Engine { return open(t, folder, o) },
		}
	})
}
