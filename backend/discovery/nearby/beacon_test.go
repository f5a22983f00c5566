package nearby

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"roundtable/backend/wire"
)

func example() *beacon {
	b := &beacon{Version: 1, Port: 47800, Joinable: true, Tags: []tag{{1}, {2}}}
	copy(b.Instance[:], "instance-0123456")
	copy(b.Nonce[:], "nonce-0123456789")
	return b
}

// The bytes are a promise to other versions.
func TestBeaconBytes(t *testing.T) {
	const want = "8701" + "50696e7374616e63652d30313233343536" + "19bab8" + "f5" + "f4" +
		"506e6f6e63652d30313233343536373839" + "82" + "480100000000000000" + "480200000000000000"
	got := example().encode()
	if hex.EncodeToString(got) != want {
		t.Errorf("got  %x\nwant %s", got, want)
	}
	back, err := decode(got)
	if err != nil || !bytes.Equal(back.encode(), got) {
		t.Errorf("decode: %v, %v", back, err)
	}
}

func TestBeaconRefused(t *testing.T) {
	change := func(f func(*beacon)) []byte { b := example(); f(b); return b.encode() }
	good := example().encode()
	for name, data := range map[string][]byte{
		"empty":             {},
		"cut":               good[:len(good)-1],
		"trailing":          append(bytes.Clone(good), 0),
		"too long":          make([]byte, wire.MaxBeacon+1),
		"version":           change(func(b *beacon) { b.Version = 2 }),
		"no port":           change(func(b *beacon) { b.Port = 0 }),
		"no instance":       change(func(b *beacon) { b.Instance = [16]byte{} }),
		"tags out of order": change(func(b *beacon) { b.Tags = []tag{{2}, {1}} }),
		"tag twice":         change(func(b *beacon) { b.Tags = []tag{{1}, {1}} }),
		"too many tags": change(func(b *beacon) {
			for i := range maxTags {
				b.Tags = append(b.Tags, tag{3, byte(i)})
			}
		}),
		"short tag":          bytes.Replace(good, []byte("\x48\x02\x00\x00\x00\x00\x00\x00\x00"), []byte("\x47\x02\x00\x00\x00\x00\x00\x00"), 1),
		"long nonce":         bytes.Replace(good, []byte("\x50nonce-0123456789"), []byte("\x51nonce-0123456789x"), 1),
		"not canonical port": bytes.Replace(good, []byte("\x19\xba\xb8"), []byte("\x1a\x00\x00\xba\xb8"), 1),
	} {
		if b, err := decode(data); !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
}

func TestMembersOnlyResolve(t *testing.T) {
	office, family := wire.SpaceID{1}, wire.SpaceID{2}
	mine := map[wire.SpaceID][32]byte{office: {10}, family: {20}}
	a, b := example(), example()
	a.seal(mine, maxTags)
	b.seal(mine, maxTags)
	if got := a.spaces(mine); len(got) != 2 || got[0] != office || got[1] != family {
		t.Errorf("members resolve %v", got)
	}
	if got := a.spaces(map[wire.SpaceID][32]byte{office: {11}, {3}: {30}}); got != nil {
		t.Errorf("strangers resolve %v", got)
	}
	for _, x := range a.Tags {
		for _, y := range b.Tags {
			if x == y {
				t.Error("a tag is the same in two datagrams: it can be followed")
			}
		}
	}
	many := map[wire.SpaceID][32]byte{}
	for i := range 500 {
		many[wire.SpaceID{byte(i), byte(i >> 8)}] = [32]byte(wire.Random(32))
	}
	a.seal(many, maxTags)
	if data := a.encode(); len(a.Tags) != maxTags || len(data) > wire.MaxBeacon {
		t.Errorf("%d tags in %d bytes", len(a.Tags), len(data))
	}
}

func FuzzBeacon(f *testing.F) {
	f.Add(example().encode())
	f.Add([]byte{0x87, 1, 0x50})
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := decode(data)
		if err != nil {
			return
		}
		if !bytes.Equal(b.encode(), data) {
			t.Fatalf("%x is accepted and encodes as %x", data, b.encode())
		}
		b.spaces(map[wire.SpaceID][32]byte{{1}: {2}})
	})
}
