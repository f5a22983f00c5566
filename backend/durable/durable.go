// Package durable writes small files so that pulling the plug leaves the old
// content or the new one, and what was reported as written is on disk.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"roundtable/backend/errcode"
)

// suffix marks a file that is being written. A left-over is overwritten by the
// next Write and removed by Sweep.
const suffix = ".new"

// Write replaces the file at path: a file beside it, flushed, renamed over it,
// and the folder flushed. One writer per path at a time.
// Errors: errcode.DiskFull; others uncoded.
func Write(path string, mode fs.FileMode, data []byte) error {
	err := write(path, mode, data)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
	if IsFull(err) {
		return errcode.With(errcode.DiskFull, err)
	}
	return err
}

func write(path string, mode fs.FileMode, data []byte) error {
	temporary := path + suffix
	// A left-over may have another mode, and a link may stand in its place.
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return SyncFolder(filepath.Dir(path))
}

// Sweep removes what a Write of path that was cut short left behind.
func Sweep(path string) {
	_ = os.Remove(path + suffix) // mostly there is none; the next Write clears it as well
}
