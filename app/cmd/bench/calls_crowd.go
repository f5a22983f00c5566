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

	crowdPeople, crowdSpeakers = 50, 3
)

// assembly is fifty people at a hub that nothing else is in. Three speak in turn; what the others'
// microphones give is rest. The last of them hears all that is heard.
type assembly struct {
	hub     *hubProcess
	rest    atomic.Uint32
	begun   time.Time
	listens *guest
}

// level is how loud somebody is now.
func (c *assembly) level(n int) uint8 {
	switch {
	case n >= crowdSpeakers:
		return uint8(c.rest.Load()) // a constant above
	case int(time.Since(c.begun)/(2*time.Second))%crowdSpeakers == n:
		return spokenAt
	}
	return roomAt
}

// gather has all come to the hub, and waits until each speaker was heard.
func (c *assembly) gather(ctx context.Context, t *table) error {
	all := []wire.DeviceID{c.hub.id}
	for n := range crowdPeople {
		slots := 0
		if n == crowdPeople-1 {
			slots = crowdPeople
		}
		g, err := t.come(ctx, n+2, nil, pageSends{level: func() uint8 { return c.level(n) }, blind: true, slots: slots})
		if err != nil {
			return err
		}
		all, c.listens = append(all, g.id), g
		g.engine.Follow(media.Plan{Hub: c.hub.id, Peers: []wire.DeviceID{c.hub.id}})
	}
	if err := c.hub.follow(star(c.hub.id, c.hub.id, wire.DeviceID{}, all)); err != nil {
		return err
	}
	for n := range crowdSpeakers {
		if err := until(ctx, "all speakers", func() bool { _, ok := c.listens.page.of(soundOf(nth(n+2)), false); return ok }); err != nil {
			return err
		}
	}
	return nil
}

// costs measures the hub while the others' microphones give a level.
func (c *assembly) costs(ctx context.Context, name string, level uint32) error {
	c.rest.Store(level)
	_ = pause(ctx, 4*time.Second)
	packets := c.listens.page.heard()
	before, err := cpuSeconds(c.hub.command.Process.Pid)
	if err != nil {
		return err
	}
	_ = pause(ctx, callLasts)
	after, err := cpuSeconds(c.hub.command.Process.Pid)
	if err != nil {
		return err
	}
	figure("hub_50_"+name+"_cpu_percent", (after-before)/callLasts.Seconds()*100, "% of one core")
	figure("hub_50_"+name+"_packets_s", float64(c.listens.page.heard()-packets)/callLasts.Seconds(), "packets of sound a second to each listener")
	return nil
}

// callCrowd measures what fifty cost a hub: the others are muted first, then have their microphones on.
func callCrowd(ctx context.Context, t *table) error {
	c := &assembly{begun: time.Now()}
	c.rest.Store(mutedAt)
	var err error
	if c.hub, err = t.hub(ctx, 1); err != nil {
		return err
	}
	if err := c.gather(ctx, t); err != nil {
		return err
	}
	if err := c.costs(ctx, "muted", mutedAt); err != nil {
		return err
	}
	if err := c.costs(ctx, "open", roomAt); err != nil {
		return err
	}
	rss, err := residentMB(c.hub.command.Process.Pid)
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
