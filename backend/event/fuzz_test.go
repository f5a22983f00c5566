package event_test

import (
	"bytes"
	"errors"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// FuzzOpen: bytes sealed by a member who runs any program open to an event within
// limits or to an error of a kind; open bodies only carry what is wrapped by itself.
func FuzzOpen(f *testing.F) {
	sign, err := key.SigningKeyFromSeed(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	k, err := key.EpochKeyFromBytes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire.MustEncode([]any{"chat.message_posted", uint64(5), map[int]string{1: "早"}}), true)
	f.Add(wire.MustEncode([]any{string(event.Keys), uint64(5), map[int][]int{1: {}}}), false)
	f.Add(wire.MustEncode([]any{string(event.Keys), uint64(5), "x"}), true)
	f.Add([]byte{0x83}, true)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, plain []byte, sealed bool) {
		if len(plain) > wire.MaxBody {
			return
		}
		h := envelope.Header{Space: wire.SpaceID{1}, Feed: envelope.Feed{Device: sign.Public(), Start: 1, Lane: envelope.Content}, Seq: 1}
		body := plain
		if sealed {
			h.Epoch = k.ID()
			body = k.Seal(h.HeaderBytes(), plain)
		}
		env, err := envelope.Seal(h, body, sign)
		if err != nil {
			t.Fatal(err)
		}
		ev, err := event.Open(env, k)
		if err != nil {
			if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if len(ev.Kind) > 64 || ev.ID != env.ID || (ev.Kind == event.Keys) == sealed {
			t.Errorf("%q, sealed %v", ev.Kind, sealed)
		}
		var other key.EpochKey
		if _, err := event.Open(env, other); sealed && !errors.Is(err, key.ErrSealed) {
			t.Errorf("it opens without the key: %v", err)
		}
	})
}

func TestSealAndOpen(t *testing.T) {
	sign, k := key.NewSigningKey(), key.NewEpochKey()
	h := envelope.Header{Space: wire.SpaceID{1}, Feed: envelope.Feed{Device: sign.Public(), Start: 1, Lane: envelope.Content}, Seq: 1}
	env, sealed, err := event.Seal(h, k, "chat.message_posted", 9, map[int]string{1: "早"}, sign)
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Open(env, k)
	if err != nil || got.Kind != sealed.Kind || got.Stamp != 9 || got.ID != env.ID || !bytes.Equal(got.Body, sealed.Body) {
		t.Errorf("%+v, %v", got, err)
	}
	if bytes.Contains(env.Raw, []byte("早")) {
		t.Error("the text stands open")
	}
	if _, err := event.Open(env, key.NewEpochKey()); !errors.Is(err, key.ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	// The header is bound to the body: another place for it does not open.
	for _, change := range []func(*envelope.Header){
		func(h *envelope.Header) { h.Space[0]++ }, func(h *envelope.Header) { h.Feed.Start++ },
		func(h *envelope.Header) { h.Seq, h.Prev = 2, wire.EventID{1} }, func(h *envelope.Header) { h.Feed.Lane = envelope.Control },
	} {
		moved := env.Header
		change(&moved)
		e, err := envelope.Seal(moved, env.Body, sign)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := event.Open(e, k); !errors.Is(err, key.ErrSealed) {
			t.Errorf("%+v: %v", moved, err)
		}
	}
	if _, _, err := event.Seal(h, k, "x", 1, make([]byte, wire.MaxBody), sign); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}
