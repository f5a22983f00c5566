package media

import (
	"time"

	"github.com/pion/rtp"
)

const (
	probeFor   = 400 * time.Millisecond
	probeEvery = 10 * time.Millisecond
	probeSize  = 1000
)

// prober fills a way for a moment, to learn whether it carries more than is sent: who sends little
// never finds out otherwise, and a layer that does not fit the estimate would never be sent.
func (s *session) prober() {
	for {
		select {
		case <-s.done:
			return
		case bps := <-s.probes:
			s.fill(bps)
		}
	}
}

// probeDue has the way filled when it is time. It is called ten times a second.
func (s *session) probeDue(now time.Time) {
	if bps := s.l.probing(now, s.filled); bps > 0 {
		select {
		case s.probes <- bps:
			s.filled = now.Add(probeFor)
		default:
		}
	}
}

// fill sends at a rate for a moment, as long as no queue grows.
func (s *session) fill(bps float64) {
	b := s.probe.track.bound.Load()
	if b == nil {
		return
	}
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	begun, sent := time.Now(), 0.0
	payload := make([]byte, probeSize)
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		passed := time.Since(begun)
		if passed > probeFor || s.l.queued() {
			return
		}
		for due := passed.Seconds() * bps / 8; sent < due; sent += probeSize + 60 {
			s.probed++
			b.write(&rtp.Header{Version: 2, PayloadType: b.payload, SSRC: b.ssrc, SequenceNumber: s.probed}, payload)
		}
	}
}

// queued says whether packets wait somewhere on the way.
func (e *estimate) queued() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.latest > queueHigh*2/3
}
