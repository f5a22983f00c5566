package media

import (
	"testing"
	"time"

	"roundtable/backend/wire"
)

// Who looks is told at once of what is seen, heard or to be acted on, and of figures once a second.
func TestWhatIsTold(t *testing.T) {
	peer := id(2)
	seen := func(change func(*Snapshot, *Network)) Snapshot {
		s := Snapshot{Voices: map[wire.DeviceID]bool{peer: false}, Sending: Sending{CameraBPS: 1_000_000, Layers: []string{"q"}}}
		n := Network{Connected: true, RoundTrip: 20 * time.Millisecond, BPS: 5_000_000}
		change(&s, &n)
		s.Networks = map[wire.DeviceID]Network{peer: n}
		return s
	}
	before := seen(func(*Snapshot, *Network) {})
	for name, c := range map[string]struct {
		change          func(*Snapshot, *Network)
		atOnce, figures bool
	}{
		"nothing":               {func(*Snapshot, *Network) {}, false, false},
		"somebody speaks":       {func(s *Snapshot, _ *Network) { s.Voices[peer] = true }, true, false},
		"another speaker":       {func(s *Snapshot, _ *Network) { s.Speaker = peer }, true, false},
		"a slot":                {func(s *Snapshot, _ *Network) { s.Slots = []Slot{{Mid: "3"}} }, true, false},
		"a way is gone":         {func(_ *Snapshot, n *Network) { n.Connected = false }, true, false},
		"nothing heard":         {func(_ *Snapshot, n *Network) { n.Silent = time.Second }, true, false},
		"a longer round trip":   {func(_ *Snapshot, n *Network) { n.RoundTrip *= 3 }, false, true},
		"1 ms more":             {func(_ *Snapshot, n *Network) { n.RoundTrip += time.Millisecond }, false, false},
		"losses":                {func(_ *Snapshot, n *Network) { n.Loss = 0.1 }, false, true},
		"the estimate":          {func(_ *Snapshot, n *Network) { n.BPS *= 2 }, false, false},
		"more may be sent":      {func(s *Snapshot, _ *Network) { s.Sending.CameraBPS *= 2 }, false, true},
		"less may be sent":      {func(s *Snapshot, _ *Network) { s.Sending.CameraBPS /= 2 }, true, true},
		"another layer is sent": {func(s *Snapshot, _ *Network) { s.Sending.Layers = []string{"q", "h"} }, true, false},
	} {
		after := seen(c.change)
		if got := differs(before, after); got != c.atOnce {
			t.Errorf("%s: differs %v", name, got)
		}
		if got := drifted(before, after); got != c.figures {
			t.Errorf("%s: drifted %v", name, got)
		}
	}
}
