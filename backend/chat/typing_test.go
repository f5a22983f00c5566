package chat

import (
	"testing"

	"roundtable/backend/wire"
)

// FuzzTyping: no frame of anybody names a thread that could not be.
func FuzzTyping(f *testing.F) {
	f.Add([]byte(wire.MustEncode(typingInThread{Message: ref{Device: wire.DeviceID{1}, Start: 1, Seq: 2}})))
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if at, ok := typedIn(wire.SpaceID{1}, raw); ok && at.seq <= 0 {
			t.Fatalf("thread %v", at)
		}
	})
}
