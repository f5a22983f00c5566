//go:build !windows

package watch

import (
	"slices"
	"time"
)

// left are the names from which something was moved. The system tells of the other name
// right after, but a folder is watched as a whole before it is told, which may take long:
// told apart, the two are something that is gone and something new.
type left struct {
	paths []string
	told  []string    // with the last event: a folder tells of its own move once more
	timer *time.Timer // runs while there are paths
}

const (
	// otherName is how long a name waits for the other one: what went out of the tree has none.
	otherName = 500 * time.Millisecond
	mostLeft  = 256
)

func newLeft() left {
	timer := time.NewTimer(otherName)
	timer.Stop()
	return left{timer: timer}
}

func (l *left) take() (paths []string) {
	paths, l.paths, l.told = l.paths, nil, l.paths
	l.timer.Stop()
	return paths
}

// leave notes a name that something was moved from.
func (s *session) leave(path string) {
	l, ok := logged(path)
	if !ok || slices.Contains(s.left.told, l) {
		return
	}
	s.left.paths = append(s.left.paths, l)
	if len(s.left.paths) >= mostLeft {
		s.tellLeft()
	} else if len(s.left.paths) == 1 {
		s.left.timer.Reset(otherName)
	}
}

// tellLeft tells the names whose other one did not come.
func (s *session) tellLeft() {
	if paths := s.left.take(); len(paths) > 0 {
		s.w.tell(s.ctx, event{path: paths[0], from: paths[1:]})
	}
}
