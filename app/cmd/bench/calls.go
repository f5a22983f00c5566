package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roundtable/backend/calls/media"
	"roundtable/backend/wire"
)

// calls measures the engine of meetings, with pages that are made up. Nothing leaves loopback.
func calls(ctx context.Context, _ *scene) error {
	for _, part := range []struct {
		name string
		run  func(context.Context, *table) error
	}{
		{"join", callJoin}, {"1x10", forwards("1x10", 1, 10)}, {"1x30", forwards("1x30", 1, 30)}, {"4x4", forwards("4x4", 4, 0)},
		{"8x8", forwards("8x8", 8, 0)}, {"gallery", callGallery}, {"handover", callHandover}, {"loss", callLoss}, {"crowd", callCrowd},
	} {

		within, cancel := context.WithTimeout(ctx, callWithin)
		t := newTable(within)
		err := part.run(within, t)
		t.close()
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

const (
	callWithin = time.Minute // a part that takes longer hangs
	callRuns   = 5
	callLasts  = 5 * time.Second
)

// threeLayers are what a page offers; which of them it sends says the engine.
var threeLayers = []string{"q", "h", "f"}

// likeABrowser is a page of somebody in a small meeting.
var likeABrowser = pageSends{layers: threeLayers, bps: 400_000, fps: 30, slots: 4}

// until waits for something that is seen soon.
func until(ctx context.Context, what string, ok func() bool) error {
	for !ok() {
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return fmt.Errorf("not seen: %s: %w", what, err)
		}
	}
	return nil
}

// callJoin has somebody come to one who is in the call already: from the click, with engine and
// page made anew, to the first frame. Then it takes what packets take from page to page.
func callJoin(ctx context.Context, t *table) error {
	host, err := t.come(ctx, 1, nil, likeABrowser)
	if err != nil {
		return err
	}
	all := []wire.DeviceID{host.id}
	var joins, took []time.Duration
	for n := range callRuns {
		all = append(all[:1], nth(n+2))
		click := time.Now()
		g, err := t.come(ctx, n+2, nil, likeABrowser)
		if err != nil {
			return err
		}
		for _, one := range []*guest{host, g} {
			one.engine.Follow(media.Plan{Peers: all})
			one.engine.Want(looks(one.id, all, 720))
		}
		var s seen
		if err := until(ctx, "first frame", func() (ok bool) { s, ok = g.page.of(cameraOf(host.id), false); return ok }); err != nil {
			return err
		}
		joins = append(joins, s.first.Sub(click))
		if n == callRuns-1 {
			_ = pause(ctx, time.Second) // what was slow since all began at once
			_, _ = g.page.of(cameraOf(host.id), true)
			_, _ = g.page.of(soundOf(host.id), true)
			_ = pause(ctx, callLasts)
			s, _ = g.page.of(cameraOf(host.id), false)
			sound, _ := g.page.of(soundOf(host.id), false)
			took = append(s.took, sound.took...)
		}
		g.engine.Close() // it is gone before the next one comes
	}
	figure("call_join_first_frame_ms", percentile(joins, 0.5), "ms")
	figure("bridge_added_ms_p50", percentile(took, 0.5), "ms")
	figure("bridge_added_ms_p99", percentile(took, 0.99), "ms")
	return nil
}

// forwards measures a hub that nothing else is in: processor time for each megabit that viewers get.
func forwards(name string, senders, viewers int) func(context.Context, *table) error {
	return func(ctx context.Context, t *table) error {
		got, err := newMeter()
		if err != nil {
			return err
		}
		h, err := t.hub(ctx, 1)
		if err != nil {
			return err
		}
		all, engines := []wire.DeviceID{h.id}, []*media.Engine{nil}
		for n := range senders + viewers {
			var e *media.Engine
			if n < senders {
				g, err := t.come(ctx, n+2, got, pageSends{bps: 1_500_000, fps: 30})
				if err != nil {
					return err
				}
				e = g.engine
			} else if e, err = t.engine(nth(n+2), got); err != nil {
				return err
			}
			all, engines = append(all, nth(n+2)), append(engines, e)
		}
		for i, e := range engines[1:] {
			e.Follow(star(all[i+1], h.id, wire.DeviceID{}, all))
			e.Want(looks(all[i+1], all[1:senders+1], 720))
		}
		if err := h.follow(star(h.id, h.id, wire.DeviceID{}, all)); err != nil {
			return err
		}
		pairs := senders * (senders - 1 + viewers)
		full := int64(pairs) * (1_500_000 + 32_000) / 8
		mbit, cpu, err := h.spent(ctx, got, full)
		if err != nil {
			return err
		}
		figure("forward_cpu_ms_per_mbit_"+name, cpu*1000/mbit, "ms")
		figure("forward_mbit_s_"+name, mbit/callLasts.Seconds(), "Mbit/s")
		rss, err := residentMB(h.command.Process.Pid)
		figure("forward_rss_mb_"+name, rss, "MB")
		return err
	}
}

// spent waits until four fifths of all media arrive, and gives what arrived then and what it cost.
func (h *hubProcess) spent(ctx context.Context, got *meter, full int64) (mbit, cpu float64, err error) {
	for enough := false; !enough; {
		before := got.bytes.Load()
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return 0, 0, fmt.Errorf("not all media arrive: %w", err)
		}
		enough = (got.bytes.Load()-before)*2 > full*4/5
	}
	pid := h.command.Process.Pid
	before, bytes := 0.0, got.bytes.Load()
	if before, err = cpuSeconds(pid); err != nil {
		return 0, 0, err
	}
	_ = pause(ctx, callLasts)
	bytes = got.bytes.Load() - bytes
	after, err := cpuSeconds(pid)
	return float64(bytes) * 8 / 1e6, after - before, err
}

