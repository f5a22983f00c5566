package room

import (
	"errors"
	"slices"
	"time"

	"roundtable/backend/wire"
)

const (
	reactEvery = 400 * time.Millisecond
	// shownFor is how long a reaction is seen.
	shownFor = 5 * time.Second
	// crowd is from how many on MuteOnEntry counts; entering is how long somebody's first choice
	// of microphone is part of coming in.
	crowd    = 6
	entering = 3 * time.Second
	farewell = 3 // times that it is said that we left
	// gap between two beats that say something new.
	gap = 100 * time.Millisecond
)

// What a deed of ours may be refused for.
var (
	ErrMuted     = errors.New("the host does not let others unmute")
	ErrForbidden = errors.New("the host does not allow it")
	ErrOften     = errors.New("too often")
	ErrNobody    = errors.New("nobody of this name is in the call")
)

// me is this device in the call.
type me struct {
	phase   Phase
	joined  int64
	entered time.Time
	shows   Shows
	handAt  int64
	mic     uint32
	screen  uint32
	hand    uint32
	score   uint16
	lost    []wire.DeviceID
	react   *Reaction
	reacted time.Time
	said    Beat // the last
	last    time.Time
	bye     int // how often more we say that we left
	// over is the policy of ours that another one took the place of, said a few times more.
	over  *Policy
	overs int
	done  []done // deeds of ours of late
}

// Enter wants to come in. The devices that let us in are the others.
func (r *Room) Enter(now time.Time) {
	if r.me.phase == In {
		return
	}
	joined := max(now.UnixMilli(), r.me.joined+1, r.Start.At)
	r.me = me{phase: In, joined: joined, entered: now, said: r.me.said, score: r.me.score, done: r.me.done}
	r.me.said.Phase = In
	r.dirty = true
	r.settle(now)
}

// Leave goes, and says so.
func (r *Room) Leave(now time.Time) { r.part(now, Gone) }

// Decline says that our person does not come.
func (r *Room) Decline(now time.Time) { r.part(now, Declined) }

func (r *Room) part(now time.Time, phase Phase) {
	if r.me.phase == phase || phase == Gone && r.me.phase != In {
		return
	}
	r.me.phase, r.me.bye, r.me.shows, r.dirty = phase, farewell, 0, true
	r.hub = hubs{highest: r.hub.highest}
	r.settle(now)
}

// Phase of this device; zero when it has nothing to do with the call.
func (r *Room) Phase() Phase { return r.me.phase }

func (r *Room) counter() uint32 {
	if r.held == nil {
		return 0
	}
	return r.held.Counter
}

// Set shows and hides what is ours. Errors: ErrMuted, ErrForbidden; what is allowed of
// it has been done nevertheless.
func (r *Room) Set(now time.Time, want Shows) (err error) {
	r.settle(now)
	host := r.weLead()
	on := want &^ r.me.shows
	if on&Microphone != 0 && !host && r.held != nil {
		switch {
		case r.held.Rules&MuteOnEntry != 0 && now.Sub(r.me.entered) < entering && len(r.insiders(now)) > crowd:
			want &^= Microphone // comes in muted; the next time it is the person's own wish
		case r.held.NoUnmute != 0:
			want, err = want&^Microphone, ErrMuted
		}
	}
	if on&(Screen|ScreenSound) != 0 && !host && r.held != nil && r.held.Rules&NoShare != 0 {
		want, err = want&^(Screen|ScreenSound), ErrForbidden
	}
	if want&Screen == 0 {
		want &^= ScreenSound
	}
	on = want &^ r.me.shows
	if on&Microphone != 0 {
		r.me.mic = r.counter()
	}
	if on&(Screen|ScreenSound) != 0 {
		r.me.screen = r.counter()
	}
	if on&Hand != 0 {
		r.me.hand, r.me.handAt = r.counter(), now.UnixMilli()
	}
	if want != r.me.shows {
		r.me.shows, r.dirty = want, true
	}
	r.settle(now)
	return err
}

// Measure notes what only the engine knows. It is said with the next beat.
func (r *Room) Measure(score uint16, lost []wire.DeviceID) {
	if len(lost) > maxLost {
		lost = lost[:maxLost]
	}
	r.dirty = r.dirty || !slices.Equal(lost, r.me.lost)
	r.me.score, r.me.lost = score, lost
}

