package folders

import (
	"context"
	_ "embed"
	"log/slog"
	"sync"
	"time"

	"roundtable/backend/clock"
	"roundtable/backend/eventlog"
	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/pace"
	"roundtable/backend/folders/power"
	"roundtable/backend/folders/transfer"
	"roundtable/backend/folders/watch"
	"roundtable/backend/link"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// Board is what folders need of the switchboard.
type Board interface {
	Handle(protocol string, h func(ctx context.Context, peer wire.DeviceID, s link.Stream))
	OnUp(f func(ctx context.Context, peer wire.DeviceID))
	OpenStream(ctx context.Context, device wire.DeviceID, protocol string) (link.Stream, error)
}

// Depot keeps sealed packs for who is away: a relay. As in replication/blobs.
type Depot interface {
	Has(ctx context.Context, space wire.SpaceID, hashes [][32]byte) ([]bool, error)
	// Put returns once the pack is on the depot's disk.
	Put(ctx context.Context, space wire.SpaceID, hash [32]byte, sealed []byte) error
	Get(ctx context.Context, space wire.SpaceID, hash [32]byte) ([]byte, error)
}

// Watcher hints at changes on the disk until its context ends; watch.Watcher is one.
type Watcher interface {
	Hints() <-chan watch.Hint
	State() watch.State
}

// Deps is everything this feature works with.
type Deps struct {
	Log     *eventlog.Log
	DB      *store.DB
	Clock   clock.Clock
	Slog    *slog.Logger
	Publish func(topics ...string)
	Me      space.Party
	Board   Board
	// Tables is the projection; it tells this feature what the log says anew.
	Tables *Projection
	// Linked lists the devices that are linked now; Via names the way to one.
	Linked func() []wire.DeviceID
	Via    func(wire.DeviceID) string
	// Depots of a space, the first to be asked first; may be nil.
	Depots func(space wire.SpaceID) []Depot
	// Name of a person in a workspace.
	Name func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	// Open opens a tree, Watch begins to watch one.
	Open  func(root string) (disk.Tree, error)
	Watch func(ctx context.Context, root string, hidden func(path string) bool) Watcher
	// In and Out bound what comes and goes.
	In, Out *pace.Pace
	// Power is what the system says of current and network; Choices and Choose read and
	// keep what this person wants. All may be nil.
	Power   func() power.State
	Choices func() Choices
	Choose  func(Choices) error
	// Home is the folder of this person on this computer, where choosing one begins.
	Home string
	// Show opens a path with the system's program, or shows it in the file manager; nil
	// where there is no desktop.
	Show func(path string, reveal bool) error
	// Found bounds how much that is new one look tells of, 100,000 when it is 0.
	Found int
}

// Folders is the feature.
type Folders struct {
	Deps
	peers   peers
	mu      sync.Mutex
	keepers map[wire.SpaceID]*keeper
	ctx     context.Context // of Run, nil before
	wg      sync.WaitGroup
	serving map[wire.DeviceID]int // streams
	changed chan wire.SpaceID
}

// Open makes the feature and registers it at the board, which is not running yet.
func Open(ctx context.Context, d Deps) (*Folders, error) {
	if err := d.DB.Migrate(ctx, "folderslocal", localSchema); err != nil {
		return nil, err
	}
	f := &Folders{Deps: d, keepers: map[wire.SpaceID]*keeper{}, serving: map[wire.DeviceID]int{}, changed: make(chan wire.SpaceID, 64)}
	f.peers = peers{f: f, open: map[wire.DeviceID]*line{}}
	f.bound()
	places, err := f.places(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		f.keepers[p.space] = newKeeper(f, p)
	}
	d.Tables.Noted = f.noted
	d.Board.Handle(transfer.Protocol, f.serve)
	d.Board.OnUp(func(context.Context, wire.DeviceID) { f.Nudge() })
	return f, nil
}

// Run keeps folders level until ctx ends.
func (f *Folders) Run(ctx context.Context) error {
	f.mu.Lock()
	f.ctx = ctx
	for _, k := range f.keepers {
		f.start(k)
	}
	f.mu.Unlock()
	f.tidy(ctx)
	f.wg.Wait()
	f.peers.close()
	return nil
}

// start runs a keeper once Run has begun; f.mu is held.
func (f *Folders) start(k *keeper) {
	if f.ctx == nil || f.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(f.ctx)
	done := make(chan struct{})
	k.end = func() { cancel(); <-done }
	f.wg.Go(func() {
		defer close(done)
		defer cancel()
		k.run(ctx)
	})
}

// keeper finds who keeps a folder here; nil when it is only listed.
func (f *Folders) keeper(id wire.SpaceID) *keeper {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keepers[id]
}

func (f *Folders) all() (out []*keeper) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.keepers {
		out = append(out, k)
	}
	return out
}

// noted is told by the tables what the log says anew.
func (f *Folders) noted(id wire.SpaceID, paths []string) {
	if k := f.keeper(id); k != nil {
		k.mu.Lock()
		k.counts.at = time.Time{}
		k.mu.Unlock()
		if paths == nil {
			k.fresh.everywhere()
		} else {
			k.fresh.at(paths...)
		}
		if paths == nil { // memberships: what was only ours to look at may be ours to say now
			select {
			case f.changed <- id:
			default:
			}
		}
	}
}

// Nudge lets whatever waits try again: there is a new link, or a relay answers.
func (f *Folders) Nudge() {
	for _, k := range f.all() {
		k.again()
	}
}

// maxServed bounds the streams on which one device is answered: each may hold a
// megabyte on its way.
const maxServed = 8

// serve answers another device.
func (f *Folders) serve(ctx context.Context, peer wire.DeviceID, s link.Stream) {
	if !f.admit(peer, 1) {
		f.Slog.Info("folder stream refused: too many", "peer", peer.Short())
		return
	}
	defer f.admit(peer, -1)
	if err := transfer.Serve(ctx, peer, s, shelf{f}); err != nil && ctx.Err() == nil {
		f.Slog.Info("folder stream closed", "peer", peer.Short(), "err", err)
	}
}

// admit counts the streams of a device, up to maxServed.
func (f *Folders) admit(peer wire.DeviceID, n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n > 0 && f.serving[peer] >= maxServed {
		return false
	}
	if f.serving[peer] += n; f.serving[peer] == 0 {
		delete(f.serving, peer)
	}
	return true
}

// signal wakes one goroutine.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) poke() {
	select {
	case s <- struct{}{}:
	default:
	}
}
