package relaying

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/relay/protocol"
)

// span is what a relay lacks of a feed.
type span struct {
	feed     envelope.Feed
	from, to uint64
}

// lacking lists what the relay lacks of some feeds, control feeds first.
func (t *turn) lacking(which func(envelope.Feed) bool) []span {
	have := t.p.e.Log.Frontier(t.id)
	var out []span
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if t.pl.known == nil {
		return nil // not compared yet: bringLevel comes first
	}
	for f, seq := range have {
		if which(f) && seq > t.pl.known[f] && !t.pl.refused[f] {
			out = append(out, span{f, t.pl.known[f] + 1, seq})
		}
	}
	slices.SortFunc(out, func(a, b span) int {
		if a.feed.Lane != b.feed.Lane {
			return int(a.feed.Lane) - int(b.feed.Lane)
		}
		return bytes.Compare(a.feed.Device[:], b.feed.Device[:])
	})
	return out
}

// farewells are how far the control feeds go for those who were removed.
func (t *turn) farewells() map[envelope.Feed]uint64 {
	e := t.p.e
	out := map[envelope.Feed]uint64{}
	roll, _ := e.desired(t.id)
	for device, rights := range roll {
		if rights != protocol.RightNone {
			continue
		}
		last, _ := e.Log.Farewell(t.id, device)
		for f, seq := range last {
			out[f] = max(out[f], seq)
		}
	}
	return out
}

// giveSome publishes feeds up to a sequence each.
func (t *turn) giveSome(ctx context.Context, upTo map[envelope.Feed]uint64) error {
	return t.giveWhat(ctx, func() (spans []span) {
		for _, s := range t.lacking(func(f envelope.Feed) bool { return upTo[f] > 0 }) {
			if s.to = min(s.to, upTo[s.feed]); s.from <= s.to {
				spans = append(spans, s)
			}
		}
		return spans
	})
}

// give publishes what the relay lacks of some feeds.
func (t *turn) give(ctx context.Context, which func(envelope.Feed) bool) error {
	return t.giveWhat(ctx, func() []span { return t.lacking(which) })
}

func (t *turn) giveWhat(ctx context.Context, lacking func() []span) error {
	for {
		batch, err := t.gather(ctx, lacking())
		if err != nil || len(batch) == 0 {
			return err
		}
		if t.outdated() {
			return nil
		}
		stored, err := t.s.Publish(ctx, protocol.Publish{Space: t.id, Raws: batch})
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		if !t.learn(ctx, stored) {
			return nil
		}
	}
}

// outdated: control events came since the list was looked at. Perhaps they remove
// somebody, who is not to be given what follows; another turn begins with the list.
func (t *turn) outdated() bool {
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if !t.listed || !t.pl.access {
		return false
	}
	t.pl.publish = true
	return true
}

// gather reads as much as one Publish takes.
func (t *turn) gather(ctx context.Context, spans []span) (batch [][]byte, err error) {
	size := 0
	for _, s := range spans {
		for s.from <= s.to {
			raws, err := t.p.e.Log.ReadRun(ctx, t.id, s.feed, s.from, s.to)
			if err != nil {
				return nil, err
			}
			for _, raw := range raws {
				if len(batch) > 0 && (size+len(raw) > protocol.MaxPublishBytes || len(batch) >= protocol.MaxPublish) {
					return batch, nil
				}
				batch, size = append(batch, raw), size+len(raw)
			}
			if len(raws) == 0 {
				break
			}
			s.from += uint64(len(raws))
		}
	}
	return batch, nil
}

// learn notes how far the relay has come; false when that is nowhere.
func (t *turn) learn(ctx context.Context, s protocol.Stored) (moved bool) {
	known := map[envelope.Feed]uint64{}
	t.p.mu.Lock()
	note := func(h protocol.Head, exact bool) {
		f := h.Feed()
		if h.Seq > t.pl.known[f] || exact && h.Seq != t.pl.known[f] {
			moved = true
			t.pl.known[f] = h.Seq
		}
		known[f] = h.Seq
	}
	for _, h := range s.Heads {
		note(h, false)
	}
	for _, r := range s.Refused {
		if r.Code == protocol.CodeGap && r.Head.Seq != t.pl.known[r.Head.Feed()] {
			note(r.Head, true) // it lost something: from there on
			continue
		}
		if t.pl.refused == nil {
			t.pl.refused = map[envelope.Feed]bool{}
		}
		t.pl.refused[r.Head.Feed()] = true
		t.p.e.Slog.Warn("relay refuses a feed", "relay", t.p.addr.Host(), "device", r.Head.Device.Short(), "code", string(r.Code))
	}
	t.p.mu.Unlock()
	t.held(ctx, known)
	return moved
}

// held notes for our own feeds what the relay has on its disk.
func (t *turn) held(ctx context.Context, known map[envelope.Feed]uint64) {
	var own []eventlog.Head
	for f, seq := range known {
		if f.Device == t.p.e.Log.Self() {
			own = append(own, eventlog.Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq})
		}
	}
	holder := t.p.lastStore()
	if len(own) > 0 {
		t.p.later(t.pl, 0, tipDelay)
	}
	news, err := t.p.e.Log.Hold(ctx, t.id, [32]byte(holder), own)
	if err != nil && ctx.Err() == nil {
		t.p.e.Slog.Warn("note what the relay holds", "err", err)
	}
	if news && t.p.e.Held != nil {
		t.p.e.Held(t.id)
	}
}