// Alive is told by the engine: it hears a device, though its beats may not reach us. A call
// outlives the links that it was made over.
func (r *Room) Alive(now time.Time, device wire.DeviceID) {
	if p := r.peers[device]; p != nil && r.present(now, p) {
		p.heard = now
	}
}

// React shows an emoji. Errors: ErrOften, ErrBeat.
func (r *Room) React(now time.Time, emoji string) error {
	if !ValidEmoji(emoji) {
		return ErrBeat
	}
	if now.Sub(r.me.reacted) < reactEvery {
		return ErrOften
	}
	r.me.reacted, r.me.react, r.dirty = now, &Reaction{Emoji: emoji, At: now.UnixMilli()}, true
	return nil
}

func (r *Room) weLead() bool {
	us, ok := r.Who(r.Self)
	return ok && r.me.phase == In && r.authority(r.held, us)
}

// obey switches off what a host ordered off.
func (r *Room) obey(time.Time) {
	if r.me.phase != In || r.held == nil {
		return
	}
	host := r.weLead()
	off := Shows(0)
	if r.silenced(r.held, r.Self, host, r.me.mic) {
		off |= Microphone
	}
	if r.held.Rules&NoShare != 0 && !host || r.ordered(r.held, r.Self, OrderStop) > r.me.screen {
		off |= Screen | ScreenSound
	}
	if r.ordered(r.held, r.Self, OrderLower) > r.me.hand {
		off |= Hand
	}
	if r.me.shows&off != 0 {
		r.me.shows, r.dirty = r.me.shows&^off, true
	}
}

func (r *Room) ordered(q *Policy, device wire.DeviceID, what uint8) (at uint32) {
	for _, o := range q.Orders {
		if o.Device == device && o.What == what {
			at = max(at, o.At)
		}
	}
	return at
}

// silenced reports whether a microphone that was switched on at a counter is off by order.
func (r *Room) silenced(q *Policy, device wire.DeviceID, host bool, since uint32) bool {
	if r.ordered(q, device, OrderMute) > since {
		return true
	}
	return !host && (q.MuteAll > since || q.NoUnmute != 0 && since >= q.NoUnmute)
}

// Due reports when something is to be said.
func (r *Room) Due(now time.Time) bool {
	since := now.Sub(r.me.last)
	switch {
	case r.me.phase == 0 || r.me.phase != In && r.me.bye == 0:
		return false
	case r.dirty || r.me.phase != In:
		return since >= gap || since < 0
	}
	return since >= Every || since < 0
}

// Say gives the beat that is to be said now.
func (r *Room) Say(now time.Time) Beat {
	m := &r.me
	b := Beat{Start: r.Start, Sent: max(now.UnixMilli(), m.said.Sent+1), Phase: m.phase}
	if m.phase == In {
		b.Joined, b.Shows, b.HandAt, b.Score, b.Lost = m.joined, m.shows, m.handAt, m.score, m.lost
		b.MicSince, b.ScreenSince, b.HandSince = m.mic, m.screen, m.hand
		if m.shows&Hand == 0 {
			b.HandAt = 0
		}
		b.Sent = max(b.Sent, b.Joined)
		if h := r.follows(); h.Term != 0 {
			b.Hub = &h
		}
		if r.held != nil && r.weLead() {
			b.Policy = r.held
		} else {
			if r.held != nil {
				b.Follows = &Follows{Founder: r.held.Founder, Counter: r.held.Counter, Grant: r.latest(r.held)}
			}
			if m.overs > 0 {
				b.Policy = m.over
				m.overs--
			}
		}
		if m.react != nil && now.Sub(m.reacted) < Every+Every/2 {
			b.Reaction = m.react
		}
	} else {
		m.bye--
		if us, ok := r.Who(r.Self); ok && r.held != nil && r.held.Ended && r.authority(r.held, us) {
			b.Policy = r.held // that it is over for all may have been lost with the beat before
		}
	}
	m.said, m.last, r.dirty = b, now, false
	return b
}
