package media

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// What a stream misses is asked for after a moment, again when an answer could have come, and not
// for ever; what came late or by a copy is not asked for; numbers wrap.
func TestGaps(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	g := &gaps{useful: soundAge}
	note := func(seq uint16) time.Time { return g.note(seq, now, askAfter) }
	if !note(65533).IsZero() || !note(65534).IsZero() {
		t.Error("missing without a gap")
	}
	if at := note(2); !at.Equal(now.Add(askAfter)) { // 65535, 0 and 1 are missing
		t.Errorf("to be asked at %v", at)
	}
	if ask, next := g.due(now, 0); len(ask) > 0 || !next.Equal(now.Add(askAfter)) {
		t.Errorf("asked at once for %v", ask)
	}
	note(0)
	now = now.Add(askAfter)
	if ask, _ := g.due(now, 40*time.Millisecond); !slices.Equal(ask, []uint16{65535, 1}) {
		t.Errorf("asked for %v", ask)
	}
	if ask, next := g.due(now.Add(30*time.Millisecond), 40*time.Millisecond); len(ask) > 0 || !next.Equal(now.Add(50*time.Millisecond)) {
		t.Errorf("asked again for %v before an answer could be here", ask)
	}
	now = now.Add(50 * time.Millisecond)
	if ask, _ := g.due(now, 40*time.Millisecond); len(ask) != 2 {
		t.Errorf("asked again for %v", ask)
	}
	note(1)
	now = now.Add(soundAge)
	if ask, next := g.due(now, 0); len(ask) > 0 || !next.IsZero() {
		t.Errorf("asks for ever: %v", ask)
	}
	if at := note(30000); !at.IsZero() {
		t.Error("another beginning is a gap")
	}
}

// However numbers come, not more than a bound is kept, and nothing that came is asked for.
func FuzzGaps(f *testing.F) {
	f.Add([]byte{0, 1, 2, 9, 5}, int64(3))
	f.Fuzz(func(t *testing.T, steps []byte, seed int64) {
		random := rand.New(rand.NewPCG(uint64(seed), 1))
		g := &gaps{useful: pictureAge}
		now := time.Unix(1_700_000_000, 0)
		came := map[uint16]bool{}
		seq := uint16(random.Uint32())
		for _, step := range steps {
			seq += uint16(step) * uint16(step)
			if step == 255 {
				seq = uint16(random.Uint32())
				clear(came)
			}
			now = now.Add(time.Duration(step) * time.Millisecond)
			g.note(seq, now, askAfter)
			came[seq] = true
			ask, next := g.due(now, 0)
			if len(g.missing) > maxMissing || len(ask) > 0 && next.IsZero() {
				t.Fatal(len(g.missing), next)
			}
			for _, s := range ask {
				if s == seq {
					t.Fatalf("asks for %d, which just came", s)
				}
			}
		}
	})
}

// What a slot sent is sent again as it was, with its number; once in a round trip; not for ever.
func TestSlotSendsAgain(t *testing.T) {
	src := newSource(camera(1), 3, &clockOffset{})
	s := newSlot(quietCarrier{}, 0, true, false)
	end := &caught{}
	s.track.bound.Store(&bound{ssrc: 9, payload: vp8Type, writer: end})
	now := time.Now()
	s.take(src, anyLayer, now)
	s.aim(&src.layers[full], full)
	for n := range keptPictures + 10 {
		now = now.Add(time.Millisecond)
		src.layers[full].deliver(quietCarrier{}, 7, picturePacket(uint16(n), uint32(n)*3000, uint16(n), byte(n), n == 0, now))
	}
	sent := end.all
	if len(sent) != keptPictures+10 {
		t.Fatalf("%d sent", len(sent))
	}
	end.all = nil
	of := sent[keptPictures]
	s.resend(of.SequenceNumber, now.Add(time.Second), time.Millisecond)
	s.resend(of.SequenceNumber, now.Add(time.Second), time.Millisecond)
	s.resend(sent[1].SequenceNumber, now.Add(time.Second), time.Millisecond)
	s.resend(of.SequenceNumber+100, now.Add(time.Second), time.Millisecond)
	if len(end.all) != 1 {
		t.Fatalf("%d sent again, want one", len(end.all))
	}
	got := end.all[0]
	if got.SequenceNumber != of.SequenceNumber || got.Timestamp != of.Timestamp || got.Marker != of.Marker || got.CSRC[0] != of.CSRC[0] || !bytes.Equal(got.Payload, of.Payload) {
		t.Errorf("%+v, was %+v", got.Header, of.Header)
	}
}
