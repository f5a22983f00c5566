//go:build linux || darwin

package disk

import (
	"os"
	"path/filepath"
)

// foldersIn lists the folders in a folder, but for one; none when it is not there.
func foldersIn(path, without string) (out []string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		full := filepath.Join(path, e.Name())
		if i, err := os.Stat(full); err == nil && i.IsDir() && e.Name() != without {
			out = append(out, full)
		}
	}
	return out
}
