package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"roundtable/backend/relay/bus"
	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

const (
	// busAll and busOne are the subjects of a bus, in core NATS: nothing of it is
	// kept. The number is the version of what servers say there.
	busAll = "bus.1.all"
	busOne = "bus.1.to."
	// busQueued bounds the bytes that wait to be sent, and for each subscription those
	// that wait to be heard.
	busQueued = 32 << 20
	// busMessages bounds them by number.
	busMessages = 16 << 10
	// busStuck is how long the line may take nothing before it is given up.
	busStuck = 5 * time.Second
	// busClosing is how long Close tries to send what waits.
	busClosing = time.Second
)

// BusOptions of a process's bus.
type BusOptions struct {
	// URL as in Options. It may hold a secret: it is never logged.
	URL string
	// Log is for what goes wrong without anybody asking; nil: nothing is said.
	Log *slog.Logger
}

// Bus is core NATS as a bus.Bus: two subscriptions for each process, over a
// connection of its own, so that bulk on its way between devices never stands
// before what is to be stored.
type Bus struct {
	nc   *natsgo.Conn
	log  *slog.Logger
	out  chan outgoing
	held atomic.Int64
	once sync.Once
	over chan struct{} // closed by Close
	sent chan struct{} // closed when nothing is sent any more

	hearing sync.Mutex // held while heard is called
	heard   func([]byte)
}

type outgoing struct {
	subject string
	message []byte
}

// OpenBus connects to a cluster. It goes on trying until ctx ends.
func OpenBus(ctx context.Context, o BusOptions) (*Bus, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bus{log: o.Log, out: make(chan outgoing, busMessages), over: make(chan struct{}), sent: make(chan struct{})}
	nc, err := dial(ctx, o.URL, "roundtable relay bus",
		natsgo.NoEcho(), natsgo.FlusherTimeout(busStuck),
		natsgo.DisconnectErrHandler(func(*natsgo.Conn, error) { o.Log.Warn("bus connection lost") }),
		natsgo.ReconnectHandler(func(*natsgo.Conn) { o.Log.Info("bus connected again") }),
		natsgo.ErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) { o.Log.Warn("bus", "error", err) }),
	)
	if err != nil {
		return nil, err
	}
	if size := nc.MaxPayload(); size < bus.MaxMessage {
		nc.Close()
		return nil, fmt.Errorf("open bus: max_payload is %d, %d is needed", size, bus.MaxMessage)
	}
	b.nc = nc
	go b.write()
	return b, nil
}

// write sends what waits. It alone may wait for the network.
func (b *Bus) write() {
	defer close(b.sent)
	for {
		select {
		case m := <-b.out:
			b.publish(m)
			continue
		default:
		}
		select {
		case m := <-b.out:
			b.publish(m)
		case <-b.over:
			for { // what was said before the end, as far as there is time
				select {
				case m := <-b.out:
					b.publish(m)
				default:
					return
				}
			}
		}
	}
}

func (b *Bus) publish(m outgoing) {
	b.held.Add(-int64(len(m.message)))
	if err := b.nc.Publish(m.subject, m.message); err != nil {
		b.log.Debug("bus message lost", "error", err)
	}
}

// Join is of bus.Bus.
func (b *Bus) Join(ctx context.Context, self bus.Process, heard func([]byte)) (leave func(), err error) {
	b.hearing.Lock()
	already := b.heard != nil
	b.heard = heard
	b.hearing.Unlock()
	if already {
		return nil, fmt.Errorf("join bus: joined already: %w", bus.ErrBusy)
	}
	var subs []*natsgo.Subscription
	for _, subject := range []string{busAll, busOne + self.String()} {
		sub, err := b.nc.Subscribe(subject, b.hear)
		if err == nil {
			subs = append(subs, sub)
			err = sub.SetPendingLimits(busMessages, busQueued)
		}
		if err != nil {
			return nil, fmt.Errorf("join bus: %w: %w", bus.ErrBusy, err)
		}
	}
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	if err := b.nc.FlushWithContext(try); err != nil {
		return nil, fmt.Errorf("join bus: %w: %w", bus.ErrBusy, err)
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			for _, sub := range subs {
				if err := sub.Unsubscribe(); err != nil && !errors.Is(err, natsgo.ErrConnectionClosed) {
					b.log.Debug("leave bus", "error", err)
				}
			}
		})
		b.hearing.Lock()
		defer b.hearing.Unlock()
		b.heard = func([]byte) {}
	}, nil
}

func (b *Bus) hear(m *natsgo.Msg) {
	b.hearing.Lock()
	defer b.hearing.Unlock()
	b.heard(m.Data)
}

// Send is of bus.Bus.
func (b *Bus) Send(to bus.Process, message []byte) error {
	return b.queue(outgoing{busOne + to.String(), message})
}

// Tell is of bus.Bus.
func (b *Bus) Tell(message []byte) error { return b.queue(outgoing{busAll, message}) }

func (b *Bus) queue(m outgoing) error {
	size := int64(len(m.message))
	if size > bus.MaxMessage {
		return fmt.Errorf("send over bus: %w", wire.ErrTooLarge)
	}
	select {
	case <-b.over:
		return bus.ErrBusy
	default:
	}
	if !b.nc.IsConnected() {
		return bus.ErrBusy
	}
	if b.held.Add(size) > busQueued {
		b.held.Add(-size)
		return bus.ErrBusy
	}
	select {
	case b.out <- m:
		return nil
	default:
		b.held.Add(-size)
		return bus.ErrBusy
	}
}

// Close sends what waits, as far as that is quick, and ends the connection.
func (b *Bus) Close() error {
	b.once.Do(func() {
		close(b.over)
		select {
		case <-b.sent:
			if err := b.nc.FlushTimeout(busClosing); err != nil {
				b.log.Debug("close bus", "error", err)
			}
		case <-time.After(busClosing):
		}
		b.nc.Close()
		<-b.sent
	})
	return nil
}

// dial connects until one server answers. Errors: engine.ErrUnavailable.
func dial(ctx context.Context, url, name string, options ...natsgo.Option) (*natsgo.Conn, error) {
	options = append([]natsgo.Option{
		natsgo.Name(name),
		natsgo.MaxReconnects(-1),
		natsgo.CustomReconnectDelay(func(int) time.Duration { return 100*time.Millisecond + rand.N(400*time.Millisecond) }),
		natsgo.Timeout(5 * time.Second),
		natsgo.PingInterval(5 * time.Second),
		natsgo.MaxPingsOutstanding(2),
		// What was written while disconnected is answered with an error instead of
		// being sent later: the writer has given up on it by then.
		natsgo.ReconnectBufSize(-1),
		natsgo.RetryOnFailedConnect(false),
	}, options...)
	wait := 50 * time.Millisecond
	for {
		nc, err := natsgo.Connect(url, options...)
		if err == nil {
			return nc, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to cluster %s: %w: %w", servers(url), engine.ErrUnavailable, ctx.Err())
		case <-time.After(jitter(wait)):
			wait = min(2*wait, 2*time.Second)
		}
	}
}
