package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSmoke(t *testing.T) {
	root := t.TempDir()
	os.Mkdir(filepath.Join(root, Hidden), 0o700)
	tree, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", tree.Rules())
	d, err := tree.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	d.WriteAt([]byte("hello"), 0)
	when := time.Unix(1700000000, 123456789)
	d.Mark(when, true)
	d.Close()
	info, err := tree.Look("a")
	if err != nil || !info.Modified.Equal(when) || !info.Exec || info.Size != 5 {
		t.Fatalf("%+v %v", info, err)
	}
	os.Symlink("/etc", filepath.Join(root, "l"))
	if _, err := tree.Look("l/passwd"); !errors.Is(err, ErrEscapes) {
		t.Fatal(err)
	}
	if _, err := tree.Look("a/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := tree.Move("a", "b"); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(root, "a"), []byte("old"), 0o600)
	if err := tree.Swap("b", "a", "c"); err != nil {
		t.Fatal(err)
	}
	if err := tree.Settle("a", "c", "gone/x"); err != nil {
		t.Fatal(err)
	}
	tree.List("", func(i Info) error { t.Logf("%+v", i); return nil }, nil)
}
