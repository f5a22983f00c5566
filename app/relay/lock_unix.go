//go:build unix

package relay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"roundtable/backend/errcode"
)

// lock keeps a second relay out of a folder. The lock goes with the process,
// however it ends. Errors: errcode.ProfileInUse.
func lock(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock relay: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errcode.With(errcode.ProfileInUse, err)
		}
		return nil, errors.Join(fmt.Errorf("lock relay: %w", err), f.Close())
	}
	return f, nil
}
