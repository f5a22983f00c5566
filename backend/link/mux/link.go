package mux

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"

	"roundtable/backend/link"
	"roundtable/backend/wire"
)

const (
	// Window is how much one stream may have in flight: enough for 1 Gbit/s at 130 ms.
	Window = 16 << 20
	// SmallWindow is for devices that share no space with us (yamux allows no less).
	SmallWindow = 256 << 10
	// MaxStreams bounds the open streams of one link, ours and theirs together.
	MaxStreams = 512
	// PingEvery is how long a link may be silent before we ask for a sign of life.
	PingEvery = 10 * time.Second
	// DeadAfter is how long a link may be silent before it is given up.
	DeadAfter = 30 * time.Second
	// CloseTimeout is how long a stream that we closed waits for the other side to close too.
	CloseTimeout = 5 * time.Minute

	backlog      = 128
	writeTimeout = 30 * time.Second
	openTimeout  = 60 * time.Second
	piece        = 64 << 10
)

// Options say what a connection is.
type Options struct {
	Remote     wire.DeviceID // proven
	Via        string
	RemoteAddr string
	Dialled    bool          // we dialled: decides the numbering of streams
	Window     uint32        // Window when 0
	MaxStreams int           // MaxStreams when 0
	PingEvery  time.Duration // PingEvery when 0; DeadAfter is three times as long
	Log        *slog.Logger  // may be nil
}

// Link is a link.Link and link.Pinger on a connection.
type Link struct {
	opt     Options
	conn    *counted
	session *yamux.Session
	once    sync.Once
}

// New starts a link; it owns conn from now on.
func New(conn net.Conn, opt Options) (*Link, error) {
	if opt.Window == 0 {
		opt.Window = Window
	}
	if opt.MaxStreams == 0 {
		opt.MaxStreams = MaxStreams
	}
	if opt.PingEvery == 0 {
		opt.PingEvery = PingEvery
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	opt.Log = opt.Log.With("peer", opt.Remote.Short(), "via", opt.Via)
	c := &counted{Conn: conn}
	c.heard.Store(time.Now().UnixNano())
	config := &yamux.Config{
		AcceptBacklog:          backlog,
		EnableKeepAlive:        false, // watch does it
		KeepAliveInterval:      opt.PingEvery,
		ConnectionWriteTimeout: writeTimeout,
		MaxStreamWindowSize:    opt.Window,
		StreamOpenTimeout:      openTimeout,
		StreamCloseTimeout:     CloseTimeout,
		Logger:                 lines{opt.Log},
	}
	start := yamux.Server
	if opt.Dialled {
		start = yamux.Client
	}
	session, err := start(c, config)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("start streams: %w", err)
	}
	l := &Link{opt: opt, conn: c, session: session}
	go l.watch()
	return l, nil
}

func (l *Link) Remote() wire.DeviceID { return l.opt.Remote }
func (l *Link) Via() string           { return l.opt.Via }
func (l *Link) RemoteAddr() string    { return l.opt.RemoteAddr }
func (l *Link) Done() <-chan struct{} { return l.session.CloseChan() }

// Close ends the link. It returns when the connection is closed.
func (l *Link) Close() error {
	l.once.Do(func() {
		// yamux waits for its reader, and a TLS connection that closes waits for
		// its alert to be written: neither may hang on a dead line.
		_ = l.conn.SetDeadline(time.Now().Add(time.Second))
		_ = l.session.Close()
	})
	<-l.session.CloseChan()
	return nil
}

// Open starts a stream.
func (l *Link) Open(ctx context.Context) (link.Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.session.NumStreams() >= l.opt.MaxStreams {
		return nil, link.ErrTooManyStreams
	}
	type result struct {
		s   *yamux.Stream
		err error
	}
	done := make(chan result, 1)
	go func() {
		s, err := l.session.OpenStream()
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("open stream: %w", l.cause(r.err))
		}
		return l.wrap(r.s), nil
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				r.s.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// Accept waits for a stream of the other side.
func (l *Link) Accept(ctx context.Context) (link.Stream, error) {
	for {
		s, err := l.session.AcceptStreamWithContext(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("accept stream: %w", l.cause(err))
		}
		n := l.session.NumStreams()
		if n <= l.opt.MaxStreams {
			return l.wrap(s), nil
		}
		s.Close()
		if n > 2*l.opt.MaxStreams { // closed streams stay until the other side closes them too
			l.opt.Log.Warn("link closed", "reason", "too many streams", "streams", n)
			l.Close()
		}
	}
}

// Ping asks for a sign of life.
func (l *Link) Ping(ctx context.Context) (time.Duration, error) {
	type result struct {
		d   time.Duration
		err error
	}
	done := make(chan result, 1)
	go func() { // ends within writeTimeout, or with the link
		d, err := l.session.Ping()
		done <- result{d, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return 0, fmt.Errorf("ping: %w", l.cause(r.err))
		}
		return r.d, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// watch closes a link on which nothing arrives any more.
func (l *Link) watch() {
	tick := time.NewTicker(l.opt.PingEvery / 2)
	defer tick.Stop()
	var asking atomic.Bool
	for {
		select {
		case <-l.session.CloseChan():
			return
		case <-tick.C:
		}
		silent := l.conn.silent()
		switch {
		case silent > 3*l.opt.PingEvery:
			l.opt.Log.Info("link closed", "reason", "silent", "for", silent)
			l.Close()
			return
		case silent >= l.opt.PingEvery*9/10 && asking.CompareAndSwap(false, true):
			go func() {
				defer asking.Store(false)
				_, _ = l.session.Ping() // the answer counts as heard
			}()
		}
	}
}

func (l *Link) wrap(s *yamux.Stream) link.Stream { return &stream{Stream: s, link: l} }

// cause gives our names to yamux's errors.
func (l *Link) cause(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, yamux.ErrConnectionReset):
		return link.ErrReset
	case errors.Is(err, yamux.ErrStreamsExhausted):
		return link.ErrTooManyStreams
	}
	// %v, not %w: an io.EOF in the chain would read as a good end.
	return fmt.Errorf("%w: %v", link.ErrClosed, err)
}

// lines turns yamux's log lines into attributes; they hold no content.
type lines struct{ log *slog.Logger }

func (l lines) Print(v ...any)   { l.log.Debug("streams", "detail", fmt.Sprint(v...)) }
func (l lines) Println(v ...any) { l.log.Debug("streams", "detail", fmt.Sprint(v...)) }
func (l lines) Printf(format string, v ...any) {
	l.log.Debug("streams", "detail", fmt.Sprintf(format, v...))
}
