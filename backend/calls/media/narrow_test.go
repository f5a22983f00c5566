package media

import (
	"fmt"
	"os"
	"testing"
	"time"

	"roundtable/backend/wire"
)

// seen is what the far end got of two streams in a while.
type seen struct {
	sound, frames float64 // shares of what was sent
	bps           int
	layer         byte
}

// watch has one device send over a line to another for a while, the first part of it not counted.
func watch(t testing.TB, bps, loss float64, roundTrip, settle, during time.Duration) seen {
	o := newOffice(t)
	line, back := newNarrow(bps, roundTrip/2, loss), newNarrow(10e6, roundTrip/2, 0)
	t.Cleanup(line.close)
	t.Cleanup(back.close)
	a, b := o.openAt(1, line), o.openAt(2, back)
	a.e.Follow(Plan{Peers: []wire.DeviceID{id(2)}})
	b.e.Follow(Plan{Peers: []wire.DeviceID{id(1)}})
	b.e.Want([]Want{{camera(1), 720}})
	await(t, "sound", func() bool { _, ok := b.sees(mic(1)); return ok }, a.e, b.e)
	time.Sleep(settle)
	g, _ := b.sees(mic(1))
	v, _ := b.sees(camera(1))
	time.Sleep(during)
	h, _ := b.sees(mic(1))
	w, _ := b.sees(camera(1))
	made := float64(h.count - g.count) // packets of sound; a busy machine makes fewer than 50 a second
	return seen{
		sound:  float64(h.packets-g.packets) / made,
		frames: float64(w.whole-v.whole) / (made * fps / 50),
		bps:    a.e.Snapshot().Networks[id(2)].BPS, layer: w.layer,
	}
}

// The table of lossy lines: run it with CALL_TABLE set; it takes minutes.
func TestTableOfLines(t *testing.T) {
	if os.Getenv("CALL_TABLE") == "" {
		t.Skip("takes minutes: set CALL_TABLE")
	}
	for _, roundTrip := range []time.Duration{20 * time.Millisecond, 150 * time.Millisecond} {
		for _, rate := range []float64{300_000, 800_000, 2_000_000} {
			for _, loss := range []float64{0, 0.02, 0.05, 0.1, 0.3} {
				t.Run(fmt.Sprint(roundTrip, " ", rate/1000, " ", loss), func(t *testing.T) {
					s := watch(t, rate, loss, roundTrip, 8*time.Second, 8*time.Second)
					t.Logf("loss %2.0f %%, %4.0f kb/s, %v: sound %3.0f %%, frames %3.0f %%, layer %s, estimate %d kb/s",
						loss*100, rate/1000, roundTrip, s.sound*100, s.frames*100, layerNames[s.layer], s.bps/1000)
				})
			}
		}
	}
}
