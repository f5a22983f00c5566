package media

import (
	"slices"
	"time"

	"roundtable/backend/wire"
)

// desire is something that a leg shall carry.
type desire struct {
	src    *source
	fixed  int // a layer, or anyLayer
	height int
}

// serve decides what goes to another engine.
func (e *Engine) serve(l *leg, now time.Time) {
	s := l.session
	if s == nil {
		return
	}
	sounds, pictures := e.due(l)
	l.room[0] = max(l.room[0], len(sounds), e.roomFor(l.device))
	l.room[1] = max(l.room[1], len(pictures))
	e.assign(s.audio, sounds, now)
	e.assign(s.video, pictures, now)
	e.layer(l, pictures, now)
}

// roomFor is how many voices may go between this engine and a hub, or one that may be hub: slots
// are there before the turn, so that it takes no offer.
func (e *Engine) roomFor(device wire.DeviceID) int {
	if c := []wire.DeviceID{device, e.o.Self}; slices.Contains(c, e.plan.Hub) || slices.Contains(c, e.plan.Standby) && !e.plan.Standby.IsZero() {
		return min(len(e.plan.Peers)+2, heardByAll+4) // of more only the loudest are forwarded, and what is heard of screens
	}
	return 0
}

// due gives what shall go to another engine: in a mesh and to the hub what is ours; as a hub
// everybody's but its own; to anybody else nothing.
func (e *Engine) due(l *leg) (sounds, pictures []desire) {
	if !e.plan.Hub.IsZero() && e.plan.Hub != e.o.Self && e.plan.Hub != l.device {
		return nil, nil
	}
	for _, src := range e.ordered() {
		if src.Device == l.device || src.Device != e.o.Self && e.plan.Hub != e.o.Self || slices.Contains(e.plan.Silenced, src.Source) {
			continue
		}
		if src.Kind.Sound() {
			if src.Kind != Microphone || src.forwarded.Load() {
				sounds = append(sounds, desire{src: src, fixed: anyLayer})
			}
			continue
		}
		for _, w := range l.wants {
			if w.Device != src.Device || w.Kind != src.Kind {
				continue
			}
			if w.Layers == 0 {
				pictures = append(pictures, desire{src: src, fixed: anyLayer, height: w.Height})
			}
			for i := range src.layers {
				if w.Layers&(1<<i) != 0 {
					pictures = append(pictures, desire{src: src, fixed: i})
				}
			}
		}
	}
	return sounds[:min(len(sounds), maxSlots)], pictures[:min(len(pictures), maxSlots)]
}

// ordered gives the sources, those that were there first before others.
func (e *Engine) ordered() []*source {
	all := make([]*source, 0, len(e.sources))
	for _, s := range e.sources {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *source) int { return int(a.number) - int(b.number) })
	return all
}

// servePage decides what goes to the page.
func (e *Engine) servePage(now time.Time) {
	p := e.page
	var sounds, pictures []desire
	for _, src := range e.ordered() {
		switch {
		case src.Device == e.o.Self:
		case src.Kind.Sound():
			sounds = append(sounds, desire{src: src, fixed: anyLayer})
		case e.wants[src.Source] > 0:
			pictures = append(pictures, desire{src: src, fixed: anyLayer, height: e.wants[src.Source]})
		}
	}
	sounds, pictures = sounds[:min(len(sounds), maxSlots)], pictures[:min(len(pictures), maxSlots)]
	if len(sounds) > e.asked[0] || len(pictures) > e.asked[1] {
		e.asked = [2]int{max(e.asked[0], step(len(sounds))), max(e.asked[1], step(len(pictures)))}
	}
	if short := len(p.audio) < e.asked[0] || len(p.video) < e.asked[1]; short && p.wanted != e.asked {
		p.wanted = e.asked
		e.serial++
	}
	e.assign(p.audio, sounds, now)
	e.assign(p.video, pictures, now)
	for _, s := range p.video {
		for _, d := range pictures {
			if s.src == d.src {
				e.show(s, wishes(d.src.Kind, d.height), now)
			}
		}
	}
}

// assign puts what is desired in slots: what is there stays where it is, what is no longer desired
// goes, what is new takes the slot with its companion's number (a camera that of the microphone, so
// that the page plays them in step), else the one that has been free longest.
func (e *Engine) assign(slots []*slot, desires []desire, now time.Time) {
	placed := make([]bool, len(desires))
	for _, s := range slots {
		if s.src == nil {
			continue
		}
		at := slices.IndexFunc(desires, func(d desire) bool { return d.src == s.src && d.fixed == s.fixed })
		if at < 0 || placed[at] {
			s.free(now)
			continue
		}
		placed[at] = true
	}
	for i, d := range desires {
		if placed[i] {
			continue
		}
		var place *slot
		for _, s := range slots {
			if s.src != nil {
				continue
			}
			if place == nil || s.freed.Before(place.freed) {
				place = s
			}
			if s.page && s.video && s.number == e.companion(d.src) {
				place = s
				break
			}
		}
		if place == nil {
			return
		}
		place.take(d.src, d.fixed, now)
	}
}

// companion is the number of the page's slot that plays the sound of a source's device.
func (e *Engine) companion(src *source) int {
	sound := Microphone
	if src.Kind == Screen {
		sound = ScreenSound
	}
	for _, s := range e.page.audio {
		if s.src != nil && s.src.Device == src.Device && s.src.Kind == sound {
			return s.number
		}
	}
	return -1
}
