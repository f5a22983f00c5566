package relaying

import (
	"context"
	_ "embed"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"roundtable/backend/clock"
	"roundtable/backend/envelope"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed schema.sql
var schema string

// Depot is the part of a session that keeps envelopes.
type Depot interface {
	Subscribe(ctx context.Context, space wire.SpaceID) (protocol.Position, error)
	Unsubscribe(ctx context.Context, space wire.SpaceID) error
	Read(ctx context.Context, r protocol.Read) (protocol.Page, error)
	Publish(ctx context.Context, p protocol.Publish) (protocol.Stored, error)
	// Heads lists all pages; same is set instead when the sums are equal.
	Heads(ctx context.Context, space wire.SpaceID, sum envelope.Sum) (same bool, heads []protocol.Head, err error)
}

// Lists is the part that keeps access lists.
type Lists interface {
	// Access gives the entries unless the sums are equal.
	Access(ctx context.Context, space wire.SpaceID, sum [16]byte) (protocol.AccessList, error)
	Grant(ctx context.Context, g protocol.Signed) error
	Spaces(ctx context.Context) ([]wire.SpaceID, error)
}

// Devices is the part that brings devices together.
type Devices interface {
	Watch(ctx context.Context, devices []wire.DeviceID) (protocol.Presence, error)
	Frame(ctx context.Context, f protocol.Frame) error
}

// Session is a connection to a relay while it lives.
type Session interface {
	Depot
	Lists
	Devices
	Ready() protocol.Ready
}

// Options of an engine.
type Options struct {
	Log    *eventlog.Log
	DB     *store.DB
	Signer key.Signer
	Clock  clock.Clock
	Slog   *slog.Logger
	// Open starts a connection that calls the post's methods; it ends with ctx.
	Open func(ctx context.Context, a protocol.Address, p *Post)
	// Up is called when a session has begun. It must not block; may be nil.
	Up func()
	// Held is called when a relay holds more of ours. It must not block.
	Held func(wire.SpaceID)
	// Cast sends an ephemeral message to the members of a space, as ephemeral.Exchange
	// does; what comes of kinds KindHave and KindTip is for TakeHave and TakeTip.
	Cast func(space wire.SpaceID, kind string, body any) error
	// Frame takes an ephemeral frame.
	Frame func(space wire.SpaceID, from wire.DeviceID, bytes []byte)
	// Here is told of a colleague's device that is connected to a relay, and again
	// when there is news of it.
	Here func(device wire.DeviceID, relay [32]byte)
	// Changed is called when what State and Present give has changed. It must not block.
	Changed func()
}

// Engine replicates with all relays.
type Engine struct {
	Options
	mu    sync.Mutex
	ctx   context.Context // of Run, nil before
	wg    sync.WaitGroup
	posts map[[32]byte]*Post
	// wanted is what SetRelays said last.
	wanted map[wire.SpaceID][]protocol.Address
}

// New makes an engine.
func New(ctx context.Context, o Options) (*Engine, error) {
	if err := o.DB.Migrate(ctx, "relaying", schema); err != nil {
		return nil, err
	}
	return &Engine{Options: o, posts: map[[32]byte]*Post{}, wanted: map[wire.SpaceID][]protocol.Address{}}, nil
}

// Run works until ctx ends.
func (e *Engine) Run(ctx context.Context) error {
	e.mu.Lock()
	e.ctx = ctx
	e.arrangeLocked()
	e.mu.Unlock()
	<-ctx.Done()
	e.wg.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.posts)
	return nil
}

// SetRelays says which relays each workspace names now.
func (e *Engine) SetRelays(all map[wire.SpaceID][]protocol.Address) {
	e.mu.Lock()
	e.wanted = all
	changed := e.arrangeLocked()
	e.mu.Unlock()
	for _, p := range changed {
		p.levelAll()
	}
	if e.Changed != nil {
		e.Changed()
	}
}

