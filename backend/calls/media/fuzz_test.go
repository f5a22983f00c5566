package media

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"roundtable/backend/wire"
)

// quietCarrier brings packets and is told nothing.
type quietCarrier struct{}

func (quietCarrier) write([]rtcp.Packet) {}
func (quietCarrier) ask(*layer) bool     { return true }

// deaf is the network end of a slot.
type deaf struct{ last rtp.Header }

func (d *deaf) WriteRTP(h *rtp.Header, _ []byte) (int, error) { d.last = *h; return 0, nil }
func (*deaf) Write([]byte) (int, error)                       { return 0, nil }

// Whatever another engine says, the engine goes on; what is taken has the shape that is allowed.
func FuzzSignal(f *testing.F) {
	o, err := New(Options{Self: id(1), Send: func(context.Context, wire.DeviceID, []byte) error { return nil }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(o.Close)
	o.Follow(Plan{Peers: []wire.DeviceID{id(2), {}}, Hub: id(2)})
	for _, m := range []message{
		{Hello: &hello{}}, {Offer: &description{1, 1, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=fingerprint:sha-256 AA\r\n"}},
		{Answer: &description{1, 1, "v=0"}}, {Candidate: &candidate{1, "candidate:1 1 udp 1 127.0.0.1 9 typ host"}}, {Restart: &restart{1}},
		{Have: &have{[]told{{1, id(2), Camera}}}}, {Want: &want{[]picture{{id(1), Camera, 720, 0}}}}, {Room: &room{56, 56}},
	} {
		f.Add(wire.MustEncode(m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o.Signal(id(2), data)
		o.Signal(id(0), data)
		m, err := parse(data)
		if err == nil && m.Have != nil && len(m.Have.Sources) > maxTold {
			t.Error("too many sources")
		}
		if m.Candidate != nil {
			usable(m.Candidate.Text, true)
		}
		_, _ = parseBeat(data)
		o.reconcile(time.Now())
	})
}

// Whatever a session description says, it is refused or understood.
func FuzzDescribe(f *testing.F) {
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 " + strings.Repeat("AA:", 31) + "BB\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := describe(text)
		if err == nil && (len(d.sections) == 0 || len(d.sections) > maxMids || d.fingerprint == "") {
			t.Errorf("%+v", d)
		}
	})
}

// Whatever packets come, forwarding does not panic, and what goes out names its own source and no
// extension of theirs.
func FuzzPackets(f *testing.F) {
	p := rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 65535, CSRC: []uint32{6}}, Payload: picturePayload(true, true, 0x7fff, 255, nil, 40)}
	raw, _ := p.Marshal()
	f.Add(raw, true, uint16(3))
	f.Add([]byte{0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1}, false, uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, video bool, cut uint16) {
		kind := Microphone
		if video {
			kind = Camera
		}
		src := newSource(Source{id(2), kind}, 1, &clockOffset{})
		s := newSlot(quietCarrier{}, 0, video, false)
		end := &deaf{}
		s.track.bound.Store(&bound{ssrc: 9, payload: 96, levelID: 4, writer: end})
		s.take(src, anyLayer, time.Now())
		s.aim(&src.layers[full], full)
		in := &incoming{from: quietCarrier{}, video: video, levelID: 3, layer: func(csrc uint32) *layer {
			if csrc>>2 != 1 || csrc&3 > full {
				return nil
			}
			return &src.layers[csrc&3]
		}}
		in.take(data, time.Now())
		if int(cut) < len(data) {
			in.take(data[cut:], time.Now())
			in.take(data[:cut], time.Now())
		}
		if end.last.Version != 0 && (end.last.SSRC != 9 || len(end.last.CSRC) != 1 || end.last.CSRC[0]>>2 != 1) {
			t.Errorf("%+v", end.last)
		}
	})
}

// Whatever feedback comes, the estimate stays in its bounds.
func FuzzFeedback(f *testing.F) {
	f.Add([]byte{0xaf, 0xcd, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 1, 1, 0x20, 8, 1, 1, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		var cc rtcp.TransportLayerCC
		if cc.Unmarshal(data) != nil {
			return
		}
		var e estimate
		now := time.Now()
		for range 100 {
			e.sent(1000, now)
		}
		e.acked(arrivals(&cc), now.Add(50*time.Millisecond))
		if bps := e.bps(); bps < rateLeast || bps > rateMost || e.loss() < 0 || e.loss() > 1 {
			t.Errorf("%d, %f", bps, e.loss())
		}
	})
}

var _ webrtc.TrackLocalWriter = (*deaf)(nil)
