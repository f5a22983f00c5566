package media

import (
	"fmt"
	"strings"
	"time"
)

// dump says what an engine carries.
func dump(e *Engine) string {
	var b strings.Builder
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	name := func(l *layer) string {
		if l == nil {
			return "-"
		}
		return fmt.Sprintf("%d/%d/%s", l.src.Device[0], l.src.Kind, layerNames[l.index])
	}
	fmt.Fprintf(&b, "engine %d hub %d\n", e.o.Self[0], e.plan.Hub[0])
	for _, s := range e.sources {
		p := s.prefer.Load()
		for i := range s.layers {
			l := &s.layers[i]
			l.mu.Lock()
			fmt.Fprintf(&b, "  %s alive %v run %d from preferred %v\n", name(l), l.alive(now), l.run, p != nil && *p == l.from)
			l.mu.Unlock()
		}
	}
	for device, l := range e.legs {
		fmt.Fprintf(&b, "  leg %d bps %d loss %.2f usual %.2f queue %v session %v wants %v haves %d\n", device[0], l.bps(), l.lossNow, l.lossUsual, l.queue, l.session != nil, len(l.wants), len(l.haves))
		if l.session != nil {
			for _, s := range append(append([]*slot{}, l.session.audio...), l.session.video...) {
				if s.src != nil {
					fmt.Fprintf(&b, "    slot %d fixed %d limit %d current %s target %s fresh %v\n", s.number, s.fixed, s.limit, name(s.current), name(s.target), s.fresh)
				}
			}
		}
	}
	if e.page != nil {
		for _, s := range e.page.video {
			if s.src != nil {
				fmt.Fprintf(&b, "  page slot %d current %s target %s run %d\n", s.number, name(s.current), name(s.target), s.run)
			}
		}
	}
	return b.String()
}
