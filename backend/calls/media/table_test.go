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
	sound  float64 // share of what was said that came
	timely float64 // share of it that came soon enough to be played
	fps    float64 // whole frames; 15 are sent
	frozen float64 // share of the time without a new picture for longer than stall
	got    int     // bits a second of pictures that came
	bps    int     // the estimate
	layer  byte
	copies int
}

// patient is how much later than the first possible moment a packet of sound may come: what a page waits at most on a bad line.
const patient = 150 * time.Millisecond

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
	return judged(a, roundTrip/2+patient, during, [2]got{g, h}, [2]got{v, w})
}

// judged compares what came before and after a while.
func judged(from *window, soon, during time.Duration, sound, picture [2]got) seen {
	made := float64(sound[1].count - sound[0].count) // packets of sound; a busy machine makes fewer than 50 a second
	came, timely := 0, 0
	for count, age := range sound[1].voices {
		if count > sound[0].count && count <= sound[1].count {
			came++
			if age <= soon {
				timely++
			}
		}
	}
	from.e.mu.Lock()
	copies := from.e.legs[id(2)].copies
	from.e.mu.Unlock()
	seconds := made / 50
	return seen{
		sound: float64(came) / made, timely: float64(timely) / made, fps: float64(picture[1].whole-picture[0].whole) / seconds,
		frozen: (picture[1].frozen - picture[0].frozen).Seconds() / during.Seconds(), got: int(float64(picture[1].bytes-picture[0].bytes) * 8 / during.Seconds()),
		bps: from.e.Snapshot().Networks[id(2)].BPS, layer: picture[1].layer, copies: copies,
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
					t.Logf("| %v | %.0f | %.0f %% | %.1f %% | %.1f %% | %d | %.1f | %.1f %% | %d | %d | %s |", roundTrip, rate/1000, loss*100,
						s.sound*100, s.timely*100, s.copies, s.fps, s.frozen*100, s.got/1000, s.bps/1000, layerNames[s.layer])
				})
			}
		}
	}
}
