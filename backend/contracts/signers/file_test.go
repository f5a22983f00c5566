package signers_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"roundtable/backend/contracts/signers"
	"roundtable/backend/keychain"
)

// TestKilled kills a process that makes keys and changes passwords; what it leaves is whole.
func TestKilled(t *testing.T) {
	if folder := os.Getenv("SIGNERS_FOLDER"); folder != "" {
		s := open(t, folder, keychain.NoRing{})
		for i := 0; ; i++ {
			info := make1(t, s, signers.Wanted{}, "password 0")
			for n := range 3 {
				if _, err := s.ChangePassword(ctx, info.ID, fmt.Sprint("password ", n), fmt.Sprint("password ", n+1)); err != nil {
					t.Fatal(err)
				}
			}
			fmt.Println("round", i)
		}
	}
	folder := t.TempDir()
	for round := range 4 {
		c := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		c.Env = append(os.Environ(), "SIGNERS_FOLDER="+folder)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		files := func() int {
			all, _ := filepath.Glob(filepath.Join(folder, "*.key"))
			return len(all)
		}
		for until := time.Now().Add(time.Minute); files() <= 2*round && time.Now().Before(until); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(round*37) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		s := open(t, folder, keychain.NoRing{})
		if all := s.List(); len(all) == 0 || len(all) != files() {
			t.Fatalf("%d keys in %d files", len(all), files())
		}
		newest := s.List()[0]
		works := 0
		for n := range 4 {
			if _, err := s.Unlock(ctx, newest.ID, fmt.Sprint("password ", n)); err == nil {
				works++
			}
		}
		if works != 1 {
			t.Fatalf("%d passwords open the key", works)
		}
		if left, _ := filepath.Glob(filepath.Join(folder, "*.new")); len(left) > 0 {
			t.Fatal("left over: ", left)
		}
	}
}

func TestADamagedFileIsLeftAlone(t *testing.T) {
	folder := t.TempDir()
	info := make1(t, open(t, folder, &ring{}), signers.Wanted{}, "password")
	path := filepath.Join(folder, info.ID+".key")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{data[:len(data)/2], append(bytes.Clone(data), 0), flipped(data, 40), {}} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if s := open(t, folder, &ring{}); len(s.List()) != 0 {
			t.Fatal("a damaged file counts")
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			t.Fatal("it is gone")
		}
	}
}
