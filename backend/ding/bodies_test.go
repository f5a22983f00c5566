package ding

import (
	"encoding/hex"
	"testing"

	"roundtable/backend/wire"
)

// The bytes of events are for ever.
func TestBodies(t *testing.T) {
	var device wire.DeviceID
	var person wire.PersonID
	copy(device[:], "device")
	copy(person[:], "person")
	at := Ref{Device: device, Start: 1_800_000_000_000, Seq: 7}
	nonce := []byte("0123456789abcdef")
	for want, body := range map[string]any{
		"a3018358206465766963650000000000000000000000000000000000000000000000000000" + "1b000001a3185c500007" + "02f5" + "0450" + hex.EncodeToString(nonce):                                                                          sent{Message: at, All: true, Nonce: nonce},
		"a3018358206465766963650000000000000000000000000000000000000000000000000000" + "1b000001a3185c500007" + "038158207065" + "72736f6e0000000000000000000000000000000000000000000000000000" + "0450" + hex.EncodeToString(nonce): reminded{Ding: at, People: []wire.PersonID{person}, Nonce: nonce},
		"a1018358206465766963650000000000000000000000000000000000000000000000000000" + "1b000001a3185c500007":                                                                                                                        about{Ding: at},
		"a30102020a0303": rulesSet{Who: Leads, PerDay: 10, PerTen: 3},
	} {
		if got := hex.EncodeToString(wire.MustEncode(body)); got != want {
			t.Errorf("%T: %s", body, got)
		}
	}
}

func FuzzBodies(f *testing.F) {
	var device wire.DeviceID
	device[0] = 1
	at := Ref{Device: device, Start: 1, Seq: 1}
	f.Add(wire.MustEncode(sent{Message: at, All: true, Nonce: make([]byte, nonceSize)}))
	f.Add(wire.MustEncode(reminded{Ding: at, People: make([]wire.PersonID, 2), Nonce: make([]byte, nonceSize)}))
	f.Add(wire.MustEncode(rulesSet{Who: 1, PerDay: 1, PerTen: 1}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s sent
		if wire.Decode(raw, wire.MaxBody, &s) == nil && s.valid() && (len(s.People) > MaxPeople || len(s.Nonce) != nonceSize || s.All == (len(s.People) > 0)) {
			t.Errorf("%x is taken", raw)
		}
		var r reminded
		if wire.Decode(raw, wire.MaxBody, &r) == nil && r.valid() && r.Ding.Seq == 0 {
			t.Errorf("%x is taken", raw)
		}
		var u rulesSet
		if wire.Decode(raw, wire.MaxBody, &u) == nil && u.valid() && (u.PerDay > mostRules || u.PerTen == 0) {
			t.Errorf("%x is taken", raw)
		}
		var a about
		_ = wire.Decode(raw, wire.MaxBody, &a)
	})
}

func FuzzName(f *testing.F) {
	f.Add("spc_a.dev_b.1.2")
	f.Fuzz(func(t *testing.T, text string) {
		id, at, err := parseID(text)
		if err == nil && idOf(id, at) != text {
			// Numbers have more than one spelling; places have not.
			if again, there, err := parseID(idOf(id, at)); err != nil || again != id || there != at {
				t.Errorf("%q", text)
			}
		}
	})
}
