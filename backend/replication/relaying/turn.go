package relaying

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

var errForged = errors.New("the relay handed over what does not verify")

// jitter gives between half of d and d.
func jitter(d time.Duration) time.Duration {
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}

// work takes the spaces that are due, one at a time.
func (p *Post) work() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.ready:
		}
		for p.one() {
		}
	}
}

// one does a turn of one space; false when none is due.
func (p *Post) one() bool {
	now := p.e.Clock.Now()
	p.mu.Lock()
	if len(p.queue) == 0 || p.session == nil {
		p.mu.Unlock()
		return false
	}
	id := p.queue[0]
	p.queue = p.queue[1:]
	more := len(p.queue) > 0
	pl, s, live := p.places[id], p.session, p.live
	pl.queued = false
	if !pl.due(now) {
		p.mu.Unlock()
		return true
	}
	pl.running = true
	t := turn{p: p, s: s, id: id, pl: pl, level: pl.level || !pl.subscribed, access: pl.access, publish: pl.publish, news: pl.news,
		others: pl.others && !now.Before(pl.othersAt)}
	pl.level, pl.access, pl.publish, pl.news = false, false, false, nil
	if t.others {
		pl.others = false
	}
	if past(pl.haveAt, now) {
		t.have, pl.haveAt = true, time.Time{}
	}
	if past(pl.tipAt, now) {
		t.tip, pl.tipAt = true, time.Time{}
	}
	p.mu.Unlock()
	if more {
		p.wake() // another worker may help
	}
	ctx, cancel := context.WithTimeout(live, 10*stepWithin)
	err := t.heardWhy(ctx, t.do(ctx))
	cancel()
	p.ended(&t, err)
	return true
}

// ended notes how a turn went.
func (p *Post) ended(t *turn, err error) {
	now := p.e.Clock.Now()
	c := code(err)
	p.mu.Lock()
	pl := t.pl
	pl.running = false
	if c != protocol.CodeForbidden {
		pl.unlisted = time.Time{}
	} else if pl.unlisted.IsZero() {
		pl.unlisted = now
	}
	off := !pl.unlisted.IsZero() && now.Sub(pl.unlisted) > unlistedAfter && p.workspaces[t.id]
	if err != nil && p.session == t.s {
		pl.level = true
		switch c {
		case protocol.CodeForbidden, protocol.CodeUnknown:
			pl.subscribed = false
			pl.rest = now.Add(jitter(unlistedRest))
		case protocol.CodeQuota:
			pl.rest = now.Add(jitter(fullRest))
		default:
			pl.rest = now.Add(jitter(failedRest))
		}
	}
	p.wantLocked(t.id, func(*place) {})
	p.mu.Unlock()
	switch {
	case err == nil:
		if p.workspaces[t.id] {
			p.forgive(FaultUnlisted)
		}
	case off:
		p.blame(FaultUnlisted)
	case errors.Is(err, errForged):
		p.blame(FaultForged)
		p.e.Slog.Warn("relay", "relay", p.addr.Host(), "err", err)
	case c == protocol.CodeQuota:
		p.blame(FaultFull)
	case c == protocol.CodeForbidden || c == protocol.CodeUnknown:
		p.e.Slog.Debug("space rests at the relay", "relay", p.addr.Host(), "space", t.id.String(), "code", string(c))
	case p.ctx.Err() == nil && !errors.Is(err, context.Canceled):
		p.e.Slog.Info("space is not level with the relay", "relay", p.addr.Host(), "space", t.id.String(), "err", err)
	}
}

// turn is one round of work on one space.
type turn struct {
	p                              *Post
	s                              Session
	id                             wire.SpaceID
	pl                             *place
	level, access, publish, others bool
	have, tip                      bool
	listed                         bool // the list has been seen to
	news                           []protocol.News
}

