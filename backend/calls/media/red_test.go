package media

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// caught is the network end of a slot: it keeps what is written.
type caught struct {
	deaf
	all []rtp.Packet
}

func (c *caught) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	p := rtp.Packet{Header: *h, Payload: bytes.Clone(payload)}
	p.CSRC, p.Extensions = append([]uint32(nil), h.CSRC...), append([]rtp.Extension(nil), h.Extensions...)
	c.all = append(c.all, p)
	return 0, nil
}

// spoke makes a slot for a microphone, and what it writes to.
func spokeTo(src *source, copies int32) (*slot, *caught) {
	s := newSlot(quietCarrier{}, 0, false, false)
	end := &caught{}
	s.track.bound.Store(&bound{ssrc: 9, payload: opusType, red: redType, levelID: 4, writer: end})
	s.copies.Store(copies)
	s.take(src, anyLayer, time.Now())
	return s, end
}

// What is lost of a stream with copies is there from a later packet, once, in its place and with its
// time, though some also come again because they were asked for.
func TestRedundantSound(t *testing.T) {
	for copies, least := range []float64{0.65, 0.88, 0.955} {
		random := rand.New(rand.NewPCG(5, uint64(copies)))
		from, to := newSource(mic(1), 1, &clockOffset{}), newSource(mic(1), 1, &clockOffset{})
		_, line := spokeTo(from, int32(copies))
		_, end := spokeTo(to, 0)
		in := &incoming{from: quietCarrier{}, levelID: 4, came: &arrived{}, layer: func(uint32) *layer { return &to.layers[full] }}
		now := time.Unix(1_700_000_000, 0)
		const n = 3000
		for i := range n {
			now = now.Add(20 * time.Millisecond)
			from.layers[full].deliver(quietCarrier{}, 3, &packet{seq: uint16(i + 65000), time: uint32(i) * 960, level: 20, at: now, payload: []byte{1, byte(i), byte(i >> 8)}})
		}
		for i := range line.all {
			p := line.all[i]
			if p.PayloadType != opusType && p.PayloadType != redType || len(p.Payload) > 3+copies*(3+4)+1 {
				t.Fatalf("type %d, %d bytes", p.PayloadType, len(p.Payload))
			}
			raw, err := p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && random.Float64() < 0.3 { // the first one tells where the stream begins
				continue
			}
			in.take(raw, now)
			if random.Float64() < 0.1 {
				in.take(raw, now) // asked for, and twice on its way
			}
		}
		seen := map[int]bool{}
		for _, p := range end.all {
			i := int(p.Payload[1]) | int(p.Payload[2])<<8
			if seen[i] || p.Timestamp-end.all[0].Timestamp != uint32(i)*960 || p.SequenceNumber-end.all[0].SequenceNumber != uint16(i) {
				t.Fatalf("%d copies: packet %d: again %v, time %d, number %d", copies, i, seen[i], p.Timestamp, p.SequenceNumber)
			}
			seen[i] = true
		}
		share := float64(len(seen)) / n
		t.Logf("%d copies: %.1f %% of a line that loses 30 %%", copies, share*100)
		if share < least {
			t.Errorf("%d copies: %.3f came, want %.3f", copies, share, least)
		}
	}
}

// Sound is repeated where much is lost, not where little is, and not where copies would push out sound itself.
func TestWhenSoundIsRepeated(t *testing.T) {
	for _, c := range []struct {
		now        int
		loss       float64
		sound, bps float64
		want       int
	}{
		{0, 0, 40_000, 1e6, 0}, {0, 0.02, 40_000, 1e6, 0}, {0, 0.05, 40_000, 1e6, 1}, {1, 0.02, 40_000, 1e6, 1}, {1, 0.005, 40_000, 1e6, 0},
		{0, 0.3, 40_000, 1e6, 2}, {2, 0.1, 40_000, 1e6, 2}, {2, 0.05, 40_000, 1e6, 1}, {2, 0, 40_000, 1e6, 0},
		{0, 0.3, 40_000, 300_000, 2}, {0, 0.3, 40_000, 200_000, 1}, {2, 0.3, 40_000, 100_000, 0}, {0, 0.3, 400_000, 1e6, 0},
	} {
		if got := copies(c.now, c.loss, c.sound, c.bps); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// Whatever a payload says, what is read of it lies within it, and what we write is read as it was.
func FuzzRed(f *testing.F) {
	f.Add([]byte{0x80 | opusType, 0, 0x0f, 3, opusType, 1, 2, 3, 4}, uint16(3), uint32(960))
	f.Add([]byte{opusType, 1}, uint16(0), uint32(0))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, uint16(1), uint32(1))
	f.Fuzz(func(t *testing.T, data []byte, seq uint16, at uint32) {
		blocks, ok := split(data, nil)
		if sum := 0; ok {
			for _, b := range blocks {
				sum += len(b.data)
			}
			if sum >= len(data) || len(blocks) > redBlocks+1 || len(blocks[len(blocks)-1].data) == 0 {
				t.Fatalf("%d bytes in %d blocks of %d", sum, len(blocks), len(data))
			}
		}
		if len(data) == 0 {
			return
		}
		var r redundancy
		r.note(seq-1, at-960, data)
		payload, ok := r.wrap(2, seq, at, opusType, data)
		if ok != (len(data) <= redLength) {
			t.Fatal("wrapped:", ok)
		}
		if !ok {
			return
		}
		blocks, ok = split(payload, blocks)
		if !ok || len(blocks) != 2 || !bytes.Equal(blocks[0].data, data) || !bytes.Equal(blocks[1].data, data) || blocks[0].before != 960 {
			t.Fatalf("%v %+v", ok, blocks)
		}
	})
}
