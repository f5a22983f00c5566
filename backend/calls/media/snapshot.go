package media

import (
	"maps"
	"math"
	"slices"
	"time"

	"roundtable/backend/wire"
)

// Snapshot gives everything that others show of the engine, as of the last tenth of a second.
func (e *Engine) Snapshot() Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.shown
	s.Slots, s.Sending.Layers = slices.Clone(s.Slots), slices.Clone(s.Sending.Layers)
	s.Networks, s.Voices, s.Digits = maps.Clone(s.Networks), maps.Clone(s.Voices), maps.Clone(s.Digits)
	return s
}

// refresh makes the snapshot anew, and notes whether it is another.
func (e *Engine) refresh(now time.Time) {
	s := Snapshot{OfferSerial: e.serial, WantAudio: e.asked[0], WantVideo: e.asked[1], Sending: e.sending,
		Networks: map[wire.DeviceID]Network{}, Digits: map[wire.DeviceID]string{}}
	if e.page != nil {
		s.PageConnected = e.page.up.Load()
		for _, slot := range slices.Concat(e.page.audio, e.page.video) {
			if slot.src != nil {
				s.Slots = append(s.Slots, Slot{Mid: slot.way.Mid(), Source: slot.src.Source})
			}
		}
	}
	for device, l := range e.legs {
		if l.connected() {
			l.lastHeard, l.hungUp = time.Unix(0, l.session.heard.Load()), false
		}
		s.Networks[device] = l.network(now)
		if l.session != nil && l.session.digits != "" {
			s.Digits[device] = l.session.digits
		}
		s.UplinkBPS = max(s.UplinkBPS, s.Networks[device].BPS)
	}
	s.HubSilent = e.hubSilent(now)
	e.voices.hear(e.sources, now)
	s.Voices, s.Speaker = e.voices.heard(), e.voices.speaker
	e.shown = s
}

// network says how the way to a device is.
func (l *leg) network(now time.Time) Network {
	s := l.session
	n := Network{BPS: l.bps(), Starved: l.starved, Relayed: l.relayed}
	if s == nil || !s.ever.Load() {
		return n
	}
	n.Silent = max(s.silence(now), 0)
	n.Connected = s.up.Load() && n.Silent < deadAfter
	n.RoundTrip = time.Duration(s.roundTrip.Load()) * time.Microsecond
	n.Loss = max(l.loss(), float64(s.theirLoss.Load())/1e6)
	return n
}

// hubSilent says whether the hub has gone quiet, or hung up, or never came, while the standby
// answers. A hub that is only just being linked with is not silent.
func (e *Engine) hubSilent(now time.Time) bool {
	hub, standby := e.legs[e.plan.Hub], e.legs[e.plan.Standby]
	if hub == nil || e.plan.Standby != e.o.Self && (standby == nil || !standby.connected() || now.Sub(standby.lastHeard) > answersWithin) {
		return false
	}
	since := hub.lastHeard
	if since.IsZero() {
		return now.Sub(e.hubSince) > hubComes
	}
	return hub.hungUp || now.Sub(since) >= silentAfter
}

func (l *leg) connected() bool { return l.session != nil && l.session.ever.Load() }

// differs says whether somebody who looks sees a difference, or has to act on it, at once.
func differs(a, b Snapshot) bool {
	if !slices.Equal(a.Slots, b.Slots) || a.OfferSerial != b.OfferSerial || a.WantAudio != b.WantAudio || a.WantVideo != b.WantVideo ||
		a.PageConnected != b.PageConnected || a.HubSilent != b.HubSilent || a.Speaker != b.Speaker || !maps.Equal(a.Digits, b.Digits) ||
		!maps.Equal(a.Voices, b.Voices) || len(a.Networks) != len(b.Networks) {
		return true
	}
	// What does not fit any more is taken back at once.
	if !slices.Equal(a.Sending.Layers, b.Sending.Layers) || fell(a.Sending.CameraBPS, b.Sending.CameraBPS) || fell(a.Sending.ScreenBPS, b.Sending.ScreenBPS) {
		return true
	}
	for device, n := range b.Networks {
		o, ok := a.Networks[device]
		if !ok || o.Connected != n.Connected || o.Relayed != n.Relayed || o.Starved != n.Starved || o.Silent > silentAfter != (n.Silent > silentAfter) {
			return true
		}
	}
	return false
}

// drifted says whether figures differ that nobody has to know at once.
func drifted(a, b Snapshot) bool {
	if apart(a.Sending.CameraBPS, b.Sending.CameraBPS) || apart(a.Sending.ScreenBPS, b.Sending.ScreenBPS) {
		return true
	}
	for device, n := range b.Networks {
		o := a.Networks[device]
		if math.Abs(o.Loss-n.Loss) > 0.01 || apart(int(o.RoundTrip/time.Millisecond), int(n.RoundTrip/time.Millisecond)) {
			return true
		}
	}
	return false
}

// apart says whether two numbers differ by more than a twentieth, and by more than 2: a round trip of 1 ms is as good as one of 2.
func apart(a, b int) bool { return math.Abs(float64(a-b)) > max(math.Abs(float64(max(a, b)))/20, 2) }

func fell(from, to int) bool { return to < from && apart(from, to) }
