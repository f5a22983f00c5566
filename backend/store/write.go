package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Tx is one group of writes under way. Only the writer goroutine uses it.
type Tx struct {
	conn     *sql.Conn
	stmts    map[string]*sql.Stmt // by text; they live as long as the connection
	seal     []func() error
	commit   []func()
	tell     []func()
	rollback []func()
	gone     error // what ended the transaction before its time
}

// Exec runs a statement; its text is prepared once and kept.
func (t *Tx) Exec(query string, args ...any) (sql.Result, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	r, err := s.Exec(args...)
	return r, t.failed(err)
}

// QueryRow reads one row within the transaction.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	s, err := t.stmt(query)
	if err != nil {
		ctx := context.Background()
		if t.gone != nil {
			over, cancel := context.WithCancel(ctx)
			cancel()
			ctx = over // there is no transaction to read in: Scan gives an error
		}
		return t.conn.QueryRowContext(ctx, query, args...) // gives the same error at Scan
	}
	return s.QueryRow(args...)
}

// Query reads rows within the transaction.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Query(args...)
	return rows, t.failed(err)
}

// Script runs several statements, as in a schema file.
func (t *Tx) Script(script string) error {
	if t.gone != nil {
		return t.gone
	}
	_, err := t.conn.ExecContext(context.Background(), script)
	return t.failed(err)
}

func (t *Tx) stmt(query string) (*sql.Stmt, error) {
	if t.gone != nil {
		return nil, t.gone
	}
	if s, ok := t.stmts[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	t.stmts[query] = s
	return s, nil
}

// BeforeCommit runs fn once, when all writes of the group are done.
func (t *Tx) BeforeCommit(fn func() error) { t.seal = append(t.seal, fn) }

// OnCommit runs fn after the group is on disk.
func (t *Tx) OnCommit(fn func()) { t.commit = append(t.commit, fn) }

// Tell runs fn after everything that OnCommit asked for in the group: whoever is told of a
// change and looks at once finds it, also in what is kept in memory beside the tables.
func (t *Tx) Tell(fn func()) { t.tell = append(t.tell, fn) }

// OnRollback runs fn when the write that asked for it, or the whole group, is undone.
func (t *Tx) OnRollback(fn func()) { t.rollback = append(t.rollback, fn) }

// Savepoint runs fn so that its failure undoes only what fn did.
func (t *Tx) Savepoint(fn func() error) error {
	if _, err := t.Exec("SAVEPOINT s"); err != nil {
		return Classify(fmt.Errorf("savepoint: %w", err))
	}
	if err := fn(); err != nil {
		_, e := t.Exec("ROLLBACK TO s")
		_, e2 := t.Exec("RELEASE s")
		return errors.Join(err, e, e2)
	}
	if _, err := t.Exec("RELEASE s"); err != nil {
		return Classify(fmt.Errorf("release savepoint: %w", err))
	}
	return nil
}

// Write runs fn in the writer goroutine and returns when its change is on disk.
// A context that ends before fn has begun takes the write back; after that the
// write is carried out and waited for.
// Errors: what fn returns, errcode.DiskFull, errcode.DatabaseCorrupt, ErrClosed.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	w := write{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case db.writes <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-db.stop:
		return ErrClosed
	}
	select {
	case err := <-w.done:
		return err
	case <-db.done:
		select {
		case err := <-w.done:
			return err
		default:
			return ErrClosed
		}
	}
}

func (db *DB) run() {
	defer close(db.done)
	stmts := map[string]*sql.Stmt{}
	defer func() {
		for _, s := range stmts {
			_ = s.Close()
		}
	}()
	for {
		select {
		case w := <-db.writes:
			db.groups(w, stmts)
		case <-db.stop:
			for {
				select {
				case w := <-db.writes:
					db.groups(w, stmts)
				default:
					return
				}
			}
		}
	}
}

// groups commits a write and what waits, in as many groups as that takes.
func (db *DB) groups(first write, stmts map[string]*sql.Stmt) {
	for next := &first; next != nil; {
		next = db.group(*next, stmts)
	}
}

// group runs a write and whatever else waits, and commits them together. It
// gives back a write that it took from the queue when the group was full.
func (db *DB) group(first write, stmts map[string]*sql.Stmt) (next *write) {
	t := &Tx{conn: db.conn, stmts: stmts}
	if _, err := t.Exec("BEGIN IMMEDIATE"); err != nil {
		first.done <- Classify(fmt.Errorf("begin: %w", err))
		return nil
	}
	var ok []write
	w, more, n, began := first, true, 0, time.Now()
	for ; more && n < maxGroup; n++ {
		if db.one(t, w) {
			ok = append(ok, w)
		}
		if t.gone != nil {
			more = false // what comes now belongs to another transaction
			break
		}
		w, more = db.another(n+1, began)
	}
	if more {
		next = &w
	}
	commit := time.Now()
	err := t.finish()
	db.groupSizes, db.commitTook = [2]int{n, db.groupSizes[0]}, time.Since(commit)
	db.Suspect(err)
	for _, w := range ok {
		w.done <- err
	}
	return next
}

// another gives a write that waits. Where several write at the same time, those
// that were just answered write again in a moment: without waiting for them the
// first one back would have a flush of its own, and the others would wait for
// that. So the group waits for as many as came lately, for half a flush at most;
// a single writer never waits.
func (db *DB) another(n int, began time.Time) (w write, ok bool) {
	select {
	case w = <-db.writes:
		return w, true
	default:
	}
	wait := min(db.commitTook/2, maxGather) - time.Since(began)
	if n >= max(db.groupSizes[0], db.groupSizes[1]) || wait <= 0 {
		return w, false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case w = <-db.writes:
		return w, true
	case <-timer.C:
	case <-db.stop:
	}
	return w, false
}

// finish commits, or undoes everything and says why.
func (t *Tx) finish() error {
	err := t.gone
	for i := 0; err == nil && i < len(t.seal); i++ {
		err = t.seal[i]()
	}
	if err == nil {
		_, err = t.Exec("COMMIT")
	}
	if err != nil {
		_, _ = t.Exec("ROLLBACK") // SQLite may have rolled back by itself already
		t.gone = nil              // what reloads reads what is on disk
		for _, fn := range t.rollback {
			fn()
		}
		return Classify(fmt.Errorf("commit: %w", err))
	}
	for _, fn := range t.commit {
		fn()
	}
	for _, fn := range t.tell {
		fn()
	}
	return nil
}

// one runs a write under a savepoint. A failed one is answered at once.
func (db *DB) one(t *Tx, w write) bool {
	if err := w.ctx.Err(); err != nil {
		w.done <- err
		return false
	}
	commits, tells, seals, rollbacks := len(t.commit), len(t.tell), len(t.seal), len(t.rollback)
	err := t.Savepoint(func() error { return w.fn(t) })
	if err != nil && t.gone != nil {
		w.done <- Classify(err) // undone with the whole group
		return false
	}
	if err != nil {
		for _, fn := range t.rollback[rollbacks:] {
			fn()
		}
		t.commit, t.tell, t.seal, t.rollback = t.commit[:commits], t.tell[:tells], t.seal[:seals], t.rollback[:rollbacks]
		err = Classify(err)
		db.Suspect(err)
		w.done <- err
		return false
	}
	return true
}
