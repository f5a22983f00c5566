package sqlite

import (
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// batch is a group under way. Nothing that others see changes before its commit.
type batch struct {
	engine       *Engine
	tx           *store.Tx
	position, at int64
	spaces       map[wire.SpaceID]*batchSpace
	order        []*batchSpace
	usage        map[int64]engine.Usage // by tenant
	rows         []any                  // of envelopes, not inserted yet
}

type batchSpace struct {
	id    wire.SpaceID
	row   spaceRow
	feeds map[envelope.Feed]*head
	items []engine.Item
	last  int64 // position of the last of them
}

// request carries out one call: whoever has gone away meanwhile is not served.
func (b *batch) request(r *request) error {
	if r.ctx.Err() != nil {
		return nil // its caller has given up, and is told by its context
	}
	s, err := b.space(r.tenant, r.space)
	if err != nil {
		return err
	}
	r.results = make([]engine.Result, len(r.runs))
	for i, run := range r.runs {
		h, err := b.feed(s, run[0].Feed)
		if err != nil {
			return err
		}
		refused, err := b.append(s, h, run)
		if err != nil {
			return err
		}
		r.results[i] = engine.Result{Head: protocol.HeadOf(run[0].Feed, h.seq), Err: refused}
	}
	return nil
}

// space finds or makes a space.
func (b *batch) space(tenant engine.Tenant, id wire.SpaceID) (*batchSpace, error) {
	if s := b.spaces[id]; s != nil {
		return s, nil
	}
	row, known := b.engine.heads.space(id)
	if !known {
		var err error
		if row, err = b.engine.spaceFor(b.tx, tenant, id); err != nil {
			return nil, err
		}
	}
	s := &batchSpace{id: id, row: row, feeds: map[envelope.Feed]*head{}}
	b.spaces[id], b.order = s, append(b.order, s)
	return s, nil
}

// feed finds a feed's head, or one of sequence 0.
func (b *batch) feed(s *batchSpace, feed envelope.Feed) (*head, error) {
	if h := s.feeds[feed]; h != nil {
		return h, nil
	}
	h, known := b.engine.heads.feed(s.id, feed)
	if !known {
		var err error
		if h, err = loadFeed(b.tx, s.row.no, feed); err != nil {
			return nil, err
		}
	}
	s.feeds[feed] = &h
	return &h, nil
}

// append judges a run and stores what is new in it.
func (b *batch) append(s *batchSpace, h *head, run engine.Run) (refused, err error) {
	first := run[0].Seq
	if first > h.seq+1 {
		return engine.ErrGap, nil
	}
	known := run[:min(h.seq+1-first, uint64(len(run)))]
	before, at := run[0].Prev, first-1 // what the run says stands before its new part
	if n := len(known); n > 0 {
		before, at = known[n-1].ID, known[n-1].Seq
	}
	same, err := b.holds(h, at, before)
	if err != nil {
		return nil, err
	}
	if !same {
		return engine.ErrForked, nil
	}
	rest := run[len(known):]
	if len(rest) > 0 && h.no == 0 {
		if err := b.insertFeed(s, h); err != nil {
			return nil, err
		}
	}
	used := b.usage[s.row.tenant]
	for _, e := range rest {
		b.position++
		if b.rows = append(b.rows, b.position, s.row.no, h.no, int64(e.Seq), b.at, e.Raw); len(b.rows) == rowsTogether*columns {
			if err := b.flush(); err != nil {
				return nil, err
			}
		}
		s.items = append(s.items, engine.Item{Raw: e.Raw, Cursor: b.engine.cursor(b.position)})
		s.last = b.position
		h.seq, h.id, h.state = e.Seq, e.ID, idKnown
		used.Bytes += int64(len(e.Raw))
		used.Envelopes++
	}
	if len(rest) > 0 {
		b.usage[s.row.tenant] = used
	}
	return nil, nil
}

// holds tells whether a feed has this ID at a sequence up to its head. What was
// swept is believed: nothing is left to compare it with, and it is not stored again.
// The hashes of a run carry the comparison to what stands before.
func (b *batch) holds(h *head, seq uint64, id wire.EventID) (bool, error) {
	if seq == 0 {
		return true, nil
	}
	if seq == h.seq && h.state == idKnown {
		return h.id == id, nil
	}
	if err := b.flush(); err != nil {
		return false, err
	}
	stored, found, err := loadID(b.tx, h.no, seq)
	if err != nil {
		return false, err
	}
	if seq == h.seq && found {
		h.id, h.state = stored, idKnown
	}
	return !found || stored == id, nil
}

func (b *batch) insertFeed(s *batchSpace, h *head) error {
	r, err := b.tx.Exec(`INSERT INTO relay_feed(space, device, start, lane) VALUES(?, ?, ?, ?)`, s.row.no, h.feed.Device[:], int64(h.feed.Start), int64(h.feed.Lane))
	if err != nil {
		return fmt.Errorf("insert feed: %w", err)
	}
	if h.no, err = r.LastInsertId(); err != nil {
		return fmt.Errorf("insert feed: %w", err)
	}
	return nil
}

// Rows are inserted several at a time: a statement costs as much as a row.
const (
	columns      = 6
	rowsTogether = 16
	insertOne    = `INSERT INTO relay_envelope VALUES(?,?,?,?,?,?)`
	fourMore     = `,(?,?,?,?,?,?),(?,?,?,?,?,?),(?,?,?,?,?,?),(?,?,?,?,?,?)`
	insertFour   = insertOne + `,(?,?,?,?,?,?),(?,?,?,?,?,?),(?,?,?,?,?,?)`
	insertAll    = insertFour + fourMore + fourMore + fourMore
)

// flush inserts the rows that wait.
func (b *batch) flush() error {
	rows := b.rows
	b.rows = b.rows[:0]
	for len(rows) > 0 {
		text, n := insertOne, columns
		switch {
		case len(rows) >= rowsTogether*columns:
			text, n = insertAll, rowsTogether*columns
		case len(rows) >= 4*columns:
			text, n = insertFour, 4*columns
		}
		if _, err := b.tx.Exec(text, rows[:n]...); err != nil {
			return fmt.Errorf("insert envelopes: %w", err)
		}
		rows = rows[n:]
	}
	return nil
}

// count adds to what tenants use.
func (b *batch) count() error {
	for tenant, u := range b.usage {
		if err := use(b.tx, tenant, u); err != nil {
			return err
		}
	}
	return nil
}

// publish lets others see what is on disk now.
func (b *batch) publish() {
	e := b.engine
	e.position, e.moment = b.position, b.at
	for _, s := range b.order {
		e.heads.committed(s)
	}
	e.news.publish(b.order, b.position)
}
