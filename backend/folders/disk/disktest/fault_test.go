package disktest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"roundtable/backend/folders/disk"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// land writes a file as the program does: beside the target, settled, then moved.
func land(d *Disk, path, content string) error {
	draft, err := d.Create(path + ".part")
	if err != nil {
		return err
	}
	_, err = draft.WriteAt([]byte(content), 0)
	if err = errors.Join(err, draft.Close()); err != nil {
		return err
	}
	if err := d.Settle(path + ".part"); err != nil {
		return err
	}
	if err := d.Swap(path+".part", path, path+".old"); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.Move(path+".part", path)
}

// After a crash at any point a file that was landed is whole, new or old; without
// Settle it sometimes is not, or the fake would prove nothing.
func TestCrash(t *testing.T) {
	torn, lost, renamed := 0, 0, 0
	for seed := range uint64(300) {
		d := New(Linux)
		d.Seed(seed)
		must(t, land(d, "f", "old content"))
		must(t, d.Settle("f"))
		must(t, land(d, "f", "new content"))
		must(t, d.Write("settled", []byte("before")))
		must(t, d.Settle("settled"))
		must(t, d.Write("careless", []byte("content")))
		must(t, d.Move("settled", "moved"))
		d.Crash()
		all := map[string]string{}
		d.Walk(func(i disk.Info, content []byte) { all[i.Path] = string(content) })
		if all["f"] != "old content" && all["f"] != "new content" {
			t.Fatalf("seed %d: f holds %q of %v", seed, all["f"], all)
		}
		if all["f"] == "new content" && all["f.old"] != "old content" {
			t.Fatalf("seed %d: the old content is lost: %v", seed, all)
		}
		content, there := all["careless"]
		if !there {
			lost++
		} else if content != "content" {
			torn++
		}
		_, before := all["settled"]
		_, after := all["moved"]
		if before == after || all["settled"]+all["moved"] != "before" {
			t.Fatalf("seed %d: a move was half done: %v", seed, all)
		}
		if after {
			renamed++
		}
	}
	t.Logf("of 300 files that were not settled, %d were lost and %d torn; of 300 moves, %d held", lost, torn, renamed)
	if torn < 20 || lost < 50 || renamed < 50 || renamed > 250 {
		t.Error("power is lost without harm")
	}
}

func TestSettledIsSafe(t *testing.T) {
	for seed := range uint64(100) {
		d := New(Windows)
		d.Seed(seed)
		must(t, d.Make("a", disk.Folder, ""))
		must(t, d.Make("a/b", disk.Folder, ""))
		must(t, d.Write("a/b/f", []byte("one")))
		must(t, d.Write("x", []byte("x")))
		must(t, d.Move("x", "a/x"))
		must(t, d.Move("a", "c"))
		must(t, d.Settle("c/b/f")) // and the folders that it rests on, but not how they are called
		d.Crash()
		old, _ := d.ReadAll("a/b/f")
		now, _ := d.ReadAll("c/b/f")
		if string(old)+string(now) != "one" {
			t.Fatalf("seed %d: %q %q", seed, old, now)
		}
	}
}

func TestASeedGivesTheSame(t *testing.T) {
	run := func(seed uint64) (all []string) {
		d := New(Darwin)
		d.Seed(seed)
		for i := range 200 {
			_ = d.Write(fmt.Sprintf("f%d/%d", i%7, i), []byte(fmt.Sprint(i)))
			_ = d.Move(fmt.Sprintf("f%d/%d", i%7, i), fmt.Sprintf("f%d/x%d", i%5, i))
		}
		_ = d.List("f3", func(i disk.Info) error { all = append(all, i.Path); return nil }, nil)
		d.Crash()
		d.Walk(func(i disk.Info, content []byte) { all = append(all, fmt.Sprint(i, string(content))) })
		return all
	}
	if !slices.Equal(run(7), run(7)) {
		t.Error("two runs differ")
	}
	if slices.Equal(run(7), run(8)) {
		t.Error("the seed decides nothing")
	}
}

