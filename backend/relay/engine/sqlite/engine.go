package sqlite

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"roundtable/backend/clock"
	"roundtable/backend/durable"
	"roundtable/backend/errcode"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Engine is an open store. One process at a time may have a folder open.
type Engine struct {
	db     *store.DB
	folder string // of chunks
	clock  clock.Clock
	id     protocol.StoreID
	heads  *heads
	news   *newsroom

	queue  chan *request
	stop   chan struct{}
	done   chan struct{} // closed when the last append is answered
	once   sync.Once
	closed error

	// assigned is the highest position that was ever given to an envelope.
	assigned atomic.Int64
	damage   atomic.Pointer[error]
	// Of appends; the store's writer goroutine's alone.
	position, moment int64

	stripes [256]sync.Mutex // of chunk files, by the first byte of the hash
	orphans atomic.Uint32   // folder of chunks that the next Sweep looks through
}

var _ interface {
	engine.Engine
	engine.Beginner
} = (*Engine)(nil)

// Open opens or makes the store in a folder. Errors: engine.ErrFull,
// engine.ErrUnavailable (damage: with errcode.DatabaseCorrupt).
func Open(ctx context.Context, folder string, o engine.Options) (*Engine, error) {
	chunks := filepath.Join(folder, "chunks")
	if err := makeFolders(chunks); err != nil {
		return nil, fail(ctx, "open relay store", err)
	}
	db, err := store.Open(ctx, filepath.Join(folder, "relay.db"))
	if err != nil {
		return nil, fail(ctx, "open relay store", err)
	}
	e := &Engine{
		db: db, folder: chunks, clock: clock.System{}, heads: newHeads(maxCached),
		queue: make(chan *request, maxQueue), stop: make(chan struct{}), done: make(chan struct{}),
	}
	e.news = newNewsroom(o, e.stop, e.after)
	if err := e.begin(ctx); err != nil {
		return nil, errors.Join(fail(ctx, "open relay store", err), db.Close())
	}
	db.OnDamage(func(err error) { e.damage.Store(&err) })
	go e.news.run()
	go e.run()
	return e, nil
}

// makeFolders makes the folders of chunks: names of 256 folders need no flush
// of their own later.
func makeFolders(chunks string) error {
	last := filepath.Join(chunks, "ff")
	if _, err := os.Stat(last); err == nil {
		return nil
	}
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(chunks, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return fmt.Errorf("make folders of chunks: %w", err)
		}
	}
	return errors.Join(durable.SyncFolder(chunks), durable.SyncFolder(filepath.Dir(chunks)))
}

// begin makes the tables and the store's name, and finds where it ends.
func (e *Engine) begin(ctx context.Context) error {
	if err := e.db.Migrate(ctx, "relay", schema); err != nil {
		return err
	}
	return e.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO relay_meta VALUES('store', ?), ('position', 0) ON CONFLICT DO NOTHING`, wire.Random(len(e.id))); err != nil {
			return fmt.Errorf("name store: %w", err)
		}
		var id []byte
		if err := tx.QueryRow(`SELECT value FROM relay_meta WHERE name = 'store'`).Scan(&id); err != nil {
			return fmt.Errorf("read store's name: %w", err)
		}
		if len(id) != len(e.id) {
			return errcode.With(errcode.DatabaseCorrupt, fmt.Errorf("store's name has %d bytes", len(id)))
		}
		e.id = protocol.StoreID(id)
		err := tx.QueryRow(`SELECT max(value, coalesce((SELECT max(pos) FROM relay_envelope), 0)),
			coalesce((SELECT at FROM relay_envelope ORDER BY pos DESC LIMIT 1), 0) FROM relay_meta WHERE name = 'position'`).Scan(&e.position, &e.moment)
		if err != nil {
			return fmt.Errorf("find store's end: %w", err)
		}
		e.assigned.Store(e.position)
		e.news.published = e.position
		return nil
	})
}

// Store names what is kept here.
func (e *Engine) Store() protocol.StoreID { return e.id }

// Healthy stores something and removes it: it finds a disk that is full or gone.
func (e *Engine) Healthy(ctx context.Context) error {
	if err := e.damage.Load(); err != nil {
		return fail(ctx, "check relay store", *err)
	}
	err := e.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO relay_meta VALUES('probe', zeroblob(65536)) ON CONFLICT DO UPDATE SET value = excluded.value`)
		return err
	})
	if err == nil {
		err = e.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM relay_meta WHERE name = 'probe'`)
			return err
		})
	}
	return fail(ctx, "check relay store", err)
}

// Close answers what waits and closes the store. It may be called more than once.
func (e *Engine) Close() error {
	e.once.Do(func() {
		close(e.stop)
		<-e.done
		<-e.news.done
		e.closed = e.db.Close()
	})
	return e.closed
}

// fail gives an error its kind.
func fail(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	err = store.Classify(err)
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, engine.ErrConflict, engine.ErrNotFound, engine.ErrCursor} {
		if errors.Is(err, known) {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	switch {
	case ctx.Err() != nil: // SQLite says that it was interrupted
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	case errors.Is(err, errcode.DiskFull), durable.IsFull(err):
		return fmt.Errorf("%s: %w: %w", doing, engine.ErrFull, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, engine.ErrUnavailable, err)
}

// failed is fail for what reads: damage that it meets is remembered.
func (e *Engine) failed(ctx context.Context, doing string, err error) error {
	if err != nil {
		e.db.Suspect(store.Classify(err))
	}
	return fail(ctx, doing, err)
}

// write changes the store and gives errors their kind.
func (e *Engine) write(ctx context.Context, doing string, fn func(*store.Tx) error) error {
	return fail(ctx, doing, e.db.Write(ctx, fn))
}
