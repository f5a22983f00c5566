package media

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
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
	said    uint32         // packets of the microphone
	frame   map[string]int // bytes of a frame, by RID
	stopped chan struct{}
	wg      sync.WaitGroup
}

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
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
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

func (w *window) mid(sender *webrtc.RTPSender) string {
	for _, way := range w.pc.GetTransceivers() {
		if way.Sender() == sender {
			return way.Mid()
		}
	}
	return ""
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
