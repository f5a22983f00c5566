package calls_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/backend/calls"
	"roundtable/backend/calls/room"
	"roundtable/backend/key"
	"roundtable/backend/link"
	"roundtable/backend/testspace"
	"roundtable/backend/wire"
)

// besieged is a call of li, wang and chen; mallory is a member with a program of its own.
func besieged(t *testing.T, seed uint64) (o *testspace.Office, call string, mallory *testspace.Desk) {
	o = testspace.New(t, seed)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "mallory")
	o.Settles()
	call = o.As("li").Rings(o.Workspace)
	o.As("wang").Takes(call)
	o.As("chen").Takes(call)
	mallory = o.As("mallory")
	o.Eventually("mallory sees that it goes on", func() bool { return mallory.HearsOf(call) })
	return o, call, mallory
}

// goesOn: everybody still meets, and the host can still do something.
func goesOn(o *testspace.Office, call string) {
	for _, n := range []string{"li", "wang", "chen"} {
		o.As(n).Meets(call, "li", "wang", "chen")
	}
}

func id(t testing.TB, call string) wire.CallID {
	out, err := wire.ParseCallID(call)
	must(t, err)
	return out
}

func TestForgedBeats(t *testing.T) {
	o, call, mallory := besieged(t, 21)
	begin := mallory.Calls.StartOf(id(t, call))
	at := time.Now().Add(time.Second).UnixMilli()
	policy := func(founder *testspace.Desk) *room.Policy {
		return &room.Policy{Founder: founder.ID(), Counter: 500, Author: founder.ID(), Rules: room.Locked, Ended: true}
	}
	in := room.Beat{Start: begin, Sent: at, Phase: room.In, Joined: at}
	with := func(change func(*room.Beat)) room.Beat { b := in; change(&b); return b }
	send := func(body any) { must(t, mallory.Ephemeral.Send(o.Workspace, "call", body)) }
	// Signed by somebody else than who sends: li's words out of mallory's mouth, or unsigned.
	send(calls.Said(o.Workspace, with(func(b *room.Beat) { b.Policy = policy(o.As("li")) }), o.As("li").Sign))
	send(calls.Said(mallory.Direct("li"), in, mallory.Sign)) // made for another space
	send([]byte("nothing"))
	send(map[int]any{1: bytes.Repeat([]byte{7}, 10<<10)})
	// Its own, as host of what is not its.
	send(calls.Said(o.Workspace, with(func(b *room.Beat) { b.Policy = policy(o.As("li")) }), mallory.Sign))
	send(calls.Said(o.Workspace, with(func(b *room.Beat) { b.Sent++; b.Policy = policy(mallory); b.Policy.Since = at }), mallory.Sign))
	goesOn(o, call)
	for _, n := range []string{"li", "wang", "chen"} {
		if s := o.As(n).Call(call); s.Call.Locked {
			t.Errorf("%s takes the policy of a participant", n)
		}
	}
	// A call of a thousand years ago does not ring, nor one that somebody else began.
	for _, s := range []room.Start{{Device: mallory.ID(), At: 1}, {Device: o.As("li").ID(), Nonce: [16]byte{9}, At: at}} {
		send(calls.Said(o.Workspace, room.Beat{Start: s, Sent: 5, Phase: room.In, Joined: 5}, mallory.Sign))
	}
	goesOn(o, call)
	if n := o.As("li").Calls.Rooms(); n != 1 {
		t.Errorf("li follows %d calls", n)
	}
}

// A thousand attempts to join in a second, and as many calls that are begun.
func TestFlood(t *testing.T) {
	o, call, mallory := besieged(t, 22)
	begin := mallory.Calls.StartOf(id(t, call))
	at := time.Now().UnixMilli()
	for i := range int64(1000) {
		joins := room.Beat{Start: begin, Sent: at + i, Phase: room.In, Joined: at + i}
		must(t, mallory.Ephemeral.Send(o.Workspace, "call", calls.Said(o.Workspace, joins, mallory.Sign)))
		begins := room.Beat{Start: room.Start{Device: mallory.ID(), At: at, Nonce: [16]byte{byte(i), byte(i >> 8)}}, Sent: at + i, Phase: room.In, Joined: at + i}
		must(t, mallory.Ephemeral.Send(o.Workspace, "call", calls.Said(o.Workspace, begins, mallory.Sign)))
	}
	o.Eventually("mallory is heard and gone", func() bool {
		return len(o.As("li").Call(call).Participants) == 3 && len(o.As("chen").Call(call).Participants) == 3
	})
	goesOn(o, call)
	if n := o.As("li").Calls.Rooms(); n > 3 {
		t.Errorf("li follows %d calls", n)
	}
}