func TestInjectedErrors(t *testing.T) {
	d := New(Linux)
	must(t, d.Write("dir/f", []byte("x")))
	d.Fail("open", "dir/*", fs.ErrPermission)
	if _, err := d.Open("dir/f"); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
	if _, err := d.Look("dir/f"); err != nil {
		t.Error(err)
	}
	d.Fail("open", "dir/*", nil)
	c, err := d.Open("dir/f")
	must(t, err)
	must(t, c.Close())
	boom := errors.New("boom")
	d.FailNth("settle", 3, boom)
	for i := 1; i <= 4; i++ {
		if err := d.Settle("dir/f"); errors.Is(err, boom) != (i == 3) {
			t.Errorf("%d. settle: %v", i, err)
		}
	}
	d.Fail("", "", boom)
	for _, err := range []error{d.Move("dir", "x"), d.Make("m", disk.Folder, ""), d.Remove("dir/f"), d.List("", nil, nil)} {
		if !errors.Is(err, boom) {
			t.Error(err)
		}
	}
	if got, err := d.ReadAll("dir/f"); err != nil || string(got) != "x" {
		t.Errorf("people are failed too: %q %v", got, err)
	}
}

func TestFullDisk(t *testing.T) {
	d := New(Linux)
	d.Room(10)
	draft, err := d.Create("f")
	must(t, err)
	if n, err := draft.WriteAt([]byte("123456789012"), 0); n != 10 || !errors.Is(err, disk.ErrFull) {
		t.Errorf("%d %v", n, err)
	}
	if err := draft.Size(11); !errors.Is(err, disk.ErrFull) {
		t.Error(err)
	}
	if free, _ := d.Free(); free != 0 {
		t.Errorf("%d bytes are free", free)
	}
	must(t, draft.Size(4))
	must(t, draft.Close())
	if free, _ := d.Free(); free != 6 {
		t.Errorf("%d bytes are free", free)
	}
	must(t, d.Remove("f"))
	if free, _ := d.Free(); free != 10 {
		t.Errorf("%d bytes are free", free)
	}
}

// A person changes the file between the look and the move.
func TestHook(t *testing.T) {
	d := New(Linux)
	must(t, d.Write("f", []byte("mine")))
	var seen []string
	d.Hook(func(o Operation) {
		seen = append(seen, o.Name)
		if o.Name == "move" {
			must(t, d.Write("to", []byte("theirs")))
		}
	})
	if _, err := d.Look("to"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := d.Move("f", "to"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("moved over what nobody had seen: %v", err)
	}
	if !slices.Equal(seen, []string{"look", "move"}) || d.Count("move") != 1 || d.Count("") != 2 {
		t.Errorf("%v", seen)
	}
}

// kill -9 at any step: all fails from there on, nothing is lost, files are closed.
func TestHalt(t *testing.T) {
	d := New(Linux)
	left := 3
	d.Hook(func(Operation) {
		if left--; left < 0 {
			d.Halt()
		}
	})
	draft, err := d.Create("f")
	must(t, err)
	_, err = draft.WriteAt([]byte("12"), 0)
	must(t, err)
	_, err = draft.WriteAt([]byte("34"), 2)
	must(t, err)
	if err := draft.Close(); !errors.Is(err, ErrHalted) {
		t.Errorf("the dead close files: %v", err)
	}
	if _, err := d.Look("f"); !errors.Is(err, ErrHalted) {
		t.Error(err)
	}
	d.Hook(nil)
	d.Resume()
	if got, _ := d.ReadAll("f"); string(got) != "1234" {
		t.Errorf("%q", got)
	}
	if err := draft.Size(0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a file of the life before is open: %v", err)
	}
	d.Unplug()
	if _, err := d.Look("f"); !errors.Is(err, disk.ErrGone) || errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	d.Plug()
	_, err = d.Look("f")
	must(t, err)
}

func TestTimesAreCoarse(t *testing.T) {
	d := New(Linux)
	now := time.Unix(1000, 0)
	d.Clock(func() time.Time { return now })
	must(t, d.Write("f", []byte("one")))
	first, err := d.Look("f")
	must(t, err)
	now = now.Add(9 * time.Millisecond)
	must(t, d.Write("f", []byte("two")))
	if second, _ := d.Look("f"); !second.Same(first) {
		t.Error("two changes in one tick can be told apart: too easy a disk")
	}
	now = now.Add(time.Millisecond)
	must(t, d.Write("f", []byte("six")))
	if third, _ := d.Look("f"); third.Same(first) {
		t.Error("a change in another tick cannot be seen")
	}
	d.Rule(func(r *disk.Rules) { r.Grain = 2e9 })
	must(t, d.Mark("f", time.Unix(1_000_003, 5), false))
	if i, _ := d.Look("f"); i.Modified.Unix() != 1_000_002 || i.Modified.Nanosecond() != 0 {
		t.Errorf("a disk of two seconds keeps %v", i.Modified)
	}
}

func TestWindowsLocks(t *testing.T) {
	d := New(Windows)
	must(t, d.Write("a/b", []byte("x")))
	must(t, d.Write("new", []byte("y")))
	must(t, d.Lock("a/b"))
	_, open := d.Open("a/b")
	for _, err := range []error{open, d.Move("a", "c"), d.Move("a/b", "c"), d.Swap("new", "a/b", "c"), d.Remove("a/b"), d.Mark("a/b", time.Now(), false)} {
		if !errors.Is(err, disk.ErrLocked) {
			t.Error(err)
		}
	}
	must(t, d.Unlock("a/b"))
	c, err := d.Open("A/B")
	must(t, err)
	if err := d.Move("a", "c"); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("a folder with an open file was moved: %v", err)
	}
	must(t, c.Close())
	must(t, d.Move("a", "c"))
}

