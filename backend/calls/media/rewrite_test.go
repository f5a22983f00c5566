package media

import (
	"math/rand/v2"
	"testing"
	"time"
)

// picturePacket is one of a made-up stream, every frame one packet.
func picturePacket(seq uint16, at uint32, picture uint16, level byte, key bool, now time.Time) *packet {
	p := &packet{seq: seq, time: at, marker: true, at: now, level: -1, payload: picturePayload(key, true, picture, level, nil, 100)}
	p.vp8.read(p.payload)
	return p
}

// Pieces of many streams with numbers anywhere become one: sequence and picture numbers without a
// gap, time that goes as the clock does, across the ends of the numbers.
func TestPiecesBecomeOne(t *testing.T) {
	r := rewriter{rate: 90000}
	random := rand.New(rand.NewPCG(1, 2))
	now := time.Unix(1_700_000_000, 0)
	var lastSeq, lastPicture uint16
	var lastTime uint32
	var lastLevel byte
	first := true
	for range 200 {
		seq, at, picture, level := uint16(random.Uint32()), random.Uint32(), uint16(random.Uint32())&0x7fff, byte(random.Uint32())
		for i := range 1 + random.IntN(2000) {
			now = now.Add(66 * time.Millisecond)
			p := picturePacket(seq, at, picture, level, i == 0, now)
			if i == 0 {
				r.begin(p)
			}
			s, out, ok := r.next(p)
			if !ok {
				t.Fatal("dropped")
			}
			var v vp8
			v.read(p.payload)
			if !first && (s != lastSeq+1 || v.picture != (lastPicture+1)&0x7fff || v.level != lastLevel+1 || out-lastTime < 5900 || out-lastTime > 6000) {
				t.Fatalf("after %d %d %d %d: %d %d %d %d", lastSeq, lastTime, lastPicture, lastLevel, s, out, v.picture, v.level)
			}
			first, lastSeq, lastTime, lastPicture, lastLevel = false, s, out, v.picture, v.level
			seq, at, picture, level = seq+1, at+5940, (picture+1)&0x7fff, level+1
		}
	}
}

// What is late keeps its place; what is of the piece before is dropped; padding leaves no gap.
func TestLatePackets(t *testing.T) {
	r := rewriter{rate: 90000}
	now := time.Unix(1_700_000_000, 0)
	give := func(seq uint16) (uint16, bool) {
		s, _, ok := r.next(picturePacket(seq, 0, seq, 0, false, now))
		return s, ok
	}
	r.begin(picturePacket(100, 0, 100, 0, true, now))
	a, _ := give(100)
	c, _ := give(102)
	if b, ok := give(101); !ok || b != a+1 || c != a+2 {
		t.Error(a, b, c)
	}
	r.begin(picturePacket(5000, 0, 7, 0, true, now))
	d, _ := give(5000)
	if _, ok := give(4999); ok || d != c+1 {
		t.Error("of the piece before", c, d)
	}
	r.skip(&packet{seq: 5001})
	if e, _ := give(5002); e != d+1 {
		t.Error("padding left a gap", d, e)
	}
}
