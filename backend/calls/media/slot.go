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
	limit int       // the highest layer that the way carries; -1: none
	upped time.Time // limit was raised or lowered
	over  time.Time // since when it is too much, zero: it is not

	mu      sync.Mutex
	current *layer // what it carries
	run     uint32 // of current
	target  *layer // what it shall carry; nil: nothing
	most    int    // the highest layer that it may carry
	fresh   bool   // the target's stream is another one, and no key frame of it has come
	rw      rewriter
	header  rtp.Header
	tag     uint32
	packets uint32
	bytes   uint32
	red     redundancy
	levels  [1]byte // the value of a header extension
	// sentLately is for what is asked for again, between engines.
	sentLately history

	copies atomic.Int32 // how often sound is repeated
	sent   atomic.Int64 // bytes
}

const anyLayer = -1

func newSlot(out carrier, number int, video, page bool) *slot {
	kind, rate := webrtc.RTPCodecTypeAudio, uint32(48000)
	if video {
		kind, rate = webrtc.RTPCodecTypeVideo, 90000
	}
	return &slot{out: out, number: number, video: video, page: page, fixed: anyLayer, track: newTrack(kind, number), rw: rewriter{rate: rate}}
}

// stalled is after how long without a packet any layer will do.
const stalled = 250 * time.Millisecond

// take gives the slot a source: it listens to all layers that it may carry, so that the first key
// frame of any of them is shown. The caller holds Engine.mu, as of free.
func (s *slot) take(src *source, fixed int, now time.Time) {
	s.src, s.fixed, s.since = src, fixed, now
	s.limit, s.upped, s.over = small, time.Time{}, time.Time{}
	if !s.video {
		s.aim(&src.layers[full], full)
		src.layers[full].enter(s, now)
		return
	}
	for i := range src.layers {
		if fixed == anyLayer || fixed == i {
			src.layers[i].join(s)
		}
	}
}

// free takes the source away.
func (s *slot) free(now time.Time) {
	if s.src == nil {
		return
	}
	for i := range s.src.layers {
		s.src.layers[i].leave(s)
	}
	s.src, s.fixed, s.freed = nil, anyLayer, now
	s.mu.Lock()
	s.current, s.target, s.fresh = nil, nil, false
	s.mu.Unlock()
}

// aim has the slot carry a layer of its source, from the next key frame of that on; nil: nothing.
// When a better one comes, up to the most, its first key frame is not waited for twice.
func (s *slot) aim(l *layer, most int) {
	s.mu.Lock()
	same := s.target == l
	s.target, s.most = l, most
	if l == nil {
		s.current = nil
	}
	s.mu.Unlock()
	if !same && s.video && l != nil {
		l.ask(time.Now())
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

// forward takes a packet of a layer. One goroutine at a time calls it for one layer.
func (s *slot) forward(l *layer, run uint32, p *packet) {
	b := s.track.bound.Load()
	if b == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l != s.current || run != s.run {
		if !s.turns(l, p) {
			return
		}
		s.current, s.run, s.tag = l, run, l.tag()
		s.rw.begin(p)
		s.red.forget()
	}
	if len(p.payload) == 0 {
		s.rw.skip(p)
		return
	}
	seq, at, ok := s.rw.next(p)
	if !ok {
		return
	}
	h := s.fillHeader(b, b.payload, seq, at, p.marker, s.tag)
	if !s.page && b.levelID != 0 && p.level >= 0 {
		s.levels[0] = byte(p.level)
		_ = h.SetExtension(b.levelID, s.levels[:])
	}
	if !s.page {
		size := keptSounds
		if s.video {
			size = keptPictures
		}
		s.sentLately.keep(size, seq, at, p.marker, s.tag, p.payload, p.at)
	}
	payload := p.payload
	if n := int(s.copies.Load()); n > 0 && b.red != 0 {
		if wrapped, ok := s.red.wrap(n, seq, at, b.payload, p.payload); ok {
			h.PayloadType, payload = b.red, wrapped
		}
		s.red.note(seq, at, p.payload)
	}
	s.packets++
	s.bytes += uint32(len(payload))
	s.sent.Add(int64(len(payload)) + 40)
	b.write(h, payload)
}

// fillHeader makes the slot's header that of a packet. The caller holds mu.
func (s *slot) fillHeader(b *bound, payload uint8, seq uint16, at uint32, marker bool, tag uint32) *rtp.Header {
	h := &s.header
	*h = rtp.Header{Version: 2, Marker: marker, PayloadType: payload, SequenceNumber: seq, Timestamp: at, SSRC: b.ssrc, Extensions: h.Extensions[:0], CSRC: h.CSRC[:0]}
	if !s.page {
		h.CSRC = append(h.CSRC, tag)
	}
	return h
}

// turns says whether the slot goes over to another stream with this packet: to the target's as soon
// as it can be shown, to any when there is nothing else to see. The caller holds mu.
func (s *slot) turns(l *layer, p *packet) bool {
	if s.target == nil {
		return false
	}
	if l == s.target {
		s.fresh = s.video && !p.vp8.key // nobody can show it
		return !s.fresh
	}
	if p.vp8.key && s.current != nil && l.index > s.current.index && l.index <= s.most {
		s.target = l
		return true
	}
	return p.vp8.key && (s.current == nil || p.at.Sub(s.rw.at) > stalled)
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
			switch p := p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.lost(time.Now())
			case *rtcp.TransportLayerNack:
				s.asked(p, time.Now())
			}
		}
	}
}
