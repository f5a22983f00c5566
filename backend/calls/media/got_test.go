package media

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// got is what came in one slot.
type got struct {
	packets int
	first   time.Time
	last    time.Time
	source  Source
	layer   byte
	count   uint32
	seq     uint16
	lost    int // numbers that never came, less those that came late
	key     bool
	picture uint16
	breaks  int // picture IDs that did not go on, though no packet was lost or late
	unsure  bool
	gap     time.Duration
	resumed time.Time // the first packet after it was set to zero
	reports int
	whole   int               // frames of which every packet came
	frames  map[uint32]*frame // of late, by time
	late    int
	voices  map[uint32]time.Duration // of sound: which came, and how old they were
	bytes   int
	whole1  time.Time     // the last whole frame
	frozen  time.Duration // longer than stall between whole frames, in all
}

// stall is a pause between frames that one sees.
const stall = 300 * time.Millisecond

const (
	magic    = 0xA7
	bodySize = 1 + 32 + 1 + 1 + 4 + 8 // magic, device, kind, layer, count, when
)

func (w *window) receive(t *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := ""
	for _, way := range w.pc.GetTransceivers() {
		if way.Receiver() == receiver {
			mid = way.Mid()
		}
	}
	w.mu.Lock()
	g := w.got[mid]
	if g == nil {
		g = &got{}
		w.got[mid] = g
	}
	w.mu.Unlock()
	go func() {
		for {
			packets, _, err := receiver.ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if _, ok := p.(*rtcp.SenderReport); ok {
					w.mu.Lock()
					g.reports++
					w.mu.Unlock()
				}
			}
		}
	}()
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		w.look(g, p, t.Kind() == webrtc.RTPCodecTypeVideo)
	}
}

// look notes a packet.
func (w *window) look(g *got, p *rtp.Packet, video bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	var v vp8
	at := 1
	if video {
		if len(p.Payload) == 0 || !v.read(p.Payload) {
			return
		}
		if at = 5; v.start {
			at = 15
		}
	}
	if g.packets == 0 {
		g.first, g.key, g.seq, g.picture = now, !video || v.key, p.SequenceNumber-1, v.picture-1
	} else {
		g.gap = max(g.gap, now.Sub(g.last))
	}
	g.packets++
	g.bytes += len(p.Payload)
	g.last = now
	if video {
		g.assemble(p, v.start, now)
	}
	if g.resumed.IsZero() {
		g.resumed = now
	}
	if step := int16(p.SequenceNumber - g.seq); step > 0 {
		g.lost += int(step) - 1
		g.seq = p.SequenceNumber
		g.unsure = g.unsure || step > 1
		if video && v.start {
			if !g.unsure && (v.picture-g.picture)&0x7fff != 1 {
				g.breaks++
			}
			g.picture, g.unsure = v.picture, false
		}
	} else {
		g.unsure = true
		g.lost--
		g.late++
	}
	if len(p.Payload) >= at+bodySize && p.Payload[at] == magic {
		b := p.Payload[at+1:]
		copy(g.source.Device[:], b)
		g.source.Kind, g.layer, g.count = Kind(b[32]), b[33], binary.BigEndian.Uint32(b[34:])
		if !video {
			if g.voices == nil || len(g.voices) > 5000 {
				g.voices = map[uint32]time.Duration{}
			}
			g.voices[g.count] = now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b[38:]))))
		}
	}
}

// came reports whether sound came from the first moment of a word on: a busy machine loses a packet of it.
func (g *got) came(first, of uint32) bool {
	for n := first; n < first+of; n++ {
		if g.voices[n] > 0 {
			return true
		}
	}
	return false
}

// assemble counts frames whose packets all came. A packet gives its number in the frame by where it
// starts and ends: the first has the start bit, the last the marker.
func (g *got) assemble(p *rtp.Packet, start bool, now time.Time) {
	if g.frames == nil || len(g.frames) > 200 {
		g.frames = map[uint32]*frame{}
	}
	f := g.frames[p.Timestamp]
	if f == nil {
		f = &frame{}
		g.frames[p.Timestamp] = f
	}
	f.packets++
	if start {
		f.first, f.started = p.SequenceNumber, true
	}
	if p.Marker {
		f.last, f.ended = p.SequenceNumber, true
	}
	if f.started && f.ended && f.packets == int(f.last-f.first)+1 {
		g.whole++
		if pause := now.Sub(g.whole1); !g.whole1.IsZero() && pause > stall {
			g.frozen += pause
		}
		g.whole1 = now
	}
}

type frame struct {
	packets        int
	first, last    uint16
	started, ended bool
}

// sees gives a copy of what came of a source, where the engine says that it is.
func (w *window) sees(source Source) (got, bool) {
	for _, s := range w.e.Snapshot().Slots {
		if s.Source == source {
			w.mu.Lock()
			defer w.mu.Unlock()
			if g := w.got[s.Mid]; g != nil && g.packets > 0 && g.source == source {
				copied := *g
				copied.voices = maps.Clone(g.voices)
				return copied, true
			}
		}
	}
	return got{}, false
}

func hasMid(slots []Slot, source Source) bool {
	return slices.ContainsFunc(slots, func(s Slot) bool { return s.Source == source })
}
