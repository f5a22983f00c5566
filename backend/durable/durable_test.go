package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"roundtable/backend/errcode"
)

func TestWriteReplacesWholeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path+suffix, []byte("left over"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first and longer", "second"} {
		if err := Write(path, 0o600, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != text {
			t.Errorf("%q %v", got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := os.Stat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a temporary file is left")
	}
}

func TestAFailedWriteKeepsTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := Write(path, 0o600, []byte("old")); err != nil {
		t.Fatal(err)
	}
	// A folder that is not empty stands where the temporary file should go.
	if err := os.MkdirAll(filepath.Join(path+suffix, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, 0o600, []byte("new")); err == nil {
		t.Error("no error")
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("%q", got)
	}
}

func TestAFullDiskHasItsCode(t *testing.T) {
	const full = "/dev/full" // Linux has a device that is always full
	f, err := os.OpenFile(full, os.O_WRONLY, 0)
	if err != nil {
		t.Skip("needs " + full)
	}
	defer f.Close()
	if _, err = f.Write([]byte("x")); !IsFull(err) {
		t.Errorf("%v is not taken for a full disk", err)
	}
	if !errors.Is(errcode.With(errcode.DiskFull, err), errcode.DiskFull) {
		t.Error("code is lost")
	}
}
