//go:build unix

package blob

import (
	"math"

	"golang.org/x/sys/unix"
)

// free asks the system how many bytes we may still write.
func free(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, err
	}
	if s.Bsize <= 0 {
		return math.MaxUint64, nil // a file system that does not say
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // types differ between systems
}
