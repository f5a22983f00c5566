package media

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"roundtable/backend/wire"
)

// maxChannel is what goes over the data channel in one message; what is larger takes the other way.
const maxChannel = 60 << 10

// session is one PeerConnection to another engine.
type session struct {
	l       *leg
	id      uint64
	serial  uint64
	pc      *webrtc.PeerConnection
	began   time.Time
	control *webrtc.DataChannel
	beats   *webrtc.DataChannel
	wg      sync.WaitGroup
	done    chan struct{}
	probed  uint16 // number of the last probe, of the prober
	probes  chan float64
	asker   asker

	// Of the leg's goroutine.
	settled    bool     // no offer of ours is out
	last       message  // the offer or answer that was said last, to be said again
	early      []string // candidates before the description
	described  bool
	candidates int
	plea       time.Time // the other said that it is lost, though it is heard
	ufrag      string    // of the other's last offer: another one means other addresses
	beaten     time.Time
	filled     time.Time // the last probe ended

	// Guarded by Engine.mu.
	audio, video []*slot
	probe        *slot
	digits       string

	up, failed, open, ever atomic.Bool
	hungUp                 atomic.Bool  // the other closed it
	heard                  atomic.Int64 // Unix nanoseconds
	restarted              atomic.Int64 // likewise, when another way was begun to be looked for
	roundTrip              atomic.Int64
	theirLoss              atomic.Uint64 // in millionths, of what they sent and we should have got
	echo                   atomic.Int64
	tags                   atomic.Pointer[map[uint32]*layer] // what packets may name, replaced by the loop

	mu      sync.Mutex
	streams map[*layer]uint32
	own     []string // candidates that were told, to be told again with the offer
	held    bool     // candidates wait for the description that they belong to
}

func (l *leg) newSession(id uint64) (*session, error) {
	pc, err := l.e.connection(&l.estimate)
	if err != nil {
		return nil, fmt.Errorf("open connection: %w", err)
	}
	s := &session{l: l, id: id, pc: pc, began: time.Now(), streams: map[*layer]uint32{}, done: make(chan struct{}), probes: make(chan float64, 1)}
	s.asker.s = s
	yes, no, lost := true, false, uint16(0)
	first, second := uint16(0), uint16(1)
	if s.control, err = pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &yes, ID: &first}); err == nil {
		s.beats, err = pc.CreateDataChannel("beats", &webrtc.DataChannelInit{Negotiated: &yes, ID: &second, Ordered: &no, MaxRetransmits: &lost})
	}
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("open data channels: %w", err)
	}
	s.control.OnOpen(func() { s.open.Store(true); l.e.wake() })
	s.control.OnMessage(s.controlled)
	s.beats.OnMessage(s.beat)
	pc.OnTrack(s.track)
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		s.up.Store(state == webrtc.PeerConnectionStateConnected)
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed { // closed: the other hung up
			s.hungUp.Store(state == webrtc.PeerConnectionStateClosed)
			s.failed.Store(true)
		}
		if state == webrtc.PeerConnectionStateConnected && !s.ever.Swap(true) {
			s.heard.Store(time.Now().UnixNano())
		}
		l.wake()
		l.e.wake()
	})
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c == nil {
			return
		}
		text := c.ToJSON().Candidate
		s.mu.Lock()
		s.own = append(s.own, text)
		if !s.held {
			l.say(message{Candidate: &candidate{Session: id, Text: text}})
		}
		s.mu.Unlock()
	})
	return s, nil
}

// widen makes slots until there are so many. The first of all is for probes: sound in name, since
// sound is not resent between engines when it is not asked for, and nothing in it is ever played.
func (s *session) widen(audio, video int) error {
	s.l.e.mu.Lock()
	defer s.l.e.mu.Unlock()
	if s.probe == nil {
		s.probe = newSlot(s, maxSlots, false, false)
		if err := s.add(s.probe); err != nil {
			return err
		}
		s.wg.Go(s.prober)
	}
	for len(s.audio) < min(audio, maxSlots) {
		slot := newSlot(s, len(s.audio), false, false)
		if err := s.add(slot); err != nil {
			return err
		}
		s.audio = append(s.audio, slot)
	}
	for len(s.video) < min(video, maxSlots) {
		slot := newSlot(s, len(s.video), true, false)
		if err := s.add(slot); err != nil {
			return err
		}
		s.video = append(s.video, slot)
	}
	return nil
}

