package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"roundtable/backend/errcode"
)

// ErrClosed is returned by writes after Close.
var ErrClosed = errors.New("store is closed")

const (
	busyTimeout = 10 * time.Second
	readers     = 4
	// maxGroup bounds the writes of one commit: beyond it latency grows and throughput does not.
	maxGroup = 512
	queue    = 1024
	// maxGather bounds how long a group waits for writers who are likely to come.
	maxGather = time.Millisecond
)

// DB is an open database.
type DB struct {
	path   string
	writer *sql.DB
	conn   *sql.Conn // the writer's only connection
	reader *Reader
	writes chan write
	stop   chan struct{}
	done   chan struct{}
	once   sync.Once

	// Of the last two groups, and of the last commit; the writer's alone.
	groupSizes [2]int
	commitTook time.Duration

	suspect atomic.Bool // damage was met: the marker stays, and the next Open checks
	damaged atomic.Pointer[func(error)]
}

type write struct {
	ctx  context.Context
	fn   func(*Tx) error
	done chan error
}

// Open opens or makes the database at path (mode 0600) and starts its writer.
// Errors: errcode.DatabaseCorrupt when the file is damaged, errcode.DiskFull.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	} else if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db := &DB{path: path, writes: make(chan write, queue), stop: make(chan struct{}), done: make(chan struct{})}
	var err error
	if db.writer, err = open(path, 1); err != nil {
		return nil, err
	}
	pool, err := open(path, readers)
	if err != nil {
		return nil, errors.Join(err, db.writer.Close())
	}
	db.reader = &Reader{db: pool, kept: map[string]*sql.Stmt{}}
	if err := db.check(ctx); err != nil {
		return nil, errors.Join(err, db.writer.Close(), db.reader.close())
	}
	if db.conn, err = db.writer.Conn(ctx); err != nil {
		return nil, errors.Join(Classify(err), db.writer.Close(), db.reader.close())
	}
	go db.run()
	return db, nil
}

func open(path string, conns int) (*sql.DB, error) {
	q := url.Values{}
	for _, p := range []string{
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"cache_size(-8000)", "temp_store(MEMORY)", "wal_autocheckpoint(2000)", "journal_size_limit(33554432)",
	} {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// OnDamage has fn called, in a goroutine of its own and at most once, when the
// database turns out to be damaged while it is open.
func (db *DB) OnDamage(fn func(error)) { db.damaged.Store(&fn) }

// Suspect takes note of an error; of one that carries errcode.DatabaseCorrupt
// the next Open is to know. Writes report their own, readers pass theirs here.
func (db *DB) Suspect(err error) {
	if err == nil || !errors.Is(err, errcode.DatabaseCorrupt) || db.suspect.Swap(true) {
		return
	}
	if fn := db.damaged.Load(); fn != nil {
		go (*fn)(err)
	}
}

// Path of the database file.
func (db *DB) Path() string { return db.path }

// Read gives the reading connections.
func (db *DB) Read() *Reader { return db.reader }

// Close waits for writes under way, folds the WAL into the file and closes it.
func (db *DB) Close() error {
	var err error
	db.once.Do(func() {
		close(db.stop)
		<-db.done
		_, e := db.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
		err = errors.Join(db.conn.Close(), db.reader.close(), db.writer.Close())
		if e == nil && err == nil && !db.suspect.Load() {
			err = os.Remove(db.path + ".open")
		}
	})
	return err
}

// Classify gives errors of SQLite that a person should hear of their code.
func Classify(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		if err != nil && (strings.Contains(err.Error(), "no space left") || strings.Contains(err.Error(), "disk full")) {
			return errcode.With(errcode.DiskFull, err)
		}
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return errcode.With(errcode.DiskFull, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return errcode.With(errcode.DatabaseCorrupt, err)
	}
	return err
}
