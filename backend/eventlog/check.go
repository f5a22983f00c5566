package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roundtable/backend/envelope"
	"roundtable/backend/event"
	"roundtable/backend/key"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// Fault names what Check can find wrong.
type Fault string

const (
	// FaultBytes: stored bytes are no envelope, or not the one their row names.
	FaultBytes Fault = "bytes"
	// FaultChain: an envelope does not follow the one before it.
	FaultChain Fault = "chain"
	// FaultSignature: a signature does not verify.
	FaultSignature Fault = "signature"
	// FaultHead: the noted end of a feed is not the end of what is stored.
	FaultHead Fault = "head"
	// FaultSequence: a sequence is missing, or stored twice.
	FaultSequence Fault = "sequence"
	// FaultKey: what counts does not open, or an epoch key is not the one it is named as.
	FaultKey Fault = "key"
	// FaultAside: the reason for which something does not count does not hold.
	FaultAside Fault = "aside"
	// FaultState: the members of a space cannot be worked out.
	FaultState Fault = "state"
)

// Finding is one thing that is wrong.
type Finding struct {
	Fault  Fault
	Space  wire.SpaceID
	Device wire.DeviceID // zero for a whole space
	Seq    uint64
	Err    error
}

// Tally is how much was looked at.
type Tally struct{ Spaces, Feeds, Counting, Aside int }

// maxFindings of one feed are told; what follows from the first damage is noise.
const maxFindings = 5

// checker goes through the tables as they lie there, without trusting the state
// that a Log makes of them.
type checker struct {
	ctx   context.Context
	db    *store.DB
	every bool
	found func(Finding)
	tally Tally
}

// Check verifies every feed of every space: bytes, chain, the last signature
// (with every: all), ends, sequences, and that what counts opens. It only reads.
// Errors: errcode.DatabaseCorrupt and what else keeps it from reading on.
func Check(ctx context.Context, db *store.DB, every bool, found func(Finding)) (Tally, error) {
	c := &checker{ctx: ctx, db: db, every: every, found: found}
	spaces, err := c.spaces()
	if err != nil {
		return c.tally, err
	}
	for row, id := range spaces {
		if err := c.space(row, id); err != nil {
			return c.tally, fmt.Errorf("check %s: %w", id, err)
		}
	}
	return c.tally, nil
}

func (c *checker) spaces() (map[int64]wire.SpaceID, error) {
	out := map[int64]wire.SpaceID{}
	err := c.each(`SELECT id, space FROM log_space`, nil, func(rows *sql.Rows) error {
		var row int64
		var raw []byte
		if err := rows.Scan(&row, &raw); err != nil {
			return err
		}
		if len(raw) != 32 {
			c.found(Finding{Fault: FaultBytes, Err: fmt.Errorf("name of space %d: %w", row, wire.ErrMalformed)})
			return nil
		}
		out[row] = wire.SpaceID(raw)
		return nil
	})
	return out, err
}

func (c *checker) each(query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := c.db.Read().QueryContext(c.ctx, query, args...)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return store.Classify(err)
		}
	}
	return store.Classify(rows.Err())
}

