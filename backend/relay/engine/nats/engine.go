package nats

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/envelope"
	"roundtable/backend/relay/engine"
	"roundtable/backend/relay/protocol"
	"roundtable/backend/wire"
)

const (
	// patience is how long an operation goes on trying while the cluster elects a
	// leader, which takes up to nine seconds.
	patience = 15 * time.Second
	// attempt is how long one request may take.
	attempt = 2 * time.Second
	// leastPayload is what the largest piece needs.
	leastPayload = 4 << 20
	// readsAtOnce bounds the pages in memory that are being read.
	readsAtOnce = 64
	// writesAtOnce bounds the feeds that one Append writes at a time.
	writesAtOnce = 64

	rememberedHeads  = 200_000
	rememberedSpaces = 100_000
)

// Options of an engine on a cluster.
type Options struct {
	engine.Options
	// URL of one or more servers: "nats://a:4222,b:4222", with user and password or
	// token where needed. It may hold a secret: it is never logged.
	URL string
	// Replicas of each stream; 0: three in a cluster, one on a single server.
	Replicas int
	// Log is for what goes wrong without anybody asking; nil: nothing is said.
	Log *slog.Logger
}

// Engine is a JetStream cluster as a relay's store; see the package comment.
type Engine struct {
	o     Options
	log   *slog.Logger
	nc    *natsgo.Conn
	store protocol.StoreID

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	once sync.Once
	// Close waits for both; entering is held while they grow and when that ends.
	entering sync.Mutex
	busy     sync.WaitGroup // the engine's own work
	writes   sync.WaitGroup // messages that the cluster is about to acknowledge

	direct  *direct
	feeds   *locks[feedKey]
	known   *memory[feedKey, head]
	ends    *memory[wire.SpaceID, uint64] // the last piece of a space that this process knows of
	owned   *memory[ownedKey, struct{}]   // whose a space is has been written
	counted counts
	follows follows
	acked   [eventShards]atomic.Uint64 // by shard: the last sequence acknowledged to this process
	table   atomic.Uint64              // the same of TABLE
	granted atomic.Uint64              // the last sequence of GRANTS that this process knows of
}

type feedKey struct {
	space wire.SpaceID
	feed  envelope.Feed
}

type ownedKey struct {
	tenant engine.Tenant
	space  wire.SpaceID
}

// Open connects to a cluster and makes the streams that are missing. It goes on
// trying until ctx ends.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{
		o: o, log: o.Log,
		feeds: newLocks[feedKey](),
		known: newMemory[feedKey, head](rememberedHeads),
		ends:  newMemory[wire.SpaceID, uint64](rememberedSpaces),
		owned: newMemory[ownedKey, struct{}](rememberedSpaces),
	}
	e.ctx, e.stop = context.WithCancel(context.Background())
	e.follows.init()
	if err := e.connect(ctx); err != nil {
		e.stop()
		return nil, err
	}
	if err := e.begin(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Engine) begin(ctx context.Context) error {
	if size := e.nc.MaxPayload(); size < leastPayload {
		return fmt.Errorf("open cluster: max_payload is %d, %d is needed", size, leastPayload)
	}
	var err error
	if e.direct, err = newDirect(e.nc); err != nil {
		return fmt.Errorf("open cluster: %w", err)
	}
	if err := e.makeStreams(ctx); err != nil {
		return fmt.Errorf("open cluster: %w", err)
	}
	if err := e.nameStore(ctx); err != nil {
		return fmt.Errorf("open cluster: %w", err)
	}
	return e.beginFollowing(ctx)
}

// connect dials until one server answers.
func (e *Engine) connect(ctx context.Context) (err error) {
	e.nc, err = dial(ctx, e.o.URL, "roundtable relay",
		natsgo.DisconnectErrHandler(func(*natsgo.Conn, error) { e.log.Warn("nats connection lost") }),
		natsgo.ReconnectHandler(func(*natsgo.Conn) {
			e.log.Info("nats connected again")
			e.lookAgain("")
		}),
		natsgo.ErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
			e.log.Warn("nats", "error", err)
			e.lookAgain("")
		}),
	)
	return err
}

// servers is a URL without its secrets, for errors.
func servers(raw string) string {
	var out []string
	for part := range strings.SplitSeq(raw, ",") {
		if u, err := url.Parse(strings.TrimSpace(part)); err == nil && u.Host != "" {
			out = append(out, u.Host)
		}
	}
	return strings.Join(out, ",")
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// nameStore reads the store's name, or gives it one.
func (e *Engine) nameStore(ctx context.Context) error {
	return e.patiently(ctx, func(ctx context.Context) error {
		m, err := e.leaderLast(ctx, streamTable, subjectStore)
		if errors.Is(err, engine.ErrNotFound) {
			if _, err := e.publish(ctx, subjectStore, 0, wire.Random(sha256.Size)); err != nil && !errors.Is(err, errChanged) {
				return err
			}
			m, err = e.leaderLast(ctx, streamTable, subjectStore)
		}
		if err != nil {
			return err
		}
		if len(m.data) != len(e.store) {
			return fmt.Errorf("name of the store: %w", errStored)
		}
		e.store = protocol.StoreID(m.data)
		return nil
	})
}

// Store names the cluster's store.
func (e *Engine) Store() protocol.StoreID { return e.store }

// Close waits for what is being written; everything else is answered with
// ErrUnavailable. It must not be called from a callback.
func (e *Engine) Close() error {
	e.once.Do(func() {
		e.entering.Lock()
		e.stop()
		e.entering.Unlock()
		e.writes.Wait()
		e.busy.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), attempt)
		defer cancel()
		if err := e.writeCounts(ctx); err != nil {
			e.log.Warn("usage was not written", "error", err)
		}
		e.nc.Close()
	})
	return nil
}

// Healthy asks whether each stream has a leader.
func (e *Engine) Healthy(ctx context.Context) error {
	if e.ctx.Err() != nil {
		return fmt.Errorf("closed: %w", engine.ErrUnavailable)
	}
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	names := e.streams()
	failed := make([]error, len(names))
	var wg sync.WaitGroup
	for i, s := range names {
		wg.Go(func() {
			if _, err := e.lastSeq(ctx, s.Name); err != nil {
				failed[i] = fmt.Errorf("stream %s: %w", s.Name, err)
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
