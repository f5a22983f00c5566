//go:build !windows

package lan

import (
	"errors"
	"syscall"
)

// refused says that nobody listens at the address.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