// callGallery has twelve people look at each other's small pictures. The hub is one of them: its
// page is fed too, but is not in its process, as a browser's is not.
func callGallery(ctx context.Context, t *table) error {
	const people, height = 12, 180
	got, err := newMeter()
	if err != nil {
		return err
	}
	h, err := t.hub(ctx, 1)
	if err != nil {
		return err
	}
	all := []wire.DeviceID{h.id}
	small := pageSends{layers: threeLayers, bps: 150_000, fps: 15}
	var guests []*guest
	for n := range people - 1 {
		g, err := t.come(ctx, n+2, got, small)
		if err != nil {
			return err
		}
		all, guests = append(all, g.id), append(guests, g)
	}
	own := small
	own.slots = people - 1
	page, err := newCallPage(h.id, own, func() []string { return []string{"q"} })
	if err != nil {
		return err
	}
	defer page.close()
	for _, g := range guests {
		g.engine.Follow(star(g.id, h.id, wire.DeviceID{}, all))
		g.engine.Want(looks(g.id, all, height))
	}
	err = errors.Join(h.pipe.write(order{Wants: looks(h.id, all, height)}), h.follow(star(h.id, h.id, wire.DeviceID{}, all)), page.offer(ctx, h.answer))
	if err != nil {
		return err
	}
	full := int64(people-1) * (people - 1) * (150_000 + 32_000) / 8
	mbit, cpu, err := h.spent(ctx, got, full)
	if err != nil {
		return err
	}
	figure("hub_12_cpu_percent", cpu/callLasts.Seconds()*100, "% of one core")
	figure("hub_12_mbit_s", mbit/callLasts.Seconds(), "Mbit/s to the other eleven")
	rss, err := residentMB(h.command.Process.Pid)
	figure("hub_rss_mb", rss, "MB")
	return err
}

