package mux

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"

	"roundtable/backend/link"
)

// stream is a yamux stream that tells a good end from a lost link.
type stream struct {
	*yamux.Stream
	link     *Link
	closedAt atomic.Int64 // Unix nanoseconds of our Close, 0 before
	taken    int          // bytes read since giving was set; the one reader's
	giving   atomic.Bool
}

// A receive buffer grows up to the window and would stay that large. After every
// giveBack bytes read it is freed once it is found empty giveBackAfter later: at
// once would cost a third of the throughput.
const (
	giveBack      = 1 << 20
	giveBackAfter = 2 * time.Second
)

func (s *stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := s.Stream.Read(p)
	if s.taken += n; s.taken >= giveBack && s.giving.CompareAndSwap(false, true) {
		s.taken = 0
		time.AfterFunc(giveBackAfter, func() {
			s.giving.Store(false)
			s.Shrink()
		})
	}
	return n, s.explain(err)
}

// Write cuts p into pieces: yamux would otherwise put a whole window on the
// line as one frame, which no other stream could pass.
func (s *stream) Write(p []byte) (int, error) {
	total := 0
	for {
		part := p[total:min(len(p), total+piece)]
		n, err := s.Stream.Write(part)
		total += n
		if err != nil {
			if errors.Is(err, yamux.ErrConnectionWriteTimeout) {
				// The piece may still leave later, so the stream's bytes are not
				// known any more; the line has not moved for writeTimeout anyway.
				s.link.Close()
			}
			return total, s.explain(err)
		}
		if total == len(p) {
			return total, nil
		}
	}
}

func (s *stream) Close() error {
	if s.closedAt.CompareAndSwap(0, time.Now().UnixNano()) {
		return s.explain(s.Stream.Close())
	}
	return nil
}

func (s *stream) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case err == io.EOF:
		// yamux says EOF as well when the link is lost or CloseTimeout is over.
		at := s.closedAt.Load()
		if s.link.session.IsClosed() || at != 0 && time.Since(time.Unix(0, at)) >= CloseTimeout {
			return link.ErrClosed
		}
		return io.EOF
	case errors.Is(err, yamux.ErrTimeout):
		return os.ErrDeadlineExceeded
	}
	return s.link.cause(err)
}
