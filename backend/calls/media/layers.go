package media

import "time"

// Heights that the layers have when the page's camera gives 720 lines, and rates that they are
// worth. What really comes is measured.
const (
	smallHeight, halfHeight          = 180, 360
	smallRate, halfRate, fullRate    = 150_000, 500_000, 1_800_000
	smallLeast, halfLeast, fullLeast = 40_000, 180_000, 450_000
	screenRate, screenLeast          = 2_500_000, 100_000
	soundRate                        = 48_000
	rateFloor                        = 30_000
)

func nominal(kind Kind, layer int) float64 {
	if kind == Screen {
		return screenRate
	}
	return [3]float64{smallRate, halfRate, fullRate}[layer]
}

func least(kind Kind, layer int) float64 {
	if kind == Screen {
		return screenLeast
	}
	return [3]float64{smallLeast, halfLeast, fullLeast}[layer]
}

// wishes gives the layer that is right for a height.
func wishes(kind Kind, height int) int {
	switch {
	case kind == Screen || height > halfHeight*5/4:
		return full
	case height > smallHeight*5/4:
		return half
	}
	return small
}

// recently is the longest pause between frames of a camera that is not taken for its layer's end.
const recently = 400 * time.Millisecond

// best gives the layer that comes and is nearest to the one that is wished for: rather a smaller
// one than a larger one; when none comes, the one that is wished for, to wait for it.
func best(src *source, wished int, now time.Time) *layer {
	for _, within := range []time.Duration{recently, time.Second} {
		for i := wished; i >= 0; i-- {
			if src.layers[i].came(now, within) {
				return &src.layers[i]
			}
		}
		for i := wished + 1; i < len(src.layers); i++ {
			if src.layers[i].came(now, within) {
				return &src.layers[i]
			}
		}
	}
	return &src.layers[wished]
}

// show has a slot carry the best layer that comes up to one, and asks for what it waits for. At the
// beginning it waits for that one itself: others that come first are shown meanwhile anyway.
func (e *Engine) show(s *slot, wished int, now time.Time) {
	l := &s.src.layers[wished]
	if s.fixed == anyLayer && now.Sub(s.since) > recently {
		l = best(s.src, wished, now)
	}
	s.aim(l, wished)
	if waits := s.waits(); waits != nil {
		waits.ask(now)
	}
}

// measure reckons what layers send.
func (e *Engine) measure(now time.Time) {
	for _, src := range e.sources {
		for i := range src.layers {
			l := &src.layers[i]
			if passed := now.Sub(l.measured).Seconds(); passed > 0.45 {
				bytes := l.bytes.Load()
				if !l.measured.IsZero() {
					l.bps = 0.5*l.bps + 0.5*float64(bytes-l.counted)*8/passed
				}
				l.counted, l.measured = bytes, now
			}
		}
	}
}
