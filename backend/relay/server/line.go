package server

import (
	"errors"
	"sync"
	"time"
)

// end is one side of a circuit: a device's socket (line), or the way to the
// process where that socket is (bridge). One goroutine awaits and takes, another
// gives; over and close come from anywhere.
type end interface {
	// await blocks until a piece can be taken. Errors: errClosed when the other side
	// has ended in good order.
	await() error
	// take reads a piece into a room of roomBytes; it may block while bytes come.
	take(room []byte) (piece, error)
	// give passes one on and blocks until it is taken: that is the back-pressure. It
	// may write into the room before the payload.
	give(p piece) error
	// over tells that nothing follows what was given, and why: errClosed, or anything else.
	over(why error)
	// close ends it at once; what was given and is not told as over may be lost.
	close()
}

// piece is a part of a WebSocket message, at most spliceBytes. Pieces keep the
// boundaries of messages, not of frames.
type piece struct {
	first, last bool
	room        []byte // the payload begins at headRoom
}

const (
	spliceBytes = 32 << 10
	// headRoom is left free before a payload: a frame's head goes there.
	headRoom  = 10
	roomBytes = headRoom + spliceBytes
)

func (p piece) payload() []byte { return p.room[headRoom:] }

// line is the socket of a device as an end.
type line struct {
	sock    *socket
	writing sync.Mutex
	patient time.Duration // for one write
	touched func()        // something moved

	// Of the reading goroutine: the frame that is being read.
	inside bool
	first  bool
	at     int64
	frame  frame
}

var errText = errors.New("text on a circuit")

func (l *line) await() error {
	for !l.inside {
		f, err := l.sock.next()
		if err != nil {
			return err
		}
		switch {
		case f.op == opClose:
			return errClosed
		case f.op == opText:
			return errText
		case f.control():
			payload := make([]byte, f.length)
			if err := l.sock.fill(f, payload, 0); err != nil {
				return err
			}
			if f.op == opPing {
				if err := l.write(framed(opPong, payload)); err != nil {
					return err
				}
			}
			l.touched()
		default:
			l.frame, l.at, l.inside, l.first = f, 0, true, f.op == opBinary
		}
	}
	return nil
}

func (l *line) take(room []byte) (piece, error) {
	n := min(l.frame.length-l.at, spliceBytes)
	p := piece{first: l.first, last: l.frame.final && l.at+n == l.frame.length, room: room[:headRoom+n]}
	if err := l.sock.fill(l.frame, p.payload(), int(l.at&3)); err != nil {
		return p, err
	}
	l.at += n
	l.first, l.inside = false, l.at < l.frame.length
	return p, nil
}

func (l *line) give(p piece) error {
	op := byte(opContinuation)
	if p.first {
		op = opBinary
	}
	var small [headRoom]byte
	h := head(small[:0], op, p.last, len(p.payload()))
	from := headRoom - len(h)
	copy(p.room[from:], h)
	return l.write(p.room[from:])
}

// write is called from both directions: one has data, the other pongs.
func (l *line) write(bytes []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	err := l.sock.SetWriteDeadline(time.Now().Add(l.patient))
	if err == nil {
		_, err = l.sock.Write(bytes)
	}
	return err
}

func (l *line) over(why error) {
	if errors.Is(why, errClosed) {
		_ = l.write(closing(1000)) // the circuit ends either way
	}
}

func (l *line) close() {
	_ = raw(l.sock.Conn).Close() // nobody is left to tell
}
