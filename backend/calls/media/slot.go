package media

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// slot is one sender of a leg: an endless stream that carries now this source, now that one.
type slot struct {
	number int
	video  bool
	page   bool
	track  *track
	way    *webrtc.RTPTransceiver
	out    carrier // whose slot it is

	// Guarded by Engine.mu.
	src   *source
	fixed int       // the one layer it is for, at a hub's wish; any: -1
	freed time.Time // src became nil
	since time.Time // src was set
	upper time.Time // a higher layer was chosen

	mu      sync.Mutex
	current *layer // what it carries
	run     uint32 // of current
	target  *layer // what it shall carry; nil: nothing
	fresh   bool   // nothing of the target's run has been seen, or the receiver lost the picture
	rw      rewriter
	header  rtp.Header
	tag     uint32
	packets uint32
	bytes   uint32

	sent atomic.Int64 // bytes
}

const anyLayer = -1

func newSlot(out carrier, number int, video, page bool) *slot {
	kind, rate := webrtc.RTPCodecTypeAudio, uint32(48000)
	if video {
		kind, rate = webrtc.RTPCodecTypeVideo, 90000
	}
	return &slot{out: out, number: number, video: video, page: page, fixed: anyLayer, track: newTrack(kind, number), rw: rewriter{rate: rate}}
}

// aim has the slot carry a layer, from its next key frame on; nil is nothing, at once.
func (s *slot) aim(l *layer) {
	s.mu.Lock()
	old := s.target
	if old == l {
		s.mu.Unlock()
		return
	}
	s.target = l
	if l == nil || s.current != nil && s.current.src != l.src {
		if s.current != nil && s.current != old {
			s.current.leave(s)
		}
		s.current = nil // another source: what is left of the old one would be shown in its place
	}
	current := s.current
	s.mu.Unlock()
	if old != nil && old != current {
		old.leave(s)
	}
	if l != nil {
		l.join(s)
		if s.video {
			l.ask(time.Now())
		}
	}
}

// waits says for which layer's key frame the slot waits; nil: for none.
func (s *slot) waits() *layer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.target != nil && (s.current != s.target || s.fresh) {
		return s.target
	}
	return nil
}

// forward takes a packet of a layer. It is called by one goroutine at a time for one layer, and by
// two when the slot is between layers.
func (s *slot) forward(l *layer, run uint32, p *packet) {
	b := s.track.bound.Load()
	if b == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case l == s.target && (l != s.current || run != s.run):
		if s.video && !p.vp8.key {
			return // nobody can show it
		}
		if s.current != nil && s.current != l {
			old := s.current
			defer old.leave(s)
		}
		s.current, s.run, s.fresh = l, run, false
		s.tag = l.tag()
		s.rw.begin(p)
	case l != s.current || run != s.run:
		return
	}
	if len(p.payload) == 0 {
		s.rw.skip(p)
		return
	}
	seq, at, ok := s.rw.next(p)
	if !ok {
		return
	}
	h := &s.header
	extensions, csrc := h.Extensions[:0], h.CSRC[:0]
	*h = rtp.Header{Version: 2, Marker: p.marker, PayloadType: b.payload, SequenceNumber: seq, Timestamp: at, SSRC: b.ssrc, Extensions: extensions, CSRC: csrc}
	if !s.page {
		h.CSRC = append(h.CSRC, s.tag)
		if b.levelID != 0 && p.level >= 0 {
			_ = h.SetExtension(b.levelID, []byte{byte(p.level)})
		}
	}
	s.packets++
	s.bytes += uint32(len(p.payload))
	s.sent.Add(int64(len(p.payload)) + 40)
	b.write(h, p.payload)
}

// report says at what time of the clock a time of the stream was taken, as the source said it.
func (s *slot) report(l *layer, ntp uint64, at uint32) *rtcp.SenderReport {
	b := s.track.bound.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == nil || s.current != l {
		return nil
	}
	return &rtcp.SenderReport{SSRC: b.ssrc, NTPTime: ntp, RTPTime: at + s.rw.timeOff, PacketCount: s.packets, OctetCount: s.bytes}
}

// lost is told when the receiver has lost the picture.
func (s *slot) lost(now time.Time) {
	s.mu.Lock()
	l := s.current
	if s.target != nil {
		l = s.target
	}
	s.mu.Unlock()
	if l != nil && s.video {
		l.ask(now)
	}
}

// listen reads what the receiver of the slot says about it, until the connection ends.
func (s *slot) listen(sender *webrtc.RTPSender) {
	buffer := make([]byte, maxPacket)
	for {
		n, attributes, err := sender.Read(buffer)
		if err != nil {
			return
		}
		packets, err := attributes.GetRTCPPackets(buffer[:n])
		if err != nil {
			continue
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.lost(time.Now())
			}
		}
	}
}
