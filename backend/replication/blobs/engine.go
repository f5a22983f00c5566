package blobs

import (
	"context"
	_ "embed"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/blob"
	"roundtable/backend/clock"
	"roundtable/backend/link"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Board is what blobs needs of the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	OnUp(f func(ctx context.Context, peer wire.DeviceID))
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
}

// Depot keeps sealed pieces for who is away: a relay. The hashes are key.Digest of
// the bytes. Methods are called from several goroutines; their errors mean "not
// now", and the call is made again later.
type Depot interface {
	Has(ctx context.Context, space wire.SpaceID, hashes [][32]byte) ([]bool, error)
	// Put returns once the piece is on the depot's disk.
	Put(ctx context.Context, space wire.SpaceID, hash [32]byte, sealed []byte) error
	Get(ctx context.Context, space wire.SpaceID, hash [32]byte) ([]byte, error)
}

// References is who knows what the log refers to: the features that put files
// into events.
type References interface {
	// Refers tells which pieces a space refers to by itself.
	Refers(ctx context.Context, space wire.SpaceID, hashes []blob.Hash) ([]bool, error)
	// Referenced tells which pieces any space, or anything that is being written, refers to.
	Referenced(ctx context.Context, hashes []blob.Hash) ([]bool, error)
	// Trees lists the files with nodes that any space refers to.
	Trees(ctx context.Context) ([]blob.File, error)
	// Complete reports whether the tables behind it are as the log is.
	Complete() bool
}

// Options of an engine.
type Options struct {
	DB    *store.DB
	Store *blob.Store
	Board Board
	Clock clock.Clock
	Slog  *slog.Logger
	// Shares reports whether a space may be exchanged with a device now.
	Shares func(space wire.SpaceID, device wire.DeviceID) bool
	// Linked lists the devices that are linked now.
	Linked func() []wire.DeviceID
	// Depots of a space, the first to be asked first; may be nil.
	Depots func(space wire.SpaceID) []Depot
	// Changed is called when the state of a file of a space has changed. It must not block.
	Changed func(space wire.SpaceID)
}

// Engine fetches, serves and deposits the pieces of all spaces.
type Engine struct {
	Options
	wake      chan struct{} // a job may begin
	deposit   chan struct{} // a deposit may go on
	reading   chan struct{} // bounds what questions read from disk at a time
	buffers   sync.Pool     // of *frame
	mu        sync.Mutex
	refs      References
	jobs      map[blob.ID]*job
	serving   map[wire.DeviceID]int // streams
	streams   int
	shunned   map[wire.DeviceID]time.Time // gave wrong bytes, until when
	deposited map[blob.ID]uint64          // bytes at the depots, of those under way
}

// Open makes an engine and registers it at the board, which is not running yet.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if err := o.DB.Migrate(ctx, "blobs", schema); err != nil {
		return nil, err
	}
	e := &Engine{
		Options: o, wake: make(chan struct{}, 1), deposit: make(chan struct{}, 1), reading: make(chan struct{}, maxReading),
		jobs: map[blob.ID]*job{}, serving: map[wire.DeviceID]int{}, shunned: map[wire.DeviceID]time.Time{}, deposited: map[blob.ID]uint64{},
	}
	if err := e.load(ctx); err != nil {
		return nil, err
	}
	o.Board.Handle(protocol, e.serve)
	o.Board.OnUp(func(context.Context, wire.DeviceID) { e.Nudge() })
	return e, nil
}

// Follow says who knows the references; until then nothing is served or swept.
func (e *Engine) Follow(r References) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refs = r
}

func (e *Engine) references() References {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refs
}

// Nudge lets whatever waits try again: there is a new link, or a depot answers.
func (e *Engine) Nudge() {
	e.mu.Lock()
	for _, j := range e.jobs {
		j.due, j.backoff = time.Time{}, 0
		j.again = j.again || j.running
		poke(j.news)
	}
	e.mu.Unlock()
	poke(e.wake)
	poke(e.deposit)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run fetches and deposits until ctx ends.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { e.dispatch(ctx) })
	wg.Go(func() { e.deposits(ctx) })
	wg.Go(func() { e.sweeps(ctx) })
	wg.Wait()
	return nil
}

// background is a context for what has to be written although ctx has ended.
func background(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}
