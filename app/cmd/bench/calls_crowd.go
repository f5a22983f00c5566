package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"roundtable/backend/calls/media"
	"roundtable/backend/wire"
)

const (
	spokenAt = 28  // -dBov
	roomAt   = 62  // a microphone that is only on
	mutedAt  = 127 // and one that is off
)

// callCrowd has fifty people at a hub that nothing else is in: three speak in turn, the others first
// are muted, then have their microphones on.
func callCrowd(ctx context.Context, t *table) error {
	const people, speakers = 50, 3
	h, err := t.hub(ctx, 1)
	if err != nil {
		return err
	}
	var rest atomic.Uint32
	rest.Store(mutedAt)
	all := []wire.DeviceID{h.id}
	begun := time.Now()
	var listens *guest
	for n := range people {
		level := func() uint8 {
			switch {
			case n >= speakers:
				return uint8(rest.Load()) //nolint:gosec // one of the above
			case int(time.Since(begun)/(2*time.Second))%speakers == n:
				return spokenAt
			}
			return roomAt
		}
		slots := 0
		if n == people-1 {
			slots = people
		}
		g, err := t.come(ctx, n+2, nil, pageSends{level: level, blind: true, slots: slots})
		if err != nil {
			return err
		}
		all, listens = append(all, g.id), g
		g.engine.Follow(media.Plan{Hub: h.id, Peers: []wire.DeviceID{h.id}})
	}
	if err := h.follow(star(h.id, h.id, wire.DeviceID{}, all)); err != nil {
		return err
	}
	for n := range speakers {
		if err := until(ctx, "all speakers", func() bool { _, ok := listens.page.of(soundOf(nth(n+2)), false); return ok }); err != nil {
			return err
		}
	}
	for _, phase := range []struct {
		name  string
		level uint32
	}{{"muted", mutedAt}, {"open", roomAt}} {
		rest.Store(phase.level)
		_ = pause(ctx, 4*time.Second)
		packets := listens.page.heard()
		before, err := cpuSeconds(h.command.Process.Pid)
		if err != nil {
			return err
		}
		_ = pause(ctx, callLasts)
		after, err := cpuSeconds(h.command.Process.Pid)
		if err != nil {
			return err
		}
		figure("hub_50_"+phase.name+"_cpu_percent", (after-before)/callLasts.Seconds()*100, "% of one core")
		figure("hub_50_"+phase.name+"_packets_s", float64(listens.page.heard()-packets)/callLasts.Seconds(), "packets of sound a second that a listener gets")
	}
	rss, err := residentMB(h.command.Process.Pid)
	if err != nil {
		return fmt.Errorf("hub: %w", err)
	}
	figure("hub_50_rss_mb", rss, "MB")
	return nil
}

// heard is how many packets of sound came.
func (p *callPage) heard() (sum int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for source, s := range p.seen {
		if source.Kind == media.Microphone {
			sum += s.packets
		}
	}
	return sum
}