func (s *session) add(slot *slot) error {
	way, err := s.pc.AddTransceiverFromTrack(slot.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendrecv})
	if err != nil {
		return fmt.Errorf("add slot: %w", err)
	}
	slot.way = way
	s.wg.Go(func() { slot.listen(way.Sender()) })
	return nil
}

// track begins to read one of the other's slots.
func (s *session) track(t *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	in := &incoming{from: s, track: t, levelID: levelIDOf(receiver), video: t.Kind() == webrtc.RTPCodecTypeVideo}
	in.gaps, in.asker = &gaps{ssrc: uint32(t.SSRC()), useful: pictureAge}, &s.asker
	if !in.video {
		in.came, in.gaps.useful = &arrived{}, soundAge
	}
	s.asker.add(in.gaps)
	var last atomic.Pointer[layer]
	ssrc := uint32(t.SSRC())
	in.layer = func(csrc uint32) *layer {
		tags := s.tags.Load()
		if tags == nil {
			return nil
		}
		l := (*tags)[csrc]
		if l != nil && l != last.Load() {
			last.Store(l)
			s.mu.Lock()
			if len(s.streams) > 4*maxTold {
				clear(s.streams) // of sources that are gone
			}
			s.streams[l] = ssrc
			s.mu.Unlock()
		}
		return l
	}
	go in.listen(receiver, last.Load)
	in.read()
}

func (s *session) write(packets []rtcp.Packet) { _ = s.pc.WriteRTCP(packets) }

func (s *session) ask(l *layer) bool {
	s.mu.Lock()
	ssrc, ok := s.streams[l]
	s.mu.Unlock()
	if ok {
		s.write([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
	}
	return ok
}

// controlled takes a message from the data channel.
func (s *session) controlled(m webrtc.DataChannelMessage) {
	parsed, err := parse(m.Data)
	if err != nil {
		s.l.e.o.Slog.Debug("call: message refused", "device", s.l.device.Short(), "error", err)
		return
	}
	s.l.hear(parsed)
}

// beat takes a sign of life.
func (s *session) beat(m webrtc.DataChannelMessage) {
	b, err := parseBeat(m.Data)
	if err != nil {
		return
	}
	now := time.Now()
	s.heard.Store(now.UnixNano())
	s.echo.Store(b.At)
	s.theirLoss.Store(uint64(b.Loss * 1e6))
	if sent := now.UnixMicro() - b.Echo - b.Held; b.Echo != 0 && sent >= 0 && sent < 60e6 {
		if old := s.roundTrip.Load(); old != 0 {
			sent = (3*old + sent) / 4
		}
		s.roundTrip.Store(max(sent, 1))
	}
}

// beatDue says a sign of life when it is time.
func (s *session) beatDue(now time.Time) {
	if now.Sub(s.beaten) < beatEvery-20*time.Millisecond {
		return
	}
	s.beaten = now
	b := beat{At: now.UnixMicro(), Echo: s.echo.Load(), Loss: s.l.loss()}
	if b.Echo != 0 {
		b.Held = min(max((now.UnixNano()-s.heard.Load())/1000, 0), 60e6)
	}
	if s.beats.ReadyState() == webrtc.DataChannelStateOpen {
		_ = s.beats.Send(wire.MustEncode(b))
	}
}

// again says what was said last once more, to one who did not listen.
func (s *session) again() {
	s.l.say(s.last)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range s.own {
		s.l.say(message{Candidate: &candidate{Session: s.id, Text: text}})
	}
}

// relayed says whether the connection goes over TURN.
func (s *session) relayed() bool {
	pair, err := s.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	return err == nil && pair != nil && (pair.Local.Typ == webrtc.ICECandidateTypeRelay || pair.Remote.Typ == webrtc.ICECandidateTypeRelay)
}

// silence is how long nothing was heard of the other.
func (s *session) silence(now time.Time) time.Duration {
	return now.Sub(time.Unix(0, s.heard.Load()))
}

// speaks says whether what is said on the data channel arrives.
func (s *session) speaks(now time.Time) bool {
	return s.open.Load() && s.up.Load() && s.silence(now) < silentAfter && s.heard.Load() > s.restarted.Load()
}

// stop frees the slots; the caller holds Engine.mu.
func (s *session) stop() {
	for _, slot := range slices.Concat(s.audio, s.video) {
		slot.free(time.Now())
	}
}

func (s *session) close() {
	close(s.done)
	s.asker.end()
	_ = s.pc.GracefulClose()
	s.wg.Wait()
}