// callHandover kills a hub: it says nothing more, not even goodbye. All turn to the standby as soon
// as their own engine says that the hub is silent.
func callHandover(ctx context.Context, t *table) error {
	const people = 4
	h, err := t.hub(ctx, 1)
	if err != nil {
		return err
	}
	all := []wire.DeviceID{h.id}
	var guests []*guest
	for n := range people {
		g, err := t.come(ctx, n+2, nil, pageSends{layers: threeLayers, bps: 150_000, fps: 30, slots: people})
		if err != nil {
			return err
		}
		all, guests = append(all, g.id), append(guests, g)
	}
	standby := guests[0].id
	for _, g := range guests {
		g.engine.Follow(star(g.id, h.id, standby, all))
		g.engine.Want(looks(g.id, all, 180))
	}
	if err := h.follow(star(h.id, h.id, standby, all)); err != nil {
		return err
	}
	if err := seeEachOther(ctx, guests, time.Now()); err != nil {
		return err
	}
	_ = pause(ctx, 2*time.Second) // ways to the standby
	for _, g := range guests {
		for _, d := range all[1:] {
			_, _ = g.page.of(cameraOf(d), true)
		}
	}
	last, err := t.turn(ctx, h, guests)
	if err != nil {
		return err
	}
	worst := time.Duration(0)
	for _, g := range guests {
		for _, d := range all[1:] {
			s, _ := g.page.of(cameraOf(d), false)
			worst = max(worst, s.gap)
		}
	}
	figure("handover_noticed_ms", float64(last)/1e6, "ms")
	figure("handover_gap_ms", float64(worst)/1e6, "ms")
	return nil
}

// turn kills the hub and has everybody go over to the standby; last is when the last one noticed.
func (t *table) turn(ctx context.Context, h *hubProcess, guests []*guest) (last time.Duration, err error) {
	all, standby := []wire.DeviceID{}, guests[0].id
	for _, g := range guests {
		all = append(all, g.id)
	}
	died := time.Now()
	t.leave(h.id)
	if err := h.command.Process.Kill(); err != nil {
		return 0, err
	}
	noticed := make(chan time.Duration, len(guests))
	for _, g := range guests {
		t.wg.Go(func() {
			if until(ctx, "that the hub is silent", func() bool { return g.engine.Snapshot().HubSilent }) == nil {
				noticed <- time.Since(died)
				g.engine.Follow(star(g.id, standby, wire.DeviceID{}, all))
			}
		})
	}
	for range guests {
		select {
		case d := <-noticed:
			last = max(last, d)
		case <-ctx.Done():
			return 0, fmt.Errorf("nobody notices: %w", ctx.Err())
		}
	}
	return last, seeEachOther(ctx, guests, time.Now())
}

// seeEachOther waits until everybody got a picture of everybody since a time.
func seeEachOther(ctx context.Context, guests []*guest, since time.Time) error {
	for _, g := range guests {
		for _, other := range guests {
			if g == other {
				continue
			}
			if err := until(ctx, "everybody at everybody's", func() bool { s, ok := g.page.of(cameraOf(other.id), false); return ok && s.last.After(since) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// callLoss has two talk over a line that loses a third, and counts what of the sound arrives.
func callLoss(ctx context.Context, t *table) error {
	const loss, delay = 0.3, 10 * time.Millisecond
	there, err := newLossy(delay, loss)
	if err != nil {
		return err
	}
	t.ends = append(t.ends, there.close)
	back, err := newLossy(delay, 0)
	if err != nil {
		return err
	}
	t.ends = append(t.ends, back.close)
	a, err := t.come(ctx, 1, there, likeABrowser)
	if err != nil {
		return err
	}
	b, err := t.come(ctx, 2, back, likeABrowser)
	if err != nil {
		return err
	}
	all := []wire.DeviceID{a.id, b.id}
	for _, g := range []*guest{a, b} {
		g.engine.Follow(media.Plan{Peers: all})
		g.engine.Want(looks(g.id, all, 720))
	}
	if err := until(ctx, "sound", func() bool { _, ok := b.page.of(soundOf(a.id), false); return ok }); err != nil {
		return err
	}
	_ = pause(ctx, 3*time.Second)
	_, _ = b.page.of(soundOf(a.id), true)
	_ = pause(ctx, 8*time.Second)
	s, _ := b.page.of(soundOf(a.id), false)
	figure("loss30_audio_ok_percent", float64(s.packets)/float64(s.made-s.begun+1)*100, "%")
	figure("loss30_audio_ms_p50", percentile(s.took, 0.5), "ms")
	figure("loss30_audio_ms_p99", percentile(s.took, 0.99), "ms")
	return nil
}
