package rtc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"roundtable/backend/link"
	"roundtable/backend/link/mux"
)

const (
	// lookAgain is how often a closed stream is looked at whose reader is silent.
	lookAgain = time.Second
	// forgotten is how long unread bytes of a closed stream wait for a reader:
	// they take room from all other streams.
	forgotten = 30 * time.Second
)

// stream is a stream of QUIC with the promises of link.Stream.
type stream struct {
	*quic.Stream
	link *Link

	// reading is held while somebody looks at the incoming bytes.
	reading sync.Mutex
	opening bool         // its first byte is still to come, under reading
	readers atomic.Int32 // calls of Read under way
	read    atomic.Int64 // Unix nanoseconds of the last one's end

	mu       sync.Mutex
	closed   bool
	writing  bool
	deadline time.Time // of Read
	lifted   bool      // settle took the deadline away
}

func (s *stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s.readers.Add(1)
	defer func() {
		s.read.Store(time.Now().UnixNano())
		s.readers.Add(-1)
	}()
	s.mu.Lock()
	if s.lifted {
		s.lifted = false
		_ = s.Stream.SetReadDeadline(s.deadline)
	}
	s.mu.Unlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.skip(); err != nil {
		return 0, s.link.explain(err)
	}
	n, err := s.Stream.Read(p)
	if n > 0 {
		return n, nil // QUIC gives the error again
	}
	return 0, s.link.explain(err)
}

var errOpening = errors.New("not an opening byte")

// skip takes the byte by which the other side told us of its stream.
func (s *stream) skip() error {
	var b [1]byte
	for s.opening {
		n, err := s.Stream.Read(b[:])
		switch {
		case n == 1 && b[0] != 0:
			s.link.fail(errOpening)
			return errOpening
		case n == 1:
			s.opening = false
		case err != nil:
			return err
		}
	}
	return nil
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return 0, link.ErrClosed
	}
	s.writing = true
	s.mu.Unlock()
	n, err := s.Stream.Write(p)
	s.mu.Lock()
	s.writing = false
	s.mu.Unlock()
	return n, s.link.explain(err)
}

func (s *stream) Close() error {
	s.mu.Lock()
	again, cut := s.closed, s.writing
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	if cut {
		s.Stream.CancelWrite(codeGone) // half a write must not look like a good end
	} else if err := s.Stream.Close(); err != nil {
		return s.link.explain(err)
	}
	s.read.Store(time.Now().UnixNano())
	go s.settle()
	return nil
}

// settle reads the end of a stream that we closed. QUIC keeps a stream, and
// counts it, until somebody has read its end; most users do not.
func (s *stream) settle() {
	last := time.AfterFunc(mux.CloseTimeout, func() { s.Stream.CancelRead(codeGone) })
	defer last.Stop()
	for !s.look() {
		select {
		case <-time.After(lookAgain):
		case <-s.link.done:
			return
		}
	}
}

// look says whether the incoming side is over. It waits for something to come.
func (s *stream) look() bool {
	s.reading.Lock()
	defer s.reading.Unlock()
	var b [1]byte
	err := s.skip()
	if err == nil {
		_, err = s.Stream.Peek(b[:])
	}
	silent := time.Since(time.Unix(0, s.read.Load()))
	wanted := s.readers.Load() > 0
	switch {
	case err == nil && !wanted && silent > forgotten:
		s.Stream.CancelRead(codeGone)
		return true
	case err == nil:
		return false
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.mu.Lock()
		if !wanted && silent >= lookAgain {
			s.lifted = true
			_ = s.Stream.SetReadDeadline(time.Time{})
		}
		s.mu.Unlock()
		return false
	}
	_, _ = s.Stream.Read(b[:]) // having peeked at the end does not count
	return true
}

func (s *stream) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline, s.lifted = t, false
	return s.Stream.SetReadDeadline(t)
}

func (s *stream) SetDeadline(t time.Time) error {
	_ = s.SetReadDeadline(t)
	return s.Stream.SetWriteDeadline(t)
}

// explain gives our names to QUIC's errors.
func (l *Link) explain(err error) error {
	var reset *quic.StreamError
	switch {
	case err == nil:
		return nil
	case err == io.EOF:
		return io.EOF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	case errors.As(err, &reset) && reset.Remote:
		return link.ErrReset
	}
	// %v, not %w: nothing in the chain may read as a good end.
	return fmt.Errorf("%w: %v", link.ErrClosed, err)
}
