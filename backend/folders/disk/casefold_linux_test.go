package disk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"roundtable/backend/folders/disk"
	"roundtable/backend/folders/disk/disktest"
)

// The suite on an ext4 folder that folds case, where this machine can have one: as
// root, with mkfs.ext4, loop devices and a kernel with Unicode.
func TestFoldingDisk(t *testing.T) {
	dir := t.TempDir()
	image, at := filepath.Join(dir, "image"), filepath.Join(dir, "at")
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Skipf("no folding disk on this machine: %s: %v: %s", name, err, out)
		}
	}
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	run("truncate", "-s", "64M", image)
	run("mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8", image)
	run("mount", "-o", "loop", image, at)
	t.Cleanup(func() { _ = exec.Command("umount", at).Run() })
	n := 0
	disktest.Run(t, func(t *testing.T) disk.Tree {
		n++
		root := filepath.Join(at, string(rune('a'+n)))
		if err := os.Mkdir(root, 0o700); err != nil {
			t.Fatal(err)
		}
		run("chattr", "+F", root)
		tree := open(t, root)
		if !tree.Rules().FoldsCase {
			t.Error("it was not found out that the disk folds case")
		}
		return tree
	})
}
