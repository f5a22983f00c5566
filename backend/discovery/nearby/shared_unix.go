//go:build !windows

package nearby

import (
	"errors"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// shared lets several processes listen on the beacon's port. Broadcasts and
// multicasts reach every one of them. Linux needs SO_REUSEADDR only (with
// SO_REUSEPORT all would have to belong to one user); BSD and macOS need both.
func shared(_, _ string, c syscall.RawConn) error {
	var inner error
	err := c.Control(func(fd uintptr) {
		inner = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		if inner == nil && runtime.GOOS != "linux" {
			inner = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}
	})
	return errors.Join(err, inner)
}
