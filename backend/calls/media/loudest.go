package media

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// heardByAll is up to how many microphones a hub forwards whatever they say; of more it forwards
	// the heardMost loudest: nobody follows more voices than that at a time.
	heardByAll = 8
	heardMost  = 5
	// hangover is how long a voice keeps its place after its last word, so that pauses cost no turn.
	hangover = 2 * time.Second
	// A louder voice takes the place of one that speaks only when it is louder by so much (dB), has
	// spoken for so long, and the other has had its place for so long.
	louderBy  = 6
	louderFor = 300 * time.Millisecond
	keepsFor  = time.Second
	// spurt is the longest pause within what somebody says.
	spurt = 500 * time.Millisecond
	// onsetEvery bounds how often one voice that is not forwarded wakes the loop.
	onsetEvery = 100 * time.Millisecond
	// muteAfter is after how many packets of digital silence, 20 ms each, a microphone counts as muted;
	// of what follows one packet in stillEvery is forwarded, as Opus does with silence (RFC 7587, 3.1.3).
	muteAfter  = 25
	stillEvery = 20
)

// loudness is how loud a microphone is, by the audio level of its packets (RFC 6464). Levels are
// turned round here: 0 is silence, 127 the loudest.
type loudness struct {
	floor float64 // of the room: falls at once, rises by 2 dB a second
	still int     // packets of digital silence in a row

	// What the loop reads.
	loud  atomic.Int64 // of the voice, in thousandths of dB: rises fast, falls slowly
	spoke atomic.Int64 // the last packet with a voice in it, Unix nanoseconds
	began atomic.Int64 // the spurt that it was in
}

// unlevelled is how loud a microphone counts that never says it, in -dBov.
const unlevelled = 40

// roomLevel is where the noise of a room is at most expected at first: -65 dBov.
const roomLevel = 127 - 65

// hear takes the level of a packet and says whether a voice is in it. The caller holds layer.mu.
func (v *loudness) hear(level int8, now time.Time) bool {
	x := float64(127 - level)
	if level == 127 {
		v.still++
	} else {
		v.still = 0
	}
	if v.floor == 0 {
		v.floor = roomLevel
	}
	v.floor = min(x, v.floor+0.04)
	speech := x >= v.floor+8 && x >= 127-75
	old := float64(v.loud.Load()) / 1000
	weight := 0.004 // a pause does not make a voice a quiet one
	switch {
	case speech && x > old:
		weight = 0.2
	case speech:
		weight = 0.02
	}
	v.loud.Store(int64((old + (x-old)*weight) * 1000))
	if !speech {
		return false
	}
	at := now.UnixNano()
	if at-v.spoke.Load() > int64(spurt) {
		v.began.Store(at)
	}
	v.spoke.Store(at)
	return true
}

// mute says whether this packet is one of silence that need not be forwarded.
func (v *loudness) mute() bool { return v.still > muteAfter && v.still%stillEvery != 0 }

// loudest are the microphones that a hub forwards.
type loudest struct {
	on map[*source]time.Time // and since when
	// all and most are heardByAll and heardMost, or what a test makes of them.
	all, most int
}

// contender is a microphone that may be forwarded.
type contender struct {
	src           *source
	loud          float64
	spoke, spurts time.Duration // ago
}

func (c contender) speaks() bool { return c.spoke < hangover }

// pick chooses. Who is forwarded stays so until a place is needed for one who speaks: then the one
// goes that has been quiet longest, or, when all speak, the quietest, if the other is clearly louder.
func (v *loudest) pick(mics []*source, now time.Time) {
	if v.on == nil {
		v.on = map[*source]time.Time{}
	}
	for src := range v.on {
		if !slices.Contains(mics, src) || !src.layers[full].came(now, hangover) {
			delete(v.on, src)
		}
	}
	var rest []contender
	for _, src := range mics {
		if _, is := v.on[src]; is {
			continue
		}
		if len(mics) <= v.all {
			v.on[src] = now
		} else if c := contend(src, now); src.layers[full].alive(now) && c.loud > 1 {
			rest = append(rest, c)
		}
	}
	slices.SortFunc(rest, func(a, b contender) int {
		if a.speaks() != b.speaks() {
			if a.speaks() {
				return -1
			}
			return 1
		}
		if c := cmp.Compare(b.loud, a.loud); c != 0 {
			return c
		}
		return cmp.Compare(a.src.number, b.src.number)
	})
	if len(mics) > v.all {
		v.fill(rest, now)
	}
	for _, src := range mics {
		_, is := v.on[src]
		src.forwarded.Store(is)
		src.kept.Store(len(mics) > v.all)
	}
}