func TestPeople(t *testing.T) {
	d := New(Linux)
	must(t, d.Write("a/b/c", []byte("one")))
	must(t, d.Append("a/b/c", []byte(" two")))
	must(t, d.Write("e\u0301", []byte("accent")))
	must(t, d.Write("bad\nname", nil))
	must(t, d.Odd("pipe"))
	must(t, d.Symlink("link", "a"))
	must(t, d.Folder("empty/in"))
	must(t, d.Rename("a/b", "a/x"))
	must(t, d.Write("y", []byte("replaced")))
	must(t, d.Rename("y", "a/x/c"))
	var all []string
	d.Walk(func(i disk.Info, content []byte) { all = append(all, fmt.Sprintf("%d %s %s", i.Kind, i.Path, content)) })
	want := []string{"2 a ", "2 a/x ", "1 a/x/c replaced", "1 bad\nname ", "2 empty ", "2 empty/in ", "1 e\u0301 accent", "3 link ", "4 pipe "}
	slices.Sort(all)
	slices.Sort(want)
	if !slices.Equal(all, want) {
		t.Errorf("%q\nwant %q", all, want)
	}
	var bad, listed []string
	must(t, d.List("", func(i disk.Info) error { listed = append(listed, i.Path); return nil }, func(n string) { bad = append(bad, n) }))
	slices.Sort(listed)
	if !slices.Equal(bad, []string{"bad\nname"}) || !slices.Equal(listed, []string{"a", "empty", "link", "pipe", "é"}) {
		t.Errorf("%q %q", bad, listed)
	}
	if i, err := d.Look("é"); err != nil || i.Size != 6 {
		t.Errorf("%+v %v", i, err)
	}
	must(t, d.Delete("a"))
	if err := d.Delete("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// IDs of files that are gone are given again, as on most disks.
func TestIDsAreUsedAgain(t *testing.T) {
	d := New(Linux)
	must(t, d.Write("a", nil))
	first, _ := d.Look("a")
	must(t, d.Remove("a"))
	must(t, d.Settle(""))
	must(t, d.Write("b", nil))
	if second, _ := d.Look("b"); second.ID != first.ID {
		t.Errorf("%d, then %d", first.ID, second.ID)
	}
}

func TestManyHands(t *testing.T) {
	d := New(Windows)
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for i := range 300 {
				p := fmt.Sprintf("d%d/f%d", (g+i)%3, i%20)
				switch (g + i) % 7 {
				case 0, 1:
					_ = d.Write(p, []byte(p))
				case 2:
					_ = d.Move(p, p+"x")
				case 3:
					_ = d.Remove(p)
				case 4:
					_ = d.Settle(p)
				case 5:
					_ = d.List("d1", func(disk.Info) error { return nil }, nil)
				case 6:
					if c, err := d.Open(p); err == nil {
						_, _ = c.ReadAt(make([]byte, 4), 0)
						_ = c.Close()
					}
				}
			}
		})
	}
	wg.Go(func() {
		for range 5 {
			d.Walk(func(i disk.Info, content []byte) { _ = string(content) })
			d.Crash()
		}
	})
	wg.Wait()
}
