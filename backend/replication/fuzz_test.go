package replication_test

import (
	"errors"
	"testing"

	"roundtable/backend/eventlog"
	"roundtable/backend/replication"
	"roundtable/backend/wire"
)

// FuzzFrames: a frame of another device decodes within limits or is refused with
// an error of a kind. (What is then done with it: hostile_test.go.)
func FuzzFrames(f *testing.F) {
	id, device := wire.SpaceID{1}, wire.DeviceID{2}
	for _, v := range []any{
		replication.Message{Spaces: []replication.SpaceDigest{{Space: id, Digest: eventlog.Sum{3}}}},
		replication.Message{Buckets: &replication.Buckets{Space: id, Sums: []replication.BucketSum{{Bucket: 9}}}},
		replication.Message{Heads: &replication.Heads{Space: id, Heads: []eventlog.Head{{Device: device, Start: 1, Lane: 1, Seq: 9}}, Answer: true}},
		replication.Message{Push: &replication.Push{Space: id, Raws: [][]byte{{1}, {}}}},
		replication.Message{Need: &replication.Need{Space: id, Epochs: []wire.EpochID{{1}}}},
		replication.Message{Give: &replication.Give{Space: id, Box: []byte("box")}},
		replication.Message{Gone: &replication.Gone{Space: id}},
		replication.Fetch{Space: id, Wants: []replication.Want{{Device: device, Start: 1, Lane: 1, From: 1, To: 1 << 63}}},
		replication.Piece{Raws: [][]byte{{1}}},
	} {
		f.Add(wire.MustEncode(v))
	}
	f.Add([]byte{0xa1, 0x01, 0x9a, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		frame[replication.Message](t, raw)
		frame[replication.Fetch](t, raw)
		frame[replication.Piece](t, raw)
	})
}

func frame[T any](t *testing.T, raw []byte) {
	t.Helper()
	var v, again T
	if err := wire.DecodeLoose(raw, wire.MaxFrame, &v); err != nil {
		if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("an error of no kind: %v", err)
		}
		return
	}
	if err := wire.Decode(wire.MustEncode(v), 2*wire.MaxFrame, &again); err != nil {
		t.Errorf("what was read cannot be written: %v", err)
	}
}
