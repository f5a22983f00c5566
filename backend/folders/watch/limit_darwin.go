package watch

import (
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// ownLimit bounds the open files that kqueue takes: the rest of the program needs some
// too, and the system counts them for everybody.
const ownLimit = 8192

// reasonOf tells why a watch was refused.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, errBound), errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return Files
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR), errors.Is(err, fs.ErrPermission):
		// Gone; or not ours to read, and then no scan sees what is in it either.
		return Whole
	}
	return Failed
}

// systemLimit is our own: the system's is higher.
func systemLimit(r Reason) int64 {
	if r == Files {
		return ownLimit
	}
	return 0
}

// weight of a folder: kqueue opens it and everything in it.
func (s *session) weight(path string) int64 {
	n := int64(1)
	s.read(path, func(fs.DirEntry) { n++ })
	return n
}

// count notes a file that came or went in a folder that is watched. One that has grown
// too large for the bound is not watched any more.
func (s *session) count(path string, by int64) {
	dir := path[:max(0, strings.LastIndexByte(path, '/'))]
	at := s.cover.at(dir, false)
	if at == nil || !at.watched {
		return
	}
	at.weight += by
	s.used += by
	if by > 0 && dir != "" && s.used > s.w.bound() {
		s.drop(dir)
		s.refuse(dir, Files)
		s.publish()
		s.tell(dir)
	}
}
