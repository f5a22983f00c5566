package pdf

import (
	"errors"
	"io"
)

// errEnd says that a reader gave fewer bytes than it has.
var errEnd = io.ErrUnexpectedEOF

// scanner reads bytes one by one from a place in a file. After the end it gives zeros and
// says so in ended; a reader's own error is kept in err.
type scanner struct {
	r    io.ReaderAt
	end  int64 // behind the last byte that may be read
	pos  int64
	base int64 // of buf
	buf  []byte
	room [4096]byte
	err  error
}

func newScanner(r io.ReaderAt, pos, end int64) *scanner { return &scanner{r: r, pos: pos, end: end} }

func (s *scanner) ended() bool { return s.pos >= s.end || s.err != nil }

// peek gives the byte at the place, 0 at the end.
func (s *scanner) peek() byte {
	if at := s.pos - s.base; at >= 0 && at < int64(len(s.buf)) {
		return s.buf[at]
	}
	if s.ended() || s.pos < 0 {
		return 0
	}
	want := min(int64(len(s.room)), s.end-s.pos)
	n, err := s.r.ReadAt(s.room[:want], s.pos)
	if n == 0 {
		if s.err = err; err == nil || errors.Is(err, io.EOF) {
			s.err = errEnd
		}
		return 0
	}
	s.base, s.buf = s.pos, s.room[:n]
	return s.buf[0]
}

func (s *scanner) next() byte {
	c := s.peek()
	s.pos++
	return c
}

// space skips white space and comments.
func (s *scanner) space() {
	for !s.ended() {
		switch c := s.peek(); {
		case isSpace(c):
			s.pos++
		case c == '%':
			for !s.ended() && s.peek() != '\n' && s.peek() != '\r' {
				s.pos++
			}
		default:
			return
		}
	}
}

// word reads regular characters up to a limit.
func (s *scanner) word(limit int) string {
	var w []byte
	for !s.ended() && len(w) < limit && isRegular(s.peek()) {
		w = append(w, s.next())
	}
	return string(w)
}

// takes moves over text if it is what comes next.
func (s *scanner) takes(text string) bool {
	at := s.pos
	for i := range len(text) {
		if s.ended() || s.next() != text[i] {
			s.pos = at
			return false
		}
	}
	return true
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }
