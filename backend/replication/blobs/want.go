package blobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/errcode"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

const (
	wanted  = 1
	here    = 2
	stopped = 3

	// maxWanted bounds the files that are wanted at a time.
	maxWanted = 5000
	// small files have slots of their own, so that a large one never holds them up.
	small      = 4 * blob.PieceSize
	slots      = 2
	smallSlots = 4
	minBackoff = 5 * time.Second
	maxBackoff = 2 * time.Minute
)

// Phase of a file on this device.
type Phase uint8

const (
	// Absent: nobody has asked for it, or somebody stopped it.
	Absent Phase = iota
	// Fetching: it is on its way, or its turn comes.
	Fetching
	// Waiting: nobody who has the rest can be reached now.
	Waiting
	// Here: whole and on disk.
	Here
	// Failed: it cannot be had as things are; State.Code says why.
	Failed
)

// State of a file.
type State struct {
	Phase Phase
	// Bytes of content that are here.
	Bytes uint64
	Code  errcode.Code
	// Depositing: it is being put into depots; Deposited counts the bytes that are there.
	Depositing bool
	Deposited  uint64
}

// job is a file that is wanted.
type job struct {
	id     blob.ID
	space  wire.SpaceID
	author wire.DeviceID
	file   blob.File
	at     int64
	cancel context.CancelFunc // while running
	news   chan struct{}      // somebody was linked
	// doubted: damage was met, so what is here is read before it is believed.
	doubted bool

	// Guarded by the engine's mutex.
	running bool
	again   bool // something changed while it ran
	waiting bool
	due     time.Time
	backoff time.Duration

	mu    sync.Mutex
	bytes uint64
	told  time.Time
}

// load takes up what was wanted before the last end.
func (e *Engine) load(ctx context.Context) error {
	rows, err := e.DB.Read().QueryContext(ctx, `SELECT file, space, author, body, at FROM blobs_file WHERE state = ?`, wanted)
	if err != nil {
		return store.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, space, author, body []byte
		j := &job{news: make(chan struct{}, 1)}
		if err := rows.Scan(&id, &space, &author, &body, &j.at); err != nil {
			return store.Classify(err)
		}
		f, err := blob.DecodeFile(body)
		if err != nil || len(id) != 32 || len(space) != 32 || len(author) != 32 {
			continue
		}
		j.id, j.space, j.author, j.file = blob.ID(id), wire.SpaceID(space), wire.DeviceID(author), f
		e.jobs[j.id] = j
	}
	return store.Classify(rows.Err())
}

// Fetch wants a file of a space; author is the device that is asked first. It
// returns once that is noted. What is here, or wanted already, stays as it is;
// what was stopped stays so unless asked is set: a person asks, not the program.
// Errors: errcode.DiskFull, errcode.RequestLimit.
func (e *Engine) Fetch(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File, asked bool) error {
	return e.want(ctx, space, author, f, asked, false)
}

func (e *Engine) want(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File, asked, doubted bool) error {
	if err := f.Check(); err != nil {
		return err
	}
	id := f.ID()
	e.mu.Lock()
	known, many := e.jobs[id], len(e.jobs)
	e.mu.Unlock()
	if known != nil {
		return nil
	}
	state, _, _, err := e.row(ctx, id)
	if err != nil || state == here || state == stopped && !asked {
		return err
	}
	if many >= maxWanted {
		return errcode.RequestLimit
	}
	if err := e.Store.Room(f.Size); err != nil {
		return err
	}
	j := &job{news: make(chan struct{}, 1), id: id, space: space, author: author, file: f, at: e.Clock.Now().UnixMilli(), doubted: doubted}
	err = e.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO blobs_file VALUES(?, ?, ?, ?, ?, 0, '', ?)
			ON CONFLICT DO UPDATE SET space = excluded.space, author = excluded.author, state = excluded.state, code = '', at = excluded.at`,
			id[:], space[:], author[:], f.Encode(), wanted, j.at)
		return err
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	if e.jobs[id] == nil {
		e.jobs[id] = j
	}
	e.mu.Unlock()
	poke(e.wake)
	e.Changed(space)
	return nil
}

// row reads what the table has of a file; state 0: nothing.
func (e *Engine) row(ctx context.Context, id blob.ID) (state int, bytes uint64, code errcode.Code, err error) {
	err = e.DB.Read().QueryRowContext(ctx, `SELECT state, bytes, code FROM blobs_file WHERE file = ?`, id[:]).Scan(&state, &bytes, &code)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, "", nil
	}
	return state, bytes, code, store.Classify(err)
}

// Cancel stops a fetch. The pieces that have come stay, for the next one.
func (e *Engine) Cancel(ctx context.Context, id blob.ID) error {
	e.mu.Lock()
	j := e.jobs[id]
	delete(e.jobs, id)
	var end context.CancelFunc
	if j != nil {
		end = j.cancel
	}
	e.mu.Unlock()
	if j == nil {
		return nil
	}
	if end != nil {
		end()
	}
	return e.end(ctx, j, stopped, "")
}

// end notes how a job ended.
func (e *Engine) end(ctx context.Context, j *job, state int, code errcode.Code) error {
	ctx, cancel := background(ctx)
	defer cancel()
	bytes := j.have()
	err := e.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE blobs_file SET state = ?, bytes = ?, code = ? WHERE file = ? AND state = ?`,
			state, int64(bytes), string(code), j.id[:], wanted)
		return err
	})
	e.Changed(j.space)
	return err
}

