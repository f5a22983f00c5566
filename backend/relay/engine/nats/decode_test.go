package nats

import (
	"bytes"
	"errors"
	"testing"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/engine/enginetest"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

// FuzzDecodePiece: what is accepted is written the same again.
func FuzzDecodePiece(f *testing.F) {
	run := enginetest.NewAuthor(wire.SpaceID{1}).Write(3, 20)
	f.Add(encodePiece(engine.Tenant{7}, run))
	f.Add(encodePiece(engine.Tenant{}, run[:1]))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		tenant, raws, err := decodePiece(data)
		if err != nil {
			if !errors.Is(err, errStored) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		var again engine.Run
		for _, raw := range raws {
			again = append(again, envelope.Envelope{Raw: raw})
		}
		if len(raws) == 0 || !bytes.Equal(encodePiece(tenant, again), data) {
			t.Errorf("%x is accepted and is not what is written", data)
		}
	})
}

func FuzzDecodeHead(f *testing.F) {
	feed := envelope.Feed{Device: wire.DeviceID{1}, Start: 5, Lane: envelope.Content}
	f.Add(encodeHead(feed, head{seq: 9, id: wire.EventID{2}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		feed, h, err := decodeHead(data)
		if err == nil && !bytes.Equal(encodeHead(feed, h), data) {
			t.Errorf("%x is accepted and is not what is written", data)
		}
	})
}

// FuzzCursor: a cursor comes from a device; what is accepted is one of ours.
func FuzzCursor(f *testing.F) {
	e := &Engine{store: protocol.StoreID{1, 2, 3}}
	f.Add([]byte(e.cursor(position{stream: 7, given: 3})))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := e.position(data)
		if err == nil && len(data) > 0 && !bytes.Equal(e.cursor(p), data) {
			t.Errorf("%x is accepted and is not what is written", data)
		}
		if err != nil && !errors.Is(err, engine.ErrCursor) {
			t.Errorf("an error of no kind: %v", err)
		}
	})
}

func FuzzDecodeGrant(f *testing.F) {
	f.Add(wire.MustEncode(storedGrant{Version: 1, Raw: []byte{1}, Signature: []byte{2}, Set: []protocol.Entry{{Rights: 1}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if g, err := decodeGrant(data); err == nil && !bytes.Equal(wire.MustEncode(g), data) {
			t.Errorf("%x is accepted and is not what is written", data)
		}
	})
}

func FuzzDecodeCount(f *testing.F) {
	f.Add([]byte(`{"val":"-12"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := decodeCount(data); err != nil && !errors.Is(err, errStored) {
			t.Errorf("an error of no kind: %v", err)
		}
	})
}

func TestCut(t *testing.T) {
	a := enginetest.NewAuthor(wire.SpaceID{1})
	large := a.Write(5, wire.MaxEnvelope-envelope.Overhead)
	if n := cut(large); n != 2 {
		t.Errorf("%d envelopes of 1 MiB in a piece of 2", n)
	}
	if n := cut(large[:1]); n != 1 {
		t.Errorf("%d of one", n)
	}
	many := make(engine.Run, wire.MaxRun+1)
	if n := cut(many); n != wire.MaxRun {
		t.Errorf("%d of %d", n, len(many))
	}
}

func TestURLKeepsItsSecrets(t *testing.T) {
	if got := servers("nats://relay:geheim@a:4222, nats://b:4222,tls://token@c"); got != "a:4222,b:4222,c" {
		t.Error(got)
	}
}

func TestSubjectsTellTheirIDs(t *testing.T) {
	id := wire.SpaceID(wire.Random(32))
	if got, ok := undigits(grantSubject(id)); !ok || got != id {
		t.Error(grantSubject(id))
	}
	if got, ok := idAt("ck.1.x."+digits(id, 1)+".77", "ck.1.x."); !ok || got != id {
		t.Error(got)
	}
	if got, ok := spaceOf(placeOf(id).live + "0.1.2.abc"); !ok || got != id {
		t.Error(placeOf(id).live)
	}
	if got, ok := ownedSpace(tenantPrefix(engine.Tenant{1}) + text(id)); !ok || got != id {
		t.Error(got)
	}
	for _, bad := range []string{"", "gr.", "gr.0.zz", "lv.3.short.x"} {
		if _, ok := undigits(bad); ok {
			t.Error(bad)
		}
		if _, ok := spaceOf(bad); ok {
			t.Error(bad)
		}
	}
}
