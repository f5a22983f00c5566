package wire_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"roundtable/backend/wire"
)

// sample has a field of every form that events and frames use.
type sample struct {
	Number uint64           `cbor:"1,keyasint"`
	Signed int64            `cbor:"2,keyasint,omitempty"`
	Text   string           `cbor:"3,keyasint,omitempty"`
	Bytes  []byte           `cbor:"4,keyasint,omitempty"`
	ID     wire.SpaceID     `cbor:"5,keyasint"`
	List   []sample         `cbor:"6,keyasint,omitempty"`
	Map    map[string]int64 `cbor:"7,keyasint,omitempty"`
	Next   *sample          `cbor:"8,keyasint,omitempty"`
	Bool   bool             `cbor:"9,keyasint,omitempty"`
	Pair   pair             `cbor:"10,keyasint"`
}

type pair struct {
	_ struct{} `cbor:",toarray"`
	A uint8
	B [16]byte
}

// FuzzCanonical: bytes that are accepted are the one form of what they say.
func FuzzCanonical(f *testing.F) {
	for _, s := range []sample{
		{}, {Number: 1 << 63, Signed: -1, Text: "早", Bytes: []byte{0}, Bool: true},
		{List: []sample{{Number: 23}, {Number: 24}}, Map: map[string]int64{"a": 1, "bb": 2}, Next: &sample{Text: "x"}},
	} {
		f.Add(wire.MustEncode(s))
	}
	for _, raw := range [][]byte{
		{}, {0xa0}, {0xbf, 0xff}, {0xa1, 0x01, 0x18, 0x01}, {0xa2, 0x01, 0x01, 0x01, 0x02}, {0xc0, 0x60},
		{0x9f, 0xff}, {0xf9, 0x7e, 0x00}, {0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, bytes.Repeat([]byte{0x81}, 40),
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		canonical[sample](t, raw)
		canonical[pair](t, raw)
		canonical[map[uint64]string](t, raw)
		canonical[[]int64](t, raw)
		canonical[wire.Raw](t, raw)
	})
}

func canonical[T any](t *testing.T, raw []byte) {
	t.Helper()
	var v T
	err := wire.Decode(raw, 1<<16, &v)
	if err != nil {
		if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("%T: an error of no kind: %v", v, err)
		}
		return
	}
	again, err := wire.Encode(v)
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("%T: %x became %x, %v", v, raw, again, err)
	}
}

func FuzzReadFrame(f *testing.F) {
	var frames bytes.Buffer
	_ = wire.WriteFrame(&frames, []byte("one"))
	_ = wire.WriteFrame(&frames, nil)
	f.Add(frames.Bytes(), 1000)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, 1<<30)
	f.Add([]byte{0, 0, 0, 9, 1}, 10)
	f.Add([]byte{0, 0}, -1)
	f.Fuzz(func(t *testing.T, raw []byte, limit int) {
		r := bytes.NewReader(raw)
		var back bytes.Buffer
		for {
			body, err := wire.ReadFrame(r, limit)
			if err != nil {
				if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, wire.ErrTooLarge) {
					t.Errorf("an error of no kind: %v", err)
				}
				break
			}
			if len(body) > max(limit, 0) {
				t.Fatalf("%d bytes, limit %d", len(body), limit)
			}
			if err := wire.WriteFrame(&back, body); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.HasPrefix(raw, back.Bytes()) {
			t.Errorf("frames of %x read as %x", raw, back.Bytes())
		}
	})
}

// FuzzIDs: a text is one ID or none, of one kind, in one form.
func FuzzIDs(f *testing.F) {
	f.Add(wire.DeviceID{1}.String())
	f.Add(wire.PersonID{2}.String())
	f.Add(wire.SpaceID{3}.String())
	f.Add(wire.EventID{4}.String())
	f.Add(wire.InviteID{0xff, 31: 0xff}.String())
	f.Add("dev_")
	f.Add("spc_" + string(bytes.Repeat([]byte{'z'}, 52)))
	f.Fuzz(func(t *testing.T, text string) {
		kinds := 0
		take := func(back string, err error) {
			switch {
			case err == nil && back != text:
				t.Errorf("%q reads as %q", text, back)
			case err == nil:
				kinds++
			case !errors.Is(err, wire.ErrID):
				t.Errorf("%q: an error of no kind: %v", text, err)
			}
		}
		d, err := wire.ParseDeviceID(text)
		take(d.String(), err)
		p, err := wire.ParsePersonID(text)
		take(p.String(), err)
		s, err := wire.ParseSpaceID(text)
		take(s.String(), err)
		e, err := wire.ParseEventID(text)
		take(e.String(), err)
		i, err := wire.ParseInviteID(text)
		take(i.String(), err)
		if kinds > 1 {
			t.Errorf("%q is of %d kinds", text, kinds)
		}
	})
}