func (t *turn) do(ctx context.Context) error {
	own := func(f envelope.Feed) bool { return f.Device == t.p.e.Log.Self() }
	if t.level {
		err := t.comeLevel(ctx)
		if errors.Is(err, errForged) {
			err = errors.Join(err, t.list(ctx)) // somebody's nonsense keeps nobody on the list
		}
		if err != nil {
			return err
		}
	}
	if t.level || t.access {
		if err := t.cut(ctx); err != nil {
			return err
		}
	}
	t.listed = true
	for _, n := range t.news {
		if t.level && len(n.Raws) == 0 {
			continue
		}
		if err := t.take(ctx, n.Raws); err != nil {
			return err
		}
		t.advance(n.Next)
	}
	if t.level || t.publish {
		if err := t.give(ctx, own); err != nil {
			return err
		}
	}
	if t.others {
		if err := t.give(ctx, func(envelope.Feed) bool { return true }); err != nil {
			return err
		}
	}
	t.tell()
	return nil
}

// comeLevel reads before anything is granted: who has been away would take back what
// others granted meanwhile. Only a list that is not begun comes first.
func (t *turn) comeLevel(ctx context.Context) error {
	err := t.bringLevel(ctx)
	if c := code(err); c != protocol.CodeUnknown && c != protocol.CodeForbidden {
		return err
	}
	if err := t.list(ctx); err != nil {
		return err
	}
	return t.bringLevel(ctx)
}

// cut has the list say what the control events say. A removal goes out before the list
// that cuts its person off, whoever cuts: those connected learn why at once, and others,
// who find the list cut, find the removal. What follows it goes out afterwards.
func (t *turn) cut(ctx context.Context) error {
	t.p.mu.Lock()
	t.pl.access = false // what came up to now is looked at
	t.p.mu.Unlock()
	if err := t.giveSome(ctx, t.farewells()); err != nil {
		return err
	}
	return t.list(ctx)
}

// bringLevel subscribes, reads what is new and learns what the relay holds.
func (t *turn) bringLevel(ctx context.Context) error {
	if _, err := t.s.Subscribe(ctx, t.id); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	t.p.mu.Lock()
	t.pl.subscribed = true
	t.p.mu.Unlock()
	if err := t.read(ctx); err != nil {
		return err
	}
	if err := t.sort(ctx); err != nil || !t.p.e.Log.Knows(t.id) {
		return err
	}
	return t.compare(ctx)
}

// compare learns the relay's frontier, and what it says to hold and does not give.
func (t *turn) compare(ctx context.Context) error {
	log := t.p.e.Log
	have := log.Frontier(t.id) // before it is asked: what is written meanwhile, it does not have
	same, heads, err := t.s.Heads(ctx, t.id, log.Digest(t.id))
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	known := map[envelope.Feed]uint64{}
	if same {
		known = have
	}
	for _, h := range heads {
		known[h.Feed()] = h.Seq
	}
	others := false
	for f, seq := range have {
		others = others || f.Device != log.Self() && seq > known[f]
	}
	t.p.mu.Lock()
	t.pl.known = known
	if others && !t.pl.others {
		t.pl.others, t.pl.othersAt = true, t.p.e.Clock.Now().Add(jitter(othersDelay))
	}
	t.p.mu.Unlock()
	t.held(ctx, known)
	return t.demand(ctx, heads)
}

// demand has the relay give what it says to hold, and tells when it does not.
func (t *turn) demand(ctx context.Context, heads []protocol.Head) error {
	lacks := func() bool {
		have := t.p.e.Log.Frontier(t.id)
		return slices.ContainsFunc(heads, func(h protocol.Head) bool { return h.Seq > have[h.Feed()] })
	}
	if !lacks() {
		return nil
	}
	if err := t.read(ctx); err != nil || !lacks() { // it was given more since it was read
		return err
	}
	t.p.mu.Lock()
	now := t.p.e.Clock.Now()
	again := now.Sub(t.pl.reread) > rereadAfter
	if again {
		t.pl.reread, t.pl.cursor = now, nil
	}
	t.p.mu.Unlock()
	if again { // perhaps the cursor ran ahead of a crash: from the start, once
		if err := t.read(ctx); err != nil || !lacks() {
			return err
		}
	}
	t.p.blame(FaultWithholds)
	return nil
}