// fill gives places to those who come first in rest.
func (v *loudest) fill(rest []contender, now time.Time) {
	for len(v.on) > v.most { // there were fewer microphones a moment ago
		delete(v.on, v.weakest(now).src)
	}
	for _, c := range rest {
		if len(v.on) < v.most {
			v.on[c.src] = now
			continue
		}
		if !c.speaks() {
			return
		}
		w := v.weakest(now)
		if w.speaks() && (c.loud < w.loud+louderBy || c.spurts < louderFor || now.Sub(v.on[w.src]) < keepsFor) {
			return
		}
		delete(v.on, w.src)
		v.on[c.src] = now
	}
}

// weakest is who goes first: of those who do not speak, the one that spoke longest ago; else the quietest.
func (v *loudest) weakest(now time.Time) (w contender) {
	for src := range v.on {
		c := contend(src, now)
		switch {
		case w.src == nil,
			!c.speaks() && (w.speaks() || c.spoke > w.spoke || c.spoke == w.spoke && c.src.number > w.src.number),
			c.speaks() && w.speaks() && c.loud < w.loud:
			w = c
		}
	}
	return w
}

func contend(src *source, now time.Time) contender {
	v := &src.layers[full].loudness
	ago := func(at int64) time.Duration { return now.Sub(time.Unix(0, at)) }
	return contender{src: src, loud: float64(v.loud.Load()) / 1000, spoke: ago(v.spoke.Load()), spurts: ago(v.began.Load())}
}

// hears chooses whose microphones this engine forwards to others: as a hub the loudest, else all.
func (e *Engine) hears(now time.Time) {
	var mics []*source
	for _, src := range e.ordered() {
		if src.Kind == Microphone {
			mics = append(mics, src)
		}
	}
	if e.plan.Hub != e.o.Self {
		e.loudest.on = nil
		for _, src := range mics {
			src.forwarded.Store(true)
			src.kept.Store(false)
		}
		return
	}
	e.loudest.pick(mics, now)
}

const (
	// preroll is how much of a voice that was not forwarded is kept, in packets of 20 ms, so that its
	// first syllable is forwarded when it is chosen. What is older than rollAge is no part of it.
	preroll    = rollCount * 20 * time.Millisecond
	rollCount  = 8
	rollAge    = time.Second
	rollLength = 400 // bytes of one packet; what is longer is no voice
)

// roll are the last packets of a microphone.
type roll struct {
	all [rollCount]struct {
		packet
		run  uint32
		data [rollLength]byte
	}
	next int
}

// keep notes a packet. The caller holds layer.mu.
func (r *roll) keep(p *packet, run uint32) {
	if len(p.payload) > rollLength {
		return
	}
	k := &r.all[r.next%rollCount]
	r.next++
	k.packet, k.run = *p, run
	k.payload = k.data[:copy(k.data[:], p.payload)]
}

// enter has a slot carry the layer, from what was kept on.
func (l *layer) enter(s *slot, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.join(s)
	if l.roll == nil {
		return
	}
	for i := max(l.roll.next-rollCount, 0); i < l.roll.next; i++ {
		if k := &l.roll.all[i%rollCount]; k.run == l.run && now.Sub(k.at) <= rollAge {
			p := k.packet
			s.forward(l, l.run, &p)
		}
	}
}

// listens takes the level of a microphone's packet: it wakes the loop for a voice that is not
// forwarded, keeps what may be needed, and empties what is only silence. The caller holds mu.
func (l *layer) listens(p *packet) {
	src, level := l.src, p.level
	if level >= 0 {
		l.levelled = true
	} else if !l.levelled {
		level = unlevelled // what came by a copy says nothing of itself; who never does is not left out for it
	}
	speech := level >= 0 && l.loudness.hear(level, p.at)
	if level >= 0 && l.loudness.mute() {
		p.payload = nil // numbers go on without a gap: slots skip it
		return
	}
	if !src.kept.Load() {
		l.roll = nil
		return
	}
	if l.roll == nil {
		l.roll = &roll{}
	}
	l.roll.keep(p, l.run)
	if at := p.at.UnixNano(); speech && !src.forwarded.Load() && src.wake != nil && at-l.onset > int64(onsetEvery) {
		l.onset = at
		src.wake()
	}
}
