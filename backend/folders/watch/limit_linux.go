package watch

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ownLimit: the system's is what counts.
const ownLimit = 0

// reasonOf tells why a watch was refused.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, errBound), errors.Is(err, unix.ENOSPC):
		return Watches
	case errors.Is(err, unix.EMFILE):
		return Instances
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR), errors.Is(err, fs.ErrPermission):
		// Gone; or not ours to read, and then no scan sees what is in it either.
		return Whole
	}
	return Failed
}

// systemLimit reads what the system grants each user.
func systemLimit(r Reason) int64 {
	name := "max_user_watches"
	switch r {
	case Watches:
	case Instances:
		name = "max_user_instances"
	default:
		return 0
	}
	text, err := os.ReadFile("/proc/sys/fs/inotify/" + name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// weight of a folder: one watch, whatever is in it.
func (s *session) weight(string) int64 { return 1 }

// count is called when a file comes or goes, which costs nothing here.
func (s *session) count(string, int64) {}
