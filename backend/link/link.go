package link

import (
	"context"
	"errors"
	"io"
	"time"

	"roundtable/backend/wire"
)

var (
	// ErrClosed is returned once a stream, link or node is closed by us, by the
	// other side or by the network. A Read that meets it has not seen the end
	// of what the other side wrote: that is io.EOF, and only that.
	ErrClosed = errors.New("link is closed")
	// ErrReset is returned when the other side gave up a stream.
	ErrReset = errors.New("stream was reset")
	// ErrWrongDevice is returned by Dial when somebody else answers at the address.
	ErrWrongDevice = errors.New("another device answers at this address")
	// ErrSelf is returned by Dial when the address is our own.
	ErrSelf = errors.New("the address is our own")
	// ErrRefused is returned by Dial when nobody listens at the address or the
	// device there takes no more links.
	ErrRefused = errors.New("link is refused")
	// ErrHandshake is returned when the other side does not prove a device key
	// or speaks something else.
	ErrHandshake = errors.New("device key is not proven")
	// ErrAddress is returned by Dial for an address that is not of this way.
	ErrAddress = errors.New("not an address of this way")
	// ErrTooManyStreams is returned by Open beyond a link's limit.
	ErrTooManyStreams = errors.New("too many streams on this link")
)

// Stream is one ordered flow of bytes each way. Read and Write may run at the
// same time in two goroutines, each with one caller at a time. A deadline that
// has passed gives os.ErrDeadlineExceeded; a lost link gives ErrClosed.
type Stream interface {
	// Read gives io.EOF after the last byte of a side that called Close.
	io.Reader
	// Write blocks while the other side does not read (back-pressure). It does
	// not keep p.
	io.Writer
	// Close ends our direction: the other side reads io.EOF after what was
	// written. Reading goes on for mux.CloseTimeout at most, then Read gives
	// ErrClosed. Closing again does nothing.
	io.Closer
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Link is one connection to one device. All methods may be called at any time
// from any goroutine.
type Link interface {
	// Remote is the device that proved its key.
	Remote() wire.DeviceID
	// Via names the way: "lan", "memory".
	Via() string
	// RemoteAddr is where the other side is, for people and logs.
	RemoteAddr() string
	// Open starts a stream. The other side learns of it at once.
	// Errors: ErrClosed, ErrTooManyStreams, the context's.
	Open(ctx context.Context) (Stream, error)
	// Accept waits for a stream that the other side opened.
	// Errors: ErrClosed, the context's.
	Accept(ctx context.Context) (Stream, error)
	// Close ends the link and every stream on it.
	Close() error
	// Done is closed when the link has ended, whoever ended it.
	Done() <-chan struct{}
}

// Pinger is implemented by links that can ask whether the other side still
// answers.
type Pinger interface {
	// Ping returns the round trip. Errors: ErrClosed, the context's.
	Ping(ctx context.Context) (time.Duration, error)
}

// Node is one way to reach other devices.
type Node interface {
	// Via names the way, as its links do.
	Via() string
	// Dial opens a link to an address; want pins the device that must answer,
	// zero takes whoever proves a key. Errors: ErrAddress, ErrRefused,
	// ErrWrongDevice, ErrSelf, ErrHandshake, ErrClosed, the context's and the network's.
	Dial(ctx context.Context, addr string, want wire.DeviceID) (Link, error)
	// Accept waits for a link that somebody dialled. Errors: ErrClosed, the context's.
	Accept(ctx context.Context) (Link, error)
	// Addresses are where others on the same network can dial us now.
	Addresses() []string
	// Close stops listening and closes every link of the node.
	Close() error
}
