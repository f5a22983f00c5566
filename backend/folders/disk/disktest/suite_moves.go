package disktest

import (
	"errors"
	"io/fs"
	"testing"
	"time"

	"roundtable/backend/folders/disk"
)

func testMove(t *testing.T, s *suite) {
	s.must(s.tree.Make("d", disk.Folder, ""))
	s.write("f", "one")
	before := s.look("f")
	s.must(s.tree.Move("f", "g"))
	s.must(s.tree.Move("g", "d/h"))
	s.gone("f")
	s.gone("g")
	s.holds("d/h", "one")
	if now := s.look("d/h"); now.ID != before.ID || !now.Modified.Equal(before.Modified) || now.Size != before.Size {
		t.Errorf("moved %+v became %+v", before, now)
	}
	s.must(s.tree.Move("d", "e"))
	s.holds("e/h", "one")
}

func testMoveTaken(t *testing.T, s *suite) {
	s.must(s.tree.Make("empty", disk.Folder, ""))
	s.must(s.tree.Make("full", disk.Folder, ""))
	s.write("full/f", "in")
	s.write("a", "A")
	s.write("b", "B")
	for _, c := range [][2]string{{"a", "b"}, {"a", "empty"}, {"a", "full"}, {"empty", "a"}, {"full", "empty"}, {"empty", "full"}} {
		s.is(s.tree.Move(c[0], c[1]), fs.ErrExist)
	}
	s.holds("a", "A")
	s.holds("b", "B")
	s.holds("full/f", "in")
	s.lists("", "a", "b", "empty", "full")
}

func testSwap(t *testing.T, s *suite) {
	s.must(s.tree.Make("bin", disk.Folder, ""))
	s.write("new", "new")
	s.write("f", "old")
	fresh, old := s.look("new").ID, s.look("f").ID
	s.must(s.tree.Swap("new", "f", "bin/f.old"))
	s.gone("new")
	s.holds("f", "new")
	s.holds("bin/f.old", "old")
	if s.look("f").ID != fresh || s.look("bin/f.old").ID != old {
		t.Error("the files are others now")
	}
	// A folder may lie where a file is to be.
	s.must(s.tree.Make("x", disk.Folder, ""))
	s.write("x/in", "in")
	s.must(s.tree.Swap("f", "x", "bin/x"))
	s.holds("x", "new")
	s.holds("bin/x/in", "in")
	if s.tree.Rules().Links {
		s.must(s.tree.Make("l", disk.Link, "target"))
		s.must(s.tree.Swap("l", "x", "bin/y"))
		if i := s.look("x"); i.Kind != disk.Link || i.Target != "target" {
			t.Errorf("%+v", i)
		}
	}
}

func testSwapFails(t *testing.T, s *suite) {
	s.write("new", "new")
	s.write("f", "old")
	s.write("taken", "taken")
	s.is(s.tree.Swap("new", "none", "aside"), fs.ErrNotExist)
	s.is(s.tree.Swap("none", "f", "aside"), fs.ErrNotExist)
	s.is(s.tree.Swap("new", "f", "taken"), fs.ErrExist)
	s.is(s.tree.Swap("new", "f", "none/aside"), fs.ErrNotExist)
	s.lists("", "f", "new", "taken")
	s.holds("new", "new")
	s.holds("f", "old")
	s.holds("taken", "taken")
	if s.tree.Rules().Windows {
		s.is(s.tree.Swap("new", "f", "nul"), disk.ErrName)
		s.holds("f", "old")
	}
}

// A file that is open keeps its content, whatever becomes of its name; or, where open
// files cannot be moved, that is said.
func testOpenFiles(t *testing.T, s *suite) {
	s.write("f", "old")
	s.write("new", "new")
	c, err := s.tree.Open("f")
	s.must(err)
	err = s.tree.Swap("new", "f", "aside")
	if errors.Is(err, disk.ErrLocked) {
		s.must(c.Close())
		s.holds("f", "old")
		s.holds("new", "new")
		s.must(s.tree.Swap("new", "f", "aside"))
		return
	}
	s.must(err)
	b := make([]byte, 3)
	if _, err := c.ReadAt(b, 0); string(b) != "old" {
		t.Errorf("read %q %v", b, err)
	}
	i, err := c.Look()
	s.must(err)
	if i.ID != s.look("aside").ID {
		t.Error("the open file is not the one that was put aside")
	}
	s.must(c.Close())
}

func testSame(t *testing.T, s *suite) {
	s.write("f", "one")
	first := s.look("f")
	if !first.Same(s.look("f")) {
		t.Error("nothing happened, and it is not the same")
	}
	d, err := s.tree.Create("g")
	s.must(err)
	_, err = d.WriteAt([]byte("two"), 0)
	s.must(err)
	s.must(d.Mark(first.Modified, first.Exec))
	s.must(d.Close())
	s.must(s.tree.Swap("g", "f", "h"))
	now := s.look("f")
	if first.ID != 0 && first.Same(now) {
		t.Errorf("another file of the same size and time is the same: %+v", now)
	}
	s.must(s.tree.Mark("f", first.Modified.Add(-time.Hour), false))
	if now.Same(s.look("f")) {
		t.Error("another time is the same")
	}
}

func testSettle(t *testing.T, s *suite) {
	s.must(s.tree.Make("d", disk.Folder, ""))
	var paths []string
	for _, p := range []string{"d/1", "d/2", "3"} {
		s.write(p, "content")
		paths = append(paths, p)
	}
	s.must(s.tree.Settle())
	s.must(s.tree.Settle(paths...))
	s.must(s.tree.Remove("d/1"))
	s.must(s.tree.Settle("d/1", "d", "", "gone/deep/er", "3/below"))
	s.holds("d/2", "content")
	if err := s.tree.Settle("../x"); err == nil {
		t.Error("settled outside")
	}
	if n, err := s.tree.Free(); err != nil || n == 0 {
		t.Errorf("free: %d, %v", n, err)
	}
}
