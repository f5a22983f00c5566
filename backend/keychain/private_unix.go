//go:build unix

package keychain

import (
	"fmt"
	"io/fs"
)

// private refuses a file with the bare secret that others may read or change.
func private(info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: mode %#o, want 0600", ErrExposed, mode)
	}
	return nil
}
