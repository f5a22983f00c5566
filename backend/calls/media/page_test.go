package media

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// window is a page as a browser would be: it offers, sends a microphone, a camera in three layers
// and a screen, and looks at what it gets. Frames carry who made them, in which layer, and a count.
type window struct {
	t       testing.TB
	e       *Engine
	pc      *webrtc.PeerConnection
	sending []Slot
	senders map[string]*webrtc.RTPSender
	midID   uint8
	ridID   uint8
	levelID uint8

	mu      sync.Mutex
	serial  int64
	key     map[string]bool // a key frame is asked for, by RID
	pleas   int
	got     map[string]*got // by mid
	layers  map[string]bool // that are sent
	loud    uint8
	frame   map[string]int // bytes of a frame, by RID
	stopped chan struct{}
	wg      sync.WaitGroup
}

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
}

const (
	magic    = 0xA7
	bodySize = 1 + 32 + 1 + 1 + 4 // magic, device, kind, layer, count
)

func newWindow(t testing.TB, e *Engine, audio, video int) *window {
	t.Helper()
	media := &webrtc.MediaEngine{}
	// No RTX here: pion names the layer in resends as if they were the layer itself, which a browser does not.
	if err := errors.Join(codecs(media, false), webrtc.ConfigureSimulcastExtensionHeaders(media)); err != nil {
		t.Fatal(err)
	}
	registry := &interceptor.Registry{}
	if err := webrtc.ConfigureNack(media, registry); err != nil {
		t.Fatal(err)
	}
	if err := webrtc.ConfigureRTCPReports(registry); err != nil {
		t.Fatal(err)
	}
	var s webrtc.SettingEngine
	s.LoggerFactory = quiet()
	s.SetIncludeLoopbackCandidate(true)
	s.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	w := &window{t: t, e: e, pc: pc, senders: map[string]*webrtc.RTPSender{}, key: map[string]bool{}, got: map[string]*got{},
		layers: map[string]bool{"q": true, "h": true, "f": true, "screen": true}, frame: map[string]int{"q": 1200, "h": 4000, "f": 9000, "screen": 6000}, stopped: make(chan struct{})}
	pc.OnTrack(w.receive)
	w.wg.Go(w.adapt)
	w.more(audio, video)
	return w
}

func (w *window) more(audio, video int) {
	for range audio {
		w.way(webrtc.RTPCodecTypeAudio)
	}
	for range video {
		w.way(webrtc.RTPCodecTypeVideo)
	}
}

func (w *window) way(kind webrtc.RTPCodecType) {
	if _, err := w.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		w.t.Fatal(err)
	}
}

// sends adds a source.
func (w *window) sends(kind Kind, rids ...string) {
	w.t.Helper()
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	if !kind.Sound() {
		capability = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	}
	if len(rids) == 0 {
		rids = []string{""}
	}
	var sender *webrtc.RTPSender
	for i, rid := range rids {
		var opts []func(*webrtc.TrackLocalStaticRTP)
		if rid != "" {
			opts = append(opts, webrtc.WithRTPStreamID(rid))
		}
		track, err := webrtc.NewTrackLocalStaticRTP(capability, fmt.Sprint("kind", kind), "stream", opts...)
		if err != nil {
			w.t.Fatal(err)
		}
		if i == 0 {
			way, err := w.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			if err != nil {
				w.t.Fatal(err)
			}
			sender = way.Sender()
			w.senders[fmt.Sprint(kind)] = sender
		} else if err := sender.AddEncoding(track); err != nil {
			w.t.Fatal(err)
		}
		w.wg.Go(func() { w.produce(sender, track, kind, rid) })
		w.wg.Go(func() { w.obey(sender, kind, rid) })
	}
}

