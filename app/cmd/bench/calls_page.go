package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"roundtable/backend/calls/media"
	"roundtable/backend/wire"
)

// pageSends is what a page does.
type pageSends struct {
	layers []string // of the camera; none: one stream without a name
	bps    int      // of each of the layers
	fps    int
	slots  int // to hear and to see others; 0: it only sends
	// level is how loud the microphone is now, in -dBov; nil: it does not say. blind: no camera.
	level func() uint8
	blind bool
}

// callPage does what a browser's page does with an engine, with synthetic sound and pictures. Each
// packet says whose it is and when it was made.
type callPage struct {
	self               wire.DeviceID
	sends              pageSends
	sending            func() []string // the layers that the engine wants now
	pc                 *webrtc.PeerConnection
	camera, microphone *webrtc.RTPSender
	done               chan struct{}
	wg                 sync.WaitGroup

	mu      sync.Mutex
	midID   uint8
	ridID   uint8
	levelID uint8
	mid     string
	key     map[string]bool // asked for, by layer
	seen    map[media.Source]*seen
}

// seen is what came of a source.
type seen struct {
	packets     int
	first, last time.Time
	begun, made uint32        // its maker's count at the first and the last packet
	gap         time.Duration // the longest between two packets
	took        []time.Duration
}

const stampSize = 8 + 32 + 1 + 4 // when, device, kind, count

func newCallPage(self wire.DeviceID, s pageSends, sending func() []string) (*callPage, error) {
	pc, err := browserLike()
	if err != nil {
		return nil, err
	}
	p := &callPage{self: self, sends: s, sending: sending, pc: pc, done: make(chan struct{}), key: map[string]bool{}, seen: map[media.Source]*seen{}}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { p.receive(t) })
	for range s.slots {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
				return nil, errors.Join(err, pc.Close())
			}
		}
	}
	if err := p.add(); err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	return p, nil
}

// browserLike is a connection with the codecs that the engine takes, on loopback only.
func browserLike() (*webrtc.PeerConnection, error) {
	codecs := &webrtc.MediaEngine{}
	registry := &interceptor.Registry{}
	err := errors.Join(
		codecs.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: opus}, webrtc.RTPCodecTypeAudio),
		codecs.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: vp8}, webrtc.RTPCodecTypeVideo),
		webrtc.ConfigureSimulcastExtensionHeaders(codecs),
		codecs.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio),
		webrtc.ConfigureNack(codecs, registry),
		webrtc.ConfigureRTCPReports(registry),
	)
	if err != nil {
		return nil, err
	}
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	return webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(s)).
		NewPeerConnection(webrtc.Configuration{})
}

var (
	opus = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	vp8  = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000,
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBNACK}, {Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"}}}
)

// add makes the microphone and the camera.
func (p *callPage) add() error {
	sound, err := webrtc.NewTrackLocalStaticRTP(opus, "microphone", "own")
	if err != nil {
		return err
	}
	only := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	way, err := p.pc.AddTransceiverFromTrack(sound, only)
	if err != nil {
		return err
	}
	p.microphone = way.Sender()
	p.wg.Go(func() { p.speak(sound) })
	if p.sends.blind {
		return nil
	}
	names := p.sends.layers
	if len(names) == 0 {
		names = []string{""}
	}
	for i, name := range names {
		var named []func(*webrtc.TrackLocalStaticRTP)
		if name != "" {
			named = append(named, webrtc.WithRTPStreamID(name))
		}
		picture, err := webrtc.NewTrackLocalStaticRTP(vp8, "camera", "own", named...)
		if err != nil {
			return err
		}
		if i == 0 {
			way, err := p.pc.AddTransceiverFromTrack(picture, only)
			if err != nil {
				return err
			}
			p.camera = way.Sender()
		} else if err := p.camera.AddEncoding(picture); err != nil {
			return err
		}
		p.wg.Go(func() { p.film(picture, name) })
		p.wg.Go(func() { p.obey(name) })
	}
	return nil
}

// offer goes through one round with an engine.
func (p *callPage) offer(ctx context.Context, answer func(context.Context, string, []media.Slot, bool) (string, int64, error)) error {
	o, err := p.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(o); err != nil {
		return err
	}
	<-gathered
	var sending []media.Slot
	for _, way := range p.pc.GetTransceivers() {
		if way.Direction() != webrtc.RTPTransceiverDirectionSendonly {
			continue
		}
		kind := media.Microphone
		if way.Kind() == webrtc.RTPCodecTypeVideo {
			kind = media.Camera
			p.mu.Lock()
			p.mid = way.Mid()
			p.mu.Unlock()
		}
		sending = append(sending, media.Slot{Mid: way.Mid(), Source: media.Source{Kind: kind}})
	}
	text, _, err := answer(ctx, p.pc.LocalDescription().SDP, sending, false)
	if err != nil {
		return fmt.Errorf("offer of a page: %w", err)
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: text}); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	extensions := p.microphone.GetParameters().HeaderExtensions
	if p.camera != nil {
		extensions = append(extensions, p.camera.GetParameters().HeaderExtensions...)
	}
	for _, x := range extensions {
		switch x.URI {
		case sdp.AudioLevelURI:
			p.levelID = uint8(x.ID) // at most 14
		case sdp.SDESMidURI:
			p.midID = uint8(x.ID) // at most 14
		case sdp.SDESRTPStreamIDURI:
			p.ridID = uint8(x.ID) // at most 14
		}
	}
	return nil
}