// read takes everything after the cursor.
func (t *turn) read(ctx context.Context) error {
	t.loadCursor(ctx)
	for {
		t.p.mu.Lock()
		after := t.pl.cursor
		t.p.mu.Unlock()
		page, err := t.s.Read(ctx, protocol.Read{Space: t.id, After: after})
		if code(err) == protocol.CodeCursor && len(after) > 0 {
			t.advance(nil)
			continue
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := t.take(ctx, page.Raws); err != nil {
			return err
		}
		if len(page.Next) > 0 {
			t.advance(page.Next)
		}
		if !page.More || len(page.Raws) == 0 {
			return nil
		}
	}
}

// take verifies and stores what a relay handed over.
func (t *turn) take(ctx context.Context, raws [][]byte) error {
	if len(raws) == 0 {
		return nil
	}
	runs, err := split(raws)
	if err != nil {
		return fmt.Errorf("%w: %w", errForged, err)
	}
	var prepared []eventlog.Run
	for _, run := range runs {
		r, err := t.p.e.Log.Prepare(t.id, run)
		if err != nil {
			return fmt.Errorf("%w: %w", errForged, err)
		}
		prepared = append(prepared, r)
		t.p.mu.Lock()
		if t.pl.known != nil {
			t.pl.known[r.Feed] = max(t.pl.known[r.Feed], r.Last())
		}
		t.p.mu.Unlock()
	}
	t.p.later(t.pl, haveDelay, 0)
	if err := t.p.e.Log.Ingest(ctx, prepared...); err == nil {
		return nil
	}
	for _, r := range prepared { // one of them does not fit: the others do
		err := t.p.e.Log.Ingest(ctx, r)
		switch {
		case err == nil, errors.Is(err, eventlog.ErrForked): // the log keeps the evidence
		case errors.Is(err, eventlog.ErrGap):
			// What lies between was trimmed there or is withheld; compare will tell.
			t.p.want(t.id, func(pl *place) { pl.level = pl.level || t.p.e.Clock.Now().Sub(pl.reread) > rereadAfter })
		default:
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}

// sort forgets a space that the relay brought, is whole as far as it goes, and
// does not name us. One whose keys have not come yet stays.
func (t *turn) sort(ctx context.Context) error {
	strange := false
	_ = t.p.e.Log.View(t.id, func(s *space.State) {
		_, named := s.Person(t.p.e.Log.Self())
		strange = s.Kind != 0 && !named
	})
	if !strange {
		return nil
	}
	t.p.e.Slog.Info("relay names us in a space that does not", "space", t.id.String())
	return t.p.e.Log.Forget(ctx, t.id)
}

// split cuts a page into runs of one feed each, control feeds first: they say
// who may write the others. The order in which a relay gives them is not trusted.
func split(raws [][]byte) ([][][]byte, error) {
	envs := make([]envelope.Envelope, len(raws))
	place := map[envelope.Feed]int{} // order of first appearance
	for i, raw := range raws {
		e, err := envelope.Decode(raw)
		if err != nil {
			return nil, err
		}
		if _, seen := place[e.Feed]; !seen {
			place[e.Feed] = i
		}
		envs[i] = e
	}
	slices.SortStableFunc(envs, func(a, b envelope.Envelope) int {
		return cmp.Or(cmp.Compare(a.Feed.Lane, b.Feed.Lane), cmp.Compare(place[a.Feed], place[b.Feed]), cmp.Compare(a.Seq, b.Seq))
	})
	var out [][][]byte
	for i, e := range envs {
		last := len(out) - 1
		switch {
		case i > 0 && e.Feed == envs[i-1].Feed && e.ID == envs[i-1].ID: // twice
		case i > 0 && e.Feed == envs[i-1].Feed && e.Seq == envs[i-1].Seq+1 && len(out[last]) < wire.MaxRun:
			out[last] = append(out[last], e.Raw)
		default:
			out = append(out, [][]byte{e.Raw})
		}
	}
	return out, nil
}

// advance moves the cursor.
func (t *turn) advance(next protocol.Cursor) {
	t.p.mu.Lock()
	t.pl.cursor, t.pl.saved = next, false
	t.p.mu.Unlock()
}