// State of a file.
func (e *Engine) State(ctx context.Context, id blob.ID) (s State, err error) {
	e.mu.Lock()
	j := e.jobs[id]
	s.Deposited, s.Depositing = e.deposited[id]
	waits := j != nil && j.waiting
	e.mu.Unlock()
	if j != nil {
		s.Phase, s.Bytes = Fetching, j.have()
		if waits {
			s.Phase = Waiting
		}
		return s, nil
	}
	state, bytes, code, err := e.row(ctx, id)
	s.Bytes, s.Code = bytes, code
	switch {
	case state == here:
		s.Phase = Here
	case state == wanted: // it ended this moment
		s.Phase = Fetching
	case state == stopped && code != "":
		s.Phase = Failed
	}
	return s, err
}

// Keep notes within a write that a file of this device's own is whole and here,
// and that it has to be put into the depots of a space.
func (e *Engine) Keep(tx *store.Tx, space wire.SpaceID, author wire.DeviceID, f blob.File) error {
	id, at := f.ID(), e.Clock.Now().UnixMilli()
	if _, err := tx.Exec(`INSERT INTO blobs_file VALUES(?, ?, ?, ?, ?, ?, '', ?) ON CONFLICT DO UPDATE SET state = excluded.state, bytes = excluded.bytes`,
		id[:], space[:], author[:], f.Encode(), here, int64(f.Size), at); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO blobs_deposit VALUES(?, ?, ?, ?)`, id[:], space[:], f.Encode(), at)
	tx.Tell(func() { poke(e.deposit) })
	return err
}

// Lost notes that a piece of a file which was here is not: it is wanted again.
func (e *Engine) Lost(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File) error {
	id := f.ID()
	err := e.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM blobs_file WHERE file = ? AND state = ?`, id[:], here)
		return err
	})
	if err != nil {
		return err
	}
	return e.want(ctx, space, author, f, true, true)
}

// ready picks the jobs whose turn it is, and tells when to look again.
func (e *Engine) ready(now time.Time) (out []*job, wait time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	wait = maxBackoff
	large, little := 0, 0
	var idle []*job
	for _, j := range e.jobs {
		switch {
		case j.running && j.file.Size <= small:
			little++
		case j.running:
			large++
		case j.due.After(now):
			wait = min(wait, j.due.Sub(now))
		default:
			idle = append(idle, j)
		}
	}
	slices.SortFunc(idle, func(a, b *job) int { return cmp.Compare(a.at, b.at) })
	for _, j := range idle {
		used, most := &large, slots
		if j.file.Size <= small {
			used, most = &little, smallSlots
		}
		if *used < most {
			*used++
			j.running, j.waiting, j.again = true, false, false
			out = append(out, j)
		}
	}
	return out, max(wait, 10*time.Millisecond)
}

// dispatch runs jobs, a few at a time.
func (e *Engine) dispatch(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil {
		jobs, wait := e.ready(e.Clock.Now())
		for _, j := range jobs {
			wg.Go(func() { e.work(ctx, j) })
		}
		select {
		case <-ctx.Done():
		case <-e.wake:
		case <-e.Clock.After(wait):
		}
	}
}

// work runs one round of a job and decides what becomes of it.
func (e *Engine) work(ctx context.Context, j *job) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.mu.Lock()
	gone := e.jobs[j.id] != j
	j.cancel = cancel
	e.mu.Unlock()
	if gone {
		return
	}
	e.Changed(j.space)
	err := e.round(ctx, j)
	code, _ := errcode.From(err)
	switch {
	case ctx.Err() != nil: // stopped by a person, or the program ends: the table knows which
		e.mu.Lock()
		j.running = false
		e.mu.Unlock()
		return
	case err == nil:
		err = e.end(ctx, j, here, "")
	case code == errcode.DiskFull || code == errcode.AttachmentDamaged:
		e.Slog.Warn("file not fetched", "err", err)
		err = e.end(ctx, j, stopped, code)
	default:
		if !errors.Is(err, errNobody) {
			e.Slog.Info("file not fetched yet", "err", err)
		}
		e.rest(j)
		return
	}
	if err != nil {
		e.Slog.Warn("note that a fetch ended", "err", err)
	}
	e.mu.Lock()
	if e.jobs[j.id] == j {
		delete(e.jobs, j.id)
	}
	e.mu.Unlock()
	e.Changed(j.space)
	poke(e.wake)
}

// rest lets a job wait for somebody who has what it lacks.
func (e *Engine) rest(j *job) {
	e.mu.Lock()
	j.running, j.waiting = false, true
	j.backoff = min(max(2*j.backoff, minBackoff), maxBackoff)
	j.due = e.Clock.Now().Add(j.backoff)
	if j.again {
		j.due = time.Time{}
	}
	e.mu.Unlock()
	e.Changed(j.space)
	poke(e.wake)
}

func (j *job) have() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bytes
}
