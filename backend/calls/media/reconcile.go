package media

import (
	"slices"
	"time"

	"roundtable/backend/wire"
)

// reconcile looks at all that is known and makes what is forwarded what it should be.
func (e *Engine) reconcile(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.measure(now)
	e.gather(now)
	e.hears(now)
	for _, l := range e.legs {
		e.serve(l, now)
		e.inform(l)
	}
	if e.page != nil {
		e.servePage(now)
	}
	e.choose()
	e.refresh(now)
}

// source gives a source, made when it is new. The caller holds mu.
func (e *Engine) source(id Source) *source {
	s := e.sources[id]
	if s == nil {
		e.numbers++
		clock := &clockOffset{}
		for other, known := range e.sources {
			if other.Device == id.Device {
				clock = known.clock
				break
			}
		}
		s = newSource(id, e.numbers, clock)
		s.wake = e.wake
		e.sources[id] = s
	}
	s.seen = time.Now()
	return s
}

// gather finds out which sources there are, by which leg each comes, and what the packets of each
// leg may name. A device's own leg brings its own sources; the hub's, and the standby's that may
// be hub in a moment, everybody's. Nobody else speaks for others.
func (e *Engine) gather(now time.Time) {
	present := map[*source]bool{}
	if e.page != nil {
		for _, kind := range e.page.kinds {
			id := Source{e.o.Self, kind}
			if slices.Contains(e.plan.Silenced, id) {
				continue
			}
			s := e.source(id)
			present[s] = true
			var c carrier = e.page
			s.prefer.Store(&c)
		}
	}
	for device, l := range e.legs {
		if l.session == nil {
			continue
		}
		tags := map[uint32]*layer{}
		for _, t := range l.haves {
			id := Source{t.Device, t.Kind}
			if t.Device == e.o.Self || t.Device != device && !e.central(device, now) || slices.Contains(e.plan.Silenced, id) || len(e.sources) > 4*maxTold {
				continue
			}
			s := e.source(id)
			present[s] = true
			for i := range s.layers {
				tags[t.Number<<2|uint32(i)] = &s.layers[i]
			}
			if e.supplier(t.Device) == device {
				var c carrier = l.session
				if old := s.prefer.Load(); old == nil || *old != c {
					s.prefer.Store(&c)
				}
			}
		}
		l.session.tags.Store(&tags)
	}
	for id, s := range e.sources {
		reloads := id.Device == e.o.Self && (e.page == nil || !e.page.up.Load()) && now.Sub(s.seen) < reloadsWithin
		if !present[s] && !reloads || slices.Contains(e.plan.Silenced, id) {
			e.drop(s)
		}
	}
}

// central says whether a device may bring what others send.
func (e *Engine) central(device wire.DeviceID, now time.Time) bool {
	return device == e.plan.Hub || device == e.plan.Standby || device == e.oldHub && now.Before(e.oldUntil)
}

// supplier is the device whose leg brings a device's sources.
func (e *Engine) supplier(device wire.DeviceID) wire.DeviceID {
	if e.plan.Hub.IsZero() || e.plan.Hub == e.o.Self {
		return device
	}
	return e.plan.Hub
}

// drop forgets a source that is gone.
func (e *Engine) drop(s *source) {
	delete(e.sources, s.Source)
	if e.page != nil {
		e.page.lose(s)
	}
	for _, slot := range e.allSlots() {
		if slot.src == s {
			slot.free(time.Now())
		}
	}
}

func (e *Engine) allSlots() (all []*slot) {
	for _, l := range e.legs {
		if l.session != nil {
			all = append(append(all, l.session.audio...), l.session.video...)
		}
	}
	if e.page != nil {
		all = append(append(all, e.page.audio...), e.page.video...)
	}
	return all
}

// inform tells another engine what it may have and what is wanted of it, when that is not what it
// was told last, and all of it now and then: a message may be lost, and one that goes another way
// may come behind the next.
func (e *Engine) inform(l *leg) {
	s := l.session
	if s == nil || !s.open.Load() {
		return
	}
	haves := []told{}
	for _, src := range e.sources {
		if src.Device == e.o.Self || src.Device != l.device && (e.plan.Hub == e.o.Self || e.plan.Standby == e.o.Self) {
			haves = append(haves, told{src.number, src.Device, src.Kind})
		}
	}
	slices.SortFunc(haves, func(a, b told) int { return int(a.Number) - int(b.Number) })
	haves = haves[:min(len(haves), maxTold)]
	wants := e.wantsOf(l)
	if now := time.Now(); now.Sub(l.saidAt) > informEvery {
		l.said, l.saidAt, l.asked = false, now, [2]int{}
	}
	if !l.said || !slices.Equal(haves, l.saidH) {
		l.say(message{Have: &have{haves}})
	}
	if !l.said || !slices.Equal(wants, l.saidW) {
		l.say(message{Want: &want{wants}})
	}
	l.said, l.saidH, l.saidW = true, haves, wants
	if !l.offers && (l.room[0] > len(s.audio) || l.room[1] > len(s.video)) && l.asked != l.room {
		l.asked = l.room
		l.say(message{Room: &room{l.room[0], l.room[1]}})
	}
}

// wantsOf gives the pictures that this engine wants of another: of its own for a mesh; of all for a
// hub or who may be one; in layers, when this engine is the hub and others look too.
func (e *Engine) wantsOf(l *leg) []picture {
	wants := []picture{}
	gathers := e.plan.Hub == e.o.Self || e.plan.Standby == e.o.Self
	for id, src := range e.sources {
		if id.Kind.Sound() || id.Device == e.o.Self {
			continue
		}
		p := picture{Device: id.Device, Kind: id.Kind, Height: e.wants[id]}
		switch {
		case gathers && id.Device == l.device:
			p.Layers = e.layersWanted(src)
		case id.Device != l.device && l.device != e.plan.Hub && l.device != e.plan.Standby:
			continue
		}
		if p.Height > 0 || p.Layers > 0 {
			wants = append(wants, p)
		}
	}
	slices.SortFunc(wants, func(a, b picture) int {
		if c := slices.Compare(a.Device[:], b.Device[:]); c != 0 {
			return c
		}
		return int(a.Kind) - int(b.Kind)
	})
	return wants[:min(len(wants), maxTold)]
}

// layersWanted gives the layers of a device's picture that anybody wants of this hub.
func (e *Engine) layersWanted(src *source) (bits uint8) {
	heights := []int{e.wants[src.Source]}
	for _, l := range e.legs {
		for _, w := range l.wants {
			if l.device != src.Device && w.Device == src.Device && w.Kind == src.Kind {
				heights = append(heights, w.Height)
			}
		}
	}
	for _, h := range heights {
		if h > 0 {
			bits |= 1 << wishes(src.Kind, h)
		}
	}
	if src.Kind == Camera && bits&^1 != 0 {
		bits |= 1 // whoever's way gets narrow falls back on it
	}
	return bits
}