// each calls fn so many times a second while the connection stands, until the page closes.
func (p *callPage) each(every time.Duration, fn func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
			if p.pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
				fn()
			}
		}
	}
}

// speak sends 50 packets of sound a second, 32 kb/s.
func (p *callPage) speak(t *webrtc.TrackLocalStaticRTP) {
	count := uint32(0)
	p.each(20*time.Millisecond, func() {
		count++
		payload := append(p.stamp([]byte{0x78}, media.Microphone, count), make([]byte, 80-1-stampSize)...)
		packet := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(count), Timestamp: count * 960}, Payload: payload} // wraps
		p.mu.Lock()
		levelID := p.levelID
		p.mu.Unlock()
		if p.sends.level != nil && levelID != 0 {
			_ = packet.SetExtension(levelID, []byte{p.sends.level()})
		}
		_ = t.WriteRTP(packet)
	})
}

// film sends one layer of the camera.
func (p *callPage) film(t *webrtc.TrackLocalStaticRTP, name string) {
	count, seq, start := uint32(0), uint16(0), time.Now()
	bytes := p.sends.bps / 8 / p.sends.fps
	parts := (bytes + 1099) / 1100
	p.each(time.Second/time.Duration(p.sends.fps), func() {
		if name != "" && !slices.Contains(p.sending(), name) {
			return
		}
		p.mu.Lock()
		key := p.key[name] || count == 0
		p.key[name] = false
		mid, midID, ridID := p.mid, p.midID, p.ridID
		p.mu.Unlock()
		count++
		at := uint32(time.Since(start).Seconds() * 90000)
		for i := range parts {
			packet := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: at, Marker: i == parts-1}}
			seq++
			if name != "" {
				_ = errors.Join(packet.SetExtension(midID, []byte(mid)), packet.SetExtension(ridID, []byte(name)))
			}
			packet.Payload = p.stamp(vp8Start(key, i == 0, count), media.Camera, count)
			packet.Payload = append(packet.Payload, make([]byte, max(bytes/parts-len(packet.Payload), 0))...)
			_ = t.WriteRTP(packet)
		}
	})
}

// vp8Start is a payload descriptor and, in the first packet of a frame, the frame's header: of a
// key frame of 640×360 or of another one.
func vp8Start(key, first bool, count uint32) []byte {
	b := []byte{0x80, 0xC0, 0x80 | byte(count>>8), byte(count), byte(count)}
	switch {
	case first && key:
		b[0] |= 0x10
		b = append(b, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01)
	case first:
		b[0] |= 0x10
		b = append(b, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	return b
}

func (p *callPage) stamp(b []byte, kind media.Kind, count uint32) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(time.Now().UnixNano())) // after 1970
	b = append(append(b, p.self[:]...), byte(kind))
	return binary.BigEndian.AppendUint32(b, count)
}

// obey has key frames made that are asked for.
func (p *callPage) obey(name string) {
	buffer := make([]byte, 1500)
	for {
		var n int
		var err error
		if name != "" {
			n, _, err = p.camera.ReadSimulcast(buffer, name)
		} else {
			n, _, err = p.camera.Read(buffer)
		}
		if err != nil {
			select {
			case <-p.done:
				return
			case <-time.After(5 * time.Millisecond): // ReadSimulcast does not wait for the first packet
			}
			continue
		}
		packets, _ := rtcp.Unmarshal(buffer[:n]) // what does not read asks for nothing
		for _, one := range packets {
			if _, ok := one.(*rtcp.PictureLossIndication); ok {
				p.mu.Lock()
				p.key[name] = true
				p.mu.Unlock()
			}
		}
	}
}

// receive notes what comes in one slot.
func (p *callPage) receive(t *webrtc.TrackRemote) {
	for {
		packet, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		now, b, at := time.Now(), packet.Payload, 1
		if t.Kind() == webrtc.RTPCodecTypeVideo {
			if at = 5; len(b) > 0 && b[0]&0x10 != 0 {
				at = 15
			}
		}
		if len(b) < at+stampSize {
			continue
		}
		b = b[at:]
		source := media.Source{Device: wire.DeviceID(b[8:40]), Kind: media.Kind(b[40])}
		took := now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b)))) // as stamp wrote it
		p.mu.Lock()
		p.note(source, now, took, binary.BigEndian.Uint32(b[41:]))
		p.mu.Unlock()
	}
}

// note counts a packet; the caller holds mu.
func (p *callPage) note(source media.Source, now time.Time, took time.Duration, count uint32) {
	s := p.seen[source]
	if s == nil {
		s = &seen{first: now, begun: count}
		p.seen[source] = s
	} else {
		s.gap = max(s.gap, now.Sub(s.last))
	}
	s.last, s.made = now, max(s.made, count)
	if count >= s.begun { // what was resent late is of the time before
		s.packets++
		s.took = append(s.took, took)
	}
}

// of gives a copy of what came of a source; what it had before is forgotten if again is set.
func (p *callPage) of(source media.Source, again bool) (seen, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.seen[source]
	if s == nil {
		return seen{}, false
	}
	gave := *s
	if again {
		*s = seen{packets: 0, first: s.first, last: s.last, begun: s.made + 1, made: s.made}
	}
	return gave, true
}

func (p *callPage) close() {
	close(p.done)
	_ = p.pc.GracefulClose()
	p.wg.Wait()
}
