package media

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// crowd is many microphones at a hub; nothing in it takes time.
type crowd struct {
	mics   []*source
	picked loudest
	now    time.Time
	random *rand.Rand
	talks  map[int]bool
	noise  int8 // -dBov
	late   time.Duration
	waits  map[int]time.Time // who has begun to speak, and is not forwarded yet
	turns  int
}

func newCrowd(n int) *crowd {
	c := &crowd{picked: loudest{all: heardByAll, most: heardMost}, now: time.Unix(1_700_000_000, 0), random: rand.New(rand.NewPCG(1, 2)), talks: map[int]bool{},
		noise: 62, waits: map[int]time.Time{}}
	for i := range n {
		c.mics = append(c.mics, newSource(mic(i+1), uint32(i+1), &clockOffset{}))
	}
	return c
}

// passes lets time pass, 20 ms at a time; the loop looks every 100 ms, or when a voice begins.
func (c *crowd) passes(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); {
		c.now = c.now.Add(20 * time.Millisecond)
		look := c.now.UnixMilli()%100 == 0
		for i, src := range c.mics {
			level := c.noise + int8(c.random.IntN(5))
			if c.talks[i] && c.random.IntN(8) > 0 {
				level = 28 + int8(i%3) + int8(c.random.IntN(8))
			}
			l := &src.layers[full]
			l.last.Store(c.now.UnixNano())
			if l.hear(level, c.now) && !src.forwarded.Load() {
				look = true
			}
		}
		if !look {
			continue
		}
		before := c.on()
		c.picked.pick(c.mics, c.now)
		for i, src := range c.mics {
			if at, waits := c.waits[i]; waits && src.forwarded.Load() {
				c.late = max(c.late, c.now.Sub(at))
				delete(c.waits, i)
			}
		}
		for _, i := range before {
			if !c.mics[i].forwarded.Load() {
				c.turns++
			}
		}
	}
}

func (c *crowd) on() (all []int) {
	for i, src := range c.mics {
		if src.forwarded.Load() {
			all = append(all, i)
		}
	}
	return all
}

func (c *crowd) speaks(i int, on bool) {
	if c.talks[i] = on; on && !c.mics[i].forwarded.Load() {
		c.waits[i] = c.now
	}
}

// Fifty open microphones, three who speak in turn, with pauses: at most five are forwarded, whoever
// speaks is at once, and nobody loses their place by a pause.
func TestThreeSpeakersOfFifty(t *testing.T) {
	c := newCrowd(50)
	c.passes(5 * time.Second)
	for range 30 {
		for _, i := range []int{7, 23, 41} {
			c.speaks(i, true)
			c.passes(time.Duration(1000+c.random.IntN(4000)) * time.Millisecond)
			c.speaks(i, c.random.IntN(3) == 0) // now and then into what the next one says
			c.passes(time.Duration(c.random.IntN(1500)) * time.Millisecond)
			if n := len(c.on()); n != heardMost {
				t.Fatalf("%d are forwarded", n)
			}
		}
	}
	if c.late > preroll-40*time.Millisecond {
		t.Errorf("a voice waited %v, and only %v of it are kept", c.late, preroll)
	}
	if len(c.waits) > 0 {
		t.Errorf("never forwarded: %v", c.waits)
	}
	if c.turns > 10 {
		t.Errorf("%d turns among three speakers", c.turns)
	}
	t.Logf("latest after %v, %d turns", c.late, c.turns)
}

// Six who all speak: five are heard, and the sixth takes a place when somebody stops, not before the pause is over.
func TestMoreSpeakersThanPlaces(t *testing.T) {
	c := newCrowd(20)
	for i := range heardMost + 1 {
		c.speaks(i, true)
		c.passes(time.Second)
	}
	before := c.on()
	turns := c.turns
	c.passes(20 * time.Second)
	if c.turns-turns > 3 {
		t.Errorf("%d turns while nothing changes", c.turns-turns)
	}
	if len(before) != heardMost {
		t.Fatalf("%v are forwarded", before)
	}
	out := slices.IndexFunc(c.mics[:heardMost+1], func(s *source) bool { return !s.forwarded.Load() })
	gone := (out + 1) % (heardMost + 1)
	c.speaks(gone, false)
	c.passes(hangover / 2)
	if !c.mics[gone].forwarded.Load() {
		t.Error("lost its place in a pause")
	}
	c.passes(hangover + time.Second)
	if !c.mics[out].forwarded.Load() {
		t.Error("who speaks is not heard, though there is a place")
	}
}

// A quiet voice in a small circle, a loud room, a muted microphone.
func TestLevels(t *testing.T) {
	c := newCrowd(heardByAll)
	c.passes(200 * time.Millisecond)
	if n := len(c.on()); n != heardByAll {
		t.Errorf("%d of %d are forwarded where there are few", n, heardByAll)
	}
	c = newCrowd(12)
	c.noise = 45 // a fan
	c.passes(30 * time.Second)
	c.speaks(11, true)
	c.passes(300 * time.Millisecond)
	if !c.mics[11].forwarded.Load() {
		t.Error("a voice is lost in the noise of others")
	}
}

