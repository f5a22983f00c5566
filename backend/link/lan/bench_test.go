package lan_test

import (
	"io"
	"testing"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

// dialled is a link and its far end.
func dialled(t testing.TB) (here, there link.Link) {
	t.Helper()
	a, b := listen(t), listen(t)
	here, err := a.Dial(t.Context(), b.Addresses()[0], wire.DeviceID{})
	if err != nil {
		t.Fatal(err)
	}
	there, err = b.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return here, there
}

func opened(t testing.TB, pair func(testing.TB) (here, there link.Link)) (x, y link.Stream) {
	t.Helper()
	here, there := pair(t)
	x, err := here.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	y, err = there.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return x, y
}

// One stream, one direction, loopback.
func BenchmarkStream(b *testing.B) {
	x, y := opened(b, dialled)
	part := make([]byte, 1<<20)
	b.SetBytes(int64(len(part)))
	go func() {
		for {
			if _, err := x.Write(part); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, len(part))
	for b.Loop() {
		if _, err := io.ReadFull(y, buf); err != nil {
			b.Fatal(err)
		}
	}
}

// A small message there and back.
func BenchmarkRoundTrip(b *testing.B) {
	x, y := opened(b, dialled)
	go io.Copy(y, y)
	msg := make([]byte, 200)
	for b.Loop() {
		x.Write(msg)
		if _, err := io.ReadFull(x, msg); err != nil {
			b.Fatal(err)
		}
	}
}
