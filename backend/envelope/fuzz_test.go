package envelope_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

func chain(t testing.TB, n int) (raws [][]byte) {
	sign, err := key.SigningKeyFromSeed(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	h := envelope.Header{Space: wire.SpaceID{1}, Feed: envelope.Feed{Device: sign.Public(), Start: 5, Lane: envelope.Content}}
	for range n {
		h.Seq++
		e, err := envelope.Seal(h, []byte("body"), sign)
		if err != nil {
			t.Fatal(err)
		}
		h.Prev, raws = e.ID, append(raws, e.Raw)
	}
	return raws
}

// FuzzDecode: what is accepted says the same when its header is written again,
// and any changed byte is noticed by the signature.
func FuzzDecode(f *testing.F) {
	raw := chain(f, 2)[1]
	f.Add(raw, uint16(0), byte(0))
	f.Add(raw[:envelope.Overhead], uint16(3), byte(1))
	f.Add([]byte{}, uint16(0), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		e, err := envelope.Decode(data)
		if err != nil {
			if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if !bytes.HasPrefix(data, e.HeaderBytes()) {
			t.Errorf("header of %x is %x", data, e.HeaderBytes())
		}
		if e.Verify() != nil || flip == 0 {
			return
		}
		changed := bytes.Clone(data)
		changed[int(at)%len(changed)] ^= flip
		if c, err := envelope.Decode(changed); err == nil && c.Verify() == nil {
			t.Errorf("byte %d was changed and nobody noticed", int(at)%len(changed))
		}
	})
}

// FuzzDecodeRun: a run that is accepted is one feed, gapless, and chained.
func FuzzDecodeRun(f *testing.F) {
	pack := func(raws ...[]byte) (out []byte) {
		for _, r := range raws {
			out = append(binary.BigEndian.AppendUint16(out, uint16(len(r))), r...)
		}
		return out
	}
	raws := chain(f, 4)
	f.Add(pack(raws...))
	f.Add(pack(raws[1:]...))
	f.Add(pack(raws[0], raws[2]))
	f.Add(pack(raws[1], raws[0]))
	f.Add(pack(raws[0], raws[0]))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var parts [][]byte
		for len(data) >= 2 {
			n := min(int(binary.BigEndian.Uint16(data)), len(data)-2)
			parts, data = append(parts, data[2:2+n]), data[2+n:]
		}
		run, err := envelope.DecodeRun(parts)
		if err != nil {
			return
		}
		for i := 1; i < len(run); i++ {
			if run[i].Seq != run[0].Seq+uint64(i) || run[i].Prev != key.Digest(parts[i-1]) || run[i].Feed != run[0].Feed || run[i].Space != run[0].Space {
				t.Errorf("accepted at %d: %+v", i, run[i].Header)
			}
		}
		if run[len(run)-1].Verify() != nil {
			t.Error("the last signature does not verify")
		}
	})
}

func TestRunRefusals(t *testing.T) {
	raws := chain(t, 3)
	for name, c := range map[string]struct {
		raws [][]byte
		want error
	}{
		"none":       {nil, wire.ErrMalformed},
		"gap":        {[][]byte{raws[0], raws[2]}, envelope.ErrChain},
		"backwards":  {[][]byte{raws[1], raws[0]}, envelope.ErrChain},
		"twice":      {[][]byte{raws[0], raws[0]}, envelope.ErrChain},
		"truncated":  {[][]byte{raws[0], raws[1][:50]}, wire.ErrMalformed},
		"changed":    {[][]byte{raws[0], append(bytes.Clone(raws[1][:140]), append([]byte{9}, raws[1][141:]...)...)}, key.ErrSignature},
		"first torn": {[][]byte{append(bytes.Clone(raws[0][:140]), append([]byte{9}, raws[0][141:]...)...), raws[1]}, envelope.ErrChain},
		"too many":   {make([][]byte, wire.MaxRun+1), wire.ErrMalformed},
		"too large":  {[][]byte{make([]byte, wire.MaxEnvelope+1)}, wire.ErrTooLarge},
	} {
		if _, err := envelope.DecodeRun(c.raws); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if run, err := envelope.DecodeRun(raws); err != nil || len(run) != 3 {
		t.Errorf("an honest run: %v", err)
	}
}
