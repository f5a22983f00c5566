package media

import (
	"encoding/binary"
	"time"

	"github.com/pion/webrtc/v4"

	"roundtable/backend/wire"
)

// open begins a session, at the side that offers.
func (l *leg) open(now time.Time) {
	l.again = now.Add(500 * time.Millisecond)
	s, err := l.newSession(binary.BigEndian.Uint64(wire.Random(8)))
	if err != nil {
		l.e.o.Slog.Warn("call: no session", "error", err)
		return
	}
	l.begin(s)
	l.offer(s, false)
}

// offer says what this side sends and takes, with room for what is asked for.
func (l *leg) offer(s *session, restart bool) {
	l.e.mu.Lock()
	audio, video := l.room[0], l.room[1]
	l.e.mu.Unlock()
	if err := s.widen(step(audio), step(video)); err != nil {
		l.fail(s, "offer", err)
		return
	}
	o, err := s.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		l.fail(s, "offer", err)
		return
	}
	s.serial++
	s.settled = false
	s.last = message{Offer: &description{Session: s.id, Serial: s.serial, SDP: o.SDP}}
	s.describe() // before the candidates that the next line finds
	if err := s.pc.SetLocalDescription(o); err != nil {
		l.fail(s, "offer", err)
	}
}

// step rounds a number of slots up to the next size: offers are few.
func step(n int) int {
	for _, size := range []int{4, 8, 16, 32} {
		if n <= size {
			return size
		}
	}
	return maxSlots
}

// fail gives a session up; another is made in a while.
func (l *leg) fail(s *session, what string, err error) {
	l.e.o.Slog.Debug("call: session failed", "device", l.device.Short(), "at", what, "error", err)
	s.failed.Store(true)
}

// greeted: the other has nothing of ours.
func (l *leg) greeted(s *session) {
	switch {
	case !l.offers || s == nil:
	case s.serial == 1 && !s.settled:
		s.again()
	case time.Since(s.began) > helloEvery && !s.speaks(time.Now()):
		l.end() // it has lost a session that stood; step opens another
		l.again = time.Time{}
	}
}

// offered answers an offer, at the side that does not offer.
func (l *leg) offered(s *session, o *description) {
	if s != nil && s.id == o.Session && s.serial >= o.Serial {
		if s.serial == o.Serial {
			s.again()
		}
		return
	}
	d, err := describe(o.SDP)
	audio, video := d.count("audio")-1, d.count("video")
	if err != nil || audio < 0 || audio > maxSlots || video > maxSlots {
		l.e.o.Slog.Debug("call: offer refused", "device", l.device.Short(), "error", err)
		return
	}
	if s == nil || s.id != o.Session {
		if s != nil {
			l.end()
		}
		if s, err = l.newSession(o.Session); err != nil {
			l.e.o.Slog.Warn("call: no session", "error", err)
			return
		}
		l.begin(s)
	}
	if s.ufrag != "" && s.ufrag != d.ufrag {
		s.renew(time.Now())
	}
	s.ufrag = d.ufrag
	if err := s.widen(audio, video); err != nil {
		l.fail(s, "answer", err)
		return
	}
	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: d.text}); err != nil {
		l.fail(s, "answer", err)
		return
	}
	answer, err := s.pc.CreateAnswer(nil)
	if err != nil {
		l.fail(s, "answer", err)
		return
	}
	s.serial = o.Serial
	s.last = message{Answer: &description{Session: s.id, Serial: s.serial, SDP: answer.SDP}}
	s.describe()
	if err := s.pc.SetLocalDescription(answer); err != nil {
		l.fail(s, "answer", err)
		return
	}
	l.pin(s, d)
}

// answered takes the answer to our offer.
func (l *leg) answered(s *session, a *description) {
	if s == nil || s.id != a.Session || s.serial != a.Serial || s.settled {
		return
	}
	d, err := describe(a.SDP)
	if err == nil {
		err = s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: d.text})
	}
	if err != nil {
		l.fail(s, "answer", err)
		return
	}
	s.settled = true
	l.pin(s, d)
}

// pin notes whose certificate it is, and takes the candidates that came early.
func (l *leg) pin(s *session, d described) {
	l.e.mu.Lock()
	s.digits = digits(l.e.o.Self, l.e.fingerprint, l.device, d.fingerprint)
	l.e.mu.Unlock()
	s.described = true
	early := s.early
	s.early = nil
	for _, text := range early {
		s.add1(text)
	}
	l.e.wake()
}

// candidate takes an address of the other.
func (s *session) candidate(text string) {
	if s.candidates++; s.candidates > maxCandidates || !usable(text, s.l.e.o.Loopback) {
		return
	}
	if !s.described {
		s.early = append(s.early, text)
		return
	}
	s.add1(text)
}

func (s *session) add1(text string) {
	mid, line := "0", uint16(0)
	_ = s.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: text, SDPMid: &mid, SDPMLineIndex: &line})
}

// pleaded: the other looks for another way. That it could say so means that an offer and its answer
// arrive too; without them looking anew would only end the way there was, which may come back by
// itself, as after a cut. So whoever offers does so only when the other has said this, and the
// other says it when it is asked.
func (l *leg) pleaded(s *session, now time.Time) {
	switch since := now.Sub(s.plea); {
	case !l.offers:
		l.say(message{Restart: &restart{Session: s.id}})
	case !s.settled:
		s.again()
	case now.Sub(time.Unix(0, s.restarted.Load())) < restartEvery: // under way
	case s.silence(now) < answersWithin && since > 2*deadAfter:
		s.plea = now // said long ago and only come now, unless it is said again
	case s.silence(now) < answersWithin && since < 2*pleadEvery:
	default:
		s.plea = time.Time{}
		s.renew(now)
		l.offer(s, true)
	}
}

// describe says an offer or an answer, and then the candidates that were found before it was made:
// looking anew begins before that, and the other would take them for those of the way that was.
func (s *session) describe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.l.say(s.last)
	if s.held {
		s.held = false
		for _, text := range s.own {
			s.l.say(message{Candidate: &candidate{Session: s.id, Text: text}})
		}
	}
}

// renew prepares for other addresses of both, with the servers of now: credentials end.
func (s *session) renew(now time.Time) {
	s.restarted.Store(now.UnixNano())
	s.candidates = 0
	s.mu.Lock()
	s.own, s.held = nil, true
	s.mu.Unlock()
	c := s.pc.GetConfiguration()
	c.ICEServers = s.l.e.o.Servers()
	if err := s.pc.SetConfiguration(c); err != nil {
		s.l.e.o.Slog.Debug("call: servers stay what they were", "error", err)
	}
}