// offer goes through one round with the engine.
func (w *window) offer(restart bool) {
	w.t.Helper()
	o, err := w.pc.CreateOffer(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(w.pc)
	if err := w.pc.SetLocalDescription(o); err != nil {
		w.t.Fatal(err)
	}
	<-gathered
	w.sending = nil
	for _, way := range w.pc.GetTransceivers() {
		if d := way.Direction(); d == webrtc.RTPTransceiverDirectionSendonly && way.Sender().Track() != nil {
			var kind Kind
			_, _ = fmt.Sscanf(way.Sender().Track().ID(), "kind%d", &kind)
			w.sending = append(w.sending, Slot{Mid: way.Mid(), Source: Source{Kind: kind}})
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	answer, serial, err := w.e.Page(ctx, w.pc.LocalDescription().SDP, w.sending, restart)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial = serial
	for _, sender := range w.senders {
		for _, x := range sender.GetParameters().HeaderExtensions {
			switch x.URI {
			case sdp.SDESMidURI:
				w.midID = uint8(x.ID)
			case sdp.SDESRTPStreamIDURI:
				w.ridID = uint8(x.ID)
			case sdp.AudioLevelURI:
				w.levelID = uint8(x.ID)
			}
		}
	}
}

// adapt sends what the engine says that may be sent, as the page does with maxBitrate and active.
func (w *window) adapt() {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-w.stopped:
			return
		case <-tick.C:
		}
		s := w.e.Snapshot().Sending
		w.mu.Lock()
		left := s.CameraBPS
		for i, name := range layerNames {
			w.layers[name] = slices.Contains(s.Layers, name)
			if w.layers[name] {
				bps := min(left, []int{smallRate, halfRate, fullRate}[i])
				left -= bps
				w.frame[name] = max(bps/8/fps-60, 100)
			}
		}
		w.frame["screen"] = max(s.ScreenBPS/8/fps, 100)
		w.mu.Unlock()
	}
}

const fps = 15

// produce sends packets of one stream until the window closes.
func (w *window) produce(sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, kind Kind, rid string) {
	every, rate := 20*time.Millisecond, uint32(48000)
	if !kind.Sound() {
		every, rate = 66*time.Millisecond, 90000
	}
	if w.e.o.steady {
		every *= 2 // what is only looked at, not measured, needs no more
		if kind.Sound() {
			every *= 2
		}
	}
	name := rid
	if kind == Screen {
		name = "screen"
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	start := time.Now()
	seq, base, count, picture := uint16(len(rid)*1000+65000), uint32(len(rid)+1)*1_000_000_000, uint32(0), uint16(0x7ff0)
	for {
		select {
		case <-w.stopped:
			return
		case <-tick.C:
		}
		w.mu.Lock()
		on, key, loud, size := kind.Sound() || w.layers[name], w.key[name] || count == 0, w.loud, w.frame[name]
		up := w.levelID != 0 && w.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
		if on && up {
			w.key[name] = false
		}
		mids, rids, levels := w.midID, w.ridID, w.levelID
		w.mu.Unlock()
		if !on || !up {
			continue
		}
		at := base + uint32(time.Since(start).Seconds()*float64(rate))
		count++
		picture = (picture + 1) & 0x7fff
		body := w.body(kind, rid, count)
		parts := 1
		if !kind.Sound() {
			parts = size/1100 + 1
		}
		for i := range parts {
			p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: at, Marker: i == parts-1}}
			seq++
			if kind.Sound() {
				_ = p.SetExtension(levels, []byte{loud})
				p.Payload = append([]byte{0x78}, body...)
			} else {
				if mid := w.mid(sender); mid != "" {
					_ = p.SetExtension(mids, []byte(mid))
				}
				if rid != "" {
					_ = p.SetExtension(rids, []byte(rid))
				}
				p.Payload = picturePayload(key, i == 0, picture, byte(count), body, size/parts)
			}
			_ = track.WriteRTP(p)
		}
	}
}

func (w *window) mid(sender *webrtc.RTPSender) string {
	for _, way := range w.pc.GetTransceivers() {
		if way.Sender() == sender {
			return way.Mid()
		}
	}
	return ""
}

func (w *window) body(kind Kind, rid string, count uint32) []byte {
	b := append([]byte{magic}, w.e.o.Self[:]...)
	b = append(b, byte(kind), byte(layerOf(rid)))
	return binary.BigEndian.AppendUint32(b, count)
}

// picturePayload is a VP8 packet of some size: descriptor, for the first a frame header, a body.
func picturePayload(key, first bool, picture uint16, level byte, body []byte, size int) []byte {
	p := []byte{0x80, 0xC0, 0x80 | byte(picture>>8), byte(picture), level}
	if first {
		p[0] |= 0x10
		if key {
			p = append(p, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01)
		} else {
			p = append(p, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		}
	}
	p = append(p, body...)
	return append(p, make([]byte, max(size-len(p), 0))...)
}

// obey has key frames made that are asked for.
func (w *window) obey(sender *webrtc.RTPSender, kind Kind, rid string) {
	buffer := make([]byte, 1500)
	name := rid
	if kind == Screen {
		name = "screen"
	}
	for {
		var n int
		var err error
		if rid != "" {
			n, _, err = sender.ReadSimulcast(buffer, rid)
		} else {
			n, _, err = sender.Read(buffer)
		}
		if err != nil {
			select {
			case <-w.stopped:
				return
			case <-time.After(5 * time.Millisecond): // ReadSimulcast does not wait for the first packet
			}
			if w.pc.ConnectionState() == webrtc.PeerConnectionStateClosed {
				return
			}
			continue
		}
		packets, _ := rtcp.Unmarshal(buffer[:n])
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				w.mu.Lock()
				w.key[name] = true
				w.pleas++
				w.mu.Unlock()
			}
		}
	}
}

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
	g.last = now
	if video {
		g.assemble(p, v.start)
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
	}
}

// assemble counts frames whose packets all came. A packet gives its number in the frame by where it
// starts and ends: the first has the start bit, the last the marker.
func (g *got) assemble(p *rtp.Packet, start bool) {
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
				return *g, true
			}
		}
	}
	return got{}, false
}

func (w *window) close() {
	select {
	case <-w.stopped:
		return
	default:
	}
	close(w.stopped)
	_ = w.pc.GracefulClose()
	w.wg.Wait()
}

// follow offers again when the engine wants more slots.
func (w *window) follow() {
	s := w.e.Snapshot()
	w.mu.Lock()
	behind := s.OfferSerial > w.serial
	w.mu.Unlock()
	if !behind {
		return
	}
	audio, video := 0, 0
	for _, way := range w.pc.GetTransceivers() {
		if way.Direction() == webrtc.RTPTransceiverDirectionRecvonly {
			if way.Kind() == webrtc.RTPCodecTypeAudio {
				audio++
			} else {
				video++
			}
		}
	}
	w.more(max(s.WantAudio-audio, 0), max(s.WantVideo-video, 0))
	w.offer(false)
}

func hasMid(slots []Slot, source Source) bool {
	return slices.ContainsFunc(slots, func(s Slot) bool { return s.Source == source })
}
