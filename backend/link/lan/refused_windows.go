package lan

import (
	"errors"

	"golang.org/x/sys/windows"
)

// refused says that nobody listens at the address. Windows has its own number for it.
func refused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