// Who never says how loud it is is heard all the same.
func TestWithoutLevels(t *testing.T) {
	c := newCrowd(12)
	c.passes(time.Second)
	src := newSource(mic(99), 99, &clockOffset{})
	for n := range 20 {
		c.passes(20 * time.Millisecond)
		src.layers[full].deliver(quietCarrier{}, 7, &packet{seq: uint16(n), level: -1, at: c.now, payload: []byte{1}})
	}
	c.mics = append(c.mics, src)
	c.passes(200 * time.Millisecond)
	if !src.forwarded.Load() {
		t.Error("not forwarded")
	}
}

// A voice that was not forwarded is, from the packet before the one that gave it away on.
func TestFirstSyllable(t *testing.T) {
	src := newSource(mic(1), 1, &clockOffset{})
	woke := 0
	src.wake = func() { woke++ }
	src.kept.Store(true)
	now := time.Now().Add(-time.Second)
	n := 0
	say := func(level int8) {
		now = now.Add(20 * time.Millisecond)
		n++
		src.layers[full].deliver(quietCarrier{}, 7, &packet{seq: uint16(n), time: uint32(n) * 960, level: level, at: now, payload: []byte{byte(n)}})
	}
	for range 40 {
		say(70)
	}
	if woke > 0 {
		t.Error("noise wakes the loop")
	}
	for range 3 {
		say(25)
	}
	if woke != 1 {
		t.Errorf("woken %d times", woke)
	}
	s := newSlot(quietCarrier{}, 0, false, false)
	end := &caught{}
	s.track.bound.Store(&bound{ssrc: 9, payload: opusType, writer: end})
	s.take(src, anyLayer, now)
	say(25)
	if len(end.all) != rollCount+1 || end.all[0].Payload[0] != 36 {
		t.Fatalf("%d packets, the first is %d", len(end.all), end.all[0].Payload[0])
	}
	for i, p := range end.all[1:] {
		if before := end.all[i]; p.SequenceNumber != before.SequenceNumber+1 || p.Timestamp != before.Timestamp+960 {
			t.Errorf("after %d %d: %d %d", before.SequenceNumber, before.Timestamp, p.SequenceNumber, p.Timestamp)
		}
	}
}

// A muted microphone costs two or three packets a second, and numbers have no gap.
func TestMutedIsNearlyNothing(t *testing.T) {
	src := newSource(mic(1), 1, &clockOffset{})
	_, end := spokeTo(src, 0)
	now := time.Now()
	for n := range 500 { // ten seconds
		now = now.Add(20 * time.Millisecond)
		level := int8(127)
		if n >= 490 {
			level = 30
		}
		src.layers[full].deliver(quietCarrier{}, 7, &packet{seq: uint16(n), time: uint32(n) * 960, level: level, at: now, payload: []byte{1}})
	}
	if n := len(end.all); n < 25+20 || n > 70 {
		t.Errorf("%d packets", n)
	}
	for i, p := range end.all[1:] {
		if p.SequenceNumber != end.all[i].SequenceNumber+1 {
			t.Fatalf("%d after %d", p.SequenceNumber, end.all[i].SequenceNumber)
		}
	}
}

// Only microphones are asked to send nothing of silence.
func TestSilenceIsNotSent(t *testing.T) {
	answer := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n" +
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
	got, err := discontinuous(answer, map[string]bool{"1": true})
	if err != nil || strings.Count(got, "usedtx=1") != 1 || !strings.Contains(got[strings.Index(got, "mid:1"):], "useinbandfec=1;usedtx=1") {
		t.Errorf("%v %q", err, got)
	}
}

// Five people at a hub that forwards three voices: whoever speaks is heard by all from the first packet on,
// and those who only have their microphone on take nobody's place and cost nothing.
func TestHubForwardsTheLoudest(t *testing.T) {
	o := newOffice(t)
	o.hears = [2]int{1, 3}
	var all []*window
	for i := range 5 {
		w := o.open(i + 1)
		w.mu.Lock()
		w.loud = 75
		w.mu.Unlock()
		all = append(all, w)
	}
	starred(all, Plan{Hub: id(1), Standby: id(2)})
	for _, w := range all[1:] {
		await(t, "the way to the hub", func() bool { return w.e.Snapshot().Networks[id(1)].Connected })
	}
	forwarded := func() (n int) {
		e := all[0].e
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, src := range e.sources {
			if src.Kind == Microphone && src.forwarded.Load() {
				n++
			}
		}
		return n
	}
	await(t, "three microphones", func() bool { return forwarded() == 3 })
	for _, speaker := range []int{4, 5, 3} {
		w := all[speaker-1]
		w.mu.Lock()
		w.loud = 25
		first := w.said + 1
		w.mu.Unlock()
		for _, other := range all[1:] {
			if other == w {
				continue
			}
			await(t, "the first word", func() bool { g, ok := other.sees(mic(speaker)); return ok && g.came(first, 5) }, all[0].e, other.e)
			await(t, "who speaks", func() bool { return other.e.Snapshot().Speaker == id(speaker) })
		}
		if n := forwarded(); n != 3 {
			t.Errorf("%d are forwarded", n)
		}
		w.mu.Lock()
		w.loud = 75
		w.mu.Unlock()
	}
}