func (c *checker) space(row int64, id wire.SpaceID) error {
	c.tally.Spaces++
	keys := map[wire.EpochID]key.EpochKey{}
	err := c.each(`SELECT epoch, key FROM log_epoch WHERE space = ?`, []any{row}, func(rows *sql.Rows) error {
		var epoch, raw []byte
		if err := rows.Scan(&epoch, &raw); err != nil {
			return err
		}
		k, err := key.EpochKeyFromBytes(raw)
		if name := k.ID(); err != nil || string(name[:]) != string(epoch) {
			c.found(Finding{Fault: FaultKey, Space: id, Err: errors.New("an epoch key is not the one it is named as")})
			return nil
		}
		keys[k.ID()] = k
		return nil
	})
	if err != nil {
		return err
	}
	singles, err := c.singles(row, id)
	if err != nil {
		return err
	}
	var feeds []*feed
	err = c.each(`SELECT id, device, start, lane, seq, coalesce(head, x'') FROM log_feed WHERE space = ?`, []any{row}, func(rows *sql.Rows) error {
		var f feed
		var device, head []byte
		if err := rows.Scan(&f.row, &device, &f.name.Start, &f.name.Lane, &f.seq, &head); err != nil {
			return err
		}
		if len(device) != 32 || (len(head) != 32 && f.seq > 0) {
			c.found(Finding{Fault: FaultBytes, Space: id, Err: fmt.Errorf("feed %d: %w", f.row, wire.ErrMalformed)})
			return nil
		}
		f.name.Device = wire.DeviceID(device)
		if len(head) == 32 {
			f.head = wire.EventID(head)
		}
		feeds = append(feeds, &f)
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range feeds {
		c.tally.Feeds++
		if err := (&feedCheck{checker: c, id: id, f: f, open: spaceLog{keys: keys, singles: singles}}).run(); err != nil {
			return err
		}
	}
	return nil
}

// singles reads the keys of single events.
func (c *checker) singles(row int64, id wire.SpaceID) (map[mark]key.SingleKey, error) {
	out := map[mark]key.SingleKey{}
	return out, c.each(`SELECT event, key FROM log_single WHERE space = ?`, []any{row}, func(rows *sql.Rows) error {
		var name, raw []byte
		if err := rows.Scan(&name, &raw); err != nil {
			return err
		}
		k, err := key.SingleKeyFromBytes(raw)
		if err != nil || len(name) != markSize {
			c.found(Finding{Fault: FaultKey, Space: id, Err: errors.New("the key of a single event is none")})
			return nil
		}
		out[mark(name)] = k
		return nil
	})
}

// feedCheck goes through one feed.
type feedCheck struct {
	*checker
	id   wire.SpaceID
	f    *feed
	open spaceLog // its keys
	last envelope.Envelope
	told int
}

func (c *feedCheck) tell(fault Fault, seq uint64, err error) {
	if c.told++; c.told <= maxFindings {
		c.found(Finding{Fault: fault, Space: c.id, Device: c.f.name.Device, Seq: seq, Err: err})
	}
}

func (c *feedCheck) run() error {
	err := c.each(`SELECT seq, bytes, 0 FROM log_event WHERE feed = ?1
		UNION ALL SELECT seq, bytes, reason FROM log_aside WHERE feed = ?1 ORDER BY 1`, []any{c.f.row}, func(rows *sql.Rows) error {
		var seq uint64
		var raw []byte
		var reason int
		if err := rows.Scan(&seq, &raw, &reason); err != nil {
			return err
		}
		c.one(seq, raw, reason)
		return nil
	})
	if err != nil {
		return err
	}
	if c.last.Seq != c.f.seq || (c.f.seq > 0 && c.last.ID != c.f.head) {
		c.tell(FaultHead, c.f.seq, fmt.Errorf("what is stored ends at %d", c.last.Seq))
	}
	if c.last.Seq > 0 && !c.every {
		if err := c.last.Verify(); err != nil {
			c.tell(FaultSignature, c.last.Seq, err)
		}
	}
	return nil
}

func (c *feedCheck) one(seq uint64, raw []byte, reason int) {
	env, err := envelope.Decode(raw)
	if err != nil {
		c.tell(FaultBytes, seq, err)
		return
	}
	switch {
	case env.Space != c.id || env.Feed != c.f.name || env.Seq != seq:
		c.tell(FaultBytes, seq, errors.New("it is the envelope of another place"))
	case seq != c.last.Seq+1:
		c.tell(FaultSequence, seq, fmt.Errorf("follows %d", c.last.Seq))
	case env.Prev != c.last.ID:
		c.tell(FaultChain, seq, envelope.ErrChain)
	}
	if c.every {
		if err := env.Verify(); err != nil {
			c.tell(FaultSignature, seq, err)
		}
	}
	c.last = env
	o, _ := c.open.opener(env)
	_, openErr := event.Open(env, o)
	switch {
	case reason == 0:
		c.tally.Counting++
		if openErr != nil {
			c.tell(FaultKey, seq, openErr)
		}
		return
	case (reason == reasonKey || reason == reasonForeign) && openErr == nil:
		c.tell(FaultAside, seq, errors.New("waits for a key that is here"))
	case reason < reasonKey || reason > reasonForeign:
		c.tell(FaultAside, seq, fmt.Errorf("reason %d is not known", reason))
	}
	c.tally.Aside++
}

// CheckAside looks whether the state of each space agrees with what counts and
// what is void. It needs an open log, and is called while nothing writes.
func (l *Log) CheckAside(ctx context.Context, found func(Finding)) error {
	for _, id := range l.Spaces() {
		sl := l.spaces[id]
		state := sl.machine.State()
		for name, f := range sl.feeds {
			if name.Lane != envelope.Content {
				continue
			}
			var counts, void sql.NullInt64
			err := l.db.Read().QueryRowContext(ctx, `SELECT (SELECT max(seq) FROM log_event WHERE feed = ?1),
				(SELECT min(seq) FROM log_aside WHERE feed = ?1 AND reason = ?2)`, f.row, reasonVoid).Scan(&counts, &void)
			if err != nil {
				return store.Classify(err)
			}
			if counts.Valid && state.Accepts(name, uint64(counts.Int64)) != space.Accepted {
				found(Finding{Fault: FaultAside, Space: id, Device: name.Device, Seq: uint64(counts.Int64), Err: errors.New("it counts, though its author may not write it")})
			}
			if void.Valid && state.Accepts(name, uint64(void.Int64)) == space.Accepted {
				found(Finding{Fault: FaultAside, Space: id, Device: name.Device, Seq: uint64(void.Int64), Err: errors.New("it is void, though its author may write it")})
			}
		}
	}
	return nil
}
