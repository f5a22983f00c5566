package media

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
)

// carrier is a connection that brings packets: the page's or another engine's.
type carrier interface {
	// write sends feedback.
	write([]rtcp.Packet)
	// ask requests a key frame of a layer; false: it has no stream of it yet.
	ask(*layer) bool
}

// source is one thing that one device sends, with up to three layers of a picture.
type source struct {
	Source
	number uint32
	layers [3]layer // small, half, full; what has no layers is full

	// Guarded by Engine.mu.
	seen time.Time // somebody had it

	prefer atomic.Pointer[carrier] // whose packets are taken before others'
	clock  *clockOffset            // of the device

	wake      func()      // has the engine's loop look again; may be nil
	forwarded atomic.Bool // to other engines, when it is a microphone
	kept      atomic.Bool // its last packets are, as it may not be forwarded
}

const (
	small = iota
	half
	full
)

// names of the layers, as in the page's RIDs.
var layerNames = [3]string{"q", "h", "f"}

// layerOf gives the layer of a RID.
func layerOf(rid string) int {
	if i := slices.Index(layerNames[:], rid); i >= 0 {
		return i
	}
	return full
}

func newSource(id Source, number uint32, clock *clockOffset) *source {
	s := &source{Source: id, number: number, clock: clock}
	for i := range s.layers {
		s.layers[i].src, s.layers[i].index = s, i
		s.layers[i].level.Store(-1)
	}
	return s
}

// alive says whether packets of a layer come.
func (l *layer) alive(now time.Time) bool { return l.came(now, time.Second) }

func (l *layer) came(now time.Time, within time.Duration) bool {
	return now.UnixNano()-l.last.Load() < int64(within)
}

// layer is one stream of a source. Whoever brings packets delivers them here; slots join it.
type layer struct {
	src   *source
	index int

	slots atomic.Pointer[[]*slot] // replaced, never changed
	joins sync.Mutex              // guards replacing

	mu     sync.Mutex // one packet at a time
	from   carrier    // whose packets are forwarded
	ssrc   uint32     // of from
	run    uint32     // grows when the stream breaks
	second int64      // for the limit of packets
	count  int
	roll   *roll // of a microphone that may have to be forwarded in a moment; nil: not kept
	onset  int64 // the loop was told of a voice, Unix nanoseconds
	// levelled: its packets say how loud they are.
	levelled bool
	loudness

	last   atomic.Int64 // when a packet came, Unix nanoseconds
	bytes  atomic.Int64
	height atomic.Int32
	level  atomic.Int32 // of sound, -dBov
	asked  atomic.Int64 // for a key frame, Unix nanoseconds

	// Guarded by Engine.mu.
	counted  int64
	measured time.Time
	bps      float64
}

func (l *layer) tag() uint32 { return l.src.number<<2 | uint32(l.index) }

func (l *layer) join(s *slot) {
	l.joins.Lock()
	defer l.joins.Unlock()
	var all []*slot
	if old := l.slots.Load(); old != nil {
		if slices.Contains(*old, s) {
			return
		}
		all = slices.Clone(*old)
	}
	all = append(all, s)
	l.slots.Store(&all)
}

// leave takes the slot off, unless it has come back to the layer in the meantime.
func (l *layer) leave(s *slot) {
	l.joins.Lock()
	defer l.joins.Unlock()
	if old := l.slots.Load(); old != nil {
		all := slices.DeleteFunc(slices.Clone(*old), func(o *slot) bool { return o == s })
		l.slots.Store(&all)
	}
}

// deliver takes a packet that a carrier brought, and forwards it unless another carrier's stream of
// the same layer is the one that is heard.
func (l *layer) deliver(from carrier, ssrc uint32, p *packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if second := p.at.Unix(); second != l.second {
		l.second, l.count = second, 0
	}
	if l.count++; l.count > maxPackets {
		return
	}
	if from != l.from || ssrc != l.ssrc {
		if !l.takes(from, p) {
			return
		}
		l.from, l.ssrc = from, ssrc
		l.run++
	}
	l.last.Store(p.at.UnixNano())
	l.bytes.Add(int64(len(p.payload)) + 40)
	if p.vp8.height > 0 {
		l.height.Store(int32(p.vp8.height))
	}
	if p.level >= 0 {
		l.level.Store(int32(p.level))
	}
	if l.src.Kind == Microphone {
		l.listens(p)
	}
	if all := l.slots.Load(); all != nil {
		for _, s := range *all {
			s.forward(l, l.run, p)
		}
	}
}

// takes says whether a stream may take the place of the one that is heard. Of a picture that takes
// a key frame; else the old stream has to be silent, or the new one better.
func (l *layer) takes(from carrier, p *packet) bool {
	if !l.src.Kind.Sound() && !p.vp8.key {
		l.plead(from, p.at)
		return false
	}
	prefer := l.src.prefer.Load()
	if l.from == nil || from == l.from || prefer != nil && *prefer == from {
		return true
	}
	return p.at.UnixNano()-l.last.Load() > int64(300*time.Millisecond)
}

// ask requests a key frame, at most twice a second on average; one more is let through after a
// moment, for whoever joins while the answer to another one's question passes them by.
func (l *layer) ask(now time.Time) {
	if prefer := l.src.prefer.Load(); prefer != nil {
		l.plead(*prefer, now)
	}
}

func (l *layer) plead(from carrier, now time.Time) {
	at, due := now.UnixNano(), l.asked.Load()
	if due-at <= int64(keyEvery-keyAgain) && from.ask(l) {
		l.asked.Store(max(at, due) + int64(keyEvery))
	}
}

// reported takes a sender report of the layer's stream and passes it on to those who get the stream.
func (l *layer) reported(from carrier, ssrc uint32, sr *rtcp.SenderReport, now time.Time) {
	l.mu.Lock()
	current := from == l.from && ssrc == l.ssrc
	l.mu.Unlock()
	if !current {
		return
	}
	ntp := l.src.clock.local(sr.NTPTime, now)
	all := l.slots.Load()
	if all == nil {
		return
	}
	for _, s := range *all {
		if r := s.report(l, ntp, sr.RTPTime); r != nil {
			s.out.write([]rtcp.Packet{r})
		}
	}
}
