package chat

import (
	"context"
	_ "embed"
	"sync"
	"time"

	"roundtable/backend/eventlog"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local_nonce.sql
var nonceSchema string

// nonceLife is how long a nonce gives the message it gave first.
const nonceLife = 10 * time.Minute

// posting is a nonce and what became of it.
type posting struct {
	space wire.SpaceID
	nonce string
}

type sending struct {
	posting
	at   time.Time
	done chan struct{}
	key  MessageKey
	err  error
}

// sent remembers nonces, so that a call that is made again posts once. What was
// posted is noted in the same write as the message and read back at the start.
type sent struct {
	mu     sync.Mutex
	all    map[posting]*sending
	queue  []*sending // oldest first
	pruned time.Time  // when the table was last swept
}

// open reads what was posted before the last end.
func (s *sent) open(ctx context.Context, db *store.DB, now time.Time) error {
	s.all = map[posting]*sending{}
	rows, err := db.Read().QueryContext(ctx, `SELECT at, space, nonce, stamp, feed, seq FROM chatlocal_nonce WHERE at > ? ORDER BY at`,
		now.Add(-nonceLife).UnixMilli())
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		x := &sending{done: make(chan struct{})}
		close(x.done)
		var at int64
		var space []byte
		if err := rows.Scan(&at, &space, &x.nonce, &x.key.Stamp, &x.key.Feed, &x.key.Seq); err != nil {
			return store.Classify(err)
		}
		if len(space) != len(x.space) {
			continue
		}
		x.at, x.space = time.UnixMilli(at), wire.SpaceID(space)
		s.all[x.posting] = x
		s.queue = append(s.queue, x)
	}
	return store.Classify(rows.Err())
}

// begin gives what is or was posted under a nonce, or says that it is the first time.
func (s *sent) begin(p posting, now time.Time) (*sending, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 && now.Sub(s.queue[0].at) > nonceLife {
		if old := s.queue[0]; s.all[old.posting] == old {
			delete(s.all, old.posting)
		}
		s.queue = s.queue[1:]
	}
	if x := s.all[p]; x != nil {
		return x, false
	}
	x := &sending{posting: p, at: now, done: make(chan struct{})}
	s.all[p] = x
	s.queue = append(s.queue, x)
	return x, true
}

func (s *sent) forget(x *sending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[x.posting] == x {
		delete(s.all, x.posting)
	}
}

// sweeps reports whether this write should drop old rows: once a minute.
func (s *sent) sweeps(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := now.Sub(s.pruned) > time.Minute
	if due {
		s.pruned = now
	}
	return due
}

// remember keeps the nonce of a message in the write that stores the message.
func (c *Chat) remember(x *sending) func(*store.Tx, eventlog.Event) error {
	return func(tx *store.Tx, e eventlog.Event) error {
		if c.sent.sweeps(x.at) {
			if _, err := tx.Exec(`DELETE FROM chatlocal_nonce WHERE at < ?`, x.at.Add(-nonceLife).UnixMilli()); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT OR REPLACE INTO chatlocal_nonce VALUES(?, ?, ?, ?, ?, ?)`,
			x.at.UnixMilli(), x.space[:], x.nonce, int64(e.Stamp), feedNumber(x.space, e.Feed), int64(e.Seq))
		return err
	}
}
