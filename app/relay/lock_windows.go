package relay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"

	"roundtable/backend/errcode"
)

// lock keeps a second relay out of a folder. The lock goes with the process,
// however it ends. Errors: errcode.ProfileInUse.
func lock(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock relay: %w", err)
	}
	var o windows.Overlapped
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &o)
	if err != nil {
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
			err = errcode.With(errcode.ProfileInUse, err)
		}
		return nil, errors.Join(fmt.Errorf("lock relay: %w", err), f.Close())
	}
	return f, nil
}
