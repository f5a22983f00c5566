package eventlog

import (
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

// spaceLog is one space in memory.
type spaceLog struct {
	id      wire.SpaceID
	row     int64
	machine *space.Machine
	feeds   map[envelope.Feed]*feed
	keys    map[wire.EpochID]key.EpochKey
	digest  digest
	waiting int      // envelopes in log_aside that may count yet
	own     [2]*feed // this device's feed in each lane, once it has written

	// Where newcomers see from their joining on: keys of single events, and what others
	// derive from the first epoch key (ring.go, single.go).
	singles map[mark]key.SingleKey
	secrets map[string][32]byte
	told    *told
	reach   *space.Reach // this device's; nil when it is to be worked out
	strange int          // envelopes in log_aside that are not for this device
}

// feed is the head of one feed.
type feed struct {
	row     int64
	name    envelope.Feed
	seq     uint64 // last sequence stored, perhaps not committed yet
	head    wire.EventID
	durable uint64 // last sequence on disk
	waits   int    // of this feed in log_aside that may count yet
	frozen  bool
	held    map[wire.DeviceID]uint64 // for own feeds: who holds how much
}

func newSpaceLog(id wire.SpaceID, row int64) *spaceLog {
	return &spaceLog{
		id: id, row: row, machine: space.New(id), feeds: map[envelope.Feed]*feed{},
		keys: map[wire.EpochID]key.EpochKey{}, digest: digest{},
		singles: map[mark]key.SingleKey{}, secrets: map[string][32]byte{}, told: &told{},
	}
}

func spaceIDs(tx *store.Tx) ([]wire.SpaceID, error) {
	rows, err := tx.Query(`SELECT space FROM log_space ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []wire.SpaceID
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if len(raw) == 32 {
			out = append(out, wire.SpaceID(raw))
		}
	}
	return out, rows.Err()
}

// load reads one space from the tables, as the writer sees them, and puts it in
// the place of what was in memory.
func (l *Log) load(tx *store.Tx, id wire.SpaceID) error {
	var row int64
	err := tx.QueryRow(`SELECT id FROM log_space WHERE space = ?`, id[:]).Scan(&row)
	if errors.Is(err, sql.ErrNoRows) {
		l.mu.Lock()
		delete(l.spaces, id)
		l.mu.Unlock()
		return nil
	}
	if err != nil {
		return err
	}
	sl := newSpaceLog(id, row)
	for _, step := range []func(*store.Tx, *spaceLog) error{l.loadFeeds, l.loadKeys, l.loadSingles, l.loadControl, l.loadHeld} {
		if err := step(tx, sl); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// The writer sees what is not committed yet; what was durable stays the measure.
	old := l.spaces[id]
	for name, f := range sl.feeds {
		f.durable = f.seq
		if old != nil {
			f.durable = 0
			if of := old.feeds[name]; of != nil {
				f.durable = min(of.durable, f.seq)
			}
		}
		sl.digest.move(name, 0, f.durable)
	}
	l.spaces[id] = sl
	return nil
}

func (l *Log) loadFeeds(tx *store.Tx, sl *spaceLog) error {
	rows, err := tx.Query(`SELECT id, device, start, lane, seq, coalesce(head, x''), frozen FROM log_feed WHERE space = ?`, sl.row)
	if err != nil {
		return err
	}
	byRow := map[int64]*feed{}
	for rows.Next() {
		var f feed
		var device, head []byte
		if err := rows.Scan(&f.row, &device, &f.name.Start, &f.name.Lane, &f.seq, &head, &f.frozen); err != nil {
			return errors.Join(err, rows.Close())
		}
		f.name.Device = wire.DeviceID(device)
		if len(head) == 32 {
			f.head = wire.EventID(head)
		}
		sl.feeds[f.name], byRow[f.row] = &f, &f
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	rows, err = tx.Query(`SELECT a.feed, count(*) FROM log_aside a JOIN log_feed f ON f.id = a.feed WHERE f.space = ? AND a.reason < ? GROUP BY a.feed`, sl.row, reasonVoid)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row int64
		var n int
		if err := rows.Scan(&row, &n); err != nil {
			return err
		}
		byRow[row].waits = n
		sl.waiting += n
	}
	return rows.Err()
}

func (l *Log) loadKeys(tx *store.Tx, sl *spaceLog) error {
	rows, err := tx.Query(`SELECT key FROM log_epoch WHERE space = ?`, sl.row)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		k, err := key.EpochKeyFromBytes(raw)
		if err != nil {
			return err
		}
		sl.keys[k.ID()] = k
	}
	return rows.Err()
}

// loadControl replays the control events that count into the machine, in one
// insertion: their order in the log is causal.
func (l *Log) loadControl(tx *store.Tx, sl *spaceLog) error {
	rows, err := tx.Query(`SELECT e.bytes FROM log_event e JOIN log_feed f ON f.id = e.feed
		WHERE f.space = ? AND f.lane = 0 ORDER BY e.pos`, sl.row)
	if err != nil {
		return err
	}
	defer rows.Close()
	var controls []space.Control
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		ev, err := sl.open(raw)
		if err != nil {
			return fmt.Errorf("control event on disk: %w", err)
		}
		if ev.Kind != event.Space {
			continue
		}
		c, err := control(ev)
		if err != nil {
			return fmt.Errorf("control event on disk: %w", err)
		}
		controls = append(controls, c)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	_, _, err = sl.machine.Insert(controls...)
	return err
}

func (l *Log) loadHeld(tx *store.Tx, sl *spaceLog) error {
	for _, f := range sl.feeds {
		if f.name.Device != l.self {
			continue
		}
		f.held = map[wire.DeviceID]uint64{}
		rows, err := tx.Query(`SELECT peer, seq FROM log_held WHERE feed = ?`, f.row)
		if err != nil {
			return err
		}
		for rows.Next() {
			var peer []byte
			var seq uint64
			if err := rows.Scan(&peer, &seq); err != nil {
				return errors.Join(err, rows.Close())
			}
			f.held[wire.DeviceID(peer)] = min(seq, f.seq)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

// touch arranges that an undone write leaves memory as the tables are.
func (l *Log) touch(tx *store.Tx, id wire.SpaceID) {
	at := len(l.advances)
	tx.OnRollback(func() {
		l.advances = l.advances[:min(at, len(l.advances))]
		l.armed = len(l.advances) > 0
		if err := l.load(tx, id); err != nil {
			l.Log.Error("reload space after an undone write", "space", id.String(), "err", err)
		}
	})
}

// ensure gives a space, made when it is new.
func (l *Log) ensure(tx *store.Tx, id wire.SpaceID) (*spaceLog, error) {
	l.touch(tx, id)
	if sl := l.spaces[id]; sl != nil {
		return sl, nil
	}
	r, err := tx.Exec(`INSERT INTO log_space(space) VALUES(?)`, id[:])
	if err != nil {
		return nil, err
	}
	row, err := r.LastInsertId()
	if err != nil {
		return nil, err
	}
	sl := newSpaceLog(id, row)
	l.mu.Lock()
	l.spaces[id] = sl
	l.mu.Unlock()
	return sl, nil
}

// feed gives the head of a feed, made when it is new.
func (l *Log) feed(tx *store.Tx, sl *spaceLog, name envelope.Feed) (*feed, error) {
	if f := sl.feeds[name]; f != nil {
		return f, nil
	}
	if len(sl.feeds) >= wire.MaxFeeds {
		return nil, ErrLimit
	}
	r, err := tx.Exec(`INSERT INTO log_feed(space, device, start, lane) VALUES(?, ?, ?, ?)`,
		sl.row, name.Device[:], int64(name.Start), int64(name.Lane))
	if err != nil {
		return nil, err
	}
	row, err := r.LastInsertId()
	if err != nil {
		return nil, err
	}
	f := &feed{row: row, name: name}
	if name.Device == l.self {
		f.held = map[wire.DeviceID]uint64{}
	}
	l.mu.Lock()
	sl.feeds[name] = f
	l.mu.Unlock()
	return f, nil
}

// open decodes and opens stored bytes.
func (sl *spaceLog) open(raw []byte) (event.Event, error) {
	env, err := envelope.Decode(raw)
	if err != nil {
		return event.Event{}, err
	}
	o, _ := sl.opener(env)
	return event.Open(env, o)
}

// control reads the operation of a control event.
func control(ev event.Event) (space.Control, error) {
	c := space.Control{ID: ev.ID, Feed: ev.Feed, Seq: ev.Seq, Stamp: ev.Stamp, Sealed: ev.Epoch}
	if ev.Feed.Lane != envelope.Control {
		return c, fmt.Errorf("control event in the content lane: %w", wire.ErrMalformed)
	}
	err := wire.Decode(ev.Body, wire.MaxBody, &c.Op)
	if err == nil {
		return c, nil
	}
	var fields map[uint64]wire.Raw
	if wire.DecodeLoose(ev.Body, wire.MaxBody, &fields) == nil {
		for n := range fields {
			if n > space.LastField {
				return c, errNewer
			}
		}
	}
	return c, err
}

// errNewer: a control event has an operation that this program does not know.
var errNewer = errors.New("control operation of a newer version")