// arrangeLocked starts and stops posts; it gives those that serve other workspaces now.
func (e *Engine) arrangeLocked() (changed []*Post) {
	if e.ctx == nil {
		return nil
	}
	serve := map[[32]byte]map[wire.SpaceID]bool{}
	addresses := map[[32]byte]protocol.Address{}
	for workspace, list := range e.wanted {
		for _, a := range list {
			id := a.ID()
			if serve[id] == nil {
				serve[id] = map[wire.SpaceID]bool{}
			}
			serve[id][workspace], addresses[id] = true, a
		}
	}
	for id, p := range e.posts {
		if serve[id] == nil {
			p.cancel()
			delete(e.posts, id)
		}
	}
	for id, workspaces := range serve {
		p := e.posts[id]
		if p == nil {
			p = e.newPost(addresses[id])
			e.posts[id] = p
			e.wg.Go(p.run)
		}
		if p.serve(workspaces) {
			changed = append(changed, p)
		}
	}
	return changed
}

// workspaceOf is the workspace that a space lies in.
func (e *Engine) workspaceOf(id wire.SpaceID) (workspace wire.SpaceID, ok bool) {
	_ = e.Log.View(id, func(s *space.State) {
		switch {
		case s.Kind.Standalone():
			workspace, ok = id, true
		case s.Kind != 0:
			workspace, ok = s.Workspace, true
		}
	})
	return workspace, ok
}

// of lists the posts that serve a workspace, in the order in which it names them.
func (e *Engine) of(workspace wire.SpaceID) (out []*Post) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.wanted[workspace] {
		if p := e.posts[a.ID()]; p != nil {
			out = append(out, p)
		}
	}
	return out
}

func (e *Engine) all() []*Post {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Collect(maps.Values(e.posts))
}

// Advanced takes what the log announces. It does not block.
func (e *Engine) Advanced(all []eventlog.Advance) {
	for _, p := range e.all() {
		p.advanced(all)
	}
}

// Cast sends an ephemeral frame to the members of a space who are connected to a relay.
func (e *Engine) Cast(ctx context.Context, id wire.SpaceID, bytes []byte) {
	workspace, ok := e.workspaceOf(id)
	if !ok {
		return
	}
	for _, p := range e.of(workspace) {
		if s := p.current(); s != nil {
			_ = s.Frame(ctx, protocol.Frame{Space: id, Bytes: bytes}) // now or never
			return
		}
	}
}

// Sessions lists the sessions of the relays that a space's workspace names and
// that are connected, in its order.
func (e *Engine) Sessions(id wire.SpaceID) (out []Session) {
	workspace, ok := e.workspaceOf(id)
	if !ok {
		return nil
	}
	for _, p := range e.of(workspace) {
		if s := p.current(); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// Present reports whether a device is connected to one of our relays.
func (e *Engine) Present(device wire.DeviceID) bool {
	for _, p := range e.all() {
		if p.sees(device) {
			return true
		}
	}
	return false
}

// AtRelay is how far a feed of ours is on the disk of a relay that its workspace
// names now.
func (e *Engine) AtRelay(id wire.SpaceID, feed envelope.Feed) (seq uint64) {
	workspace, ok := e.workspaceOf(id)
	if !ok {
		return 0
	}
	posts := e.of(workspace)
	if len(posts) == 0 {
		return 0
	}
	holders := e.Log.Holders(id, feed)
	for _, p := range posts {
		if s := p.lastStore(); s != (protocol.StoreID{}) {
			seq = max(seq, holders[wire.DeviceID(s)])
		}
	}
	return seq
}

// Waiting counts the events of this device in a workspace that a relay does not hold yet.
func (e *Engine) Waiting(workspace wire.SpaceID, relay [32]byte) (n int64) {
	e.mu.Lock()
	p := e.posts[relay]
	e.mu.Unlock()
	if p == nil {
		return 0
	}
	holder := wire.DeviceID(p.lastStore())
	for _, id := range e.Log.Spaces() {
		if in, ok := e.workspaceOf(id); !ok || in != workspace {
			continue
		}
		for f, seq := range e.Log.Frontier(id) {
			if f.Device == e.Log.Self() {
				n += int64(seq - min(seq, e.Log.Holders(id, f)[holder]))
			}
		}
	}
	return n
}

// Fault is what a relay does wrong or cannot do, "" when all is well.
func (e *Engine) Fault(relay [32]byte) Fault {
	e.mu.Lock()
	p := e.posts[relay]
	e.mu.Unlock()
	if p == nil {
		return ""
	}
	return p.faulty()
}
