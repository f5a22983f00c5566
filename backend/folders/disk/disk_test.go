package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
)

// open gives a tree in a new folder, whose rules can be tried out.
func open(t *testing.T, root string) disk.Tree {
	t.Helper()
	if err := os.Mkdir(filepath.Join(root, disk.Hidden), 0o700); err != nil {
		t.Fatal(err)
	}
	tree, err := disk.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestSuite(t *testing.T) {
	disktest.Run(t, func(t *testing.T) disk.Tree { return open(t, t.TempDir()) })
}
