package relaying

import (
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
	"roundtable/backend/store"
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
	p.mu.Unlock()
	if more {
		p.wake() // another worker may help
	}
	ctx, cancel := context.WithTimeout(live, 10*stepWithin)
	err := t.do(ctx)
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
	news                           []protocol.News
}

func (t *turn) do(ctx context.Context) error {
	if t.level || t.access {
		if err := t.list(ctx); err != nil {
			return err
		}
	}
	if t.level {
		if err := t.bringLevel(ctx); err != nil {
			return err
		}
	}
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
		if err := t.give(ctx, func(f envelope.Feed) bool { return f.Device == t.p.e.Log.Self() }); err != nil {
			return err
		}
	}
	if t.others {
		return t.give(ctx, func(envelope.Feed) bool { return true })
	}
	return nil
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

// compare learns the relay's frontier and what it says to hold and did not give.
func (t *turn) compare(ctx context.Context) error {
	log := t.p.e.Log
	same, heads, err := t.s.Heads(ctx, t.id, log.Digest(t.id))
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	known := map[envelope.Feed]uint64{}
	have := log.Frontier(t.id)
	if same {
		known = have
	}
	lacks := false
	for _, h := range heads {
		known[h.Feed()] = h.Seq
		lacks = lacks || h.Seq > have[h.Feed()]
	}
	t.p.mu.Lock()
	t.pl.known = known
	now := t.p.e.Clock.Now()
	again := lacks && now.Sub(t.pl.reread) > rereadAfter
	if again {
		t.pl.reread, t.pl.cursor = now, nil
	}
	others := false
	for f, seq := range have {
		others = others || f.Device != log.Self() && seq > known[f]
	}
	if others && !t.pl.others {
		t.pl.others, t.pl.othersAt = true, now.Add(jitter(othersDelay))
	}
	t.p.mu.Unlock()
	t.held(ctx, known)
	switch {
	case again: // perhaps the cursor ran ahead of a crash: from the start, once
		if err := t.read(ctx); err != nil {
			return err
		}
		return t.compare(ctx)
	case lacks:
		t.p.blame(FaultWithholds)
	}
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
// who may write the others.
func split(raws [][]byte) ([][][]byte, error) {
	var order []envelope.Feed
	byFeed := map[envelope.Feed][][]byte{}
	last := map[envelope.Feed]uint64{}
	var out [][][]byte
	flush := func(f envelope.Feed) {
		if len(byFeed[f]) > 0 {
			out = append(out, byFeed[f])
			byFeed[f] = nil
		}
	}
	for _, raw := range raws {
		e, err := envelope.Decode(raw)
		if err != nil {
			return nil, err
		}
		f := e.Feed
		if byFeed[f] == nil && last[f] == 0 {
			order = append(order, f)
		}
		if last[f] != 0 && e.Seq != last[f]+1 || len(byFeed[f]) >= wire.MaxRun {
			flush(f)
		}
		byFeed[f] = append(byFeed[f], raw)
		last[f] = e.Seq
	}
	for _, f := range order {
		flush(f)
	}
	slices.SortStableFunc(out, func(a, b [][]byte) int { return int(a[0][1]) - int(b[0][1]) })
	return out, nil
}

// advance moves the cursor.
func (t *turn) advance(next protocol.Cursor) {
	t.p.mu.Lock()
	t.pl.cursor, t.pl.saved = next, false
	t.p.mu.Unlock()
}

func (t *turn) loadCursor(ctx context.Context) {
	t.p.mu.Lock()
	have, store := t.pl.cursor != nil || !t.pl.reread.IsZero(), t.p.store
	t.p.mu.Unlock()
	if have {
		return
	}
	var raw []byte
	err := t.p.e.DB.Read().QueryRowContext(ctx, `SELECT cursor FROM relaying_cursor WHERE relay = ? AND space = ? AND store = ?`,
		t.p.id[:], t.id[:], store[:]).Scan(&raw)
	if err == nil && len(raw) <= protocol.MaxCursor {
		t.p.mu.Lock()
		t.pl.cursor, t.pl.saved = raw, true
		t.p.mu.Unlock()
	}
}

// saveCursors writes the cursors that moved. One that is lost costs reading again.
func (p *Post) saveCursors(ctx context.Context) {
	type row struct {
		id     wire.SpaceID
		cursor protocol.Cursor
		pl     *place
	}
	var rows []row
	p.mu.Lock()
	holder := p.store
	for id, pl := range p.places {
		if !pl.saved && pl.cursor != nil {
			rows = append(rows, row{id, slices.Clone(pl.cursor), pl})
			pl.saved = true
		}
	}
	p.mu.Unlock()
	if len(rows) == 0 {
		return
	}
	err := p.e.DB.Write(ctx, func(tx *store.Tx) error {
		for _, r := range rows {
			if _, err := tx.Exec(`INSERT INTO relaying_cursor VALUES(?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET store = excluded.store, cursor = excluded.cursor`, p.id[:], r.id[:], holder[:], []byte(r.cursor)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && p.ctx.Err() == nil {
		p.e.Slog.Warn("keep the place at the relay", "err", err)
	}
}