// What does not belong on a stream between engines closes it, and reaches none.
func TestHostileSignals(t *testing.T) {
	o, call, mallory := besieged(t, 23)
	li := o.As("li")
	open := func() link.Stream {
		s, err := mallory.Board.OpenStream(context.Background(), li.ID(), calls.SignalProtocol)
		must(t, err)
		return s
	}
	big := make([]byte, 4)
	binary.BigEndian.PutUint32(big, 1<<30)
	other := id(t, call)
	other[0] ^= 1
	for what, say := range map[string]func(link.Stream) error{
		"a frame of a gigabyte": func(s link.Stream) error { _, err := s.Write(big); return err },
		"no frame":              func(s link.Stream) error { return wire.WriteFrame(s, []byte("hello")) },
		"too large a message": func(s link.Stream) error {
			return wire.Send(s, calls.Frame(id(t, call), o.Workspace, make([]byte, calls.MaxSignal+1)))
		},
		"of another call": func(s link.Stream) error { return wire.Send(s, calls.Frame(other, o.Workspace, []byte("hello"))) },
		"of a space it is not in": func(s link.Stream) error {
			return wire.Send(s, calls.Frame(id(t, call), wire.SpaceID{7}, []byte("hello")))
		},
		"more than is kept of one": func(s link.Stream) error {
			for range 200 {
				if err := wire.Send(s, calls.Frame(id(t, call), o.Workspace, []byte("not in the call"))); err != nil {
					return nil // closed before the end: that is the point
				}
			}
			return nil
		},
	} {
		s := open()
		must(t, say(s))
		must(t, s.SetReadDeadline(time.Now().Add(time.Minute)))
		if _, err := s.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, link.ErrReset) && !errors.Is(err, link.ErrClosed) {
			t.Errorf("%s: the stream goes on: %v", what, err)
		}
		_ = s.Close()
	}
	goesOn(o, call)
	if i := slices.IndexFunc(li.Engine().Heard(), func(m string) bool { return !strings.HasPrefix(m, "hello") }); i >= 0 {
		t.Errorf("li's engine heard %q", li.Engine().Heard()[i])
	}
}

// Streams between engines are opened again, and carry what is large.
func TestSignalsSurviveTheLink(t *testing.T) {
	o, call, _ := besieged(t, 24)
	li, wang := o.As("li"), o.As("wang")
	large := strings.Repeat("x", calls.MaxSignal)
	must(t, li.Engine().Say(wang.ID(), []byte(large)))
	o.Eventually("wang's engine hears it", func() bool { return slices.Contains(wang.Engine().Heard(), large) })
	if err := li.Engine().Say(wang.ID(), make([]byte, calls.MaxSignal+1)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	li.Board.Drop(wang.ID())
	o.Heal() // introduces them again
	o.Eventually("li's engine reaches wang's again", func() bool { return li.Engine().Say(wang.ID(), []byte("again")) == nil })
	o.Eventually("and is heard", func() bool { return slices.Contains(wang.Engine().Heard(), "again") })
	goesOn(o, call)
}

// FuzzHeard: no bytes of a member stop a device that is in a call, whatever brings them.
func FuzzHeard(f *testing.F) {
	o := testspace.New(f, 25)
	o.Founds("li", "远山")
	o.Admits("li", "wang")
	li, wang := o.As("li"), o.As("wang")
	call := li.Rings(o.Workspace)
	at := time.Now().UnixMilli()
	beat := room.Beat{Start: li.Calls.StartOf(id(f, call)), Sent: at, Phase: room.In, Joined: at}
	f.Add(wire.MustEncode(calls.Said(o.Workspace, beat, wang.Sign)))
	f.Add(wire.MustEncode(beat))
	f.Add(wire.MustEncode(calls.Frame(id(f, call), o.Workspace, []byte("hello"))))
	f.Add([]byte{0x82, 0x40, 0x40})
	space, from := o.Workspace, wang.ID()
	f.Fuzz(func(t *testing.T, raw []byte) {
		li.Calls.Hears(space, from, raw)
		li.Calls.HearsGuest(space, from, raw)
		li.Calls.HearsGuest(space, from, wire.MustEncode([]any{space, raw, make([]byte, 64)}))
		_ = li.Calls.TakesFrame(from, raw)
		signature, err := wang.Sign.Sign(key.ContextBeat, append(space[:], raw...))
		must(t, err)
		_ = li.Calls.TakesBeat(space, from, raw, signature)
	})
}
