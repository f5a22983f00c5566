// Package engine is where a relay keeps what it was given: one interface, one
// conformance suite (enginetest), two implementations (sqlite, nats).
//
// An engine does not judge who may do what; the server does. It keeps each feed
// in sequence, never the same sequence twice, and answers when things are on disk.
package engine

import (
	"context"
	"errors"
	"time"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

var (
	// ErrGap: a run begins behind the feed's next sequence.
	ErrGap = errors.New("run does not begin at the next sequence")
	// ErrForked: a run contradicts what is stored.
	ErrForked = errors.New("run contradicts what is stored")
	// ErrConflict: somebody else was first; look again.
	ErrConflict = errors.New("changed meanwhile")
	// ErrCursor: not a cursor of this store.
	ErrCursor = errors.New("cursor is not of this store")
	// ErrNotFound: no such chunk or record.
	ErrNotFound = errors.New("not found")
	// ErrFull: the disk (or the cluster's limit) is reached.
	ErrFull = errors.New("store is full")
	// ErrUnavailable: the store cannot answer now; nothing was acknowledged.
	ErrUnavailable = errors.New("store is unavailable")
)

// Options of an engine. The callbacks are called from the engine's goroutines, in
// the order of the store for each space; they must not block.
type Options struct {
	// News tells what was stored in a followed space, by this process or another.
	News func(space wire.SpaceID, items []Item)
	// Granted tells of a grant in any space, by this process or another.
	Granted func(space wire.SpaceID, version uint64)
}

// Item is one stored envelope and the cursor after it.
type Item struct {
	Raw    []byte
	Cursor protocol.Cursor
}

// Run is envelopes of one feed in sequence; the server has verified them.
type Run []envelope.Envelope

// Result of one run: how far its feed is on disk, and why it was not taken (ErrGap, ErrForked) or nil.
type Result struct {
	Head protocol.Head
	Err  error
}

// Page of a space.
type Page struct {
	Items []Item
	// Next is the cursor to go on from, also when Items is empty.
	Next protocol.Cursor
	More bool
}

// Log keeps the envelopes of spaces.
type Log interface {
	// Append stores runs of one space and returns once they are on disk. What is
	// stored already (or was, before a Sweep) is skipped. tenant is who pays for the
	// bytes: a space belongs to the first that named it. An error says that nothing
	// is known to be stored; when ctx ended, it may be.
	Append(ctx context.Context, tenant Tenant, space wire.SpaceID, runs []Run) ([]Result, error)
	// Read gives what stands after a cursor (empty: the start), at most limit
	// envelopes and protocol.MaxPageBytes. Errors: ErrCursor.
	Read(ctx context.Context, space wire.SpaceID, after protocol.Cursor, limit int) (Page, error)
	// End is the cursor after the last envelope stored now.
	End(ctx context.Context, space wire.SpaceID) (protocol.Cursor, error)
	// Heads lists how far each feed of a space is stored, also when its envelopes were swept.
	Heads(ctx context.Context, space wire.SpaceID) ([]protocol.Head, error)
	// Follow asks for News of a space until stop is called. It returns when nothing
	// stored later can be missed; what was stored just before may be told as well.
	// Follow may be called several times, News are told once; stop may be called twice.
	Follow(ctx context.Context, space wire.SpaceID) (stop func(), err error)
}

// Lists keeps the grants of access lists.
type Lists interface {
	// AppendGrant stores the grant of a version; rights are the devices it changes.
	// tenant counts for version 1. Errors: ErrConflict when the version is not the next.
	AppendGrant(ctx context.Context, tenant Tenant, space wire.SpaceID, version uint64, signed protocol.Signed, set []protocol.Entry) error
	// Grants lists the grants of a space after a version, and whose space it is.
	Grants(ctx context.Context, space wire.SpaceID, after uint64) ([]protocol.Signed, Tenant, error)
	// Listed lists the spaces in which a device has rights, by ID, after one, at most limit.
	Listed(ctx context.Context, device wire.DeviceID, after wire.SpaceID, limit int) ([]wire.SpaceID, error)
	// Lists names all spaces that have a list, by ID, after one, at most limit: for moving.
	Lists(ctx context.Context, after wire.SpaceID, limit int) ([]wire.SpaceID, error)
}

// Chunks keeps sealed chunks by hash; a chunk belongs to every space it was put
// for, and counts for each.
type Chunks interface {
	PutChunk(ctx context.Context, tenant Tenant, space wire.SpaceID, hash [32]byte, bytes []byte) error
	// GetChunk errors: ErrNotFound, also for a chunk of other spaces.
	GetChunk(ctx context.Context, space wire.SpaceID, hash [32]byte) ([]byte, error)
	HasChunks(ctx context.Context, space wire.SpaceID, hashes [][32]byte) ([]bool, error)
	// ChunkHashes lists a space's chunks by hash, after one, at most limit: for moving.
	ChunkHashes(ctx context.Context, space wire.SpaceID, after [32]byte, limit int) ([][32]byte, error)
}

// Records keeps small documents: tenants, secrets of the relay, marks of a move.
// A kind is a short lower-case word, a key at most 64 bytes of [a-z0-9_-].
type Records interface {
	// Record errors: ErrNotFound.
	Record(ctx context.Context, kind, key string) ([]byte, error)
	// SetRecord replaces a record; nil deletes it.
	SetRecord(ctx context.Context, kind, key string, value []byte) error
	RecordKeys(ctx context.Context, kind string) ([]string, error)
}

// Tenant names an organisation: the hash of its token.
type Tenant [16]byte

// Usage of a tenant. Bytes are those of envelopes and chunks.
type Usage struct {
	Bytes, Envelopes, Chunks int64
}

// State of the store as a whole.
type State interface {
	// Store names what is kept here; it is random and made with the store.
	Store() protocol.StoreID
	Usage(ctx context.Context, tenant Tenant) (Usage, error)
	// Sweep removes what a tenant stored before a moment: envelopes and chunks, by
	// the store's clock, never heads or lists. It works in small steps, so that
	// others go on meanwhile, and gives what it removed.
	Sweep(ctx context.Context, tenant Tenant, before time.Time) (Usage, error)
	// Healthy errors: why nothing can be stored now.
	Healthy(ctx context.Context) error
	Close() error
}

// Engine is all of it.
type Engine interface {
	Log
	Lists
	Chunks
	Records
	State
}

// Beginner is an engine whose feeds can begin later than at 1: move.Move needs it
// for a store that was swept.
type Beginner interface {
	// Begin has feeds that the store does not know begin after a head, as if what
	// is up to there had been stored and swept. Known feeds stay as they are.
	Begin(ctx context.Context, tenant Tenant, space wire.SpaceID, heads []protocol.Head) error
}
