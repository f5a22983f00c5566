package media

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// page is the leg to the page of this device: one PeerConnection in the window, which offers.
type page struct {
	e       *Engine
	pc      *webrtc.PeerConnection
	session uint64
	wg      sync.WaitGroup
	tracks  atomic.Int32
	up      atomic.Bool

	// Guarded by Engine.mu.
	audio, video []*slot
	kinds        map[string]Kind // what the page sends, by mid
	known        map[string]bool // mids that were seen
	wanted       [2]int          // slots that it was asked for

	mu      sync.Mutex
	streams map[*layer]uint32 // SSRCs, to ask for key frames
}

// Page answers an offer of the page, with every candidate in it. sending says what each section
// carries that the page sends. restart: the page was loaded anew, and what it had is forgotten; an
// offer of another session is taken as one too. serial is the Snapshot.OfferSerial that the offer
// is good for: when that grows, the page offers again with the slots that Snapshot wants.
// Errors: ErrSDP.
func (e *Engine) Page(ctx context.Context, offer string, sending []Slot, restart bool) (answer string, serial int64, err error) {
	d, err := describe(offer)
	if err != nil {
		return "", 0, err
	}
	e.paging.Lock()
	defer e.paging.Unlock()
	e.mu.Lock()
	p, closed, serial := e.page, e.closed, e.serial
	e.mu.Unlock()
	if closed {
		return "", 0, context.Canceled
	}
	if p == nil || restart || p.session != d.session || p.pc.ConnectionState() == webrtc.PeerConnectionStateFailed {
		if p != nil {
			e.forget(p)
		}
		if p, err = e.newPage(d.session); err != nil {
			return "", 0, err
		}
	}
	if answer, err = p.answer(ctx, d, sending); err != nil {
		e.forget(p)
		return "", 0, err
	}
	e.wake()
	return answer, serial, nil
}

// forget ends a leg to a page that is no more.
func (e *Engine) forget(p *page) {
	e.mu.Lock()
	if e.page == p {
		e.page = nil
	}
	e.mu.Unlock()
	p.close()
	e.wake()
}

func (e *Engine) newPage(session uint64) (*page, error) {
	pc, err := e.connection(nil)
	if err != nil {
		return nil, fmt.Errorf("open connection to page: %w", err)
	}
	p := &page{e: e, pc: pc, session: session, kinds: map[string]Kind{}, known: map[string]bool{}, streams: map[*layer]uint32{}}
	pc.OnTrack(p.track)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		p.up.Store(s == webrtc.PeerConnectionStateConnected)
		e.wake()
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		_ = pc.Close()
		return nil, context.Canceled
	}
	e.page = p
	return p, nil
}

// answer takes one offer. Errors: ErrSDP.
func (p *page) answer(ctx context.Context, d described, sending []Slot) (string, error) {
	for _, s := range d.sections {
		if err := p.prepare(s); err != nil {
			return "", err
		}
	}
	p.e.mu.Lock()
	clear(p.kinds)
	for _, s := range sending {
		if s.Kind.valid() && len(s.Mid) <= maxMid && len(p.kinds) < maxTracks {
			p.kinds[s.Mid] = s.Kind
		}
	}
	p.e.mu.Unlock()
	p.mu.Lock()
	clear(p.streams) // a section may carry something else now
	p.mu.Unlock()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: d.text}); err != nil {
		return "", fmt.Errorf("%w: %w", ErrSDP, err)
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSDP, err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("%w: %w", ErrSDP, err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", ctx.Err()
	case <-p.e.ctx.Done():
		return "", context.Canceled
	}
	return p.sparing(p.pc.LocalDescription().SDP)
}

// sparing asks the page in an answer to send next to nothing of a microphone that is silent. Sound of
// a screen is left alone: what is quiet in music is no silence.
func (p *page) sparing(answer string) (string, error) {
	p.e.mu.Lock()
	mics := map[string]bool{}
	for mid, kind := range p.kinds {
		mics[mid] = kind == Microphone
	}
	p.e.mu.Unlock()
	return discontinuous(answer, mics)
}

// prepare makes the transceiver for a section that is new, so that pion finds it: one that sends
// where the page receives.
func (p *page) prepare(s section) error {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	video := s.kind == "video"
	slots := &p.audio
	if video {
		slots = &p.video
	}
	switch {
	case p.known[s.mid] || s.kind == "application" || s.direction == "inactive":
		return nil
	case s.direction != "recvonly":
		p.known[s.mid] = true
		kind := webrtc.RTPCodecTypeAudio
		if video {
			kind = webrtc.RTPCodecTypeVideo
		}
		_, err := p.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		return err
	case len(*slots) >= maxSlots:
		return fmt.Errorf("more than %d slots: %w", maxSlots, ErrSDP)
	}
	p.known[s.mid] = true
	slot := newSlot(p, len(*slots), video, true)
	way, err := p.pc.AddTransceiverFromTrack(slot.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return fmt.Errorf("add slot: %w", err)
	}
	slot.way = way
	*slots = append(*slots, slot)
	p.wg.Go(func() { slot.listen(way.Sender()) })
	return nil
}

// track begins to read what the page sends.
func (p *page) track(t *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	if p.tracks.Add(1) > maxTracks {
		return
	}
	defer p.tracks.Add(-1)
	mid := ""
	for _, way := range p.pc.GetTransceivers() {
		if way.Receiver() == receiver {
			mid = way.Mid()
		}
	}
	index := layerOf(t.RID())
	in := &incoming{from: p, track: t, levelID: levelIDOf(receiver), video: t.Kind() == webrtc.RTPCodecTypeVideo}
	var last atomic.Pointer[layer]
	in.layer = func(uint32) *layer {
		l := last.Load()
		if l == nil || !p.carries(l, uint32(t.SSRC())) {
			if l = p.layer(mid, index, uint32(t.SSRC())); l != nil {
				last.Store(l)
			}
		}
		return l
	}
	go in.listen(receiver, last.Load)
	in.read()
}

// carries says whether a layer is still what a stream of the page carries.
func (p *page) carries(l *layer, ssrc uint32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.streams[l] == ssrc
}

// layer finds what a section of the page carries.
func (p *page) layer(mid string, index int, ssrc uint32) *layer {
	p.e.mu.Lock()
	kind, ok := p.kinds[mid]
	if !ok || p.e.page != p || slices.Contains(p.e.plan.Silenced, Source{p.e.o.Self, kind}) {
		p.e.mu.Unlock()
		return nil
	}
	l := &p.e.source(Source{Device: p.e.o.Self, Kind: kind}).layers[index]
	p.e.mu.Unlock()
	p.mu.Lock()
	p.streams[l] = ssrc
	p.mu.Unlock()
	p.e.wake()
	return l
}

func (p *page) write(packets []rtcp.Packet) { _ = p.pc.WriteRTCP(packets) }

func (p *page) ask(l *layer) bool {
	p.mu.Lock()
	ssrc, ok := p.streams[l]
	p.mu.Unlock()
	if ok {
		p.write([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
	}
	return ok
}

// lose forgets a source's streams: packets that still come look for what they belong to again.
func (p *page) lose(s *source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range s.layers {
		delete(p.streams, &s.layers[i])
	}
}

// stop frees the slots; the caller holds Engine.mu.
func (p *page) stop() {
	for _, s := range slices.Concat(p.audio, p.video) {
		s.free(time.Now())
	}
}

func (p *page) close() {
	p.e.mu.Lock()
	p.stop()
	p.e.mu.Unlock()
	_ = p.pc.GracefulClose()
	p.wg.Wait()
}
