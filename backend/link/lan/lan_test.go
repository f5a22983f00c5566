package lan_test

import (
	"testing"

	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/link/lan"
	"roundtable/backend/link/linktest"
)

func listen(t testing.TB) *lan.Node {
	t.Helper()
	n, err := lan.Listen(t.Context(), lan.Options{Signer: key.NewSigningKey(), Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func TestLAN(t *testing.T) {
	linktest.Run(t, func(t *testing.T) (a, b link.Node) { return listen(t), listen(t) })
}
