package relaying

import (
	"context"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// Colleagues who meet over a relay only tell each other, sealed and now or never,
// how far they are: what they hold (that is what "delivered" rests on), and how far
// their own feeds go (so that a relay which keeps the end of a feed to itself is found out).
const (
	KindHave = "relaying.have"
	KindTip  = "relaying.tip"

	haveDelay = 200 * time.Millisecond
	tipDelay  = time.Second
	// withheldAfter is how long a relay may take to hand over what an author says to have written.
	withheldAfter = 30 * time.Second
	// maxTelling bounds the members of a space in which this is done: beyond it, read marks tell enough.
	maxTelling = 64
	maxTold    = 160
)

// told is the body of both kinds.
type told struct {
	Heads []eventlog.Head `cbor:"1,keyasint"`
}

// tip is an end of a feed that its author told of.
type tip struct {
	seq   uint64
	since time.Time
}

func past(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// later notes that there is something to tell.
func (p *Post) later(pl *place, have, tip time.Duration) {
	now := p.e.Clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if have > 0 && pl.haveAt.IsZero() {
		pl.haveAt = now.Add(have)
	}
	if tip > 0 && pl.tipAt.IsZero() {
		pl.tipAt = now.Add(tip)
	}
}

// tell casts what is due.
func (t *turn) tell() {
	e := t.p.e
	if e.Options.Cast == nil || !t.have && !t.tip {
		return
	}
	few := false
	_ = e.Log.View(t.id, func(s *space.State) { few = s.Active() <= maxTelling })
	if !few {
		return
	}
	var all, own told
	for f, seq := range e.Log.Frontier(t.id) {
		h := eventlog.Head{Device: f.Device, Start: f.Start, Lane: uint8(f.Lane), Seq: seq}
		switch {
		case f.Device == e.Log.Self():
			own.Heads = append(own.Heads, h)
		case f.Lane == envelope.Content && len(all.Heads) < maxTold:
			all.Heads = append(all.Heads, h)
		}
	}
	if t.have && len(all.Heads) > 0 {
		_ = e.Options.Cast(t.id, KindHave, all) // now or never
	}
	if t.tip && len(own.Heads) > 0 && len(own.Heads) <= maxTold {
		_ = e.Options.Cast(t.id, KindTip, own)
	}
}

// TakeHave takes what a colleague's device holds.
func (e *Engine) TakeHave(ctx context.Context, id wire.SpaceID, from wire.DeviceID, body wire.Raw) {
	var b told
	if wire.DecodeLoose(body, wire.MaxEphemeral, &b) != nil || !e.Log.Shares(id, from) {
		return
	}
	news, err := e.Log.Hold(ctx, id, from, b.Heads)
	if err != nil && ctx.Err() == nil {
		e.Slog.Warn("note what a colleague holds", "err", err)
	}
	if news && e.Held != nil {
		e.Held(id)
	}
}

// TakeTip takes how far a colleague's own feeds go.
func (e *Engine) TakeTip(id wire.SpaceID, from wire.DeviceID, body wire.Raw) {
	var b told
	if wire.DecodeLoose(body, wire.MaxEphemeral, &b) != nil || !e.Log.Shares(id, from) || len(b.Heads) > maxTold {
		return
	}
	workspace, ok := e.workspaceOf(id)
	if !ok {
		return
	}
	now := e.Clock.Now()
	for _, p := range e.of(workspace) {
		if p.current() == nil {
			continue
		}
		p.mu.Lock()
		if pl := p.places[id]; pl != nil {
			if pl.tips == nil || len(pl.tips) > 4*maxTold {
				pl.tips = map[envelope.Feed]tip{}
			}
			for _, h := range b.Heads {
				if f := h.Feed(); f.Device == from && h.Seq > pl.tips[f].seq {
					pl.tips[f] = tip{h.Seq, now}
				}
			}
		}
		p.mu.Unlock()
		if pl := p.at(id); pl != nil {
			p.later(pl, haveDelay, 0) // the author wants to know
		}
	}
}

func (p *Post) at(id wire.SpaceID) *place {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.places[id]
}

// missed looks whether what authors told of has not come for long.
func (p *Post) missed(now time.Time) {
	type wait struct {
		id   wire.SpaceID
		feed envelope.Feed
		tip
	}
	var late []wait
	p.mu.Lock()
	for id, pl := range p.places {
		for f, t := range pl.tips {
			if now.Sub(t.since) > withheldAfter {
				late = append(late, wait{id, f, t})
				delete(pl.tips, f)
			}
		}
	}
	p.mu.Unlock()
	for _, w := range late {
		if p.e.Log.Frontier(w.id)[w.feed] < w.seq {
			p.e.Slog.Warn("relay keeps something to itself", "relay", p.addr.Host(), "space", w.id.String(), "device", w.feed.Device.Short())
			p.blame(FaultWithholds)
		}
	}
}
