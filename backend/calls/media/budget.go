package media

import (
	"slices"
	"time"
)

// share is what may be sent of one own source to one leg.
type share struct {
	layers uint8
	rates  [3]float64 // of each layer
}

const (
	// calm is for how long a way was good enough before more is sent over it.
	calm = 2500 * time.Millisecond
	// excess is for how long too much may be sent before less is.
	excess = 600 * time.Millisecond
)

// asking is a slot with what is asked of it.
type asking struct {
	*slot
	wished int
	height int
	limit  int // what fits now
}

// layer chooses what of the pictures goes to another engine: sound has been taken out, then
// everybody's smallest, screens first, then larger ones where larger ones are looked at.
func (e *Engine) layer(l *leg, pictures []desire, now time.Time) {
	// What is lost of pictures is sent again, and takes its room of what there is.
	left := (float64(l.bps())*0.95 - e.repeat(l)) * (1 - min(l.loss(), 0.5))
	var all []asking
	for _, s := range l.session.video {
		for _, d := range pictures {
			if s.src == d.src && s.fixed == d.fixed {
				a := asking{slot: s, wished: d.fixed, height: d.height, limit: -1}
				if d.fixed == anyLayer {
					a.wished = wishes(d.src.Kind, d.height)
				}
				all = append(all, a)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b asking) int {
		if a.src.Kind != b.src.Kind {
			return int(b.src.Kind) - int(a.src.Kind)
		}
		if a.fixed != b.fixed {
			return a.fixed - b.fixed
		}
		return b.height - a.height
	})
	left = e.fit(l, all, left)
	l.camera, l.screen, l.starved = share{}, share{}, false
	for i := range all {
		a := &all[i]
		e.settle(a, now)
		l.starved = l.starved || a.slot.limit < a.wished
		e.apportion(l, a)
	}
	e.split(l, left)
	short := l.camera.layers != 0 && l.camera.sum() < l.camera.ample()*0.95 || l.screen.layers != 0 && l.screen.sum() < screenRate*0.95
	l.want(l.starved || short)
}

// repeat decides how often sound is repeated on a leg, and gives what all of it takes.
func (e *Engine) repeat(l *leg) float64 {
	sounds, measured := 0.0, 0.0
	for _, s := range l.session.audio {
		if s.src != nil {
			sounds += soundRate
			measured += s.src.layers[full].bps
		}
	}
	more := copies(l.copies, l.loss(), measured, float64(l.bps()))
	if l.queued() {
		more = min(more, l.copies) // what a full queue loses comes back when less is sent
	}
	l.copies = more
	for _, s := range l.session.audio {
		s.copies.Store(int32(l.copies))
	}
	return max(sounds, measured) + float64(l.copies)*measured
}

// fit gives every slot the highest layer that there is room for, and returns what is left.
func (e *Engine) fit(l *leg, all []asking, left float64) float64 {
	for i := range all {
		a := &all[i]
		lowest := max(a.fixed, 0)
		if a.src.Kind == Screen {
			lowest = full
		}
		// A tenth too much is not worth a missing picture; sound has its room anyway.
		if cost := e.cost(l, a.src, lowest); cost <= left*1.1 {
			a.limit = lowest
			left -= cost
		}
	}
	for up := half; up <= full; up++ {
		for i := range all {
			a := &all[i]
			if a.fixed != anyLayer || a.limit != up-1 || a.wished < up {
				continue
			}
			more := e.cost(l, a.src, up) - e.cost(l, a.src, up-1)
			if more <= left {
				a.limit = up
				left -= more
			}
		}
	}
	return max(left, 0)
}

// cost is what a layer takes: what it is measured at; of our own, where the page goes by this leg,
// what it can be made to take.
func (e *Engine) cost(l *leg, src *source, layer int) float64 {
	measured := src.layers[layer].bps
	switch {
	case src.Device == e.o.Self && float64(l.bps()) > 0.8*e.widest:
		return least(src.Kind, layer)
	case src.Device == e.o.Self:
		return max(least(src.Kind, layer), measured)
	case measured > 1000:
		return measured
	case src.Kind == Screen:
		return screenLeast
	}
	return nominal(src.Kind, layer)
}

// settle moves a slot's limit to what fits: down when it was too much for a moment, up when there
// was room for a while.
func (e *Engine) settle(a *asking, now time.Time) {
	s := a.slot
	switch {
	case a.limit < s.limit:
		if s.over.IsZero() {
			s.over = now
		}
		if now.Sub(s.over) > excess {
			s.limit, s.upped, s.over = a.limit, now, time.Time{}
		}
	case a.limit > s.limit:
		s.over = time.Time{}
		if s.upped.IsZero() || now.Sub(s.upped) > calm {
			s.limit, s.upped = a.limit, now
		}
	default:
		s.over = time.Time{}
	}
	if s.limit < 0 || s.fixed > s.limit {
		s.aim(nil, small)
		return
	}
	if s.fixed != anyLayer {
		e.show(s, s.fixed, now)
		return
	}
	e.show(s, min(s.limit, a.wished), now)
}

// apportion notes what of our own goes to a leg.
func (e *Engine) apportion(l *leg, a *asking) {
	if a.src.Device != e.o.Self || a.slot.limit < 0 || a.fixed > a.slot.limit {
		return
	}
	layer := min(a.slot.limit, a.wished)
	to := &l.camera
	if a.src.Kind == Screen {
		to = &l.screen
	}
	to.layers |= 1 << layer
	// A layer that does not fit any more and is still sent for a moment, or a smaller one than fits now, gets
	// what the one that fits was given.
	to.rates[layer] = min(least(a.src.Kind, max(a.limit, small)), nominal(a.src.Kind, layer))
}

// split gives what is left to our own camera and screen, the screen twice as much. Of a camera that
// is sent in several layers the small ones are filled first.
func (e *Engine) split(l *leg, left float64) {
	part := left
	if l.camera.layers != 0 && l.screen.layers != 0 {
		part = left / 3
	}
	if l.screen.layers != 0 {
		l.screen.rates[full] += max(left-part, 0)
		if l.camera.layers == 0 {
			l.screen.rates[full] += left
		}
	}
	for i := range l.camera.rates {
		if l.camera.layers&(1<<i) != 0 {
			more := min(part, nominal(Camera, i)-l.camera.rates[i])
			l.camera.rates[i] += more
			part -= more
		}
	}
}

func (s *share) sum() float64 { return s.rates[0] + s.rates[1] + s.rates[2] }

// ample is what a camera in these layers can use.
func (s *share) ample() (sum float64) {
	for i := range s.rates {
		if s.layers&(1<<i) != 0 {
			sum += nominal(Camera, i)
		}
	}
	return sum
}

// choose says what the page may send: each layer as well as the best way that it goes by takes it.
func (e *Engine) choose() {
	e.sending, e.widest = Sending{}, 0
	layers, camera, screen := uint8(0), [3]float64{}, 0.0
	for _, l := range e.legs {
		if l.session == nil {
			continue
		}
		e.widest = max(e.widest, float64(l.bps()))
		layers |= l.camera.layers
		for i := range camera {
			camera[i] = max(camera[i], l.camera.rates[i])
		}
		screen = max(screen, l.screen.sum())
	}
	for i, name := range layerNames {
		if layers&(1<<i) != 0 {
			e.sending.Layers = append(e.sending.Layers, name)
		}
	}
	e.sending.CameraBPS, e.sending.ScreenBPS = int(camera[0]+camera[1]+camera[2]), int(min(screen, 2*screenRate))
}
