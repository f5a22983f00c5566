package nearby

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// shared lets several processes listen on the beacon's port. Broadcasts and
// multicasts reach every one of them.
func shared(_, _ string, c syscall.RawConn) error {
	var inner error
	err := c.Control(func(fd uintptr) {
		inner = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
	})
	return errors.Join(err, inner)
}
