//go:build unix

package main

import (
	"os"
	"syscall"
)

// openFiles is how many this process may have.
func openFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20)) //nolint:gosec // bounded
}

// diskBytes is what a file takes on the disk, holes left out.
func diskBytes(path string) (int64, error) {
	i, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return i.Sys().(*syscall.Stat_t).Blocks * 512, nil
}
